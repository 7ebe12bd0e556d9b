//! What holds for the script of every day.

use std::collections::{BTreeMap, BTreeSet};

use kordon_schemas::crossings::{Knowledge, Stage};
use kordon_schemas::events::{EventKind, Outcome};
use proptest::prelude::*;

use super::chance::Chance;
use super::expectation::{self, Expectation};
use super::{Plan, write};
use crate::commands::demo::day::{Event, Expected, Form, Item, Manner, Script, Subject, System, When};

fn day(seed: u64, vehicles: usize) -> Script {
    write(&Plan { seed, vehicles, run: String::new() })
}

/// The items of a day in the order in which they are sent, each with its round.
fn items(script: &Script) -> impl Iterator<Item = (usize, &Item)> {
    script.acts.iter().flat_map(|act| {
        act.deed.parcel().into_iter().flat_map(|parcel| &parcel.items).map(|item| (act.round, item))
    })
}

fn recorded(script: &Script) -> impl Iterator<Item = (usize, &Item)> {
    items(script).filter(|(_, item)| !matches!(item.expected, Expected::Refused(_)))
}

/// The standing facts of vehicles, from the items alone: those that were not voided, with what was misread
/// and placed.
fn standing(script: &Script) -> BTreeMap<usize, BTreeMap<&str, &Event>> {
    let voided: BTreeSet<&str> =
        recorded(script).filter_map(|(_, item)| item.event.voids.as_deref()).collect();
    let placed: BTreeSet<&str> = script.acts.iter().filter_map(|act| Some(act.deed.placement()?.0)).collect();
    let mut facts: BTreeMap<usize, BTreeMap<&str, &Event>> = BTreeMap::new();
    for (_, Item { event, .. }) in recorded(script) {
        let id = event.id.as_str();
        let vehicle = match event.subject {
            Subject::Vehicle(vehicle) => vehicle,
            Subject::Misread(vehicle) if placed.contains(id) => vehicle,
            Subject::Misread(_) | Subject::Stranger | Subject::Event => continue,
        };
        if !voided.contains(id) {
            facts.entry(vehicle).or_default().insert(id, event);
        }
    }
    facts
}

