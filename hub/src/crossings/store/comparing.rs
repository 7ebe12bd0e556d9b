//! The SQL of comparing crossings with their bookings and calls, and of mending them.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::Stage;
use uuid::Uuid;

use crate::crossings::model::{CallWindow, Crossing, CrossingId, Progress};
use crate::crossings::packed;
use crate::crossings::rebuild::Kept;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};

/// A crossing as it is kept, beside what it rests on.
pub(in crate::crossings) struct Compared {
    pub(in crate::crossings) kept: Kept,
    /// By its booking and its call, and no fact.
    pub(in crate::crossings) without_facts: Crossing,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    booked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    kept_booked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    kept_called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    kept_deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    kept_ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Binary)]
    kept_progress: Vec<u8>,
    #[diesel(sql_type = Text)]
    kept_stage: String,
    #[diesel(sql_type = Bool)]
    kept_awaits_entry: bool,
    #[diesel(sql_type = Bool)]
    kept_waits: bool,
    #[diesel(sql_type = Bool)]
    kept_contradictory: bool,
}

impl Row {
    fn read(self, checkpoint: &CheckpointCode) -> Result<Compared> {
        let (checkpoint, id) = (checkpoint.clone(), CrossingId(self.id));
        let without_facts = Crossing {
            checkpoint: checkpoint.clone(),
            id,
            booked_at: self.booked_at,
            call: window(self.called_at, self.deadline_at),
            ended_at: self.ended_at,
            progress: Progress::default(),
        };
        let kept = Kept {
            crossing: Crossing {
                checkpoint,
                id,
                booked_at: self.kept_booked_at,
                call: window(self.kept_called_at, self.kept_deadline_at),
                ended_at: self.kept_ended_at,
                progress: packed::unpack(&self.kept_progress)?,
            },
            stage: Stage::from_name(&self.kept_stage)
                .ok_or_else(|| Error::stored_badly("a crossing's stage", &self.kept_stage))?,
            awaits_entry: self.kept_awaits_entry,
            waits: self.kept_waits,
            contradictory: self.kept_contradictory,
        };
        Ok(Compared { kept, without_facts })
    }
}

fn window(called_at: Option<DateTime<Utc>>, deadline_at: Option<DateTime<Utc>>) -> Option<CallWindow> {
    called_at.zip(deadline_at).map(|(called_at, deadline_at)| CallWindow { called_at, deadline_at })
}

/// The crossings of a checkpoint after an id, by id, at most `most`.
pub(in crate::crossings) async fn compared(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    after: Uuid,
    most: i64,
) -> Result<Vec<Compared>> {
    let rows: Vec<Row> = Statement::new(
        "SELECT crossing.id, booking.booked_at, call.called_at, call.deadline_at, booking.ended_at,
                crossing.ended_at AS kept_ended_at,
                crossing.booked_at AS kept_booked_at, crossing.called_at AS kept_called_at,
                crossing.call_deadline_at AS kept_deadline_at, crossing.progress AS kept_progress,
                crossing.stage AS kept_stage, crossing.awaits_entry AS kept_awaits_entry,
                crossing.waits AS kept_waits, crossing.contradictory AS kept_contradictory
         FROM crossings AS crossing
         JOIN bookings AS booking ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
         LEFT JOIN LATERAL (
             SELECT called_at, deadline_at FROM calls
             WHERE calls.checkpoint = crossing.checkpoint AND calls.booking_id = crossing.id
               AND calls.missed_at IS NULL
             ORDER BY calls.position DESC LIMIT 1) AS call ON true
         WHERE crossing.checkpoint = ? AND crossing.id > ?
         ORDER BY crossing.id LIMIT ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(after)
    .bind::<BigInt, _>(most)
    .load(connection)
    .await?;
    rows.into_iter().map(|row| row.read(checkpoint)).collect()
}

/// Gives a crossing what its booking and its call say. What its facts come to is written after that.
pub(in crate::crossings) async fn mend(connection: &mut Connection, crossing: &Crossing) -> Result<()> {
    let Crossing { checkpoint, id, booked_at, call, ended_at, progress: _ } = crossing;
    Statement::new(
        "UPDATE crossings SET booked_at = ?, called_at = ?, call_deadline_at = ?, ended_at = ?,
                awaits_entry = awaits_entry AND ?::timestamptz IS NULL, waits = false
         WHERE checkpoint = ? AND id = ?",
    )
    .bind::<Timestamptz, _>(booked_at)
    .bind::<Nullable<Timestamptz>, _>(call.map(|call| call.called_at))
    .bind::<Nullable<Timestamptz>, _>(call.map(|call| call.deadline_at))
    .bind::<Nullable<Timestamptz>, _>(ended_at)
    .bind::<Nullable<Timestamptz>, _>(ended_at)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(id.0)
    .execute(connection)
    .await?;
    Ok(())
}
