//! Wakes those who follow the changes of a checkpoint: one listener a process, however many follow.
//!
//! A wake-up says that there may be something new, no more; who is woken reads. Wake-ups may be lost while
//! the database is away, so whoever follows also looks by itself from time to time.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use futures_util::StreamExt;
use kordon_schemas::CheckpointCode;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::database::Database;
use crate::error::{Error, Result};

/// How long it waits when the database failed it.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Hands out wake-ups. They stop, and nothing else, when the task that listens is ended.
#[derive(Debug, Clone)]
pub struct Listener {
    checkpoints: Arc<HashMap<CheckpointCode, watch::Sender<()>>>,
}

impl Listener {
    /// Starts to listen on the current runtime. The task runs until it is aborted.
    #[must_use]
    pub fn start(
        database: Database,
        checkpoints: impl IntoIterator<Item = CheckpointCode>,
    ) -> (Self, JoinHandle<()>) {
        let checkpoints =
            checkpoints.into_iter().map(|checkpoint| (checkpoint, watch::Sender::new(()))).collect();
        let listener = Self { checkpoints: Arc::new(checkpoints) };
        let task = tokio::spawn(listener.clone().listen(database));
        (listener, task)
    }

    /// The wake-ups of a checkpoint; none for one that there is not.
    #[must_use]
    pub fn follow(&self, checkpoint: &CheckpointCode) -> Option<watch::Receiver<()>> {
        self.checkpoints.get(checkpoint).map(watch::Sender::subscribe)
    }

    async fn listen(self, database: Database) {
        loop {
            if let Err(error) = self.listen_until_it_fails(&database).await {
                tracing::warn!(%error, "changes are found by the slow poll only");
            }
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }

    async fn listen_until_it_fails(&self, database: &Database) -> Result<()> {
        let mut connection = database.own_connection().await?;
        connection.batch_execute("LISTEN kordon_journals").await?;
        // Something may have been recorded before we listened.
        for followers in self.checkpoints.values() {
            followers.send_replace(());
        }
        let mut notifications = pin!(connection.notifications_stream());
        while let Some(notification) = notifications.next().await {
            for name in notification?.payload.split(',') {
                if let Some(followers) =
                    CheckpointCode::parse(name).ok().and_then(|code| self.checkpoints.get(&code))
                {
                    followers.send_replace(());
                }
            }
        }
        Err(Error::Unavailable("the connection that listens has ended".into()))
    }
}
