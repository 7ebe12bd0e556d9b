//! The SQL of changes.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::bookings::{BookingChange, ChangeKind, ChangedParts, EndedBy};
use kordon_schemas::{CheckpointCode, FoldedPlate, Plate, ProblemCode};
use uuid::Uuid;

use crate::checkpoints::rules::slots::Slot;
use crate::crossings::rules as crossing_rules;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result, violates};
use crate::parties::SystemId;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = SqlUuid)]
    booking_id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    system_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    reference: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    digest: Option<Vec<u8>>,
    #[diesel(sql_type = Timestamptz)]
    made_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Text)]
    before: String,
    #[diesel(sql_type = Text)]
    after: String,
    #[diesel(sql_type = Integer)]
    rules_version: i32,
}

impl Row {
    fn read(self) -> Result<(BookingChange, Vec<u8>)> {
        let parts = |written: &str| {
            serde_json::from_str(written).map_err(|error| Error::stored_badly("a change", error))
        };
        let change = BookingChange {
            booking: self.booking_id,
            position: self.position,
            reference: self.reference,
            kind: ChangeKind::from_name(&self.kind)
                .ok_or_else(|| Error::stored_badly("a kind of change", &self.kind))?,
            made_at: self.made_at,
            system: self.system_id,
            reason: self.reason,
            before: parts(&self.before)?,
            after: parts(&self.after)?,
            rules_version: self.rules_version,
        };
        Ok((change, self.digest.unwrap_or_default()))
    }
}

/// A read of changes: every column that makes one, and what follows the table's name.
macro_rules! select_changes {
    ($rest:literal) => {
        concat!(
            "SELECT position, booking_id, kind, system_id, reference, digest, made_at, reason, before::text AS before,
                    after::text AS after, rules_version
             FROM booking_changes ",
            $rest
        )
    };
}

/// The change that a system has under a reference, with the digest of what it sent.
pub(super) async fn by_reference(
    connection: &mut Connection,
    system: SystemId,
    reference: &str,
) -> Result<Option<(BookingChange, Vec<u8>)>> {
    let row: Option<Row> =
        Statement::new(select_changes!("WHERE system_id = ? AND reference = ? AND reference IS NOT NULL"))
            .bind::<SqlUuid, _>(system.0)
            .bind::<Text, _>(reference)
            .get_result(connection)
            .await
            .optional()?;
    row.map(Row::read).transpose()
}

pub(super) async fn of_booking(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
) -> Result<Vec<BookingChange>> {
    let rows: Vec<Row> =
        Statement::new(select_changes!("WHERE checkpoint = ? AND booking_id = ? ORDER BY position"))
            .bind::<Text, _>(checkpoint.as_str())
            .bind::<SqlUuid, _>(booking)
            .load(connection)
            .await?;
    rows.into_iter().map(|row| row.read().map(|(change, _)| change)).collect()
}

/// Writes a change. The hub's own have no reference and no digest.
pub(in crate::queue) async fn insert(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    change: &BookingChange,
    digest: Option<[u8; 32]>,
) -> Result<()> {
    let BookingChange {
        booking,
        position,
        reference,
        kind,
        made_at,
        system,
        reason,
        before,
        after,
        rules_version,
    } = change;
    let written = |parts| serde_json::to_string(parts).map_err(|error| Error::Internal(error.to_string()));
    Statement::new(
        "INSERT INTO booking_changes (checkpoint, position, booking_id, kind, system_id, reference, digest, made_at, reason,
                                      before, after, rules_version)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?::text::jsonb, ?::text::jsonb, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(position)
    .bind::<SqlUuid, _>(booking)
    .bind::<Text, _>(kind.as_str())
    .bind::<SqlUuid, _>(system)
    .bind::<Nullable<Text>, _>(reference.as_deref())
    .bind::<Nullable<Binary>, _>(digest.map(Vec::from))
    .bind::<Timestamptz, _>(made_at)
    .bind::<Nullable<Text>, _>(reason.as_deref())
    .bind::<Text, _>(written(before)?)
    .bind::<Text, _>(written(after)?)
    .bind::<Integer, _>(rules_version)
    .execute(connection)
    .await
    .map_err(|error| {
        // At another checkpoint at the same moment: at one checkpoint they take turns.
        if violates(&error, "booking_changes_by_reference") {
            let detail = "the reference stands for another change";
            Error::refused(ProblemCode::IdempotencyConflict, detail)
        } else {
            error.into()
        }
    })?;
    Ok(())
}

