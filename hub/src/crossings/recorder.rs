//! The recorder gathers what many callers send at once into batches, so that they share the cost of a durable
//! commit.
//!
//! While one batch commits, the next gathers; nobody waits for a timer. A caller is answered after its commit
//! and never before. There are a few lanes, each with a connection of its own; a checkpoint always takes the
//! same one. So facts of one checkpoint stay in the order in which they came, no two lanes ever want the same
//! journal, and while one lane waits for its commit to reach the disk another has the database work.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use kordon_schemas::CheckpointCode;
use kordon_schemas::events::{EventKind, Outcome};
use prometheus::{Histogram, HistogramOpts, IntCounterVec, Opts, Registry};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::announcer::Announcer;
use super::record::{Recorded, Submission, record, record_along};
use super::replies::{Home, Replies, Reply};
use super::session::Session;
use crate::clock::Clock;
use crate::database::{Connection, Database};
use crate::error::{Error, Result};

/// How many batches may be written at once. More would divide the same events into smaller batches, each with
/// its own costs.
const LANES: usize = 2;

/// Facts of one transaction, at most by one submission more. Larger batches gain nothing and make everyone
/// wait longer.
const FULL: usize = 512;

/// Facts that may wait or be written at once. Beyond it callers are told to come back: memory has an end.
const ROOM: usize = 20_000;

/// How long a batch may take. Beyond it the callers are told that the database is away, and the connection is
/// given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Hands facts to the recorder's lanes.
#[derive(Clone)]
pub struct Recorder {
    lanes: [mpsc::Sender<Job>; LANES],
    room: Arc<Semaphore>,
    home: Option<Home>,
    aside: Arc<Aside>,
}

struct Job {
    submission: Submission,
    caller: Caller,
}

/// Who waits for an answer, and the room that its facts take until then.
struct Caller {
    answer: oneshot::Sender<Result<Vec<Recorded>>>,
    home: Option<Home>,
    _room: OwnedSemaphorePermit,
}

impl Caller {
    fn answer(self, replies: &mut Replies, answer: Result<Vec<Recorded>>) {
        let Self { answer: to, home, _room } = self;
        replies.add(home.as_ref(), Reply { to, answer });
    }
}

/// What the recorder counts and measures.
#[derive(Clone)]
pub struct RecorderMetrics {
    events: IntCounterVec,
    batch: Histogram,
    commit: Histogram,
}

impl RecorderMetrics {
    /// Registers the recorder's metrics.
    ///
    /// # Errors
    /// [`Error::Internal`] when they are registered already.
    pub fn register(registry: &Registry) -> Result<Self> {
        let defect = |error: prometheus::Error| Error::Internal(error.to_string());
        let events = IntCounterVec::new(
            Opts::new(
                "kordon_events_total",
                "Checkpoint events that reached the recorder, by kind and outcome",
            ),
            &["kind", "outcome"],
        )
        .map_err(defect)?;
        let batch = Histogram::with_opts(
            HistogramOpts::new("kordon_recorder_batch_events", "Events of one transaction")
                .buckets(vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0]),
        )
        .map_err(defect)?;
        let commit = Histogram::with_opts(
            HistogramOpts::new(
                "kordon_recorder_commit_seconds",
                "Time of one transaction, from its begin to its durable commit",
            )
            .buckets(vec![0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0]),
        )
        .map_err(defect)?;
        for collector in [
            Box::new(events.clone()) as Box<dyn prometheus::core::Collector>,
            Box::new(batch.clone()),
            Box::new(commit.clone()),
        ] {
            registry.register(collector).map_err(defect)?;
        }
        Ok(Self { events, batch, commit })
    }

    fn count(&self, kind: EventKind, outcome: Outcome) {
        self.events.with_label_values(&[kind.as_str(), outcome.as_str()]).inc();
    }
}

