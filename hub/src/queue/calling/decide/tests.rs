//! Whom to call, without a database. `noon(m)` is m minutes after noon.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::ProblemCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::CallRule;
use kordon_schemas::rules::{CallRules, MergeRules, PriorityClass};
use kordon_schemas::text::Bilingual;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::{Entered, NAMED, choose, hand_in};
use crate::queue::model::BookingId;
use crate::queue::ranking::{Merge, Queued, Turns};
use crate::queue::waiting::Stand;

fn noon(minutes: i64) -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn id(number: u128) -> BookingId {
    BookingId(Uuid::from_u128(number))
}

/// The live queue with weight 2 beside a class of weight 1.
fn merge() -> Merge {
    let name = Bilingual { uk: "Швидкопсувні".into(), en: "Perishable".into() };
    let classes = vec![PriorityClass { class: "perishable".into(), name, weight: 1 }];
    let call = CallRules { lead_minutes: 0, deadline_minutes: 240, warn_minutes: None };
    Merge::of(&MergeRules { classes, live_weight: 2 }, &call)
}

fn stands(number: u128, queued: Queued<'_>, minutes: i64, stage: Stage) -> Stand {
    let place = merge().place(id(number), queued, noon(minutes), None);
    Stand { place, stage, in_zone: stage == Stage::ZoneArrived, call_lapsed: false }
}

fn waits(number: u128, minutes: i64, stage: Stage) -> Stand {
    stands(number, Queued::Live, minutes, stage)
}

/// Which booking is called at noon by which rule from which place, or the code of the refusal.
fn chosen(
    waiting: &[Stand],
    wanted: Option<u128>,
    reason: Option<&str>,
) -> Result<(u128, CallRule, u32), ProblemCode> {
    choose(&merge(), waiting, 0, &Turns::none(&merge()), wanted.map(id), reason, noon(0))
        .map(|decision| (decision.booking.0.as_u128(), decision.explanation.rule, decision.explanation.place))
        .map_err(|error| error.code())
}

#[test]
fn the_first_of_those_in_a_zone_is_called() {
    let waiting =
        [waits(1, 0, Stage::Booked), waits(2, 2, Stage::ZoneArrived), waits(3, 1, Stage::ZoneArrived)];
    assert_eq!(chosen(&waiting, None, None), Ok((3, CallRule::Turn, 1)));
}

#[test]
fn nobody_in_a_zone_is_nobody_to_call() {
    assert_eq!(chosen(&[], None, None), Err(ProblemCode::NotCallable));
    assert_eq!(chosen(&[waits(1, 0, Stage::Booked)], None, None), Err(ProblemCode::NotCallable));
    let outside = Stand { in_zone: false, ..waits(1, 0, Stage::ZoneArrived) };
    assert_eq!(chosen(&[outside], None, None), Err(ProblemCode::NotCallable), "it left the zone again");
}

#[test]
fn a_slot_that_has_begun_goes_first_and_one_that_has_not_needs_a_reason() {
    let slot = |from: i64| Queued::PreBooked { slot_starts_at: noon(from), slot_ends_at: noon(from + 30) };
    let begun = stands(2, slot(-5), -90, Stage::ZoneArrived);
    let ahead = stands(3, slot(30), -90, Stage::ZoneArrived);
    let live = waits(1, -200, Stage::ZoneArrived);
    assert_eq!(chosen(&[live, begun, ahead], None, None), Ok((2, CallRule::Slot, 1)));
    assert_eq!(chosen(&[ahead], None, None), Err(ProblemCode::NotCallable));
    assert_eq!(chosen(&[live, ahead], Some(3), None), Err(ProblemCode::NotFirst));
    assert_eq!(chosen(&[live, ahead], Some(3), Some("a sick child")), Ok((3, CallRule::OutOfOrder, 2)));
}

