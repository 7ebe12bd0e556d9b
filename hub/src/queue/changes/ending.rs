//! How a booking ends without its vehicle entering: it awaits entry no more, and its plate is free. The place
//! in its slot is free too when it was cancelled; not when its vehicle did not come, since a fact that comes
//! late may give the booking back.

use chrono::{DateTime, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::bookings::EndedBy;
use uuid::Uuid;

use super::store;
use crate::database::Connection;
use crate::error::Result;
use crate::queue::booking::store as booking_store;

/// Ends a booking, and frees its place. The caller holds the journal's lock and records why.
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
    end_with_its_place(connection, checkpoint, booking, ended_by, now).await?;
    booking_store::free_place(connection, checkpoint, booking).await
}

/// Ends a booking whose place stays sold. The caller holds the journal's lock and records why.
///
/// # Errors
/// When the database is away.
pub async fn end_with_its_place(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    ended_by: EndedBy,
    now: DateTime<Utc>,
) -> Result<()> {
    store::end(connection, checkpoint, booking, ended_by, now).await?;
    store::release_plate(connection, checkpoint, booking).await
}
