//! `kordon demo`: scenarios that are played through the HTTP API, and a comparison of what the hub then says
//! with what was played.
//!
//! The scenario `day` is a day at three checkpoints, played as all the systems at once. It shows whoever
//! doubts a hub, also one that runs, what it does with late, repeated, disordered, wrong and forbidden
//! messages.
//!
//! - [`day`]: what a day consists of. [`script`]: the day as pure data that follows from a seed, with what
//!   has to come of it.
//! - [`queues`]: the three queues in full, at a fourth checkpoint, when the day is over.
//! - [`outage`]: the scenario `outage`, an incident of ETS from a trader's call to the closed ticket.
//! - [`own_hub`]: the hub that is played against, unless another is named.
//! - [`patience`]: waiting for what the hub does by itself.
//! - [`systems`]: those who play. [`verdict`]: whether the hub says what was played.

mod compared;
mod day;
mod outage;
mod own_hub;
mod patience;
mod queues;
mod script;
mod systems;
mod verdict;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, SubsecRound, Utc};
use clap::{Args, ValueEnum};
use tokio::signal::unix::{Signal, SignalKind, signal};

use self::outage::time::StillTime;
use self::own_hub::Ground;
use self::queues::bank::Bank;
use self::queues::time::Time;
use self::script::{Plan, expectation};
use self::systems::client::Door;
use self::systems::watch::Watch;
use self::systems::{Play, Tally};
use self::verdict::{Played, probes, reading, table};
use super::samples::Samples;
use super::{Place, runtime, say, say_error};
use crate::hub::PartPlayed;

/// The most disagreements that are shown.
const MOST_SHOWN: usize = 40;

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// A day at three checkpoints, then the three queues at a fourth.
    Day,
    /// An incident of ETS from a trader's call to the closed ticket, with its outage, notices and continuity
    /// permit.
    Outage,
}

/// Plays a scenario and checks what the hub then says. The site's settings, data folder and database have no
/// part in it.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// What is played. The outage is played on a hub of its own only, whose clock it may put on.
    #[arg(long, value_enum, default_value_t = Scenario::Day)]
    scenario: Scenario,
    /// The address of a running hub; without it the demonstration starts one of its own and removes it at the
    /// end.
    #[arg(long, requires = "credentials")]
    url: Option<String>,
    /// The tokens of its systems: a JSON object of role and token, as `kordon serve --sample-parties` writes
    /// it.
    #[arg(long, requires = "url")]
    credentials: Option<PathBuf>,
    /// What chance follows from: the same seed gives the same day.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many vehicles are booked at each of the three checkpoints.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=2_000))]
    vehicles: u16,
}

impl Demo {
    /// Plays. It fails when the hub says otherwise than was played.
    pub(super) fn run(self, place: Place) -> anyhow::Result<()> {
        super::serve::start_log("error");
        let Self { scenario, url, credentials, seed, vehicles } = self;
        if scenario == Scenario::Outage {
            anyhow::ensure!(
                url.is_none(),
                "the outage is played on a hub of its own, whose clock it puts on: leave out --url"
            );
            return on_a_hub_of_its_own(place, async |ground, stop| play_outage(ground, stop).await);
        }
        let vehicles = usize::from(vehicles);
        let (Some(url), Some(credentials)) = (url, credentials) else {
            let plan = Plan { seed, vehicles, run: String::new() };
            return on_a_hub_of_its_own(place, async |ground, stop| play_day(ground, stop, &plan).await);
        };
        let tokens = std::fs::read(&credentials)
            .with_context(|| format!("the credentials {} cannot be read", credentials.display()))?;
        let Samples(tokens) = serde_json::from_slice(&tokens)
            .with_context(|| format!("{} is no object of role and token", credentials.display()))?;
        let now = Utc::now().trunc_subsecs(6);
        let plan = Plan { seed, vehicles, run: in_base_36(now.timestamp_millis().unsigned_abs()) };
        runtime()?.block_on(play(Door::new(&url, tokens)?, &plan, None, now))
    }
}

/// Makes the place of a hub, plays, and removes it whatever came of it.
fn on_a_hub_of_its_own(
    place: Place,
    play: impl AsyncFnOnce(&Ground, Stop) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    say("starting a hub of its own: a private PostgreSQL in a temporary folder");
    let runtime = runtime()?;
    // Listened for from the beginning: also what is half made is removed.
    let stop = runtime.block_on(async { Stop::listen() })?;
    let ground = Ground::prepare(place.site().postgresql)?;
    let played = runtime.block_on(play(&ground, stop));
    if let Err(error) = ground.remove() {
        say_error(&format!("the temporary folder stays: {error:#}"));
    }
    played
}

