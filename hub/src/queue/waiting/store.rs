//! The SQL of who waits.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::QueueKind;
use uuid::Uuid;

use crate::crossings::{Progress, packed};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::queue::model::BookingId;

/// A vehicle that awaits entry, as far as its place is concerned: what a decision needs, and nothing more,
/// since thousands of them are read for one.
#[derive(QueryableByName)]
pub(in crate::queue) struct StandRow {
    #[diesel(sql_type = SqlUuid)]
    pub(in crate::queue) id: Uuid,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(in crate::queue) call_deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    pub(in crate::queue) stage: String,
    #[diesel(sql_type = Text)]
    pub(in crate::queue) queue: String,
    #[diesel(sql_type = Text)]
    pub(in crate::queue) lane: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(in crate::queue) priority_class: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(in crate::queue) slot_starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(in crate::queue) slot_ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub(in crate::queue) queued_at: DateTime<Utc>,
    /// What its facts come to, as it is kept.
    #[diesel(sql_type = Binary)]
    progress: Vec<u8>,
}

impl StandRow {
    /// What its facts come to.
    pub(in crate::queue) fn progress(&self) -> Result<Progress> {
        packed::unpack(&self.progress)
    }
}

/// The same with all that a view of the queue shows.
#[derive(QueryableByName)]
pub(in crate::queue) struct WaitingRow {
    #[diesel(embed)]
    pub(in crate::queue) standing: StandRow,
    #[diesel(sql_type = Text)]
    pub(in crate::queue) plate_written: String,
    #[diesel(sql_type = Timestamptz)]
    pub(in crate::queue) booked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(in crate::queue) called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub(in crate::queue) contradictory: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(in crate::queue) warned_at: Option<DateTime<Utc>>,
}

pub(in crate::queue) fn stored_queue(name: &str) -> Result<QueueKind> {
    QueueKind::from_name(name).ok_or_else(|| Error::stored_badly("a queue", name))
}

pub(in crate::queue) fn stored_stage(name: &str) -> Result<Stage> {
    Stage::from_name(name).ok_or_else(|| Error::stored_badly("a stage", name))
}

