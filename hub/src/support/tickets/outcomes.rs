//! What comes of a wish: the act and where it leaves the ticket, or why it is refused (Order 926, section
//! III, clauses 9, 10, 13). No I/O; time is an argument.

use chrono::{DateTime, Utc};
use kordon_schemas::ProblemCode;
use kordon_schemas::support::{DeadlineClock, Line, TicketStatus};
use kordon_schemas::tickets::{
    TellingIn, TellingOf, TicketExtensionIn, TicketMoveIn, TicketOfficial, TicketPriorityIn,
};

use super::acting::Wish;
use super::model::{Act, Deed, Ticket, history, told_at, unopposed_since};
use super::{contact, officials};
use crate::error::{Error, Result};
use crate::support::deadlines::limits::closes_at;
use crate::support::deadlines::{deadline, prolongs};
use crate::support::letters::answering::may_write;
use crate::support::rules::{self, CalendarName, HandlingVersion, SupportRules};
use crate::support::statuses::{
    AskedMove, Circumstances, MoveRefusal, Mover, TicketStanding, after, check_holds, may_extend,
};

/// By how many working days a deadline may be extended: about a year. Beyond it, a slip is likelier than a
/// plan.
const MOST_DAYS: u16 = 250;

/// The longest reason, in characters.
pub(super) const LONGEST_REASON: usize = 2_000;

/// What an act is and where it leaves the ticket.
pub(super) struct Outcome {
    pub(super) deed: Deed,
    pub(super) standing: TicketStanding,
    pub(super) reason: Option<String>,
    pub(super) official: Option<TicketOfficial>,
}

impl Outcome {
    /// One that names nobody.
    const fn of(deed: Deed, standing: TicketStanding, reason: Option<String>) -> Self {
        Self { deed, standing, reason, official: None }
    }
}

/// What comes of a wish for a ticket with these acts.
///
/// # Errors
/// As [`super::acting::act`].
pub(super) fn outcome(
    ticket: &Ticket,
    acts: &[Act],
    by: Mover,
    wish: Wish<'_>,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let standing = ticket.standing;
    match wish {
        Wish::Move(TicketMoveIn { to, line, reason, official }) => {
            let reason = reason.as_deref().map(checked_reason).transpose()?;
            let official = official.as_ref().map(officials::checked).transpose()?;
            let names_official = official.is_some();
            let asked = AskedMove { by, to: *to, line: *line, reason: reason.as_deref(), names_official };
            let circumstances = Circumstances {
                now,
                line_1_works: line_1_works(now)?,
                told: closes_at(&history(acts)?, told_at(acts)).is_some(),
                closes_at: closes_at(&history(acts)?, unopposed_since(ticket, acts)),
            };
            let standing = after(standing, &asked, &circumstances).map_err(refused)?;
            Ok(Outcome { official, ..Outcome::of(Deed::Moved, standing, reason) })
        }
        Wish::Prioritise(TicketPriorityIn { priority, reason }) => {
            check_open(standing)?;
            check_holds(by, standing, line_1_works(now)?).map_err(refused)?;
            let reason = Some(checked_reason(reason)?);
            if *priority == standing.priority {
                return Err(Error::fault("/priority", "is the priority of the ticket already"));
            }
            Ok(Outcome::of(Deed::Prioritised, TicketStanding { priority: *priority, ..standing }, reason))
        }
        Wish::Extend(asked) => extended(ticket, acts, by, asked, now),
        Wish::Tell(TellingIn { of }) => {
            match of {
                TellingOf::Result if standing.status != TicketStatus::Resolved => {
                    return Err(move_refused("the ticket has no result to tell: it is not resolved"));
                }
                TellingOf::Extension if !was_prolonged(acts, handled_by(ticket, rules::built_in()?)) => {
                    return Err(move_refused("the term of the ticket was not extended, and it did not wait"));
                }
                TellingOf::Registration | TellingOf::Extension | TellingOf::Result => {}
            }
            Ok(Outcome::of(Deed::Told(*of), standing, None))
        }
        Wish::Involve(people) => {
            contact::check_people(people).map_err(Error::Invalid)?;
            Ok(Outcome::of(Deed::Involved, standing, None))
        }
        Wish::Answer(kind) => {
            may_write(kind, standing.status).map_err(move_refused)?;
            Ok(Outcome::of(Deed::Answered, standing, None))
        }
    }
}

/// An extension of the term (H3.13), on a ground of the line that asks for it.
fn extended(
    ticket: &Ticket,
    acts: &[Act],
    by: Mover,
    asked: &TicketExtensionIn,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let TicketExtensionIn { ground, working_days, reason } = asked;
    let standing = ticket.standing;
    check_open(standing)?;
    let line = match by {
        Mover::Line(line) if may_extend(line, *ground) => line,
        Mover::Line(_) | Mover::User | Mover::PermitRequest | Mover::Hub => {
            return Err(Error::fault("/ground", "is not a ground on which this line extends (H3.13)"));
        }
    };
    check_holds(by, standing, line_1_works(now)?).map_err(refused)?;
    if standing.status == TicketStatus::New {
        return Err(move_refused("a new ticket is to be assigned: the time for that is not extended"));
    }
    if !(1..=MOST_DAYS).contains(working_days) {
        return Err(Error::fault("/working_days", format!("is 1 to {MOST_DAYS}")));
    }
    let reason = Some(checked_reason(reason)?);
    let until = working_days_later(line, now, *working_days)?;
    check_later(until, due_at(ticket, acts, now)?)?;
    Ok(Outcome::of(Deed::Extended { ground: *ground, until }, standing, reason))
}

