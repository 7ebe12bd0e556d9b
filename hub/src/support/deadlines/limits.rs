//! Limits that are counted by the clock on the wall and ignore working hours: the continuity procedure (H4.5, H4.7), and the
//! days after which a ticket is closed by itself (H3.9).
//!
//! The order does not say whether its 4 and 24 hours are working hours. They are read as clock hours, because they are counted from
//! the receipt and from the telling, and because a permit that slept at night would be of no use to a lorry.

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Europe::Kyiv;

use super::history::History;
use crate::support::calendar::instant_of;
use kordon_schemas::support::TicketStatus;

/// How long line 2 has to confirm or refute a failure, from the receipt of the ticket (H4.5).
pub const CONFIRMATION: TimeDelta = TimeDelta::hours(4);

/// How long a continuity permit is valid, from the moment at which both were told (H4.7).
pub const PERMIT: TimeDelta = TimeDelta::hours(24);

/// How long a user has to object after being told the result, in calendar days (H3.9). The order does not call them working days.
pub const OBJECTION_DAYS: u64 = 10;

/// Until when a failure must be confirmed or refuted.
#[must_use]
pub fn confirmation_due(received_at: DateTime<Utc>) -> DateTime<Utc> {
    received_at + CONFIRMATION
}

/// Until when a permit is valid: the later telling counts.
#[must_use]
pub fn permit_ends(office_told_at: DateTime<Utc>, trader_told_at: DateTime<Utc>) -> DateTime<Utc> {
    office_told_at.max(trader_told_at) + PERMIT
}

/// When a resolved ticket is closed by itself: at the same time of day in Kyiv, 10 days after the user was told the result. A
/// telling from before the ticket was last resolved does not count, because the user objected to that result. `None` when the
/// ticket is not resolved, or the user not told.
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
