//! Forecasts of a lane whose rules open and close it: hours are those of the clock.

use kordon_schemas::rules::{CallRules, MergeRules};
use uuid::Uuid;

use super::*;
use crate::prediction::calendar::{HOURS_OF_WEEK, HourOfWeek, after};
use crate::queue::BookingId;
use crate::queue::ranking::{Place, Standing};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn nothing_counted() -> LaneHistory {
    LaneHistory {
        entries: vec![],
        joined: vec![],
        slots: vec![],
        slot_leads: vec![],
        losses: Losses { cancelled_per_hour: 0.0, absent_share: 0.0, ended_share: 0.0 },
        open_share: 1.0,
    }
}

/// Ten an hour from 8 to 20 by the clocks of Kyiv.
fn by_day() -> Plan {
    let mut plan = [0.0; HOURS_OF_WEEK];
    for hour in HourOfWeek::all().filter(|hour| (8..20).contains(&hour.hour())) {
        plan[hour.index()] = 10.0;
    }
    plan
}

/// When so many who wait enter, in their order.
fn entries(now: DateTime<Utc>, waiting: u128) -> Vec<DateTime<Utc>> {
    let call = CallRules { lead_minutes: 0, deadline_minutes: 240, warn_minutes: None };
    let merge = Merge::of(&MergeRules { classes: vec![], live_weight: 1 }, &call);
    let places = (1..=waiting).map(|number| Place {
        standing: Standing::Turn(merge.live()),
        since: now,
        booking: BookingId(Uuid::from_u128(number)),
    });
    let lane = LaneNow {
        now,
        merge: &merge,
        turns: &Turns::none(&merge),
        line: Line::of(&merge, places),
        called_hours_ago: &[],
        plan: Some(&by_day()),
    };
    let forecasts = forecast(lane, &nothing_counted()).unwrap().forecasts;
    forecasts.into_iter().map(|each| after(now, each.hours)).collect()
}

#[test]
fn the_first_vehicle_is_told_when_the_lane_opens_whatever_the_minute() {
    // Kyiv is three hours ahead of UTC.
    for now in ["2026-09-08T04:00:00Z", "2026-09-08T04:30:00Z", "2026-09-08T04:59:00Z"] {
        assert_eq!(entries(at(now), 1), [at("2026-09-08T05:00:00Z")], "{now}");
    }
}

#[test]
fn whoever_is_not_let_in_before_the_lane_closes_enters_when_it_has_opened_again() {
    let entered = entries(at("2026-09-08T16:59:00Z"), 9);
    // In the last minute one begins to enter, and takes what is left of the minute.
    assert_eq!(entered[0], at("2026-09-08T16:59:00Z"));
    let next_day = entered[8] - at("2026-09-09T05:00:00Z");
    assert_eq!(next_day.num_minutes(), 47, "eight intervals of six minutes, less the minute of yesterday");
}

#[test]
fn a_pause_is_expected_from_an_hour_from_now_on() {
    let shares = |now| less_pauses(vec![1.0; 4], 0.5, at(now));
    assert_eq!(shares("2026-09-08T04:00:00Z"), [1.0, 0.5, 0.5, 0.5]);
    assert_eq!(shares("2026-09-08T04:30:00Z"), [1.0, 0.75, 0.5, 0.5]);
}

#[test]
fn of_slots_that_begin_in_the_hour_that_runs_only_what_is_left_is_unsold() {
    let leads = [0.1, 0.3, 0.6, 2.0];
    // Half an hour past: the middle of what is left is a quarter of an hour ahead, that of the next hour a
    // whole one.
    assert_eq!(unsold(vec![4.0; 3], &leads, at("2026-09-08T04:30:00Z")), [1.0, 3.0, 3.0]);
}
