//! The SQL of the views.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use uuid::Uuid;

use crate::crossings::model::Progress;
use crate::crossings::packed;
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::parties::SystemId;

/// A vehicle of a zone.
#[derive(QueryableByName)]
pub(super) struct ZoneRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) plate_written: String,
    #[diesel(sql_type = Text)]
    pub(super) queue: String,
    #[diesel(sql_type = Text)]
    pub(super) stage: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) arrived_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) call_deadline_at: Option<DateTime<Utc>>,
    /// What its facts come to, as it is kept.
    #[diesel(sql_type = Binary)]
    progress: Vec<u8>,
}

impl ZoneRow {
    /// What its facts come to.
    pub(super) fn progress(&self) -> Result<Progress> {
        packed::unpack(&self.progress)
    }
}

/// The vehicles that await entry and whose latest arrival was at the zone, then those that are booked for it
/// and arrived nowhere. An arrival that was voided does not count.
pub(super) async fn of_zone(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    zone: &str,
) -> Result<Vec<ZoneRow>> {
    Ok(Statement::new(
        "SELECT crossing.id, plate_written, crossing.queue, stage, arrival.occurred_at AS arrived_at, called_at, call_deadline_at,
                crossing.progress
         FROM crossings AS crossing
         JOIN bookings AS booking ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
         LEFT JOIN LATERAL (
             SELECT event.zone, event.occurred_at FROM checkpoint_events AS event
             JOIN event_keys AS key ON key.system_id = event.system_id AND key.event_id = event.event_id
             WHERE event.checkpoint = crossing.checkpoint AND event.crossing_id = crossing.id
               AND event.kind = 'zone-arrived' AND key.voided_by IS NULL
             ORDER BY event.occurred_at DESC, event.position DESC LIMIT 1) AS arrival ON true
         WHERE crossing.checkpoint = ? AND crossing.awaits_entry AND booking.ended_at IS NULL
           AND coalesce(arrival.zone, booking.zone) = ?
         ORDER BY arrival.occurred_at NULLS LAST, crossing.booked_at, crossing.id",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(zone)
    .load(connection)
    .await?)
}

/// Keeps the hash of a holder's secret in place of an earlier one.
pub(super) async fn put_secret(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    reference: &str,
    hash: [u8; 32],
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "INSERT INTO booking_secrets (checkpoint, booking_id, reference, hash, issued_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (checkpoint, booking_id) DO UPDATE SET hash = excluded.hash, issued_at = excluded.issued_at",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .bind::<Text, _>(reference)
    .bind::<Binary, _>(hash.to_vec())
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// A booking with the hash of its holder's secret.
#[derive(QueryableByName)]
pub(super) struct SecretRow {
    #[diesel(sql_type = Text)]
    pub(super) checkpoint: String,
    #[diesel(sql_type = SqlUuid)]
    pub(super) booking_id: Uuid,
    #[diesel(sql_type = Binary)]
    pub(super) hash: Vec<u8>,
}

/// The bookings under a reference, of whichever operator, with their hashes. More than a few would be
/// operators that count alike.
pub(super) async fn secrets_of(connection: &mut Connection, reference: &str) -> Result<Vec<SecretRow>> {
    Ok(Statement::new(
        "SELECT checkpoint, booking_id, hash FROM booking_secrets WHERE reference = ? ORDER BY issued_at DESC LIMIT 100",
    )
    .bind::<Text, _>(reference)
    .load(connection)
    .await?)
}

/// Where a booking is.
#[derive(QueryableByName)]
pub(super) struct PlaceRow {
    #[diesel(sql_type = Text)]
    pub(super) checkpoint: String,
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
}

/// The booking under a reference that an operator's system runs at a moment: its organisation is the operator
/// of the checkpoint, or, where none is recorded, made the booking.
pub(super) async fn run_by_reference(
    connection: &mut Connection,
    system: SystemId,
    reference: &str,
    at: DateTime<Utc>,
) -> Result<Option<PlaceRow>> {
    Ok(Statement::new(
        "SELECT booking.checkpoint, booking.id
         FROM booking_secrets AS secret
         JOIN bookings AS booking ON booking.checkpoint = secret.checkpoint AND booking.id = secret.booking_id
         JOIN systems AS maker ON maker.id = booking.system_id
         JOIN systems AS own ON own.id = ?
         LEFT JOIN LATERAL (
             SELECT organisation_id FROM checkpoint_operators
             WHERE checkpoint = booking.checkpoint AND operates_from <= ?
             ORDER BY operates_from DESC LIMIT 1) AS operator ON true
         WHERE secret.reference = ? AND coalesce(operator.organisation_id, maker.organisation_id) = own.organisation_id
         ORDER BY booking.system_id = own.id DESC, booking.booked_at DESC, booking.id LIMIT 1",
    )
    .bind::<SqlUuid, _>(system.0)
    .bind::<Timestamptz, _>(at)
    .bind::<Text, _>(reference)
    .get_result(connection)
    .await
    .optional()?)
}

/// A booking as its holder is shown it.
#[derive(QueryableByName)]
pub(super) struct HeldRow {
    #[diesel(sql_type = Text)]
    pub(super) reference: String,
    #[diesel(sql_type = Text)]
    pub(super) plate_written: String,
    #[diesel(sql_type = Text)]
    pub(super) stage: String,
    /// Whether it can be called in its turn: it is in a waiting zone.
    #[diesel(sql_type = Bool)]
    pub(super) waits: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) call_deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) zone: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) warned_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) call_position: Option<i64>,
}

pub(super) async fn held(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
) -> Result<Option<HeldRow>> {
    Ok(Statement::new(
        "SELECT reference, plate_written, stage, waits, called_at, call_deadline_at, zone, booking.ended_at,
                warning.warned_at,
                (SELECT max(call.position) FROM calls AS call
                 WHERE call.checkpoint = booking.checkpoint AND call.booking_id = booking.id AND call.missed_at IS NULL)
                    AS call_position
         FROM bookings AS booking
         JOIN crossings AS crossing ON crossing.checkpoint = booking.checkpoint AND crossing.id = booking.id
         LEFT JOIN call_warnings AS warning
             ON warning.checkpoint = booking.checkpoint AND warning.booking_id = booking.id
                AND warning.queued_at = booking.queued_at AND warning.superseded_at IS NULL
         WHERE booking.checkpoint = ? AND booking.id = ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .get_result(connection)
    .await
    .optional()?)
}

/// What was paid for a booking and given back of it, in kopiyky.
#[derive(QueryableByName)]
pub(super) struct PaidRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) paid: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) refunded: Option<i64>,
}

pub(super) async fn paid(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
) -> Result<PaidRow> {
    Ok(Statement::new(
        "SELECT (sum(operator_kopiyky + zone_kopiyky) FILTER (WHERE kind = 'payment'))::bigint AS paid,
                (sum(operator_kopiyky + zone_kopiyky) FILTER (WHERE kind = 'refund'))::bigint AS refunded
         FROM fee_transactions WHERE checkpoint = ? AND booking_id = ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .get_result(connection)
    .await?)
}
