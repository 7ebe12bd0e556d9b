//! The SQL of predictions: runs and what they rest on. `told`: what was told and is shown.

mod told;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use uuid::Uuid;

pub(super) use self::told::{
    LaneRow, LaneState, NewAnnouncement, PastRow, PredictedRow, announce, announced, note_lanes, predicted,
    standing, take_down,
};
use super::calendar::after;
use super::counts::{PastPause, WINDOW};
use super::forward::FURTHEST_HOURS;
use crate::crossings::model::Progress;
use crate::crossings::packed;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::queue::ranking::StoredTurns;

/// The checkpoints whose entries are to be worked out: somebody waits, and facts came since they were worked
/// out last, or that is long ago; or somebody was told something and waits no more.
pub(super) async fn due(
    connection: &mut Connection,
    fresh_since: DateTime<Utc>,
    old_before: DateTime<Utc>,
) -> Result<Vec<CheckpointCode>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        checkpoint: String,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT journal.checkpoint
         FROM checkpoint_journals AS journal
         LEFT JOIN prediction_runs AS run ON run.checkpoint = journal.checkpoint
         WHERE (run.as_of IS NULL OR run.as_of <= ?)
           AND (run.as_of IS NULL OR run.as_of <= ? OR run.journal_position IS DISTINCT FROM journal.last_position)
           AND (EXISTS (SELECT FROM crossings
                        WHERE crossings.checkpoint = journal.checkpoint AND crossings.awaits_entry)
                OR EXISTS (SELECT FROM announcements
                           WHERE announcements.checkpoint = journal.checkpoint AND announcements.stands))
         ORDER BY run.as_of NULLS FIRST, journal.checkpoint",
    )
    .bind::<Timestamptz, _>(fresh_since)
    .bind::<Timestamptz, _>(old_before)
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { checkpoint }| {
            CheckpointCode::parse(&checkpoint).map_err(|error| stored_badly(&error.to_string()))
        })
        .collect()
}

pub(super) fn stored_badly(what: &str) -> Error {
    Error::stored_badly("a prediction", what)
}

/// The last run, locked.
#[derive(QueryableByName)]
pub(super) struct RunRow {
    #[diesel(sql_type = BigInt)]
    pub(super) number: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) as_of: Option<DateTime<Utc>>,
}

/// Locks the run of a checkpoint. None: another replica is at it.
pub(super) async fn lock_run(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<Option<RunRow>> {
    Statement::new("INSERT INTO prediction_runs (checkpoint) VALUES (?) ON CONFLICT DO NOTHING")
        .bind::<Text, _>(checkpoint.as_str())
        .execute(connection)
        .await?;
    Ok(Statement::new(
        "SELECT number, as_of FROM prediction_runs WHERE checkpoint = ? FOR UPDATE SKIP LOCKED",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .get_result(connection)
    .await
    .optional()?)
}

pub(super) async fn finish_run(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    number: i64,
    journal_position: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE prediction_runs SET number = ?, journal_position = ?, as_of = ? WHERE checkpoint = ?",
    )
    .bind::<BigInt, _>(number)
    .bind::<BigInt, _>(journal_position)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// A booking that awaits entry, or whose waiting may reach into the window.
#[derive(QueryableByName)]
pub(super) struct BookingRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) lane: String,
    #[diesel(sql_type = Text)]
    pub(super) queue: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) priority_class: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) queued_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) slot_starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) slot_ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub(super) absent: bool,
    #[diesel(sql_type = BigInt)]
    pub(super) put_back: i64,
    #[diesel(sql_type = Bool)]
    pub(super) awaits_entry: bool,
    #[diesel(sql_type = Bytea)]
    progress: Vec<u8>,
}

impl BookingRow {
    pub(super) fn progress(&self) -> Result<Progress> {
        packed::unpack(&self.progress)
    }
}

