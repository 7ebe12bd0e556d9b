//! Admission at the gate: may the vehicle with this plate enter now (Resolution 1393, clause 31).
//!
//! One statement by key and a pure rule: a gate asks at every vehicle, beside the load of all events.
//!
//! - [`rules`]: admit or refuse, and why.

pub mod rules;
mod store;

use chrono::{DateTime, Utc};
use kordon_schemas::queue::Admission;
use kordon_schemas::{CheckpointCode, Plate};

use crate::database::Connection;
use crate::error::Result;

/// Whether the vehicle with this plate may enter now. It reads and records nothing: what then happens at the gate, the border
/// guard states as an event.
///
/// # Errors
/// When the database is away.
pub async fn admission(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    plate: &Plate,
    now: DateTime<Utc>,
) -> Result<Admission> {
    let found = store::at_the_gate(connection, checkpoint, plate.folded()).await?;
    Ok(rules::admit(found.as_ref(), now))
}
