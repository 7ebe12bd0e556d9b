//! The SQL of pauses.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::Pause;
use uuid::Uuid;

use super::paused_by;
use super::stretches::{End, Span};
use crate::crossings::model::CallWindow;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::{Actor, Role};

/// SQL: when the last pause of the lane of a `booking` ended; null when there was none.
macro_rules! went_on_at {
    () => {
        "(SELECT max(pause.ended_at) FROM pauses AS pause
          WHERE pause.checkpoint = booking.checkpoint AND (pause.lane IS NULL OR pause.lane = booking.lane))"
    };
}
pub(in crate::queue) use went_on_at;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    lane: Option<String>,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Timestamptz)]
    paused_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
}

impl Row {
    fn read(self, checkpoint: &CheckpointCode) -> Result<Pause> {
        let Self { id, lane, reason, role, position, paused_at, ended_at } = self;
        let paused_by = Role::from_name(&role).and_then(paused_by);
        let paused_by = paused_by.ok_or_else(|| Error::stored_badly("who paused calls", role))?;
        Ok(Pause {
            id,
            checkpoint: checkpoint.clone(),
            lane,
            reason,
            paused_by,
            position,
            paused_at,
            ended_at,
        })
    }
}

/// A read of pauses: every column that makes one, and what follows the tables.
macro_rules! select_pauses {
    ($rest:literal) => {
        concat!(
            "SELECT pause.id, pause.lane, pause.reason, system.role, pause.position, pause.paused_at, pause.ended_at
             FROM pauses AS pause JOIN systems AS system ON system.id = pause.system_id ",
            $rest
        )
    };
}

/// The pauses that last, that of the whole checkpoint first.
pub(in crate::queue) async fn in_force(
    mut connection: &Connection,
    checkpoint: &CheckpointCode,
) -> Result<Vec<Pause>> {
    let rows: Vec<Row> = Statement::new(select_pauses!(
        "WHERE pause.checkpoint = ? AND pause.ended_at IS NULL ORDER BY pause.lane NULLS FIRST"
    ))
    .bind::<Text, _>(checkpoint.as_str())
    .load(&mut connection)
    .await?;
    rows.into_iter().map(|row| row.read(checkpoint)).collect()
}

pub(super) async fn pause(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    id: Uuid,
) -> Result<Option<Pause>> {
    let row: Option<Row> = Statement::new(select_pauses!("WHERE pause.checkpoint = ? AND pause.id = ?"))
        .bind::<Text, _>(checkpoint.as_str())
        .bind::<SqlUuid, _>(id)
        .get_result(connection)
        .await
        .optional()?;
    row.map(|row| row.read(checkpoint)).transpose()
}

pub(super) async fn insert(connection: &mut Connection, actor: &Actor, pause: &Pause) -> Result<()> {
    let Pause { id, checkpoint, lane, reason, paused_by: _, position, paused_at, ended_at: _ } = pause;
    Statement::new(
        "INSERT INTO pauses (checkpoint, id, position, lane, reason, system_id, paused_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(id)
    .bind::<BigInt, _>(position)
    .bind::<Nullable<Text>, _>(lane.as_deref())
    .bind::<Text, _>(reason)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<Timestamptz, _>(paused_at)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn end(
    connection: &mut Connection,
    actor: &Actor,
    pause: &Pause,
    ended_at: DateTime<Utc>,
    position: i64,
) -> Result<()> {
    Statement::new(
        "UPDATE pauses SET ended_at = ?, ended_by = ?, end_position = ? WHERE checkpoint = ? AND id = ?",
    )
    .bind::<Timestamptz, _>(ended_at)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<BigInt, _>(position)
    .bind::<Text, _>(pause.checkpoint.as_str())
    .bind::<SqlUuid, _>(pause.id)
    .execute(connection)
    .await?;
    Ok(())
}

/// A call whose vehicle has not entered.
pub(super) struct OpenCall {
    pub(super) booking: Uuid,
    /// The lane of the booking.
    pub(super) lane: String,
    pub(super) window: CallWindow,
}

/// The calls whose vehicles have not entered.
pub(super) async fn open_calls(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<Vec<OpenCall>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Text)]
        lane: String,
        #[diesel(sql_type = Timestamptz)]
        called_at: DateTime<Utc>,
        #[diesel(sql_type = Timestamptz)]
        call_deadline_at: DateTime<Utc>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT id, lane, called_at, call_deadline_at FROM crossings
         WHERE checkpoint = ? AND awaits_entry AND called_at IS NOT NULL AND call_deadline_at IS NOT NULL",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .load(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|Row { id, lane, called_at, call_deadline_at }| OpenCall {
            booking: id,
            lane,
            window: CallWindow { called_at, deadline_at: call_deadline_at },
        })
        .collect())
}

/// The pauses that lasted after a moment, or last.
pub(super) async fn lasting_after(
    mut connection: &Connection,
    checkpoint: &CheckpointCode,
    moment: DateTime<Utc>,
) -> Result<Vec<Span>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        lane: Option<String>,
        #[diesel(sql_type = BigInt)]
        position: i64,
        #[diesel(sql_type = Timestamptz)]
        paused_at: DateTime<Utc>,
        #[diesel(sql_type = Nullable<BigInt>)]
        end_position: Option<i64>,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        ended_at: Option<DateTime<Utc>>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT lane, position, paused_at, end_position, ended_at FROM pauses
         WHERE checkpoint = ? AND (ended_at IS NULL OR ended_at > ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(moment)
    .load(&mut connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|Row { lane, position, paused_at, end_position, ended_at }| Span {
            lane,
            position,
            paused_at,
            end: end_position.zip(ended_at).map(|(position, at)| End { position, at }),
        })
        .collect())
}

/// Gives calls, by their bookings, new deadlines.
pub(super) async fn give_time(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    given: Vec<(Uuid, DateTime<Utc>)>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (bookings, deadlines): (Vec<Uuid>, Vec<DateTime<Utc>>) = given.into_iter().unzip();
    if bookings.is_empty() {
        return Ok(());
    }
    Statement::new(
        "WITH given AS (
             UPDATE crossings AS crossing
             SET call_deadline_at = new.deadline_at, changed_at = ?
             FROM unnest(?, ?) AS new (id, deadline_at)
             WHERE crossing.checkpoint = ? AND crossing.id = new.id
             RETURNING crossing.id, crossing.called_at, crossing.call_deadline_at)
         UPDATE calls SET deadline_at = given.call_deadline_at FROM given
         WHERE calls.checkpoint = ? AND calls.booking_id = given.id AND calls.called_at = given.called_at
           AND calls.missed_at IS NULL",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<SqlUuid>, _>(bookings)
    .bind::<Array<Timestamptz>, _>(deadlines)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(checkpoint.as_str())
    .execute(connection)
    .await?;
    Ok(())
}
