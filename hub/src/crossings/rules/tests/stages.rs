//! The seven stages, gaps, contradictions.

use kordon_schemas::crossings::{Knowledge, Stage};
use kordon_schemas::events::EventKind as K;

use super::{booked, called, noon, with};
use crate::crossings::model::Crossing;
use crate::crossings::rules::{awaits_entry, came_to_zone, contradictions, in_zone, moves, stage};
use crate::crossings::view::stages;

/// The stages in one line: `*` known, `-` a gap, `.` ahead.
fn known(crossing: &Crossing) -> String {
    stages(crossing)
        .iter()
        .map(|view| match view.knowledge {
            Knowledge::Known => '*',
            Knowledge::Gap => '-',
            Knowledge::Ahead => '.',
        })
        .collect()
}

fn told(crossing: &Crossing) -> Vec<String> {
    contradictions(&crossing.progress)
        .iter()
        .map(|pair| {
            let (first, then) = (pair.first_kind.as_str(), pair.then_kind.as_str());
            format!("{first} ({}) after {then} ({})", pair.first_position, pair.then_position)
        })
        .collect()
}

#[test]
fn an_orderly_crossing_passes_the_seven_stages() {
    let facts = [
        (K::ZoneArrived, 10),
        (K::ZoneLeft, 65),
        (K::CheckpointEntered, 90),
        (K::BorderControlStarted, 95),
        (K::CheckpointLeft, 120),
    ];
    let after = |count: usize| with(&facts[..count]);
    let history = [
        (booked(1, 0), Stage::Booked, "*......"),
        (after(1), Stage::ZoneArrived, "**....."),
        (called(60, after(1)), Stage::Called, "***...."),
        (called(60, after(2)), Stage::ZoneLeft, "****..."),
        (called(60, after(3)), Stage::CheckpointEntered, "*****.."),
        (called(60, after(4)), Stage::Controls, "******."),
        (called(60, after(5)), Stage::CheckpointLeft, "*******"),
    ];
    for (crossing, expected, knowledge) in history {
        assert_eq!((stage(&crossing), known(&crossing).as_str()), (expected, knowledge));
        assert!(contradictions(&crossing.progress).is_empty());
    }
}

#[test]
fn a_fact_before_its_predecessor_shows_the_gap_until_it_is_filled() {
    let mut crossing = with(&[(K::CheckpointLeft, 120)]);
    assert_eq!((stage(&crossing), known(&crossing).as_str()), (Stage::CheckpointLeft, "*-----*"));
    crossing = with(&[(K::CheckpointLeft, 120), (K::CheckpointEntered, 90)]);
    assert_eq!(known(&crossing), "*---*-*");
    crossing =
        with(&[(K::CheckpointLeft, 120), (K::CheckpointEntered, 90), (K::CustomsControlFinished, 100)]);
    assert_eq!(known(&crossing), "*---***");
}

#[test]
fn either_control_alone_reaches_the_controls() {
    for kind in [
        K::BorderControlStarted,
        K::BorderControlFinished,
        K::CustomsControlStarted,
        K::CustomsControlFinished,
    ] {
        assert_eq!(stage(&with(&[(kind, 95)])), Stage::Controls, "{kind:?}");
    }
}

#[test]
fn to_come_and_go_before_the_call_is_no_stage() {
    let out_and_in = with(&[(K::ZoneArrived, 10), (K::ZoneLeft, 20), (K::ZoneArrived, 30)]);
    assert_eq!(stage(&out_and_in), Stage::ZoneArrived);
    assert_eq!(stage(&called(60, out_and_in.clone())), Stage::Called);
    assert_eq!(known(&called(60, out_and_in)), "***....");
}

#[test]
fn a_zone_clock_a_few_seconds_behind_does_not_undo_a_call() {
    let mut crossing = called(60, with(&[(K::ZoneArrived, 10)]));
    let just_before = crate::crossings::Mark {
        at: noon(60) - chrono::TimeDelta::seconds(5),
        position: crate::crossings::Position(2),
    };
    crossing.progress.add(K::ZoneLeft, just_before);
    assert_eq!(stage(&crossing), Stage::ZoneLeft);
}

