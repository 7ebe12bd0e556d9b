//! Wakes workers when something is announced in the database (`LISTEN`), by whichever replica.

use std::pin::pin;
use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use futures_util::StreamExt;
use tokio::sync::watch;

use super::Database;
use crate::error::{Error, Result};

/// How long it waits before it listens again, when the database failed it.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Wakes who watches `wake` on what `listen`, a `LISTEN` statement, hears; without end, on a connection of
/// its own. While it cannot listen its workers have to look by themselves.
pub(crate) async fn wake_on(database: &Database, listen: &str, wake: &watch::Sender<()>) {
    loop {
        if let Err(error) = until_it_fails(database, listen, wake).await {
            tracing::warn!(%error, listen, "what waits is found by the slow poll only");
        }
        tokio::time::sleep(AFTER_FAILURE).await;
    }
}

async fn until_it_fails(database: &Database, listen: &str, wake: &watch::Sender<()>) -> Result<()> {
    let mut connection = database.own_connection().await?;
    connection.batch_execute(listen).await?;
    // Something may have been announced before we listened.
    wake.send_replace(());
    let mut notifications = pin!(connection.notifications_stream());
    while let Some(notification) = notifications.next().await {
        notification?;
        wake.send_replace(());
    }
    Err(Error::Unavailable("the connection that listens has ended".into()))
}
