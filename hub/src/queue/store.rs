//! The SQL of the queue.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::result::{DatabaseErrorKind, OptionalExtension};
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::{BookingIn, CallExplanation, QueueKind};
use kordon_schemas::{CheckpointCode, Plate, ProblemCode};
use uuid::Uuid;

use super::model::{BookingId, Waiting};
use crate::crossings::model::{CallWindow, Crossing, Position, Progress};
use crate::crossings::rules as crossing_rules;
use crate::crossings::store::written_progress;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result, violates};
use crate::parties::{Actor, SystemId};

/// A booking whose vehicle was last heard of this long ago no longer keeps it from booking again: no fact of it can come any
/// more.
const FORGOTTEN: TimeDelta = crossing_rules::OLDEST;

/// A booking under an operator's reference.
#[derive(QueryableByName)]
pub(super) struct Referenced {
    #[diesel(sql_type = Text)]
    pub(super) checkpoint: String,
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Binary)]
    pub(super) digest: Vec<u8>,
    #[diesel(sql_type = Text)]
    pub(super) plate_written: String,
    #[diesel(sql_type = Timestamptz)]
    pub(super) booked_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    pub(super) rules_version: i32,
}

pub(super) async fn by_reference(
    connection: &mut Connection,
    system: SystemId,
    reference: &str,
) -> Result<Option<Referenced>> {
    Ok(Statement::new(
        "SELECT booking.checkpoint, booking.id, digest, plate_written, booking.booked_at, rules_version
         FROM bookings AS booking
         JOIN crossings AS crossing ON crossing.checkpoint = booking.checkpoint AND crossing.id = booking.id
         WHERE system_id = ? AND reference = ?",
    )
    .bind::<SqlUuid, _>(system.0)
    .bind::<Text, _>(reference)
    .get_result(connection)
    .await
    .optional()?)
}

pub(super) async fn insert_crossing(
    connection: &mut Connection,
    crossing: &Crossing,
    plate: &Plate,
    now: DateTime<Utc>,
) -> Result<()> {
    let stage = crossing_rules::stage(crossing);
    Statement::new(
        "INSERT INTO crossings (checkpoint, id, plate, plate_written, booked_at, progress, stage, awaits_entry,
                                contradictory, changed_at)
         VALUES (?, ?, ?, ?, ?, ?::text::jsonb, ?, ?, false, ?)",
    )
    .bind::<Text, _>(crossing.checkpoint.as_str())
    .bind::<SqlUuid, _>(crossing.id.0)
    .bind::<Text, _>(plate.folded().as_str())
    .bind::<Text, _>(plate.as_written())
    .bind::<Timestamptz, _>(crossing.booked_at)
    .bind::<Text, _>(written_progress(&crossing.progress)?)
    .bind::<Text, _>(stage.as_str())
    .bind::<Bool, _>(crossing_rules::awaits_entry(stage))
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// What a booking is stored with beside what was sent.
pub(super) struct Decided<'a> {
    pub(super) actor: &'a Actor,
    pub(super) crossing: &'a Crossing,
    pub(super) digest: [u8; 32],
    pub(super) rules_version: i32,
}

pub(super) async fn insert_booking(
    connection: &mut Connection,
    booking: &BookingIn,
    decided: &Decided<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Decided { actor, crossing, digest, rules_version } = decided;
    Statement::new(
        "INSERT INTO bookings (checkpoint, id, system_id, reference, digest, queue, channel, trailer_plate, driver_name,
                               booked_at, queued_at, recorded_at, rules_version)
         VALUES (?, ?, ?, ?, ?, 'live', ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(crossing.checkpoint.as_str())
    .bind::<SqlUuid, _>(crossing.id.0)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<Text, _>(&booking.reference)
    .bind::<Binary, _>(&digest[..])
    .bind::<Text, _>(booking.channel.as_str())
    .bind::<Nullable<Text>, _>(booking.trailer_plate.as_ref().map(Plate::as_written))
    .bind::<Nullable<Text>, _>(booking.driver.as_ref().map(|driver| driver.name.trim()))
    .bind::<Timestamptz, _>(crossing.booked_at)
    .bind::<Timestamptz, _>(crossing.booked_at)
    .bind::<Timestamptz, _>(now)
    .bind::<Integer, _>(rules_version)
    .execute(connection)
    .await
    .map_err(|error| {
        // At another checkpoint at the same moment: at one checkpoint they take turns.
        if violates(&error, DatabaseErrorKind::UniqueViolation) {
            let detail = format!("the reference {} stands for another booking", booking.reference);
            Error::refused(ProblemCode::IdempotencyConflict, detail)
        } else {
            error.into()
        }
    })?;
    Ok(())
}

/// Makes this the one active booking of the vehicle, and tells whether that was free: there was none, or the one before has
/// ended. The row decides between bookings at two checkpoints at the same moment.
pub(super) async fn claim_plate(
    connection: &mut Connection,
    crossing: &Crossing,
    plate: &Plate,
    now: DateTime<Utc>,
) -> Result<bool> {
    let claimed = Statement::new(
        "INSERT INTO active_bookings AS active (plate, checkpoint, booking_id) VALUES (?, ?, ?)
         ON CONFLICT (plate) DO UPDATE SET checkpoint = excluded.checkpoint, booking_id = excluded.booking_id
         WHERE EXISTS (
             SELECT FROM crossings AS earlier
             WHERE earlier.checkpoint = active.checkpoint AND earlier.id = active.booking_id
               AND (earlier.stage = 'checkpoint_left' OR earlier.changed_at < ?))",
    )
    .bind::<Text, _>(plate.folded().as_str())
    .bind::<Text, _>(crossing.checkpoint.as_str())
    .bind::<SqlUuid, _>(crossing.id.0)
    .bind::<Timestamptz, _>(now - FORGOTTEN)
    .execute(connection)
    .await?;
    Ok(claimed > 0)
}

/// A vehicle that awaits entry, with all that a view of the queue shows.
#[derive(QueryableByName)]
pub(super) struct AwaitingRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) plate_written: String,
    #[diesel(sql_type = Timestamptz)]
    pub(super) booked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) call_deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    pub(super) stage: String,
    #[diesel(sql_type = Bool)]
    pub(super) contradictory: bool,
    /// Microseconds since 1970.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) zone_arrived_at: Option<i64>,
}

