//! The SQL of absences.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Integer, Interval, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use uuid::Uuid;

use super::{Absence, AbsentFrom};
use crate::crossings::model::Position;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::queue::booking::store::FORGOTTEN;
use crate::queue::model::BookingId;
use crate::queue::pauses::store::went_on_at;

/// How long before it was due a fact may have happened that still says something of an absence; what is older
/// was known when it was decided. An hour less than that for which a booking is kept of whose vehicle nothing
/// is heard (Q11): the last that was heard of one that is forgotten says nothing, also where a clock was
/// ahead.
const SAYS_SOMETHING_WITHIN: TimeDelta = TimeDelta::hours(FORGOTTEN.num_hours() - 1);

/// The absences that may be taken back, each with its crossing and the moment `known.until` (in microseconds)
/// until which facts say nothing of it. [`SAYS_SOMETHING_WITHIN`] and the checkpoint are bound.
macro_rules! from_open_absences {
    () => {
        "FROM absences AS absence
         JOIN crossings AS crossing ON crossing.checkpoint = absence.checkpoint AND crossing.id = absence.booking_id
         CROSS JOIN LATERAL (
             SELECT (extract(epoch FROM greatest(absence.due_at - ?, absence.left_at)) * 1000000)::bigint AS until) AS known
         WHERE absence.checkpoint = ? AND absence.settled_at IS NULL AND "
    };
}

/// The earliest fact of a kind that says something of `absence`.
macro_rules! came_by {
    ($kind:literal) => {
        concat!("fact_after(crossing.progress, ", $kind, ", known.until)")
    };
}

/// When the vehicle of `absence` came where it was missed, by the earliest fact of its `crossing` that says
/// something of it; null: it is not known to have come. Who was controlled at the checkpoint or left it has
/// come to it, also where the gate saw nothing. What was known when the absence was decided says nothing: a
/// fact from longer before than any that can be handed in, and an arrival before the vehicle left again.
macro_rules! came_at {
    () => {
        concat!(
            "CASE absence.place WHEN 'zone' THEN ",
            came_by!("'zone-arrived'"),
            " ELSE least(",
            came_by!("'checkpoint-entered'"),
            ", ",
            came_by!("'border-control-started'"),
            ", ",
            came_by!("'border-control-finished'"),
            ", ",
            came_by!("'customs-control-started'"),
            ", ",
            came_by!("'customs-control-finished'"),
            ", ",
            came_by!("'checkpoint-left'"),
            ") END",
        )
    };
}

/// Whether the vehicle of `absence` is known to have come where it was missed. The stage says of most that it
/// is not, and costs next to nothing; what it follows from need not be unpacked then.
macro_rules! has_come {
    () => {
        concat!(
            "CASE absence.place WHEN 'zone' THEN crossing.stage <> 'booked'
                            ELSE crossing.stage IN ('checkpoint_entered', 'controls', 'checkpoint_left') END
         AND ",
            came_at!(),
            " IS NOT NULL",
        )
    };
}

/// The refusals of `crossing` at the gate that count.
macro_rules! from_refusals {
    () => {
        "FROM checkpoint_events AS refusal
         LEFT JOIN event_keys AS key ON key.system_id = refusal.system_id AND key.event_id = refusal.event_id
         WHERE refusal.checkpoint = crossing.checkpoint AND refusal.crossing_id = crossing.id
           AND refusal.kind = 'entry-refused' AND key.voided_by IS NULL"
    };
}

/// When the vehicle of `absence` was at the gate in time and was not let in, if that is not noted yet; null: no
/// refusal says so.
macro_rules! refused_at {
    () => {
        concat!(
            "CASE WHEN absence.call_position IS NOT NULL AND NOT absence.was_refused
             THEN (SELECT min(refusal.occurred_at) ",
            from_refusals!(),
            " AND refusal.occurred_at <= absence.due_at
              AND refusal.occurred_at >= (
                  SELECT called_at FROM calls
                  WHERE calls.checkpoint = absence.checkpoint AND calls.position = absence.call_position)) END",
        )
    };
}

/// Whether facts say something of `absence` that is to be looked at.
macro_rules! has_facts {
    () => {
        concat!("(", has_come!(), " OR ", refused_at!(), " IS NOT NULL)")
    };
}

