//! Messages whose signature held: each is known until it would be refused for its age, so that none is taken twice, whichever hub of
//! a site it comes to.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::store;
use crate::clock::Clock;
use crate::database::{Connection, Database};
use crate::error::Result;

/// How often those that need not be known any more are forgotten.
const EVERY: Duration = Duration::from_secs(60);

/// Takes note of a message; false if it was received before.
///
/// # Errors
/// When the database is away: then nobody can say that the message is new.
pub async fn receive(
    connection: &mut Connection,
    digest: &[u8; 32],
    known_until: DateTime<Utc>,
) -> Result<bool> {
    store::add_signed_message(connection, digest, known_until).await
}

/// Forgets the messages that would be refused for their age at `now`; returns how many.
///
/// # Errors
/// When the database is away.
pub async fn forget(connection: &mut Connection, now: DateTime<Utc>) -> Result<usize> {
    store::forget_signed_messages(connection, now).await
}

/// Forgets them as time goes on, until `stop` says so.
pub async fn run(database: Database, clock: Clock, mut stop: watch::Receiver<bool>) {
    loop {
        let forgotten = async { forget(&mut *database.connection().await?, clock.now()).await };
        if let Err(error) = forgotten.await {
            tracing::warn!(%error, "old signed messages were not forgotten; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            // A sender that is gone says so too.
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
    }
}
