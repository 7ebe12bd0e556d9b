//! The SQL of the list of the gate.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use uuid::Uuid;

use super::rules::Candidate;
use crate::crossings::CallWindow;
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::queue::model::BookingId;
use crate::queue::waiting::stored_queue;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    plate_written: String,
    #[diesel(sql_type = Text)]
    queue: String,
    #[diesel(sql_type = Text)]
    lane: String,
    #[diesel(sql_type = Bool)]
    waits: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    call_deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    slot_starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    slot_ends_at: Option<DateTime<Utc>>,
}

impl Row {
    fn read(self, turns: &HashMap<Uuid, usize>) -> Result<Candidate> {
        let Self {
            id,
            plate_written,
            queue,
            lane,
            waits,
            called_at,
            call_deadline_at,
            slot_starts_at,
            slot_ends_at,
        } = self;
        Ok(Candidate {
            booking: BookingId(id),
            plate: plate_written,
            queue: stored_queue(&queue)?,
            // Booked since the queue was read: behind all who stand in it.
            turn: turns.get(&id).copied().unwrap_or(usize::MAX),
            lane,
            in_zone: waits,
            call: called_at
                .zip(call_deadline_at)
                .map(|(called_at, deadline_at)| CallWindow { called_at, deadline_at }),
            slot: slot_starts_at.zip(slot_ends_at),
        })
    }
}

/// Every vehicle of a checkpoint that awaits entry, with its turn among them.
pub(super) async fn candidates(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    turns: &HashMap<Uuid, usize>,
) -> Result<Vec<Candidate>> {
    let rows: Vec<Row> = Statement::new(
        "SELECT id, plate_written, queue, lane, waits, called_at, call_deadline_at, slot_starts_at, slot_ends_at
         FROM crossings WHERE checkpoint = ? AND awaits_entry",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .load(connection)
    .await?;
    rows.into_iter().map(|row| row.read(turns)).collect()
}

/// How many vehicles were called since a moment. By the journal's order backwards: calls are the newest of
/// their table.
pub(super) async fn calls_since(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    since: DateTime<Utc>,
) -> Result<u32> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let Count { count } = Statement::new(
        "SELECT count(*) AS count FROM calls
         WHERE checkpoint = ? AND called_at > ?
           AND position > coalesce((SELECT position FROM calls
                                    WHERE checkpoint = ? AND called_at <= ? ORDER BY position DESC LIMIT 1), 0)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(since)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(since)
    .get_result(connection)
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
