//! Admission at the gate: may the vehicle with this plate enter now (Resolution 1393, clause 31).
//!
//! One statement by key and a pure rule: a gate asks at every vehicle, beside the load of all events. Only of
//! a call whose time seems over it is asked whether a pause lasts that has given it more.
//!
//! - [`rules`]: admit or refuse, and why.

pub mod rules;
mod store;

use chrono::{DateTime, Utc};
use kordon_schemas::queue::Admission;
use kordon_schemas::{CheckpointCode, Plate};

use super::pauses::PausedLanes;
use crate::database::Connection;
use crate::error::Result;

/// Whether the vehicle with this plate may enter now. It reads and records nothing: what then happens at the
/// gate, the border guard states as an event.
///
/// # Errors
/// When the database is away.
pub async fn admission(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    plate: &Plate,
    now: DateTime<Utc>,
) -> Result<Admission> {
    let mut found = store::at_the_gate(connection, checkpoint, plate.folded()).await?;
    if let Some(vehicle) = &mut found
        && let Some(call) = vehicle.lapsed(now)
    {
        let paused = PausedLanes::read(connection, checkpoint, call.called_at, now).await?;
        vehicle.call = Some(paused.call(&vehicle.lane, call, now)?);
    }
    Ok(rules::admit(found.as_ref(), now))
}
