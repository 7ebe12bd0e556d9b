//! Working time around the stretches in which a clock stands still.

use chrono::{DateTime, TimeDelta, Utc};

use super::clocks::Standstill;
use crate::support::calendar::{AsKnown, CalendarFault};

/// When a time is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At this moment.
    At(DateTime<Utc>),
    /// Nobody knows: the clock stands still, with so much working time left.
    StandsStill {
        /// What is left; more than none.
        left: TimeDelta,
    },
}

/// Working time against what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// The working time that went by.
    pub worked: TimeDelta,
    /// What is left of the time given; negative when it was exceeded.
    pub left: TimeDelta,
}

/// The working time between two moments without what was stood still.
///
/// # Errors
/// [`CalendarFault`].
pub fn worked(
    calendar: AsKnown<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    standstills: &[Standstill],
) -> Result<TimeDelta, CalendarFault> {
    let mut worked = TimeDelta::zero();
    let mut at = from;
    for standstill in standstills {
        worked += calendar.within(at, standstill.from.min(until))?;
        at = at.max(standstill.until.unwrap_or(until));
    }
    Ok(worked + calendar.within(at, until)?)
}

/// The working time between two moments against the time given.
///
/// # Errors
/// [`CalendarFault`].
pub fn measure(
    calendar: AsKnown<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    standstills: &[Standstill],
    target: TimeDelta,
) -> Result<Measured, CalendarFault> {
    let worked = worked(calendar, from, until, standstills)?;
    Ok(Measured { worked, left: target - worked })
}

/// When `target` working time from `from` on is used up.
///
/// # Errors
/// [`CalendarFault`].
pub fn due(
    calendar: AsKnown<'_>,
    from: DateTime<Utc>,
    target: TimeDelta,
    standstills: &[Standstill],
) -> Result<Due, CalendarFault> {
    let (mut left, mut at) = (target, from);
    for standstill in standstills {
        let before = calendar.within(at, standstill.from)?;
        if left <= before {
            return calendar.add(at, left).map(Due::At);
        }
        left -= before;
        match standstill.until {
            Some(until) => at = at.max(until),
            None => return Ok(Due::StandsStill { left }),
        }
    }
    calendar.add(at, left).map(Due::At)
}

/// The moment to warn: so much working time before the deadline.
///
/// # Errors
/// [`CalendarFault`].
pub fn warning(
    calendar: AsKnown<'_>,
    due: DateTime<Utc>,
    lead: TimeDelta,
) -> Result<DateTime<Utc>, CalendarFault> {
    calendar.subtract(due, lead)
}