fn without_order(expectation: Expectation) -> Expectation {
    let mut called = expectation.called;
    called.sort_unstable();
    Expectation { called, ..expectation }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_same_seed_gives_the_same_day(seed in any::<u64>(), vehicles in 1_usize..30) {
        prop_assert_eq!(day(seed, vehicles), day(seed, vehicles));
    }

    #[test]
    fn an_id_says_the_same_for_ever(seed in any::<u64>(), vehicles in 1_usize..30) {
        let script = day(seed, vehicles);
        let mut said: BTreeMap<&str, &Event> = BTreeMap::new();
        for (_, Item { event, .. }) in recorded(&script) {
            prop_assert_eq!(*said.entry(&event.id).or_insert(event), event);
        }
    }

    #[test]
    fn what_is_known_at_the_end_does_not_depend_on_the_order_in_which_it_was_told(
        seed in any::<u64>(), vehicles in 1_usize..30, order in any::<u64>()
    ) {
        let script = day(seed, vehicles);
        let mut shuffled = script.clone();
        Chance::of(order).shuffle(&mut shuffled.acts);
        prop_assert_eq!(without_order(expectation::of(&shuffled)), without_order(expectation::of(&script)));
    }

    #[test]
    fn what_is_known_of_a_vehicle_is_what_was_told_of_it(seed in any::<u64>(), vehicles in 1_usize..30) {
        let script = day(seed, vehicles);
        let expected = expectation::of(&script);
        let facts = standing(&script);
        for (number, way) in expected.ways.iter().enumerate() {
            let times = |kind: EventKind| {
                let of_kind = facts.get(&number).into_iter().flat_map(|facts| facts.values());
                of_kind.filter(move |event| event.kind == kind).map(|event| event.when)
            };
            prop_assert_eq!(way.reached(Stage::Called).is_some(), expected.called.contains(&number));
            prop_assert_eq!(way.reached(Stage::ZoneArrived), times(EventKind::ZoneArrived).min());
            let on_call = times(EventKind::ZoneLeft).max().filter(|at| matches!(at, When::AfterCall(_)));
            prop_assert_eq!(way.reached(Stage::ZoneLeft), on_call);
            prop_assert_eq!(way.reached(Stage::CheckpointEntered), times(EventKind::CheckpointEntered).min());
            prop_assert_eq!(way.reached(Stage::CheckpointLeft), times(EventKind::CheckpointLeft).min());
            prop_assert_eq!(way.known(Stage::Booked), Knowledge::Known);
        }
    }

    #[test]
    fn each_answer_follows_from_what_was_told_before(seed in any::<u64>(), vehicles in 1_usize..12) {
        let script = day(seed, vehicles);
        let mut told = BTreeSet::new();
        let mut before = Script { acts: Vec::new(), ..script.clone() };
        for act in &script.acts {
            before.acts.push(act.clone());
            let so_far = expectation::of(&before);
            for Item { event, expected } in act.deed.parcel().into_iter().flat_map(|parcel| &parcel.items) {
                if matches!(expected, Expected::Refused(_)) {
                    continue;
                }
                let is_new = told.insert(event.id.as_str());
                prop_assert_eq!(*expected == Expected::Is(Outcome::Duplicate), !is_new, "{}", &event.id);
                let (true, Subject::Vehicle(vehicle)) = (is_new, event.subject) else { continue };
                let pairs = so_far.ways[vehicle].contradictions();
                let contradicts = pairs.iter().any(|(first, _, then, _)| [first, then].contains(&&event.kind));
                let expected_to = matches!(
                    expected,
                    Expected::Is(Outcome::Contradictory) | Expected::UnmatchedOrContradictory
                );
                prop_assert_eq!(expected_to, contradicts, "{}", &event.id);
            }
        }
    }

    #[test]
    fn the_first_in_order_of_those_known_to_wait_is_called(seed in any::<u64>(), vehicles in 1_usize..30) {
        let script = day(seed, vehicles);
        let facts = standing(&script);
        let (mut booked, mut called) = (BTreeSet::new(), BTreeSet::new());
        // When each last came to its zone and last left it, as far as it was told.
        let mut stays: BTreeMap<usize, (Option<When>, Option<When>)> = BTreeMap::new();
        for act in &script.acts {
            booked.extend(act.deed.booked());
            for item in act.deed.parcel().into_iter().flat_map(|parcel| &parcel.items) {
                let Subject::Vehicle(vehicle) = item.event.subject else { continue };
                if facts.get(&vehicle).is_some_and(|facts| facts.contains_key(item.event.id.as_str())) {
                    let (came, left) = stays.entry(vehicle).or_default();
                    let when = Some(item.event.when);
                    if item.event.kind == EventKind::ZoneArrived {
                        *came = when.max(*came);
                    } else if item.event.kind == EventKind::ZoneLeft {
                        *left = when.max(*left);
                    }
                }
            }
            let Some(calling) = act.deed.calling() else { continue };
            let mut here: Vec<usize> = stays
                .iter()
                .filter(|(_, (came, left))| came.is_some() && left <= came)
                .map(|(vehicle, _)| *vehicle)
                .filter(|vehicle| booked.contains(vehicle) && !called.contains(vehicle))
                .filter(|vehicle| script.vehicles[*vehicle].checkpoint == act.post.checkpoint)
                .collect();
            here.sort_by_key(|vehicle| script.vehicles[*vehicle].booked);
            prop_assert_eq!(u32::try_from(here.len()).unwrap(), calling.waiting);
            let place = usize::try_from(calling.place).unwrap();
            prop_assert_eq!(here[place - 1], calling.vehicle);
            prop_assert_eq!(place > 1, calling.reason.is_some());
            called.insert(calling.vehicle);
        }
    }

    #[test]
    fn nothing_that_follows_a_call_is_told_before_the_round_after_it(seed in any::<u64>(), vehicles in 1_usize..30) {
        let script = day(seed, vehicles);
        let called: BTreeMap<usize, usize> = script
            .acts
            .iter()
            .filter_map(|act| Some((act.deed.calling()?.vehicle, act.round)))
            .collect();
        for (round, Item { event, .. }) in items(&script) {
            if let (When::AfterCall(_), Subject::Vehicle(vehicle) | Subject::Misread(vehicle)) =
                (event.when, event.subject)
            {
                prop_assert!(called[&vehicle] < round, "{}", &event.id);
            }
        }
    }
}

