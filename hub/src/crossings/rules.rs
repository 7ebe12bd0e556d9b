//! What follows from the facts about a crossing. No clock, no I/O.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use kordon_schemas::crossings::{Contradiction, Stage};
use kordon_schemas::events::{EventIn, EventKind};
use kordon_schemas::{CheckpointCode, Fault, Problem, ProblemCode};

use super::model::{Crossing, CrossingId, Fact, Progress};
use crate::checkpoints::operators::Terms;
use crate::error::Error;
use crate::parties::{Actor, Role};

/// How far ahead of the hub's clock a source's clock may be.
pub const FUTURE_TOLERANCE: TimeDelta = TimeDelta::seconds(120);

/// How late a fact may come. A site that was cut off for longer hands its journal to the operator of the hub.
pub const OLDEST: TimeDelta = TimeDelta::days(30);

/// How far the clocks of two authorities at one checkpoint may be apart before their facts contradict each
/// other.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(5);

/// How long before its booking a vehicle may have been seen: it is booked on site, after it arrived.
pub(crate) const SEEN_BEFORE_BOOKING: TimeDelta = TimeDelta::minutes(15);

/// How long before its booking a vehicle may have come to the waiting zone in which it then books (clause 3):
/// it waits at a terminal, or for somebody who books for it.
pub(crate) const IN_ZONE_BEFORE_BOOKING: TimeDelta = TimeDelta::hours(6);

/// How long after a vehicle has left facts still belong to that crossing. What comes later is another
/// journey.
const SEEN_AFTER_LEAVING: TimeDelta = TimeDelta::hours(6);

/// Whether a role states facts of a kind (Q31, Q32; zones and operators by Q10 and Q14).
#[must_use]
pub const fn may_state(role: Role, kind: EventKind) -> bool {
    use EventKind as K;
    match role {
        Role::BorderGuard => matches!(
            kind,
            K::CheckpointEntered
                | K::EntryRefused
                | K::BorderControlStarted
                | K::BorderControlFinished
                | K::CheckpointLeft
                | K::PlateRead
                | K::Void
        ),
        Role::Customs => {
            matches!(kind, K::CustomsControlStarted | K::CustomsControlFinished | K::PlateRead | K::Void)
        }
        Role::ZoneOperator => matches!(kind, K::ZoneArrived | K::ZoneLeft | K::PlateRead | K::Void),
        Role::QueueOperator => matches!(kind, K::ZoneArrived | K::ZoneLeft | K::Void),
        Role::Police
        | Role::Ministry
        | Role::SupportLine1
        | Role::SupportLine2
        | Role::SupportLine3
        | Role::DepartureOffice
        | Role::Trader
        | Role::PressOffice
        | Role::Taxud
        | Role::Administrator => false,
    }
}

/// The roles that state any facts at all.
pub const STATING_ROLES: &[Role] =
    &[Role::BorderGuard, Role::Customs, Role::QueueOperator, Role::ZoneOperator];

/// What `actor` states by sending `event`, if it may. Whose system is bound by `terms` states what happened
/// within them (Q23).
///
/// # Errors
/// The problem of this event, with every fault at once. Paths are relative to the event.
pub fn state(
    actor: &Actor,
    checkpoint: &CheckpointCode,
    terms: Option<&Terms>,
    event: EventIn,
    now: DateTime<Utc>,
) -> Result<Fact, Box<Problem>> {
    if terms.is_some_and(|terms| !terms.include(event.occurred_at)) {
        let detail = format!("another operator ran the queue of {checkpoint} then");
        return Err(Box::new(Problem::new(ProblemCode::OtherOperator, detail)));
    }
    if !may_state(actor.role, event.kind) {
        let detail = format!("the role {} does not state `{}`", actor.role, event.kind.as_str());
        return Err(Box::new(Problem::new(ProblemCode::KindNotAllowed, detail)));
    }
    let faults = event.check();
    if !faults.is_empty() {
        return Err(Box::new(
            Problem::new(ProblemCode::Invalid, "the event breaks a rule").with_faults(faults),
        ));
    }
    let occurred_at = event.occurred_at.trunc_subsecs(6);
    in_time(occurred_at, now)?;
    if let (Some(zone), Some(own)) = (&event.zone, &actor.scope.zones)
        && !own.iter().any(|own| own.0 == *zone)
    {
        let detail = format!("this system is not of zone {zone}");
        return Err(Box::new(Problem::new(ProblemCode::OutOfScope, detail)));
    }
    let EventIn { id, kind, plate, occurred_at: _, zone, confidence, reason, voids } = event;
    let mut fact = Fact {
        system: actor.system,
        event_id: id,
        kind,
        plate,
        zone,
        confidence,
        reason,
        voids,
        occurred_at,
        digest: [0; 32],
    };
    fact.digest = digest(checkpoint, &fact);
    Ok(fact)
}

