//! The timer: works out the entries of each checkpoint when its journal moved, and when some minutes passed.
//! Any number of them over any number of replicas.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::CheckpointCode;
use prometheus::{GaugeVec, Histogram, HistogramOpts, IntCounter, Opts, Registry};
use tokio::sync::watch;

use super::accuracy::{self, Accuracy, Levels};
use super::calendar::hour_of;
use super::read;
use super::residuals::{Horizon, Residuals};
use super::store;
use super::working_out::{self, LaneQueue, MOST_ANNOUNCEMENTS};
use crate::clock::Clock;
use crate::database::{Connection, Database};
use crate::error::Result;

/// How often the timer looks what is due.
const EVERY: Duration = Duration::from_secs(15);
/// Facts come every second; entries are not worked out more often than this.
const FRESH_FOR: TimeDelta = TimeDelta::minutes(2);
/// Without a fact they are worked out after this all the same: time alone moves them.
const OLD_AFTER: TimeDelta = TimeDelta::minutes(10);
/// Metrics show the announcements of the last week.
const METRICS_WINDOW: TimeDelta = TimeDelta::days(7);

/// What predictions tell Prometheus.
#[derive(Debug, Clone)]
pub struct PredictionMetrics {
    coverage: GaugeVec,
    pinball: GaugeVec,
    error: GaugeVec,
    announcements: IntCounter,
    seconds: Histogram,
    failures: IntCounter,
}

impl PredictionMetrics {
    /// Adds the metrics to `registry`.
    ///
    /// # Errors
    /// When they are in it already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let gauge = |name: &str, help: &str, labels: &[&str]| -> Result<GaugeVec, prometheus::Error> {
            let gauge = GaugeVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let counter = |name: &str, help: &str| -> Result<IntCounter, prometheus::Error> {
            let counter = IntCounter::with_opts(Opts::new(name, help))?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let seconds = Histogram::with_opts(
            HistogramOpts::new(
                "kordon_prediction_seconds",
                "How long it took to work out the entries of a checkpoint.",
            )
            .buckets(vec![0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]),
        )?;
        registry.register(Box::new(seconds.clone()))?;
        let by_bound = ["checkpoint", "horizon", "bound"];
        Ok(Self {
            coverage: gauge(
                "kordon_prediction_coverage",
                "Share of vehicles that entered by a bound announced in the last week, by horizon in hours.",
                &by_bound,
            )?,
            pinball: gauge(
                "kordon_prediction_pinball_hours",
                "Mean pinball loss of a bound announced in the last week, by horizon in hours.",
                &by_bound,
            )?,
            error: gauge(
                "kordon_prediction_error_hours",
                "Error of the medians announced in the last week, by horizon in hours: the median of its size, and its mean.",
                &["checkpoint", "horizon", "statistic"],
            )?,
            announcements: counter(
                "kordon_announcements_total",
                "Entry times that were announced, the first and each that was told anew.",
            )?,
            seconds,
            failures: counter(
                "kordon_prediction_failures_total",
                "Checkpoints whose entries could not be worked out in a round.",
            )?,
        })
    }

    fn note(&self, checkpoint: &CheckpointCode, horizon: Horizon, accuracy: &Accuracy) {
        let (checkpoint, horizon) = (checkpoint.as_str(), horizon.as_str());
        let Accuracy { count: _, coverage, pinball_hours, median_absolute_error_hours, mean_error_hours } =
            accuracy;
        for (gauge, Levels { p50, p80, p90 }) in [(&self.coverage, coverage), (&self.pinball, pinball_hours)]
        {
            for (bound, value) in [("p50", p50), ("p80", p80), ("p90", p90)] {
                gauge.with_label_values(&[checkpoint, horizon, bound]).set(*value);
            }
        }
        let error = |statistic| self.error.with_label_values(&[checkpoint, horizon, statistic]);
        error("median_absolute").set(*median_absolute_error_hours);
        error("mean").set(*mean_error_hours);
    }
}

/// The residuals of the checkpoints and the full hour that they are of. They change slowly, and are the same
/// at every replica: or the ranges would change with the replica that works them out.
#[derive(Debug, Default)]
pub struct HourlyResiduals(HashMap<CheckpointCode, (DateTime<Utc>, Residuals<LaneQueue>)>);

/// Runs until `stop` says so. Failures are logged and counted; the next round tries again.
pub async fn run(
    database: Database,
    clock: Clock,
    metrics: PredictionMetrics,
    mut stop: watch::Receiver<bool>,
) {
    let mut rounds = tokio::time::interval(EVERY);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut known = HourlyResiduals::default();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = rounds.tick() => {}
        }
        let done = async {
            let mut connection = database.connection().await?;
            round(&mut connection, &clock, &metrics, &mut known, &stop).await
        };
        if let Err(error) = done.await {
            metrics.failures.inc();
            tracing::warn!(%error, "a round of predictions failed");
        }
    }
}

async fn round(
    connection: &mut Connection,
    clock: &Clock,
    metrics: &PredictionMetrics,
    known: &mut HourlyResiduals,
    stop: &watch::Receiver<bool>,
) -> Result<()> {
    let now = clock.now();
    for checkpoint in store::due(connection, now - FRESH_FOR, now - OLD_AFTER).await? {
        if *stop.borrow() {
            return Ok(());
        }
        if let Err(error) = at_checkpoint(connection, &checkpoint, metrics, known, clock.now()).await {
            metrics.failures.inc();
            tracing::warn!(%error, checkpoint = checkpoint.as_str(), "entries could not be worked out");
        }
    }
    Ok(())
}

/// Works out the entries of a checkpoint, with the residuals of the last hour.
///
/// # Errors
/// When the database is away.
pub async fn at_checkpoint(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    metrics: &PredictionMetrics,
    known: &mut HourlyResiduals,
    now: DateTime<Utc>,
) -> Result<()> {
    let timer = metrics.seconds.start_timer();
    let full_hour = hour_of(now);
    if known.0.get(checkpoint).is_none_or(|(of, _)| *of != full_hour) {
        let residuals = working_out::residuals(connection, checkpoint, full_hour).await?;
        known.0.insert(checkpoint.clone(), (full_hour, residuals));
        let told =
            store::announced(connection, checkpoint, now - METRICS_WINDOW, now, MOST_ANNOUNCEMENTS).await?;
        for (horizon, accuracy) in accuracy::by_horizon(&read::judged(&told)) {
            metrics.note(checkpoint, horizon, &accuracy);
        }
    }
    if let Some((_, residuals)) = known.0.get(checkpoint)
        && let Some(done) = working_out::work_out(connection, checkpoint, residuals, now).await?
    {
        metrics.announcements.inc_by(u64::try_from(done.announced).unwrap_or(u64::MAX));
    }
    timer.observe_duration();
    Ok(())
}
