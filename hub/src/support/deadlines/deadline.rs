//! The deadline of a clock: when it is due, and whether it was met.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::support::{DeadlineClock, Line, Priority};

use super::clocks::{Run, Why, runs};
use super::counting::{Due, due, worked};
use super::history::{Extension, History};
use crate::support::calendar::{AsKnown, CalendarFault};
use crate::support::rules::{Calendars, HandlingVersion, Target};

/// Where a deadline stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadlineState {
    /// The clock runs, and time is left.
    Running,
    /// The clock runs, and the time is used up.
    Overdue,
    /// The clock stands still.
    StandsStill {
        /// Since when.
        since: DateTime<Utc>,
        /// Why.
        why: Why,
    },
    /// The clock was stopped in time.
    Met,
    /// The clock was stopped too late.
    Missed,
}

/// The deadline of the last run of a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Which clock.
    pub clock: DeadlineClock,
    /// When it ran.
    pub run: Run,
    /// The priority by which it is measured: the ticket's when the clock stopped, or now.
    pub priority: Priority,
    /// The working time given, and whose.
    pub target: Target,
    /// The version of the table that gave it.
    pub version: i32,
    /// The working time that went by while it ran.
    pub worked: TimeDelta,
    /// When it is or was due; `None` while the clock stands still with time left.
    pub due_at: Option<DateTime<Utc>>,
    /// The extension that made it later, if one did.
    pub extension: Option<Extension>,
    /// Where it stands.
    pub state: DeadlineState,
}

impl Deadline {
    /// The moment by which something must be done: when a clock that runs is due; of the ticket's own that
    /// stands still, until when it was extended. `None`: nothing is due.
    #[must_use]
    pub fn binds_until(&self) -> Option<DateTime<Utc>> {
        let binds = match self.state {
            DeadlineState::Running | DeadlineState::Overdue => true,
            DeadlineState::StandsStill { .. } => {
                self.clock == DeadlineClock::Ticket && self.extension.is_some()
            }
            DeadlineState::Met | DeadlineState::Missed => false,
        };
        self.due_at.filter(|_| binds)
    }

    /// The calendar in which it is counted, as it was known when the clock stopped: what is decided later
    /// moves nothing.
    #[must_use]
    pub fn calendar<'c>(&self, calendars: &'c Calendars, now: DateTime<Utc>) -> AsKnown<'c> {
        calendar(calendars, self.target, &self.run, now)
    }
}

/// The deadlines of every clock that started.
///
/// # Errors
/// [`CalendarFault`] when a deadline lies too far away.
pub fn deadlines(
    history: &History,
    version: &HandlingVersion,
    calendars: &Calendars,
    now: DateTime<Utc>,
) -> Result<Vec<Deadline>, CalendarFault> {
    let of = |clock: &DeadlineClock| deadline(*clock, history, version, calendars, now).transpose();
    DeadlineClock::ALL.iter().filter_map(of).collect()
}

/// The deadline of a clock; `None` before it starts, and where the version of the table does not measure by
/// it.
///
/// # Errors
/// [`CalendarFault`] when it lies too far away.
pub fn deadline(
    clock: DeadlineClock,
    history: &History,
    version: &HandlingVersion,
    calendars: &Calendars,
    now: DateTime<Utc>,
) -> Result<Option<Deadline>, CalendarFault> {
    let Some(run) = runs(clock, history, version).pop() else { return Ok(None) };
    let until = run.stopped.map_or(now, |(at, _)| at).max(run.started_at);
    let priority = history.priority_at(until);
    let Some(target) = version.target(clock, priority) else { return Ok(None) };
    let calendar = calendar(calendars, target, &run, now);
    let counted = match due(calendar, run.started_at, target.time, &run.standstills)? {
        Due::At(at) => Some(at),
        Due::StandsStill { .. } => None,
    };
    let extension = extension(clock, history, &run).filter(|extension| {
        // An extension never makes a deadline earlier.
        counted.is_none_or(|at| at < extension.until)
    });
    // What stands still has no deadline to extend, unless that is all that holds.
    let due_at = extension.map(|extension| extension.until).or(counted);
    let worked = worked(calendar, run.started_at, until, &run.standstills)?;
    let state = state(&run, due_at, now);
    Ok(Some(Deadline {
        clock,
        priority,
        target,
        version: version.version,
        worked,
        due_at,
        extension,
        state,
        run,
    }))
}

fn calendar<'c>(calendars: &'c Calendars, target: Target, run: &Run, now: DateTime<Utc>) -> AsKnown<'c> {
    calendars.get(target.calendar).as_known_at(run.stopped.map_or(now, |(at, _)| at))
}

fn state(run: &Run, due_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DeadlineState {
    let standing = run.standstills.last().filter(|standstill| standstill.until.is_none());
    match (run.stopped, standing) {
        (Some((at, _)), _) if due_at.is_none_or(|due| at <= due) => DeadlineState::Met,
        (Some(_), _) => DeadlineState::Missed,
        (None, Some(standing)) if due_at.is_none_or(|due| standing.from <= due) => {
            DeadlineState::StandsStill { since: standing.from, why: standing.why }
        }
        (None, Some(_)) => DeadlineState::Overdue,
        (None, None) if due_at.is_some_and(|due| due < now) => DeadlineState::Overdue,
        (None, None) => DeadlineState::Running,
    }
}

/// The latest date that the run was extended to.
fn extension(clock: DeadlineClock, history: &History, run: &Run) -> Option<Extension> {
    let in_run = |extension: &&Extension| {
        extension.at >= run.started_at && run.stopped.is_none_or(|(at, _)| extension.at <= at)
    };
    let concerns = |extension: &&Extension| match (clock, extension.by) {
        // The term of the ticket is extended by either line; line 2's own by line 2.
        (DeadlineClock::Ticket, _) | (DeadlineClock::Line2, Line::Second) => true,
        (DeadlineClock::Assignment | DeadlineClock::Line2 | DeadlineClock::Line3, _) => false,
    };
    history
        .extensions()
        .iter()
        .filter(in_run)
        .filter(concerns)
        .max_by_key(|extension| extension.until)
        .copied()
}
