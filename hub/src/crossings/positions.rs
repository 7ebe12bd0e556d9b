//! Where the journals stand, asked by many and read once: readings are shared as commits are shared by the
//! recorder.
//!
//! Whoever polls a queue asks first whether it has changed. Asked one by one, each question is a statement of
//! its own; here all who asked while one reading was under way share the next. The answer is as fresh as a
//! statement of one's own: it comes from a reading that began after the question.
//!
//! Thousands who poll a queue that stays as it is are told so from the last reading, without waiting for
//! another, as long as it is [`RECENT`] and nothing that this replica has acknowledged came after it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kordon_schemas::CheckpointCode;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::store;
use crate::database::Database;
use crate::error::{Error, Result};

/// The least time between the beginnings of two readings. Without it, thousands of questions a second would
/// be thousands of statements again, of a few questions each.
const PACE: Duration = Duration::from_millis(1);

/// How old a reading may be that says "nothing has changed": so much later than from a fresh one a poll hears
/// of what another replica or a timer did.
pub const RECENT: Duration = Duration::from_millis(10);

/// The positions of all journals; why there are none, when the database was away.
type Positions = std::result::Result<Arc<HashMap<String, i64>>, String>;

/// What one reading gave.
#[derive(Debug, Clone)]
struct Reading {
    /// Readings are counted from 1 when they begin.
    number: u64,
    begun_at: Instant,
    positions: Positions,
}

/// Reads where the journals stand, for everyone who asks at the same time. Clones share one reader, which
/// ends with the last.
#[derive(Debug, Clone)]
pub struct JournalPositions {
    wake: mpsc::Sender<()>,
    begun: Arc<AtomicU64>,
    /// The last reading that had begun when something was last acknowledged.
    outdated: Arc<AtomicU64>,
    read: watch::Receiver<Reading>,
    recent: Duration,
}

impl JournalPositions {
    /// Starts the reader. Call it within a tokio runtime. `recent` is how old a reading may be that
    /// [`Self::recently`] tells: [`RECENT`] for a hub.
    #[must_use]
    pub fn start(database: Database, recent: Duration) -> Self {
        let (wake, woken) = mpsc::channel(1);
        let begun = Arc::new(AtomicU64::new(0));
        let (told, read) =
            watch::channel(Reading { number: 0, begun_at: Instant::now(), positions: Ok(Arc::default()) });
        tokio::spawn(keep_reading(database, woken, Arc::clone(&begun), told));
        Self { wake, begun, outdated: Arc::new(AtomicU64::new(0)), read, recent }
    }

    /// Where the journal of a checkpoint stood a moment ago, if that is known without asking: not before
    /// anything that [`Self::acknowledge`] was told of, but perhaps before what another replica or a timer
    /// has just done.
    #[must_use]
    pub fn recently(&self, checkpoint: &CheckpointCode) -> Option<i64> {
        let reading = self.read.borrow();
        let age = reading.begun_at.elapsed();
        if age > self.recent / 2 {
            // The next one begins before this one is too old.
            let _ = self.wake.try_send(());
        }
        let holds = age <= self.recent && reading.number > self.outdated.load(Ordering::SeqCst);
        reading.positions.as_ref().ok().filter(|_| holds)?.get(checkpoint.as_str()).copied()
    }

    /// Notes that something is about to be acknowledged that may have moved a journal: no reading that has
    /// begun is recent any more.
    pub fn acknowledge(&self) {
        self.outdated.fetch_max(self.begun.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// The position of a checkpoint's journal: what everything about it is true up to. It changes with all
    /// that is recorded there.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such checkpoint, [`Error::Unavailable`] when the database is
    /// away.
    pub async fn of(&self, checkpoint: &CheckpointCode) -> Result<i64> {
        let begun = self.begun.load(Ordering::SeqCst);
        // Full: somebody has woken the reader already, and the reading that follows begins after this
        // question too.
        let _ = self.wake.try_send(());
        let mut read = self.read.clone();
        let reading = read
            .wait_for(|reading| reading.number > begun)
            .await
            .map_err(|_| Error::Internal("the reader of the journals has ended".into()))?;
        let positions = reading.positions.as_ref().map_err(|why| Error::Unavailable(why.clone()))?;
        positions
            .get(checkpoint.as_str())
            .copied()
            .ok_or_else(|| Error::NotFound { what: "checkpoint", id: checkpoint.to_string() })
    }
}

async fn keep_reading(
    database: Database,
    mut woken: mpsc::Receiver<()>,
    begun: Arc<AtomicU64>,
    told: watch::Sender<Reading>,
) {
    let mut earliest = Instant::now();
    while woken.recv().await.is_some() {
        tokio::time::sleep_until(earliest).await;
        let begun_at = Instant::now();
        earliest = begun_at + PACE;
        let number = begun.fetch_add(1, Ordering::SeqCst) + 1;
        let positions = positions(&database).await.map(Arc::new).map_err(|error| error.to_string());
        told.send_replace(Reading { number, begun_at, positions });
    }
}

async fn positions(database: &Database) -> Result<HashMap<String, i64>> {
    let mut connection = database.connection().await?;
    store::journal_positions(&mut connection).await
}
