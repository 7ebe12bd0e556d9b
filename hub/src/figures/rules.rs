//! The periods of Kyiv's calendar, and what open data holds back. Pure functions.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use kordon_schemas::figures::{Figures, OpenCount, OpenFigures, OpenWait, PeriodLength, WaitFigures};

use crate::fees::rules::bounds_of;

/// Counts from one to below this are held back from open data: so few that they may be about somebody.
pub const SUPPRESSED_BELOW: u32 = 5;

/// The most days of a report: of hours a month, of days a year, of months five years.
#[must_use]
pub const fn most_days(by: PeriodLength) -> i64 {
    match by {
        PeriodLength::Hour => 31,
        PeriodLength::Day => 366,
        PeriodLength::Month => 5 * 366,
    }
}

/// The periods from the beginning of a day to the end of another, each with its beginning and end. Days and
/// months are Kyiv's; on the two days when the clocks change there are 23 and 25 hours. A month that is cut
/// by `from` or `to` is counted as far as it lies within.
#[must_use]
pub fn periods(from: NaiveDate, to: NaiveDate, by: PeriodLength) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let Some(((starts_at, _), (_, ends_at))) = bounds_of(from).zip(bounds_of(to)) else { return Vec::new() };
    let mut periods = Vec::new();
    let (mut begin, mut day) = (starts_at, from);
    while begin < ends_at {
        let end = match by {
            PeriodLength::Hour => Some(begin + TimeDelta::hours(1)),
            PeriodLength::Day => day.checked_add_days(Days::new(1)).and_then(|next| {
                day = next;
                bounds_of(next).map(|(begin, _)| begin)
            }),
            PeriodLength::Month => {
                day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))).and_then(|next| {
                    day = next;
                    bounds_of(next).map(|(begin, _)| begin)
                })
            }
        };
        let Some(end) = end else { break };
        periods.push((begin, end.min(ends_at)));
        begin = end;
    }
    periods
}

/// A count as it is published. Zero is about nobody.
#[must_use]
pub const fn open_count(count: u32) -> OpenCount {
    if count > 0 && count < SUPPRESSED_BELOW {
        OpenCount { value: None, suppressed: true }
    } else {
        OpenCount { value: Some(count), suppressed: false }
    }
}

/// Waits as they are published: in whole minutes, since the quantile of a few is the wait of one of them to
/// the second.
#[must_use]
pub fn open_wait(wait: WaitFigures) -> OpenWait {
    let WaitFigures { measured, p50_seconds, p80_seconds, p90_seconds } = wait;
    let suppressed = open_count(measured).suppressed;
    let minutes = |seconds: Option<i64>| seconds.filter(|_| !suppressed).map(|seconds| (seconds + 30) / 60);
    OpenWait {
        p50_minutes: minutes(p50_seconds),
        p80_minutes: minutes(p80_seconds),
        p90_minutes: minutes(p90_seconds),
        suppressed,
    }
}

/// The figures of a day as they are published.
#[must_use]
pub fn open(day: NaiveDate, figures: &Figures) -> OpenFigures {
    let Figures {
        checkpoint: _,
        lane: _,
        starts_at: _,
        ends_at: _,
        booked,
        cancelled,
        no_shows,
        called,
        entered,
        left,
        wait_to_call,
        wait_to_entry,
        refunds,
        refunded: _,
    } = figures;
    OpenFigures {
        day,
        booked_pre_booked: open_count(booked.pre_booked),
        booked_live: open_count(booked.live),
        booked_priority: open_count(booked.priority),
        cancelled: open_count(*cancelled),
        no_shows: open_count(*no_shows),
        called: open_count(*called),
        entered: open_count(*entered),
        left: open_count(*left),
        wait_to_call: open_wait(*wait_to_call),
        wait_to_entry: open_wait(*wait_to_entry),
        refunds: open_count(*refunds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn begins(from: &str, to: &str, by: PeriodLength) -> Vec<String> {
        periods(day(from), day(to), by)
            .iter()
            .map(|(begin, _)| begin.format("%m-%dT%H").to_string())
            .collect()
    }

    #[test]
    fn a_day_has_as_many_hours_as_its_clocks_say() {
        for (on, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-21", 24)] {
            assert_eq!(periods(day(on), day(on), PeriodLength::Hour).len(), hours, "{on}");
        }
    }

    #[test]
    fn days_and_months_begin_at_midnight_in_kyiv() {
        assert_eq!(
            begins("2026-10-24", "2026-10-26", PeriodLength::Day),
            ["10-23T21", "10-24T21", "10-25T22"]
        );
        assert_eq!(
            begins("2026-10-15", "2026-12-02", PeriodLength::Month),
            ["10-14T21", "10-31T22", "11-30T22"]
        );
        let months = periods(day("2026-10-15"), day("2026-12-02"), PeriodLength::Month);
        assert_eq!(
            months.last().unwrap().1.to_rfc3339(),
            "2026-12-02T22:00:00+00:00",
            "cut at the end of the last day"
        );
    }

    #[test]
    fn periods_follow_each_other_without_gaps() {
        for by in [PeriodLength::Hour, PeriodLength::Day, PeriodLength::Month] {
            let periods = periods(day("2026-02-27"), day("2026-03-31"), by);
            assert!(periods.windows(2).all(|pair| pair[0].1 == pair[1].0), "{by:?}");
        }
    }

    #[test]
    fn a_small_count_is_held_back_and_zero_is_not() {
        let told: Vec<_> = [0, 1, 4, 5, 100].map(|count| open_count(count).value).into();
        assert_eq!(told, [Some(0), None, None, Some(5), Some(100)]);
        let wait = |measured| {
            open_wait(WaitFigures {
                measured,
                p50_seconds: Some(89),
                p80_seconds: Some(90),
                p90_seconds: Some(151),
            })
        };
        assert_eq!((wait(4).p50_minutes, wait(4).suppressed), (None, true));
        assert_eq!(
            (wait(5).p50_minutes, wait(5).p80_minutes, wait(5).p90_minutes),
            (Some(1), Some(2), Some(3))
        );
        assert_eq!(
            open_wait(WaitFigures::default()).p50_minutes,
            None,
            "no measurement is not a wait of zero"
        );
        assert!(!open_wait(WaitFigures::default()).suppressed);
    }
}
