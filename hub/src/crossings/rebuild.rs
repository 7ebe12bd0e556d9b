//! Whether each crossing is what its booking, its call and its facts come to, and mending it where it is not:
//! for the operator, after a restore or a defect, and for the tests.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::Stage;
use uuid::Uuid;

use super::journal::LockedJournal;
use super::model::Crossing;
use super::store::Compared;
use super::{rules, store, voids};
use crate::database::Connection;
use crate::error::Result;

/// Crossings that are compared in one transaction, which holds the checkpoint's journal.
const AT_ONCE: i64 = 500;

/// What is kept of a crossing, so that nobody has to fold its facts to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// When it was booked, its call, and what its facts come to.
    pub crossing: Crossing,
    /// The furthest stage.
    pub stage: Stage,
    /// Whether it stands in the waiting queue or is on its way from the zone.
    pub awaits_entry: bool,
    /// Whether it can be called in its turn.
    pub waits: bool,
    /// Whether facts of it contradict each other.
    pub contradictory: bool,
}

/// A crossing of which something else is kept than its facts come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What is kept.
    pub kept: Kept,
    /// What it comes to.
    pub rebuilt: Kept,
}

/// Compares every crossing of a checkpoint with what its booking, its call and its facts come to. Changes
/// nothing.
///
/// # Errors
/// When the database is away.
pub async fn verify(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<Vec<Difference>> {
    each(connection, checkpoint, None).await
}

/// Makes every crossing of a checkpoint what its booking, its call and its facts come to, and returns those
/// that were not.
///
/// # Errors
/// When the database is away; what was mended by then stays mended.
pub async fn rebuild(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Vec<Difference>> {
    each(connection, checkpoint, Some(now)).await
}

async fn each(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    mend_at: Option<DateTime<Utc>>,
) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    let mut after = Uuid::nil();
    loop {
        let (last, different) = connection
            .transaction(async |connection| some(connection, checkpoint, after, mend_at).await)
            .await?;
        differences.extend(different);
        match last {
            Some(last) => after = last,
            None => return Ok(differences),
        }
    }
}

/// Compares the crossings after an id, as many as are done at once, and returns the last of them.
async fn some(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    after: Uuid,
    mend_at: Option<DateTime<Utc>>,
) -> Result<(Option<Uuid>, Vec<Difference>)> {
    // Under the journal's lock no fact, booking or call comes between what is kept and what it rests on.
    let mut journal = LockedJournal::lock(connection, checkpoint).await?;
    let found = store::compared(connection, checkpoint, after, AT_ONCE).await?;
    let ids: Vec<Uuid> = found.iter().map(|compared| compared.without_facts.id.0).collect();
    let Some(last) = ids.last().copied() else { return Ok((None, Vec::new())) };
    let mut folded = voids::fold(connection, &vec![checkpoint.as_str(); ids.len()], &ids).await?;
    let mut differences = Vec::new();
    for Compared { kept, without_facts } in found {
        let key = (checkpoint.as_str().to_owned(), without_facts.id);
        let progress = folded.remove(&key).unwrap_or_default();
        let rebuilt = Kept::of(Crossing { progress, ..without_facts });
        if kept != rebuilt {
            differences.push(Difference { kept, rebuilt });
        }
    }
    if let Some(now) = mend_at
        && !differences.is_empty()
    {
        for Difference { kept: _, rebuilt } in &differences {
            store::mend(connection, &rebuilt.crossing).await?;
            store::update_crossings(connection, &[&rebuilt.crossing], now).await?;
        }
        // Readers of the queue see that it has changed.
        journal.draw();
        journal.advance(connection, now).await?;
    }
    Ok((Some(last), differences))
}

impl Kept {
    fn of(crossing: Crossing) -> Self {
        let stage = rules::stage(&crossing);
        Self {
            stage,
            awaits_entry: rules::is_awaited(&crossing),
            waits: rules::waits(&crossing),
            contradictory: !rules::contradictions(&crossing.progress).is_empty(),
            crossing,
        }
    }
}
