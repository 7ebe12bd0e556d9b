//! Voiding: a system takes back what it stated (a correction is another fact that voids one). Rare, so it may cost more: the
//! crossings it touches are folded anew from their facts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::events::EventKind;
use uuid::Uuid;

use super::model::{Crossing, CrossingId, Mark, Position, Progress};
use super::{rules, store};
use crate::database::{Connection, Statement};
use crate::error::Result;

/// That the event under a key is void since the event at a position of the same checkpoint.
pub(super) struct Voiding<'a> {
    pub(super) system: Uuid,
    pub(super) event_id: &'a str,
    pub(super) voided_by: Position,
}

/// Marks keys as void, also keys whose event has not come yet. The first void of an event counts.
pub(super) async fn mark(connection: &mut Connection, voidings: &[Voiding<'_>]) -> Result<()> {
    let systems: Vec<Uuid> = voidings.iter().map(|voiding| voiding.system).collect();
    let event_ids: Vec<&str> = voidings.iter().map(|voiding| voiding.event_id).collect();
    let positions: Vec<i64> = voidings.iter().map(|voiding| voiding.voided_by.0).collect();
    Statement::new(
        "INSERT INTO event_keys AS key (system_id, event_id, voided_by)
         SELECT DISTINCT ON (system_id, event_id) *
         FROM unnest(?, ?, ?) AS new (system_id, event_id, voided_by)
         ORDER BY system_id, event_id, voided_by
         ON CONFLICT (system_id, event_id) DO UPDATE SET voided_by = excluded.voided_by WHERE key.voided_by IS NULL",
    )
    .bind::<Array<SqlUuid>, _>(systems)
    .bind::<Array<Text>, _>(event_ids)
    .bind::<Array<BigInt>, _>(positions)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct FactRow {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    crossing_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
}

/// Folds the facts of crossings anew, voided ones left out. This is what a crossing *is*; what is stored of it saves the work.
pub(crate) async fn fold(
    connection: &Connection,
    checkpoints: &[&str],
    ids: &[Uuid],
) -> Result<BTreeMap<(String, CrossingId), Progress>> {
    let mut shared = connection;
    let rows: Vec<FactRow> = Statement::new(
        "SELECT event.checkpoint, event.crossing_id, event.kind, event.position, event.occurred_at
         FROM unnest(?, ?) AS wanted (checkpoint, id)
         JOIN checkpoint_events AS event ON event.checkpoint = wanted.checkpoint AND event.crossing_id = wanted.id
         LEFT JOIN event_keys AS key ON key.system_id = event.system_id AND key.event_id = event.event_id
         WHERE key.voided_by IS NULL",
    )
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(&mut shared)
    .await?;
    let mut folded: BTreeMap<(String, CrossingId), Progress> = checkpoints
        .iter()
        .zip(ids)
        .map(|(checkpoint, id)| (((*checkpoint).to_owned(), CrossingId(*id)), Progress::default()))
        .collect();
    for FactRow { checkpoint, crossing_id, kind, position, occurred_at } in rows {
        let kind =
            EventKind::from_name(&kind).ok_or_else(|| store::stored_badly("an event's kind", &kind))?;
        let Some(progress) = crossing_id.and_then(|id| folded.get_mut(&(checkpoint, CrossingId(id)))) else {
            continue;
        };
        if rules::moves(kind) {
            progress.add(kind, Mark { at: occurred_at, position: Position(position) });
        }
    }
    Ok(folded)
}

/// Folds crossings anew and stores what came out. Returns them.
pub(crate) async fn refold(
    connection: &Connection,
    checkpoints: &[&str],
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Crossing>> {
    let mut folded = fold(connection, checkpoints, ids).await?;
    let mut crossings: Vec<Crossing> = store::crossings(connection, checkpoints, ids)
        .await?
        .into_iter()
        .map(|(_, crossing)| crossing)
        .collect();
    for crossing in &mut crossings {
        let key = (crossing.checkpoint.as_str().to_owned(), crossing.id);
        crossing.progress = folded.remove(&key).unwrap_or_default();
    }
    let changed: Vec<&Crossing> = crossings.iter().collect();
    store::update_crossings(connection, &changed, now).await?;
    Ok(crossings)
}
