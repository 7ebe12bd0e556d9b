//! The list of the gate for the hours when the line is down (Resolution 1393, clause 31): who may enter in the next hours, signed,
//! so that a gate can prove it to itself without the hub. What the gate then lets in, it states as events when the line is back.
//!
//! - [`rules`]: who is expected to be called within the hours.

pub mod rules;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::admission_list::{AdmissionList, AdmittedVehicle};
use uuid::Uuid;

use rules::Candidate;

use super::store as queue_store;
use crate::database::Connection;
use crate::error::{Error, Result};

/// The longest time that a list is good for, in hours: longer than any outage of a line, shorter than a booking's life.
pub const LONGEST_HOURS: i64 = 72;

/// The list of a checkpoint for the next `hours`. It shows the movements of vehicles: the caller records the reading first.
///
/// # Errors
/// [`Error::NotFound`] when there is no such checkpoint.
pub async fn admission_list(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    hours: i64,
    now: DateTime<Utc>,
) -> Result<AdmissionList> {
    // The position is read before the vehicles: what it names may be newer than it says, never older.
    let journal = queue_store::journal(connection, checkpoint)
        .await?
        .ok_or_else(|| Error::NotFound { what: "checkpoint", id: checkpoint.to_string() })?;
    let valid_until = now + TimeDelta::hours(hours);
    let candidates = store::candidates(connection, checkpoint).await?;
    let called_lately = store::calls_since(connection, checkpoint, now - rules::MEASURED_OVER).await?;
    let expected = rules::expected(&candidates, called_lately, hours, now);
    let mut called: Vec<&Candidate> =
        candidates.iter().filter(|candidate| candidate.may_enter_at(now)).collect();
    called.sort_by_key(|candidate| (candidate.called_at(), candidate.booking));
    let called = called.into_iter().filter_map(Candidate::admitted).collect::<Vec<AdmittedVehicle>>();
    Ok(AdmissionList {
        id: Uuid::now_v7(),
        checkpoint: checkpoint.clone(),
        position: journal.last_position,
        issued_at: now,
        valid_until,
        called,
        expected,
    })
}
