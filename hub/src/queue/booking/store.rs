//! The SQL of bookings and of the places that they take.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::bookings::{BookedSlot, EndedBy, Vehicle};
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::{Booking, BookingIn, Channel, QueueKind};
use kordon_schemas::{CheckpointCode, FoldedPlate, Plate, ProblemCode};
use serde_json::Value;
use uuid::Uuid;

use super::rules::Decided;
use crate::checkpoints::rules::slots::Slot;
use crate::crossings::model::{Crossing, Position, Progress};
use crate::crossings::packed;
use crate::crossings::rules as crossing_rules;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result, violates};
use crate::parties::{Actor, SystemId};
use crate::queue::pauses::store::went_on_at;

/// A booking whose vehicle was last heard of this long ago no longer keeps it from booking again: no fact of
/// it can come any more. One that does not wait in a zone ends then.
pub(in crate::queue) const FORGOTTEN: TimeDelta = crossing_rules::OLDEST;

/// A booking as it is stored, with the state of its crossing.
#[derive(Debug, Clone)]
pub(in crate::queue) struct Stored {
    /// The booking as it is shown.
    pub(in crate::queue) booking: Booking,
    /// The system that made it.
    pub(in crate::queue) system: SystemId,
    pub(in crate::queue) digest: Vec<u8>,
    pub(in crate::queue) plate: FoldedPlate,
    pub(in crate::queue) channel: Channel,
    pub(in crate::queue) vehicle: Option<Vehicle>,
    pub(in crate::queue) trailer_plate: Option<String>,
    pub(in crate::queue) driver_name: Option<String>,
    pub(in crate::queue) data: Option<Value>,
    pub(in crate::queue) queued_at: DateTime<Utc>,
    pub(in crate::queue) called_at: Option<DateTime<Utc>>,
    pub(in crate::queue) stage: Stage,
    pub(in crate::queue) awaits_entry: bool,
    pub(in crate::queue) ended_at: Option<DateTime<Utc>>,
    pub(in crate::queue) ended_by: Option<EndedBy>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    system_id: Uuid,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
    #[diesel(sql_type = Text)]
    plate: String,
    #[diesel(sql_type = Text)]
    plate_written: String,
    #[diesel(sql_type = Text)]
    queue: String,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Text)]
    lane: String,
    #[diesel(sql_type = Nullable<Text>)]
    priority_class: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    slot_starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    slot_ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    zone: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    vehicle: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    data: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    trailer_plate: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    driver_name: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    booked_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    queued_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    stage: String,
    #[diesel(sql_type = Bool)]
    awaits_entry: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    ended_by: Option<String>,
    #[diesel(sql_type = Integer)]
    rules_version: i32,
}

impl Row {
    fn read(self) -> Result<Stored> {
        let slot = self.slot_starts_at.zip(self.slot_ends_at);
        let vehicle = self.vehicle.as_deref().map(serde_json::from_str).transpose();
        let data = self.data.as_deref().map(serde_json::from_str).transpose();
        Ok(Stored {
            booking: Booking {
                id: self.id,
                checkpoint: CheckpointCode::parse(&self.checkpoint)
                    .map_err(|_| Error::stored_badly("a checkpoint", &self.checkpoint))?,
                reference: self.reference,
                plate: self.plate_written,
                queue: QueueKind::from_name(&self.queue)
                    .ok_or_else(|| Error::stored_badly("a queue", &self.queue))?,
                booked_at: self.booked_at,
                lane: self.lane,
                slot: slot.map(|(starts_at, ends_at)| BookedSlot { starts_at, ends_at }),
                priority_class: self.priority_class,
                zone: self.zone,
                rules_version: self.rules_version,
                holder_secret: None,
            },
            system: SystemId(self.system_id),
            digest: self.digest,
            plate: FoldedPlate::from_stored(self.plate),
            channel: Channel::ALL
                .into_iter()
                .find(|channel| channel.as_str() == self.channel)
                .ok_or_else(|| Error::stored_badly("a channel", &self.channel))?,
            vehicle: vehicle.map_err(|error| Error::stored_badly("a vehicle", error))?,
            trailer_plate: self.trailer_plate,
            driver_name: self.driver_name,
            data: data.map_err(|error| Error::stored_badly("a booking's data", error))?,
            queued_at: self.queued_at,
            called_at: self.called_at,
            stage: Stage::from_name(&self.stage)
                .ok_or_else(|| Error::stored_badly("a stage", &self.stage))?,
            awaits_entry: self.awaits_entry,
            ended_at: self.ended_at,
            ended_by: self
                .ended_by
                .map(|name| EndedBy::from_name(&name).ok_or_else(|| Error::stored_badly("an end", &name)))
                .transpose()?,
        })
    }
}

