//! What the hub has to know when the day is over: the script, added up.
//!
//! It is worked out from what was played and from the law alone, not with the hub's rules: a place is booked,
//! then the vehicle arrives at a zone, is called, leaves the zone, enters the checkpoint, is controlled and
//! leaves (Resolution 1393, clause 10). The order in which facts were told makes no difference to it.

use std::collections::{BTreeMap, BTreeSet};

use kordon_schemas::crossings::{Knowledge, Stage};
use kordon_schemas::events::EventKind;

use crate::commands::demo::day::{Event, Expected, Script, Subject, When};

/// By how many seconds clocks may differ before two facts contradict each other.
const CLOCKS_DIFFER: i64 = 5;

/// What has to be known of everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// Of each vehicle, by its number.
    pub(crate) ways: Vec<Way>,
    /// The vehicles that were called, in order.
    pub(crate) called: Vec<usize>,
    /// Every event that was recorded, by id.
    pub(crate) events: BTreeMap<String, Kept>,
}

/// An event that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Where, by its place in the list of checkpoints.
    pub(crate) checkpoint: usize,
    pub(crate) kind: EventKind,
    pub(crate) voided: bool,
    /// The vehicle in whose crossing it belongs; none: it is unmatched, or a void.
    pub(crate) vehicle: Option<usize>,
}

/// One vehicle's way, as it must be known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Way {
    /// The facts that stand, by kind, earliest first.
    facts: BTreeMap<EventKind, BTreeSet<When>>,
    called: bool,
    booked: Option<When>,
}

/// Two facts that cannot both be right, the one that has to come first named first.
pub(crate) type Pair = (EventKind, When, EventKind, When);

/// Adds a script up.
pub(crate) fn of(script: &Script) -> Expectation {
    let mut stated: BTreeMap<&str, (usize, &Event)> = BTreeMap::new();
    let mut voided: BTreeSet<&str> = BTreeSet::new();
    let mut placed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut called = Vec::new();
    for act in &script.acts {
        called.extend(act.deed.calling().map(|calling| calling.vehicle));
        placed.extend(act.deed.placement());
        for item in act.deed.parcel().iter().flat_map(|parcel| &parcel.items) {
            if !matches!(item.expected, Expected::Refused(_)) {
                stated.insert(&item.event.id, (act.post.checkpoint, &item.event));
                voided.extend(item.event.voids.as_deref());
            }
        }
    }
    let mut ways: Vec<Way> = script
        .vehicles
        .iter()
        .map(|vehicle| Way { booked: Some(When::OfDay(vehicle.booked)), ..Way::default() })
        .collect();
    for vehicle in &called {
        if let Some(way) = ways.get_mut(*vehicle) {
            way.called = true;
        }
    }
    let mut events = BTreeMap::new();
    for (id, (checkpoint, event)) in stated {
        let vehicle = match event.subject {
            Subject::Vehicle(vehicle) => Some(vehicle),
            Subject::Misread(_) | Subject::Stranger => placed.get(id).copied(),
            Subject::Event => None,
        };
        let kept = Kept { checkpoint, kind: event.kind, voided: voided.contains(id), vehicle };
        if let (false, Some(way)) = (kept.voided, vehicle.and_then(|vehicle| ways.get_mut(vehicle))) {
            way.facts.entry(event.kind).or_default().insert(event.when);
        }
        events.insert(id.to_owned(), kept);
    }
    Expectation { ways, called, events }
}

impl Way {
    /// The earliest fact of a kind.
    pub(crate) fn first(&self, kind: EventKind) -> Option<When> {
        self.facts.get(&kind)?.first().copied()
    }

    /// When a stage was reached, if that is known.
    pub(crate) fn reached(&self, stage: Stage) -> Option<When> {
        let call = self.called.then_some(When::AfterCall(0));
        match stage {
            Stage::Booked => self.booked,
            Stage::ZoneArrived => self.first(EventKind::ZoneArrived),
            Stage::Called => call,
            // Whoever left the zone before the call came back to it: only the last time can have been on the
            // call.
            Stage::ZoneLeft => {
                let last = self.facts.get(&EventKind::ZoneLeft)?.last().copied()?;
                (last >= call?).then_some(last)
            }
            Stage::CheckpointEntered => self.first(EventKind::CheckpointEntered),
            Stage::Controls => CONTROLS.iter().filter_map(|kind| self.first(*kind)).min(),
            Stage::CheckpointLeft => self.first(EventKind::CheckpointLeft),
        }
    }

    /// The furthest stage that is known.
    pub(crate) fn stage(&self) -> Stage {
        Stage::ALL.into_iter().rev().find(|stage| self.reached(*stage).is_some()).unwrap_or(Stage::Booked)
    }

