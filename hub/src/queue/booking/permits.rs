//! Permits for the continuity procedure as documents of a booking, which is also its crossing (Q21:
//! documents; Order 926, section IV).

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::CheckpointCode;
use kordon_schemas::permits::{CrossingPermits, PermitReferenceIn};
use uuid::Uuid;

use super::view::{checkpoint_of, own};
use crate::crossings::LockedJournal;
use crate::database::Connection;
use crate::error::Result;
use crate::parties::{Actor, Role};
use crate::permits::references;

/// States that a vehicle travels under a permit. The same again is the same. A permit that has ended may be
/// stated: the goods were released under it.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such crossing, it is elsewhere, or another operator's;
/// [`crate::Error::Invalid`] for a number that was misread or never given.
pub async fn state(
    connection: &mut Connection,
    actor: &Actor,
    crossing: Uuid,
    stated: &PermitReferenceIn,
    now: DateTime<Utc>,
) -> Result<CrossingPermits> {
    let checkpoint = reached(connection, actor, crossing, now).await?;
    let number = references::known(connection, &stated.number).await?;
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, &checkpoint).await?;
            let position = journal.draw();
            let at = (&checkpoint, crossing);
            if references::insert(connection, at, number, (position, actor.system), now).await? {
                journal.advance(connection, now).await?;
            }
            let items = references::of(connection, &checkpoint, crossing, now).await?;
            Ok(CrossingPermits { crossing, items })
        })
        .await
}

/// The permits of a crossing, each as it stands at `now`.
///
/// # Errors
/// [`crate::Error::NotFound`] as [`state`].
pub async fn show(
    connection: &mut Connection,
    actor: &Actor,
    crossing: Uuid,
    now: DateTime<Utc>,
) -> Result<CrossingPermits> {
    let checkpoint = reached(connection, actor, crossing, now).await?;
    Ok(CrossingPermits { crossing, items: references::of(connection, &checkpoint, crossing, now).await? })
}

/// The checkpoint of a crossing that the actor may speak of: an operator of its own bookings, authorities of
/// any in their scope.
async fn reached(
    connection: &mut Connection,
    actor: &Actor,
    crossing: Uuid,
    now: DateTime<Utc>,
) -> Result<CheckpointCode> {
    let checkpoint = checkpoint_of(connection, actor, crossing).await?;
    if actor.role == Role::QueueOperator {
        own(connection, actor, &checkpoint, crossing, now).await?;
    }
    Ok(checkpoint)
}
