//! What may be declared and changed about an outage, and where it stands at a moment. No clock, no I/O.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use kordon_schemas::Fault;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::outages::{OutageChanges, OutageDeclaration, OutageKind, OutageState};

use super::checks::{
    check_beginning, check_expected_end, check_press_review, check_recovery, check_scope, check_start,
    functionalities, readable, systems,
};
use super::model::{Outage, OutageId};

/// What a change does to the life of an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Corrects or extends what was told.
    Change,
    /// Says that the systems are available again.
    Recover,
    /// Withdraws the outage.
    Cancel,
}

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Places in the change that break a rule, all of them.
    #[error("the change breaks {} rule(s)", .0.len())]
    Faults(Vec<Fault>),
    /// The outage is over; nothing about it changes any more.
    #[error("the outage is {} since {since} and is not changed any more", word(*.state))]
    Over {
        /// Recovered or cancelled.
        state: OutageState,
        /// Since when.
        since: DateTime<Utc>,
    },
}

/// A change that was made: the outage as it now stands, and what the notice about it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The outage after the change.
    pub outage: Outage,
    /// What happened to it.
    pub kind: NoticeKind,
}

/// Where `outage` stands at `now`. A planned window begins by time but ends only when somebody says so: work
/// that over-runs is told as running, not as over.
#[must_use]
pub fn state(outage: &Outage, now: DateTime<Utc>) -> OutageState {
    if outage.cancelled_at.is_some() {
        OutageState::Cancelled
    } else if outage.recovered_at.is_some() {
        OutageState::Recovered
    } else if outage.kind == OutageKind::Planned && outage.began_at.is_none() && now < outage.starts_at {
        OutageState::Scheduled
    } else {
        OutageState::Running
    }
}

/// Whether `outage` runs beyond its expected end at `now`.
#[must_use]
pub fn is_overdue(outage: &Outage, now: DateTime<Utc>) -> bool {
    state(outage, now) == OutageState::Running && outage.expected_end_at.is_some_and(|end| end <= now)
}

/// For how long planned work that overran is told on at a time: DG TAXUD's record of it must have an end
/// (C0400), and nobody knows one.
pub const TOLD_ON_FOR: TimeDelta = TimeDelta::hours(24);

/// The latest end that has passed at `at`: the expected one, or one that was told in its place, each
/// [`TOLD_ON_FOR`] after the one before.
#[must_use]
pub fn last_passed(expected_end_at: DateTime<Utc>, at: DateTime<Utc>) -> DateTime<Utc> {
    let times = (at - expected_end_at).num_seconds().max(0) / TOLD_ON_FOR.num_seconds();
    expected_end_at + TimeDelta::seconds(times * TOLD_ON_FOR.num_seconds())
}

/// Of which end it is to be told at `now` that it has passed: the expected one, and for planned work each
/// that was told in its place.
#[must_use]
pub fn end_that_passed(outage: &Outage, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let expected = outage.expected_end_at.filter(|_| is_overdue(outage, now))?;
    Some(match outage.kind {
        OutageKind::Planned => last_passed(expected, now),
        OutageKind::Unplanned => expected,
    })
}

/// By how much a planned window ran beyond its expected end, or runs beyond it at `now`; `None` when it does
/// not. What is told is whole seconds, so less than one is nothing.
#[must_use]
pub fn overran_by(outage: &Outage, now: DateTime<Utc>) -> Option<TimeDelta> {
    let end = match state(outage, now) {
        OutageState::Running => now,
        OutageState::Recovered => outage.recovered_at?,
        OutageState::Scheduled | OutageState::Cancelled => return None,
    };
    let expected = outage.expected_end_at.filter(|_| outage.kind == OutageKind::Planned)?;
    Some(end - expected).filter(|by| *by >= TimeDelta::seconds(1))
}

/// How long before its beginning a planned window is reminded of (Order 926, section III, clause 16).
pub const REMINDED_BEFORE: TimeDelta = TimeDelta::hours(24);