/// A read of bookings: every column that makes one, and which of them.
macro_rules! select_bookings {
    ($rest:literal) => {
        concat!(
            "SELECT booking.checkpoint, booking.id, system_id, reference, digest, plate, plate_written, booking.queue, channel,
                    booking.lane, booking.priority_class, booking.slot_starts_at, booking.slot_ends_at, zone,
                    vehicle::text AS vehicle, data::text AS data, trailer_plate, driver_name, booking.booked_at,
                    booking.queued_at, called_at, stage, awaits_entry, booking.ended_at, ended_by, rules_version
             FROM bookings AS booking
             JOIN crossings AS crossing ON crossing.checkpoint = booking.checkpoint AND crossing.id = booking.id ",
            $rest
        )
    };
}

/// The booking that a system has under a reference.
pub(super) async fn by_reference(
    connection: &mut Connection,
    system: SystemId,
    reference: &str,
) -> Result<Option<Stored>> {
    let row: Option<Row> = Statement::new(select_bookings!("WHERE system_id = ? AND reference = ?"))
        .bind::<SqlUuid, _>(system.0)
        .bind::<Text, _>(reference)
        .get_result(connection)
        .await
        .optional()?;
    row.map(Row::read).transpose()
}

/// A booking by its id.
pub(in crate::queue) async fn by_id(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    id: Uuid,
) -> Result<Option<Stored>> {
    let row: Option<Row> =
        Statement::new(select_bookings!("WHERE booking.checkpoint = ? AND booking.id = ?"))
            .bind::<Text, _>(checkpoint.as_str())
            .bind::<SqlUuid, _>(id)
            .get_result(connection)
            .await
            .optional()?;
    row.map(Row::read).transpose()
}

/// A crossing without facts, as it is booked.
pub(super) fn new_crossing(checkpoint: &CheckpointCode, booked_at: DateTime<Utc>) -> Crossing {
    Crossing {
        checkpoint: checkpoint.clone(),
        id: crate::crossings::CrossingId(Uuid::now_v7()),
        booked_at,
        call: None,
        ended_at: None,
        progress: Progress::default(),
    }
}

pub(super) async fn insert_crossing(
    connection: &mut Connection,
    crossing: &Crossing,
    booking: &BookingIn,
    decided: &Decided,
    now: DateTime<Utc>,
) -> Result<()> {
    let stage = crossing_rules::stage(crossing);
    let plate = &booking.plate;
    let Decided { booked_at: _, queued_at, lane, slot, priority_class, zone: _, rules_version: _ } = decided;
    Statement::new(
        "INSERT INTO crossings (checkpoint, id, plate, plate_written, booked_at, progress, stage, awaits_entry,
                                waits, lane, queue, priority_class, slot_starts_at, slot_ends_at, queued_at,
                                contradictory, changed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, false, ?)",
    )
    .bind::<Text, _>(crossing.checkpoint.as_str())
    .bind::<SqlUuid, _>(crossing.id.0)
    .bind::<Text, _>(plate.folded().as_str())
    .bind::<Text, _>(plate.as_written())
    .bind::<Timestamptz, _>(crossing.booked_at)
    .bind::<Binary, _>(packed::pack(&crossing.progress))
    .bind::<Text, _>(stage.as_str())
    .bind::<Bool, _>(crossing_rules::is_awaited(crossing))
    .bind::<Bool, _>(crossing_rules::waits(crossing))
    .bind::<Text, _>(lane)
    .bind::<Text, _>(booking.queue.as_str())
    .bind::<Nullable<Text>, _>(priority_class.as_deref())
    .bind::<Nullable<Timestamptz>, _>(slot.map(|sold| sold.slot.starts_at))
    .bind::<Nullable<Timestamptz>, _>(slot.map(|sold| sold.slot.ends_at))
    .bind::<Timestamptz, _>(queued_at)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// What a booking is stored with beside what was sent and decided.
