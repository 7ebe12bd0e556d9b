//! Crossings and events, for those with the right to read them.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{BigInt, Bool, Float, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::CrossingView;
use kordon_schemas::events::{EventKind, RecordedEvent};
use uuid::Uuid;

use super::model::{CrossingId, Position};
use super::{store, view};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = SqlUuid)]
    system_id: Uuid,
    #[diesel(sql_type = Text)]
    event_id: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    plate_written: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    zone: Option<String>,
    #[diesel(sql_type = Nullable<Float>)]
    confidence: Option<f32>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    voids: Option<String>,
    #[diesel(sql_type = Bool)]
    voided: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    crossing_id: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
}

impl EventRow {
    fn read(self) -> Result<RecordedEvent> {
        let Self {
            checkpoint,
            position,
            system_id,
            event_id,
            kind,
            plate_written,
            zone,
            confidence,
            reason,
            voids,
            voided,
            crossing_id,
            occurred_at,
            recorded_at,
        } = self;
        Ok(RecordedEvent {
            position,
            checkpoint: store::stored_checkpoint(&checkpoint)?,
            system: system_id,
            id: event_id,
            kind: EventKind::from_name(&kind).ok_or_else(|| store::stored_badly("an event's kind", &kind))?,
            plate: plate_written,
            zone,
            confidence,
            reason,
            voids,
            voided,
            crossing: crossing_id,
            occurred_at,
            recorded_at,
        })
    }
}

/// Which events of a checkpoint to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventQuery {
    /// Those after this position.
    pub after: Position,
    /// At most so many.
    pub limit: i64,
    /// Only those that are placed in no crossing.
    pub unmatched_only: bool,
}

/// Events of a checkpoint in the order in which they were recorded. Positions are in the order of commits, so a reader that
/// goes on from the last one it saw misses nothing.
///
/// # Errors
/// When the database is away.
pub async fn events(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    query: EventQuery,
) -> Result<Vec<RecordedEvent>> {
    let rows: Vec<EventRow> = Statement::new(
        "SELECT event.checkpoint, event.position, event.system_id, event.event_id, event.kind, event.plate_written,
                event.zone, event.confidence, event.reason, event.voids, event.crossing_id, event.occurred_at,
                event.recorded_at, key.voided_by IS NOT NULL AS voided
         FROM checkpoint_events AS event
         LEFT JOIN event_keys AS key ON key.system_id = event.system_id AND key.event_id = event.event_id
         WHERE event.checkpoint = ? AND event.position > ?
           AND (NOT ? OR (event.crossing_id IS NULL AND event.plate IS NOT NULL))
         ORDER BY event.position LIMIT ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(query.after.0)
    .bind::<Bool, _>(query.unmatched_only)
    .bind::<BigInt, _>(query.limit)
    .load(connection)
    .await?;
    rows.into_iter().map(EventRow::read).collect()
}

async fn events_of(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    crossing: CrossingId,
) -> Result<Vec<RecordedEvent>> {
    let rows: Vec<EventRow> = Statement::new(
        "SELECT event.checkpoint, event.position, event.system_id, event.event_id, event.kind, event.plate_written,
                event.zone, event.confidence, event.reason, event.voids, event.crossing_id, event.occurred_at,
                event.recorded_at, key.voided_by IS NOT NULL AS voided
         FROM checkpoint_events AS event
         LEFT JOIN event_keys AS key ON key.system_id = event.system_id AND key.event_id = event.event_id
         WHERE event.checkpoint = ? AND event.crossing_id = ?
         ORDER BY event.position",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(crossing.0)
    .load(connection)
    .await?;
    rows.into_iter().map(EventRow::read).collect()
}

/// Where a crossing is: its checkpoint, and the plate as it was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The plate as it was written.
    pub plate_written: String,
}

/// Finds the checkpoint of a crossing.
///
/// # Errors
/// [`Error::NotFound`] when there is no such crossing.
pub async fn whereabouts(connection: &mut Connection, id: CrossingId) -> Result<Whereabouts> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        checkpoint: String,
        #[diesel(sql_type = Text)]
        plate_written: String,
    }
    let row: Option<Row> = Statement::new("SELECT checkpoint, plate_written FROM crossings WHERE id = ?")
        .bind::<SqlUuid, _>(id.0)
        .get_result(connection)
        .await
        .optional()?;
    let Row { checkpoint, plate_written } =
        row.ok_or_else(|| Error::NotFound { what: "crossing", id: id.to_string() })?;
    Ok(Whereabouts { checkpoint: store::stored_checkpoint(&checkpoint)?, plate_written })
}

/// A crossing with its seven stages and the facts that they rest on.
///
/// # Errors
/// [`Error::NotFound`] when there is no such crossing.
pub async fn crossing(connection: &mut Connection, at: &Whereabouts, id: CrossingId) -> Result<CrossingView> {
    let found = store::crossings(connection, &[at.checkpoint.as_str()], &[id.0]).await?;
    let Some((_, crossing)) = found.into_iter().next() else {
        return Err(Error::NotFound { what: "crossing", id: id.to_string() });
    };
    let events = events_of(connection, &at.checkpoint, id).await?;
    Ok(view::view(&crossing, at.plate_written.clone(), events))
}