#[test]
fn whoever_is_called_before_others_needs_a_reason_that_is_kept() {
    let waiting = [waits(1, 0, Stage::ZoneArrived), waits(2, 1, Stage::ZoneArrived)];
    assert_eq!(chosen(&waiting, Some(1), None), Ok((1, CallRule::Turn, 1)));
    assert_eq!(chosen(&waiting, Some(2), None), Err(ProblemCode::NotFirst));
    assert_eq!(chosen(&waiting, Some(2), Some("a sick child")), Ok((2, CallRule::OutOfOrder, 2)));
    let not_there = [waits(1, 0, Stage::ZoneArrived), waits(2, 1, Stage::Booked)];
    assert_eq!(chosen(&not_there, Some(2), Some("a sick child")), Ok((2, CallRule::OutOfOrder, 2)));
}

#[test]
fn who_was_called_or_does_not_wait_is_not_called() {
    for stage in [Stage::Called, Stage::ZoneLeft, Stage::CheckpointEntered] {
        let waiting = [waits(1, 0, stage), waits(2, 1, Stage::ZoneArrived)];
        assert_eq!(chosen(&waiting, Some(1), Some("again")), Err(ProblemCode::NotCallable), "{stage:?}");
    }
    assert_eq!(chosen(&[], Some(9), Some("who")), Err(ProblemCode::NotCallable));
}

#[test]
fn a_missed_call_is_made_good_with_a_reason() {
    for stage in [Stage::Called, Stage::ZoneLeft] {
        let waiting = [Stand { call_lapsed: true, ..waits(1, 0, stage) }, waits(2, 1, Stage::ZoneArrived)];
        assert_eq!(chosen(&waiting, None, None), Ok((2, CallRule::Turn, 1)), "{stage:?}");
        assert_eq!(chosen(&waiting, Some(1), None), Err(ProblemCode::NotFirst), "{stage:?}");
        assert_eq!(
            chosen(&waiting, Some(1), Some("a flat tyre")),
            Ok((1, CallRule::OutOfOrder, 2)),
            "{stage:?}"
        );
    }
}

#[test]
fn an_explanation_names_the_first_of_each_queue_and_the_credits_before() {
    let perishable = Queued::Priority { class: "perishable" };
    let mut waiting: Vec<Stand> = (1..6).map(|number| waits(number, 0, Stage::ZoneArrived)).collect();
    waiting.push(stands(9, perishable, 7, Stage::ZoneArrived));
    let decision = choose(&merge(), &waiting, 0, &Turns::none(&merge()), None, None, noon(9)).unwrap();
    let told: Vec<_> = decision
        .explanation
        .stood
        .iter()
        .map(|stood| (stood.booking.as_u128(), stood.queue.as_str(), stood.priority_class.as_deref()))
        .collect();
    assert_eq!(
        told,
        [(9, "priority", Some("perishable")), (1, "live", None), (2, "live", None), (3, "live", None)]
    );
    let credits: Vec<_> = decision.explanation.turns.iter().map(|turn| (turn.weight, turn.credit)).collect();
    assert_eq!(credits, [(1, 0), (2, 0)]);
    assert_eq!(decision.turns.stored(&merge()).live, -1, "the live queue had its turn and paid for it");
}

#[test]
fn a_call_out_of_order_and_one_that_is_handed_in_take_no_turn() {
    let waiting = [waits(1, 0, Stage::ZoneArrived), waits(2, 1, Stage::ZoneArrived)];
    let none = Turns::none(&merge());
    let out_of_order = choose(&merge(), &waiting, 0, &none, Some(id(2)), Some("a reason"), noon(9)).unwrap();
    let handed_in = hand_in(&merge(), &waiting, &none, id(2), noon(9), None).unwrap();
    assert_eq!((&out_of_order.turns, &handed_in.turns), (&none, &none));
    assert_eq!((handed_in.explanation.rule, handed_in.explanation.place), (CallRule::HandedIn, 2));
    let called = [waits(1, 0, Stage::Called)];
    let again = hand_in(&merge(), &called, &none, id(1), noon(9), None);
    assert_eq!(again.unwrap_err().code(), ProblemCode::NotCallable);
}

