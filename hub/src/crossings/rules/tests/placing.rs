//! Which crossing a fact belongs to.

use kordon_schemas::events::EventKind;

use super::{booked, noon};
use crate::crossings::model::{Crossing, Mark, Position};
use crate::crossings::rules::{may_place, may_state, place};
use crate::parties::Role;

fn left(minutes: i64, mut crossing: Crossing) -> Crossing {
    crossing.progress.add(EventKind::CheckpointLeft, Mark { at: noon(minutes), position: Position(1) });
    crossing
}

/// The number of the crossing that a fact goes to; the crossings come latest booking first.
fn placed(minutes: i64, latest_first: &[Crossing]) -> Option<u128> {
    placed_as(EventKind::PlateRead, minutes, latest_first)
}

fn placed_as(kind: EventKind, minutes: i64, latest_first: &[Crossing]) -> Option<u128> {
    place(kind, noon(minutes), latest_first).map(|id| id.0.as_u128())
}

#[test]
fn a_vehicle_without_a_booking_has_no_crossing() {
    assert_eq!(placed(0, &[]), None);
}

#[test]
fn a_fact_may_come_a_quarter_of_an_hour_before_the_booking() {
    let crossings = [booked(1, 0)];
    assert_eq!(placed(-15, &crossings), Some(1));
    assert_eq!(placed(-16, &crossings), None);
}

#[test]
fn what_happened_at_a_zone_hours_before_is_of_the_booking_that_came_next() {
    let crossings = [booked(2, 200), booked(1, 0)];
    for kind in [EventKind::ZoneArrived, EventKind::ZoneLeft] {
        assert_eq!(placed_as(kind, -16, &crossings), Some(1));
        assert_eq!(placed_as(kind, -360, &crossings), Some(1));
        assert_eq!(placed_as(kind, -361, &crossings), None);
    }
    assert_eq!(placed_as(EventKind::CheckpointEntered, -16, &crossings), None);
    let crossings = [booked(2, 24 * 60), left(60, booked(1, 0))];
    assert_eq!(placed_as(EventKind::ZoneArrived, 120, &crossings), Some(1), "it is of a crossing already");
    assert_eq!(placed_as(EventKind::ZoneArrived, 19 * 60, &crossings), Some(2));
}

#[test]
fn facts_belong_to_a_crossing_until_six_hours_after_the_vehicle_left() {
    let crossings = [left(60, booked(1, 0))];
    assert_eq!(placed(60 + 360, &crossings), Some(1));
    assert_eq!(placed(60 + 361, &crossings), None);
}

#[test]
fn a_vehicle_that_has_not_left_keeps_its_crossing_for_ever() {
    assert_eq!(placed(29 * 24 * 60, &[booked(1, 0)]), Some(1));
}

#[test]
fn of_two_journeys_a_late_fact_finds_its_own() {
    let crossings = [booked(2, 24 * 60), left(300, booked(1, 0))];
    assert_eq!(placed(120, &crossings), Some(1), "a fact of the first day");
    assert_eq!(placed(24 * 60 + 30, &crossings), Some(2), "a fact of the second day");
    assert_eq!(placed(24 * 60 - 5, &crossings), Some(2), "seen just before it was booked again");
    assert_eq!(placed(-600, &crossings), None, "a fact from before both");
}

#[test]
fn what_happened_before_a_vehicle_left_is_not_of_the_journey_it_booked_next() {
    let crossings = [booked(2, 65), left(60, booked(1, 0))];
    assert_eq!(placed(55, &crossings), Some(1), "the end of customs control, heard of late");
    assert_eq!(placed(60, &crossings), Some(1), "the exit itself, stated by a second system");
    assert_eq!(placed(62, &crossings), Some(2), "on its way to the zone");
}

#[test]
fn a_border_guard_places_any_fact_by_hand_and_others_their_own_kinds() {
    let crossing = booked(1, 0);
    let may = |role, kind| may_place(role, kind, noon(60), &crossing).is_ok();
    for kind in EventKind::ALL {
        assert!(may(Role::BorderGuard, kind), "{kind:?}");
        assert_eq!(may(Role::QueueOperator, kind), may_state(Role::QueueOperator, kind), "{kind:?}");
    }
}

#[test]
fn a_fact_is_placed_by_hand_within_the_time_of_its_crossing() {
    let crossing = left(60, booked(1, 0));
    let may = |minutes| may_place(Role::BorderGuard, EventKind::PlateRead, noon(minutes), &crossing).is_ok();
    assert_eq!([-16, -15, 0, 420, 421].map(may), [false, true, true, true, false]);
}