/// Whether the press office is to be reminded of `outage` at `now`: a window that begins within a day. One
/// that was told of within that time is fresh enough.
#[must_use]
pub fn is_reminded_of(outage: &Outage, now: DateTime<Utc>) -> bool {
    state(outage, now) == OutageState::Scheduled
        && now >= outage.starts_at - REMINDED_BEFORE
        && outage.changed_at < outage.starts_at - REMINDED_BEFORE
}

/// The lifecycle: from which state which act leads where, or the reason why it does not.
fn next(outage: &Outage, act: Act, now: DateTime<Utc>) -> Result<OutageState, Refusal> {
    match (state(outage, now), act) {
        (OutageState::Scheduled, Act::Change) => Ok(OutageState::Scheduled),
        (OutageState::Running, Act::Change) => Ok(OutageState::Running),
        (OutageState::Scheduled | OutageState::Running, Act::Cancel) => Ok(OutageState::Cancelled),
        (OutageState::Running, Act::Recover) => Ok(OutageState::Recovered),
        (OutageState::Scheduled, Act::Recover) => Err(Refusal::Faults(vec![Fault::new(
            "/recovered_at",
            "the planned window has not begun; withdraw it with `cancelled` if it will not take place",
        )])),
        (
            state @ (OutageState::Recovered | OutageState::Cancelled),
            Act::Change | Act::Recover | Act::Cancel,
        ) => {
            let since = outage.recovered_at.or(outage.cancelled_at).unwrap_or(outage.changed_at);
            Err(Refusal::Over { state, since })
        }
    }
}

/// Makes an outage of a declaration.
///
/// # Errors
/// Every place of the declaration that breaks a rule.
pub fn declare(
    id: OutageId,
    declaration: &OutageDeclaration,
    now: DateTime<Utc>,
) -> Result<Outage, Vec<Fault>> {
    let OutageDeclaration {
        kind,
        affected_systems,
        functionalities: codes,
        starts_at,
        expected_end_at,
        fallback_allowed,
        text,
        scope,
        press_review_until,
    } = declaration;
    let mut faults = Vec::new();
    let outage = Outage {
        id,
        version: 1,
        kind: *kind,
        affected_systems: systems(affected_systems, &mut faults),
        functionalities: functionalities(codes, &mut faults),
        scope: scope.clone(),
        starts_at: starts_at.trunc_subsecs(0),
        began_at: None,
        expected_end_at: expected_end_at.map(|end| end.trunc_subsecs(0)),
        recovered_at: None,
        cancelled_at: None,
        fallback_allowed: *fallback_allowed,
        text: readable(text, &mut faults),
        declared_at: now,
        changed_at: now,
    };
    check_scope(&outage.scope, &mut faults);
    check_start(&outage, now, &mut faults);
    check_expected_end(&outage, now, &mut faults);
    check_press_review(&outage, *press_review_until, now, &mut faults);
    if faults.is_empty() { Ok(outage) } else { Err(faults) }
}

/// Changes an outage. `None` when the change says only what is so already: then there is nothing to tell
/// anybody.
///
/// # Errors
/// [`Refusal`], naming every place that breaks a rule.
pub fn amend(
    outage: &Outage,
    changes: &OutageChanges,
    now: DateTime<Utc>,
) -> Result<Option<Amendment>, Refusal> {
    let act = act(changes)?;
    next(outage, act, now)?;
    let mut faults = Vec::new();
    let mut changed = outage.clone();
    apply_texts(&mut changed, changes, &mut faults);
    match act {
        Act::Change => apply_facts(&mut changed, changes, now, &mut faults),
        Act::Recover => {
            check_nothing_else(changes, "a recovery", &mut faults);
            changed.recovered_at = changes.recovered_at.map(|at| at.trunc_subsecs(0));
            check_recovery(&changed, now, &mut faults);
        }
        Act::Cancel => {
            check_nothing_else(changes, "a withdrawal", &mut faults);
            changed.cancelled_at = Some(now.trunc_subsecs(0));
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Faults(faults));
    }
    if changed == *outage {
        return Ok(None);
    }
    changed.version = outage.version.saturating_add(1);
    // Replicas' clocks differ a little; the history of one outage does not run backwards.
    changed.changed_at = now.max(outage.changed_at);
    let kind = match act {
        Act::Change => NoticeKind::Changed,
        Act::Recover => NoticeKind::Recovered,
        Act::Cancel => NoticeKind::Cancelled,
    };
    Ok(Some(Amendment { outage: changed, kind }))
}

