//! The list of the gate for the hours when the line is down (Resolution 1393, clause 31): who may enter in
//! the next hours, signed, so that a gate can prove it to itself without the hub. What the gate then lets in,
//! it states as events when the line is back.
//!
//! - [`rules`]: who is expected to be called within the hours.

pub mod rules;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::admission_list::{AdmissionList, AdmittedVehicle};
use uuid::Uuid;

use rules::Candidate;

use super::pauses::PausedLanes;
use super::read;
use crate::database::Connection;
use crate::error::Result;

/// The longest time that a list is good for, in hours: longer than any outage of a line, shorter than a
/// booking's life.
pub const LONGEST_HOURS: i64 = 72;

/// The list of a checkpoint for the next `hours`. It shows the movements of vehicles: the caller records the
/// reading first.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such checkpoint.
pub async fn admission_list(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    hours: i64,
    now: DateTime<Utc>,
) -> Result<AdmissionList> {
    // The position is read before the vehicles: what it names may be newer than it says, never older.
    let queue = read::queue(connection, checkpoint, None, now).await?;
    let turns = queue.entries.iter().zip(1..).map(|(entry, turn)| (entry.booking, turn)).collect();
    let valid_until = now + TimeDelta::hours(hours);
    let mut candidates = store::candidates(connection, checkpoint, &turns).await?;
    if let Some(first) = candidates.iter().filter_map(Candidate::called_at).min() {
        let paused = PausedLanes::read(connection, checkpoint, first, now).await?;
        for Candidate { call, lane, .. } in &mut candidates {
            *call = call.map(|call| paused.call(lane, call, now)).transpose()?;
        }
    }
    let called_lately = store::calls_since(connection, checkpoint, now - rules::MEASURED_OVER).await?;
    let expected = rules::expected(&candidates, called_lately, hours, now);
    let mut called: Vec<&Candidate> =
        candidates.iter().filter(|candidate| candidate.may_enter_at(now)).collect();
    called.sort_by_key(|candidate| (candidate.called_at(), candidate.booking));
    let called = called.into_iter().filter_map(Candidate::admitted).collect::<Vec<AdmittedVehicle>>();
    Ok(AdmissionList {
        id: Uuid::now_v7(),
        checkpoint: checkpoint.clone(),
        position: queue.position,
        issued_at: now,
        valid_until,
        called,
        expected,
    })
}
