//! Working time: the vectors of others, those made for Kyiv, and the laws that hold for every calendar.

mod clock_changes;
mod construction;
mod kyiv;
mod laws;
mod machine;
mod speed;
mod two_way;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use chrono_tz::Europe::Kyiv;
use chrono_tz::Tz;

use super::{Calendar, DayHours, Exception, Period, instant_of};

/// A moment by the wall clock of Kyiv, `YYYY-MM-DD HH:MM`.
pub(crate) fn kyiv(local: &str) -> DateTime<Utc> {
    at(Kyiv, local)
}

pub(crate) fn at(zone: Tz, local: &str) -> DateTime<Utc> {
    instant_of(zone, NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap())
}

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

pub(crate) fn period(opens: &str, closes: &str) -> Period {
    Period::parse(opens, closes).unwrap()
}

/// From when to when, by the clocks of the calendar's zone.
type Hours<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn weekly(zone: Tz, days: &[(&[Weekday], Hours<'_>)]) -> Calendar {
    let periods = |hours: Hours<'_>| hours.iter().map(|(opens, closes)| period(opens, closes)).collect();
    let listed = days
        .iter()
        .flat_map(|(weekdays, hours)| weekdays.iter().map(move |weekday| (*weekday, periods(hours))));
    Calendar::new(zone, listed).unwrap()
}

/// Monday to Thursday 9 to 18, Friday 9 to 16:45, with the break of an authority.
pub(crate) fn authority() -> Calendar {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    weekly(
        Kyiv,
        &[
            (&[Mon, Tue, Wed, Thu], &[("09:00", "13:00"), ("13:45", "18:00")]),
            (&[Fri], &[("09:00", "13:00"), ("13:45", "16:45")]),
        ],
    )
}

pub(crate) fn around_the_clock() -> Calendar {
    Calendar::all_day(Kyiv)
}

pub(crate) fn day_off(decided_at: DateTime<Utc>) -> Exception {
    Exception { hours: Some(DayHours::CLOSED), decided_at, reason: "a day off".into() }
}

pub(crate) fn long_ago() -> DateTime<Utc> {
    "2000-01-01T00:00:00Z".parse().unwrap()
}
