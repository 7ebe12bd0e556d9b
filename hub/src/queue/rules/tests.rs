//! What a booking must hold and admission, without a database. `noon(m)` is m minutes after noon.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::events::EventKind;
use kordon_schemas::queue::{AdmissionReason, BookingIn, Decision};
use uuid::Uuid;

use super::{admit, at_the_gate, booked_at, overstay_seconds};
use crate::crossings::model::{CallWindow, Crossing, CrossingId, Mark, Position, Progress};
use crate::error::Error;

fn noon(minutes: i64) -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn crossing(call: Option<i64>, facts: &[(EventKind, i64)]) -> Crossing {
    let mut progress = Progress::default();
    for (kind, minutes) in facts {
        progress.add(*kind, Mark { at: noon(*minutes), position: Position(1) });
    }
    Crossing {
        checkpoint: CheckpointCode::parse("UA209030").unwrap(),
        id: CrossingId(Uuid::from_u128(1)),
        booked_at: noon(0),
        call: call.map(|at| CallWindow { called_at: noon(at), deadline_at: noon(at) + TimeDelta::hours(4) }),
        progress,
    }
}

#[test]
fn the_gate_admits_who_was_called_and_is_in_time() {
    use AdmissionReason as R;
    use EventKind as K;
    let entered = [(K::CheckpointEntered, 80)];
    let left = [(K::CheckpointEntered, 80), (K::CheckpointLeft, 90)];
    let table = [
        (Some(crossing(Some(60), &[])), 60, Decision::Admit, R::Called),
        (Some(crossing(Some(60), &[(K::ZoneLeft, 70)])), 299, Decision::Admit, R::Called),
        (Some(crossing(Some(60), &[])), 300, Decision::Refuse, R::CallExpired),
        (Some(crossing(None, &[])), 60, Decision::Refuse, R::NotCalled),
        (Some(crossing(None, &[(K::ZoneArrived, 5)])), 60, Decision::Refuse, R::NotCalled),
        (Some(crossing(Some(60), &entered)), 85, Decision::Refuse, R::AlreadyEntered),
        (
            Some(crossing(Some(60), &[(K::CustomsControlStarted, 81)])),
            85,
            Decision::Refuse,
            R::AlreadyEntered,
        ),
        (Some(crossing(Some(60), &left)), 95, Decision::Refuse, R::NotBooked),
        (None, 60, Decision::Refuse, R::NotBooked),
    ];
    for (crossing, minutes, decision, reason) in table {
        let answer = admit(crossing.as_ref(), noon(minutes));
        assert_eq!((answer.decision, answer.reason), (decision, reason), "{crossing:?}");
        assert_eq!(answer.booking.is_some(), reason != R::NotBooked);
    }
}

#[test]
fn the_journey_that_awaits_entry_counts_at_the_gate() {
    use EventKind as K;
    let (gone, waiting) = (crossing(Some(0), &[(K::CheckpointLeft, 10)]), crossing(Some(60), &[]));
    assert_eq!(at_the_gate(&[]), None);
    assert_eq!(
        at_the_gate(&[gone.clone(), waiting.clone()]),
        Some(&waiting),
        "also when a later one is over"
    );
    assert_eq!(at_the_gate(&[waiting.clone(), gone.clone()]), Some(&waiting));
    assert_eq!(at_the_gate(std::slice::from_ref(&gone)), Some(&gone));
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

#[test]
fn the_stay_in_a_zone_is_covered_for_24_hours_until_the_call() {
    let day = 24 * 60;
    for (until, beyond) in [(0, None), (day, None), (day + 1, Some(60)), (2 * day, Some(86_400))] {
        assert_eq!(overstay_seconds(noon(0), noon(until)), beyond, "{until}");
    }
}