#[test]
fn a_usual_day_has_everything_that_it_is_to_show() {
    for seed in 1..=8 {
        let script = day(seed, 60);
        let expected = expectation::of(&script);
        let has = |what: &dyn Fn(&Item) -> bool| items(&script).any(|(_, item)| what(item));
        assert!(has(&|item| item.expected == Expected::Is(Outcome::Duplicate)), "a duplicate");
        assert!(has(&|item| item.expected == Expected::Is(Outcome::Contradictory)), "a contradiction");
        assert!(has(&|item| item.expected == Expected::RecordedOrUnmatched), "a race with a booking");
        assert!(has(&|item| item.expected == Expected::Is(Outcome::Unmatched)), "an unmatched event");
        let beside_a_wrong_exit = |item: &Item| item.expected == Expected::UnmatchedOrContradictory;
        assert!(has(&beside_a_wrong_exit), "a fact beside a wrong exit");
        for (what, found) in [
            ("a contradiction that stays", expected.ways.iter().any(|way| !way.contradictions().is_empty())),
            ("a gap", {
                let has_gap = |stage| expected.ways.iter().any(|way| way.known(stage) == Knowledge::Gap);
                has_gap(Stage::ZoneLeft) && has_gap(Stage::CheckpointEntered)
            }),
            ("a placement", script.acts.iter().any(|act| act.deed.placement().is_some())),
            ("an unmatched event that stays", {
                let mut kept = expected.events.values();
                kept.any(|kept| kept.vehicle.is_none() && !kept.voided && kept.kind != EventKind::Void)
            }),
            (
                "a call before others",
                script.acts.iter().any(|act| act.deed.calling().is_some_and(|one| one.place > 1)),
            ),
        ] {
            assert!(found, "seed {seed} has no {what}");
        }
        let parcels = || script.acts.iter().filter_map(|act| act.deed.parcel());
        for form in [Form::Json, Form::Xml, Form::XmlWindows1251] {
            for manner in [Manner::Single, Manner::List] {
                assert!(
                    parcels().any(|parcel| (parcel.form, parcel.manner) == (form, manner)),
                    "{form:?} {manner:?}"
                );
            }
        }
        assert!(parcels().any(|parcel| parcel.manner == Manner::Twice));
        // Where the operator calls well, hardly anybody is left in the zone.
        for stage in Stage::ALL.into_iter().filter(|stage| *stage != Stage::ZoneArrived) {
            assert!(
                expected.ways.iter().any(|way| way.stage() == stage),
                "seed {seed} ends without {stage:?}"
            );
        }
        assert!(a_void_overtakes_its_event(&script), "seed {seed}");
        let customs_settles = recorded(&script).any(|(_, item)| {
            item.event.kind == EventKind::CustomsControlFinished
                && item.expected == Expected::Is(Outcome::Contradictory)
        });
        assert!(customs_settles, "seed {seed}: customs contradict");
        assert!(script.acts.iter().any(|act| act.post.system == System::SupportLine));
    }
}

fn a_void_overtakes_its_event(script: &Script) -> bool {
    let mut told = BTreeSet::new();
    recorded(script).any(|(_, item)| {
        told.insert(item.event.id.as_str());
        item.event.voids.as_deref().is_some_and(|voided| !told.contains(voided))
    })
}
