//! A booking as its operator and the authorities see it, with what was changed and what became of it.

use chrono::{DateTime, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::bookings::BookingView;
use kordon_schemas::queue::Driver;
use uuid::Uuid;

use super::store::{self, Stored};
use crate::checkpoints::operators;
use crate::crossings::{CrossingId, read};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{Actor, Role, reaches};
use crate::queue::{changes, history};

fn not_found(id: Uuid) -> Error {
    Error::NotFound { what: "booking", id: id.to_string() }
}

/// The checkpoint of a booking that the actor's scope reaches.
pub(in crate::queue) async fn checkpoint_of(
    connection: &mut Connection,
    actor: &Actor,
    id: Uuid,
) -> Result<CheckpointCode> {
    let at = match read::whereabouts(connection, CrossingId(id)).await {
        Err(Error::NotFound { .. }) => return Err(not_found(id)),
        found => found?,
    };
    if reaches(actor, &at.checkpoint) { Ok(at.checkpoint) } else { Err(not_found(id)) }
}

/// A booking that the actor runs: it is of its organisation's own systems, or of the checkpoint whose
/// operator it is. What is of others is as if it were not there.
pub(in crate::queue) async fn own(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Stored> {
    let stored = store::by_id(connection, checkpoint, id).await?.ok_or_else(|| not_found(id))?;
    if operators::runs(connection, actor, checkpoint, stored.system, now).await? {
        Ok(stored)
    } else {
        Err(not_found(id))
    }
}

/// Refuses an operator's system for a booking that it does not run, as if it were not there.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn check_own(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    own(connection, actor, checkpoint, id, now).await.map(|_| ())
}

/// Whether a role reads bookings whoever runs them: the law makes it a user of the whole database (Resolution
/// 1393, clause 23).
const fn reads_all(role: Role) -> bool {
    matches!(role, Role::BorderGuard | Role::Customs)
}

/// A booking with the history of its changes, its calls and its absences. It shows persons: the caller
/// records the reading first.
///
/// # Errors
/// [`Error::NotFound`] when there is none, it is another operator's, or at a checkpoint that the actor's
/// scope does not reach.
pub async fn show(
    connection: &mut Connection,
    actor: &Actor,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<BookingView> {
    let checkpoint = checkpoint_of(connection, actor, id).await?;
    let stored = if reads_all(actor.role) {
        store::by_id(connection, &checkpoint, id).await?.ok_or_else(|| not_found(id))?
    } else {
        own(connection, actor, &checkpoint, id, now).await?
    };
    let changes = changes::of_booking(connection, &checkpoint, id).await?;
    let (calls, absences) = history::of_booking(connection, &checkpoint, id).await?;
    let Stored {
        booking,
        system: _,
        digest: _,
        plate: _,
        channel,
        vehicle,
        trailer_plate,
        driver_name,
        data,
        queued_at,
        called_at: _,
        stage,
        awaits_entry: _,
        ended_at,
        ended_by,
    } = stored;
    let driver = driver_name.map(|name| Driver { name });
    Ok(BookingView {
        booking,
        stage,
        channel,
        vehicle,
        trailer_plate,
        driver,
        data,
        queued_at,
        ended_at,
        ended_by,
        changes,
        calls,
        absences,
    })
}
