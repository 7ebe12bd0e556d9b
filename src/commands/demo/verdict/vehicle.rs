//! One vehicle: what its crossing has to say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kordon_schemas::crossings::{ControlsView, CrossingView, Knowledge, Stage, StageView};
use kordon_schemas::events::{EventKind, RecordedEvent};

use super::{Played, differ, differ_by_name};
use crate::commands::demo::day::{CHECKPOINTS, Vehicle, When};
use crate::commands::demo::script::expectation::Way;

/// One vehicle.
pub(super) struct Vehicular<'a> {
    pub(super) played: &'a Played<'a>,
    pub(super) number: usize,
    pub(super) vehicle: &'a Vehicle,
    pub(super) way: &'a Way,
}

impl Vehicular<'_> {
    fn instant(&self, when: When) -> Option<DateTime<Utc>> {
        when.instant(self.played.day_began, self.played.memory.called_at.get(&self.number).copied())
    }

    /// Everything that its crossing says otherwise.
    pub(crate) fn disagreements(&self, view: &CrossingView) -> Vec<String> {
        let CrossingView {
            id,
            checkpoint,
            plate,
            stage,
            stages,
            zone_overstay_seconds: _,
            controls,
            contradictions,
            events,
        } = view;
        let mut all = Vec::new();
        differ(&mut all, "the booking", self.played.memory.bookings.get(&self.number), Some(id));
        let code = CHECKPOINTS.get(self.vehicle.checkpoint).map(|checkpoint| checkpoint.code);
        differ(&mut all, "the checkpoint", code, Some(checkpoint.as_str()));
        differ(&mut all, "the plate", &self.vehicle.plate, plate);
        differ(&mut all, "the stage", self.way.stage(), *stage);
        let shown: Vec<Stage> = stages.iter().map(|each| each.stage).collect();
        differ(&mut all, "which stages there are", Stage::ALL.as_slice(), &shown);
        for each in stages {
            let what = format!("the stage {}", each.stage.as_str());
            differ(&mut all, &what, self.known_of(each.stage), (each.knowledge, each.at));
        }
        differ(&mut all, "the controls", &self.controls(), controls);
        let named: BTreeSet<_> = contradictions
            .iter()
            .map(|pair| (pair.first_kind, Some(pair.first_at), pair.then_kind, Some(pair.then_at)))
            .collect();
        let expected = self.way.contradictions().into_iter();
        let expected = expected
            .map(|(first, at, then, then_at)| (first, self.instant(at), then, self.instant(then_at)))
            .collect();
        differ(&mut all, "the contradictions", expected, named);
        differ_by_name(&mut all, "(voided)", &self.events(), &facts(events));
        all.extend(stages.iter().filter_map(|stage| rests_on_nothing(stage, events)));
        all
    }

    fn known_of(&self, stage: Stage) -> (Knowledge, Option<DateTime<Utc>>) {
        (self.way.known(stage), self.way.reached(stage).and_then(|when| self.instant(when)))
    }

    fn controls(&self) -> ControlsView {
        let at = |kind| self.way.first(kind).and_then(|when| self.instant(when));
        ControlsView {
            border_started_at: at(EventKind::BorderControlStarted),
            border_finished_at: at(EventKind::BorderControlFinished),
            customs_started_at: at(EventKind::CustomsControlStarted),
            customs_finished_at: at(EventKind::CustomsControlFinished),
        }
    }

    fn events(&self) -> BTreeMap<&str, bool> {
        self.played
            .expectation
            .events
            .iter()
            .filter(|(_, kept)| kept.vehicle == Some(self.number))
            .map(|(id, kept)| (id.as_str(), kept.voided))
            .collect()
    }
}

/// The facts among events, and whether each is voided. A void is no fact of its own.
fn facts(events: &[RecordedEvent]) -> BTreeMap<&str, bool> {
    let facts = events.iter().filter(|event| event.kind != EventKind::Void);
    facts.map(|event| (event.id.as_str(), event.voided)).collect()
}

