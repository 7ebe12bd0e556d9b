//! The SQL of who may be absent.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use kordon_schemas::events::EventKind;
use uuid::Uuid;

use crate::crossings::model::Position;
use crate::crossings::packed;
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::queue::absence::AbsentFrom;
use crate::queue::booking::store::FORGOTTEN;
use crate::queue::model::BookingId;
use crate::queue::pauses::store::went_on_at;

/// A call whose deadline has passed.
pub(in crate::queue::absence) struct Missed {
    pub(in crate::queue::absence) position: Position,
    pub(in crate::queue::absence) deadline_at: DateTime<Utc>,
    /// Whether the vehicle was at the gate in time, and was not let in.
    pub(in crate::queue::absence) was_refused: bool,
}

/// A vehicle that may be absent.
pub(in crate::queue::absence) struct Candidate {
    pub(in crate::queue::absence) booking: BookingId,
    pub(in crate::queue::absence) plate: String,
    pub(in crate::queue::absence) lane: String,
    pub(in crate::queue::absence) slot_starts_at: Option<DateTime<Utc>>,
    /// When it left its waiting zone last, if it was in one.
    pub(in crate::queue::absence) left_at: Option<DateTime<Utc>>,
    /// When it was last heard of, or its lane last went on, if that is so long ago that it is forgotten.
    pub(in crate::queue::absence) forgotten_since: Option<DateTime<Utc>>,
    pub(in crate::queue::absence) call: Option<Missed>,
    pub(in crate::queue::absence) rules_version: i32,
}

impl Candidate {
    pub(in crate::queue::absence) const fn from(&self) -> AbsentFrom {
        if self.call.is_some() { AbsentFrom::Checkpoint } else { AbsentFrom::Zone }
    }

    /// Whether it was at the gate in time for its call, and was not let in.
    pub(in crate::queue::absence) fn was_refused(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.was_refused)
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    plate: String,
    #[diesel(sql_type = Text)]
    lane: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    slot_starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Binary)]
    progress: Vec<u8>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    forgotten_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    call_position: Option<i64>,
    #[diesel(sql_type = Bool)]
    was_refused: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    call_deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    rules_version: i32,
}

impl Row {
    fn read(self) -> Result<Candidate> {
        let left = packed::unpack(&self.progress)?.span(EventKind::ZoneLeft).map(|left| left.last.at);
        let call = self.call_position.zip(self.call_deadline_at);
        Ok(Candidate {
            booking: BookingId(self.id),
            plate: self.plate,
            lane: self.lane,
            slot_starts_at: self.slot_starts_at,
            left_at: left,
            forgotten_since: self.forgotten_since,
            call: call.map(|(position, deadline_at)| Missed {
                position: Position(position),
                deadline_at,
                was_refused: self.was_refused,
            }),
            rules_version: self.rules_version,
        })
    }
}

/// Called vehicles whose deadline has passed, pre-booked ones whose slot has begun and that are not in a
/// zone, and those of whom nothing was heard for too long.
pub(in crate::queue::absence) async fn candidates(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Vec<Candidate>> {
    let forgotten = now - FORGOTTEN;
    let rows: Vec<Row> = Statement::new(concat!(
        "SELECT crossing.id, crossing.plate, booking.lane, booking.slot_starts_at, crossing.progress,
                call.position AS call_position, CASE WHEN ",
        is_forgotten!(),
        " THEN greatest(crossing.changed_at, booking.queued_at, booking.slot_ends_at, ",
        went_on_at!(),
        ") END AS forgotten_since,
                EXISTS (
                    SELECT ",
        from_refusals!(),
        " AND refusal.occurred_at BETWEEN crossing.called_at AND crossing.call_deadline_at) AS was_refused,
                crossing.call_deadline_at, coalesce(call.rules_version, booking.rules_version) AS rules_version
         FROM crossings AS crossing
         JOIN bookings AS booking ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
         LEFT JOIN LATERAL (
             SELECT position, rules_version FROM calls
             WHERE calls.checkpoint = crossing.checkpoint AND calls.booking_id = crossing.id
               AND calls.missed_at IS NULL AND crossing.called_at IS NOT NULL
             ORDER BY calls.position DESC LIMIT 1) AS call ON true
         WHERE crossing.checkpoint = ? AND crossing.awaits_entry
           AND (crossing.call_deadline_at <= ? OR (booking.slot_starts_at <= ? AND ",
        is_not_there!(),
        ") OR (",
        is_forgotten!(),
        "))
         ORDER BY coalesce(crossing.call_deadline_at, booking.slot_starts_at, booking.queued_at), crossing.id",
    ))
    .bind::<Timestamptz, _>(forgotten)
    .bind::<Timestamptz, _>(forgotten)
    .bind::<Timestamptz, _>(forgotten)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(forgotten)
    .bind::<Timestamptz, _>(forgotten)
    .bind::<Timestamptz, _>(forgotten)
    .load(connection)
    .await?;
    rows.into_iter().map(Row::read).collect()
}
