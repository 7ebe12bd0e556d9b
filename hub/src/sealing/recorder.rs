//! Takes exchanges from the doors. Many share one durable commit, as events do; while one batch commits the
//! next gathers. A door waits for the commit before it answers, so nothing that was acknowledged is without
//! its record, and it waits for nothing else.
//!
//! It also knows how long the oldest exchange has waited for its signature or time-stamp. Beyond the period
//! of the settings it refuses exchanges, as a security server does: what cannot be proved is not done.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::ProblemCode;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::model::{Exchange, SealingBacklog};
use super::store;
use crate::clock::Clock;
use crate::database::{Connection, Database};
use crate::error::{Error, Result};

/// Exchanges of one transaction.
const FULL: usize = 256;

/// Bytes of one transaction, at most by one exchange more.
const FULL_BYTES: usize = 8 << 20;

/// Exchanges that may wait. Beyond it the doors wait with their answers.
const ROOM: usize = 1_024;

/// How long an exchange may wait to be recorded.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked how long the oldest has waited.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What stands in place of an instant when nothing waits.
const NOTHING_WAITS: i64 = i64::MAX;

/// Hands exchanges over to be recorded.
#[derive(Debug, Clone)]
pub struct ExchangeRecorder {
    jobs: mpsc::Sender<Job>,
    /// Since when the oldest waits, in microseconds.
    oldest: Arc<AtomicI64>,
    stamps: bool,
    refuse_after: TimeDelta,
}

#[derive(Debug)]
struct Job {
    exchange: Exchange,
    answer: oneshot::Sender<Result<()>>,
}

impl ExchangeRecorder {
    /// Starts to record on the current runtime. The task ends, after its last batch, when every
    /// `ExchangeRecorder` is dropped.
    #[must_use]
    pub fn start(
        database: Database,
        clock: Clock,
        stamps: bool,
        refuse_after: TimeDelta,
    ) -> (Self, JoinHandle<()>) {
        let (jobs, waiting) = mpsc::channel(ROOM);
        let oldest = Arc::new(AtomicI64::new(NOTHING_WAITS));
        let recorder = Self { jobs, oldest: Arc::clone(&oldest), stamps, refuse_after };
        let lane = Lane { database, clock, connection: None };
        let watcher = Watcher { oldest, stamps, database: lane.database.clone() };
        let task = tokio::spawn(async move {
            tokio::select! {
                () = lane.run(waiting) => {}
                () = watcher.run() => {}
            }
        });
        (recorder, task)
    }

    /// Records an exchange. It is in the database when this returns.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database is away, or nothing is recorded for too long.
    pub async fn record(&self, exchange: Exchange) -> Result<()> {
        let gone = || Error::Unavailable("the recorder of exchanges has stopped".into());
        let (answer, answered) = oneshot::channel();
        let recording = async {
            self.jobs.send(Job { exchange, answer }).await.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        };
        tokio::time::timeout(PATIENCE, recording)
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("exchanges are not recorded in time".into())))
    }

    /// Whether exchanges may go on: the oldest without a signature or time-stamp has not waited too long.
    ///
    /// # Errors
    /// [`Error::Refused`] with [`ProblemCode::SealingUnavailable`].
    pub fn check(&self, now: DateTime<Utc>) -> Result<()> {
        let oldest = self.oldest.load(Ordering::Relaxed);
        if oldest == NOTHING_WAITS
            || now.timestamp_micros().saturating_sub(oldest) <= micros(self.refuse_after)
        {
            return Ok(());
        }
        let owed = if self.stamps { "signed and time-stamped" } else { "signed" };
        Err(Error::refused(
            ProblemCode::SealingUnavailable,
            format!(
                "exchanges could not be {owed} for more than {} minutes; no more are taken until they are",
                self.refuse_after.num_minutes()
            ),
        ))
    }

    /// Whether signatures are time-stamped.
    #[must_use]
    pub const fn stamps(&self) -> bool {
        self.stamps
    }

    /// Looks at once how long the oldest has waited; it is looked every few seconds anyway.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn look(&self, connection: &mut Connection) -> Result<()> {
        note(&self.oldest, self.stamps, &store::standing(connection).await?);
        Ok(())
    }
}

