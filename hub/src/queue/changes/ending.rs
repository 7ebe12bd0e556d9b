//! How a booking ends without its vehicle entering: it awaits entry no more, its place is free again, and so is its plate.

use chrono::{DateTime, Utc};
use kordon_schemas::bookings::EndedBy;
use kordon_schemas::{CheckpointCode, FoldedPlate};
use uuid::Uuid;

use super::store;
use crate::database::Connection;
use crate::error::Result;
use crate::queue::booking::store as booking_store;

/// Ends a booking. The caller holds the journal's lock and records why.
///
/// # Errors
/// When the database is away.
pub async fn end(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    ended_by: EndedBy,
    now: DateTime<Utc>,
) -> Result<()> {
    store::end(connection, checkpoint, booking, ended_by, now).await?;
    booking_store::free_place(connection, checkpoint, booking).await?;
    store::release_plate(connection, checkpoint, booking).await
}

/// Keeps a vehicle from booking anywhere until a moment. The caller holds the journal's lock of the checkpoint.
///
/// # Errors
/// When the database is away.
pub async fn ban(
    connection: &mut Connection,
    plate: &FoldedPlate,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    ground: EndedBy,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    store::ban(connection, plate, checkpoint, booking, ground, until, now).await
}