pub(super) struct New<'a> {
    pub(super) actor: &'a Actor,
    pub(super) crossing: &'a Crossing,
    pub(super) position: Position,
    pub(super) digest: [u8; 32],
    pub(super) decided: &'a Decided,
}

pub(super) async fn insert_booking(
    connection: &mut Connection,
    booking: &BookingIn,
    new: &New<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let New { actor, crossing, position, digest, decided } = new;
    let Decided { booked_at, queued_at, lane, slot, priority_class, zone, rules_version } = decided;
    let written =
        |value: serde_json::Result<String>| value.map_err(|error| Error::Internal(error.to_string()));
    let vehicle = booking.vehicle.as_ref().map(serde_json::to_string).map(written).transpose()?;
    let data = booking.data.as_ref().map(serde_json::to_string).map(written).transpose()?;
    Statement::new(
        "INSERT INTO bookings (checkpoint, id, position, system_id, reference, digest, queue, channel, lane, priority_class,
                               slot_starts_at, slot_ends_at, zone, vehicle, data, trailer_plate, driver_name, booked_at,
                               queued_at, recorded_at, rules_version)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::text::jsonb, ?::text::jsonb, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(crossing.checkpoint.as_str())
    .bind::<SqlUuid, _>(crossing.id.0)
    .bind::<BigInt, _>(position.0)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<Text, _>(&booking.reference)
    .bind::<Binary, _>(&digest[..])
    .bind::<Text, _>(booking.queue.as_str())
    .bind::<Text, _>(booking.channel.as_str())
    .bind::<Text, _>(lane)
    .bind::<Nullable<Text>, _>(priority_class.as_deref())
    .bind::<Nullable<Timestamptz>, _>(slot.map(|sold| sold.slot.starts_at))
    .bind::<Nullable<Timestamptz>, _>(slot.map(|sold| sold.slot.ends_at))
    .bind::<Nullable<Text>, _>(zone.as_deref())
    .bind::<Nullable<Text>, _>(vehicle)
    .bind::<Nullable<Text>, _>(data)
    .bind::<Nullable<Text>, _>(booking.trailer_plate.as_ref().map(Plate::as_written))
    .bind::<Nullable<Text>, _>(booking.driver.as_ref().map(|driver| driver.name.trim()))
    .bind::<Timestamptz, _>(booked_at)
    .bind::<Timestamptz, _>(queued_at)
    .bind::<Timestamptz, _>(now)
    .bind::<Integer, _>(rules_version)
    .execute(connection)
    .await
    .map_err(|error| {
        // At another checkpoint at the same moment: at one checkpoint they take turns.
        if violates(&error, "bookings_by_reference") {
            let detail = format!("the reference {} stands for another booking", booking.reference);
            Error::refused(ProblemCode::IdempotencyConflict, detail)
        } else {
            error.into()
        }
    })?;
    Ok(())
}

