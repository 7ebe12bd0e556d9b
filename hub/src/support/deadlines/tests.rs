//! The clocks of a ticket: the cases that other help desks got wrong, by name, and the vectors of their
//! tests.

mod arithmetic;
mod assignment;
mod clocks;
mod closing;
mod explaining;
mod pauses;

use chrono::{DateTime, Utc};
use kordon_schemas::support::{DeadlineClock, ExtensionGround, Line, Priority, TicketStatus};

use Line::{First, Second, Third};
use Priority::{Critical, High, Low, Normal};
use TicketStatus::{Closed, Deferred, Extended, InProgress, New, Resolved};

use super::*;
use crate::support::calendar::tests::{kyiv, minutes};
use crate::support::rules::{SupportRules, built_in};

fn rules() -> &'static SupportRules {
    built_in().unwrap()
}

/// A ticket of normal priority, unless it says otherwise, that stood so since those moments of Kyiv.
fn ticket(entries: &[(&str, TicketStatus, Line)]) -> History {
    prioritised(&entries.iter().map(|(at, status, line)| (*at, *status, *line, Normal)).collect::<Vec<_>>())
}

fn prioritised(entries: &[(&str, TicketStatus, Line, Priority)]) -> History {
    let mut entries = entries.iter().map(|(at, status, line, priority)| entry(at, *status, *line, *priority));
    let first = History::registered(entries.next().unwrap());
    entries.fold(first, |history, entry| history.then(entry).unwrap())
}

fn entry(at: &str, status: TicketStatus, line: Line, priority: Priority) -> Entry {
    Entry { at: kyiv(at), status, line, priority }
}

/// The deadline of a clock as it is seen at a moment of Kyiv.
fn seen(clock: DeadlineClock, history: &History, now: &str) -> Option<Deadline> {
    let version = rules().handling.in_force_at(history.registered_at());
    deadline(clock, history, version, &rules().calendars, kyiv(now)).unwrap()
}

fn of_ticket(history: &History, now: &str) -> Deadline {
    seen(DeadlineClock::Ticket, history, now).unwrap()
}

fn local(moment: DateTime<Utc>) -> String {
    moment.with_timezone(&chrono_tz::Europe::Kyiv).format("%Y-%m-%d %H:%M").to_string()
}
