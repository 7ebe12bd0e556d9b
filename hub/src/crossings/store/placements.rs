//! The SQL of placing: which crossing a fact is in, by whom, and which facts another crossing may take.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::events::EventKind;
use kordon_schemas::{CheckpointCode, FoldedPlate};
use uuid::Uuid;

use super::stored_kind;
use crate::crossings::model::{CrossingId, Position};
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::parties::Actor;

/// An event, and the crossing that it is placed in.
pub(in crate::crossings) struct PlacedEvent {
    pub(in crate::crossings) event_id: String,
    pub(in crate::crossings) kind: EventKind,
    pub(in crate::crossings) occurred_at: DateTime<Utc>,
    pub(in crate::crossings) crossing: Option<CrossingId>,
}

/// The event at a position.
pub(in crate::crossings) async fn event_at(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    position: Position,
) -> Result<Option<PlacedEvent>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        event_id: String,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Timestamptz)]
        occurred_at: DateTime<Utc>,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        crossing_id: Option<Uuid>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT event_id, kind, occurred_at, crossing_id FROM checkpoint_events WHERE checkpoint = ? AND position = ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(position.0)
    .get_result(connection)
    .await
    .optional()?;
    row.map(|Row { event_id, kind, occurred_at, crossing_id }| {
        let kind = stored_kind(&kind)?;
        Ok(PlacedEvent { event_id, kind, occurred_at, crossing: crossing_id.map(CrossingId) })
    })
    .transpose()
}

/// Notes that a person placed an event, and why.
pub(in crate::crossings) async fn note_placement(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    position: Position,
    crossing: CrossingId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "INSERT INTO event_placements (checkpoint, position, crossing_id, placed_by, placed_at, reason)
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(position.0)
    .bind::<SqlUuid, _>(crossing.0)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(reason)
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves events into a crossing.
pub(in crate::crossings) async fn move_events(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    positions: &[i64],
    crossing: CrossingId,
) -> Result<()> {
    Statement::new("UPDATE checkpoint_events SET crossing_id = ? WHERE checkpoint = ? AND position = ANY(?)")
        .bind::<SqlUuid, _>(crossing.0)
        .bind::<Text, _>(checkpoint.as_str())
        .bind::<Array<BigInt>, _>(positions)
        .execute(connection)
        .await?;
    Ok(())
}

/// A fact that a crossing may take.
pub(in crate::crossings) struct Adoptable {
    pub(in crate::crossings) position: i64,
    pub(in crate::crossings) kind: EventKind,
    pub(in crate::crossings) occurred_at: DateTime<Utc>,
    /// The crossing that it is in now.
    pub(in crate::crossings) crossing_id: Option<Uuid>,
}

/// The unmatched facts of a plate, and those of other crossings that no person placed there.
pub(in crate::crossings) async fn adoptable(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    plate: &FoldedPlate,
    others: &[Uuid],
) -> Result<Vec<Adoptable>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        position: i64,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Timestamptz)]
        occurred_at: DateTime<Utc>,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        crossing_id: Option<Uuid>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT position, kind, occurred_at, crossing_id FROM checkpoint_events
         WHERE checkpoint = ? AND plate = ? AND crossing_id IS NULL AND plate IS NOT NULL
         UNION ALL
         SELECT event.position, event.kind, event.occurred_at, event.crossing_id FROM checkpoint_events AS event
         WHERE event.checkpoint = ? AND event.crossing_id = ANY(?)
           AND NOT EXISTS (SELECT FROM event_placements AS placement
                           WHERE placement.checkpoint = event.checkpoint AND placement.position = event.position
                             AND placement.crossing_id = event.crossing_id)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(plate.as_str())
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Array<SqlUuid>, _>(others)
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { position, kind, occurred_at, crossing_id }| {
            Ok(Adoptable { position, kind: stored_kind(&kind)?, occurred_at, crossing_id })
        })
        .collect()
}
