//! The timer: gives the calls that are due, decides absences, warns. Any number of them over any number of
//! replicas; everything is decided from what is stored, under the lock of the checkpoint's journal, so a
//! timer that dies loses nothing and two do nothing twice.

use std::time::Duration;

use kordon_schemas::CheckpointCode;
use kordon_schemas::rules::Consequence;
use prometheus::{Gauge, IntCounter, IntCounterVec, Opts, Registry};
use tokio::sync::watch;

use super::absence::{self, Absence, AbsentFrom, Swept};
use super::calling::automatic;
use super::waiting::store as waiting_store;
use super::warnings;
use crate::clock::Clock;
use crate::database::{Connection, Database};
use crate::error::Result;

/// How often the timer looks. It is the most that a call comes late by it.
pub const EVERY: Duration = Duration::from_secs(1);

/// Absences and warnings are looked for every so many rounds: they are counted in minutes.
const SLOWER: u32 = 5;

/// What a timer tells Prometheus. Calls of operators are counted by the door, as `call_vehicle`.
#[derive(Debug, Clone)]
pub struct TimerMetrics {
    calls: IntCounter,
    absences: IntCounterVec,
    taken_back: IntCounter,
    warnings: IntCounter,
    failures: IntCounter,
    lag: Gauge,
}

impl TimerMetrics {
    /// Adds the metrics to `registry`.
    ///
    /// # Errors
    /// When they are in it already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let counter = |name: &str, help: &str| -> Result<IntCounter, prometheus::Error> {
            let counter = IntCounter::with_opts(Opts::new(name, help))?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let absences = IntCounterVec::new(
            Opts::new(
                "kordon_absences_total",
                "Vehicles that did not come, as the timer found, by place and consequence.",
            ),
            &["place", "consequence"],
        )?;
        for place in [AbsentFrom::Zone, AbsentFrom::Checkpoint] {
            for consequence in ["back_to_queue", "cancel", "ban"] {
                absences.with_label_values(&[place.as_str(), consequence]);
            }
        }
        registry.register(Box::new(absences.clone()))?;
        let lag = Gauge::with_opts(Opts::new(
            "kordon_timer_lag_seconds",
            "How much later than planned the last round of the timer ended.",
        ))?;
        registry.register(Box::new(lag.clone()))?;
        Ok(Self {
            calls: counter(
                "kordon_automatic_calls_total",
                "Calls that the hub gave by the capacity of a lane.",
            )?,
            taken_back: counter(
                "kordon_absences_taken_back_total",
                "Absences that a fact handed in late showed to be wrong.",
            )?,
            warnings: counter(
                "kordon_call_warnings_total",
                "Vehicles that were told that their call nears.",
            )?,
            failures: counter(
                "kordon_timer_failures_total",
                "Checkpoints that a round of the timer failed at.",
            )?,
            absences,
            lag,
        })
    }

    fn count(&self, done: &Done) {
        let Done { calls, swept: Swept { absences, taken_back }, warnings } = done;
        let by = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        self.calls.inc_by(by(*calls));
        self.taken_back.inc_by(by(taken_back.len()));
        self.warnings.inc_by(by(*warnings));
        for Absence { from, consequence, .. } in absences {
            let consequence = match consequence {
                Consequence::BackToQueue => "back_to_queue",
                Consequence::Cancel => "cancel",
                Consequence::Ban { .. } => "ban",
            };
            self.absences.with_label_values(&[from.as_str(), consequence]).inc();
        }
    }
}

/// What a round did at a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// Calls that it gave.
    pub calls: usize,
    /// Absences.
    pub swept: Swept,
    /// Warnings.
    pub warnings: usize,
}

/// Runs until `stop` says so. Failures are logged and counted; the next round tries again.
pub async fn run(database: Database, clock: Clock, metrics: TimerMetrics, mut stop: watch::Receiver<bool>) {
    let mut rounds = tokio::time::interval(EVERY);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut number: u32 = 0;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = rounds.tick() => {}
        }
        let begun = tokio::time::Instant::now();
        // Not cut off in the middle: a round is short, and what it began it commits.
        round(&database, &clock, &metrics, number.is_multiple_of(SLOWER)).await;
        number = number.wrapping_add(1);
        metrics.lag.set(begun.elapsed().saturating_sub(EVERY).as_secs_f64());
    }
}

async fn round(database: &Database, clock: &Clock, metrics: &TimerMetrics, is_slower: bool) {
    let failed = |what: &str, error: &crate::Error| {
        metrics.failures.inc();
        tracing::warn!(%error, at = what, "a round of the timer failed");
    };
    let mut connection = match database.connection().await {
        Ok(connection) => connection,
        Err(error) => return failed("all checkpoints", &error),
    };
    let checkpoints = match waiting_store::busy_checkpoints(&mut connection).await {
        Ok(checkpoints) => checkpoints,
        Err(error) => return failed("all checkpoints", &error),
    };
    for checkpoint in checkpoints {
        match at_checkpoint(&mut connection, &checkpoint, clock, is_slower).await {
            Ok(done) => metrics.count(&done),
            Err(error) => failed(checkpoint.as_str(), &error),
        }
    }
}

/// Does what is due at a checkpoint: absences before calls, so that who comes back stands in line.
///
/// # Errors
/// When the database is away.
pub async fn at_checkpoint(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    clock: &Clock,
    is_slower: bool,
) -> Result<Done> {
    let mut done = Done::default();
    if is_slower {
        done.swept = absence::sweep(connection, checkpoint, clock.now()).await?;
    }
    done.calls = automatic::call_due(connection, checkpoint, clock.now()).await?.len();
    if is_slower {
        done.warnings = warnings::warn_due(connection, checkpoint, clock.now()).await?.len();
    }
    Ok(done)
}
