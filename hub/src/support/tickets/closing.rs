//! The timer that closes what nobody objected to (H3.9). One runs in every replica; the locks of the tickets
//! are the only arbiter.

use std::time::Duration;

use tokio::sync::watch;

use super::acting::close_unopposed;
use crate::clock::Clock;
use crate::database::Database;
use crate::support::timers::{self, SupportTimer, SupportTimerMetrics};

/// How often it looks. The ten days of the order are not counted in minutes.
const EVERY: Duration = Duration::from_secs(60);

/// The most tickets that are closed at one look; what is left waits for the next.
const MOST: i64 = 500;

/// Closes tickets as their days are over, until `stop` says so.
pub async fn run(
    database: Database,
    clock: Clock,
    metrics: SupportTimerMetrics,
    stop: watch::Receiver<bool>,
) {
    timers::run((SupportTimer::Tickets, EVERY), database, clock, metrics, stop, async |connection, now| {
        Ok([close_unopposed(connection, now, MOST).await?])
    })
    .await;
}