pub(super) async fn bookings(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Vec<BookingRow>> {
    Ok(Statement::new(
        "SELECT booking.id, booking.lane, booking.queue, booking.priority_class, booking.queued_at,
                booking.slot_starts_at, booking.slot_ends_at, booking.ended_at, crossing.awaits_entry, crossing.progress,
                booking.ended_by IS NOT DISTINCT FROM 'no_show_at_checkpoint' AS absent,
                -- A crossing forgets a call that was missed.
                CASE booking.ended_by WHEN 'no_show_at_checkpoint' THEN missed.called_at
                                      ELSE crossing.called_at END AS called_at,
                coalesce(missed.put_back, 0) AS put_back
         FROM (SELECT checkpoint, id FROM bookings WHERE checkpoint = ? AND booked_at > ?
               UNION
               SELECT checkpoint, id FROM crossings WHERE checkpoint = ? AND awaits_entry) AS asked
         JOIN bookings AS booking ON booking.checkpoint = asked.checkpoint AND booking.id = asked.id
         JOIN crossings AS crossing ON crossing.checkpoint = asked.checkpoint AND crossing.id = asked.id
         LEFT JOIN (SELECT absence.booking_id, max(call.called_at) AS called_at,
                           count(*) FILTER (WHERE absence.consequence ->> 'then' = 'back_to_queue') AS put_back
                    FROM absences AS absence
                    JOIN calls AS call
                      ON call.checkpoint = absence.checkpoint AND call.position = absence.call_position
                    WHERE absence.checkpoint = ? AND absence.decided_at > ? AND absence.taken_back_position IS NULL
                    GROUP BY absence.booking_id) AS missed ON missed.booking_id = booking.id
         WHERE booking.checkpoint = ? AND crossing.checkpoint = ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    // Whoever waited as long as anything is forecast, and entered in the window, was booked before it.
    .bind::<Timestamptz, _>(after(now - WINDOW, -FURTHEST_HOURS))
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now - WINDOW)
    // Said again, so that nothing of other checkpoints is looked at.
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(checkpoint.as_str())
    .load(connection)
    .await?)
}

/// The pauses of the window; one that is in force has no end. None as lane: the whole checkpoint.
pub(super) struct StoredPause {
    pub(super) lane: Option<String>,
    pub(super) pause: PastPause,
    pub(super) in_force: bool,
}

pub(super) async fn pauses(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Vec<StoredPause>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        lane: Option<String>,
        #[diesel(sql_type = Timestamptz)]
        paused_at: DateTime<Utc>,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        ended_at: Option<DateTime<Utc>>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT lane, paused_at, ended_at FROM pauses
         WHERE checkpoint = ? AND (ended_at IS NULL OR ended_at > ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now - WINDOW)
    .load(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|Row { lane, paused_at, ended_at }| StoredPause {
            lane,
            pause: PastPause { from: paused_at, until: ended_at.unwrap_or(now) },
            in_force: ended_at.is_none(),
        })
        .collect())
}

/// The last run of a checkpoint, for readers.
pub(super) async fn run(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<Option<RunRow>> {
    Ok(Statement::new("SELECT number, as_of FROM prediction_runs WHERE checkpoint = ?")
        .bind::<Text, _>(checkpoint.as_str())
        .get_result(connection)
        .await
        .optional()?)
}

/// A booking that was called in its turn, and when last.
#[derive(QueryableByName)]
pub(super) struct CalledInTurnRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) booking_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub(super) called_at: DateTime<Utc>,
}

/// Who was called in turn in the last two weeks: in them every queue and class is called that is called at
/// all.
pub(super) async fn called_in_turn(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Vec<CalledInTurnRow>> {
    Ok(Statement::new(
        "SELECT booking_id, max(called_at) AS called_at FROM calls
         WHERE checkpoint = ? AND called_at > ? AND explanation ->> 'rule' = 'turn'
         GROUP BY booking_id",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now - TimeDelta::days(14))
    .load(connection)
    .await?)
}

/// The credits after the last call of each lane.
pub(super) async fn turns(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    lanes: &[&str],
) -> Result<Vec<(String, StoredTurns)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        lane: String,
        #[diesel(sql_type = Text)]
        turns: String,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT asked.lane, last.turns::text AS turns
         FROM unnest(?) AS asked (lane)
         CROSS JOIN LATERAL (
             SELECT turns FROM calls
             WHERE calls.checkpoint = ? AND calls.lane = asked.lane AND calls.turns IS NOT NULL
             ORDER BY position DESC LIMIT 1) AS last",
    )
    .bind::<Array<Text>, _>(lanes.to_vec())
    .bind::<Text, _>(checkpoint.as_str())
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { lane, turns }| {
            let turns = serde_json::from_str(&turns).map_err(|error| stored_badly(&error.to_string()))?;
            Ok((lane, turns))
        })
        .collect()
}