/// A stage whose time stands on an event that the crossing does not have, or that says otherwise.
fn rests_on_nothing(stage: &StageView, events: &[RecordedEvent]) -> Option<String> {
    let StageView { stage, knowledge: _, at, events: positions } = stage;
    let stands = |position: &i64| events.iter().find(|event| event.position == *position && !event.voided);
    let facts: Vec<_> = positions.iter().filter_map(stands).collect();
    let from_an_event = !matches!(stage, Stage::Booked | Stage::Called);
    let earliest = facts.iter().map(|event| event.occurred_at).min();
    let sound = facts.len() == positions.len() && (!from_an_event || earliest == *at);
    (!sound).then(|| {
        format!("the stage {stage:?} at {at:?} rests on the events {positions:?}, which do not say so")
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kordon_schemas::CheckpointCode;
    use kordon_schemas::crossings::Contradiction;
    use uuid::Uuid;

    use super::*;
    use crate::commands::demo::day::{Act, Deed, Event, Expected, Form, Item, Manner, Moment, Parcel, Post};
    use crate::commands::demo::day::{Script, Subject, System};
    use crate::commands::demo::script::expectation;
    use crate::commands::demo::systems::Memory;

    /// One vehicle that arrived two hours after its booking, and nothing more.
    fn script() -> Script {
        let vehicle = Vehicle {
            checkpoint: 0,
            reference: "demo-1".into(),
            plate: "BC 1234 KA".into(),
            driver: None,
            booked: Moment(0),
        };
        let event = Event {
            id: "demo-zo-1".into(),
            kind: EventKind::ZoneArrived,
            subject: Subject::Vehicle(0),
            plate: None,
            when: When::OfDay(Moment(7_200)),
            zone: None,
            confidence: None,
            reason: None,
            voids: None,
        };
        let item = Item { event, expected: Expected::RecordedOrUnmatched };
        let parcel = Parcel { form: Form::Json, manner: Manner::Single, items: vec![item] };
        let post = Post { checkpoint: 0, system: System::ZoneOperator };
        let act = Act { round: 2, post, deed: Deed::State(parcel) };
        Script { label: "demo".into(), vehicles: vec![vehicle], acts: vec![act] }
    }

    fn day_began() -> DateTime<Utc> {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn right() -> CrossingView {
        let arrived_at = day_began() + TimeDelta::hours(2);
        let stages = Stage::ALL.map(|stage| StageView {
            stage,
            knowledge: if stage <= Stage::ZoneArrived { Knowledge::Known } else { Knowledge::Ahead },
            at: match stage {
                Stage::Booked => Some(day_began()),
                Stage::ZoneArrived => Some(arrived_at),
                Stage::Called | Stage::ZoneLeft | Stage::CheckpointEntered => None,
                Stage::Controls | Stage::CheckpointLeft => None,
            },
            events: if stage == Stage::ZoneArrived { vec![7] } else { Vec::new() },
        });
        let checkpoint = CheckpointCode::parse("UA209030").unwrap();
        CrossingView {
            id: Uuid::from_u128(1),
            checkpoint: checkpoint.clone(),
            plate: "BC 1234 KA".into(),
            stage: Stage::ZoneArrived,
            stages: stages.into(),
            zone_overstay_seconds: None,
            controls: ControlsView::default(),
            contradictions: Vec::new(),
            events: vec![RecordedEvent {
                position: 7,
                checkpoint,
                system: Uuid::nil(),
                id: "demo-zo-1".into(),
                kind: EventKind::ZoneArrived,
                plate: None,
                zone: None,
                confidence: None,
                reason: None,
                voids: None,
                voided: false,
                crossing: Some(Uuid::from_u128(1)),
                occurred_at: arrived_at,
                recorded_at: arrived_at,
            }],
        }
    }

    fn found_out(change: impl FnOnce(&mut CrossingView)) -> String {
        let script = script();
        let expectation = expectation::of(&script);
        let memory = Memory { bookings: BTreeMap::from([(0, Uuid::from_u128(1))]), ..Memory::default() };
        let played = Played {
            script: &script,
            expectation: &expectation,
            memory: &memory,
            day_began: day_began(),
            alone: true,
        };
        let vehicular =
            Vehicular { played: &played, number: 0, vehicle: &script.vehicles[0], way: &expectation.ways[0] };
        let mut view = right();
        change(&mut view);
        vehicular.disagreements(&view).join("\n")
    }

    #[test]
    fn a_hub_that_says_what_was_played_agrees() {
        assert_eq!(found_out(|_| ()), "");
    }

    #[test]
    fn each_thing_that_is_said_otherwise_is_named() {
        insta::assert_snapshot!(found_out(|view| view.stage = Stage::Booked), @"the stage: played ZoneArrived, the hub says Booked");
        insta::assert_snapshot!(found_out(|view| view.plate = "BC 1235 KA".into()), @r#"the plate: played "BC 1234 KA", the hub says "BC 1235 KA""#);
        insta::assert_snapshot!(found_out(|view| view.stages[3].knowledge = Knowledge::Gap), @"the stage zone_left: played (Ahead, None), the hub says (Gap, None)");
        insta::assert_snapshot!(found_out(|view| view.stages[1].at = Some(day_began())), @"
        the stage zone_arrived: played (Known, Some(2026-11-20T14:00:00Z)), the hub says (Known, Some(2026-11-20T12:00:00Z))
        the stage ZoneArrived at Some(2026-11-20T12:00:00Z) rests on the events [7], which do not say so
        ");
        insta::assert_snapshot!(found_out(|view| view.events.clear()), @"
        the event demo-zo-1 (voided): played Some(false), the hub says None
        the stage ZoneArrived at Some(2026-11-20T14:00:00Z) rests on the events [7], which do not say so
        ");
        let wrong_control = found_out(|view| view.controls.border_started_at = Some(day_began()));
        assert!(wrong_control.starts_with("the controls: played ControlsView { border_started_at: None"));
        let contradiction = Contradiction {
            first_kind: EventKind::ZoneArrived,
            first_at: day_began(),
            first_position: 7,
            then_kind: EventKind::CheckpointLeft,
            then_at: day_began(),
            then_position: 8,
        };
        let wrong_contradiction = found_out(|view| view.contradictions.push(contradiction));
        assert!(wrong_contradiction.starts_with("the contradictions: played {}, the hub says {(ZoneArrived"));
    }
}
