//! Vectors made by counting minutes one by one, in the hours of an authority and around the clock.

use super::*;

fn due(calendar: &Calendar, start: &str, working: i64) -> DateTime<Utc> {
    calendar.as_known().add(kyiv(start), minutes(working)).unwrap()
}

#[test]
fn in_hours() {
    assert_eq!(due(&authority(), "2026-09-07 10:00", 60), kyiv("2026-09-07 11:00"));
}

#[test]
fn what_starts_in_the_break_is_counted_after_it() {
    assert_eq!(due(&authority(), "2026-09-07 13:20", 30), kyiv("2026-09-07 14:15"));
}

#[test]
fn what_ends_exactly_at_closing_is_due_then_and_not_next_morning() {
    assert_eq!(due(&authority(), "2026-09-07 17:00", 60), kyiv("2026-09-07 18:00"));
}

#[test]
fn what_is_created_after_hours_is_counted_from_the_morning() {
    assert_eq!(due(&authority(), "2026-09-07 19:30", 30), kyiv("2026-09-08 09:30"));
}

#[test]
fn friday_is_short() {
    assert_eq!(due(&authority(), "2026-09-11 16:00", 60), kyiv("2026-09-14 09:15"));
}

#[test]
fn a_day_off_is_skipped() {
    let calendar = authority().except(date("2026-09-14"), day_off(long_ago()));
    assert_eq!(due(&calendar, "2026-09-11 16:15", 60), kyiv("2026-09-15 09:30"));
}

#[test]
fn four_hours_over_night() {
    assert_eq!(due(&authority(), "2026-09-08 16:00", 240), kyiv("2026-09-09 11:00"));
}

#[test]
fn four_hours_over_the_change_in_spring() {
    let due = due(&around_the_clock(), "2026-03-29 00:30", 240);
    assert_eq!(due, "2026-03-29T05:30:00+03:00".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn four_hours_over_the_change_in_autumn() {
    let due = due(&around_the_clock(), "2026-10-25 00:30", 240);
    assert_eq!(due, "2026-10-25T03:30:00+02:00".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn a_day_over_the_change_in_autumn_ends_an_hour_earlier_by_the_wall_clock() {
    let due = due(&around_the_clock(), "2026-10-24 12:00", 1_440);
    assert_eq!(due, "2026-10-25T11:00:00+02:00".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn a_whole_week_and_a_day_of_25_hours() {
    let week = authority().as_known().within(kyiv("2026-09-07 00:00"), kyiv("2026-09-14 00:00"));
    assert_eq!(week.unwrap(), minutes(2_400));
    let day = around_the_clock().as_known().within(kyiv("2026-10-25 00:00"), kyiv("2026-10-26 00:00"));
    assert_eq!(day.unwrap(), minutes(1_500));
}

#[test]
fn a_time_that_the_clocks_jump_over_is_read_by_the_clock_before() {
    assert_eq!(kyiv("2026-03-29 03:30"), "2026-03-29T04:30:00+03:00".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn all_day_calendar_has_no_gap_at_midnight() {
    let calendar = around_the_clock();
    let calendar = calendar.as_known();
    let (from, until) = (kyiv("2026-03-01 12:00"), kyiv("2026-11-01 12:00"));
    assert_eq!(calendar.within(from, until).unwrap(), until - from);
    for second in -2..=2 {
        let moment = kyiv("2026-09-08 00:00") + TimeDelta::seconds(second);
        assert!(calendar.is_open(moment).unwrap(), "{moment}");
    }
    assert_eq!(calendar.add(kyiv("2026-09-07 23:59"), minutes(2)).unwrap(), kyiv("2026-09-08 00:01"));
}

#[test]
fn lunch_break_splits_the_day() {
    let calendar = authority();
    let calendar = calendar.as_known();
    let noon_to_two = calendar.within(kyiv("2026-09-07 12:00"), kyiv("2026-09-07 14:00"));
    assert_eq!(noon_to_two.unwrap(), minutes(75));
    assert!(!calendar.is_open(kyiv("2026-09-07 13:00")).unwrap());
    assert!(!calendar.is_open(kyiv("2026-09-07 13:44")).unwrap());
    assert_eq!(calendar.next_opening(kyiv("2026-09-07 13:00")).unwrap(), kyiv("2026-09-07 13:45"));
    // The break belongs to every day, not to one: the next day is split as well.
    assert_eq!(calendar.add(kyiv("2026-09-08 12:30"), minutes(60)).unwrap(), kyiv("2026-09-08 14:15"));
}