pub(super) fn stored_stage(name: &str) -> Result<Stage> {
    Stage::from_name(name).ok_or_else(|| Error::Internal(format!("a stage is stored badly: {name}")))
}

pub(super) fn stored_queue(name: &str) -> Result<QueueKind> {
    serde_json::from_value(serde_json::Value::from(name))
        .map_err(|_| Error::Internal(format!("a queue is stored badly: {name}")))
}

impl AwaitingRow {
    pub(super) fn waiting(&self, now: DateTime<Utc>) -> Result<Waiting> {
        Ok(Waiting {
            call_lapsed: self.call_deadline_at.is_some_and(|deadline| deadline <= now),
            booking: BookingId(self.id),
            booked_at: self.booked_at,
            stage: stored_stage(&self.stage)?,
        })
    }
}

/// Every vehicle that awaits entry at a checkpoint, by booking.
pub(super) async fn awaiting(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<Vec<AwaitingRow>> {
    Ok(Statement::new(
        "SELECT id, plate_written, booked_at, called_at, call_deadline_at, stage, contradictory,
                (progress -> 'zone-arrived' -> 'first' ->> 'at')::bigint AS zone_arrived_at
         FROM crossings WHERE checkpoint = ? AND awaits_entry ORDER BY booked_at, id",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .load(connection)
    .await?)
}

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

/// A call as it is written.
pub(super) struct NewCall<'a> {
    pub(super) actor: &'a Actor,
    pub(super) position: Position,
    pub(super) booking: BookingId,
    pub(super) window: CallWindow,
    pub(super) reason: Option<&'a str>,
    pub(super) explanation: &'a CallExplanation,
    pub(super) rules_version: i32,
}

pub(super) async fn insert_call(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    call: &NewCall<'_>,
) -> Result<()> {
    let NewCall { actor, position, booking, window, reason, explanation, rules_version } = call;
    let CallWindow { called_at, deadline_at } = window;
    let explanation =
        serde_json::to_string(explanation).map_err(|error| Error::Internal(error.to_string()))?;
    Statement::new(
        "INSERT INTO calls (checkpoint, position, booking_id, called_at, deadline_at, system_id, reason, explanation,
                            rules_version)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?::text::jsonb, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(position.0)
    .bind::<SqlUuid, _>(booking.0)
    .bind::<Timestamptz, _>(called_at)
    .bind::<Timestamptz, _>(deadline_at)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<Nullable<Text>, _>(*reason)
    .bind::<Text, _>(explanation)
    .bind::<Integer, _>(rules_version)
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes the call on its crossing, which the caller has moved on by the rules.
pub(super) async fn update_called(
    connection: &mut Connection,
    crossing: &Crossing,
    now: DateTime<Utc>,
) -> Result<()> {
    let Crossing { checkpoint, id, booked_at: _, call, progress: _ } = crossing;
    let stage = crossing_rules::stage(crossing);
    Statement::new(
        "UPDATE crossings SET called_at = ?, call_deadline_at = ?, stage = ?, awaits_entry = ?, changed_at = ?
         WHERE checkpoint = ? AND id = ?",
    )
    .bind::<Nullable<Timestamptz>, _>(call.map(|call| call.called_at))
    .bind::<Nullable<Timestamptz>, _>(call.map(|call| call.deadline_at))
    .bind::<Text, _>(stage.as_str())
    .bind::<Bool, _>(crossing_rules::awaits_entry(stage))
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(id.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// A crossing without facts, as it is booked.
pub(super) fn new_crossing(checkpoint: &CheckpointCode, booked_at: DateTime<Utc>) -> Crossing {
    Crossing {
        checkpoint: checkpoint.clone(),
        id: crate::crossings::CrossingId(Uuid::now_v7()),
        booked_at,
        call: None,
        progress: Progress::default(),
    }
}
