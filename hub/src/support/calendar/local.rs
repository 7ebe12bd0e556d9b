//! Between the wall clock of a time zone and instants, on days on which the clocks are changed too.

use std::iter;
use std::ops::Range;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// A stretch of a day in which the clocks are not changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    /// What the wall clock is ahead of UTC.
    pub(super) ahead: TimeDelta,
}

/// The instant at which the wall clock shows `local`. A time that it shows twice is the earlier one; a time
/// that it jumps over is read by the clock before the jump: 03:30 on the last Sunday of March in Kyiv is
/// 04:30.
#[must_use]
pub fn instant_of(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&local).earliest() {
        Some(instant) => instant.with_timezone(&Utc),
        None => {
            let day_before = local.checked_sub_days(Days::new(1)).unwrap_or(local);
            local.and_utc() - ahead_of_utc(zone, day_before.and_utc())
        }
    }
}

/// The stretch from `from` to `until`, cut at each midnight of the time zone. Nothing when it has no length.
pub fn days_between(
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
    let piece = move |from: DateTime<Utc>| {
        let date = from.with_timezone(&zone).date_naive();
        let midnight = date.succ_opt().map_or(until, |next| day_start(zone, next));
        (from < until).then(|| (from, midnight.min(until)))
    };
    iter::successors(piece(from), move |(_, end)| piece(*end))
}

/// The stretches of a local day: one, or two when the clocks are changed on it.
pub(super) fn stretches(zone: Tz, date: NaiveDate) -> impl Iterator<Item = Stretch> {
    let from = day_start(zone, date);
    let until = date.succ_opt().map_or(from, |next| day_start(zone, next));
    let ahead = ahead_of_utc(zone, from);
    let ahead_at_end = ahead_of_utc(zone, until - TimeDelta::seconds(1));
    let change = if ahead == ahead_at_end { until } else { change_between(zone, from, until) };
    let first = Stretch { from, until: change, ahead };
    let second = (change < until).then_some(Stretch { from: change, until, ahead: ahead_at_end });
    iter::once(first).chain(second)
}

/// Whether the clocks certainly show each hour of these local days once: they are the same on the day before
/// and on the day after. Nowhere were clocks changed there and back within a week and two days.
pub(super) fn is_steady(zone: Tz, days: &Range<NaiveDate>) -> bool {
    let day = TimeDelta::days(1);
    let ahead =
        |date: NaiveDate, by: TimeDelta| ahead_of_utc(zone, date.and_time(NaiveTime::MIN).and_utc() + by);
    ahead(days.start, -day) == ahead(days.end, day)
}

/// When a local day begins.
fn day_start(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    instant_of(zone, date.and_time(NaiveTime::MIN))
}

fn ahead_of_utc(zone: Tz, instant: DateTime<Utc>) -> TimeDelta {
    let seconds = zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc();
    TimeDelta::seconds(i64::from(seconds))
}

/// The one change of the clocks after `from` and before `until`, to the second: a day is halved 17 times.
fn change_between(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> DateTime<Utc> {
    let before = ahead_of_utc(zone, from);
    let (mut low, mut high) = (from.timestamp(), until.timestamp());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let at_middle = DateTime::from_timestamp(middle, 0).unwrap_or(until);
        if ahead_of_utc(zone, at_middle) == before { low = middle } else { high = middle }
    }
    DateTime::from_timestamp(high, 0).unwrap_or(until)
}
