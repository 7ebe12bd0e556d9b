//! Crossings and events, for those with the right to read them.

use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::CrossingView;
use kordon_schemas::events::RecordedEvent;

use super::model::{CrossingId, Position};
use super::{store, view};
use crate::database::Connection;
use crate::error::{Error, Result};

/// Which events of a checkpoint to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventQuery {
    /// Those after this position.
    pub after: Position,
    /// At most so many.
    pub limit: i64,
    /// Only those that are placed in no crossing.
    pub unmatched_only: bool,
}

/// Events of a checkpoint in the order in which they were recorded. Positions are in the order of commits, so
/// a reader that goes on from the last one it saw misses nothing.
///
/// # Errors
/// When the database is away.
pub async fn events(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    query: EventQuery,
) -> Result<Vec<RecordedEvent>> {
    store::events(connection, checkpoint, query).await
}

/// Where a crossing is: its checkpoint, and the plate as it was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The plate as it was written.
    pub plate_written: String,
}

/// Finds the checkpoint of a crossing.
///
/// # Errors
/// [`Error::NotFound`] when there is no such crossing.
pub async fn whereabouts(connection: &mut Connection, id: CrossingId) -> Result<Whereabouts> {
    store::whereabouts(connection, id)
        .await?
        .ok_or_else(|| Error::NotFound { what: "crossing", id: id.to_string() })
}

/// A crossing with its seven stages and the facts that they rest on.
///
/// # Errors
/// [`Error::NotFound`] when there is no such crossing.
pub async fn crossing(connection: &mut Connection, at: &Whereabouts, id: CrossingId) -> Result<CrossingView> {
    let found = store::crossings(connection, &[at.checkpoint.as_str()], &[id.0]).await?;
    let Some((_, crossing)) = found.into_iter().next() else {
        return Err(Error::NotFound { what: "crossing", id: id.to_string() });
    };
    let events = store::events_of(connection, &at.checkpoint, id).await?;
    Ok(view::view(&crossing, at.plate_written.clone(), events))
}