fn in_time(occurred_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Box<Problem>> {
    let (code, detail) = if occurred_at > now + FUTURE_TOLERANCE {
        let ahead = (occurred_at - now).num_seconds();
        (ProblemCode::OccurredInFuture, format!("is {ahead} seconds ahead of the hub's clock"))
    } else if occurred_at < now - OLDEST {
        let days = (now - occurred_at).num_days();
        (ProblemCode::OccurredTooLongAgo, format!("is more than {days} days ago"))
    } else {
        return Ok(());
    };
    Err(Box::new(Problem::new(code, detail.clone()).with_faults(vec![Fault::new("/occurred_at", detail)])))
}

fn digest(checkpoint: &CheckpointCode, fact: &Fact) -> [u8; 32] {
    let Fact { system: _, event_id, kind, plate, zone, confidence, reason, voids, occurred_at, digest: _ } =
        fact;
    let mut content = String::with_capacity(160);
    let parts = [
        Some(checkpoint.as_str()),
        Some(event_id),
        Some(kind.as_str()),
        plate.as_ref().map(kordon_schemas::Plate::as_written),
        zone.as_deref(),
        reason.as_deref(),
        voids.as_deref(),
    ];
    for part in parts {
        // No text of an event holds control characters, so this marks the borders between them without doubt.
        content.push(if part.is_some() { '\u{1}' } else { '\u{2}' });
        content.push_str(part.unwrap_or_default());
    }
    let mut hasher = openssl::sha::Sha256::new();
    hasher.update(content.as_bytes());
    hasher.update(&occurred_at.timestamp_micros().to_be_bytes());
    hasher.update(&confidence.map(f32::to_be_bytes).unwrap_or([0xff; 4]));
    hasher.finish()
}

/// The crossing that a fact of `occurred_at` belongs to, among the crossings of that plate at that
/// checkpoint, latest booking first: the latest that was booked by then, whose booking had not ended, and
/// that the vehicle had not left long before. A vehicle that is booked again within minutes of leaving is
/// still in its earlier crossing until it has left. What happened at a waiting zone and is of no crossing yet
/// is of the one that is booked there next, within hours.
#[must_use]
pub fn place(kind: EventKind, occurred_at: DateTime<Utc>, latest_first: &[Crossing]) -> Option<CrossingId> {
    begun_by(occurred_at, latest_first).or_else(|| {
        let is_next = |crossing: &&Crossing| {
            is_of_zone(kind)
                && (occurred_at..=occurred_at + IN_ZONE_BEFORE_BOOKING).contains(&crossing.booked_at)
        };
        latest_first.iter().rfind(is_next).map(|crossing| crossing.id)
    })
}

/// Whether facts of a kind happen at a waiting zone.
const fn is_of_zone(kind: EventKind) -> bool {
    match kind {
        EventKind::ZoneArrived | EventKind::ZoneLeft => true,
        EventKind::CheckpointEntered
        | EventKind::EntryRefused
        | EventKind::BorderControlStarted
        | EventKind::BorderControlFinished
        | EventKind::CustomsControlStarted
        | EventKind::CustomsControlFinished
        | EventKind::CheckpointLeft
        | EventKind::PlateRead
        | EventKind::Void => false,
    }
}

/// The crossing that had begun when a fact happened.
fn begun_by(occurred_at: DateTime<Utc>, latest_first: &[Crossing]) -> Option<CrossingId> {
    let left = |crossing: &Crossing| crossing.progress.first(EventKind::CheckpointLeft);
    let mut begun =
        latest_first.iter().filter(|crossing| crossing.booked_at - SEEN_BEFORE_BOOKING <= occurred_at);
    let latest = begun.next()?;
    if occurred_at < latest.booked_at
        && let Some(earlier) = begun.next()
        && left(earlier).is_some_and(|left| occurred_at <= left.at + CLOCK_TOLERANCE)
    {
        return Some(earlier.id);
    }
    let held = |crossing: &&Crossing| {
        left(crossing).is_none_or(|left| occurred_at <= left.at + SEEN_AFTER_LEAVING)
            && crossing.ended_at.is_none_or(|ended_at| occurred_at <= ended_at + CLOCK_TOLERANCE)
    };
    // A booking may be handed in late and be older than a journey that is over.
    std::iter::once(latest).chain(begun).find(held).map(|crossing| crossing.id)
}

/// Whether a person of `role` may place an unmatched fact in a crossing: a border guard any, others what they
/// may state themselves; and only where its time fits, so that nobody's fact of another month ends up in
/// today's journey.
///
/// # Errors
/// [`ProblemCode::KindNotAllowed`] for another authority's fact, [`Error::Invalid`] for a time that does not
/// fit.
pub fn may_place(
    role: Role,
    kind: EventKind,
    occurred_at: DateTime<Utc>,
    crossing: &Crossing,
) -> Result<(), Error> {
    if role != Role::BorderGuard && !may_state(role, kind) {
        let detail = format!("the role {role} does not place `{}`", kind.as_str());
        return Err(Error::refused(ProblemCode::KindNotAllowed, detail));
    }
    if place(kind, occurred_at, std::slice::from_ref(crossing)).is_none() {
        return Err(Error::fault("/crossing", "the event happened outside the time of this crossing"));
    }
    Ok(())
}

/// Whether facts of a kind move a crossing. The others are kept with it and move nothing.
#[must_use]
pub const fn moves(kind: EventKind) -> bool {
    match kind {
        EventKind::ZoneArrived
        | EventKind::ZoneLeft
        | EventKind::CheckpointEntered
        | EventKind::BorderControlStarted
        | EventKind::BorderControlFinished
        | EventKind::CustomsControlStarted
        | EventKind::CustomsControlFinished
        | EventKind::CheckpointLeft => true,
        EventKind::EntryRefused | EventKind::PlateRead | EventKind::Void => false,
    }
}

/// The furthest stage that is known (Q10).
#[must_use]
pub fn stage(crossing: &Crossing) -> Stage {
    let known = |kind| crossing.progress.span(kind).is_some();
    if known(EventKind::CheckpointLeft) {
        Stage::CheckpointLeft
    } else if CONTROLS.into_iter().any(known) {
        Stage::Controls
    } else if known(EventKind::CheckpointEntered) {
        Stage::CheckpointEntered
    } else if left_zone_on_call(crossing).is_some() {
        Stage::ZoneLeft
    } else if crossing.call.is_some() {
        Stage::Called
    } else if known(EventKind::ZoneArrived) {
        Stage::ZoneArrived
    } else {
        Stage::Booked
    }
}

/// The four facts of the two controls.
pub(super) const CONTROLS: [EventKind; 4] = [
    EventKind::BorderControlStarted,
    EventKind::BorderControlFinished,
    EventKind::CustomsControlStarted,
    EventKind::CustomsControlFinished,
];

/// The fact that the vehicle left its zone on its call. To come and go before the call is free (Q42) and is
/// no stage.
pub(super) fn left_zone_on_call(crossing: &Crossing) -> Option<super::model::Mark> {
    let called_at = crossing.call?.called_at;
    let last = crossing.progress.span(EventKind::ZoneLeft)?.last;
    (called_at <= last.at + CLOCK_TOLERANCE).then_some(last)
}

/// Whether the vehicle is still to enter: it is in the waiting queue or on its way from the zone.
#[must_use]
pub const fn awaits_entry(stage: Stage) -> bool {
    match stage {
        Stage::Booked | Stage::ZoneArrived | Stage::Called | Stage::ZoneLeft => true,
        Stage::CheckpointEntered | Stage::Controls | Stage::CheckpointLeft => false,
    }
}

/// Whether the vehicle of a crossing is still to enter: its booking has not ended, and it has not entered.
#[must_use]
pub fn is_awaited(crossing: &Crossing) -> bool {
    crossing.ended_at.is_none() && awaits_entry(stage(crossing))
}

/// Whether the vehicle is in a waiting zone: it arrived, and has not left since.
#[must_use]
pub fn in_zone(progress: &Progress) -> bool {
    let last = |kind| progress.span(kind).map(|span| span.last.at);
    let arrived = last(EventKind::ZoneArrived);
    arrived.is_some() && last(EventKind::ZoneLeft) <= arrived
}

/// Since when the vehicle has been in its waiting zone, or was when it was there last: who left one and came
/// back came when it came back.
#[must_use]
pub fn came_to_zone(progress: &Progress) -> Option<DateTime<Utc>> {
    let left = progress.span(EventKind::ZoneLeft).map(|left| left.last.at);
    progress.span(EventKind::ZoneArrived).map(|arrived| {
        if left.is_some_and(|left| left > arrived.first.at) { arrived.last.at } else { arrived.first.at }
    })
}

/// When the vehicle is first known to have been at the checkpoint: it entered, was controlled or left it.
#[must_use]
pub fn came_to_checkpoint(progress: &Progress) -> Option<DateTime<Utc>> {
    let there = [EventKind::CheckpointEntered, EventKind::CheckpointLeft].into_iter().chain(CONTROLS);
    there.filter_map(|kind| progress.first(kind)).map(|mark| mark.at).min()
}

/// Whether the vehicle can be called in its turn: it is in a waiting zone and was not called.
#[must_use]
pub fn waits(crossing: &Crossing) -> bool {
    is_awaited(crossing) && stage(crossing) == Stage::ZoneArrived && in_zone(&crossing.progress)
}

/// What has to come before what. Border and customs control come in either order.
const ORDER: [(EventKind, EventKind); 13] = [
    (EventKind::ZoneArrived, EventKind::CheckpointEntered),
    (EventKind::ZoneArrived, EventKind::CheckpointLeft),
    (EventKind::CheckpointEntered, EventKind::BorderControlStarted),
    (EventKind::CheckpointEntered, EventKind::BorderControlFinished),
    (EventKind::CheckpointEntered, EventKind::CustomsControlStarted),
    (EventKind::CheckpointEntered, EventKind::CustomsControlFinished),
    (EventKind::CheckpointEntered, EventKind::CheckpointLeft),
    (EventKind::BorderControlStarted, EventKind::BorderControlFinished),
    (EventKind::CustomsControlStarted, EventKind::CustomsControlFinished),
    (EventKind::BorderControlStarted, EventKind::CheckpointLeft),
    (EventKind::BorderControlFinished, EventKind::CheckpointLeft),
    (EventKind::CustomsControlFinished, EventKind::CheckpointLeft),
    (EventKind::CustomsControlStarted, EventKind::CheckpointLeft),
];

/// The pairs of facts that cannot both be right: the earliest of a kind that has to come first is later than
/// the earliest of the other. The earliest counts on both sides, because it is what the crossing shows; a
/// later fact of the same kind settles nothing, a void does.
#[must_use]
pub fn contradictions(progress: &Progress) -> Vec<Contradiction> {
    ORDER
        .iter()
        .filter_map(|&(first_kind, then_kind)| {
            let first = progress.span(first_kind)?.first;
            let then = progress.span(then_kind)?.first;
            (first.at > then.at + CLOCK_TOLERANCE).then_some(Contradiction {
                first_kind,
                first_at: first.at,
                first_position: first.position.0,
                then_kind,
                then_at: then.at,
                then_position: then.position.0,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
