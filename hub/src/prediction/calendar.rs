//! Hours of the week by the clocks of Kyiv: capacity and demand follow them, whatever UTC says.

use chrono::{DateTime, Datelike, DurationRound, TimeDelta, Timelike, Utc};
use chrono_tz::Europe::Kyiv;

/// Hours of a week.
pub const HOURS_OF_WEEK: usize = 168;

/// An hour of the week in Kyiv, from 0 (Monday, midnight) to 167.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HourOfWeek(u8);

impl HourOfWeek {
    /// The hour in which a moment lies.
    #[must_use]
    pub fn at(moment: DateTime<Utc>) -> Self {
        let local = moment.with_timezone(&Kyiv);
        Self::of(local.weekday().num_days_from_monday(), local.hour())
    }

    /// An hour of a weekday, Monday being 0.
    #[must_use]
    pub fn of(weekday: u32, hour: u32) -> Self {
        Self(u8::try_from((weekday % 7) * 24 + hour % 24).unwrap_or_default())
    }

    /// Every hour of the week in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..7).flat_map(|weekday| (0..24).map(move |hour| Self::of(weekday, hour)))
    }

    /// From 0 to 167.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The hour of the day, from 0 to 23.
    #[must_use]
    pub fn hour(self) -> usize {
        self.index() % 24
    }

    /// The weekday, Monday being 0.
    #[must_use]
    pub fn weekday(self) -> usize {
        self.index() / 24
    }
}

/// The hours of the week from the one in which `now` lies, by the clocks of Kyiv, which may skip or repeat
/// one.
pub fn hours_from(now: DateTime<Utc>) -> impl Iterator<Item = HourOfWeek> {
    (0..).map(move |ahead| HourOfWeek::at(now + TimeDelta::hours(ahead)))
}

/// When the hour of the clock began in which a moment lies. Kyiv is whole hours from UTC, so its hours begin
/// with those of UTC.
#[must_use]
pub fn hour_of(moment: DateTime<Utc>) -> DateTime<Utc> {
    moment.duration_trunc(TimeDelta::hours(1)).unwrap_or(moment)
}

/// The part of its hour of the clock, 0 to 1, that is over at a moment.
#[must_use]
pub fn into_hour(moment: DateTime<Utc>) -> f64 {
    hours_between(hour_of(moment), moment)
}

/// From one moment to another, in hours.
#[must_use]
pub fn hours_between(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).as_seconds_f64() / 3600.0
}

/// A moment some hours after another; it stays where the calendar ends.
#[must_use]
pub fn after(from: DateTime<Utc>, hours: f64) -> DateTime<Utc> {
    #[expect(clippy::cast_possible_truncation, reason = "bounded to a thousand years of milliseconds")]
    let milliseconds = (hours.clamp(-8.8e6, 8.8e6) * 3_600_000.0).round() as i64;
    from.checked_add_signed(TimeDelta::milliseconds(milliseconds)).unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_week_begins_on_monday_at_midnight_of_kyiv() {
        assert_eq!(HourOfWeek::at(at("2026-09-06T21:00:00Z")), HourOfWeek::of(0, 0));
        assert_eq!(HourOfWeek::at(at("2026-09-06T20:59:59Z")), HourOfWeek::of(6, 23));
        assert_eq!(HourOfWeek::all().count(), HOURS_OF_WEEK);
    }

    #[test]
    fn the_hour_that_is_missing_in_spring_is_skipped_and_that_of_autumn_comes_twice() {
        let hours = |from: &str| hours_from(at(from)).take(3).map(HourOfWeek::hour).collect::<Vec<_>>();
        assert_eq!(hours("2026-03-29T00:30:00Z"), [2, 4, 5]);
        assert_eq!(hours("2026-10-25T00:30:00Z"), [3, 3, 4]);
    }
}