    /// What is known of a stage.
    pub(crate) fn known(&self, stage: Stage) -> Knowledge {
        if self.reached(stage).is_some() {
            Knowledge::Known
        } else if stage < self.stage() {
            Knowledge::Gap
        } else {
            Knowledge::Ahead
        }
    }

    /// The pairs of facts that cannot both be right. A later fact of the same kind settles nothing: a void
    /// does.
    pub(crate) fn contradictions(&self) -> Vec<Pair> {
        let kinds = || self.facts.keys().copied();
        kinds()
            .flat_map(|first| kinds().map(move |then| (first, then)))
            .filter(|(first, then)| has_to_precede(*first, *then))
            .filter_map(|(first, then)| {
                let at = self.first(first)?;
                let then_at = self.first(then)?;
                is_later(at, then_at).then_some((first, at, then, then_at))
            })
            .collect()
    }
}

const CONTROLS: [EventKind; 4] = [
    EventKind::BorderControlStarted,
    EventKind::BorderControlFinished,
    EventKind::CustomsControlStarted,
    EventKind::CustomsControlFinished,
];

/// Whether nobody can do `then` before `first`. The two controls come in either order.
fn has_to_precede(first: EventKind, then: EventKind) -> bool {
    use EventKind::{
        BorderControlFinished, BorderControlStarted, CheckpointEntered, CheckpointLeft,
        CustomsControlFinished, CustomsControlStarted, ZoneArrived,
    };
    match first {
        ZoneArrived => matches!(then, CheckpointEntered | CheckpointLeft),
        CheckpointEntered => CONTROLS.contains(&then) || then == CheckpointLeft,
        BorderControlStarted => matches!(then, BorderControlFinished | CheckpointLeft),
        CustomsControlStarted => matches!(then, CustomsControlFinished | CheckpointLeft),
        BorderControlFinished | CustomsControlFinished => then == CheckpointLeft,
        EventKind::ZoneLeft
        | CheckpointLeft
        | EventKind::EntryRefused
        | EventKind::PlateRead
        | EventKind::Void => false,
    }
}

/// Whether a moment is later than another by more than clocks differ. All that follows a call lies within
/// less than that.
fn is_later(one: When, other: When) -> bool {
    match (one, other) {
        (When::OfDay(one), When::OfDay(other)) => one.0 - other.0 > CLOCKS_DIFFER,
        (When::AfterCall(_), When::OfDay(_)) => true,
        (When::OfDay(_) | When::AfterCall(_), When::AfterCall(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::day::Moment;
    use super::*;

    fn way(facts: &[(EventKind, When)]) -> Way {
        let mut way = Way { called: true, booked: Some(When::OfDay(Moment(0))), ..Way::default() };
        for (kind, when) in facts {
            way.facts.entry(*kind).or_default().insert(*when);
        }
        way
    }

    #[test]
    fn a_fact_that_was_never_told_is_a_gap() {
        let way = way(&[(EventKind::CustomsControlStarted, When::AfterCall(900))]);
        assert_eq!(way.stage(), Stage::Controls);
        assert_eq!(way.known(Stage::CheckpointEntered), Knowledge::Gap);
        assert_eq!(way.known(Stage::CheckpointLeft), Knowledge::Ahead);
        assert!(way.contradictions().is_empty());
    }

    #[test]
    fn who_left_the_zone_before_the_call_has_not_left_it_on_the_call() {
        let way = way(&[(EventKind::ZoneLeft, When::OfDay(Moment(60)))]);
        assert_eq!((way.stage(), way.reached(Stage::ZoneLeft)), (Stage::Called, None));
    }

    #[test]
    fn an_exit_before_everything_else_contradicts_all_of_it() {
        let early = When::OfDay(Moment(7_200));
        let way = way(&[
            (EventKind::ZoneArrived, When::OfDay(Moment(3_600))),
            (EventKind::CheckpointEntered, When::AfterCall(600)),
            (EventKind::BorderControlFinished, When::AfterCall(1_200)),
            (EventKind::CheckpointLeft, early),
        ]);
        assert_eq!(
            way.contradictions(),
            [
                (EventKind::CheckpointEntered, When::AfterCall(600), EventKind::CheckpointLeft, early),
                (EventKind::BorderControlFinished, When::AfterCall(1_200), EventKind::CheckpointLeft, early),
            ]
        );
    }

    #[test]
    fn a_second_exit_does_not_settle_the_first() {
        let way = way(&[
            (EventKind::CheckpointEntered, When::AfterCall(600)),
            (EventKind::CheckpointLeft, When::OfDay(Moment(7_200))),
            (EventKind::CheckpointLeft, When::AfterCall(900)),
        ]);
        assert_eq!(way.contradictions().len(), 1);
    }
}