fn act(changes: &OutageChanges) -> Result<Act, Refusal> {
    match (changes.recovered_at, changes.cancelled.unwrap_or(false)) {
        (None, false) => Ok(Act::Change),
        (Some(_), false) => Ok(Act::Recover),
        (None, true) => Ok(Act::Cancel),
        (Some(_), true) => Err(Refusal::Faults(vec![Fault::new(
            "/cancelled",
            "an outage is recovered or withdrawn, not both; withdraw it only if it never was",
        )])),
    }
}

fn apply_texts(outage: &mut Outage, changes: &OutageChanges, faults: &mut Vec<Fault>) {
    if let Some(text) = &changes.text {
        outage.text = readable(text, faults);
    }
    if let Some(fallback_allowed) = changes.fallback_allowed {
        outage.fallback_allowed = fallback_allowed;
    }
}

fn apply_facts(outage: &mut Outage, changes: &OutageChanges, now: DateTime<Utc>, faults: &mut Vec<Fault>) {
    if let Some(affected_systems) = &changes.affected_systems {
        outage.affected_systems = systems(affected_systems, faults);
    }
    if let Some(codes) = &changes.functionalities {
        outage.functionalities = functionalities(codes, faults);
    }
    let before = (outage.starts_at, outage.expected_end_at);
    if let Some(began_at) = changes.began_at {
        outage.began_at = Some(began_at.trunc_subsecs(0));
        check_beginning(outage, now, faults);
    }
    let scheduled = state(outage, now) == OutageState::Scheduled;
    if let Some(starts_at) = changes.starts_at {
        outage.starts_at = starts_at.trunc_subsecs(0);
    }
    outage.expected_end_at =
        changes.expected_end_at.over(outage.expected_end_at).map(|end| end.trunc_subsecs(0));
    if outage.starts_at != before.0 {
        if scheduled {
            check_start(outage, now, faults);
        } else {
            faults.push(Fault::new(
                "/starts_at",
                "the outage has begun; withdraw it and declare it anew if its start was wrong",
            ));
        }
    }
    let only_the_start_moved = changes.expected_end_at.is_keep();
    if only_the_start_moved && outage.expected_end_at.is_some_and(|end| end <= outage.starts_at) {
        faults.push(Fault::new(
            "/starts_at",
            "must be before the expected end (R0519); move both to move the window",
        ));
    } else if (outage.starts_at, outage.expected_end_at) != before {
        check_expected_end(outage, now, faults);
    }
    check_press_review(outage, changes.press_review_until, now, faults);
}

/// A recovery and a withdrawal end the outage as it was told: nothing else about it changes with them but
/// words.
fn check_nothing_else(changes: &OutageChanges, ending: &str, faults: &mut Vec<Fault>) {
    let OutageChanges {
        starts_at,
        began_at,
        expected_end_at,
        affected_systems,
        functionalities,
        fallback_allowed: _,
        text: _,
        recovered_at: _,
        cancelled: _,
        press_review_until,
    } = changes;
    let given = [
        ("/starts_at", starts_at.is_some()),
        ("/began_at", began_at.is_some()),
        ("/expected_end_at", !expected_end_at.is_keep()),
        ("/affected_systems", affected_systems.is_some()),
        ("/functionalities", functionalities.is_some()),
        ("/press_review_until", press_review_until.is_some()),
    ];
    for (path, _) in given.into_iter().filter(|(_, given)| *given) {
        faults.push(Fault::new(path, format!("does not change together with {ending}")));
    }
}

/// The word for where an outage stands.
#[must_use]
pub const fn word(state: OutageState) -> &'static str {
    match state {
        OutageState::Scheduled => "scheduled",
        OutageState::Running => "running",
        OutageState::Recovered => "recovered",
        OutageState::Cancelled => "withdrawn",
    }
}

#[cfg(test)]
mod tests;
