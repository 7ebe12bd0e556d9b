//! The SQL of the changes.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use kordon_schemas::changes::{QueueChange, QueueChangeKind};
use kordon_schemas::events::EventKind;
use uuid::Uuid;

use super::{Change, Noted};
use crate::crossings::Position;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};

pub(super) async fn insert(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    position: Position,
    what: Noted,
    booking: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "INSERT INTO journal_changes (checkpoint, position, kind, booking_id, changed_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(position.0)
    .bind::<Text, _>(what.as_str())
    .bind::<Nullable<SqlUuid>, _>(booking)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert_each(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    noted: &[(Position, Uuid)],
    what: Noted,
    now: DateTime<Utc>,
) -> Result<()> {
    let (positions, bookings): (Vec<i64>, Vec<Uuid>) =
        noted.iter().map(|(position, booking)| (position.0, *booking)).unzip();
    Statement::new(
        "INSERT INTO journal_changes (checkpoint, position, kind, booking_id, changed_at)
         SELECT ?, new.position, ?, new.booking_id, ? FROM unnest(?, ?) AS new (position, booking_id)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(what.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<Array<BigInt>, _>(positions)
    .bind::<Array<SqlUuid>, _>(bookings)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Nullable<Text>)]
    event: Option<String>,
    #[diesel(sql_type = Bool)]
    called: bool,
    #[diesel(sql_type = Nullable<Text>)]
    noted: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    booking: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    recorded_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    zone: Option<String>,
}

/// The kind behind the name under which a source tells its changes.
fn kind_named(name: &str) -> Option<QueueChangeKind> {
    if let Some(noted) = Noted::ALL.into_iter().find(|known| known.as_str() == name) {
        return Some(noted.kind());
    }
    Some(match name {
        "changed" => QueueChangeKind::Changed,
        "ended" => QueueChangeKind::Ended,
        "absent" => QueueChangeKind::Absent,
        "absence_taken_back" => QueueChangeKind::AbsenceTakenBack,
        "warned" => QueueChangeKind::Warned,
        "paused" => QueueChangeKind::Paused,
        "resumed" => QueueChangeKind::Resumed,
        _ => return None,
    })
}

impl Row {
    fn read(self) -> Result<Change> {
        let Self { position, event, called, noted, booking, recorded_at, zone } = self;
        let badly = |what: &str| Error::stored_badly("a change", what);
        let event = match event {
            Some(name) => Some(EventKind::from_name(&name).ok_or_else(|| badly(&name))?),
            None => None,
        };
        let noted = match noted {
            Some(name) => Some(kind_named(&name).ok_or_else(|| badly(&name))?),
            None => None,
        };
        let kind = match (event, called, noted) {
            (Some(_), _, _) => QueueChangeKind::Stated,
            (None, true, _) => QueueChangeKind::Called,
            (None, false, Some(noted)) => noted,
            (None, false, None) => QueueChangeKind::Other,
        };
        Ok(Change { shown: QueueChange { position, kind, event, booking, recorded_at }, zone })
    }
}

/// The sources that positions are looked up in: events, calls, and those of `noted`.
const SOURCES: usize = 9;

/// What each of the next positions stands for. One statement, so that the journal and what it counts are seen
/// at one moment. Each source is bounded by itself: the planner would otherwise read the whole of it beside a
/// series that it cannot count.
pub(super) async fn after(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    after: Position,
    limit: i64,
) -> Result<Vec<Change>> {
    // A position that no journal reaches is as good as the last one that can be added to.
    let after = Position(after.0.min(i64::MAX - 1 - limit));
    let last = after.0 + limit;
    let mut statement = Statement::new(
        "WITH journal AS (SELECT checkpoint, last_position FROM checkpoint_journals WHERE checkpoint = ?),
         events AS (
             SELECT stated.position, stated.kind, stated.crossing_id, stated.recorded_at,
                    -- A void concerns the zone of what it takes back.
                    coalesce(stated.zone, taken_back.zone) AS zone
             FROM checkpoint_events AS stated
             LEFT JOIN event_keys AS key
                 ON stated.kind = 'void' AND key.system_id = stated.system_id AND key.event_id = stated.voids
                 AND key.checkpoint = stated.checkpoint
             LEFT JOIN checkpoint_events AS taken_back
                 ON taken_back.checkpoint = key.checkpoint AND taken_back.position = key.position
             WHERE stated.checkpoint = ? AND stated.position > ? AND stated.position <= ?),
         called AS (
             SELECT position, booking_id, called_at FROM calls
             WHERE checkpoint = ? AND position > ? AND position <= ?),
         noted AS (
             SELECT DISTINCT ON (position) position, kind, booking_id, changed_at
             FROM (
                 SELECT position, kind, booking_id, changed_at FROM journal_changes
                 WHERE checkpoint = ? AND position > ? AND position <= ?
                 UNION ALL
                 SELECT position, CASE WHEN kind IN ('cancelled', 'ended') THEN 'ended' ELSE 'changed' END, booking_id, made_at
                 FROM booking_changes WHERE checkpoint = ? AND position > ? AND position <= ?
                 UNION ALL
                 SELECT position, 'absent', booking_id, decided_at FROM absences
                 WHERE checkpoint = ? AND position > ? AND position <= ?
                 UNION ALL
                 SELECT taken_back_position, 'absence_taken_back', booking_id, settled_at FROM absences
                 WHERE checkpoint = ? AND taken_back_position > ? AND taken_back_position <= ?
                 UNION ALL
                 SELECT position, 'warned', booking_id, warned_at FROM call_warnings
                 WHERE checkpoint = ? AND position > ? AND position <= ?
                 UNION ALL
                 SELECT position, 'paused', NULL, paused_at FROM pauses
                 WHERE checkpoint = ? AND position > ? AND position <= ?
                 UNION ALL
                 SELECT end_position, 'resumed', NULL, ended_at FROM pauses
                 WHERE checkpoint = ? AND end_position > ? AND end_position <= ?) AS source
             ORDER BY position, kind)
         SELECT drawn.position, events.kind AS event, called.position IS NOT NULL AS called, noted.kind AS noted,
                coalesce(events.crossing_id, called.booking_id, noted.booking_id) AS booking,
                coalesce(events.recorded_at, called.called_at, noted.changed_at) AS recorded_at,
                coalesce(events.zone, arrived.zone, booking.zone) AS zone
         FROM journal
         CROSS JOIN LATERAL generate_series(?::bigint + 1, least(journal.last_position, ?::bigint)) AS drawn (position)
         LEFT JOIN events ON events.position = drawn.position
         LEFT JOIN called ON called.position = drawn.position
         LEFT JOIN noted ON noted.position = drawn.position
         LEFT JOIN LATERAL (
             SELECT arrival.zone FROM checkpoint_events AS arrival
             LEFT JOIN event_keys AS key ON key.system_id = arrival.system_id AND key.event_id = arrival.event_id
             WHERE arrival.checkpoint = journal.checkpoint
               AND arrival.crossing_id = coalesce(called.booking_id, noted.booking_id)
               AND arrival.kind = 'zone-arrived' AND key.voided_by IS NULL
             ORDER BY arrival.occurred_at DESC, arrival.position DESC LIMIT 1) AS arrived ON true
         LEFT JOIN LATERAL (
             SELECT known.zone FROM bookings AS known
             WHERE known.checkpoint = journal.checkpoint
               AND known.id = coalesce(called.booking_id, noted.booking_id)) AS booking ON true
         ORDER BY drawn.position",
    )
    .bind::<Text, _>(checkpoint.as_str());
    for _ in 0..SOURCES {
        statement =
            statement.bind::<Text, _>(checkpoint.as_str()).bind::<BigInt, _>(after.0).bind::<BigInt, _>(last);
    }
    let rows: Vec<Row> =
        statement.bind::<BigInt, _>(after.0).bind::<BigInt, _>(last).load(connection).await?;
    rows.into_iter().map(Row::read).collect()
}
