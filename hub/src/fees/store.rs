//! The SQL of fees. Nothing here changes a row: what was recorded stays.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::rules::RefundRules;
use kordon_schemas::{Amount, CheckpointCode};
use uuid::Uuid;

use super::model::{BookingFacts, Ending, FeeCall, Shares};
use super::rules;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};

mod statement;
mod tariffs;
mod transactions;

pub(super) use statement::{Holder, lines};
pub(super) use tariffs::{any_tariff, insert_tariff, keep_rate, rate, tariff_of_day, tariffs};
pub(super) use transactions::{
    NewTransaction, by_reference, insert_entries, insert_payment, insert_refund, payment, refunds,
};

const fn shares(operator: i64, zone: i64) -> Shares {
    Shares { operator: Amount::of_hundredths(operator), zone: Amount::of_hundredths(zone) }
}

#[derive(QueryableByName)]
struct FactsRow {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = Timestamptz)]
    booked_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    rules_version: i32,
    #[diesel(sql_type = Nullable<Text>)]
    zone: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    slot_starts_at: Option<DateTime<Utc>>,
    /// Microseconds since 1970.
    #[diesel(sql_type = Nullable<BigInt>)]
    zone_arrived_at: Option<i64>,
    #[diesel(sql_type = Array<Timestamptz>)]
    called_at: Vec<DateTime<Utc>>,
    /// The queue out of which each of them called.
    #[diesel(sql_type = Array<Text>)]
    called_from: Vec<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    ended_by: Option<String>,
}

/// What is known of a booking.
pub(super) async fn booking_facts(connection: &mut Connection, id: Uuid) -> Result<Option<BookingFacts>> {
    let row: Option<FactsRow> = Statement::new(
        "SELECT booking.checkpoint, booking.booked_at, booking.rules_version, booking.ended_at, booking.ended_by,
                coalesce(booking.slot_starts_at, (
                    SELECT (lost.before ->> 'slot_starts_at')::timestamptz FROM absences AS lost
                    WHERE lost.checkpoint = booking.checkpoint AND lost.booking_id = booking.id
                      AND lost.taken_back_position IS NULL AND lost.before ->> 'slot_starts_at' IS NOT NULL
                    ORDER BY lost.position LIMIT 1)) AS slot_starts_at,
                first_fact_at(crossing.progress, 'zone-arrived') AS zone_arrived_at,
                coalesce(booking.zone, (
                    SELECT event.zone FROM checkpoint_events AS event
                    LEFT JOIN event_keys AS key ON key.system_id = event.system_id AND key.event_id = event.event_id
                    WHERE event.checkpoint = booking.checkpoint AND event.crossing_id = booking.id
                      AND event.kind = 'zone-arrived' AND key.voided_by IS NULL
                    ORDER BY event.occurred_at DESC, event.position DESC LIMIT 1)) AS zone,
                called.called_at, called.called_from
         FROM crossings AS crossing
         JOIN bookings AS booking ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
         CROSS JOIN LATERAL (
             SELECT coalesce(array_agg(call.called_at ORDER BY call.called_at, call.position), '{}') AS called_at,
                    coalesce(array_agg(coalesce(after.queue, booking.queue) ORDER BY call.called_at, call.position), '{}')
                        AS called_from
             FROM calls AS call
             -- The first that changed the queue of the booking after the call says what it was before.
             LEFT JOIN LATERAL (
                 SELECT before ->> 'queue' AS queue FROM (
                     SELECT position, before FROM absences
                     WHERE checkpoint = call.checkpoint AND booking_id = call.booking_id AND taken_back_position IS NULL
                     UNION ALL
                     SELECT position, before FROM booking_changes
                     WHERE checkpoint = call.checkpoint AND booking_id = call.booking_id) AS change
                 WHERE position > call.position AND before ->> 'queue' IS NOT NULL
                 ORDER BY position LIMIT 1) AS after ON true
             WHERE call.checkpoint = booking.checkpoint AND call.booking_id = booking.id) AS called
         WHERE crossing.id = ?",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(connection)
    .await
    .optional()?;
    row.map(|row| row.read(id)).transpose()
}

impl FactsRow {
    fn read(self, id: Uuid) -> Result<BookingFacts> {
        let Self {
            checkpoint,
            booked_at,
            rules_version,
            zone,
            slot_starts_at,
            zone_arrived_at,
            called_at,
            called_from,
            ended_at,
            ended_by,
        } = self;
        let ended = match (ended_by.as_deref(), ended_at) {
            (None, _) | (_, None) => None,
            (Some("cancelled"), Some(at)) => Some((Ending::Cancelled, at)),
            (Some("no_show_at_zone" | "no_show_at_checkpoint"), Some(at)) => Some((Ending::NoShow, at)),
            (Some(other), Some(_)) => return Err(Error::stored_badly("how a booking ended", other)),
        };
        Ok(BookingFacts {
            id,
            checkpoint: CheckpointCode::parse(&checkpoint)
                .map_err(|error| Error::stored_badly("a checkpoint", error))?,
            booked_at,
            rules_version,
            zone,
            slot_starts_at,
            zone_arrived_at: zone_arrived_at.and_then(DateTime::from_timestamp_micros),
            calls: called_at
                .into_iter()
                .zip(called_from)
                .map(|(at, queue)| FeeCall { at, is_live: queue == "live" })
                .collect(),
            ended,
        })
    }
}

/// The rules of refunds that a booking was made under. Version 1 is the hub's own and not stored.
pub(super) async fn refund_rules(connection: &mut Connection, facts: &BookingFacts) -> Result<RefundRules> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        refunds: Option<String>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT (rules -> 'refunds')::text AS refunds FROM checkpoint_rules WHERE checkpoint = ? AND version = ?",
    )
    .bind::<Text, _>(facts.checkpoint.as_str())
    .bind::<Integer, _>(facts.rules_version)
    .get_result(connection)
    .await
    .optional()?;
    match row.and_then(|row| row.refunds) {
        None => Ok(rules::default_refunds()),
        Some(stored) => {
            serde_json::from_str(&stored).map_err(|error| Error::stored_badly("the rules of refunds", error))
        }
    }
}
