//! The SQL of figures: each thing that happened, in the period in which it did, counted in one statement.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;

use crate::crossings::rules::FUTURE_TOLERANCE;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    BookedPreBooked,
    BookedLive,
    BookedPriority,
    Cancelled,
    NoShow,
    Called,
    Entered,
    Left,
    WaitedToCall,
    WaitedToEntry,
    Refunded,
}

/// How often something happened in a period, counted from 1, at a checkpoint.
#[derive(QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = Text)]
    pub(super) checkpoint: String,
    /// None: the figures are not by lane.
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) lane: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub(super) period: i64,
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = BigInt)]
    pub(super) count: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) p50: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) p80: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) p90: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) total: Option<i64>,
}

impl Row {
    pub(super) fn counted(&self) -> Result<Counted> {
        Ok(match self.what.as_str() {
            "pre_booked" => Counted::BookedPreBooked,
            "live" => Counted::BookedLive,
            "priority" => Counted::BookedPriority,
            "cancelled" => Counted::Cancelled,
            "no_show" => Counted::NoShow,
            "called" => Counted::Called,
            "entered" => Counted::Entered,
            "left" => Counted::Left,
            "waited_to_call" => Counted::WaitedToCall,
            "waited_to_entry" => Counted::WaitedToEntry,
            "refunded" => Counted::Refunded,
            other => return Err(Error::Internal(format!("figures count an unknown thing: {other}"))),
        })
    }
}

/// What [`counts`] asks. Bound are: when the first period begins, when the last ends, and when each begins;
/// the checkpoints, and since when a crossing must have changed; the checkpoints for each of the six others
/// that are counted; whether by lane.
const COUNTS: &str =
    "WITH asked AS MATERIALIZED (
         SELECT ?::timestamptz AS starts_at, ?::timestamptz AS ends_at, ?::timestamptz[] AS begins
     ), passages AS MATERIALIZED (
         SELECT checkpoint, id,
                first_fact_at(progress, 'zone-arrived') AS arrived,
                first_fact_at(progress, 'checkpoint-entered') AS entered,
                first_fact_at(progress, 'checkpoint-left') AS gone
         FROM crossings
         WHERE checkpoint = ANY(?) AND changed_at >= ?
     ), first_calls AS (
         SELECT passage.checkpoint, passage.id, passage.arrived, min(call.called_at) AS called_at
         FROM passages AS passage
         JOIN calls AS call ON call.checkpoint = passage.checkpoint AND call.booking_id = passage.id
         WHERE call.called_at >= timestamptz 'epoch' + passage.arrived * interval '1 microsecond'
         GROUP BY passage.checkpoint, passage.id, passage.arrived
     ), put_back AS (
         SELECT DISTINCT ON (checkpoint, booking_id) checkpoint, booking_id, before ->> 'queue' AS queue
         FROM absences
         WHERE checkpoint = ANY(?) AND decided_at >= (SELECT starts_at FROM asked) AND taken_back_position IS NULL
         ORDER BY checkpoint, booking_id, position
     ), moments (checkpoint, booking, at, what, seconds, kopiyky) AS (
         SELECT booking.checkpoint, booking.id, booking.booked_at,
                -- One that was put back to the live queue later was not booked there: what is told of a past day stays so.
                CASE booking.queue WHEN 'live' THEN coalesce(put_back.queue, booking.queue) ELSE booking.queue END,
                NULL::bigint, NULL::bigint
         FROM bookings AS booking
         LEFT JOIN put_back ON put_back.checkpoint = booking.checkpoint AND put_back.booking_id = booking.id
         WHERE booking.checkpoint = ANY(?) AND booking.booked_at >= (SELECT starts_at FROM asked)
         UNION ALL
         SELECT checkpoint, id, ended_at, 'cancelled', NULL, NULL
         FROM bookings
         WHERE checkpoint = ANY(?) AND ended_at >= (SELECT starts_at FROM asked) AND ended_by = 'cancelled'
         UNION ALL
         SELECT checkpoint, booking_id, decided_at, 'no_show', NULL, NULL
         FROM absences
         WHERE checkpoint = ANY(?) AND decided_at >= (SELECT starts_at FROM asked) AND taken_back_position IS NULL
           AND NOT was_refused
         UNION ALL
         SELECT checkpoint, booking_id, called_at, 'called', NULL, NULL
         FROM calls WHERE checkpoint = ANY(?) AND called_at >= (SELECT starts_at FROM asked)
         UNION ALL
         SELECT checkpoint, id, called_at, 'waited_to_call',
                (extract(epoch FROM called_at) - arrived / 1000000.0)::bigint, NULL
         FROM first_calls
         UNION ALL
         SELECT checkpoint, id, timestamptz 'epoch' + entered * interval '1 microsecond', 'entered', NULL, NULL
         FROM passages WHERE entered IS NOT NULL
         UNION ALL
         SELECT checkpoint, id, timestamptz 'epoch' + entered * interval '1 microsecond', 'waited_to_entry',
                (entered - arrived) / 1000000, NULL
         FROM passages WHERE entered >= arrived
         UNION ALL
         SELECT checkpoint, id, timestamptz 'epoch' + gone * interval '1 microsecond', 'left', NULL, NULL
         FROM passages WHERE gone IS NOT NULL
         UNION ALL
         SELECT checkpoint, booking_id, recorded_at, 'refunded', NULL, operator_kopiyky + zone_kopiyky
         FROM fee_transactions
         WHERE checkpoint = ANY(?) AND recorded_at >= (SELECT starts_at FROM asked) AND kind = 'refund'
     )
     SELECT moment.checkpoint, moment.lane, width_bucket(moment.at, asked.begins)::bigint AS period, moment.what,
            count(*) AS count,
            percentile_disc(0.5) WITHIN GROUP (ORDER BY moment.seconds) AS p50,
            percentile_disc(0.8) WITHIN GROUP (ORDER BY moment.seconds) AS p80,
            percentile_disc(0.9) WITHIN GROUP (ORDER BY moment.seconds) AS p90,
            sum(moment.kopiyky)::bigint AS total
     FROM asked
     CROSS JOIN LATERAL (
         SELECT happened.*,
                CASE WHEN ? THEN (
                    SELECT booking.lane FROM bookings AS booking
                    WHERE booking.checkpoint = happened.checkpoint AND booking.id = happened.booking) END AS lane
         FROM moments AS happened
         WHERE happened.at >= asked.starts_at AND happened.at < asked.ends_at) AS moment
     GROUP BY moment.checkpoint, moment.lane, period, moment.what";