async fn play_day(ground: &Ground, stop: Stop, plan: &Plan) -> anyhow::Result<()> {
    let (time, bank) = (Time::default(), Bank::open().await?);
    let (serving, Samples(tokens)) = ground.serve(time.clock(), &bank, &PartPlayed::ALL).await?;
    let door = Door::new(serving.url().context("the demonstration has a door")?, tokens)?;
    let played = stop.or(play(door, plan, Some(&time), time.now())).await;
    serving.drain().await.and(played)
}

/// The timers are no part of that hub: the scenario lets them look, at its own times.
async fn play_outage(ground: &Ground, stop: Stop) -> anyhow::Result<()> {
    let (time, bank) = (StillTime::at(outage::BEGINS)?, Bank::open().await?);
    let parts = [PartPlayed::Api, PartPlayed::Delivery];
    let (serving, Samples(tokens)) = ground.serve(time.clock(), &bank, &parts).await?;
    let door = Door::new(serving.url().context("the demonstration has a door")?, tokens)?;
    let database = ground.database()?;
    say("an incident of ETS, from a trader's call to the closed ticket; times are those of Kyiv\n");
    let played = stop
        .or(async {
            let compared = outage::play(&door, &time, &database, ground.data()).await?;
            let (text, disagreements) = compared::table("an outage", &compared);
            say(&format!("\n{text}"));
            judge(&disagreements)
        })
        .await;
    serving.drain().await.and(played)
}

/// The wish of whoever started the demonstration that it ends.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Does `work` until it is done or told to stop.
    async fn or(mut self, work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
        tokio::select! {
            done = work => return done,
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        anyhow::bail!("stopped before the end")
    }
}

/// Plays the day and, on a hub of the demonstration's own, whose time it is, the three queues.
async fn play(door: Door, plan: &Plan, own: Option<&Time>, now: DateTime<Utc>) -> anyhow::Result<()> {
    let began = Instant::now();
    let alone = own.is_some();
    let script = script::write(plan);
    let expectation = expectation::of(&script);
    say(&introduction(plan));
    let play = Arc::new(Play::new(door, script, alone, now));
    let mut watch = Watch::begin(&play.door).await?;
    play.run(&mut watch).await?;
    let found = reading::read(&play, &watch).await?;
    let asked = probes::probe(&play, &expectation).await?;

    let memory = play.memory().clone();
    let Play { script, day_began, .. } = &*play;
    let played = Played { script, expectation: &expectation, memory: &memory, day_began: *day_began, alone };
    let mut disagreements = memory.disagreements.clone();
    disagreements.extend(verdict::disagreements(&played, &found));
    say(&format!("\n{}", table::table(&played, &found)));
    say(&summary(memory.tally, asked, began.elapsed().as_secs_f32()));
    if let Some(time) = own {
        let (text, differing) = compared::table("three queues", &queues::play(&play.door, time).await?);
        say(&format!("\n{text}"));
        disagreements.extend(differing);
    } else {
        say(
            "the three queues are played on a hub of the demonstration's own only, whose clock it may put on",
        );
    }
    judge(&disagreements)
}

/// Says whether the hub agrees with what was played; it fails when it does not.
fn judge(disagreements: &[String]) -> anyhow::Result<()> {
    if disagreements.is_empty() {
        say("the hub agrees with everything that was played");
        return Ok(());
    }
    for disagreement in disagreements.iter().take(MOST_SHOWN) {
        say(&format!("DISAGREES: {disagreement}"));
    }
    anyhow::bail!("the hub disagrees with what was played in {} point(s)", disagreements.len())
}

fn introduction(plan: &Plan) -> String {
    let Plan { seed, vehicles, run } = plan;
    let run = if run.is_empty() { String::new() } else { format!(", run {run}") };
    format!(
        "a day at three checkpoints, {vehicles} vehicles each, seed {seed}{run}\n\
         bookings and arrivals lie in the last 24 hours; calls are dated by the hub, so what follows a call happens now\n"
    )
}

fn summary(tally: Tally, asked: usize, seconds: f32) -> String {
    let Tally {
        requests,
        bookings: _,
        calls: _,
        events,
        duplicates,
        unmatched,
        contradictory,
        refused,
        placed,
    } = tally;
    format!(
        "{events} events: {duplicates} duplicates, {unmatched} unmatched at first, {placed} placed by hand, {contradictory} \
         contradictory; {refused} events and requests refused as they must be; {asked} questions at the gate; \
         {requests} requests, {seconds:.1} s"
    )
}

/// A number in digits and capital letters, as a plate can carry it.
fn in_base_36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        digits.extend(char::from_digit(digit, 36).map(|digit| digit.to_ascii_uppercase()));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_in_digits_and_capital_letters() {
        assert_eq!([0, 35, 36, 1_763_770_000_000].map(in_base_36), ["0", "Z", "10", "MI9J49Z4"]);
    }
}
