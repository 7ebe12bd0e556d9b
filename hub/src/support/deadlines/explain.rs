//! How a deadline was reached, step by step, and why a clock stands still: for those who doubt it.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::support::TicketStatus;

use super::clocks::Why;
use super::deadline::Deadline;
use super::history::Extension;
use crate::support::calendar::{AsKnown, CalendarFault, days_between};
use crate::support::rules::{Calendars, Target};

/// The most steps of an explanation. A handling time of two weeks has fifty.
pub const MOST_STEPS: usize = 500;

/// A step on the way to a deadline. Working time is that of the calendar in the first step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The clock started, with so much working time.
    Started {
        /// When.
        at: DateTime<Utc>,
        /// With what.
        target: Target,
    },
    /// The line worked, and the time went down.
    Counted {
        /// From when.
        from: DateTime<Utc>,
        /// Until when, on the same day.
        until: DateTime<Utc>,
        /// What is left then.
        left: TimeDelta,
        /// Why the line worked other hours on that day than on its weekday, or although it is a holiday.
        because: Option<String>,
    },
    /// The line did not work: a night, a break, a day off.
    Closed {
        /// From when.
        from: DateTime<Utc>,
        /// Until when, on the same day.
        until: DateTime<Utc>,
        /// Why, where the day differs from its weekday.
        because: Option<String>,
    },
    /// The clock stood still.
    StoodStill {
        /// From when.
        from: DateTime<Utc>,
        /// Until when; `None`: it still does.
        until: Option<DateTime<Utc>>,
        /// Why.
        why: Why,
        /// The working time that was not counted because of it.
        spared: TimeDelta,
    },
    /// The time was used up.
    UsedUp {
        /// When.
        at: DateTime<Utc>,
    },
    /// The deadline was extended.
    Extended(Extension),
    /// The clock stopped.
    Stopped {
        /// When.
        at: DateTime<Utc>,
        /// By which status.
        by: TicketStatus,
    },
    /// There are more steps than are told.
    AndMore,
}

/// The steps of a deadline, in order; an extension and the stop come last.
///
/// # Errors
/// [`CalendarFault`].
pub fn explain(
    deadline: &Deadline,
    calendars: &Calendars,
    now: DateTime<Utc>,
) -> Result<Vec<Step>, CalendarFault> {
    let Deadline { run, target, extension, .. } = deadline;
    let calendar = deadline.calendar(calendars, now);
    let zone = calendars.get(target.calendar).zone();
    let mut account = Account { calendar, zone, left: target.time, steps: Vec::new() };
    account.steps.push(Step::Started { at: run.started_at, target: *target });
    let mut at = run.started_at;
    for standstill in &run.standstills {
        if account.count(at, Some(standstill.from))? {
            break;
        }
        let until = standstill.until;
        let spared = calendar.within(standstill.from, until.unwrap_or(now))?;
        account.steps.push(Step::StoodStill { from: standstill.from, until, why: standstill.why, spared });
        match until {
            Some(until) => at = until,
            None => break,
        }
    }
    let stands_still = run.standstills.last().is_some_and(|last| last.until.is_none());
    if account.left > TimeDelta::zero() && !stands_still {
        // Also past the moment at which the clock stopped: the question is how the deadline was reached.
        account.count(at, None)?;
    }
    let Account { mut steps, .. } = account;
    steps.extend(extension.map(Step::Extended));
    if let Some((at, by)) = run.stopped {
        steps.push(Step::Stopped { at, by });
    }
    if steps.len() > MOST_STEPS {
        steps.truncate(MOST_STEPS);
        steps.push(Step::AndMore);
    }
    Ok(steps)
}

struct Account<'c> {
    calendar: AsKnown<'c>,
    zone: chrono_tz::Tz,
    left: TimeDelta,
    steps: Vec<Step>,
}

impl Account<'_> {
    /// Counts from one moment to another, or until the time is used up; says whether it is.
    fn count(&mut self, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Result<bool, CalendarFault> {
        if self.left.is_zero() {
            return Ok(true);
        }
        let mut at = from;
        for span in self.calendar.spans_from(from)? {
            if until.is_some_and(|until| until <= span.from) {
                break;
            }
            self.closed(at, span.from)?;
            let end = until.map_or(span.until, |until| span.until.min(until)).min(span.from + self.left);
            self.left -= end - span.from;
            let because = self.calendar.exception_at(span.from)?.map(str::to_owned);
            self.steps.push(Step::Counted { from: span.from, until: end, left: self.left, because });
            if self.left.is_zero() {
                self.steps.push(Step::UsedUp { at: end });
                return Ok(true);
            }
            at = end;
        }
        if let Some(until) = until {
            self.closed(at, until)?;
        }
        Ok(false)
    }

    fn closed(&mut self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<(), CalendarFault> {
        for (from, until) in days_between(self.zone, from, until) {
            let because = self.calendar.exception_at(from)?.map(str::to_owned);
            self.steps.push(Step::Closed { from, until, because });
        }
        Ok(())
    }
}
