//! What may happen to a request and to a permit, and when a permit is valid (section IV). Pure: no clock, no
//! I/O. The moves are two tables, [`REQUEST_MOVES`] and [`PERMIT_MOVES`]. What a correction does to the uses
//! is in [`corrections`].

pub mod corrections;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Kyiv;
use kordon_schemas::outages::AffectedSystem;
use kordon_schemas::permits::PermitStamp;

use super::model::{Permit, PermitAsk, PermitRequestState, PermitState, Told, Validity};
use crate::outages::Outage;

use PermitRequestState::{Closed, Confirmed, Open, Permitted, Refused};

/// How long line 2 has to decide, from receipt (H4.5). By the clock: the clause counts from receipt and names
/// no working time.
pub const DECISION_LIMIT: TimeDelta = TimeDelta::hours(4);

/// How long a permit is valid (H4.7). By the clock, too.
pub const VALIDITY: TimeDelta = TimeDelta::hours(24);

/// How long before its end a permit is told to be about to expire.
pub const WARNED_BEFORE: TimeDelta = TimeDelta::hours(2);

/// How long before the end of a permit the next one may be asked for. As long as line 2 may take: who asks in
/// time need not stop.
pub const RENEWABLE_BEFORE: TimeDelta = DECISION_LIMIT;

/// What is done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestAct {
    /// Line 2 confirms the failure, and the procedure was not asked for.
    ConfirmFailure,
    /// Line 2 confirms the failure, and a permit is given.
    Permit,
    /// Line 2 does not confirm it, or it was solved.
    Refuse,
    /// Both were told of a refusal, or the office has reported all about a permit.
    Close,
}

impl RequestAct {
    /// Every act.
    pub const ALL: [Self; 4] = [Self::ConfirmFailure, Self::Permit, Self::Refuse, Self::Close];
}

/// Every move of a request there is: from where, by what, to where.
pub const REQUEST_MOVES: &[(PermitRequestState, RequestAct, PermitRequestState)] = &[
    (Open, RequestAct::ConfirmFailure, Confirmed),
    (Open, RequestAct::Permit, Permitted),
    (Open, RequestAct::Refuse, Refused),
    // The incident that was to be solved is: clause 9 tells and closes it like a refusal.
    (Confirmed, RequestAct::Refuse, Refused),
    // Solved before both were told of the permit: it does not come into force any more.
    (Permitted, RequestAct::Refuse, Refused),
    (Refused, RequestAct::Close, Closed),
    (Permitted, RequestAct::Close, Closed),
];

/// What is done with a permit, by people or by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PermitAct {
    /// Both were told.
    ComeIntoForce,
    /// Its 24 hours are over.
    Expire,
    /// It is taken back.
    Revoke,
    /// The incident was solved before both were told (H4.9).
    Refuse,
    /// The office has reported all of its uses, or why there was none.
    Close,
}

impl PermitAct {
    /// Every act.
    pub const ALL: [Self; 5] = [Self::ComeIntoForce, Self::Expire, Self::Revoke, Self::Refuse, Self::Close];
}

/// Every move of a permit there is. None leads back, and none to a longer validity.
pub const PERMIT_MOVES: &[(PermitState, PermitAct, PermitState)] = &[
    (PermitState::Issued, PermitAct::ComeIntoForce, PermitState::InForce),
    (PermitState::Issued, PermitAct::Revoke, PermitState::Revoked),
    (PermitState::Issued, PermitAct::Refuse, PermitState::Revoked),
    (PermitState::Issued, PermitAct::Close, PermitState::Closed),
    (PermitState::InForce, PermitAct::Expire, PermitState::Expired),
    (PermitState::InForce, PermitAct::Revoke, PermitState::Revoked),
    (PermitState::InForce, PermitAct::Close, PermitState::Closed),
    (PermitState::Expired, PermitAct::Close, PermitState::Closed),
    (PermitState::Revoked, PermitAct::Close, PermitState::Closed),
];

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {stands}: {possible}")]
pub struct MoveRefusal {
    what: &'static str,
    stands: &'static str,
    possible: String,
}

impl MoveRefusal {
    fn new(what: &'static str, stands: &'static str, possible: Vec<&'static str>) -> Self {
        let possible = if possible.is_empty() {
            "nothing more is done with it".to_owned()
        } else {
            format!("it can become {}", possible.join(", "))
        };
        Self { what, stands, possible }
    }
}

/// Where a request stands after an act.
///
/// # Errors
/// [`MoveRefusal`] when the table has no such move.
pub fn request_after(from: PermitRequestState, act: RequestAct) -> Result<PermitRequestState, MoveRefusal> {
    let rows = || REQUEST_MOVES.iter().filter(move |(there, _, _)| *there == from);
    rows().find(|(_, by, _)| *by == act).map(|(_, _, to)| *to).ok_or_else(|| {
        MoveRefusal::new("the request", from.as_str(), rows().map(|(_, _, to)| to.as_str()).collect())
    })
}

/// Where a permit stands after an act.
///
/// # Errors
/// [`MoveRefusal`] when the table has no such move.
pub fn permit_after(from: PermitState, act: PermitAct) -> Result<PermitState, MoveRefusal> {
    let rows = || PERMIT_MOVES.iter().filter(move |(there, _, _)| *there == from);
    rows().find(|(_, by, _)| *by == act).map(|(_, _, to)| *to).ok_or_else(|| {
        MoveRefusal::new("the permit", from.as_str(), rows().map(|(_, _, to)| to.as_str()).collect())
    })
}

