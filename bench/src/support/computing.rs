//! Deadlines, worked out from the histories of tickets. No database: the rule alone.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::support::deadlines::{Entry, Extension, History, deadlines};
use kordon_hub::support::rules::built_in;
use kordon_schemas::support::{ExtensionGround, Line, Priority, TicketStatus};

use Line::{First, Second, Third};
use TicketStatus::{Closed, Deferred, Extended, InProgress, New, Resolved};

/// How many deadlines are worked out.
const DEADLINES: usize = 100_000;

/// How a ticket went: where it stood from so many minutes after its registration on.
const WAYS: [&[(i64, TicketStatus, Line)]; 5] = [
    // Answered by line 1 on the same day; reopened once.
    &[
        (0, New, First),
        (15, InProgress, First),
        (190, Resolved, First),
        (1_500, InProgress, First),
        (1_700, Resolved, First),
    ],
    // To line 2 and back.
    &[
        (0, New, First),
        (9, InProgress, First),
        (40, InProgress, Second),
        (2_900, Resolved, First),
        (17_300, Closed, First),
    ],
    // The user is asked, twice.
    &[
        (0, New, First),
        (30, InProgress, First),
        (90, Extended, First),
        (1_530, InProgress, First),
        (1_600, Extended, First),
        (7_300, InProgress, First),
    ],
    // Software is changed, with the contractor.
    &[
        (0, New, First),
        (5, InProgress, Second),
        (600, Extended, Third),
        (8_600, Deferred, Third),
        (30_000, InProgress, Second),
        (30_500, Resolved, First),
    ],
    // Still at line 2.
    &[(0, New, First), (60, InProgress, Second)],
];

const PRIORITIES: [Priority; 4] = [Priority::Critical, Priority::High, Priority::Normal, Priority::Low];

/// What was worked out.
pub(super) struct Computed {
    pub(super) deadlines: usize,
    pub(super) took: Duration,
}

/// Histories over two years, one each 11 minutes, then their deadlines a month after the last.
pub(super) fn run() -> anyhow::Result<Computed> {
    let rules = built_in()?;
    let begins: DateTime<Utc> = "2025-01-01T00:00:00Z".parse()?;
    let histories =
        (0..DEADLINES).map(|number| history(number, begins)).collect::<anyhow::Result<Vec<_>>>()?;
    let now = begins + TimeDelta::minutes(11 * i64::try_from(DEADLINES)?) + TimeDelta::days(30);
    let (began, mut count, mut due) = (Instant::now(), 0, 0);
    for history in &histories {
        let version = rules.handling.in_force_at(history.registered_at());
        let of_it = deadlines(history, version, &rules.calendars, now)?;
        count += of_it.len();
        due += of_it.iter().filter(|deadline| deadline.due_at.is_some()).count();
        if count >= DEADLINES {
            break;
        }
    }
    let took = began.elapsed();
    ensure!(count >= DEADLINES && due > 0, "{count} deadlines were worked out, {due} of them with a moment");
    Ok(Computed { deadlines: count, took })
}

fn history(number: usize, begins: DateTime<Utc>) -> anyhow::Result<History> {
    let registered_at = begins + TimeDelta::minutes(11 * i64::try_from(number)?);
    let priority = PRIORITIES.get(number % 4).copied().unwrap_or(Priority::Normal);
    let way = WAYS.get(number % 5).copied().unwrap_or_default();
    let mut entries = way.iter().map(|(minutes, status, line)| Entry {
        at: registered_at + TimeDelta::minutes(*minutes),
        status: *status,
        line: *line,
        priority,
    });
    let first = entries.next().ok_or_else(|| anyhow::anyhow!("a way has no beginning"))?;
    let history = entries.try_fold(History::registered(first), History::then)?;
    // One in ten is extended.
    Ok(if number.is_multiple_of(10) {
        let at = registered_at + TimeDelta::minutes(70);
        let (by, ground) = (First, ExtensionGround::InformationFromUser);
        history.extended(Extension { at, by, ground, until: at + TimeDelta::days(5) })
    } else {
        history
    })
}
