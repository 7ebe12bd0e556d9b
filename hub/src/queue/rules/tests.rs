//! What a booking must hold and the stay in a zone, without a database. `noon(m)` is m minutes after noon.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::events::EventKind;
use kordon_schemas::queue::BookingIn;

use super::{booked_at, covered_until, overstay_seconds};
use crate::crossings::model::{Mark, Position, Progress};
use crate::error::Error;

fn noon(minutes: i64) -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

/// Of a vehicle that came to a zone at those minutes.
fn came(minutes: &[i64]) -> Progress {
    let mut progress = Progress::default();
    for (position, at) in (1..).zip(minutes) {
        progress.add(EventKind::ZoneArrived, Mark { at: noon(*at), position: Position(position) });
    }
    progress
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
    let progress = came(&[0]);
    for (until, beyond) in [(0, None), (day, None), (day + 1, Some(60)), (2 * day, Some(86_400))] {
        assert_eq!(overstay_seconds(&progress, noon(until)), beyond, "{until}");
    }
    assert_eq!(overstay_seconds(&Progress::default(), noon(2 * day)), None, "it came to no zone");
}

#[test]
fn who_leaves_the_zone_and_comes_back_has_no_other_24_hours() {
    assert_eq!(covered_until(&came(&[0, 23 * 60])), Some(noon(24 * 60)));
}
