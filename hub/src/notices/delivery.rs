//! The workers that bring notices to their recipients. Any number of them over any number of replicas; the
//! database's locks are the only arbiter.
//!
//! Order and crashes: whoever delivers holds the lock of the lane (one outage to one recipient) from before
//! the message leaves until the attempt is committed. So nobody else sends a later notice of that outage
//! meanwhile, and a worker that dies leaves the notice pending: it is sent again, under the same id.
//!
//! A worker has a connection of its own, for life. Its transaction stays open while the recipient takes its
//! time, which must not cost the pool of the requests; and when the worker is dropped in mid-delivery, so is
//! the connection, which is what gives the lane's lock back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use futures_util::future::join_all;
use tokio::sync::watch;
use uuid::Uuid;

use super::channel::{Channel, ChannelFault, Channels, Receipt};
use super::metrics::DeliveryMetrics;
use super::model::{
    Addressee, AnyNotice, AttemptOutcome, DeliveryState, Dispatch, NoticeId, PermitDispatch, Recipient,
};
use super::press_review;
use super::rules::pause_after;
use super::store::lanes::{self, Attempt};

use crate::clock::Clock;
use crate::database::{Connection, Database, wake_on};
use crate::error::{Error, Result};
use crate::sealing::{self, Content, Exchange, Message, Part};

/// How long a recipient may take over one notice.
pub const SEND_LIMIT: Duration = Duration::from_secs(30);

/// How long a worker waits at most before it looks again without having been woken.
const SLOW_POLL: Duration = Duration::from_secs(30);

/// How long it waits at least: what is due but locked is in another worker's hands.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// How long it waits when the database failed it.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// The longest detail of an attempt that is kept, in characters.
const LONGEST_DETAIL: usize = 500;

/// An attempt that was made and recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// The notice.
    pub notice: NoticeId,
    /// To whom.
    pub recipient: Addressee,
    /// Counts the attempts for this notice and recipient, from 1.
    pub attempt: i32,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// What the recipient or the way to it said.
    pub detail: String,
    /// How long it took.
    pub took: Duration,
    /// When the next attempt is due, if there is to be one.
    pub next_attempt_at: Option<DateTime<Utc>>,
}

enum Step {
    Idle,
    Overtaken,
    Done(Handled),
}

/// Delivers one notice that is due to `recipient` at `now`, the next of its outage. `None` when nothing is
/// due that no other worker has in its hands. `connection` must be the caller's own, dropped with the caller.
///
/// # Errors
/// When the database is away or goes away. The notice may have been taken all the same; it will be sent
/// again.
pub async fn deliver_due(
    connection: &mut Connection,
    recipient: impl Into<Addressee>,
    channel: &dyn Channel,
    now: DateTime<Utc>,
) -> Result<Option<Handled>> {
    let recipient = recipient.into();
    loop {
        let step = connection
            .transaction(async |connection| step(connection, &recipient, channel, now).await)
            .await?;
        match step {
            Step::Idle => return Ok(None),
            Step::Overtaken => {}
            Step::Done(handled) => return Ok(Some(handled)),
        }
    }
}

async fn step(
    connection: &mut Connection,
    recipient: &Addressee,
    channel: &dyn Channel,
    now: DateTime<Utc>,
) -> Result<Step> {
    let Some(lane) = lanes::lock_due_lane(connection, recipient, now).await? else {
        return Ok(Step::Idle);
    };
    // Only what is read under the lock counts: another worker may have been here since the lane was found
    // due.
    let Some(head) = lanes::head(connection, recipient, lane).await?.filter(|head| head.due_at <= now) else {
        return Ok(Step::Overtaken);
    };
    let (id, place, number) = (head.notice.id(), head.notice.place(), head.attempts.saturating_add(1));
    let begun = Instant::now();
    // A notice that cannot be made ready must not hold up those of other outages: that is an attempt, too,
    // and pauses follow.
    let made = connection.transaction(async |c| Parcel::of(c, recipient, head.notice, number).await).await;
    let answer = match made {
        Ok(parcel) => hand(&parcel, channel).await,
        Err(away @ Error::Unavailable(_)) => return Err(away),
        Err(defect) => {
            tracing::error!(notice = %id, recipient = &*recipient.key(), %defect, "a notice cannot be made ready");
            Err(ChannelFault::Transient("the hub could not make it ready; its log says why".to_owned()))
        }
    };
    let took = begun.elapsed();
    let answer = keep_what_was_sent(connection, (id, recipient), answer, now).await?;
    let handled = judge((id, number), recipient, answer, took, now);
    lanes::record_attempt(connection, place, &attempt(&handled, now)).await?;
    Ok(Step::Done(handled))
}

