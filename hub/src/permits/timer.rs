//! The timer of permits: warns that one is about to expire, and tells that it has. A permit expires by the
//! clock; what the timer adds is that it is told. One runs in every replica; the locks of the requests are
//! the only arbiter.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::notices::NoticeKind;
use tokio::sync::watch;

use super::announcing::announce;
use super::model::{PermitState, RequestId};
use super::rules::{self, WARNED_BEFORE};
use super::{ending, store};
use crate::clock::Clock;
use crate::database::{Connection, Database};
use crate::error::{Error, Result};
use crate::support::timers::{self, Acted, SupportTimer, SupportTimerMetrics};

/// How often it looks. What it tells is told to the minute.
const EVERY: Duration = Duration::from_secs(30);

/// The most permits at one look; what is left waits for the next.
const MOST: i64 = 200;

/// What one look did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    /// Permits that were told to be about to expire.
    pub warned: Acted,
    /// Permits that were told to have expired.
    pub expired: Acted,
}

/// Warns of permits and tells their end as their time comes, until `stop` says so.
pub async fn run(
    database: Database,
    clock: Clock,
    metrics: SupportTimerMetrics,
    stop: watch::Receiver<bool>,
) {
    timers::run((SupportTimer::Permits, EVERY), database, clock, metrics, stop, async |connection, now| {
        let Looked { warned, expired } = look(connection, now).await?;
        Ok([warned, expired])
    })
    .await;
}

/// Looks once, at `now`. Any number of replicas may do so at the same moment.
///
/// # Errors
/// When the database is away.
pub async fn look(connection: &mut Connection, now: DateTime<Utc>) -> Result<Looked> {
    let mut looked = Looked::default();
    for id in store::to_expire(connection, now, MOST).await? {
        looked.expired.note(id, once(connection, id, now, Told::Expiry).await)?;
    }
    for id in store::to_warn(connection, now + WARNED_BEFORE, MOST).await? {
        looked.warned.note(id, once(connection, id, now, Told::Warning).await)?;
    }
    Ok(looked)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Warning,
    Expiry,
}

/// Tells one thing of one permit, unless another replica was faster or it ended otherwise meanwhile.
async fn once(connection: &mut Connection, id: RequestId, now: DateTime<Utc>, told: Told) -> Result<bool> {
    connection
        .transaction(async |connection| {
            let Some(mut request) = store::locked(connection, id).await? else { return Ok(false) };
            let Some(permit) = &mut request.permit else { return Ok(false) };
            match (told, rules::state(permit, now)) {
                (Told::Expiry, PermitState::Expired) if permit.expiry_noted_at.is_none() => {
                    permit.expiry_noted_at = Some(now);
                    store::update(connection, &request).await?;
                    ending::tell_expiry(connection, &request, now).await?;
                    Ok(true)
                }
                (Told::Warning, PermitState::InForce) if permit.warned_at.is_none() => {
                    permit.warned_at = Some(now);
                    store::update(connection, &request).await?;
                    // Nobody does it: as with the expiry.
                    if let Some(by) = request.decision.as_ref().map(|decision| decision.by) {
                        announce(connection, &request, NoticeKind::PermitExpiring, by, now).await?;
                    }
                    Ok(true)
                }
                _ => Ok::<_, Error>(false),
            }
        })
        .await
}
