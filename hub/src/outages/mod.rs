//! Outages: ETS, or a system that it needs, is unavailable, planned or not (Order 926, clause 16 of section
//! III; clause 1 of section IV).
//!
//! Whom it serves: the first line, which declares an outage, changes it and says when it is over; DG TAXUD
//! and the press office, who are sent a notice of each of these; departure offices, who learn whether transit
//! may run on paper. A change and its notice are one transaction.
//!
//! - [`model`]: the facts about an outage.
//! - [`rules`]: what may be declared and changed, and where an outage stands at a moment; `checks` holds what
//!   each value must be.
//! - [`overlap`]: when two outages would tell of the same thing.
//! - [`timer`]: reminds of what begins soon and of what should have ended.
//! - [`announcement`]: what DG TAXUD's record must be told.

pub mod announcement;
mod checks;
#[cfg(test)]
mod laws;
pub mod model;
pub mod overlap;
pub mod rules;
mod store;
pub mod timer;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::ProblemCode;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::outages::{AffectedSystem, OutageChanges, OutageDeclaration};
use kordon_schemas::queue::QueueOutage;

use model::OutageLevel;
pub use model::{Outage, OutageId, Told};
pub use rules::Refusal;

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::notices;
use crate::parties::{Actor, SystemId};
use crate::repeats;

/// The most outages on a page.
pub const LARGEST_PAGE: i64 = 100;

/// What became of a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The outage, as it stands now.
    pub outage: Outage,
    /// Whether it had been declared before, under the same idempotency key.
    pub repeated: bool,
}

/// A page of the list, latest declared first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its outages.
    pub outages: Vec<Outage>,
    /// Where the next page begins, if there is one.
    pub next: Option<OutageId>,
}

impl Page {
    /// The page as a reader gets it at `now`.
    #[must_use]
    pub fn seen_at(&self, now: DateTime<Utc>) -> kordon_schemas::outages::OutagePage {
        kordon_schemas::outages::OutagePage {
            items: self.outages.iter().map(|outage| outage.seen_at(now)).collect(),
            next: self.next.map(|id| id.0),
        }
    }
}