async fn hand(parcel: &Parcel, channel: &dyn Channel) -> Result<Receipt, ChannelFault> {
    tokio::time::timeout(SEND_LIMIT, parcel.hand_to(channel)).await.unwrap_or_else(|_| {
        Err(ChannelFault::Transient(format!("no answer within {} seconds", SEND_LIMIT.as_secs())))
    })
}

/// Keeps what the recipient took as evidence. When that fails for a defect the notice was told all the same:
/// told again without end it would stand before those that follow it, so the attempt says that its evidence
/// is missing.
async fn keep_what_was_sent(
    connection: &mut Connection,
    (id, recipient): (NoticeId, &Addressee),
    answer: Result<Receipt, ChannelFault>,
    now: DateTime<Utc>,
) -> Result<Result<Receipt, ChannelFault>> {
    let Ok(Receipt { detail, sent: Some(sent) }) = answer else { return Ok(answer) };
    let exchange = told(id, recipient, sent);
    let kept = connection.transaction(async |c| sealing::record(c, &exchange, now).await).await;
    let detail = match kept {
        Ok(()) => detail,
        Err(away @ Error::Unavailable(_)) => return Err(away),
        Err(defect) => {
            tracing::error!(notice = %id, recipient = &*recipient.key(), %defect, "a notice was told and is not kept as evidence");
            format!("not kept as evidence, the log says why; {detail}")
        }
    };
    Ok(Ok(Receipt { detail, sent: None }))
}

/// What a channel is handed.
enum Parcel {
    Outage(Box<Dispatch>),
    Permit(Box<PermitDispatch>),
}

impl Parcel {
    async fn of(
        connection: &mut Connection,
        recipient: &Addressee,
        notice: AnyNotice,
        attempt: i32,
    ) -> Result<Self> {
        Ok(match notice {
            AnyNotice::Outage(notice) => {
                let previous = lanes::taken_before(connection, recipient, &notice).await?;
                let press_text = match recipient {
                    Addressee::Fixed(Recipient::PressOffice) => {
                        press_review::edited(connection, notice.id).await?
                    }
                    Addressee::Fixed(
                        Recipient::Taxud
                        | Recipient::DepartureOffice
                        | Recipient::Trader
                        | Recipient::Trembita,
                    )
                    | Addressee::Subscriber(_) => None,
                };
                Self::Outage(Box::new(Dispatch { notice, previous, press_text, attempt }))
            }
            AnyNotice::Permit(notice) => {
                let address = lanes::address(connection, recipient, notice.request).await?;
                Self::Permit(Box::new(PermitDispatch { notice, address, attempt }))
            }
        })
    }

    async fn hand_to(&self, channel: &dyn Channel) -> Result<Receipt, ChannelFault> {
        match self {
            Self::Outage(dispatch) => channel.deliver(dispatch).await,
            Self::Permit(dispatch) => channel.deliver_permit(dispatch).await,
        }
    }
}

/// A notice that was sent, as evidence. One that is sent twice, because the first attempt was not recorded,
/// is evidence twice.
fn told(notice: NoticeId, recipient: &Addressee, message: Content) -> Exchange {
    Exchange {
        id: Uuid::now_v7(),
        query_id: Some(notice.to_string()),
        client: recipient.key().into_owned(),
        system: None,
        messages: vec![Message { part: Part::Notice, message, attachment: None }],
    }
}

fn judge(
    (notice, attempt): (NoticeId, i32),
    recipient: &Addressee,
    answer: Result<Receipt, ChannelFault>,
    took: Duration,
    now: DateTime<Utc>,
) -> Handled {
    let (outcome, detail) = match answer {
        Ok(Receipt { detail, sent: _ }) => (AttemptOutcome::Delivered, detail),
        Err(ChannelFault::Transient(detail)) => (AttemptOutcome::TransientFault, detail),
        Err(ChannelFault::Permanent(detail)) => (AttemptOutcome::PermanentFault, detail),
    };
    let ended = now + TimeDelta::from_std(took).unwrap_or_default();
    let next_attempt_at = match outcome {
        AttemptOutcome::TransientFault => Some(ended + pause_after(attempt, notice)),
        AttemptOutcome::Delivered | AttemptOutcome::PermanentFault => None,
    };
    let recipient = recipient.clone();
    Handled { notice, recipient, attempt, outcome, detail: in_a_line(&detail), took, next_attempt_at }
}

