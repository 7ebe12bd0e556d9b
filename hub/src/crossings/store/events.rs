//! The SQL of events: writing facts, and reading them as they were stated.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Float, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use kordon_schemas::events::{EventKind, RecordedEvent};
use uuid::Uuid;

use super::{stored_checkpoint, stored_kind};
use crate::crossings::model::{CrossingId, Fact, Mark, Position};
use crate::crossings::read::EventQuery;
use crate::database::{Connection, Statement};
use crate::error::Result;

/// A fact with its place: what the batch writes.
pub(in crate::crossings) struct Placed<'a> {
    pub(in crate::crossings) checkpoint: &'a str,
    pub(in crate::crossings) position: Position,
    pub(in crate::crossings) crossing: Option<CrossingId>,
    /// Whether a void of it came before it: its key is there already.
    pub(in crate::crossings) foretold: bool,
    pub(in crate::crossings) fact: &'a Fact,
}

/// Writes the facts.
pub(in crate::crossings) async fn insert_events(
    mut connection: &Connection,
    placed: &[Placed<'_>],
    now: DateTime<Utc>,
) -> Result<()> {
    let column = placed.len();
    let mut checkpoints = Vec::with_capacity(column);
    let mut positions = Vec::with_capacity(column);
    let mut systems = Vec::with_capacity(column);
    let mut event_ids = Vec::with_capacity(column);
    let mut kinds = Vec::with_capacity(column);
    let mut plates = Vec::with_capacity(column);
    let mut plates_written = Vec::with_capacity(column);
    let mut zones = Vec::with_capacity(column);
    let mut confidences = Vec::with_capacity(column);
    let mut reasons = Vec::with_capacity(column);
    let mut voids_columns = Vec::with_capacity(column);
    let mut crossings = Vec::with_capacity(column);
    let mut occurred = Vec::with_capacity(column);
    for Placed { checkpoint, position, crossing, foretold: _, fact } in placed {
        let Fact { system, event_id, kind, plate, zone, confidence, reason, voids, occurred_at, digest: _ } =
            fact;
        checkpoints.push(*checkpoint);
        positions.push(position.0);
        systems.push(system.0);
        event_ids.push(event_id.as_str());
        kinds.push(kind.as_str());
        plates.push(plate.as_ref().map(|plate| plate.folded().as_str()));
        plates_written.push(plate.as_ref().map(kordon_schemas::Plate::as_written));
        zones.push(zone.as_deref());
        confidences.push(*confidence);
        reasons.push(reason.as_deref());
        voids_columns.push(voids.as_deref());
        crossings.push(crossing.map(|crossing| crossing.0));
        occurred.push(*occurred_at);
    }
    Statement::new(
        "INSERT INTO checkpoint_events (checkpoint, position, system_id, event_id, kind, plate, plate_written, zone,
                                        confidence, reason, voids, crossing_id, occurred_at, recorded_at)
         SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?),
                unnest(?), unnest(?), unnest(?), ?::timestamptz",
    )
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<BigInt>, _>(positions)
    .bind::<Array<SqlUuid>, _>(systems)
    .bind::<Array<Text>, _>(event_ids)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Nullable<Text>>, _>(plates)
    .bind::<Array<Nullable<Text>>, _>(plates_written)
    .bind::<Array<Nullable<Text>>, _>(zones)
    .bind::<Array<Nullable<Float>>, _>(confidences)
    .bind::<Array<Nullable<Text>>, _>(reasons)
    .bind::<Array<Nullable<Text>>, _>(voids_columns)
    .bind::<Array<Nullable<SqlUuid>>, _>(crossings)
    .bind::<Array<Timestamptz>, _>(occurred)
    .bind::<Timestamptz, _>(now)
    .execute(&mut connection)
    .await?;
    Ok(())
}

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
            checkpoint: stored_checkpoint(&checkpoint)?,
            system: system_id,
            id: event_id,
            kind: stored_kind(&kind)?,
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

/// A read of events: every column that makes one, and which of them.
macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "SELECT event.checkpoint, event.position, event.system_id, event.event_id, event.kind, event.plate_written,
                    event.zone, event.confidence, event.reason, event.voids, event.crossing_id, event.occurred_at,
                    event.recorded_at, key.voided_by IS NOT NULL AS voided
             FROM checkpoint_events AS event
             LEFT JOIN event_keys AS key ON key.system_id = event.system_id AND key.event_id = event.event_id ",
            $rest
        )
    };
}

/// Events of a checkpoint, in the order in which they were recorded.
pub(in crate::crossings) async fn events(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    query: EventQuery,
) -> Result<Vec<RecordedEvent>> {
    let rows: Vec<EventRow> = Statement::new(select_events!(
        "WHERE event.checkpoint = ? AND event.position > ?
           AND (NOT ? OR (event.crossing_id IS NULL AND event.plate IS NOT NULL))
         ORDER BY event.position LIMIT ?"
    ))
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(query.after.0)
    .bind::<Bool, _>(query.unmatched_only)
    .bind::<BigInt, _>(query.limit)
    .load(connection)
    .await?;
    rows.into_iter().map(EventRow::read).collect()
}

/// The events of a crossing, in the order in which they were recorded.
pub(in crate::crossings) async fn events_of(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    crossing: CrossingId,
) -> Result<Vec<RecordedEvent>> {
    let rows: Vec<EventRow> = Statement::new(select_events!(
        "WHERE event.checkpoint = ? AND event.crossing_id = ?
         ORDER BY event.position"
    ))
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(crossing.0)
    .load(connection)
    .await?;
    rows.into_iter().map(EventRow::read).collect()
}

#[derive(QueryableByName)]
struct FactRow {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = SqlUuid)]
    crossing_id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
}

/// A fact that no other voids, and the crossing that it is placed in.
pub(in crate::crossings) struct StandingFact {
    pub(in crate::crossings) checkpoint: String,
    pub(in crate::crossings) crossing: CrossingId,
    pub(in crate::crossings) kind: EventKind,
    pub(in crate::crossings) mark: Mark,
}

impl FactRow {
    fn read(self) -> Result<StandingFact> {
        let Self { checkpoint, crossing_id, kind, position, occurred_at } = self;
        Ok(StandingFact {
            checkpoint,
            crossing: CrossingId(crossing_id),
            kind: stored_kind(&kind)?,
            mark: Mark { at: occurred_at, position: Position(position) },
        })
    }
}

/// The facts of crossings, voided ones left out.
pub(in crate::crossings) async fn standing_facts(
    mut connection: &Connection,
    checkpoints: &[&str],
    ids: &[Uuid],
) -> Result<Vec<StandingFact>> {
    let rows: Vec<FactRow> = Statement::new(
        "SELECT event.checkpoint, event.crossing_id, event.kind, event.position, event.occurred_at
         FROM unnest(?, ?) AS wanted (checkpoint, id)
         JOIN checkpoint_events AS event ON event.checkpoint = wanted.checkpoint AND event.crossing_id = wanted.id
         LEFT JOIN event_keys AS key ON key.system_id = event.system_id AND key.event_id = event.event_id
         WHERE key.voided_by IS NULL",
    )
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(&mut connection)
    .await?;
    rows.into_iter().map(FactRow::read).collect()
}
