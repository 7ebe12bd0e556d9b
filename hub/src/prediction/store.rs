//! The SQL of predictions.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use uuid::Uuid;

use super::calendar::after;
use super::counts::{PastPause, WINDOW};
use super::forward::FURTHEST_HOURS;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::queue::ranking::StoredTurns;

/// The checkpoints whose entries are to be worked out: somebody waits, and facts came since they were worked out last, or that
/// is long ago; or somebody was told something and waits no more.
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
    Error::Internal(format!("a prediction is stored badly: {what}"))
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
    #[diesel(sql_type = Bool)]
    pub(super) awaits_entry: bool,
    /// Microseconds since 1970.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) zone_arrived_at: Option<i64>,
    /// Microseconds since 1970.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) entered_at: Option<i64>,
}

pub(super) async fn bookings(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Vec<BookingRow>> {
    Ok(Statement::new(
        "SELECT booking.id, booking.lane, booking.queue, booking.priority_class, booking.queued_at,
                booking.slot_starts_at, booking.slot_ends_at, crossing.called_at, booking.ended_at,
                booking.ended_by IS NOT DISTINCT FROM 'no_show_at_checkpoint' AS absent, crossing.awaits_entry,
                first_fact_at(crossing.progress, 'zone-arrived') AS zone_arrived_at,
                first_fact_at(crossing.progress, 'checkpoint-entered') AS entered_at
         FROM (SELECT checkpoint, id FROM bookings WHERE checkpoint = ? AND booked_at > ?
               UNION
               SELECT checkpoint, id FROM crossings WHERE checkpoint = ? AND awaits_entry) AS asked
         JOIN bookings AS booking ON booking.checkpoint = asked.checkpoint AND booking.id = asked.id
         JOIN crossings AS crossing ON crossing.checkpoint = asked.checkpoint AND crossing.id = asked.id
         WHERE booking.checkpoint = ? AND crossing.checkpoint = ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    // Whoever waited as long as anything is forecast, and entered in the window, was booked before it.
    .bind::<Timestamptz, _>(after(now - WINDOW, -FURTHEST_HOURS))
    .bind::<Text, _>(checkpoint.as_str())
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

/// What stands announced for a vehicle.
#[derive(QueryableByName)]
pub(super) struct StandingRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) booking_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub(super) p50: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) p80: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) p90: DateTime<Utc>,
}

pub(super) async fn standing(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<Vec<StandingRow>> {
    Ok(Statement::new("SELECT booking_id, p50, p80, p90 FROM announcements WHERE checkpoint = ? AND stands")
        .bind::<Text, _>(checkpoint.as_str())
        .load(connection)
        .await?)
}

/// Lets what stands for these bookings stand no more: something else takes its place, or they wait no more.
pub(super) async fn take_down(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    bookings: &[Uuid],
) -> Result<()> {
    Statement::new(
        "UPDATE announcements SET stands = false WHERE checkpoint = ? AND stands AND booking_id = ANY (?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Array<SqlUuid>, _>(bookings.to_vec())
    .execute(connection)
    .await?;
    Ok(())
}

/// An announcement as it is written.
pub(super) struct NewAnnouncement {
    pub(super) booking: Uuid,
    pub(super) lane: String,
    pub(super) queue: &'static str,
    pub(super) place: i32,
    pub(super) p50: DateTime<Utc>,
    pub(super) p80: DateTime<Utc>,
    pub(super) p90: DateTime<Utc>,
    pub(super) horizon: &'static str,
    pub(super) forecast_hours: f64,
    pub(super) source: &'static str,
    pub(super) basis: &'static str,
}

pub(super) async fn announce(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    new: &[NewAnnouncement],
    journal_position: i64,
    rules_version: i32,
    now: DateTime<Utc>,
) -> Result<()> {
    fn column<'a, T>(new: &'a [NewAnnouncement], get: impl Fn(&'a NewAnnouncement) -> T) -> Vec<T> {
        new.iter().map(get).collect()
    }
    let bookings = column(new, |each| each.booking);
    take_down(connection, checkpoint, &bookings).await?;
    Statement::new(
        "INSERT INTO announcements (checkpoint, booking_id, number, stands, lane, queue, place, announced_at, p50, p80,
                                    p90, horizon, forecast_hours, source, basis, journal_position, rules_version)
         SELECT ?::text, new.booking_id,
                1 + coalesce((SELECT max(number) FROM announcements AS earlier
                              WHERE earlier.checkpoint = ?::text AND earlier.booking_id = new.booking_id), 0),
                true, lane, queue, place, ?::timestamptz, p50, p80, p90, horizon, forecast_hours, source, basis,
                ?::bigint, ?::integer
         FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
              AS new (booking_id, lane, queue, place, p50, p80, p90, horizon, forecast_hours, source, basis)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(journal_position)
    .bind::<Integer, _>(rules_version)
    .bind::<Array<SqlUuid>, _>(bookings)
    .bind::<Array<Text>, _>(column(new, |each| each.lane.as_str()))
    .bind::<Array<Text>, _>(column(new, |each| each.queue))
    .bind::<Array<Integer>, _>(column(new, |each| each.place))
    .bind::<Array<Timestamptz>, _>(column(new, |each| each.p50))
    .bind::<Array<Timestamptz>, _>(column(new, |each| each.p80))
    .bind::<Array<Timestamptz>, _>(column(new, |each| each.p90))
    .bind::<Array<Text>, _>(column(new, |each| each.horizon))
    .bind::<Array<Double>, _>(column(new, |each| each.forecast_hours))
    .bind::<Array<Text>, _>(column(new, |each| each.source))
    .bind::<Array<Text>, _>(column(new, |each| each.basis))
    .execute(connection)
    .await?;
    Ok(())
}

/// How a lane stands.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(super) struct LaneRow {
    #[diesel(sql_type = Text)]
    pub(super) lane: String,
    #[diesel(sql_type = Text)]
    pub(super) state: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) source: Option<String>,
}

