//! Days of 23 and 25 hours, for hours of work that lie in the hour that is missing or doubled.

use super::*;

const EVERY_DAY: &[Weekday] =
    &[Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

fn worked(hours: &[(&str, &str)], day: &str) -> i64 {
    let calendar = weekly(Kyiv, &[(EVERY_DAY, hours)]);
    let (from, until) = (kyiv(&format!("{day} 00:00")), kyiv(&format!("{day} 23:59")));
    calendar.as_known().within(from, until).unwrap().num_minutes()
}

#[test]
fn the_missing_hour_is_not_worked() {
    assert_eq!(worked(&[("02:00", "05:00")], "2026-03-29"), 120);
    assert_eq!(worked(&[("03:15", "03:45")], "2026-03-29"), 0);
    assert_eq!(worked(&[("03:30", "04:30")], "2026-03-29"), 30);
}

#[test]
fn the_doubled_hour_is_worked_twice() {
    assert_eq!(worked(&[("02:00", "05:00")], "2026-10-25"), 240);
    assert_eq!(worked(&[("03:15", "03:45")], "2026-10-25"), 60);
    assert_eq!(worked(&[("03:30", "04:30")], "2026-10-25"), 90);
}

#[test]
fn a_zone_whose_clocks_change_at_midnight_has_no_gap_either() {
    let zone = chrono_tz::America::Havana;
    let calendar = Calendar::all_day(zone);
    let (from, until) = (at(zone, "2026-01-01 12:00"), at(zone, "2026-12-31 12:00"));
    assert_eq!(calendar.as_known().within(from, until).unwrap(), until - from);
}
