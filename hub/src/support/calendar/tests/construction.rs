//! What is no calendar, and what a calendar cannot answer.

use super::super::CalendarFault;
use super::*;

#[test]
fn a_calendar_that_never_opens_is_refused() {
    assert_eq!(Calendar::new(Kyiv, []), Err(CalendarFault::NeverOpens));
}

#[test]
fn a_day_without_hours_or_listed_twice_is_refused() {
    let nine_to_five = || vec![period("09:00", "17:00")];
    let empty = [(Weekday::Mon, nine_to_five()), (Weekday::Tue, Vec::new())];
    assert_eq!(Calendar::new(Kyiv, empty), Err(CalendarFault::EmptyDay(Weekday::Tue)));
    let twice = [(Weekday::Mon, nine_to_five()), (Weekday::Mon, nine_to_five())];
    assert_eq!(Calendar::new(Kyiv, twice), Err(CalendarFault::RepeatedDay(Weekday::Mon)));
}

#[test]
fn a_period_without_length_or_with_an_odd_time_is_refused() {
    assert_eq!(Period::parse("09:00", "09:00"), Err(CalendarFault::NoLength));
    assert_eq!(Period::parse("17:00", "09:00"), Err(CalendarFault::NoLength));
    for odd in ["", "9:00", "24:01", "23:60", "12", "12:00:00", "-1:00", "１２:00", "+9:00"] {
        let fault = CalendarFault::NoTimeOfDay(odd.into());
        assert_eq!(Period::parse("00:00", odd), Err(fault), "{odd}");
    }
}

#[test]
fn periods_that_overlap_are_refused_and_those_that_touch_become_one() {
    let hours = |periods: &[(&str, &str)]| {
        DayHours::new(periods.iter().map(|(opens, closes)| period(opens, closes)).collect())
    };
    assert_eq!(hours(&[("09:00", "13:00"), ("12:59", "18:00")]), Err(CalendarFault::Overlap));
    let joined = hours(&[("13:00", "18:00"), ("09:00", "13:00")]).unwrap();
    assert_eq!(joined.periods(), [period("09:00", "18:00")]);
}

#[test]
fn a_negative_amount_is_refused() {
    let calendar = authority();
    let calendar = calendar.as_known();
    let now = kyiv("2026-09-07 10:00");
    assert_eq!(calendar.add(now, minutes(-1)), Err(CalendarFault::Negative));
    assert_eq!(calendar.subtract(now, minutes(-1)), Err(CalendarFault::Negative));
}

#[test]
fn a_count_ends_even_when_every_day_is_taken_off() {
    let mut calendar = weekly(Kyiv, &[(&[Weekday::Mon], &[("09:00", "10:00")])]);
    for monday in date("2026-09-07").iter_weeks().take(600) {
        calendar = calendar.except(monday, day_off(long_ago()));
    }
    let calendar = calendar.as_known();
    assert_eq!(calendar.next_opening(kyiv("2026-09-07 09:00")), Err(CalendarFault::TooFar));
    assert_eq!(calendar.add_days(kyiv("2026-09-07 09:00"), 1), Err(CalendarFault::TooFar));
}

#[test]
fn what_is_too_far_away_or_long_is_refused_and_not_counted() {
    let calendar = authority();
    let calendar = calendar.as_known();
    let now = kyiv("2026-09-07 10:00");
    assert_eq!(calendar.add(now, TimeDelta::MAX), Err(CalendarFault::TooFar));
    assert_eq!(calendar.subtract(now, TimeDelta::MAX), Err(CalendarFault::TooFar));
    assert_eq!(calendar.add_days(now, usize::MAX), Err(CalendarFault::TooFar));
    assert_eq!(calendar.within(now, kyiv("2126-09-07 10:00")), Err(CalendarFault::TooFar));
    for moment in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert_eq!(calendar.next_opening(moment), Err(CalendarFault::OutOfRange));
        assert_eq!(calendar.subtract(moment, minutes(1)), Err(CalendarFault::OutOfRange));
        assert_eq!(calendar.exception_at(moment), Err(CalendarFault::OutOfRange));
    }
}

#[test]
fn of_several_decisions_about_a_day_the_one_known_last_holds() {
    let known = |text: &str| kyiv(text);
    let half_day = Exception {
        hours: Some(DayHours::new(vec![period("09:00", "12:00")]).unwrap()),
        decided_at: known("2026-09-03 12:00"),
        reason: "half a day".into(),
    };
    let calendar = authority()
        .except(date("2026-09-07"), half_day)
        .except(date("2026-09-07"), day_off(known("2026-09-01 12:00")));
    let due = |moment: &str| {
        calendar.as_known_at(known(moment)).add(kyiv("2026-09-07 09:00"), minutes(60)).unwrap()
    };
    assert_eq!(due("2026-08-31 12:00"), kyiv("2026-09-07 10:00"), "before any decision");
    assert_eq!(due("2026-09-02 12:00"), kyiv("2026-09-08 10:00"), "a day off");
    assert_eq!(due("2026-09-04 12:00"), kyiv("2026-09-07 10:00"), "half a day after all");
    let reason = calendar.as_known_at(known("2026-09-04 12:00")).exception_at(kyiv("2026-09-07 23:59"));
    assert_eq!(reason.unwrap(), Some("half a day"));
}
