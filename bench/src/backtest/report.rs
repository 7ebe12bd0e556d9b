//! The tables of the back-test and its targets.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::prediction::accuracy::{self, Accuracy, Judged, median};
use kordon_hub::prediction::forward::{Losses, Newcomers, Outlook, work_forward};
use kordon_hub::queue::BookingId;
use kordon_hub::queue::ranking::{Line, Place, Standing, Turns};
use serde::Serialize;
use uuid::Uuid;

use super::Lane;
use super::baselines::Baseline;
use super::play::Look;
use super::site::merge;

/// One number, as `results.json` has them.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    target: Option<f64>,
    met: Option<bool>,
}

/// The p80 is to cover so much, in percent, give or take.
const P80_COVERAGE: (f64, f64) = (80.0, 3.0);
/// The median absolute error is to be so much below (a), in percent.
const BELOW_CONSTANT: f64 = 30.0;
/// And so much below the best of (b) and (c).
const BELOW_BEST: f64 = 10.0;
/// To work one lane of 4,000 vehicles forward may take so many milliseconds.
const MOST_MILLISECONDS: f64 = 10.0;

/// The results.
pub(super) struct Report {
    /// For people.
    pub(super) text: String,
    figures: Vec<Figure>,
}

struct Beside {
    baseline: Baseline,
    count: usize,
    error: f64,
    bias: f64,
    /// Of the prediction at the same looks.
    own_error: f64,
}

impl Beside {
    fn below(&self) -> f64 {
        (1.0 - self.own_error / self.error) * 100.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a simulation")]
fn beside(looks: &[&Look]) -> Vec<Beside> {
    Baseline::ALL
        .into_iter()
        .enumerate()
        .map(|(index, baseline)| {
            let pairs: Vec<(f64, f64)> = looks
                .iter()
                .filter_map(|look| {
                    let rival = look.rivals.get(index).copied().flatten()?;
                    Some((look.actual - rival, look.actual - look.told.p50))
                })
                .collect();
            Beside {
                baseline,
                count: pairs.len(),
                error: median(pairs.iter().map(|(rival, _)| rival.abs()).collect()),
                bias: pairs.iter().map(|(rival, _)| rival).sum::<f64>() / pairs.len().max(1) as f64,
                own_error: median(pairs.iter().map(|(_, own)| own.abs()).collect()),
            }
        })
        .collect()
}

fn judged(looks: &[&Look]) -> Vec<Judged> {
    looks.iter().map(|look| Judged { told: look.told, actual: look.actual }).collect()
}

impl Report {
    pub(super) fn of(lanes: &[Lane], worlds: &[u64], took: Duration) -> Self {
        let looks: Vec<&Look> = lanes.iter().flat_map(|lane| &lane.played.looks).collect();
        let all = judged(&looks);
        let Some(overall) = accuracy::accuracy(&all) else {
            return Self { text: "nothing was judged\n".to_owned(), figures: Vec::new() };
        };
        let rivals = beside(&looks);
        let milliseconds = time_forward();
        let figures = figures(&overall, &rivals, milliseconds, lanes);
        let mut text = opening(worlds, looks.len(), took);
        write_targets(&mut text, &figures);
        write_rivals(&mut text, &overall, &rivals);
        write_horizons(&mut text, &all, &overall);
        write_lanes(&mut text, lanes);
        write_announcements(&mut text, lanes, &looks);
        Self { text, figures }
    }

    /// Writes `BACKTEST.md` and `backtest.json`.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::write(folder.join("BACKTEST.md"), &self.text)?;
        Ok(std::fs::write(folder.join("backtest.json"), serde_json::to_string_pretty(&self.figures)? + "\n")?)
    }
}

fn figures(overall: &Accuracy, rivals: &[Beside], milliseconds: f64, lanes: &[Lane]) -> Vec<Figure> {
    let rounded = |value: f64| (value * 100.0).round() / 100.0;
    let plain = |name: &str, value: f64, unit: &'static str| Figure {
        name: name.to_owned(),
        value: rounded(value),
        unit,
        target: None,
        met: None,
    };
    let target = |name: &str, value: f64, unit: &'static str, target: f64, met: bool| Figure {
        target: Some(target),
        met: Some(met),
        ..plain(name, value, unit)
    };
    let coverage = overall.coverage.p80 * 100.0;
    let below = |of: &dyn Fn(Baseline) -> bool| {
        let best =
            rivals.iter().filter(|rival| of(rival.baseline)).min_by(|a, b| a.error.total_cmp(&b.error));
        best.map_or(f64::NAN, Beside::below)
    };
    let below_constant = below(&|baseline| baseline == Baseline::Constant);
    let below_best = below(&|baseline| baseline != Baseline::Constant);
    let (aim, leeway) = P80_COVERAGE;
    let told: Vec<f64> =
        lanes.iter().flat_map(|lane| &lane.played.told).map(|told| f64::from(told.times)).collect();
    vec![
        target("p80 coverage (80 ± 3)", coverage, "%", aim, (coverage - aim).abs() <= leeway),
        target(
            "median error below (a)",
            below_constant,
            "%",
            BELOW_CONSTANT,
            below_constant >= BELOW_CONSTANT,
        ),
        target(
            "median error below the best of (b) and (c)",
            below_best,
            "%",
            BELOW_BEST,
            below_best >= BELOW_BEST,
        ),
        target(
            "4,000 vehicles worked forward",
            milliseconds,
            "ms",
            MOST_MILLISECONDS,
            milliseconds <= MOST_MILLISECONDS,
        ),
        plain("median absolute error", overall.median_absolute_error_hours, "h"),
        plain("mean error", overall.mean_error_hours, "h"),
        plain("p50 coverage", overall.coverage.p50 * 100.0, "%"),
        plain("p90 coverage", overall.coverage.p90 * 100.0, "%"),
        plain("pinball loss of p80", overall.pinball_hours.p80, "h"),
        plain("announcements a vehicle, median", median(told), ""),
    ]
}

