//! How many vehicles a lane lets in, by weekday and hour of Kyiv, and what follows for the pace of its calls.
//! Pure.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use kordon_schemas::rules::{CallRules, LaneRules};

use crate::checkpoints::rules::hours::{self, HourCapacity};

/// How far ahead the next opening of a lane is looked for: a week has every hour of the rules, and a day for
/// the change of clocks.
const HOURS_AHEAD: usize = 8 * 24;

/// Vehicles an hour that a lane lets in at a moment; 0: it is closed. None: the rules know no capacity, at
/// any hour.
#[must_use]
pub fn vehicles_per_hour(lane: &LaneRules, at: DateTime<Utc>) -> Option<u16> {
    match hours::at(lane, at) {
        HourCapacity::Unknown => None,
        HourCapacity::Closed => Some(0),
        HourCapacity::Vehicles(vehicles) => Some(vehicles),
    }
}

/// When the entry that follows one at `at` can be: as much later as the capacity of the hours between lets
/// one vehicle in. Closed hours let none in. None: the rules know no capacity, or the lane does not open
/// within a week.
#[must_use]
pub fn next_entry(lane: &LaneRules, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    // Of one vehicle, so much is still to be let in; in parts of a vehicle so small that no rate leaves a
    // remainder that counts.
    const WHOLE: i64 = 3_600_000_000;
    let mut left = WHOLE;
    let mut at = at;
    for _ in 0..HOURS_AHEAD {
        // Kyiv is whole hours from UTC, so its hours begin with those of UTC.
        let hour_ends = at.duration_trunc(TimeDelta::hours(1)).ok()? + TimeDelta::hours(1);
        let rate = i64::from(vehicles_per_hour(lane, at)?);
        let in_this_hour = (hour_ends - at).num_microseconds()? * rate;
        if in_this_hour >= left {
            return Some(at + TimeDelta::microseconds((left + rate - 1) / rate));
        }
        left -= in_this_hour;
        at = hour_ends;
    }
    None
}

/// The first moment from `at` on at which the lane is open. None: no capacity is known, or it does not open
/// within a week.
#[must_use]
pub fn opens_at(lane: &LaneRules, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut at = at;
    for _ in 0..HOURS_AHEAD {
        if vehicles_per_hour(lane, at)? > 0 {
            return Some(at);
        }
        at = at.duration_trunc(TimeDelta::hours(1)).ok()? + TimeDelta::hours(1);
    }
    None
}

/// How long a call may be given late and the next still keeps its time. A longer pause is not made up for:
/// the capacity of hours that nobody used is gone.
pub const MADE_UP_FOR: TimeDelta = TimeDelta::minutes(1);

/// The entry that the next call is for, `last` being that of the call before. It may be given once that entry
/// is no further ahead than the lead. None: no capacity is known, or the lane stays closed.
#[must_use]
pub fn entry_of_next_call(
    lane: &LaneRules,
    call: &CallRules,
    last: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let earliest = now + lead(call);
    let next = match last {
        Some(last) => next_entry(lane, last)?,
        None => earliest,
    };
    opens_at(lane, if next < earliest - MADE_UP_FOR { earliest } else { next })
}

/// How many vehicles may be on their way at once, called and not entered, for an entry at a moment: as many
/// as the lane lets in during the lead, and one at least while it is open.
#[must_use]
pub fn most_on_the_way(lane: &LaneRules, call: &CallRules, entry: DateTime<Utc>) -> Option<u32> {
    let rate = u32::from(vehicles_per_hour(lane, entry)?);
    Some((rate * u32::from(call.lead_minutes)).div_ceil(60).max(u32::from(rate > 0)))
}

/// How long a called vehicle is on its way.
#[must_use]
pub fn lead(call: &CallRules) -> TimeDelta {
    TimeDelta::minutes(i64::from(call.lead_minutes))
}

#[cfg(test)]
mod tests;
