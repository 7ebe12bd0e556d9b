//! The limit that is counted by the calendar and ignores working hours: the days after which a ticket is
//! closed by itself (H3.9). Those of the continuity procedure stand with its rules
//! ([`crate::permits::rules`]).

use chrono::{DateTime, Days, Utc};
use chrono_tz::Europe::Kyiv;

use super::history::History;
use crate::support::calendar::instant_of;
use kordon_schemas::support::TicketStatus;

/// How long a user has to object after being told the result, in calendar days (H3.9). The order does not
/// call them working days.
pub const OBJECTION_DAYS: u64 = 10;

/// When a resolved ticket is closed by itself: at the same time of day in Kyiv, 10 days after the user was
/// told the result. A telling from before the ticket was last resolved does not count, because the user
/// objected to that result. `None` when the ticket is not resolved, or the user not told.
#[must_use]
pub fn closes_at(history: &History, told_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let last = history.last();
    if last.status != TicketStatus::Resolved {
        return None;
    }
    let told_at = told_at.filter(|told| *told >= resolved_at(history))?;
    let local = told_at.with_timezone(&Kyiv).naive_local();
    Some(instant_of(Kyiv, local.checked_add_days(Days::new(OBJECTION_DAYS))?))
}

/// When the ticket became resolved for the last time.
fn resolved_at(history: &History) -> DateTime<Utc> {
    let mut since = history.registered_at();
    let mut before = TicketStatus::New;
    for entry in history.entries() {
        if entry.status == TicketStatus::Resolved && before != TicketStatus::Resolved {
            since = entry.at;
        }
        before = entry.status;
    }
    since
}
