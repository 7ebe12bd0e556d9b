//! Announces to those who follow a checkpoint's changes that something was recorded there.
//!
//! It does so after the commit and beside the recorder's path: on a connection of its own, many batches in
//! one announcement. One that is lost, because the process or the database ended in between, is made up for
//! by the followers' slow poll.

use std::collections::BTreeSet;
use std::time::Duration;

use kordon_schemas::CheckpointCode;
use tokio::sync::mpsc;

use super::store;
use crate::database::{Connection, Database};
use crate::error::Result;

/// Between two announcements. Nobody who reads a stream notices a tenth of a second; without it there would
/// be one for each batch.
const PAUSE: Duration = Duration::from_millis(100);

/// Batches that may wait to be announced. What comes beyond is left to the slow poll.
const ROOM: usize = 1_000;

/// Takes what is to be announced. Its task ends when this is dropped.
#[derive(Debug)]
pub(super) struct Announcer(mpsc::Sender<BTreeSet<CheckpointCode>>);

impl Announcer {
    /// Starts the task on the current runtime.
    pub(super) fn start(database: Database) -> Self {
        let (recorded, waiting) = mpsc::channel(ROOM);
        tokio::spawn(announce_all(database, waiting));
        Self(recorded)
    }

    /// Announces the checkpoints, soon. It never waits.
    pub(super) fn announce<'a>(&self, checkpoints: impl Iterator<Item = &'a CheckpointCode>) {
        let recorded: BTreeSet<CheckpointCode> = checkpoints.cloned().collect();
        // Full or gone: the slow poll covers it.
        drop(self.0.try_send(recorded));
    }
}

async fn announce_all(database: Database, mut waiting: mpsc::Receiver<BTreeSet<CheckpointCode>>) {
    let mut connection = None;
    while let Some(mut recorded) = waiting.recv().await {
        while let Ok(more) = waiting.try_recv() {
            recorded.extend(more);
        }
        if let Err(error) = announce(&database, &mut connection, &recorded).await {
            tracing::warn!(%error, "changes are found by the slow poll only");
            connection = None;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn announce(
    database: &Database,
    connection: &mut Option<Connection>,
    recorded: &BTreeSet<CheckpointCode>,
) -> Result<()> {
    let connection = match connection {
        Some(connection) => connection,
        None => {
            let mut own = database.own_connection().await?;
            // An announcement need not be on the disk.
            store::commit_without_disk(&mut own).await?;
            connection.insert(own)
        }
    };
    store::announce(connection, recorded).await
}
