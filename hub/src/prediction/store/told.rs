//! The SQL of what was told to those who wait (Resolution 1393, clause 13): announcements, and how the lanes
//! stand.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use kordon_schemas::prediction::{RangeBasis, ThroughputSource};
use kordon_schemas::queue::QueueKind;
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::prediction::residuals::Horizon;

/// What stands announced for a vehicle.
#[derive(QueryableByName)]
pub(in crate::prediction) struct StandingRow {
    #[diesel(sql_type = SqlUuid)]
    pub(in crate::prediction) booking_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub(in crate::prediction) p50: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(in crate::prediction) p80: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(in crate::prediction) p90: DateTime<Utc>,
}

pub(in crate::prediction) async fn standing(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<Vec<StandingRow>> {
    Ok(Statement::new("SELECT booking_id, p50, p80, p90 FROM announcements WHERE checkpoint = ? AND stands")
        .bind::<Text, _>(checkpoint.as_str())
        .load(connection)
        .await?)
}

/// Lets what stands for these bookings stand no more: something else takes its place, they wait no more, or
/// their turn came then and they were not there.
pub(in crate::prediction) async fn take_down(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    bookings: &[Uuid],
    turn_came_at: Option<DateTime<Utc>>,
) -> Result<()> {
    if bookings.is_empty() {
        return Ok(());
    }
    Statement::new(
        "UPDATE announcements SET stands = false, turn_came_at = ?
         WHERE checkpoint = ? AND stands AND booking_id = ANY (?)",
    )
    .bind::<Nullable<Timestamptz>, _>(turn_came_at)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Array<SqlUuid>, _>(bookings.to_vec())
    .execute(connection)
    .await?;
    Ok(())
}

/// An announcement as it is written.
pub(in crate::prediction) struct NewAnnouncement {
    pub(in crate::prediction) booking: Uuid,
    pub(in crate::prediction) lane: String,
    pub(in crate::prediction) queue: QueueKind,
    pub(in crate::prediction) place: i32,
    pub(in crate::prediction) p50: DateTime<Utc>,
    pub(in crate::prediction) p80: DateTime<Utc>,
    pub(in crate::prediction) p90: DateTime<Utc>,
    pub(in crate::prediction) horizon: Horizon,
    pub(in crate::prediction) forecast_hours: f64,
    pub(in crate::prediction) source: ThroughputSource,
    pub(in crate::prediction) basis: RangeBasis,
}

pub(in crate::prediction) async fn announce(
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
    take_down(connection, checkpoint, &bookings, None).await?;
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
    .bind::<Array<Text>, _>(column(new, |each| each.queue.as_str()))
    .bind::<Array<Integer>, _>(column(new, |each| each.place))
    .bind::<Array<Timestamptz>, _>(column(new, |each| each.p50))
    .bind::<Array<Timestamptz>, _>(column(new, |each| each.p80))
    .bind::<Array<Timestamptz>, _>(column(new, |each| each.p90))
    .bind::<Array<Text>, _>(column(new, |each| each.horizon.as_str()))
    .bind::<Array<Double>, _>(column(new, |each| each.forecast_hours))
    .bind::<Array<Text>, _>(column(new, |each| each.source.as_str()))
    .bind::<Array<Text>, _>(column(new, |each| each.basis.as_str()))
    .execute(connection)
    .await?;
    Ok(())
}

/// What is known of the entries of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::prediction) enum LaneState {
    /// Those who wait have a forecast.
    Known,
    /// It is paused.
    Paused,
    /// By its hours nobody enters.
    Closed,
    /// Too little was seen of it, and its rules say nothing.
    NotMeasured,
}

impl LaneState {
    const ALL: [Self; 4] = [Self::Known, Self::Paused, Self::Closed, Self::NotMeasured];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::NotMeasured => "not_measured",
        }
    }

    /// The state of that name.
    pub(in crate::prediction) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// How a lane stands.
pub(in crate::prediction) struct LaneRow {
    pub(in crate::prediction) lane: String,
    pub(in crate::prediction) state: LaneState,
    /// What its throughput was taken from, where its entries are known.
    pub(in crate::prediction) source: Option<ThroughputSource>,
}

/// Notes how the lanes stand, and tells whether that changed anything.
pub(in crate::prediction) async fn note_lanes(
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
    .bind::<Array<Nullable<Text>>, _>(
        lanes.iter().map(|each| each.source.map(ThroughputSource::as_str)).collect::<Vec<_>>(),
    )
    .execute(connection)
    .await?;
    Ok(gone + changed > 0)
}

/// An announcement of a period and what became of its vehicle.
#[derive(QueryableByName)]
pub(in crate::prediction) struct PastRow {
    #[diesel(sql_type = SqlUuid)]
    pub(in crate::prediction) booking_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(in crate::prediction) lane: String,
    #[diesel(sql_type = Text)]
    pub(in crate::prediction) queue: String,
    #[diesel(sql_type = Timestamptz)]
    pub(in crate::prediction) announced_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(in crate::prediction) p50: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(in crate::prediction) p80: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(in crate::prediction) p90: DateTime<Utc>,
    #[diesel(sql_type = Double)]
    pub(in crate::prediction) forecast_hours: f64,
    /// When it entered, or its turn came while it was in no zone, in microseconds since 1970.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(in crate::prediction) turn_at: Option<i64>,
    #[diesel(sql_type = Bool)]
    pub(in crate::prediction) awaits_entry: bool,
}

/// The announcements from one moment until before another, in the order of bookings and their announcements.
/// At most so many, the latest.
pub(in crate::prediction) async fn announced(
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
                    coalesce((SELECT (extract(epoch FROM min(later.turn_came_at)) * 1000000)::bigint
                              FROM announcements AS later
                              WHERE later.checkpoint = told.checkpoint AND later.booking_id = told.booking_id
                                AND later.number >= told.number),
                             first_fact_at(crossing.progress, 'checkpoint-entered')) AS turn_at
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

/// A vehicle that waits, how its lane stands, and what stands announced for it.
#[derive(QueryableByName)]
pub(in crate::prediction) struct PredictedRow {
    #[diesel(sql_type = SqlUuid)]
    pub(in crate::prediction) booking_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub(in crate::prediction) state: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(in crate::prediction) p50: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(in crate::prediction) p80: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(in crate::prediction) p90: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(in crate::prediction) announced_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(in crate::prediction) source: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(in crate::prediction) basis: Option<String>,
}

/// Those who wait and are not called: all of a checkpoint, or the one that is asked for. A lane that the
/// rules no longer have is the first of the rules, which `first_lane` names.
pub(in crate::prediction) async fn predicted(
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
