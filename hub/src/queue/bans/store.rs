//! The SQL of bans.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::bookings::EndedBy;
use kordon_schemas::{CheckpointCode, FoldedPlate};
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::Result;

/// What keeps a vehicle from booking.
#[derive(QueryableByName)]
pub(super) struct Ban {
    /// Where it did not come.
    #[diesel(sql_type = Text)]
    pub(super) checkpoint: String,
    #[diesel(sql_type = Timestamptz)]
    pub(super) banned_until: DateTime<Utc>,
}

pub(super) async fn insert(
    connection: &mut Connection,
    plate: &FoldedPlate,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    ground: EndedBy,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "INSERT INTO plate_bans (plate, checkpoint, booking_id, banned_at, banned_until, ground) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (plate, checkpoint, booking_id)
         DO UPDATE SET banned_until = greatest(plate_bans.banned_until, excluded.banned_until)",
    )
    .bind::<Text, _>(plate.as_str())
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<Text, _>(ground.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Of the bans of a vehicle that are not over, the one that ends last.
pub(super) async fn last_of(
    connection: &mut Connection,
    plate: &FoldedPlate,
    now: DateTime<Utc>,
) -> Result<Option<Ban>> {
    Ok(Statement::new(
        "SELECT checkpoint, banned_until FROM plate_bans WHERE plate = ? AND banned_until > ?
         ORDER BY banned_until DESC, checkpoint LIMIT 1",
    )
    .bind::<Text, _>(plate.as_str())
    .bind::<Timestamptz, _>(now)
    .get_result(connection)
    .await
    .optional()?)
}

/// Removes what came of a booking and is not over, also of a vehicle that had it before a swap. Gives until
/// when it would have held; none when there was nothing to remove.
pub(super) async fn delete(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        until: Option<DateTime<Utc>>,
    }
    let row: Row = Statement::new(
        "WITH lifted AS (
             DELETE FROM plate_bans WHERE checkpoint = ? AND booking_id = ? AND banned_until > ? RETURNING banned_until)
         SELECT max(banned_until) AS until FROM lifted",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .bind::<Timestamptz, _>(now)
    .get_result(connection)
    .await?;
    Ok(row.until)
}