pub(super) async fn end(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    ended_by: EndedBy,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new("UPDATE bookings SET ended_at = ?, ended_by = ? WHERE checkpoint = ? AND id = ?")
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(ended_by.as_str())
        .bind::<Text, _>(checkpoint.as_str())
        .bind::<SqlUuid, _>(booking)
        .execute(connection)
        .await?;
    Statement::new(
        "UPDATE crossings SET ended_at = ?, awaits_entry = false, waits = false, changed_at = ?
         WHERE checkpoint = ? AND id = ?",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the plate from a booking, if it is this booking's.
pub(super) async fn release_plate(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
) -> Result<()> {
    Statement::new(
        "DELETE FROM active_bookings AS active USING crossings AS crossing
         WHERE crossing.checkpoint = ? AND crossing.id = ? AND active.plate = crossing.plate
           AND active.checkpoint = crossing.checkpoint AND active.booking_id = crossing.id",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn move_to_slot(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    slot: Slot,
) -> Result<()> {
    Statement::new(
        "UPDATE bookings SET slot_starts_at = ?, slot_ends_at = ? WHERE checkpoint = ? AND id = ?",
    )
    .bind::<Timestamptz, _>(slot.starts_at)
    .bind::<Timestamptz, _>(slot.ends_at)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a booking into a class of the priority queue, from a moment on. It gives up its slot.
pub(in crate::queue) async fn prioritise(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    class: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE bookings SET queue = 'priority', priority_class = ?, queued_at = ?, slot_starts_at = NULL,
                             slot_ends_at = NULL
         WHERE checkpoint = ? AND id = ?",
    )
    .bind::<Text, _>(class)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives a booking to a vehicle, with what is known of it after that.
pub(super) async fn swap(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    plate: &Plate,
    after: &ChangedParts,
    now: DateTime<Utc>,
) -> Result<()> {
    let ChangedParts { trailer_plate, vehicle, driver, data, .. } = after;
    let unwritten = |error: serde_json::Error| Error::Internal(error.to_string());
    let vehicle = vehicle.as_ref().map(serde_json::to_string).transpose().map_err(unwritten)?;
    let data = data.as_ref().map(serde_json::to_string).transpose().map_err(unwritten)?;
    Statement::new(
        "UPDATE bookings SET trailer_plate = ?, vehicle = ?::text::jsonb, driver_name = ?, data = ?::text::jsonb
         WHERE checkpoint = ? AND id = ?",
    )
    .bind::<Nullable<Text>, _>(trailer_plate.as_deref())
    .bind::<Nullable<Text>, _>(vehicle)
    .bind::<Nullable<Text>, _>(driver.as_ref().map(|driver| driver.name.as_str()))
    .bind::<Nullable<Text>, _>(data)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .execute(connection)
    .await?;
    Statement::new(
        "UPDATE crossings SET plate = ?, plate_written = ?, changed_at = ? WHERE checkpoint = ? AND id = ?",
    )
    .bind::<Text, _>(plate.folded().as_str())
    .bind::<Text, _>(plate.as_written())
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the facts of the vehicle before out of a crossing, and puts in what was stated of the one that it
/// has now, fits no crossing, and happened as shortly before as what a booking takes in: it is swapped on
/// site, too.
pub(super) async fn move_facts(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    plate: &FoldedPlate,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE checkpoint_events SET crossing_id = NULL
         WHERE checkpoint = ? AND crossing_id = ? AND plate IS DISTINCT FROM ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .bind::<Text, _>(plate.as_str())
    .execute(connection)
    .await?;
    Statement::new(
        "UPDATE checkpoint_events SET crossing_id = ?
         WHERE checkpoint = ? AND plate = ? AND crossing_id IS NULL
           AND (occurred_at >= ? OR (kind IN ('zone-arrived', 'zone-left') AND occurred_at >= ?))",
    )
    .bind::<SqlUuid, _>(booking)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(plate.as_str())
    .bind::<Timestamptz, _>(now - crossing_rules::SEEN_BEFORE_BOOKING)
    .bind::<Timestamptz, _>(now - crossing_rules::IN_ZONE_BEFORE_BOOKING)
    .execute(connection)
    .await?;
    Ok(())
}