/// Makes this the one active booking of the vehicle, and tells whether that was free: there was none, or the
/// one before has ended. The row decides between bookings at two checkpoints at the same moment.
pub(in crate::queue) async fn claim_plate(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    plate: &FoldedPlate,
    now: DateTime<Utc>,
) -> Result<bool> {
    let claimed = Statement::new(concat!(
        "INSERT INTO active_bookings AS active (plate, checkpoint, booking_id) VALUES (?, ?, ?)
         ON CONFLICT (plate) DO UPDATE SET checkpoint = excluded.checkpoint, booking_id = excluded.booking_id
         WHERE EXISTS (
             SELECT FROM crossings AS earlier
             JOIN bookings AS booking ON booking.checkpoint = earlier.checkpoint AND booking.id = earlier.id
             WHERE earlier.checkpoint = active.checkpoint AND earlier.id = active.booking_id
               AND (earlier.stage = 'checkpoint_left' OR earlier.ended_at IS NOT NULL
                    OR NOT earlier.waits
                       AND greatest(earlier.changed_at, booking.slot_ends_at, booking.queued_at, ",
        went_on_at!(),
        ") < ?
                       AND NOT EXISTS (
                           SELECT FROM pauses AS pause
                           WHERE pause.checkpoint = booking.checkpoint AND pause.ended_at IS NULL
                             AND (pause.lane IS NULL OR pause.lane = booking.lane))))",
    ))
    .bind::<Text, _>(plate.as_str())
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .bind::<Timestamptz, _>(now - FORGOTTEN)
    .execute(connection)
    .await?;
    Ok(claimed > 0)
}

/// A place that is sold, in a slot that lies in the time asked about.
#[derive(QueryableByName, Debug, Clone, Copy)]
pub(super) struct SoldPlace {
    #[diesel(sql_type = Timestamptz)]
    pub(super) starts_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) ends_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    pub(super) place_number: i32,
}

/// The longest slot, in the night when clocks go back.
const LONGEST_SLOT: TimeDelta = TimeDelta::hours(25);

/// The places that are sold in a lane in slots that touch `from..to`, whatever rules they were sold under.
pub(super) async fn sold_places(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    lane: &str,
    between: Slot,
) -> Result<Vec<SoldPlace>> {
    let Slot { starts_at, ends_at } = between;
    Ok(Statement::new(
        "SELECT starts_at, ends_at, place_number FROM slot_places
         WHERE checkpoint = ? AND lane = ? AND starts_at >= ? AND starts_at < ? AND ends_at > ?
         ORDER BY starts_at, place_number",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(lane)
    .bind::<Timestamptz, _>(starts_at - LONGEST_SLOT)
    .bind::<Timestamptz, _>(ends_at)
    .bind::<Timestamptz, _>(starts_at)
    .load(connection)
    .await?)
}

/// Gives a place to a booking. The key refuses a place that is sold.
pub(super) async fn insert_place(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    lane: &str,
    sold: super::places::SoldSlot,
    place_number: i32,
    booking: Uuid,
) -> Result<()> {
    let super::places::SoldSlot { slot, places, rules_version } = sold;
    Statement::new(
        "INSERT INTO slot_places (checkpoint, lane, starts_at, place_number, ends_at, places, rules_version, booking_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(lane)
    .bind::<Timestamptz, _>(slot.starts_at)
    .bind::<Integer, _>(place_number)
    .bind::<Timestamptz, _>(slot.ends_at)
    .bind::<Integer, _>(i32::try_from(places).unwrap_or(i32::MAX))
    .bind::<Integer, _>(rules_version)
    .bind::<SqlUuid, _>(booking)
    .execute(connection)
    .await
    .map_err(|error| {
        if violates(&error, "slot_places_pkey") {
            Error::refused(ProblemCode::SlotTaken, "the last place of the slot was sold at this moment")
        } else {
            error.into()
        }
    })?;
    Ok(())
}

/// Gives the place of a booking back.
pub(in crate::queue) async fn free_place(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
) -> Result<()> {
    Statement::new("DELETE FROM slot_places WHERE checkpoint = ? AND booking_id = ?")
        .bind::<Text, _>(checkpoint.as_str())
        .bind::<SqlUuid, _>(booking)
        .execute(connection)
        .await?;
    Ok(())
}

/// Locks the rows of plates, in their order, so that two who want the same two plates never wait for each
/// other.
pub(in crate::queue) async fn lock_plates(connection: &mut Connection, plates: &[&str]) -> Result<()> {
    Statement::new("SELECT plate FROM active_bookings WHERE plate = ANY(?) ORDER BY plate FOR UPDATE")
        .bind::<Array<Text>, _>(plates)
        .execute(connection)
        .await?;
    Ok(())
}