/// The table of handling times that a ticket is measured by.
pub(super) fn handled_by<'r>(ticket: &Ticket, rules: &'r SupportRules) -> &'r HandlingVersion {
    rules.handling.version(ticket.handling_version).unwrap_or_else(|| {
        // A version that this program does not have any more was in force when the ticket was registered.
        rules.handling.in_force_at(ticket.registered_at)
    })
}

/// Until when the last act prolonged the term, and why: an extension to a moment, a move to where the clock
/// stands still without one. `None` when it did not. A re-assignment of what waits already prolongs nothing.
pub(super) fn prolongation<'a>(
    acts: &'a [Act],
    version: &HandlingVersion,
) -> Option<(Option<DateTime<Utc>>, &'a str)> {
    let (last, earlier) = acts.split_last()?;
    let reason = last.reason.as_deref().unwrap_or_default();
    let before = earlier.last().map(|act| act.standing.status);
    match last.deed {
        Deed::Extended { until, .. } => Some((Some(until), reason)),
        Deed::Moved if before != Some(last.standing.status) && prolongs(last.standing.status, version) => {
            Some((None, reason))
        }
        Deed::Registered
        | Deed::Moved
        | Deed::Prioritised
        | Deed::Told(_)
        | Deed::Answered
        | Deed::Involved
        | Deed::Bounced(_) => None,
    }
}

fn was_prolonged(acts: &[Act], version: &HandlingVersion) -> bool {
    acts.iter().any(|act| matches!(act.deed, Deed::Extended { .. }) || prolongs(act.standing.status, version))
}

/// When the term of the ticket ends as it stands; `None` while it stands still.
fn due_at(ticket: &Ticket, acts: &[Act], now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let rules = rules::built_in()?;
    let version = handled_by(ticket, rules);
    let term = deadline(DeadlineClock::Ticket, &history(acts)?, version, &rules.calendars, now)
        .map_err(|fault| Error::Internal(format!("the deadline of ticket {}: {fault}", ticket.id)))?;
    Ok(term.and_then(|term| term.due_at))
}

/// An extension that leaves the term as it is would tell the user of a moment that nothing is measured by.
fn check_later(until: DateTime<Utc>, due_at: Option<DateTime<Utc>>) -> Result<()> {
    match due_at.filter(|due_at| until <= *due_at) {
        None => Ok(()),
        Some(due_at) => {
            let (until, due_at) = (until.to_rfc3339(), due_at.to_rfc3339());
            let detail = format!("end at {until}: the deadline that stands is {due_at}, extend beyond it");
            Err(Error::fault("/working_days", detail))
        }
    }
}

fn working_days_later(line: Line, now: DateTime<Utc>, days: u16) -> Result<DateTime<Utc>> {
    let name = match line {
        Line::First => CalendarName::Line1,
        Line::Second => CalendarName::Line2,
        Line::Third => CalendarName::Line3,
    };
    let calendar = rules::built_in()?.calendars.get(name).as_known_at(now);
    calendar.add_days(now, usize::from(days)).map_err(|fault| Error::Internal(fault.to_string()))
}

/// Whether line 1 works at a moment.
pub(super) fn line_1_works(now: DateTime<Utc>) -> Result<bool> {
    let calendar = rules::built_in()?.calendars.get(CalendarName::Line1);
    calendar.as_known_at(now).is_open(now).map_err(|fault| Error::Internal(fault.to_string()))
}

fn checked_reason(reason: &str) -> Result<String> {
    if !reason.trim().is_empty() && reason.chars().count() <= LONGEST_REASON {
        Ok(reason.trim().to_owned())
    } else {
        Err(Error::fault("/reason", format!("has 1 to {LONGEST_REASON} characters")))
    }
}

fn check_open(standing: TicketStanding) -> Result<()> {
    match standing.status {
        TicketStatus::New | TicketStatus::InProgress | TicketStatus::Extended | TicketStatus::Deferred => {
            Ok(())
        }
        TicketStatus::Resolved | TicketStatus::Closed => {
            Err(move_refused(&format!("the ticket is {}: no clock of it runs", standing.status)))
        }
    }
}

fn refused(refusal: MoveRefusal) -> Error {
    match refusal {
        MoveRefusal::ReasonNeeded => Error::fault("/reason", "is missing: this move needs a reason"),
        MoveRefusal::WrongLine { .. } => Error::fault("/line", refusal.to_string()),
        MoveRefusal::NoSuchMove { .. }
        | MoveRefusal::NotYours { .. }
        | MoveRefusal::HeldByAnother { .. }
        | MoveRefusal::NotTheDutys
        | MoveRefusal::NothingToConfirm
        | MoveRefusal::TooEarly => move_refused(&refusal.to_string()),
    }
}

pub(super) fn move_refused(detail: &str) -> Error {
    Error::refused(ProblemCode::TicketMoveRefused, detail)
}
