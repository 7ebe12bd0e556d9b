//! What line 1 watches each day, and the figures that it reports (Order 926, section III, clause 2, items 7
//! to 9).
//!
//! Whom it serves: line 1, which asks others to act in time; those who judge how the service works.

pub mod rules;
mod store;

use chrono::{DateTime, NaiveDate, Utc};
use kordon_schemas::Fault;
use kordon_schemas::control::{ControlItem, ControlList, ControlReason, DailyControl, TicketFigureReport};

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::fees::rules::{bounds_of, day_of};
use crate::support::tickets::of_control;

/// The most tickets of one list.
pub const LARGEST_LIST: i64 = 100;

/// The most days of a report.
const MOST_DAYS: i64 = 366;

/// The daily control at `now`, at most `limit` tickets a reason.
///
/// # Errors
/// When the database is away.
pub async fn daily_control(
    connection: &mut Connection,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<DailyControl> {
    let midnight = bounds_of(day_of(now)).map_or(now, |(_, ends_at)| ends_at);
    let mut lists = Vec::new();
    for reason in ControlReason::ALL {
        let tickets = of_control(connection, *reason, now, midnight, limit.clamp(1, LARGEST_LIST)).await?;
        let count = store::count(connection, *reason, now, midnight).await?;
        let items = tickets
            .iter()
            .map(|ticket| ControlItem { waits_for: rules::waits_for(ticket), ticket: ticket.summary() });
        lists.push(ControlList { reason: *reason, count, items: items.collect() });
    }
    Ok(DailyControl { at: now, lists })
}

/// The figures of the tickets that were registered from the first to the last day, by the calendar of Kyiv.
///
/// # Errors
/// [`Error::Invalid`] for a period that is none, or too long.
pub async fn figures(
    connection: &mut Connection,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<TicketFigureReport> {
    let invalid = |detail: String| Error::Invalid(vec![Fault::new("query:to", detail)]);
    if to < from {
        return Err(invalid("is before `from`".into()));
    }
    if (to - from).num_days() >= MOST_DAYS {
        return Err(invalid(format!("is at most {MOST_DAYS} days from the first")));
    }
    let Some(((starts_at, _), (_, ends_at))) = bounds_of(from).zip(bounds_of(to)) else {
        return Err(invalid("is no day that there is".into()));
    };
    let items = store::figures(connection, starts_at, ends_at).await?;
    Ok(TicketFigureReport { from, to, items })
}
