//! Messages whose signature held: each is known until it would be refused for its age, so that none is taken
//! twice, whichever hub of a site it comes to.
//!
//! Messages that arrive together share one durable commit; while one batch commits the next gathers. Who
//! brought a message waits for the commit that holds it, so none is acted on that another hub could still
//! take.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::store;
use crate::clock::Clock;
use crate::database::{Connection, Database};
use crate::error::{Error, Result};

/// How often those that need not be known any more are forgotten.
const EVERY: Duration = Duration::from_secs(60);

/// Messages of one commit.
const FULL: usize = 512;

/// Messages that may wait. Beyond it those who bring more wait to be heard.
const ROOM: usize = 4_096;

/// How long a message may wait for its commit.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes note of messages, many at once.
#[derive(Debug, Clone)]
pub struct SignedMessages {
    jobs: mpsc::Sender<Job>,
}

#[derive(Debug)]
struct Job {
    digest: [u8; 32],
    known_until: DateTime<Utc>,
    answer: oneshot::Sender<Result<bool>>,
}

impl SignedMessages {
    /// Starts to take note on the current runtime. The task ends, after its last batch, when every
    /// `SignedMessages` is dropped.
    #[must_use]
    pub fn start(database: Database) -> (Self, JoinHandle<()>) {
        let (jobs, waiting) = mpsc::channel(ROOM);
        (Self { jobs }, tokio::spawn(Lane { database, connection: None }.run(waiting)))
    }

    /// Takes note of a message; false if it was received before. It is in the database when this returns.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database is away: then nobody can say that the message is new. It may
    /// have been noted all the same, and has to be signed anew to be sent again.
    pub async fn receive(&self, digest: &[u8; 32], known_until: DateTime<Utc>) -> Result<bool> {
        let gone = || Error::Unavailable("signed messages are not noted any more".into());
        let (answer, answered) = oneshot::channel();
        let noting = async {
            self.jobs.send(Job { digest: *digest, known_until, answer }).await.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        };
        tokio::time::timeout(PATIENCE, noting)
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("signed messages are not noted in time".into())))
    }
}

struct Lane {
    database: Database,
    connection: Option<Connection>,
}

/// What became of a batch.
struct Noted {
    /// Those that were not known before.
    new: HashSet<[u8; 32]>,
    /// Whether the batch may have been noted already, by a try whose end nobody knows.
    again: bool,
}

impl Lane {
    async fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        let mut jobs = Vec::with_capacity(FULL);
        while waiting.recv_many(&mut jobs, FULL).await > 0 {
            let mut noted = self.commit(&jobs).await;
            for Job { digest, known_until: _, answer } in jobs.drain(..) {
                let own = match &mut noted {
                    Ok(Noted { new, again }) => match new.remove(&digest) {
                        false if *again => Err(lost()),
                        // Of one message twice in a batch the first is the one that was received.
                        is_new => Ok(is_new),
                    },
                    Err(error) => Err(error.clone()),
                };
                // A caller that went away is told nothing.
                let _ = answer.send(own);
            }
        }
    }

    /// Notes a batch; when the kept connection turns out to be dead, once more on a new one.
    async fn commit(&mut self, jobs: &[Job]) -> Result<Noted> {
        let kept = self.connection.take();
        let was_kept = kept.is_some();
        match self.try_commit(kept, jobs).await {
            Err(Error::Unavailable(_)) if was_kept => {
                Ok(Noted { new: self.try_commit(None, jobs).await?, again: true })
            }
            noted => Ok(Noted { new: noted?, again: false }),
        }
    }

    async fn try_commit(&mut self, kept: Option<Connection>, jobs: &[Job]) -> Result<HashSet<[u8; 32]>> {
        let messages: BTreeMap<&[u8; 32], DateTime<Utc>> =
            jobs.iter().map(|job| (&job.digest, job.known_until)).collect();
        let attempt = async {
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.database.own_connection().await?,
            };
            let new = store::add_signed_messages(&mut connection, &messages).await?;
            Ok::<_, Error>((connection, new))
        };
        let (connection, new) =
            tokio::time::timeout(PATIENCE, attempt).await.unwrap_or_else(|_| Err(lost()))?;
        self.connection = Some(connection);
        Ok(new.into_iter().filter_map(|digest| digest.try_into().ok()).collect())
    }
}

fn lost() -> Error {
    Error::Unavailable("it is not known whether a signed message was noted".into())
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