fn attempt(handled: &Handled, now: DateTime<Utc>) -> Attempt<'_> {
    let state = match handled.outcome {
        AttemptOutcome::Delivered => DeliveryState::Delivered,
        AttemptOutcome::TransientFault => DeliveryState::Pending,
        AttemptOutcome::PermanentFault => DeliveryState::Failed,
    };
    let ended = now + TimeDelta::from_std(handled.took).unwrap_or_default();
    Attempt {
        recipient: &handled.recipient,
        number: handled.attempt,
        at: now,
        outcome: handled.outcome,
        detail: &handled.detail,
        duration_ms: i32::try_from(handled.took.as_millis()).unwrap_or(i32::MAX),
        state,
        due_at: handled.next_attempt_at.unwrap_or(ended),
        settled_at: handled.next_attempt_at.is_none().then_some(ended),
    }
}

fn in_a_line(detail: &str) -> String {
    detail.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_DETAIL).collect()
}

/// Delivers until `shutdown` becomes true: everything that is due, then again when a notice is recorded
/// anywhere, when a pause is over, or at the latest after half a minute. Each recipient has a worker of its
/// own, so that one which is away holds up nobody else. An attempt that is under way is finished first.
pub async fn run(
    database: Database,
    channels: Channels,
    clock: Clock,
    metrics: DeliveryMetrics,
    mut shutdown: watch::Receiver<bool>,
) {
    let (wake, woken) = watch::channel(());
    let workers = channels.iter().map(|(recipient, channel)| {
        let worker = Worker {
            recipient,
            channel,
            database: database.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
            woken: woken.clone(),
            shutdown: shutdown.clone(),
        };
        worker.work()
    });
    let workers = join_all(workers);
    tokio::select! {
        _ = async { tokio::join!(workers, stopped(&mut shutdown)) } => {}
        () = wake_on(&database, lanes::LISTEN, &wake) => {}
    }
}

struct Worker {
    recipient: Addressee,
    channel: Arc<dyn Channel>,
    database: Database,
    clock: Clock,
    metrics: DeliveryMetrics,
    woken: watch::Receiver<()>,
    shutdown: watch::Receiver<bool>,
}

impl Worker {
    async fn work(mut self) {
        let mut connection = None;
        while !*self.shutdown.borrow() {
            // What is recorded from here on wakes us, also while we are still at work.
            self.woken.mark_unchanged();
            match self.deliver_all(&mut connection).await {
                Ok(pause) => tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    _ = self.woken.changed() => {}
                    () = stopped(&mut self.shutdown) => {}
                },
                Err(error) => {
                    tracing::warn!(recipient = &*self.recipient.key(), %error, "notices wait for the database");
                    connection = None;
                    // Nothing that is recorded meanwhile could be delivered sooner.
                    tokio::select! {
                        () = tokio::time::sleep(AFTER_FAILURE) => {}
                        () = stopped(&mut self.shutdown) => {}
                    }
                }
            }
        }
    }

    /// Delivers everything that is due and says how long there is nothing to do.
    async fn deliver_all(&self, connection: &mut Option<Connection>) -> Result<Duration> {
        let connection = match connection {
            Some(connection) => connection,
            None => connection.insert(self.database.own_connection().await?),
        };
        while !*self.shutdown.borrow() {
            let now = self.clock.now();
            match deliver_due(connection, self.recipient.clone(), &*self.channel, now).await? {
                Some(handled) => self.report(&handled),
                None => break,
            }
        }
        let wait = lanes::next_due(connection, &self.recipient).await?.map(|due| due - self.clock.now());
        let wait = wait.and_then(|wait| wait.to_std().ok()).unwrap_or(SLOW_POLL);
        Ok(wait.clamp(SHORTEST_WAIT, SLOW_POLL))
    }

    fn report(&self, handled: &Handled) {
        let Handled { notice, recipient, attempt, outcome, detail, took, next_attempt_at: _ } = handled;
        self.metrics.count(recipient, *outcome, *took);
        let recipient = &*recipient.key();
        match outcome {
            AttemptOutcome::Delivered => {
                tracing::info!(%notice, recipient, attempt, detail, "notice delivered")
            }
            AttemptOutcome::TransientFault => {
                tracing::warn!(%notice, recipient, attempt, detail, "notice not delivered yet");
            }
            AttemptOutcome::PermanentFault => {
                tracing::error!(%notice, recipient, attempt, detail, "notice refused for good; a person must look");
            }
        }
    }
}

/// Ends when the hub is to stop, or when nobody is left who could say so.
async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    // The borrow that it gives is let go at once: it would keep the task on one thread.
    drop(shutdown.wait_for(|stop| *stop).await);
}
