//! Who runs the queue of a checkpoint (Q23): other queue systems feed the same database, and at each
//! checkpoint one operator at a time books and calls. A hand-over is recorded with the decision that it rests
//! on.
//!
//! Where no operator is recorded, every queue operator whose scope reaches the checkpoint may act, each with
//! its own bookings.

mod store;

use chrono::{DateTime, SubsecRound, Utc};
use chrono_tz::Europe::Kyiv;
use diesel_async::AsyncConnection;
use kordon_schemas::operators::{OperatorIn, Operators};
use kordon_schemas::{CheckpointCode, Fault, ProblemCode};

use crate::crossings::LockedJournal;
use crate::database::{Connection, Database};
use crate::error::{Error, Result};
use crate::parties::{Actor, Role, SystemId};
use crate::queue::rules::is_text;

/// Refuses an operator's system at a checkpoint that another operator runs.
///
/// # Errors
/// [`ProblemCode::OtherOperator`].
pub async fn check(
    connection: &Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<()> {
    if actor.role != Role::QueueOperator {
        return Ok(());
    }
    let store::Involved { operator, own, .. } =
        store::standing(connection, actor.system, actor.system, checkpoint, now).await?;
    if operator.is_none_or(|operator| operator == own) {
        return Ok(());
    }
    let detail = format!("the queue of {checkpoint} is run by another operator");
    Err(Error::refused(ProblemCode::OtherOperator, detail))
}

/// When an operator's system may act at a checkpoint: what it states is judged by the moment at which it
/// happened, so that an operator can still hand in what happened in its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Since when who runs the queue, and whether that is the system's organisation; the earliest first.
    since: Vec<(DateTime<Utc>, bool)>,
}

impl Terms {
    /// Whether the system may act at a moment. Before the first hand-over nobody is recorded, and every
    /// operator may.
    #[must_use]
    pub fn include(&self, at: DateTime<Utc>) -> bool {
        self.since.iter().rev().find(|(from, _)| *from <= at).is_none_or(|(_, own)| *own)
    }
}

/// The terms of an operator's system at a checkpoint. None: the actor is no operator, and bound by none.
///
/// # Errors
/// When the database is away.
pub async fn terms(database: &Database, actor: &Actor, checkpoint: &CheckpointCode) -> Result<Option<Terms>> {
    if actor.role != Role::QueueOperator {
        return Ok(None);
    }
    let since = store::terms(&mut *database.connection().await?, actor.system, checkpoint).await?;
    Ok(Some(Terms { since }))
}

/// Whether an operator's system runs a booking: its organisation is the operator of the checkpoint, or, where
/// none is recorded, the one that made the booking.
///
/// # Errors
/// When the database is away.
pub async fn runs(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    maker: SystemId,
    now: DateTime<Utc>,
) -> Result<bool> {
    system_runs(connection, actor.system, checkpoint, maker, now).await
}

/// As [`runs`], of a system that acted before.
///
/// # Errors
/// When the database is away.
pub async fn system_runs(
    connection: &mut Connection,
    system: SystemId,
    checkpoint: &CheckpointCode,
    maker: SystemId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let store::Involved { operator, own, maker } =
        store::standing(connection, system, maker, checkpoint, now).await?;
    Ok(operator.unwrap_or(maker) == own)
}

/// The operators of a checkpoint, the latest first.
///
/// # Errors
/// When the database is away.
pub async fn list(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Operators> {
    let items = store::list(connection, checkpoint).await?;
    let current = items.iter().find(|operator| operator.operates_from <= now).cloned();
    Ok(Operators { checkpoint: checkpoint.clone(), current, items })
}

/// Records a hand-over: from a moment on, an organisation runs the queue. The same again is the same
/// hand-over.
///
/// # Errors
/// [`Error::Invalid`] for a moment in the past or before the last hand-over; [`Error::NotFound`] for an
/// organisation that is not registered.
pub async fn hand_over(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    asked: &OperatorIn,
    now: DateTime<Utc>,
) -> Result<Operators> {
    let OperatorIn { organisation, operates_from, decision } = asked;
    let operates_from = operates_from.trunc_subsecs(6);
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            let known = list(connection, checkpoint, now).await?;
            let last = known.items.first();
            let same = |last: &kordon_schemas::operators::Operator| {
                last.organisation == *organisation
                    && last.operates_from == operates_from
                    && last.decision == *decision
            };
            if last.is_some_and(same) {
                return Ok(known);
            }
            let mut faults = Vec::new();
            if operates_from < now {
                faults.push(Fault::new(
                    "/operates_from",
                    "lies in the past: who acted until now had the right to",
                ));
            } else if last.is_some_and(|last| operates_from <= last.operates_from) {
                faults.push(Fault::new("/operates_from", "is not after the last hand-over that is recorded"));
            }
            if !is_text(&decision.reference, 100) {
                let detail = "has 1 to 100 characters and no control characters";
                faults.push(Fault::new("/decision/reference", detail));
            }
            if decision.decided_on > now.with_timezone(&Kyiv).date_naive() {
                faults.push(Fault::new("/decision/decided_on", "lies in the future"));
            }
            if !faults.is_empty() {
                return Err(Error::Invalid(faults));
            }
            if !store::insert(connection, actor, checkpoint, asked, operates_from, now).await? {
                return Err(Error::NotFound { what: "organisation", id: organisation.to_string() });
            }
            journal.draw();
            journal.advance(connection, now).await?;
            list(connection, checkpoint, now).await
        })
        .await
}
