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
        let CrossingView { id, checkpoint, plate, stage, stages, controls, contradictions, events } = view;
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
        let at = self.way.reached(stage).and_then(|when| self.instant(when));
        let knowledge = match at {
            Some(_) => Knowledge::Known,
            None if stage < self.way.stage() => Knowledge::Gap,
            None => Knowledge::Ahead,
        };
        (knowledge, at)
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