/// Records an outage and its first notice. The same declaration under the same `key` is answered with the
/// outage that it made, as that stands by now.
///
/// # Errors
/// [`Error::Invalid`] naming each fault; [`Error::Refused`] with `idempotency_conflict` when the key stands
/// for another declaration, with `outage_twin` when an outage of the same kind, system and start stands
/// already, or with `outage_overlap` when one stands that takes the same away at that time.
pub async fn declare(
    connection: &mut Connection,
    actor: &Actor,
    declaration: &OutageDeclaration,
    key: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Declared> {
    let content_digest = repeats::digest(declaration)?;
    if let Some(key) = key {
        repeats::check_key(key)?;
        if let Some(outage) = repeated(connection, actor, key, content_digest).await? {
            return Ok(Declared { outage, repeated: true });
        }
    }
    let outage = rules::declare(OutageId::new(), declaration, now).map_err(Error::Invalid)?;
    let recorded = connection
        .transaction(async |connection| {
            if !store::insert(connection, &outage, actor.system, key, content_digest).await? {
                return Ok(false);
            }
            store::one_at_a_time(connection).await?;
            claim(connection, &outage).await?;
            check_alone(connection, &outage, now).await?;
            let review_until = declaration.press_review_until;
            notices::record(connection, &outage, NoticeKind::Declared, actor.system, review_until, now)
                .await?;
            Ok::<_, Error>(true)
        })
        .await?;
    if recorded {
        return Ok(Declared { outage, repeated: false });
    }
    // Another request with the same key was faster; it has been committed by now.
    let key = key.unwrap_or_default();
    match repeated(connection, actor, key, content_digest).await? {
        Some(outage) => Ok(Declared { outage, repeated: true }),
        None => Err(Error::Internal(format!("outage {} was neither recorded nor a repeat", outage.id))),
    }
}

/// Changes, recovers or withdraws an outage and records the notice of it. A change that says nothing new
/// records nothing.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Refused`] with `precondition_failed` when the outage is not at
/// `expected_version` any more, with `outage_over` when it has ended, with `outage_twin` or `outage_overlap`
/// when it would become the twin of another or overlap it; [`Error::Invalid`] naming each fault.
pub async fn amend(
    connection: &mut Connection,
    actor: &Actor,
    id: OutageId,
    expected_version: Option<i32>,
    changes: &OutageChanges,
    now: DateTime<Utc>,
) -> Result<Outage> {
    connection
        .transaction(async |connection| {
            let outage = store::locked(connection, id).await?.ok_or_else(|| unknown(id))?;
            if expected_version.is_some_and(|expected| expected != outage.version) {
                return Err(Error::refused(
                    ProblemCode::PreconditionFailed,
                    format!("the outage is at version {}", outage.version),
                ));
            }
            change(connection, outage, changes, actor.system, now).await
        })
        .await
}

/// Changes an outage that is locked.
async fn change(
    connection: &mut Connection,
    outage: Outage,
    changes: &OutageChanges,
    by: SystemId,
    now: DateTime<Utc>,
) -> Result<Outage> {
    if changes.fallback_allowed.is_some() {
        store::note_fallback_for_permits(connection, outage.id, false).await?;
    }
    let Some(amendment) = rules::amend(&outage, changes, now).map_err(refused)? else {
        return Ok(outage);
    };
    let changed = amendment.outage;
    store::update(connection, &changed).await?;
    let (keys_differ, moved) = (keys_differ(&outage, &changed), overlap::moved(&outage, &changed));
    if keys_differ || moved {
        store::one_at_a_time(connection).await?;
    }
    if keys_differ {
        store::give_up_unavailabilities(connection, outage.id).await?;
        claim(connection, &changed).await?;
    }
    if moved {
        check_alone(connection, &changed, now).await?;
    }
    notices::record(connection, &changed, amendment.kind, by, changes.press_review_until, now).await?;
    Ok(changed)
}

/// An outage, held until the end of the transaction, for a decision that rests on more than the outage
/// itself.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn locked(connection: &mut Connection, id: OutageId) -> Result<Outage> {
    store::locked(connection, id).await?.ok_or_else(|| unknown(id))
}

/// Raises the Fallback flag of an outage that is not over, because a permit came into force; whether that
/// changed anything. It is a change like any other, with its notice.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn raise_fallback(
    connection: &mut Connection,
    id: OutageId,
    by: SystemId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let outage = store::locked(connection, id).await?.ok_or_else(|| unknown(id))?;
    if !outage.is_open() || outage.fallback_allowed {
        return Ok(false);
    }
    set_fallback(connection, outage, true, by, now).await?;
    store::note_fallback_for_permits(connection, id, true).await?;
    Ok(true)
}

/// Lowers the Fallback flag of an outage that is not over, because the last permit that rested on it ended,
/// if it is up for permits. What line 1 said of it by itself stays as it is.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn lower_fallback(
    connection: &mut Connection,
    id: OutageId,
    by: SystemId,
    now: DateTime<Utc>,
) -> Result<()> {
    let outage = store::locked(connection, id).await?.ok_or_else(|| unknown(id))?;
    if outage.is_open() && outage.fallback_allowed && store::fallback_is_for_permits(connection, id).await? {
        set_fallback(connection, outage, false, by, now).await?;
    }
    Ok(())
}

async fn set_fallback(
    connection: &mut Connection,
    outage: Outage,
    allowed: bool,
    by: SystemId,
    now: DateTime<Utc>,
) -> Result<()> {
    let changes = OutageChanges { fallback_allowed: Some(allowed), ..OutageChanges::default() };
    change(connection, outage, &changes, by, now).await.map(drop)
}

/// One outage.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut Connection, id: OutageId) -> Result<Outage> {
    store::one(connection, id).await?.ok_or_else(|| unknown(id))
}