#[test]
fn a_call_that_is_told_after_the_entry_it_led_to_is_taken_and_one_after_it_is_not() {
    let stands = [waits(1, 0, Stage::CheckpointEntered), waits(2, 1, Stage::ZoneArrived)];
    let none = Turns::none(&merge());
    let told = |called_at, was_called| {
        let entered = Entered { came_at: noon(30), was_called };
        hand_in(&merge(), &stands, &none, id(1), noon(called_at), Some(entered))
    };
    let explanation = told(9, false).unwrap().explanation;
    assert_eq!((explanation.place, explanation.waiting), (1, 2));
    assert_eq!(told(31, false).unwrap_err().code(), ProblemCode::NotCallable);
    assert_eq!(told(9, true).unwrap_err().code(), ProblemCode::NotCallable);
}

fn queue() -> impl Strategy<Value = Vec<Stand>> {
    let stage = select(vec![Stage::Booked, Stage::ZoneArrived, Stage::Called, Stage::ZoneLeft]);
    vec((0..20_i64, any::<bool>(), stage), 0..12).prop_map(|standing| {
        let numbered = standing.into_iter().zip(1..);
        let stand = |((minutes, is_priority, stage), number)| {
            let queued = if is_priority { Queued::Priority { class: "perishable" } } else { Queued::Live };
            stands(number, queued, minutes, stage)
        };
        numbered.map(stand).collect()
    })
}

proptest! {
    #[test]
    fn nobody_in_the_zone_is_passed_by_an_equal_without_a_reason(waiting in queue(), wanted in proptest::option::of(1..14_u128)) {
        if let Ok(decision) = choose(&merge(), &waiting, 0, &Turns::none(&merge()), wanted.map(id), None, noon(0)) {
            let chosen = waiting.iter().find(|stand| stand.booking() == decision.booking).unwrap();
            prop_assert!(chosen.waits());
            for passed in waiting.iter().filter(|stand| stand.waits()) {
                prop_assert!(passed.place.standing != chosen.place.standing || chosen.place <= passed.place);
            }
            prop_assert_eq!(decision.explanation.rule, CallRule::Turn);
            prop_assert!(decision.explanation.stood.iter().any(|stood| stood.booking == decision.booking.0));
        }
    }

    #[test]
    fn the_first_of_each_queue_decide_as_everyone_would(waiting in queue()) {
        let mut first: Vec<Stand> = waiting.iter().copied().filter(Stand::waits).collect();
        first.sort_by_key(|stand| stand.place);
        let in_zone = first.len();
        for standing in waiting.iter().map(|stand| stand.place.standing) {
            let mut seen = 0;
            first.retain(|stand| {
                seen += usize::from(stand.place.standing == standing);
                stand.place.standing != standing || seen <= NAMED
            });
        }
        let none = Turns::none(&merge());
        let by_all = choose(&merge(), &waiting, 0, &none, None, None, noon(0));
        let by_first = choose(&merge(), &first, in_zone - first.len(), &none, None, None, noon(0));
        prop_assert_eq!(by_all.ok(), by_first.ok());
    }

    #[test]
    fn the_place_lies_among_those_who_wait(waiting in queue(), wanted in 1..14_u128) {
        let decided = choose(&merge(), &waiting, 0, &Turns::none(&merge()), Some(id(wanted)), Some("a reason"), noon(0));
        if let Ok(decision) = decided {
            prop_assert_eq!(decision.booking, id(wanted));
            let in_zone = waiting.iter().filter(|stand| stand.waits()).count();
            prop_assert!(decision.explanation.place <= decision.explanation.waiting);
            prop_assert!(usize::try_from(decision.explanation.place).unwrap() <= in_zone + 1);
            prop_assert_eq!(decision.explanation.rule == CallRule::Turn, decision.explanation.place == 1 && in_zone > 0
                && waiting.iter().any(|stand| stand.waits() && stand.booking() == id(wanted)));
        }
    }
}