/// Notes how the lanes stand, and tells whether that changed anything.
pub(super) async fn note_lanes(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    lanes: &[LaneRow],
    now: DateTime<Utc>,
) -> Result<bool> {
    let gone = Statement::new("DELETE FROM lane_predictions WHERE checkpoint = ? AND lane <> ALL (?)")
        .bind::<Text, _>(checkpoint.as_str())
        .bind::<Array<Text>, _>(lanes.iter().map(|each| each.lane.as_str()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    let changed = Statement::new(
        "INSERT INTO lane_predictions AS known (checkpoint, lane, state, source, since)
         SELECT ?::text, lane, state, source, ?::timestamptz FROM unnest(?, ?, ?) AS new (lane, state, source)
         ON CONFLICT (checkpoint, lane) DO UPDATE
         SET state = excluded.state, source = excluded.source, since = excluded.since
         WHERE (known.state, known.source) IS DISTINCT FROM (excluded.state, excluded.source)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(lanes.iter().map(|each| each.lane.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(lanes.iter().map(|each| each.state.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(lanes.iter().map(|each| each.source.as_deref()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(gone + changed > 0)
}

/// An announcement of a period and what became of its vehicle.
#[derive(QueryableByName)]
pub(super) struct PastRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) booking_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) lane: String,
    #[diesel(sql_type = Text)]
    pub(super) queue: String,
    #[diesel(sql_type = Timestamptz)]
    pub(super) announced_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) p50: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) p80: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) p90: DateTime<Utc>,
    #[diesel(sql_type = Double)]
    pub(super) forecast_hours: f64,
    /// When it entered, in microseconds since 1970.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) entered_at: Option<i64>,
    #[diesel(sql_type = Bool)]
    pub(super) awaits_entry: bool,
}

/// The announcements from one moment until before another, in the order of bookings and their announcements. At most so many,
/// the latest.
pub(super) async fn announced(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<PastRow>> {
    Ok(Statement::new(
        "SELECT * FROM (
             SELECT told.booking_id, told.number, told.lane, told.queue, told.announced_at, told.p50, told.p80, told.p90,
                    told.forecast_hours, crossing.awaits_entry,
                    first_fact_at(crossing.progress, 'checkpoint-entered') AS entered_at
             FROM announcements AS told
             JOIN crossings AS crossing ON crossing.checkpoint = told.checkpoint AND crossing.id = told.booking_id
             WHERE told.checkpoint = ? AND told.announced_at >= ? AND told.announced_at < ?
             ORDER BY told.announced_at DESC LIMIT ?) AS latest
         ORDER BY booking_id, number",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?)
}

/// The last run of a checkpoint, for readers.
pub(super) async fn run(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<Option<RunRow>> {
    Ok(Statement::new("SELECT number, as_of FROM prediction_runs WHERE checkpoint = ?")
        .bind::<Text, _>(checkpoint.as_str())
        .get_result(connection)
        .await
        .optional()?)
}

/// A vehicle that waits, how its lane stands, and what stands announced for it.
#[derive(QueryableByName)]
pub(super) struct PredictedRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) booking_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) state: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) p50: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) p80: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) p90: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) announced_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) source: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) basis: Option<String>,
}

/// Those who wait and are not called: all of a checkpoint, or the one that is asked for. A lane that the rules no longer have
/// is the first of the rules, which `first_lane` names.
pub(super) async fn predicted(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    first_lane: &str,
    only: Option<Uuid>,
) -> Result<Vec<PredictedRow>> {
    Ok(Statement::new(
        "SELECT crossing.id AS booking_id, coalesce(own.state, first.state) AS state, told.p50, told.p80, told.p90,
                told.announced_at, told.source, told.basis
         FROM crossings AS crossing
         JOIN bookings AS booking ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
         LEFT JOIN lane_predictions AS own ON own.checkpoint = crossing.checkpoint AND own.lane = booking.lane
         LEFT JOIN lane_predictions AS first ON first.checkpoint = crossing.checkpoint AND first.lane = ?
         LEFT JOIN announcements AS told
           ON told.checkpoint = crossing.checkpoint AND told.booking_id = crossing.id AND told.stands
         WHERE crossing.checkpoint = ? AND crossing.awaits_entry AND crossing.stage IN ('booked', 'zone_arrived')
           AND (?::uuid IS NULL OR crossing.id = ?)
         ORDER BY crossing.booked_at, crossing.id",
    )
    .bind::<Text, _>(first_lane)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Nullable<SqlUuid>, _>(only)
    .bind::<Nullable<SqlUuid>, _>(only)
    .load(connection)
    .await?)
}