fn opening(worlds: &[u64], looks: usize, took: Duration) -> String {
    format!(
        "# How good the predicted entries are\n\n\
         Written by `make backtest` on {} ({:.0} s); `README.md` says how to read it. Simulated checkpoints, worlds {worlds:?}; the \
         constants were chosen on others. {looks} looks: one vehicle in 20 was followed, and what stood announced for it was \
         judged at every full hour of its wait, against the entry that then came. Hours throughout.\n\n\
         \"Coverage of p80\" is the share of looks at which the vehicle entered no later than the announced p80.\n\n",
        Utc::now().format("%Y-%m-%d"),
        took.as_secs_f64(),
    )
}

fn write_targets(text: &mut String, figures: &[Figure]) {
    text.push_str("| target | reached | |\n| --- | --- | --- |\n");
    for Figure { name, value, unit, target, met } in figures {
        if let (Some(target), Some(met)) = (target, met) {
            let verdict = if *met { "met" } else { "**missed**" };
            let _ = writeln!(text, "| {name}: {target} {unit} | {value:.1} {unit} | {verdict} |");
        }
    }
}

fn write_rivals(text: &mut String, overall: &Accuracy, rivals: &[Beside]) {
    text.push_str(
        "\n## Beside the baselines\n\n| | looks | median absolute error | mean error (actual − predicted) | the prediction's error is below it by |\n\
         | --- | --- | --- | --- | --- |\n",
    );
    let _ = writeln!(
        text,
        "| **the prediction, as announced (p50)** | {} | **{:.2}** | {:+.2} | |",
        overall.count, overall.median_absolute_error_hours, overall.mean_error_hours
    );
    for rival in rivals {
        let Beside { baseline, count, error, bias, own_error: _ } = rival;
        let _ = writeln!(
            text,
            "| {} | {count} | {error:.2} | {bias:+.2} | {:.0} % |",
            baseline.name(),
            rival.below()
        );
    }
}

fn write_horizons(text: &mut String, all: &[Judged], overall: &Accuracy) {
    text.push_str(
        "\n## By horizon\n\n| hours ahead | looks | covered by p50 | p80 | p90 | pinball p50 | p80 | p90 | median absolute error | mean error |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut line = |name: &str, accuracy: &Accuracy| {
        let Accuracy { count, coverage, pinball_hours, median_absolute_error_hours, mean_error_hours } =
            accuracy;
        let _ = writeln!(
            text,
            "| {name} | {count} | {:.1} % | {:.1} % | {:.1} % | {:.2} | {:.2} | {:.2} | {median_absolute_error_hours:.2} | {mean_error_hours:+.2} |",
            coverage.p50 * 100.0,
            coverage.p80 * 100.0,
            coverage.p90 * 100.0,
            pinball_hours.p50,
            pinball_hours.p80,
            pinball_hours.p90,
        );
    };
    for (horizon, accuracy) in accuracy::by_horizon(all) {
        line(horizon.as_str(), &accuracy);
    }
    line("all", overall);
}

