//! What changed in the queue of a checkpoint, as a feed by position (Resolution 1393, clause 23).
//!
//! Positions are drawn under the lock of the checkpoint's journal, so they are in the order of commits: a
//! reader that goes on from the last one that it saw misses none and gets none twice, also when a transaction
//! stays open meanwhile.
//!
//! - [`rules`]: which changes a right shows.
//! - [`listener`]: wakes those who follow a checkpoint.

pub mod listener;
pub mod rules;
mod store;

use chrono::{DateTime, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::changes::{QueueChange, QueueChangeKind, QueueChanges};
use uuid::Uuid;

pub use listener::Listener;

use crate::crossings::Position;
use crate::database::Connection;
use crate::error::Result;
use crate::parties::Actor;

/// A change whose position stands nowhere else: events, calls, changes of bookings, absences, warnings and
/// pauses hold theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// A vehicle was booked.
    Booked,
    /// An event was placed by hand.
    Placed,
    /// The entry time of a vehicle was announced anew.
    Reannounced,
}

impl Noted {
    const ALL: [Self; 3] = [Self::Booked, Self::Placed, Self::Reannounced];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Placed => "placed",
            Self::Reannounced => "reannounced",
        }
    }

    const fn kind(self) -> QueueChangeKind {
        match self {
            Self::Booked => QueueChangeKind::Booked,
            Self::Placed => QueueChangeKind::Placed,
            Self::Reannounced => QueueChangeKind::Reannounced,
        }
    }
}

/// Notes what a position stands for. The caller holds the journal's lock and has drawn the position.
///
/// # Errors
/// When the database is away.
pub(crate) async fn note(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    position: Position,
    what: Noted,
    booking: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    store::insert(connection, checkpoint, position, what, booking, now).await
}

/// Notes that the same happened to several bookings, at as many positions. The caller holds the journal's
/// lock and has drawn them.
///
/// # Errors
/// When the database is away.
pub(crate) async fn note_each(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    noted: &[(Position, Uuid)],
    what: Noted,
    now: DateTime<Utc>,
) -> Result<()> {
    store::insert_each(connection, checkpoint, noted, what, now).await
}

/// A change with what decides who may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The change as it is shown.
    pub shown: QueueChange,
    /// The waiting zone that it concerns, if it is known.
    pub zone: Option<String>,
}

/// The changes after a position that the actor may see. At most `limit` positions are looked at, so a page
/// may hold fewer changes than `next` has moved on; it ends the feed only when `next` has not moved.
///
/// # Errors
/// When the database is away.
pub async fn after(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    after: Position,
    limit: i64,
) -> Result<QueueChanges> {
    let changes = store::after(connection, checkpoint, after, limit).await?;
    let next = changes.last().map_or(after.0, |last| last.shown.position);
    let items = changes
        .into_iter()
        .filter(|change| rules::shows(actor, change))
        .map(|Change { shown, zone: _ }| shown)
        .collect();
    Ok(QueueChanges { checkpoint: checkpoint.clone(), items, next })
}