fn micros(time: TimeDelta) -> i64 {
    time.num_microseconds().unwrap_or(i64::MAX)
}

fn note(oldest: &AtomicI64, stamps: bool, standing: &SealingBacklog) {
    let unstamped = standing.oldest_unstamped.filter(|_| stamps);
    let since = [standing.oldest_unsealed, unstamped].into_iter().flatten().min();
    oldest.store(since.map_or(NOTHING_WAITS, |since| since.timestamp_micros()), Ordering::Relaxed);
}

struct Watcher {
    oldest: Arc<AtomicI64>,
    stamps: bool,
    database: Database,
}

impl Watcher {
    async fn run(self) {
        loop {
            match self.look().await {
                Ok(standing) => note(&self.oldest, self.stamps, &standing),
                // What was known stays: the age grows by itself.
                Err(error) => tracing::warn!(%error, "it is not known how long exchanges wait to be sealed"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn look(&self) -> Result<SealingBacklog> {
        store::oldest(&mut *self.database.connection().await?).await
    }
}

struct Lane {
    database: Database,
    clock: Clock,
    connection: Option<Connection>,
}

impl Lane {
    async fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        while let Some(first) = waiting.recv().await {
            let mut bytes = size(&first.exchange);
            let mut jobs = vec![first];
            while jobs.len() < FULL
                && bytes < FULL_BYTES
                && let Ok(job) = waiting.try_recv()
            {
                bytes += size(&job.exchange);
                jobs.push(job);
            }
            self.serve(jobs).await;
        }
    }

    async fn serve(&mut self, jobs: Vec<Job>) {
        let (exchanges, callers): (Vec<_>, Vec<_>) =
            jobs.into_iter().map(|Job { exchange, answer }| (exchange, answer)).unzip();
        let recorded = self.commit(&exchanges).await;
        let is_a_defect_of_one = matches!(recorded, Err(Error::Internal(_))) && exchanges.len() > 1;
        for (answer, exchange) in callers.into_iter().zip(exchanges) {
            let own = if is_a_defect_of_one {
                self.commit(std::slice::from_ref(&exchange)).await
            } else {
                recorded.clone()
            };
            if let Err(error) = &own {
                tracing::error!(%error, exchange = %exchange.id, "an exchange was not recorded");
            }
            // A caller that went away answers nobody.
            let _ = answer.send(own);
        }
    }

    /// Records a batch; when the kept connection turns out to be dead, once more on a new one. What the first
    /// try may have committed is recognised by its id.
    async fn commit(&mut self, exchanges: &[Exchange]) -> Result<()> {
        let kept = self.connection.take();
        let was_kept = kept.is_some();
        match self.try_commit(kept, exchanges).await {
            Err(Error::Unavailable(_)) if was_kept => self.try_commit(None, exchanges).await,
            other => other,
        }
    }

    async fn try_commit(&mut self, kept: Option<Connection>, exchanges: &[Exchange]) -> Result<()> {
        let attempt = async {
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.database.own_connection().await?,
            };
            store::insert(&mut connection, exchanges, self.clock.now()).await?;
            Ok(connection)
        };
        let connection = tokio::time::timeout(PATIENCE, attempt)
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the database does not answer".into())))?;
        self.connection = Some(connection);
        Ok(())
    }
}

fn size(exchange: &Exchange) -> usize {
    let of = |message: &super::model::Message| {
        message.message.bytes.len() + message.attachment.as_ref().map_or(0, |content| content.bytes.len())
    };
    exchange.messages.iter().map(of).sum()
}