/// Every vehicle that awaits entry at a checkpoint, in no order, for a decision.
pub(in crate::queue) async fn standing(
    mut connection: &Connection,
    checkpoint: &CheckpointCode,
) -> Result<Vec<StandRow>> {
    Ok(Statement::new(
        "SELECT id, call_deadline_at, stage, queue, lane, priority_class, slot_starts_at, slot_ends_at, queued_at, progress
         FROM crossings WHERE checkpoint = ? AND awaits_entry",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .load(&mut connection)
    .await?)
}

/// The same, and a vehicle that has entered if it is named: its call may be told only now.
pub(in crate::queue) async fn standing_with(
    mut connection: &Connection,
    checkpoint: &CheckpointCode,
    booking: BookingId,
) -> Result<Vec<StandRow>> {
    Ok(Statement::new(
        "SELECT id, call_deadline_at, stage, queue, lane, priority_class, slot_starts_at, slot_ends_at, queued_at, progress
         FROM crossings WHERE checkpoint = ? AND awaits_entry
         UNION ALL
         SELECT id, call_deadline_at, stage, queue, lane, priority_class, slot_starts_at, slot_ends_at, queued_at, progress
         FROM crossings WHERE checkpoint = ? AND id = ? AND NOT awaits_entry AND ended_at IS NULL",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking.0)
    .load(&mut connection)
    .await?)
}

/// Of those who can be called in their turn, the first `most` of each lane, queue and class, and everyone
/// whose slot has ended: who came after that stands elsewhere. The line may be long; what is read of it is
/// not: the index is asked for one queue after the other, and for the first of each.
pub(in crate::queue) async fn heads(
    mut connection: &Connection,
    checkpoint: &CheckpointCode,
    most: i64,
    now: DateTime<Utc>,
) -> Result<Vec<StandRow>> {
    Ok(Statement::new(
        "WITH RECURSIVE line AS (
             (SELECT lane, queue, coalesce(priority_class, '') AS class
              FROM crossings WHERE checkpoint = ? AND awaits_entry AND waits
              ORDER BY lane, queue, coalesce(priority_class, '') LIMIT 1)
             UNION ALL
             SELECT next.lane, next.queue, next.class FROM line
             CROSS JOIN LATERAL (
                 SELECT lane, queue, coalesce(priority_class, '') AS class
                 FROM crossings WHERE checkpoint = ? AND awaits_entry AND waits
                   AND (lane, queue, coalesce(priority_class, '')) > (line.lane, line.queue, line.class)
                 ORDER BY lane, queue, coalesce(priority_class, '') LIMIT 1) AS next)
         SELECT head.id, head.call_deadline_at, head.stage, head.queue, head.lane, head.priority_class, head.slot_starts_at,
                head.slot_ends_at, head.queued_at, head.progress
         FROM line
         CROSS JOIN LATERAL (
             (SELECT crossing.* FROM crossings AS crossing
              WHERE crossing.checkpoint = ? AND crossing.awaits_entry AND crossing.waits AND crossing.lane = line.lane
                AND crossing.queue = line.queue AND coalesce(crossing.priority_class, '') = line.class
                AND (crossing.slot_ends_at > ? OR crossing.slot_ends_at IS NULL)
              ORDER BY crossing.slot_starts_at, crossing.queued_at, crossing.id LIMIT ?)
             UNION ALL
             SELECT crossing.* FROM crossings AS crossing
             WHERE crossing.checkpoint = ? AND crossing.awaits_entry AND crossing.waits AND crossing.lane = line.lane
               AND crossing.queue = line.queue AND coalesce(crossing.priority_class, '') = line.class
               AND crossing.slot_starts_at < ? AND crossing.slot_ends_at <= ?) AS head",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(most)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now)
    .load(&mut connection)
    .await?)
}

/// So many vehicles of a lane as it was booked.
#[derive(QueryableByName)]
pub(in crate::queue) struct LaneCount {
    #[diesel(sql_type = Text)]
    pub(in crate::queue) lane: String,
    #[diesel(sql_type = BigInt)]
    pub(in crate::queue) vehicles: i64,
}

/// How many can be called in their turn, by lane. It names no column that the index of the line lacks, so
/// that the rows themselves are not read.
pub(in crate::queue) async fn waiting(
    mut connection: &Connection,
    checkpoint: &CheckpointCode,
) -> Result<Vec<LaneCount>> {
    Ok(Statement::new(
        "SELECT lane, count(*) AS vehicles FROM crossings
         WHERE checkpoint = ? AND awaits_entry AND waits GROUP BY lane",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .load(&mut connection)
    .await?)
}

/// Whether anybody can be called in their turn.
pub(in crate::queue) async fn anyone_waits(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let row: Row = Statement::new(
        "SELECT EXISTS (SELECT FROM crossings WHERE checkpoint = ? AND awaits_entry AND waits) AS found",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .get_result(connection)
    .await?;
    Ok(row.found)
}

/// Who was called and may still enter, counted by lane.
pub(in crate::queue) async fn on_the_way(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Vec<LaneCount>> {
    Ok(Statement::new(
        "SELECT lane, count(*) AS vehicles FROM crossings
         WHERE checkpoint = ? AND awaits_entry AND called_at IS NOT NULL AND call_deadline_at > ?
         GROUP BY lane",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now)
    .load(connection)
    .await?)
}

/// Every vehicle that awaits entry at a checkpoint, in no order, for a view.
pub(in crate::queue) async fn awaiting(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<Vec<WaitingRow>> {
    Ok(Statement::new(
        "SELECT crossing.id, crossing.plate_written, crossing.booked_at, crossing.called_at,
                crossing.call_deadline_at, crossing.stage, crossing.contradictory, crossing.queue, crossing.lane,
                crossing.priority_class, crossing.slot_starts_at, crossing.slot_ends_at, crossing.queued_at,
                crossing.progress, warning.warned_at
         FROM crossings AS crossing
         LEFT JOIN call_warnings AS warning
           ON warning.checkpoint = crossing.checkpoint AND warning.booking_id = crossing.id
          AND warning.queued_at = crossing.queued_at AND warning.superseded_at IS NULL
         WHERE crossing.checkpoint = ? AND crossing.awaits_entry",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .load(connection)
    .await?)
}

/// The checkpoints that have something for the timer: somebody awaits entry, or an absence may yet be taken
/// back. It looks for one of each at every checkpoint; asked by `EXISTS`, the planner may gather all of them
/// first.
pub(in crate::queue) async fn busy_checkpoints(connection: &mut Connection) -> Result<Vec<CheckpointCode>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        checkpoint: String,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT checkpoint FROM checkpoint_journals AS journal
         WHERE (SELECT true FROM crossings
                WHERE crossings.checkpoint = journal.checkpoint AND crossings.awaits_entry LIMIT 1)
            OR (SELECT true FROM absences
                WHERE absences.checkpoint = journal.checkpoint AND absences.settled_at IS NULL LIMIT 1)
         ORDER BY checkpoint",
    )
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { checkpoint }| {
            CheckpointCode::parse(&checkpoint).map_err(|error| Error::stored_badly("a checkpoint", error))
        })
        .collect()
}
