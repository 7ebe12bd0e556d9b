//! The order of the queue, and the next call, without a database. `noon(m)` is m minutes after noon.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::ProblemCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::{BookingIn, CallRule};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::{booked_at, choose, order};
use crate::error::Error;
use crate::queue::model::{BookingId, Waiting};

fn noon(minutes: i64) -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn id(number: u128) -> BookingId {
    BookingId(Uuid::from_u128(number))
}

fn waits(number: u128, minutes: i64, stage: Stage) -> Waiting {
    Waiting { booking: id(number), booked_at: noon(minutes), stage, call_lapsed: false }
}

/// Which booking is called by which rule from which place, or the code of the refusal.
fn chosen(
    waiting: &[Waiting],
    wanted: Option<u128>,
    reason: Option<&str>,
) -> Result<(u128, CallRule, u32), ProblemCode> {
    choose(waiting, wanted.map(id), reason)
        .map(|(booking, why)| (booking.0.as_u128(), why.rule, why.place))
        .map_err(|error| error.code())
}

#[test]
fn the_queue_stands_by_booking_and_then_by_id() {
    let mut waiting =
        [waits(3, 5, Stage::ZoneArrived), waits(2, 9, Stage::Booked), waits(1, 5, Stage::Booked)];
    order(&mut waiting);
    assert_eq!(waiting.map(|each| each.booking), [id(1), id(3), id(2)]);
}

#[test]
fn the_first_booked_of_those_in_a_zone_is_called() {
    let waiting =
        [waits(1, 0, Stage::Booked), waits(2, 1, Stage::ZoneArrived), waits(3, 2, Stage::ZoneArrived)];
    assert_eq!(chosen(&waiting, None, None), Ok((2, CallRule::FirstBooked, 1)));
    assert_eq!(chosen(&waiting, Some(2), None), Ok((2, CallRule::FirstBooked, 1)), "named, it is the same");
}

#[test]
fn nobody_in_a_zone_is_nobody_to_call() {
    assert_eq!(chosen(&[], None, None), Err(ProblemCode::NotCallable));
    assert_eq!(chosen(&[waits(1, 0, Stage::Booked)], None, None), Err(ProblemCode::NotCallable));
    assert_eq!(chosen(&[waits(1, 0, Stage::Called)], None, None), Err(ProblemCode::NotCallable));
}

#[test]
fn whoever_is_called_before_others_needs_a_reason_that_is_kept() {
    let waiting =
        [waits(1, 0, Stage::ZoneArrived), waits(2, 1, Stage::ZoneArrived), waits(3, 2, Stage::Booked)];
    assert_eq!(chosen(&waiting, Some(2), None), Err(ProblemCode::NotFirst));
    assert_eq!(chosen(&waiting, Some(2), Some("a sick child")), Ok((2, CallRule::OutOfOrder, 2)));
    assert_eq!(chosen(&waiting, Some(3), None), Err(ProblemCode::NotFirst), "it is not in a zone");
    assert_eq!(chosen(&waiting, Some(3), Some("waits at the gate")), Ok((3, CallRule::OutOfOrder, 3)));
}

#[test]
fn who_was_called_or_does_not_wait_is_not_called() {
    for stage in [Stage::Called, Stage::ZoneLeft] {
        let waiting = [waits(1, 0, stage)];
        assert_eq!(chosen(&waiting, Some(1), Some("again")), Err(ProblemCode::NotCallable), "{stage:?}");
    }
    assert_eq!(chosen(&[], Some(9), Some("who is it")), Err(ProblemCode::NotCallable));
}

#[test]
fn a_missed_call_is_made_good_with_a_reason() {
    for stage in [Stage::Called, Stage::ZoneLeft] {
        let waiting = [Waiting { call_lapsed: true, ..waits(1, 0, stage) }, waits(2, 1, Stage::ZoneArrived)];
        assert_eq!(chosen(&waiting, None, None), Ok((2, CallRule::FirstBooked, 1)), "{stage:?}");
        assert_eq!(chosen(&waiting, Some(1), None), Err(ProblemCode::NotFirst), "{stage:?}");
        assert_eq!(
            chosen(&waiting, Some(1), Some("a flat tyre")),
            Ok((1, CallRule::OutOfOrder, 2)),
            "{stage:?}"
        );
    }
}

fn queue() -> impl Strategy<Value = Vec<Waiting>> {
    let stage = select(vec![Stage::Booked, Stage::ZoneArrived, Stage::Called, Stage::ZoneLeft]);
    vec((0..20_i64, stage), 0..12).prop_map(|standing| {
        let numbered =
            standing.into_iter().zip(1..).map(|((minutes, stage), number)| waits(number, minutes, stage));
        let mut waiting: Vec<Waiting> = numbered.collect();
        order(&mut waiting);
        waiting
    })
}

proptest! {
    #[test]
    fn nobody_in_the_zone_is_passed_without_a_reason(waiting in queue(), wanted in proptest::option::of(1..14_u128)) {
        if let Ok((called, why)) = choose(&waiting, wanted.map(id), None) {
            let chosen = waiting.iter().find(|each| each.booking == called).unwrap();
            prop_assert_eq!(chosen.stage, Stage::ZoneArrived);
            for passed in waiting.iter().filter(|each| each.stage == Stage::ZoneArrived) {
                prop_assert!((chosen.booked_at, chosen.booking) <= (passed.booked_at, passed.booking));
            }
            prop_assert_eq!(why.rule, CallRule::FirstBooked);
        }
    }

    #[test]
    fn the_explanation_tells_the_true_place(waiting in queue(), wanted in 1..14_u128) {
        if let Ok((called, why)) = choose(&waiting, Some(id(wanted)), Some("a reason")) {
            prop_assert_eq!(called, id(wanted));
            let in_zone: Vec<_> = waiting.iter().filter(|each| each.stage == Stage::ZoneArrived).collect();
            let before = in_zone.iter().take_while(|each| each.booking != called).count();
            prop_assert_eq!(usize::try_from(why.place).unwrap(), before + 1);
            prop_assert!(why.place <= why.waiting);
            prop_assert_eq!(why.rule == CallRule::FirstBooked, in_zone.first().is_some_and(|first| first.booking == called));
        }
    }
}

fn asked(reference: &str, booked_at: Option<i64>, driver: Option<&str>) -> BookingIn {
    let mut booking: BookingIn = serde_json::from_value(serde_json::json!({
        "reference": reference, "plate": "AA 1234 BB", "queue": "live", "channel": "web"
    }))
    .unwrap();
    booking.booked_at = booked_at.map(noon);
    booking.driver = driver.map(|name| kordon_schemas::queue::Driver { name: name.into() });
    booking
}

#[test]
fn a_booking_may_be_handed_in_a_week_late_but_not_ahead_of_time() {
    let week = 7 * 24 * 60;
    for (minutes, expected) in [
        (None, Some(0)),
        (Some(2), Some(2)),
        (Some(3), None),
        (Some(-week), Some(-week)),
        (Some(-week - 1), None),
    ] {
        let at = booked_at(&asked("r-1", minutes, None), noon(0)).ok();
        assert_eq!(at, expected.map(noon), "{minutes:?}");
    }
}

#[test]
fn every_fault_of_a_booking_is_told_at_once() {
    let Err(Error::Invalid(faults)) = booked_at(&asked("two words", Some(99), Some(" \u{7} ")), noon(0))
    else {
        panic!("it is broken in three places");
    };
    let places: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(places, ["/reference", "/driver/name", "/booked_at"]);
}
