//! Voiding: a system takes back what it stated (a correction is another fact that voids one). Rare, so it may cost more: the
//! crossings it touches are folded anew from their facts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::FoldedPlate;
use kordon_schemas::events::EventKind;
use uuid::Uuid;

use super::model::{Crossing, CrossingId, Mark, Position, Progress};
use super::{placement, rules, store};
use crate::database::{Connection, Statement};
use crate::error::Result;

/// That the event under a key is void since the event at a position of the same checkpoint.
#[derive(Clone, Copy)]
pub(super) struct Voiding<'a> {
    pub(super) checkpoint: &'a str,
    pub(super) system: Uuid,
    pub(super) event_id: &'a str,
    pub(super) voided_by: Position,
}

/// Carries a void out: marks the event, folds its crossing anew, and gives the crossing the facts that belong to it now. Tells
/// whether the crossing is still contradictory.
pub(super) async fn carry_out(
    connection: &mut Connection,
    voiding: &Voiding<'_>,
    crossing: Option<CrossingId>,
    now: DateTime<Utc>,
) -> Result<bool> {
    mark(connection, voiding).await?;
    let Some(crossing) = crossing else { return Ok(false) };
    let (checkpoints, ids) = ([voiding.checkpoint], [crossing.0]);
    refold(connection, &checkpoints, &ids, now).await?;
    // A vehicle that has not left after all: what came later was no other journey.
    for (plate, crossing) in store::crossings(connection, &checkpoints, &ids).await? {
        placement::adopt_facts(connection, &crossing, &FoldedPlate::from_stored(plate), now).await?;
    }
    let settled = store::crossings(connection, &checkpoints, &ids).await?;
    Ok(settled.iter().any(|(_, crossing)| !rules::contradictions(&crossing.progress).is_empty()))
}

/// Marks a key as void, also one whose event has not come yet. The first void of an event counts, and only one at the event's
/// own checkpoint.
async fn mark(connection: &mut Connection, voiding: &Voiding<'_>) -> Result<()> {
    let Voiding { checkpoint, system, event_id, voided_by } = voiding;
    Statement::new(
        "INSERT INTO event_keys AS key (system_id, event_id, checkpoint, voided_by) VALUES (?, ?, ?, ?)
         ON CONFLICT (system_id, event_id) DO UPDATE SET voided_by = excluded.voided_by
         WHERE key.voided_by IS NULL AND key.checkpoint = excluded.checkpoint",
    )
    .bind::<SqlUuid, _>(system)
    .bind::<Text, _>(event_id)
    .bind::<Text, _>(checkpoint)
    .bind::<BigInt, _>(voided_by.0)
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