fn write_lanes(text: &mut String, lanes: &[Lane]) {
    text.push_str(
        "\n## By lane\n\n| lane | longest queue | mean queue | entered an hour | covered by p80 | median absolute error | (a) | best of (b), (c) |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for Lane { site, played } in lanes {
        let looks: Vec<&Look> = played.looks.iter().collect();
        let Some(own) = accuracy::accuracy(&judged(&looks)) else { continue };
        let rivals = beside(&looks);
        let error = |of: &dyn Fn(Baseline) -> bool| {
            rivals
                .iter()
                .filter(|rival| of(rival.baseline))
                .map(|rival| rival.error)
                .fold(f64::INFINITY, f64::min)
        };
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} | {:.1} | {:.1} % | {:.2} | {:.2} | {:.2} |",
            site.name,
            played.longest,
            played.mean_length,
            f64::from(played.entered) / (super::DAYS * 24.0),
            own.coverage.p80 * 100.0,
            own.median_absolute_error_hours,
            error(&|baseline| baseline == Baseline::Constant),
            error(&|baseline| baseline != Baseline::Constant),
        );
    }
}

fn write_announcements(text: &mut String, lanes: &[Lane], looks: &[&Look]) {
    let told: Vec<_> = lanes.iter().flat_map(|lane| &lane.played.told).collect();
    let times = median(told.iter().map(|told| f64::from(told.times)).collect());
    let last = median(told.iter().map(|told| told.last_before_entry).collect());
    let moves = median(lanes.iter().flat_map(|lane| lane.played.moves.iter().copied()).collect());
    let late = share(&told, |told| told.last_before_entry < 1.0);
    let fresh = median(looks.iter().map(|look| (look.actual - look.fresh).abs()).collect());
    let raw = median(looks.iter().map(|look| (look.actual - look.raw).abs()).collect());
    let _ = write!(
        text,
        "\n## Announcements\n\nHalf of the vehicles were told at most {times:.0} times over their wait (looking once an hour; єЧерга's \
         time of one vehicle was seen to move 317 to 710 times in one to three days). Half of the changes moved the p50 by less than \
         {moves:.1} h; half of the vehicles heard their last new time at least {last:.1} h before they entered, {:.0} % of them less than \
         an hour before. What it costs to let a time stand: the median error of what stood is that of the table above; of the newest \
         forecast it was {fresh:.2} h, and before it was corrected by past errors {raw:.2} h.\n",
        late * 100.0,
    );
}

#[expect(clippy::cast_precision_loss, reason = "counts of a simulation")]
fn share<T>(all: &[T], of: impl Fn(&T) -> bool) -> f64 {
    all.iter().filter(|each| of(each)).count() as f64 / all.len().max(1) as f64
}

/// How long it takes to work a lane of 4,000 vehicles forward, in milliseconds: the median of 21 times.
fn time_forward() -> f64 {
    let merge = merge();
    let turns = Turns::none(&merge);
    let now = DateTime::UNIX_EPOCH;
    let contenders: Vec<_> = merge.contenders().collect();
    let places = (0_u32..4000).filter_map(|number| {
        let contender = contenders.get(if number % 5 == 0 { number as usize / 5 % 4 } else { 3 })?;
        let since = now - TimeDelta::minutes(i64::from(number));
        let booking = BookingId(Uuid::from_u128(u128::from(number) + 1));
        Some(Place { standing: Standing::Turn(*contender), since, booking })
    });
    let line = Line::of(&merge, places);
    let newcomers: Vec<Newcomers> = contenders
        .iter()
        .map(|contender| Newcomers { contender: Some(*contender), per_hour: vec![1.0; 24] })
        .collect();
    let times = (0..21).map(|_| {
        let outlook = Outlook {
            now,
            merge: &merge,
            turns: &turns,
            line: line.clone(),
            on_the_way: 10.0,
            entries_per_hour: &[12.0; 24],
            newcomers: &newcomers,
            losses: Losses { cancelled_per_hour: 0.001, absent_share: 0.03, ended_share: 0.03 },
        };
        let begun = Instant::now();
        let forecasts = work_forward(outlook);
        let took = begun.elapsed().as_secs_f64() * 1000.0;
        if forecasts.len() == 4000 { took } else { f64::INFINITY }
    });
    median(times.collect())
}
