//! The pace of a lane by the hours of Kyiv, over both clock changes (Q3, Q11).

use kordon_schemas::rules::{CapacityRules, VehicleCategory, VehicleKind, Weekday};
use kordon_schemas::text::Bilingual;
use proptest::prelude::*;

use super::*;

const EVERY_DAY: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

fn lane(capacity: Vec<CapacityRules>) -> LaneRules {
    LaneRules {
        lane: "trucks".into(),
        name: Bilingual { uk: "Вантажні".into(), en: "Trucks".into() },
        takes: vec![VehicleKind {
            category: VehicleCategory::Truck,
            over_kg: None,
            up_to_kg: None,
            laden: None,
            cargo_groups: Vec::new(),
        }],
        capacity,
        slots: None,
    }
}

fn hours(weekdays: &[Weekday], from_hour: u8, to_hour: u8, vehicles_per_hour: u16) -> CapacityRules {
    CapacityRules { weekdays: weekdays.to_vec(), from_hour, to_hour, vehicles_per_hour }
}

fn at(written: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(written).unwrap().to_utc()
}

const CALL: CallRules = CallRules { lead_minutes: 30, deadline_minutes: 240, warn_minutes: None };

#[test]
fn the_hours_are_those_of_kyiv_in_winter_and_in_summer() {
    let lane = lane(vec![hours(&EVERY_DAY, 8, 20, 12)]);
    assert_eq!(vehicles_per_hour(&lane, at("2026-01-15T05:59:59Z")), Some(0));
    assert_eq!(vehicles_per_hour(&lane, at("2026-01-15T06:00:00Z")), Some(12));
    assert_eq!(vehicles_per_hour(&lane, at("2026-07-15T05:00:00Z")), Some(12));
    assert_eq!(vehicles_per_hour(&lane, at("2026-07-15T17:00:00Z")), Some(0));
}

#[test]
fn without_capacity_nothing_is_known() {
    let lane = lane(Vec::new());
    assert_eq!(vehicles_per_hour(&lane, at("2026-01-15T05:59:59Z")), None);
    assert_eq!(entry_of_next_call(&lane, &CALL, None, at("2026-01-15T05:59:59Z")), None);
}

#[test]
fn the_next_entry_is_found_over_hours_of_other_rates_and_closed_ones() {
    let lane =
        lane(vec![hours(&EVERY_DAY, 8, 9, 4), hours(&EVERY_DAY, 9, 10, 2), hours(&EVERY_DAY, 12, 13, 1)]);
    // 06:00Z is 08:00 in Kyiv.
    assert_eq!(next_entry(&lane, at("2026-01-15T06:00:00Z")), Some(at("2026-01-15T06:15:00Z")));
    assert_eq!(next_entry(&lane, at("2026-01-15T06:50:00Z")), Some(at("2026-01-15T07:10:00Z")));
    // Half a vehicle until the lane closes, half an hour of the only one after it opens.
    assert_eq!(next_entry(&lane, at("2026-01-15T07:45:00Z")), Some(at("2026-01-15T10:30:00Z")));
}

#[test]
fn a_call_is_for_an_entry_as_far_ahead_as_the_way_takes_and_the_lane_is_open_then() {
    let lane = lane(vec![hours(&EVERY_DAY, 8, 20, 6)]);
    let opening = at("2026-01-15T06:00:00Z");
    assert_eq!(entry_of_next_call(&lane, &CALL, None, at("2026-01-15T03:00:00Z")), Some(opening));
    assert_eq!(
        entry_of_next_call(&lane, &CALL, Some(opening), at("2026-01-15T05:31:00Z")),
        Some(at("2026-01-15T06:10:00Z"))
    );
    // What is called a little late keeps its time; hours in which nobody was called are not made up for.
    assert_eq!(
        entry_of_next_call(&lane, &CALL, Some(opening), at("2026-01-15T05:40:30Z")),
        Some(at("2026-01-15T06:10:00Z"))
    );
    assert_eq!(
        entry_of_next_call(&lane, &CALL, Some(opening), at("2026-01-15T09:00:00Z")),
        Some(at("2026-01-15T09:30:00Z"))
    );
}

#[test]
fn as_many_are_on_their_way_as_are_let_in_meanwhile() {
    let lane = lane(vec![hours(&EVERY_DAY, 8, 20, 6)]);
    let (open, closed) = (at("2026-01-15T09:00:00Z"), at("2026-01-15T02:00:00Z"));
    assert_eq!(most_on_the_way(&lane, &CALL, open), Some(3));
    assert_eq!(most_on_the_way(&lane, &CallRules { lead_minutes: 0, ..CALL }, open), Some(1));
    assert_eq!(most_on_the_way(&lane, &CALL, closed), Some(0));
}

proptest! {
    #[test]
    fn no_hour_is_promised_more_entries_than_its_capacity(rates in proptest::collection::vec(0..40_u16, 24), start in 0..1440_i64) {
        let capacity: Vec<_> = rates
            .iter()
            .zip(0_u8..)
            .filter(|(rate, _)| **rate > 0)
            .map(|(rate, hour)| hours(&EVERY_DAY, hour, hour + 1, *rate))
            .collect();
        prop_assume!(!capacity.is_empty());
        let lane = lane(capacity);
        let mut entry = at("2026-03-28T00:00:00Z") + TimeDelta::minutes(start);
        let mut entries: std::collections::BTreeMap<DateTime<Utc>, u16> = std::collections::BTreeMap::new();
        for _ in 0..400 {
            let next = next_entry(&lane, entry).unwrap();
            prop_assert!(next > entry);
            entry = next;
            *entries.entry(entry.duration_trunc(TimeDelta::hours(1)).unwrap()).or_default() += 1;
        }
        for (hour, count) in entries {
            // The last of the hour before may fall on the first moment of this one.
            let rate = vehicles_per_hour(&lane, hour).unwrap();
            prop_assert!(count <= rate + 1, "{hour}: {count} of {rate}");
        }
    }
}
