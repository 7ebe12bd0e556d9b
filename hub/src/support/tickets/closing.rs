//! The timer that closes what nobody objected to (H3.9). One runs in every replica; the locks of the tickets are the only arbiter.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::acting::close_unopposed;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::Result;
use crate::support::timers::{SupportTimer, SupportTimerMetrics};

/// How often it looks. The ten days of the order are not counted in minutes.
const EVERY: Duration = Duration::from_secs(60);

/// The most tickets that are closed at one look; what is left waits for the next.
const MOST: i64 = 500;

/// Closes tickets as their days are over, until `stop` says so.
pub async fn run(
    database: Database,
    clock: Clock,
    metrics: SupportTimerMetrics,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        match look(&database, clock.now()).await {
            Ok(closed) => {
                metrics.done(SupportTimer::Tickets, &[closed], clock.now());
                if closed > 0 {
                    tracing::info!(closed, "tickets were closed: nobody objected to their results");
                }
            }
            Err(error) => {
                metrics.failed(SupportTimer::Tickets);
                tracing::warn!(%error, "tickets could not be closed; it is tried again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            // A sender that is gone says so too.
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
    }
}

async fn look(database: &Database, now: DateTime<Utc>) -> Result<usize> {
    close_unopposed(&mut *database.connection().await?, now, MOST).await
}