/// What line 2's confirmation does to a request.
#[must_use]
pub const fn confirming(asks: PermitAsk) -> RequestAct {
    match asks {
        PermitAsk::Solve => RequestAct::ConfirmFailure,
        PermitAsk::Procedure => RequestAct::Permit,
    }
}

/// For which of the systems that were asked for a permit is given: those that the outage takes away. The link
/// between a trader's system and these is nobody else's outage: what line 2 found confirms it (H4.1).
#[must_use]
pub fn confirmed_systems(
    asked: &BTreeSet<AffectedSystem>,
    outage: &BTreeSet<AffectedSystem>,
) -> BTreeSet<AffectedSystem> {
    let is_confirmed =
        |system: &AffectedSystem| *system == AffectedSystem::DeclarantLink || outage.contains(system);
    asked.iter().copied().filter(is_confirmed).collect()
}

/// Until when line 2 decides.
#[must_use]
pub fn decide_by(received_at: DateTime<Utc>) -> DateTime<Utc> {
    received_at + DECISION_LIMIT
}

/// Whether a decision came, or is, too late at `now`.
#[must_use]
pub fn is_late(received_at: DateTime<Utc>, decided_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    decided_at.unwrap_or(now) > decide_by(received_at)
}

/// The 24 hours of a permit of which these were told; `None` while one was not.
#[must_use]
pub fn validity(told: Told) -> Option<Validity> {
    told.both().map(|from| Validity { from, until: from + VALIDITY })
}

/// Whether a permit that rests on an outage comes too late, told of so: each of the two must have been told
/// before the incident was solved (H4.9). An outage that was withdrawn never was.
#[must_use]
pub fn is_too_late(outage: &Outage, told: Told) -> bool {
    let solved = |at: DateTime<Utc>| {
        outage.cancelled_at.is_some() || outage.recovered_at.is_some_and(|recovered_at| recovered_at <= at)
    };
    told.office.is_some_and(solved) || told.trader.is_some_and(solved)
}

/// From when until when declarations could be accepted under a permit: until it was taken back, if it was.
/// `None` if it was never in force.
#[must_use]
pub fn usable(permit: &Permit) -> Option<Validity> {
    let Validity { from, until } = permit.valid?;
    let until = permit.revoked.as_ref().map_or(until, |(revoked_at, _)| until.min(*revoked_at));
    Some(Validity { from, until })
}

/// The day of a moment, by the calendar of Kyiv: a release has a day and no hour.
#[must_use]
pub fn day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Kyiv).date_naive()
}

/// Whether goods that were released on that day were so after the permit had ended (H4.8). A declaration that
/// was accepted in time may be released later, so that is taken, and shown to line 1.
#[must_use]
pub fn is_after_end(permit: &Permit, released_on: NaiveDate) -> bool {
    usable(permit).is_some_and(|Validity { until, .. }| released_on > day(until))
}

/// Whether what was reported at that moment came after the office had said that it reported all.
#[must_use]
pub fn is_after_report(permit: &Permit, reported_at: DateTime<Utc>) -> bool {
    permit.closed_at.is_some_and(|closed_at| reported_at > closed_at)
}

/// Where a permit stands at `now`. It expires by the clock alone: that no timer ran makes it no longer.
#[must_use]
pub fn state(permit: &Permit, now: DateTime<Utc>) -> PermitState {
    if permit.closed_at.is_some() {
        PermitState::Closed
    } else if permit.revoked.is_some() {
        PermitState::Revoked
    } else {
        match permit.valid {
            None => PermitState::Issued,
            Some(Validity { until, .. }) if until <= now => PermitState::Expired,
            Some(_) => PermitState::InForce,
        }
    }
}

/// Whether paper declarations may be accepted under a permit at `now`.
#[must_use]
pub fn is_valid(permit: &Permit, now: DateTime<Utc>) -> bool {
    state(permit, now) == PermitState::InForce && permit.valid.is_some_and(|valid| valid.from <= now)
}

/// Whether a permit still stands in the way of another one for the same incident at `now`.
#[must_use]
pub fn blocks_another(permit: &Permit, now: DateTime<Utc>) -> bool {
    match state(permit, now) {
        PermitState::Issued => true,
        PermitState::InForce => permit.valid.is_some_and(|valid| now < valid.until - RENEWABLE_BEFORE),
        PermitState::Expired | PermitState::Revoked | PermitState::Closed => false,
    }
}

/// The stamp of a permit that was in force at some time. The words are those that the Convention's parties
/// use; the official Ukrainian wording is not in the order, and is put here when it is known.
#[must_use]
pub fn stamp(permit: &Permit) -> Option<PermitStamp> {
    let initiated = permit.valid?.from.with_timezone(&Kyiv).format("%d.%m.%Y/%H:%M");
    Some(PermitStamp {
        lines: vec![
            "BUSINESS CONTINUITY PROCEDURE".to_owned(),
            "NO DATA AVAILABLE IN THE SYSTEM".to_owned(),
            format!("INITIATED ON {initiated}"),
            permit.number.clone(),
        ],
        millimetres: vec![26, 59],
    })
}

#[cfg(test)]
mod tests;
