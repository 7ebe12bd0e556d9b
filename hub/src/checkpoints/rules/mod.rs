//! The rules of a checkpoint as data, by version (Resolution 1393, clauses 9, 11, 14, 19, 22, 24).
//!
//! A version is put whole and never changes. Of the versions whose day has come the newest is in force: a
//! later decision prevails over an earlier one. Whatever is decided keeps the version that it was decided
//! under, so that a new version changes nothing of it.
//!
//! - [`standard`]: version 1, the hub's own default.
//! - `contradictions`: why rules cannot be taken.
//! - [`lanes`]: which lane takes a vehicle.
//! - [`hours`], [`slots`]: the capacity of a lane, and the grid of its slots.
//! - [`data_schema`]: what a booking must hold.

mod contradictions;
pub mod data_schema;
pub mod hours;
pub mod lanes;
pub mod slots;
pub mod standard;
mod store;

pub use contradictions::contradictions;

use chrono::{DateTime, SubsecRound, Utc};
use chrono_tz::Europe::Kyiv;
use diesel_async::AsyncConnection;
use kordon_schemas::rules::{Rules, RulesIn, RulesVersion, RulesVersionEntry, RulesVersions};
use kordon_schemas::{CheckpointCode, Fault, ProblemCode};

use crate::crossings::LockedJournal;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;
use crate::queue::rules::is_text;

/// The rules that something is decided under.
#[derive(Debug, Clone, PartialEq)]
pub struct RulesInForce {
    /// Their version, which is kept with what they decide.
    pub version: i32,
    /// What they say.
    pub rules: Rules,
}

impl RulesInForce {
    /// The hub's own default.
    #[must_use]
    pub fn standard() -> Self {
        Self { version: standard::VERSION, rules: standard::rules() }
    }
}

/// The rules that are in force at a moment.
///
/// # Errors
/// When the database is away.
pub async fn in_force(
    connection: &Connection,
    checkpoint: &CheckpointCode,
    at: DateTime<Utc>,
) -> Result<RulesInForce> {
    Ok(store::in_force(connection, checkpoint, at).await?.unwrap_or_else(RulesInForce::standard))
}

/// The rules of a time, as it is divided between versions: each from when until when it is in force, in
/// order.
///
/// # Errors
/// When the database is away.
pub async fn periods(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, DateTime<Utc>, RulesInForce)>> {
    let mut periods = Vec::new();
    let mut starts_at = from;
    while starts_at < to {
        let rules = in_force(connection, checkpoint, starts_at).await?;
        let next = store::next_change(connection, checkpoint, rules.version, starts_at).await?;
        let ends_at = next.unwrap_or(to).min(to);
        periods.push((starts_at, ends_at, rules));
        starts_at = ends_at;
    }
    Ok(periods)
}

/// The rules of a version: those that something was decided under.
///
/// # Errors
/// [`Error::NotFound`] when the checkpoint has no such version.
pub async fn of_version(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    version: i32,
) -> Result<RulesInForce> {
    let RulesVersion { version, rules, .. } = show(connection, checkpoint, version).await?;
    Ok(RulesInForce { version, rules })
}

/// A version with what it rests on.
///
/// # Errors
/// [`Error::NotFound`] when the checkpoint has no such version.
pub async fn show(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    version: i32,
) -> Result<RulesVersion> {
    if version == standard::VERSION {
        let rules = standard::rules();
        let checkpoint = checkpoint.clone();
        return Ok(RulesVersion { checkpoint, version, applies_from: None, decision: None, rules });
    }
    store::version(connection, checkpoint, version)
        .await?
        .ok_or_else(|| Error::NotFound { what: "version of the rules", id: version.to_string() })
}

/// The number of the newest version, in force or still to come.
///
/// # Errors
/// When the database is away.
pub async fn newest(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<i32> {
    Ok(store::newest(connection, checkpoint).await?.unwrap_or(standard::VERSION))
}

/// The versions of a checkpoint before a number, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn versions(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    before: Option<i32>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<RulesVersions> {
    let in_force = in_force(connection, checkpoint, now).await?.version;
    let limit = usize::try_from(limit).unwrap_or_default();
    let mut items = store::versions(connection, checkpoint, before, limit).await?;
    let has_default = before.is_none_or(|before| before > standard::VERSION);
    if items.len() < limit && has_default {
        let version = standard::VERSION;
        items.push(RulesVersionEntry { version, applies_from: None, decision: None, put_at: None });
    }
    let last = items.last().map(|entry| entry.version);
    let next = last.filter(|last| *last > standard::VERSION);
    Ok(RulesVersions { checkpoint: checkpoint.clone(), in_force, items, next })
}

/// Puts a new version. `known` is the newest version as the one who puts it knows it.
///
/// # Errors
/// [`Error::Invalid`] with every contradiction in them; [`ProblemCode::PreconditionFailed`] when there is a
/// newer version.
pub async fn put(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    known: i32,
    asked: &RulesIn,
    now: DateTime<Utc>,
) -> Result<RulesVersion> {
    let RulesIn { applies_from, decision, rules } = asked;
    let applies_from = applies_from.trunc_subsecs(6);
    let faults = faults_of(asked, now);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            let newest = newest(connection, checkpoint).await?;
            if newest != known {
                let detail = format!("the newest version is {newest}");
                return Err(Error::refused(ProblemCode::PreconditionFailed, detail));
            }
            let version = RulesVersion {
                checkpoint: checkpoint.clone(),
                version: newest + 1,
                applies_from: Some(applies_from),
                decision: Some(decision.clone()),
                rules: rules.clone(),
            };
            store::insert(connection, actor, &version, now).await?;
            journal.draw();
            journal.advance(connection, now).await?;
            Ok(version)
        })
        .await
}

/// What is wrong with rules as they were put, every place at once.
fn faults_of(asked: &RulesIn, now: DateTime<Utc>) -> Vec<Fault> {
    let RulesIn { applies_from, decision, rules } = asked;
    let mut faults = Vec::new();
    if *applies_from < now {
        faults
            .push(Fault::new("/applies_from", "lies in the past: what was decided until now stays decided"));
    }
    if !is_text(&decision.reference, 100) {
        let detail = "has 1 to 100 characters and no control characters";
        faults.push(Fault::new("/decision/reference", detail));
    }
    if decision.decided_on > now.with_timezone(&Kyiv).date_naive() {
        faults.push(Fault::new("/decision/decided_on", "lies in the future"));
    }
    let within = |fault: Fault| Fault::new(format!("/rules{}", fault.path), fault.detail);
    faults.extend(contradictions(rules).into_iter().map(within));
    faults
}
