//! Voiding: a system takes back what it stated (a correction is another fact that voids one). Rare, so it may
//! cost more: the crossings it touches are folded anew from their facts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kordon_schemas::FoldedPlate;
use uuid::Uuid;

use super::model::{Crossing, CrossingId, Position, Progress};
use super::store::StandingFact;
use super::{placement, rules, store};
use crate::database::Connection;
use crate::error::Result;

/// That the event under a key is void since the event at a position of the same checkpoint.
#[derive(Clone, Copy)]
pub(super) struct Voiding<'a> {
    pub(super) checkpoint: &'a str,
    pub(super) system: Uuid,
    pub(super) event_id: &'a str,
    pub(super) voided_by: Position,
}

/// Carries a void out: marks the event, folds its crossing anew, and gives the crossing the facts that belong
/// to it now. Tells whether the crossing is still contradictory.
pub(super) async fn carry_out(
    connection: &mut Connection,
    voiding: &Voiding<'_>,
    crossing: Option<CrossingId>,
    now: DateTime<Utc>,
) -> Result<bool> {
    store::mark_void(connection, voiding).await?;
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

/// Folds the facts of crossings anew, voided ones left out. This is what a crossing *is*; what is stored of
/// it saves the work.
pub(crate) async fn fold(
    connection: &Connection,
    checkpoints: &[&str],
    ids: &[Uuid],
) -> Result<BTreeMap<(String, CrossingId), Progress>> {
    let facts = store::standing_facts(connection, checkpoints, ids).await?;
    let mut folded: BTreeMap<(String, CrossingId), Progress> = checkpoints
        .iter()
        .zip(ids)
        .map(|(checkpoint, id)| (((*checkpoint).to_owned(), CrossingId(*id)), Progress::default()))
        .collect();
    for StandingFact { checkpoint, crossing, kind, mark } in facts {
        let Some(progress) = folded.get_mut(&(checkpoint, crossing)) else { continue };
        if rules::moves(kind) {
            progress.add(kind, mark);
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
