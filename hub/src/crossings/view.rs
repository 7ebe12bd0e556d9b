//! A crossing as it is shown: its seven stages, what is known of each, and on which facts that rests.

use kordon_schemas::crossings::{ControlsView, CrossingView, Knowledge, Stage, StageView};
use kordon_schemas::events::{EventKind, RecordedEvent};

use super::model::{Crossing, Mark};
use super::rules::{CONTROLS, contradictions, left_zone_on_call, stage};
use crate::queue::rules::overstay_seconds;

/// The view of a crossing over the facts that it rests on.
#[must_use]
pub fn view(crossing: &Crossing, plate: String, events: Vec<RecordedEvent>) -> CrossingView {
    let Crossing { checkpoint, id, booked_at: _, call: _, ended_at: _, progress } = crossing;
    let at = |kind| progress.first(kind).map(|mark| mark.at);
    CrossingView {
        id: id.0,
        checkpoint: checkpoint.clone(),
        plate,
        stage: stage(crossing),
        stages: stages(crossing),
        zone_overstay_seconds: overstay_until_call(crossing),
        controls: ControlsView {
            border_started_at: at(EventKind::BorderControlStarted),
            border_finished_at: at(EventKind::BorderControlFinished),
            customs_started_at: at(EventKind::CustomsControlStarted),
            customs_finished_at: at(EventKind::CustomsControlFinished),
        },
        contradictions: contradictions(progress),
        events,
    }
}

/// How long the vehicle waited in a zone for its call beyond what the fee covers.
fn overstay_until_call(crossing: &Crossing) -> Option<i64> {
    overstay_seconds(&crossing.progress, crossing.call?.called_at)
}

/// The seven stages, in order. A stage without its fact is a gap when a later one is known, and ahead
/// otherwise.
#[must_use]
pub fn stages(crossing: &Crossing) -> Vec<StageView> {
    let furthest = stage(crossing);
    Stage::ALL
        .into_iter()
        .map(|each| {
            let marks = marks(crossing, each);
            let at = match each {
                Stage::Booked => Some(crossing.booked_at),
                Stage::Called => crossing.call.map(|call| call.called_at),
                Stage::ZoneArrived
                | Stage::ZoneLeft
                | Stage::CheckpointEntered
                | Stage::Controls
                | Stage::CheckpointLeft => marks.iter().map(|mark| mark.at).min(),
            };
            let knowledge = match at {
                Some(_) => Knowledge::Known,
                None if each < furthest => Knowledge::Gap,
                None => Knowledge::Ahead,
            };
            StageView {
                stage: each,
                knowledge,
                at,
                events: marks.iter().map(|mark| mark.position.0).collect(),
            }
        })
        .collect()
}

/// The facts that a stage rests on, earliest kind first.
fn marks(crossing: &Crossing, stage: Stage) -> Vec<Mark> {
    let first = |kind| crossing.progress.first(kind);
    match stage {
        Stage::Booked | Stage::Called => Vec::new(),
        Stage::ZoneArrived => first(EventKind::ZoneArrived).into_iter().collect(),
        Stage::ZoneLeft => left_zone_on_call(crossing).into_iter().collect(),
        Stage::CheckpointEntered => first(EventKind::CheckpointEntered).into_iter().collect(),
        Stage::Controls => CONTROLS.into_iter().filter_map(first).collect(),
        Stage::CheckpointLeft => first(EventKind::CheckpointLeft).into_iter().collect(),
    }
}