impl Recorder {
    /// Starts the recorder's lanes on the current runtime. The task ends, after their last batches, when
    /// every `Recorder` is dropped.
    #[must_use]
    pub fn start(
        database: Database,
        clock: Clock,
        metrics: RecorderMetrics,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let announcer = Arc::new(Announcer::start(database.clone()));
        let mut tasks = Vec::with_capacity(LANES);
        let lanes = std::array::from_fn(|_| {
            let (jobs, waiting) = mpsc::channel(ROOM);
            let lane = Lane {
                database: database.clone(),
                clock: clock.clone(),
                metrics: metrics.clone(),
                announcer: Arc::clone(&announcer),
                session: None,
            };
            tasks.push(tokio::spawn(lane.run(waiting)));
            jobs
        });
        let task = tokio::spawn(async move { drop(join_all(tasks).await) });
        let (turns, idle) = (Semaphore::new(ASIDE), Mutex::default());
        let aside = Arc::new(Aside { database, clock, metrics, announcer, turns, idle });
        (Self { lanes, room: Arc::new(Semaphore::new(ROOM)), home: None, aside }, task)
    }

    /// The same recorder for callers of this thread alone, which are answered together. Call it where tasks
    /// may be spawned that stay on their thread.
    #[must_use]
    pub fn at_home(&self) -> Self {
        Self { home: Some(Home::here()), ..self.clone() }
    }

    /// Records what `submission` states and tells what became of each fact, after the commit.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too much waits already: nothing was recorded. Otherwise as [`record`].
    pub async fn record(&self, submission: Submission) -> Result<Vec<Recorded>> {
        let facts = u32::try_from(submission.facts.len()).map_err(|_| Error::Overloaded)?;
        if facts == 0 {
            return Ok(Vec::new());
        }
        let room = Arc::clone(&self.room).try_acquire_many_owned(facts).map_err(|_| Error::Overloaded)?;
        let (answer, answered) = oneshot::channel();
        let gone = || Error::Unavailable("the recorder has stopped".into());
        let lane = self.lanes.get(lane_of(&submission.checkpoint)).ok_or_else(gone)?;
        let caller = Caller { answer, home: self.home.clone(), _room: room };
        lane.send(Job { submission, caller }).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Records what `submission` states and, in the same transaction, what `along` writes. It goes beside the
    /// lanes, alone on a connection, so it is for those who bring much at once and seldom.
    ///
    /// # Errors
    /// As [`Self::record`], and what `along` fails with: then nothing was recorded.
    pub async fn record_along<T>(
        &self,
        submission: Submission,
        along: impl AsyncFn(&mut Connection, &[Recorded]) -> Result<T>,
    ) -> Result<T> {
        let facts = u32::try_from(submission.facts.len()).map_err(|_| Error::Overloaded)?;
        let _room = Arc::clone(&self.room).try_acquire_many_owned(facts).map_err(|_| Error::Overloaded)?;
        self.aside.record(submission, along).await
    }
}

/// What is recorded beside the lanes.
struct Aside {
    database: Database,
    clock: Clock,
    metrics: RecorderMetrics,
    announcer: Arc<Announcer>,
    /// How many may be recorded at once.
    turns: Semaphore,
    /// Sessions that have committed and wait to be used again.
    idle: Mutex<Vec<Session>>,
}

/// Submissions that are recorded beside the lanes at once. Each takes a connection of the database.
const ASIDE: usize = 4;

/// Sessions that are kept.
const IDLE: usize = 2;

impl Aside {
    async fn record<T>(
        &self,
        submission: Submission,
        along: impl AsyncFn(&mut Connection, &[Recorded]) -> Result<T>,
    ) -> Result<T> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| Error::Overloaded)?.map_err(|_| Error::Overloaded)?;
        let begun = Instant::now();
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let was_kept = kept.is_some();
        let (recorded, told) = match self.attempt(kept, &submission, &along).await {
            Err(Error::Unavailable(detail)) if was_kept => {
                tracing::warn!(detail, "a connection of the recorder was lost");
                self.attempt(None, &submission, &along).await?
            }
            other => other?,
        };
        self.metrics.commit.observe(begun.elapsed().as_secs_f64());
        self.announcer.announce(std::iter::once(&submission.checkpoint));
        let mut facts = 0_u32;
        for (fact, recorded) in submission.facts.iter().zip(&recorded) {
            self.metrics.count(fact.kind, recorded.outcome);
            facts += 1;
        }
        self.metrics.batch.observe(f64::from(facts));
        Ok(told)
    }

    async fn attempt<T>(
        &self,
        kept: Option<Session>,
        submission: &Submission,
        along: &impl AsyncFn(&mut Connection, &[Recorded]) -> Result<T>,
    ) -> Result<(Vec<Recorded>, T)> {
        let attempt = async {
            let mut session = match kept {
                Some(session) => session,
                None => Session::open(&self.database).await?,
            };
            let recorded = record_along(&mut session, submission, self.clock.now(), along).await?;
            Ok((session, recorded))
        };
        let (session, recorded) = tokio::time::timeout(PATIENCE, attempt)
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the database does not answer".into())))?;
        // Only a session that has just committed is used again.
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(session);
        }
        drop(idle);
        Ok(recorded)
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Recorder").field("room", &self.room.available_permits()).finish()
    }
}