/// Whether nothing was heard for too long, before the moment that is bound three times, of a vehicle of
/// `crossing` with its `booking` that was not called and is in no waiting zone, and its lane went on long
/// enough ago. `booked_at` is in the index of those who wait.
macro_rules! is_forgotten {
    () => {
        concat!(
            "crossing.awaits_entry AND crossing.called_at IS NULL AND NOT crossing.waits AND crossing.booked_at <= ?
         AND crossing.changed_at <= ? AND greatest(booking.queued_at, booking.slot_ends_at, ",
            went_on_at!(),
            ") <= ?",
        )
    };
}

/// Whether a vehicle that is not called is in no waiting zone: it did not come, or left. Only the first of
/// them has that as its stage.
macro_rules! is_not_there {
    () => {
        "crossing.awaits_entry AND crossing.called_at IS NULL
         AND (crossing.stage = 'booked' OR (crossing.stage = 'zone_arrived' AND NOT crossing.waits))"
    };
}

// After the fragments of SQL that it is made of.
mod candidates;

pub(super) use candidates::{Candidate, candidates};

/// Whether there may be anything to do: cheap, and without a lock. What was due before `past_recall` is to
/// stand.
pub(super) async fn has_work(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
    past_recall: DateTime<Utc>,
) -> Result<bool> {
    let forgotten = now - FORGOTTEN;
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let row: Row = Statement::new(concat!(
        "SELECT EXISTS (SELECT FROM crossings
                        WHERE checkpoint = ? AND awaits_entry AND called_at IS NOT NULL AND call_deadline_at <= ?)
             OR EXISTS (SELECT FROM crossings AS crossing
                        JOIN bookings AS booking
                          ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
                        WHERE crossing.checkpoint = ? AND booking.slot_starts_at <= ? AND ",
        is_not_there!(),
        // Who left since its slot began was there, and nothing follows: else it would be looked at again and
        // again.
        " AND fact_after(crossing.progress, 'zone-left', (extract(epoch FROM booking.slot_starts_at) * 1000000)::bigint) IS NULL)
             OR EXISTS (SELECT FROM crossings AS crossing
                        JOIN bookings AS booking
                          ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
                        WHERE crossing.checkpoint = ? AND ",
        is_forgotten!(),
        ")
             OR EXISTS (SELECT FROM absences WHERE checkpoint = ? AND settled_at IS NULL AND due_at < ?)
             OR EXISTS (SELECT ",
        from_open_absences!(),
        has_facts!(),
        ") AS found"
    ))
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(forgotten)
    .bind::<Timestamptz, _>(forgotten)
    .bind::<Timestamptz, _>(forgotten)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(past_recall)
    .bind::<Interval, _>(SAYS_SOMETHING_WITHIN)
    .bind::<Text, _>(checkpoint.as_str())
    .get_result(connection)
    .await?;
    Ok(row.found)
}

/// Writes an absence, with what the booking is before anything follows from it.
pub(super) async fn insert(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    absence: &Absence,
    candidate: &Candidate,
    now: DateTime<Utc>,
) -> Result<()> {
    let Absence { position, booking, from, was_refused, due_at, consequence, rules_version } = absence;
    let consequence =
        serde_json::to_string(consequence).map_err(|error| Error::Internal(error.to_string()))?;
    Statement::new(
        "INSERT INTO absences (checkpoint, position, booking_id, place, was_refused, call_position, due_at, decided_at, consequence,
                               before, rules_version, left_at)
         SELECT checkpoint, ?, id, ?, ?, ?, ?, ?, ?::text::jsonb,
                jsonb_build_object('queue', queue, 'priority_class', priority_class, 'queued_at', queued_at,
                                   'slot_starts_at', slot_starts_at, 'slot_ends_at', slot_ends_at), ?, ?
         FROM bookings WHERE checkpoint = ? AND id = ?",
    )
    .bind::<BigInt, _>(position.0)
    .bind::<Text, _>(from.as_str())
    .bind::<Bool, _>(was_refused)
    .bind::<Nullable<BigInt>, _>(candidate.call.as_ref().map(|call| call.position.0))
    .bind::<Timestamptz, _>(due_at)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(consequence)
    .bind::<Integer, _>(rules_version)
    .bind::<Nullable<Timestamptz>, _>(candidate.left_at.filter(|_| *from == AbsentFrom::Zone))
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks a call as missed, or as kept after all.
pub(super) async fn mark_missed(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    call: Position,
    at: Option<DateTime<Utc>>,
) -> Result<()> {
    Statement::new("UPDATE calls SET missed_at = ? WHERE checkpoint = ? AND position = ?")
        .bind::<Nullable<Timestamptz>, _>(at)
        .bind::<Text, _>(checkpoint.as_str())
        .bind::<BigInt, _>(call.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes it a live booking of this moment.
pub(super) async fn put_back(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: BookingId,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE bookings SET queue = 'live', priority_class = NULL, slot_starts_at = NULL, slot_ends_at = NULL,
                             queued_at = ?
         WHERE checkpoint = ? AND id = ?",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// An absence that is not settled, and of which facts say something.
pub(super) struct Open {
    pub(super) position: Position,
    pub(super) booking: BookingId,
    pub(super) call_position: Option<Position>,
    pub(super) due_at: DateTime<Utc>,
    /// Whether nothing followed but that it stands in the live queue.
    pub(super) is_back_in_queue: bool,
    /// When it came where it was missed, in time or not.
    pub(super) came_at: Option<DateTime<Utc>>,
    /// When it was at the gate in time and was not let in.
    pub(super) refused_at: Option<DateTime<Utc>>,
}

pub(super) async fn open_with_facts(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<Vec<Open>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        position: i64,
        #[diesel(sql_type = SqlUuid)]
        booking_id: Uuid,
        #[diesel(sql_type = Nullable<BigInt>)]
        call_position: Option<i64>,
        #[diesel(sql_type = Timestamptz)]
        due_at: DateTime<Utc>,
        #[diesel(sql_type = Bool)]
        is_back_in_queue: bool,
        #[diesel(sql_type = Nullable<BigInt>)]
        came_at: Option<i64>,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        refused_at: Option<DateTime<Utc>>,
    }
    let rows: Vec<Row> = Statement::new(concat!(
        "SELECT absence.position, absence.booking_id, absence.call_position, absence.due_at,
                absence.consequence ->> 'then' = 'back_to_queue' AS is_back_in_queue,
                CASE WHEN ",
        has_come!(),
        " THEN ",
        came_at!(),
        " END AS came_at, ",
        refused_at!(),
        " AS refused_at ",
        from_open_absences!(),
        has_facts!(),
        // The latest first: each gives back what was before it.
        " ORDER BY absence.position DESC"
    ))
    .bind::<Interval, _>(SAYS_SOMETHING_WITHIN)
    .bind::<Text, _>(checkpoint.as_str())
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { position, booking_id, call_position, due_at, is_back_in_queue, came_at, refused_at }| {
            let time = |micros| {
                DateTime::from_timestamp_micros(micros).ok_or_else(|| {
                    Error::stored_badly("a crossing", format_args!("it has a fact at {micros}"))
                })
            };
            Ok(Open {
                position: Position(position),
                booking: BookingId(booking_id),
                call_position: call_position.map(Position),
                due_at,
                is_back_in_queue,
                came_at: came_at.map(time).transpose()?,
                refused_at,
            })
        })
        .collect()
}

/// Notes of an absence that its vehicle was at the gate in time and was not let in.
pub(super) async fn note_refusal(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    absence: Position,
) -> Result<()> {
    Statement::new("UPDATE absences SET was_refused = true WHERE checkpoint = ? AND position = ?")
        .bind::<Text, _>(checkpoint.as_str())
        .bind::<BigInt, _>(absence.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Undoes what followed from an absence, and nothing else: the booking is what it was before, if it still is
/// what the absence made of it, and a ban is lifted if it is of this absence. A booking that was cancelled,
/// put first or absent again since stays so. One that is given back is its vehicle's active booking again,
/// unless another is by now. An absence of the same booking that was decided later gives back the same,
/// should it be taken back too.
pub(super) async fn restore(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    open: &Open,
) -> Result<()> {
    Statement::new(
        "WITH restored AS (
             UPDATE bookings AS booking
             SET queue = absence.before ->> 'queue', priority_class = absence.before ->> 'priority_class',
                 queued_at = (absence.before ->> 'queued_at')::timestamptz,
                 slot_starts_at = (absence.before ->> 'slot_starts_at')::timestamptz,
                 slot_ends_at = (absence.before ->> 'slot_ends_at')::timestamptz, ended_at = NULL, ended_by = NULL
             FROM absences AS absence
             WHERE absence.checkpoint = ? AND absence.position = ? AND booking.checkpoint = absence.checkpoint
               AND booking.id = absence.booking_id
               AND (booking.ended_at = absence.decided_at
                    OR (booking.ended_at IS NULL AND booking.queue = 'live' AND booking.queued_at = absence.decided_at))
             RETURNING booking.checkpoint, booking.id),
         lifted AS (
             DELETE FROM plate_bans AS ban USING absences AS absence
             WHERE absence.checkpoint = ? AND absence.position = ? AND ban.checkpoint = absence.checkpoint
               AND ban.booking_id = absence.booking_id AND ban.banned_at = absence.decided_at),
         passed_on AS (
             UPDATE absences AS later SET before = absence.before
             FROM absences AS absence
             WHERE absence.checkpoint = ? AND absence.position = ? AND later.checkpoint = absence.checkpoint
               AND later.booking_id = absence.booking_id AND later.position > absence.position AND later.settled_at IS NULL
               AND (later.before ->> 'queued_at')::timestamptz = absence.decided_at),
         kept AS (
             UPDATE crossings SET ended_at = NULL FROM restored
             WHERE crossings.checkpoint = restored.checkpoint AND crossings.id = restored.id
             RETURNING crossings.plate, crossings.checkpoint, crossings.id)
         INSERT INTO active_bookings (plate, checkpoint, booking_id) SELECT plate, checkpoint, id FROM kept
         ON CONFLICT (plate) DO NOTHING",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(open.position.0)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(open.position.0)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(open.position.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Settles an absence: it stands, or it was taken back at a position.
pub(super) async fn settle(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    absence: Position,
    taken_back_at: Option<Position>,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE absences SET settled_at = ?, taken_back_position = ? WHERE checkpoint = ? AND position = ?",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<BigInt>, _>(taken_back_at.map(|position| position.0))
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(absence.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Settles the absences that were due before a moment: they stand.
pub(super) async fn let_stand(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    due_before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE absences SET settled_at = ? WHERE checkpoint = ? AND settled_at IS NULL AND due_at < ?",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(due_before)
    .execute(connection)
    .await?;
    Ok(())
}
