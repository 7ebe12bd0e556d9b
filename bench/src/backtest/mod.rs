//! `make backtest`: how good the predicted entries are, beside what they have to beat, on simulated
//! checkpoints whose truth is known.
//!
//! Predictions are made as a hub would have made them, hour by hour, from what was recorded by then. The
//! constants of the prediction were chosen on other worlds ([`TRAINING`]) than those that are reported
//! ([`HELD_OUT`]).
//!
//! - [`site`]: the lanes. [`world`]: what happens in one. [`chance`]: its seed. [`records`]: what a hub knows
//!   of it.
//! - [`baselines`]: what is to be beaten. [`play`]: months of a lane. [`report`]: tables and targets.

mod baselines;
mod chance;
mod play;
mod records;
mod report;
mod site;
mod world;

use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::Context;

use self::play::Played;
use self::site::Site;

/// The worlds on which constants were chosen. They are reported nowhere.
const TRAINING: [u64; 3] = [1, 2, 3];

/// The worlds that are reported.
const HELD_OUT: [u64; 3] = [11, 12, 13];

/// How long a world lasts, in days: five weeks to learn, and the rest is judged.
const DAYS: f64 = 110.0;

/// A lane of a world, played.
pub(crate) struct Lane {
    site: Site,
    played: Played,
}

/// Runs the back-test, shows its tables and writes `BACKTEST.md` and `backtest.json` into a folder.
pub(crate) fn run(folder: &Path, training: bool) -> anyhow::Result<()> {
    anyhow::ensure!(folder.is_dir(), "there is no folder {}", folder.display());
    let begun = Instant::now();
    let worlds = if training { TRAINING } else { HELD_OUT };
    let lanes = play_all(&worlds)?;
    let report = report::Report::of(&lanes, &worlds, begun.elapsed());
    crate::say(&report.text);
    if training {
        // What was tuned on these worlds says nothing about others.
        return Ok(());
    }
    report.write(folder).context("the results cannot be written")
}

/// Plays every lane of every world, on as many threads as there are cores.
fn play_all(worlds: &[u64]) -> anyhow::Result<Vec<Lane>> {
    let mut tasks: Vec<(usize, Site, u64)> = Vec::new();
    for world in worlds {
        for (number, site) in (0_u64..).zip(Site::all()) {
            tasks.push((tasks.len(), site, world * 1000 + number));
        }
    }
    let (tasks, done) = (Mutex::new(tasks), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let Some((index, site, seed)) = tasks.lock().ok().and_then(|mut tasks| tasks.pop()) else {
                return;
            };
            let played = play::play(&site, seed, DAYS);
            if let Ok(mut done) = done.lock() {
                done.push((index, Lane { site, played }));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().map_err(|_| anyhow::anyhow!("a lane could not be played"))?;
    anyhow::ensure!(done.len() == worlds.len() * Site::all().len(), "a lane could not be played");
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, lane)| lane).collect())
}