/// The lane of a checkpoint.
fn lane_of(checkpoint: &CheckpointCode) -> usize {
    let mut hasher = DefaultHasher::new();
    checkpoint.hash(&mut hasher);
    usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default()
}

struct Lane {
    database: Database,
    clock: Clock,
    metrics: RecorderMetrics,
    announcer: Arc<Announcer>,
    session: Option<Session>,
}

impl Lane {
    async fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        while let Some(first) = waiting.recv().await {
            let mut facts = first.submission.facts.len();
            let mut jobs = vec![first];
            while facts < FULL
                && let Ok(job) = waiting.try_recv()
            {
                facts += job.submission.facts.len();
                jobs.push(job);
            }
            self.serve(jobs).await;
        }
    }

    /// Records the jobs together. When that fails by a defect, each is tried alone, so that one caller's bad
    /// luck is not everyone's.
    async fn serve(&mut self, jobs: Vec<Job>) {
        let (submissions, callers): (Vec<_>, Vec<_>) =
            jobs.into_iter().map(|Job { submission, caller }| (submission, caller)).unzip();
        let mut replies = Replies::default();
        let recorded = self.commit(&submissions).await;
        match recorded {
            Ok(recorded) => {
                for (caller, recorded) in callers.into_iter().zip(recorded) {
                    caller.answer(&mut replies, Ok(recorded));
                }
            }
            Err(Error::Internal(detail)) if submissions.len() > 1 => {
                tracing::error!(
                    detail,
                    jobs = submissions.len(),
                    "a batch failed; trying each submission alone"
                );
                for (caller, submission) in callers.into_iter().zip(submissions) {
                    let alone = self.commit(std::slice::from_ref(&submission)).await;
                    caller
                        .answer(&mut replies, alone.map(|recorded| recorded.into_iter().flatten().collect()));
                }
            }
            Err(error) => {
                tracing::error!(%error, jobs = submissions.len(), "a batch was not recorded");
                for caller in callers {
                    caller.answer(&mut replies, Err(error.clone()));
                }
            }
        }
        replies.send();
    }

    /// Records a batch on the kept session. When that turns out to be dead, as after a restart of the
    /// database, the batch is tried once more on a new one: what the first try may have committed is
    /// recognised by its keys.
    async fn commit(&mut self, submissions: &[Submission]) -> Result<Vec<Vec<Recorded>>> {
        let begun = Instant::now();
        let kept = self.session.take();
        let was_kept = kept.is_some();
        let recorded = match self.try_commit(kept, submissions).await {
            Err(Error::Unavailable(detail)) if was_kept => {
                tracing::warn!(detail, "a connection of the recorder was lost");
                self.try_commit(None, submissions).await?
            }
            other => other?,
        };
        self.metrics.commit.observe(begun.elapsed().as_secs_f64());
        self.announcer.announce(submissions.iter().map(|submission| &submission.checkpoint));
        let mut facts = 0_u32;
        for (submission, recorded) in submissions.iter().zip(&recorded) {
            for (fact, recorded) in submission.facts.iter().zip(recorded) {
                self.metrics.count(fact.kind, recorded.outcome);
                facts += 1;
            }
        }
        self.metrics.batch.observe(f64::from(facts));
        Ok(recorded)
    }

    async fn try_commit(
        &mut self,
        kept: Option<Session>,
        submissions: &[Submission],
    ) -> Result<Vec<Vec<Recorded>>> {
        let attempt = async {
            let mut session = match kept {
                Some(session) => session,
                None => Session::open(&self.database).await?,
            };
            let recorded = record(&mut session, submissions, self.clock.now()).await?;
            Ok((session, recorded))
        };
        let (session, recorded) = tokio::time::timeout(PATIENCE, attempt)
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the database does not answer".into())))?;
        // Only a session that has just committed is used again.
        self.session = Some(session);
        Ok(recorded)
    }
}