/// Outages, latest declared first: those declared before `after`, at most `limit` of them and never more than
/// [`LARGEST_PAGE`]. With `only_open`, those that are neither recovered nor withdrawn.
///
/// # Errors
/// When the database is away.
pub async fn list(
    connection: &mut Connection,
    only_open: bool,
    after: Option<OutageId>,
    limit: i64,
) -> Result<Page> {
    let limit = limit.clamp(1, LARGEST_PAGE);
    let mut outages = store::before(connection, only_open, after, limit + 1).await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = outages.len() > size;
    outages.truncate(size);
    let next = outages.last().map(|outage| outage.id).filter(|_| more);
    Ok(Page { outages, next })
}

/// The outages of ETS that ran at `at`, as they were told by `told`: from the notices, which never change, so
/// that whoever asks again gets the same. The earliest first.
///
/// # Errors
/// When the database is away.
pub async fn told_by(
    connection: &mut Connection,
    told: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<Vec<QueueOutage>> {
    let running = |told: &Told| {
        told.affected_systems.contains(&AffectedSystem::Ets)
            && told.starts_at <= at
            && told.recovered_at.is_none()
            && told.cancelled_at.is_none()
    };
    let known = store::last_told(connection, told).await?;
    let mut outages: Vec<QueueOutage> = known
        .into_iter()
        .filter(|(_, told)| running(told))
        .map(|(id, Told { kind, starts_at, expected_end_at, .. })| QueueOutage {
            outage: id.0,
            kind,
            since: starts_at,
            expected_end_at,
        })
        .collect();
    outages.sort_by_key(|outage| (outage.since, outage.outage));
    Ok(outages)
}

async fn repeated(
    connection: &mut Connection,
    actor: &Actor,
    key: &str,
    content_digest: [u8; 32],
) -> Result<Option<Outage>> {
    let Some((outage, known)) = store::by_key(connection, actor.system, key).await? else { return Ok(None) };
    repeats::require_same(&known, content_digest, || {
        format!("the key stands for another declaration, which made outage {}", outage.id)
    })?;
    Ok(Some(outage))
}

/// Takes the keys under which DG TAXUD will know the outage (R0518).
async fn claim(connection: &mut Connection, outage: &Outage) -> Result<()> {
    if outage.cancelled_at.is_some() || outage.scope.level != OutageLevel::National {
        return Ok(());
    }
    match store::claim_unavailabilities(connection, outage).await? {
        None => Ok(()),
        Some(twin) => Err(Error::refused(
            ProblemCode::OutageTwin,
            format!("outage {twin} is of the same kind, system and start"),
        )),
    }
}

/// Refuses an outage that tells of what another tells of at that time.
async fn check_alone(connection: &mut Connection, outage: &Outage, now: DateTime<Utc>) -> Result<()> {
    let standing = store::standing(connection, outage.scope.level, outage.id).await?;
    match standing.into_iter().find(|other| overlap::overlaps(outage, other, now)) {
        None => Ok(()),
        Some(other) => {
            let (kind, since) = (other.kind.as_str(), other.starts_at.to_rfc3339());
            let state = rules::state(&other, now);
            let until =
                other.expected_end_at.map_or_else(String::new, |end| format!(" until {}", end.to_rfc3339()));
            let detail = format!(
                "outage {} takes the same away at that time: {kind}, {}, from {since}{until}",
                other.id,
                rules::word(state)
            );
            Err(Error::refused(ProblemCode::OutageOverlap, detail))
        }
    }
}

fn keys_differ(before: &Outage, after: &Outage) -> bool {
    let keys = |outage: &Outage| {
        (
            outage.begun_at(),
            outage.affected_systems.clone(),
            outage.functionalities.clone(),
            outage.cancelled_at.is_some(),
        )
    };
    keys(before) != keys(after)
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Faults(faults) => Error::Invalid(faults),
        Refusal::Over { .. } => Error::refused(ProblemCode::OutageOver, refusal.to_string()),
    }
}

fn unknown(id: OutageId) -> Error {
    Error::NotFound { what: "outage", id: id.to_string() }
}