/// Counts what happened at checkpoints, in periods that follow each other; by the lane of the booking, if
/// asked. A crossing that did not change since the first period began has nothing in any: facts are recorded
/// after they happen, but for the [`FUTURE_TOLERANCE`] by which a clock may be ahead.
pub(super) async fn counts(
    connection: &mut Connection,
    checkpoints: &[CheckpointCode],
    by_lane: bool,
    periods: &[(DateTime<Utc>, DateTime<Utc>)],
) -> Result<Vec<Row>> {
    let (Some((from, _)), Some((_, until))) = (periods.first(), periods.last()) else {
        return Ok(Vec::new());
    };
    let begins: Vec<DateTime<Utc>> = periods.iter().map(|(begin, _)| *begin).collect();
    let named: Vec<&str> = checkpoints.iter().map(CheckpointCode::as_str).collect();
    Ok(Statement::new(COUNTS)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(until)
        .bind::<Array<Timestamptz>, _>(begins)
        .bind::<Array<Text>, _>(named.clone())
        .bind::<Timestamptz, _>(*from - FUTURE_TOLERANCE)
        .bind::<Array<Text>, _>(named.clone())
        .bind::<Array<Text>, _>(named.clone())
        .bind::<Array<Text>, _>(named.clone())
        .bind::<Array<Text>, _>(named.clone())
        .bind::<Array<Text>, _>(named.clone())
        .bind::<Array<Text>, _>(named)
        .bind::<Bool, _>(by_lane)
        .load(connection)
        .await?)
}
