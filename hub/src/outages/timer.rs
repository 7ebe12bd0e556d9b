//! The timer of outages: reminds the press office of a window that begins within a day, and tells that an
//! expected end has passed; of planned work it tells that again each day, because DG TAXUD's record of it
//! must have an end and is told on. One runs in every replica; the locks of the outages are the only arbiter.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::notices::NoticeKind;
use tokio::sync::watch;

use super::model::OutageId;
use super::rules::{REMINDED_BEFORE, end_that_passed, is_reminded_of};
use super::store;
use crate::clock::Clock;
use crate::database::{Connection, Database};
use crate::error::{Error, Result};
use crate::notices;
use crate::support::timers::{self, Acted, SupportTimer, SupportTimerMetrics};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(60);

/// The most outages at one look; what is left waits for the next.
const MOST: i64 = 100;

/// What one look did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reminded {
    /// Windows that begin soon.
    pub starts_soon: Acted,
    /// Outages whose end has passed, the expected one or one that was told in its place.
    pub overran: Acted,
}

/// Reminds as the time comes, until `stop` says so.
pub async fn run(
    database: Database,
    clock: Clock,
    metrics: SupportTimerMetrics,
    stop: watch::Receiver<bool>,
) {
    timers::run((SupportTimer::Outages, EVERY), database, clock, metrics, stop, async |connection, now| {
        let Reminded { starts_soon, overran } = look(connection, now).await?;
        Ok([starts_soon, overran])
    })
    .await;
}

/// Looks once, at `now`. Any number of replicas may do so at the same moment.
///
/// # Errors
/// When the database is away.
pub async fn look(connection: &mut Connection, now: DateTime<Utc>) -> Result<Reminded> {
    let mut reminded = Reminded::default();
    for id in store::to_remind_of_start(connection, now, now + REMINDED_BEFORE, MOST).await? {
        reminded.starts_soon.note(id, once(connection, id, now, NoticeKind::StartsSoon).await)?;
    }
    for id in store::to_remind_of_end(connection, now, MOST).await? {
        reminded.overran.note(id, once(connection, id, now, NoticeKind::Overran).await)?;
    }
    Ok(reminded)
}

/// Reminds of one, unless it was changed meanwhile or another replica was faster. A reminder is a version of
/// its own, like every notice.
async fn once(
    connection: &mut Connection,
    id: OutageId,
    now: DateTime<Utc>,
    kind: NoticeKind,
) -> Result<bool> {
    connection
        .transaction(async |connection| {
            let Some(mut outage) = store::locked(connection, id).await? else { return Ok(false) };
            let passed = end_that_passed(&outage, now).filter(|_| kind == NoticeKind::Overran);
            let due = passed.is_some() || (kind == NoticeKind::StartsSoon && is_reminded_of(&outage, now));
            outage.version = outage.version.saturating_add(1);
            outage.changed_at = now.max(outage.changed_at);
            let by = if due { store::note_reminder(connection, &outage, passed).await? } else { None };
            let Some(by) = by else { return Ok(false) };
            notices::record(connection, &outage, kind, by, None, now).await?;
            Ok::<_, Error>(true)
        })
        .await
}
