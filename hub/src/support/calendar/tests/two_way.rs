//! Forwards and backwards, in time and in days. The cases of the schedule in UTC are taken from the tests of
//! the library biz (github.com/zendesk/biz, Apache License 2.0); the others restate cases of other help
//! desks.

use Weekday::{Fri, Mon, Sat, Thu, Tue, Wed};

use super::*;

fn schedule() -> Calendar {
    weekly(
        Tz::UTC,
        &[
            (&[Mon, Wed, Fri], &[("09:00", "17:00")]),
            (&[Tue, Thu], &[("10:00", "16:00")]),
            (&[Sat], &[("11:00", "14:30")]),
        ],
    )
}

fn utc(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(&format!("2006-{text}"), "%Y-%m-%d %H:%M:%S").unwrap().and_utc()
}

#[test]
fn ninety_seconds_are_added() {
    let due = schedule().as_known().add(utc("01-04 15:58:30"), TimeDelta::seconds(90));
    assert_eq!(due.unwrap(), utc("01-04 16:00:00"));
}

#[test]
fn time_is_added_and_taken() {
    let calendar = schedule();
    let calendar = calendar.as_known();
    assert_eq!(calendar.add(utc("01-04 14:30:00"), minutes(90)).unwrap(), utc("01-04 16:00:00"));
    assert_eq!(calendar.subtract(utc("01-04 16:30:00"), minutes(90)).unwrap(), utc("01-04 15:00:00"));
    assert_eq!(calendar.subtract(utc("01-04 17:00:00"), minutes(180)).unwrap(), utc("01-04 14:00:00"));
}

#[test]
fn nothing_added_is_the_next_opening() {
    let due = schedule().as_known().add(utc("01-03 00:00:00"), TimeDelta::zero());
    assert_eq!(due.unwrap(), utc("01-03 10:00:00"));
}

#[test]
fn two_days_later() {
    let calendar = schedule();
    let later = |from: &str| calendar.as_known().add_days(utc(from), 2).unwrap();
    assert_eq!(later("01-06 12:00:00"), utc("01-09 12:00:00"), "Saturday is a working day here");
    assert_eq!(later("01-03 08:00:00"), utc("01-05 10:00:00"), "before opening");
    assert_eq!(later("01-06 12:30:52"), utc("01-09 12:30:52"), "seconds are kept");
}

#[test]
fn two_days_earlier() {
    let calendar = schedule();
    let earlier = |from: &str| calendar.as_known().subtract_days(utc(from), 2).unwrap();
    assert_eq!(earlier("01-09 12:00:00"), utc("01-06 12:00:00"));
    assert_eq!(earlier("01-05 08:00:00"), utc("01-02 17:00:00"), "before opening: the end of the day before");
}

#[test]
fn what_lies_between() {
    let calendar = schedule();
    let within = |from: &str, until: &str| calendar.as_known().within(utc(from), utc(until)).unwrap();
    assert_eq!(within("01-05 12:00:00", "01-06 12:00:00"), TimeDelta::hours(7));
    assert_eq!(within("01-08 00:00:00", "01-01 00:00:00"), TimeDelta::zero());
    assert_eq!(within("01-04 12:00:00", "01-04 12:00:00"), TimeDelta::zero());
}

#[test]
fn a_break_over_the_start_or_the_whole_of_a_day_moves_the_first_period() {
    let first_period = |pause: Period| {
        let hours = Some(schedule().weekday(Mon).without(pause));
        let exception = Exception { hours, decided_at: long_ago(), reason: "a meeting".into() };
        let calendar = schedule().except(date("2006-01-02"), exception);
        let span = calendar.as_known().spans_from(utc("01-02 00:00:00")).unwrap().next().unwrap();
        (span.from, span.until)
    };
    assert_eq!(first_period(period("08:00", "10:00")), (utc("01-02 10:00:00"), utc("01-02 17:00:00")));
    assert_eq!(first_period(period("08:00", "18:00")), (utc("01-03 10:00:00"), utc("01-03 16:00:00")));
}

#[test]
fn a_break_in_the_middle_leaves_both_sides() {
    let hours = schedule().weekday(Mon).without(period("12:00", "12:30"));
    assert_eq!(hours.periods(), [period("09:00", "12:00"), period("12:30", "17:00")]);
}

#[test]
fn seven_days_skip_the_weekend_and_end_at_closing_if_asked() {
    let calendar = weekly(Tz::UTC, &[(&[Mon, Tue, Wed, Thu, Fri], &[("08:00", "20:00")])]);
    let calendar = calendar.as_known();
    let due = calendar.add_days(at(Tz::UTC, "2018-11-19 10:00"), 7).unwrap();
    assert_eq!(due, at(Tz::UTC, "2018-11-28 10:00"));
    assert_eq!(calendar.closing(due).unwrap(), Some(at(Tz::UTC, "2018-11-28 20:00")));
    assert_eq!(calendar.closing(at(Tz::UTC, "2018-11-25 10:00")).unwrap(), None, "a Sunday");
    let morning = calendar.within(at(Tz::UTC, "2019-01-01 07:00"), at(Tz::UTC, "2019-01-01 09:00"));
    assert_eq!(morning.unwrap(), TimeDelta::hours(1));
    let reversed = calendar.within(at(Tz::UTC, "2019-01-01 09:00"), at(Tz::UTC, "2019-01-01 07:00"));
    assert_eq!(reversed.unwrap(), TimeDelta::zero());
}

#[test]
fn an_hour_from_friday_evening_ends_on_monday() {
    let calendar = weekly(Kyiv, &[(&[Mon, Tue, Wed, Thu, Fri], &[("09:00", "17:00")])]);
    let due = calendar.as_known().add(kyiv("2026-09-11 16:30"), minutes(60)).unwrap();
    assert_eq!(due, kyiv("2026-09-14 09:30"));
}
