//! The grid over a year and over both clock changes, and what cannot be booked.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use kordon_schemas::Bilingual;
use kordon_schemas::rules::{CapacityRules, LaneRules, SlotRules, VehicleCategory, VehicleKind, Weekday};
use proptest::prelude::*;
use proptest::sample::select;

use super::{Slot, SlotFault, bookable, places, slot_at, slots_between};

/// Every length that rules may have.
const LENGTHS: [u16; 15] = [5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];

/// Clocks go back on 25 October 2026 at 01:00 UTC (04:00 to 03:00) and forward on 28 March 2027 at 01:00 UTC
/// (03:00 to 04:00).
const BACK: &str = "2026-10-25T01:00:00Z";
const FORWARD: &str = "2027-03-28T01:00:00Z";

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn local(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

fn lane(length_minutes: u16, places: u16, from_hour: u8, to_hour: u8) -> LaneRules {
    let kind = VehicleKind {
        category: VehicleCategory::Truck,
        over_kg: None,
        up_to_kg: None,
        laden: None,
        cargo_groups: Vec::new(),
    };
    LaneRules {
        lane: "trucks".into(),
        name: Bilingual { uk: "Вантажівки".into(), en: "Trucks".into() },
        takes: vec![kind],
        capacity: vec![CapacityRules {
            weekdays: vec![
                Weekday::Monday,
                Weekday::Tuesday,
                Weekday::Wednesday,
                Weekday::Thursday,
                Weekday::Friday,
                Weekday::Saturday,
                Weekday::Sunday,
            ],
            from_hour,
            to_hour,
            vehicles_per_hour: 12,
        }],
        slots: Some(SlotRules { length_minutes, places }),
    }
}

proptest! {
    #[test]
    fn every_moment_of_years_lies_in_exactly_one_slot(
        length in select(LENGTHS.to_vec()),
        seconds in 0..3 * 366 * 86_400_i64,
    ) {
        let moment = utc("2026-01-01T00:00:00Z") + TimeDelta::seconds(seconds);
        let slot = slot_at(length, moment);
        prop_assert!(slot.starts_at <= moment && moment < slot.ends_at, "{:?} at {}", slot, moment);
        prop_assert_eq!(slot_at(length, slot.starts_at), slot, "its beginning lies in it");
        prop_assert_eq!(slot_at(length, slot.ends_at).starts_at, slot.ends_at, "the next begins where it ends");
        prop_assert_eq!(slot_at(length, slot.starts_at - TimeDelta::microseconds(1)).ends_at, slot.starts_at);
    }

    #[test]
    fn an_open_lane_offers_each_moment_in_one_slot(
        length in select(LENGTHS.to_vec()),
        minutes in 0..366 * 1440_i64,
    ) {
        let lane = lane(length, 1, 0, 24);
        let moment = utc("2026-06-01T00:00:00Z") + TimeDelta::minutes(minutes);
        prop_assert_eq!(places(&lane, lane.slots.unwrap(), slot_at(length, moment)), Some(1));
    }
}

#[test]
fn slots_tile_both_nights_in_which_clocks_change() {
    for change in [BACK, FORWARD] {
        let from = utc(change) - TimeDelta::days(2);
        for length in LENGTHS {
            let slots: Vec<Slot> = slots_between(length, from, utc(change) + TimeDelta::days(2)).collect();
            assert!(slots.len() >= 3, "{length} at {change}");
            for pair in slots.windows(2) {
                assert_eq!(pair[0].ends_at, pair[1].starts_at, "{length} at {change}");
                assert!(pair[0].starts_at < pair[0].ends_at, "{length} at {change}");
            }
        }
    }
}

fn hours(length: u16, from: &str, to: &str) -> Vec<(String, i64)> {
    slots_between(length, utc(from), utc(to))
        .map(|slot| {
            let begins =
                slot.starts_at.with_timezone(&chrono_tz::Europe::Kyiv).format("%H:%M%:z").to_string();
            (begins, (slot.ends_at - slot.starts_at).num_minutes())
        })
        .collect()
}

#[test]
fn the_hour_that_comes_twice_has_its_slots_twice() {
    let night = hours(60, "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z");
    let begins: Vec<&str> = night.iter().map(|(begins, _)| begins.as_str()).collect();
    assert_eq!(begins, ["02:00+03:00", "03:00+03:00", "03:00+02:00", "04:00+02:00"]);
    assert!(night.iter().all(|(_, minutes)| *minutes == 60));
}

#[test]
fn the_slots_of_the_hour_that_is_missing_do_not_exist() {
    let night = hours(30, "2027-03-28T00:00:00Z", "2027-03-28T02:00:00Z");
    let begins: Vec<&str> = night.iter().map(|(begins, _)| begins.as_str()).collect();
    assert_eq!(begins, ["02:00+02:00", "02:30+02:00", "04:00+03:00", "04:30+03:00"]);
}

#[test]
fn a_slot_of_several_hours_is_an_hour_longer_or_shorter_in_these_nights() {
    let told = |from, to| {
        hours(180, from, to).into_iter().map(|(at, minutes)| format!("{at} {minutes}")).collect::<Vec<_>>()
    };
    assert_eq!(
        told("2026-10-24T21:00:00Z", "2026-10-25T07:00:00Z"),
        ["00:00+03:00 180", "03:00+03:00 240", "06:00+02:00 180"]
    );
    assert_eq!(
        told("2027-03-27T22:00:00Z", "2027-03-28T06:00:00Z"),
        ["00:00+02:00 180", "04:00+03:00 120", "06:00+03:00 180"]
    );
    let lane = lane(180, 36, 0, 24);
    let short = slot_at(180, utc(FORWARD));
    assert_eq!(
        places(&lane, lane.slots.unwrap(), short),
        Some(24),
        "a shorter slot has no more places than are let in"
    );
}

#[test]
fn what_cannot_be_booked_is_told_apart() {
    let now = utc("2026-11-21T12:00:00Z");
    let day = lane(30, 2, 8, 20);
    let ask = |at: &str| bookable(&day, 14, local(at), now).map(|(slot, places)| (slot.starts_at, places));
    assert_eq!(ask("2026-11-22T10:30:00+02:00"), Ok((utc("2026-11-22T08:30:00Z"), 2)));
    assert_eq!(ask("2026-11-22T08:30:00Z"), Ok((utc("2026-11-22T08:30:00Z"), 2)), "the same in UTC");
    assert_eq!(ask("2026-11-21T14:00:00+02:00"), Err(SlotFault::Past), "it begins right now");
    assert_eq!(ask("2026-11-20T10:00:00+02:00"), Err(SlotFault::Past));
    assert_eq!(ask("2026-12-06T10:00:00+02:00"), Err(SlotFault::BeyondHorizon { days: 14 }));
    assert_eq!(ask("2026-11-22T07:30:00+02:00"), Err(SlotFault::Closed { lane: "trucks".into() }));
    assert_eq!(ask("2026-11-22T20:00:00+02:00"), Err(SlotFault::Closed { lane: "trucks".into() }));
    let (before, after) = ("2026-11-22T10:30:00+02:00".into(), "2026-11-22T11:00:00+02:00".into());
    assert_eq!(ask("2026-11-22T10:40:00+02:00"), Err(SlotFault::OffGrid { before, after }));
    let none = LaneRules { slots: None, ..day.clone() };
    let refused = bookable(&none, 14, local("2026-11-22T10:30:00+02:00"), now);
    assert_eq!(refused, Err(SlotFault::NoSlots { lane: "trucks".into() }));
}

#[test]
fn a_time_that_the_clocks_do_not_show_is_no_slot_in_either_night() {
    let always = lane(30, 2, 0, 24);
    let autumn = utc("2026-10-20T12:00:00Z");
    let spring = utc("2027-03-20T12:00:00Z");
    let ask = |at: &str, now| bookable(&always, 30, local(at), now).map(|(slot, _)| slot.starts_at);
    let clock_change =
        |asked: Result<DateTime<Utc>, SlotFault>| matches!(asked, Err(SlotFault::ClockChange { .. }));
    // The doubled hour: both are there, and only the offset tells which.
    assert_eq!(ask("2026-10-25T03:30:00+03:00", autumn), Ok(utc("2026-10-25T00:30:00Z")));
    assert_eq!(ask("2026-10-25T03:30:00+02:00", autumn), Ok(utc("2026-10-25T01:30:00Z")));
    assert!(clock_change(ask("2026-10-25T02:30:00+02:00", autumn)), "03:30 by the clocks of that moment");
    assert!(clock_change(ask("2026-10-25T04:30:00+03:00", autumn)), "03:30 for the second time");
    // The missing hour: neither offset makes it exist.
    assert!(clock_change(ask("2027-03-28T03:30:00+02:00", spring)));
    assert!(clock_change(ask("2027-03-28T03:30:00+03:00", spring)));
    assert_eq!(ask("2027-03-28T01:30:00Z", spring), Ok(utc("2027-03-28T01:30:00Z")), "UTC is never in doubt");
    // On any other day an offset of elsewhere is as good as any.
    assert_eq!(ask("2026-10-27T03:30:00+03:00", autumn), Ok(utc("2026-10-27T00:30:00Z")));
}