#[test]
fn refusals_plate_reads_and_voids_move_nothing() {
    let moving = K::ALL.into_iter().filter(|kind| moves(*kind)).count();
    assert_eq!(moving, 8);
    for kind in [K::EntryRefused, K::PlateRead, K::Void] {
        assert!(!moves(kind), "{kind:?}");
    }
}

#[test]
fn a_vehicle_awaits_entry_until_it_has_entered() {
    let waiting: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| awaits_entry(*stage)).collect();
    assert_eq!(waiting, [Stage::Booked, Stage::ZoneArrived, Stage::Called, Stage::ZoneLeft]);
}

#[test]
fn a_contradiction_names_both_facts() {
    let crossing = with(&[(K::CheckpointEntered, 120), (K::CheckpointLeft, 90)]);
    assert_eq!(told(&crossing), ["checkpoint-entered (1) after checkpoint-left (2)"]);
    let pair = contradictions(&crossing.progress).remove(0);
    assert_eq!((pair.first_at, pair.then_at), (noon(120), noon(90)));
}

#[test]
fn every_pair_that_contradicts_is_named() {
    let backwards =
        with(&[(K::CheckpointLeft, 10), (K::CustomsControlFinished, 20), (K::CheckpointEntered, 30)]);
    assert_eq!(
        told(&backwards),
        [
            "checkpoint-entered (3) after customs-control-finished (2)",
            "checkpoint-entered (3) after checkpoint-left (1)",
            "customs-control-finished (2) after checkpoint-left (1)",
        ]
    );
}

#[test]
fn border_and_customs_control_come_in_either_order() {
    let border_first = [(K::BorderControlFinished, 20), (K::CustomsControlStarted, 30)];
    let customs_first = [(K::CustomsControlFinished, 20), (K::BorderControlStarted, 30)];
    for facts in [border_first, customs_first] {
        assert!(told(&with(&facts)).is_empty());
    }
}

#[test]
fn clocks_that_differ_by_seconds_do_not_contradict_each_other() {
    let mut crossing = with(&[(K::CheckpointEntered, 60)]);
    let seconds_before = |seconds| crate::crossings::Mark {
        at: noon(60) - chrono::TimeDelta::seconds(seconds),
        position: crate::crossings::Position(2),
    };
    crossing.progress.add(K::CustomsControlStarted, seconds_before(5));
    assert!(told(&crossing).is_empty());
    let mut apart = with(&[(K::CheckpointEntered, 60)]);
    apart.progress.add(K::CustomsControlStarted, seconds_before(6));
    assert_eq!(told(&apart).len(), 1);
}

#[test]
fn a_second_arrival_settles_what_only_the_first_seemed_to_contradict() {
    // Entered at 30 and again at 90: a control at 60 fits the first of the two.
    let twice =
        with(&[(K::CheckpointEntered, 90), (K::BorderControlStarted, 60), (K::CheckpointEntered, 30)]);
    assert!(told(&twice).is_empty());
}

#[test]
fn who_left_its_zone_and_came_back_came_when_it_came_back() {
    let came = |facts: &[(K, i64)]| {
        let progress = with(facts).progress;
        (came_to_zone(&progress), in_zone(&progress))
    };
    assert_eq!(came(&[]), (None, false));
    assert_eq!(came(&[(K::ZoneArrived, 10)]), (Some(noon(10)), true));
    assert_eq!(came(&[(K::ZoneArrived, 10), (K::ZoneArrived, 12)]), (Some(noon(10)), true), "told twice");
    assert_eq!(came(&[(K::ZoneArrived, 10), (K::ZoneLeft, 20)]), (Some(noon(10)), false));
    assert_eq!(
        came(&[(K::ZoneArrived, 10), (K::ZoneLeft, 20), (K::ZoneArrived, 30)]),
        (Some(noon(30)), true)
    );
}
