//! The SQL of the queue as others read it.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::Result;

/// A called vehicle with what the gate needs.
#[derive(QueryableByName)]
pub(super) struct CalledRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) plate_written: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) trailer_plate: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) driver_name: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) called_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) call_deadline_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub(super) stage: String,
}

pub(super) async fn called(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<Vec<CalledRow>> {
    Ok(Statement::new(
        "SELECT crossing.id, plate_written, trailer_plate, driver_name, called_at, call_deadline_at, stage
         FROM crossings AS crossing
         JOIN bookings AS booking ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
         WHERE crossing.checkpoint = ? AND awaits_entry AND called_at IS NOT NULL
         ORDER BY called_at, crossing.id",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .load(connection)
    .await?)
}

/// Where a checkpoint's journal stands.
#[derive(QueryableByName)]
pub(super) struct JournalRow {
    #[diesel(sql_type = BigInt)]
    pub(super) last_position: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) changed_at: Option<DateTime<Utc>>,
}

pub(super) async fn journal(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<Option<JournalRow>> {
    Ok(Statement::new("SELECT last_position, changed_at FROM checkpoint_journals WHERE checkpoint = ?")
        .bind::<Text, _>(checkpoint.as_str())
        .get_result(connection)
        .await
        .optional()?)
}
