//! What a driver is told: a fixed time, told again only when it changed by more than a threshold that shrinks
//! as the entry nears.
//!
//! A forecast moves with every vehicle. Told each time it would be noise; єЧерга moved a single truck's time
//! hundreds of times in three days, mostly by the minutes that had passed. Here a time stands until there is
//! a reason.

use chrono::{DateTime, TimeDelta, Utc};

use super::calendar::{after, hours_between};
use super::residuals::Range;

/// What was or would be told: moments of entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    /// As likely sooner as later.
    pub p50: DateTime<Utc>,
    /// Sooner in 8 of 10 cases.
    pub p80: DateTime<Utc>,
    /// Sooner in 9 of 10 cases.
    pub p90: DateTime<Utc>,
}

impl Announced {
    /// A range of hours from now as moments, to the minute: more would only look exact.
    #[must_use]
    pub fn from_range(range: Range, now: DateTime<Utc>) -> Self {
        let moment = |hours: f64| after(now, (hours * 60.0).ceil() / 60.0);
        Self { p50: moment(range.p50), p80: moment(range.p80), p90: moment(range.p90) }
    }
}

/// The part of the time that is left by which a time may be off before it is told anew.
const THRESHOLD_SHARE: f64 = 0.06;
/// Nearer than this nobody can act on a change.
const LEAST_THRESHOLD_HOURS: f64 = 0.25;
/// Further off than this a change is told however far the entry is.
const MOST_THRESHOLD_HOURS: f64 = 2.5;

/// By how much a time has to change to be told anew, when the entry is so many hours ahead.
#[must_use]
pub fn threshold(hours_ahead: f64) -> TimeDelta {
    let hours = (hours_ahead.max(0.0) * THRESHOLD_SHARE).clamp(LEAST_THRESHOLD_HOURS, MOST_THRESHOLD_HOURS);
    after(DateTime::UNIX_EPOCH, hours) - DateTime::UNIX_EPOCH
}

/// What to tell: the new range when nothing stands or one of its times changed by more than it may; none when
/// what stands stands. The median may change by the threshold, the p80 twice and the p90 four times as far,
/// because they are less sure by nature. A time that has passed is told anew once it is off by the least
/// threshold.
#[must_use]
pub fn announce(standing: Option<Announced>, new: Announced, now: DateTime<Utc>) -> Option<Announced> {
    let Some(standing) = standing else { return Some(new) };
    let nearer = standing.p50.min(new.p50);
    let threshold = threshold(hours_between(now, nearer));
    let changed = |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).abs();
    let exceeds = changed(standing.p50, new.p50) > threshold
        || changed(standing.p80, new.p80) > threshold * 2
        || changed(standing.p90, new.p90) > threshold * 4;
    exceeds.then_some(new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn told(p50: f64, p80: f64, p90: f64) -> Announced {
        Announced::from_range(Range { p50, p80, p90 }, NOW)
    }

    #[test]
    fn the_first_time_is_told() {
        assert_eq!(announce(None, told(5.0, 6.0, 7.0), NOW), Some(told(5.0, 6.0, 7.0)));
    }

    #[test]
    fn time_passing_alone_changes_nothing() {
        let standing = told(20.0, 24.0, 28.0);
        assert_eq!(announce(Some(standing), standing, NOW + TimeDelta::hours(10)), None);
    }

    #[test]
    fn an_hour_is_nothing_two_days_ahead_and_much_before_the_call() {
        assert_eq!(announce(Some(told(48.0, 55.0, 60.0)), told(49.0, 56.0, 61.0), NOW), None);
        let near = told(3.0, 3.5, 4.0);
        assert_eq!(announce(Some(told(2.0, 2.5, 3.0)), near, NOW), Some(near));
    }

    proptest! {
        #[test]
        fn nothing_is_told_within_the_threshold(
            p50 in 0.0..300.0f64, change in -1.0..1.0f64, spread in 0.0..50.0f64,
        ) {
            let within = threshold(p50 - MOST_THRESHOLD_HOURS).as_seconds_f64() / 3600.0 - 1.0 / 30.0;
            let standing = told(p50, p50 + spread, p50 + 2.0 * spread);
            let moved = p50 + change * within;
            let new = told(moved.max(0.0), (moved + spread).max(0.0), (moved + 2.0 * spread).max(0.0));
            prop_assert_eq!(announce(Some(standing), new, NOW), None);
        }

        #[test]
        fn the_threshold_shrinks_as_the_call_nears(far in 0.0..300.0f64, nearer in 0.0..1.0f64) {
            prop_assert!(threshold(far * nearer) <= threshold(far));
        }

        #[test]
        fn what_stands_is_never_further_off_than_the_threshold(
            first in 0.0..200.0f64, moves in prop::collection::vec(-30.0..30.0f64, 1..60),
        ) {
            let mut standing: Option<Announced> = None;
            let mut hours = first;
            for change in moves {
                hours = (hours + change).max(0.0);
                let new = told(hours, hours * 1.2, hours * 1.4);
                standing = announce(standing, new, NOW).or(standing);
                let off = (standing.unwrap().p50 - new.p50).abs();
                // What is told is told to the minute, and so is what is ahead.
                prop_assert!(off <= threshold(hours_between(NOW, new.p50)));
            }
        }
    }
}
