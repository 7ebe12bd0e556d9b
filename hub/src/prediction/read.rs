//! What others read of predictions: the entry of one vehicle or of all that wait, and how good predictions
//! have been.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::prediction::{
    AccuracyFigures, BookingPrediction, EntryRange, HorizonAccuracy, PredictedEntries, PredictedEntry,
    PredictionAccuracy, QuantileFigures, RangeBasis, Reannouncements, ThroughputSource,
};
use uuid::Uuid;

use super::accuracy::{self, Accuracy, Judged, Levels, median};
use super::calendar::hours_between;
use super::residuals::Range;
use super::store::{self, LaneState, PastRow, PredictedRow, RunRow};
use super::working_out::MOST_ANNOUNCEMENTS;
use crate::checkpoints::rules as checkpoint_rules;
use crate::database::Connection;
use crate::error::Result;

/// What was worked out is told for so long.
pub const STALE_AFTER: TimeDelta = TimeDelta::minutes(30);

/// The longest period that accuracy is to be asked of.
pub const LONGEST_PERIOD: TimeDelta = TimeDelta::days(92);

/// Whether what was worked out then is too old to be told.
#[must_use]
pub fn is_stale(as_of: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - as_of > STALE_AFTER
}

/// What tells one state of the predictions of a checkpoint from another, for entity tags: when they were
/// worked out, and whether that is too long ago.
///
/// # Errors
/// When the database is away.
pub async fn version(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<String> {
    Ok(match store::run(connection, checkpoint).await? {
        None => "none".to_owned(),
        Some(RunRow { number, as_of: None }) => format!("{number}-none"),
        Some(RunRow { number, as_of: Some(as_of) }) => {
            let age = if is_stale(as_of, now) { "stale" } else { "fresh" };
            format!("{number}-{}-{age}", as_of.timestamp_micros())
        }
    })
}

/// The predicted entries of those who wait at a checkpoint and are not called.
///
/// # Errors
/// When the database is away.
pub async fn entries(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<PredictedEntries> {
    let items = predicted(connection, checkpoint, None, now).await?;
    Ok(PredictedEntries { checkpoint: checkpoint.clone(), items })
}

/// The predicted entry of one vehicle. None: it does not wait, or it is called.
///
/// # Errors
/// When the database is away.
pub async fn entry(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<PredictedEntry>> {
    let found = predicted(connection, checkpoint, Some(booking), now).await?;
    Ok(found.into_iter().next().map(|found| found.predicted_entry))
}

async fn predicted(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    only: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<BookingPrediction>> {
    let as_of = store::run(connection, checkpoint).await?.and_then(|run| run.as_of);
    let rules = checkpoint_rules::in_force(connection, checkpoint, now).await?.rules;
    let first = rules.lanes.first().map(|lane| lane.lane.as_str()).unwrap_or_default();
    store::predicted(connection, checkpoint, first, only)
        .await?
        .into_iter()
        .map(|row| {
            Ok(BookingPrediction { booking: row.booking_id, predicted_entry: told(&row, as_of, now)? })
        })
        .collect()
}

fn told(row: &PredictedRow, as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<PredictedEntry> {
    let Some(as_of) = as_of.filter(|as_of| !is_stale(*as_of, now)) else {
        return Ok(PredictedEntry::Stale { as_of });
    };
    let bad = |what: &str| store::stored_badly(what);
    let state = row.state.as_deref();
    let state = state.map(|name| LaneState::from_name(name).ok_or_else(|| bad(name))).transpose()?;
    match (state, row.p50, row.p80, row.p90, row.announced_at) {
        (Some(LaneState::Paused), ..) => Ok(PredictedEntry::Paused { as_of }),
        (Some(LaneState::Closed), ..) => Ok(PredictedEntry::Closed { as_of }),
        (Some(LaneState::Known), Some(p50), Some(p80), Some(p90), Some(announced_at)) => {
            let named = |name: &Option<String>| name.clone().unwrap_or_default();
            let (source, basis) = (named(&row.source), named(&row.basis));
            Ok(PredictedEntry::Known(EntryRange {
                p50,
                p80,
                p90,
                announced_at,
                as_of,
                source: ThroughputSource::ALL
                    .into_iter()
                    .find(|known| known.as_str() == source)
                    .ok_or_else(|| bad(&source))?,
                basis: RangeBasis::ALL
                    .into_iter()
                    .find(|known| known.as_str() == basis)
                    .ok_or_else(|| bad(&basis))?,
            }))
        }
        // Booked since the last run, so far ahead that nothing is forecast, or passed over.
        (Some(LaneState::Known | LaneState::NotMeasured) | None, ..) => {
            Ok(PredictedEntry::NotMeasured { as_of })
        }
    }
}

/// How good the announcements of a period have been.
///
/// # Errors
/// When the database is away.
pub async fn accuracy(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<PredictionAccuracy> {
    let told = store::announced(connection, checkpoint, from, to, MOST_ANNOUNCEMENTS).await?;
    Ok(figures(checkpoint, from, to, &told))
}

fn figures(
    checkpoint: &CheckpointCode,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    told: &[PastRow],
) -> PredictionAccuracy {
    let judged = judged(told);
    PredictionAccuracy {
        checkpoint: checkpoint.clone(),
        from,
        to,
        overall: accuracy::accuracy(&judged).map(wire),
        by_horizon: accuracy::by_horizon(&judged)
            .into_iter()
            .map(|(horizon, figures)| HorizonAccuracy {
                horizon: horizon.as_str().to_owned(),
                figures: wire(figures),
            })
            .collect(),
        reannouncements: reannouncements(told),
    }
}

/// The announcements whose vehicle has entered, or had its turn while it was in no zone.
pub(super) fn judged(told: &[PastRow]) -> Vec<Judged> {
    told.iter()
        .filter_map(|row| {
            let turn = DateTime::from_timestamp_micros(row.turn_at?)?;
            let hours = |moment| hours_between(row.announced_at, moment);
            let told = Range { p50: hours(row.p50), p80: hours(row.p80), p90: hours(row.p90) };
            Some(Judged { told, actual: hours(turn) })
        })
        .collect()
}

/// `told` is in the order of bookings and their announcements.
#[expect(clippy::cast_precision_loss, reason = "nobody tells 2^52 times")]
fn reannouncements(told: &[PastRow]) -> Reannouncements {
    let had_turn: Vec<&PastRow> = told.iter().filter(|row| row.turn_at.is_some()).collect();
    let mut changes = Vec::new();
    for pair in had_turn.windows(2) {
        if let [before, after] = pair
            && before.booking_id == after.booking_id
        {
            changes.push(hours_between(before.p50, after.p50).abs());
        }
    }
    let vehicles = had_turn.len() - changes.len();
    Reannouncements {
        vehicles: vehicles as u64,
        announcements_per_vehicle: (vehicles > 0).then(|| had_turn.len() as f64 / vehicles as f64),
        median_change_hours: (!changes.is_empty()).then(|| median(changes)),
    }
}

fn wire(accuracy: Accuracy) -> AccuracyFigures {
    let Accuracy { count, coverage, pinball_hours, median_absolute_error_hours, mean_error_hours } = accuracy;
    let levels = |Levels { p50, p80, p90 }| QuantileFigures { p50, p80, p90 };
    AccuracyFigures {
        count,
        coverage: levels(coverage),
        pinball_hours: levels(pinball_hours),
        median_absolute_error_hours,
        mean_error_hours,
    }
}
