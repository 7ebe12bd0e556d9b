//! The worker that sends letters. One runs in every replica; the locks of the letters are the only arbiter. A
//! worker that dies leaves its letter pending: it is sent again, under the same Message-ID.
//!
//! When the mail server has taken a letter, the ticket records in the same transaction that the user was
//! told: the ten days after which a ticket closes by itself (H3.9) count from there.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::messages::LetterState;
use kordon_schemas::notices::AttemptOutcome;
use tokio::sync::watch;

use super::LONGEST_DETAIL;
use super::metrics::LetterMetrics;
use super::model::{About, Letter};
use super::store;
use super::way::LetterWay;
use crate::clock::Clock;
use crate::database::{Connection, Database, wake_on};
use crate::error::{Error, Result};
use crate::notices::rules::pause_after;
use crate::notices::{ChannelFault, NoticeId, Receipt};
use crate::support::tickets::acting::told_by_hub;

/// How long the mail server may take over one letter.
const SEND_LIMIT: Duration = Duration::from_secs(30);

/// How long the worker waits at most before it looks again without having been woken.
const SLOW_POLL: Duration = Duration::from_secs(30);

/// How long it waits at least: what is due but locked is in another worker's hands.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// What a letter says that was taken when its ticket could not record it.
const NOT_NOTED: &str =
    "taken, but the ticket could not record it (the log says why): record that the user was told";

/// How long it waits when the database failed it.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Sends the letter that is due at `now`; it is answered as it stands then. `None` when nothing is due that
/// no other worker has in its hands. `connection` must be the caller's own, dropped with the caller.
///
/// # Errors
/// When the database is away or goes away. The letter may have been taken all the same; it will be sent
/// again.
pub async fn send_due(
    connection: &mut Connection,
    way: &dyn LetterWay,
    now: DateTime<Utc>,
) -> Result<Option<Letter>> {
    connection
        .transaction(async |connection| {
            let Some(letter) = store::lock_due(connection, now).await? else { return Ok(None) };
            let begun = Instant::now();
            let answer = tokio::time::timeout(SEND_LIMIT, way.send(&letter)).await.unwrap_or_else(|_| {
                Err(ChannelFault::Transient(format!("no answer within {} seconds", SEND_LIMIT.as_secs())))
            });
            let ended = now + TimeDelta::from_std(begun.elapsed()).unwrap_or_default();
            let mut letter = after(letter, answer, ended);
            if letter.state == LetterState::Delivered && !note_told(connection, &letter, ended).await? {
                letter.detail = Some(NOT_NOTED.to_owned());
            }
            store::settle(connection, &letter).await?;
            Ok(Some(letter))
        })
        .await
}

/// Records with the ticket that its user was told, where the letter tells something. When that fails for a
/// defect the user was told all the same, and must not be told again without end: `false`, and a person
/// records it.
async fn note_told(connection: &mut Connection, letter: &Letter, at: DateTime<Utc>) -> Result<bool> {
    let (About::Ticket(ticket), Some(of)) = (letter.about, letter.content.tells()) else { return Ok(true) };
    match connection.transaction(async |c| told_by_hub(c, ticket, of, at).await).await {
        Ok(_) => Ok(true),
        Err(away @ Error::Unavailable(_)) => Err(away),
        Err(defect) => {
            tracing::error!(letter = %letter.id, %ticket, %defect, "a user was told, and the ticket does not say so");
            Ok(false)
        }
    }
}

/// A letter after an attempt that ended at `ended`.
fn after(letter: Letter, answer: Result<Receipt, ChannelFault>, ended: DateTime<Utc>) -> Letter {
    let attempts = letter.attempts.saturating_add(1);
    let (state, detail) = match answer {
        // Letters to users are kept with their tickets.
        Ok(Receipt { detail, sent: _ }) => (LetterState::Delivered, detail),
        Err(ChannelFault::Transient(detail)) => (LetterState::Pending, detail),
        Err(ChannelFault::Permanent(detail)) => (LetterState::Failed, detail),
    };
    let (due_at, settled_at) = match state {
        // The same pauses as those of notices, spread by the id.
        LetterState::Pending => (ended + pause_after(attempts, NoticeId(letter.id.0)), None),
        LetterState::Delivered | LetterState::Failed => (letter.due_at, Some(ended)),
    };
    let detail = detail.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_DETAIL).collect();
    Letter { state, attempts, due_at, settled_at, detail: Some(detail), ..letter }
}

/// Sends until `shutdown` becomes true: everything that is due, then again when a letter is written anywhere,
/// when a pause is over, or at the latest after half a minute. An attempt that is under way is finished
/// first.
pub async fn run(
    database: Database,
    way: impl LetterWay,
    clock: Clock,
    metrics: LetterMetrics,
    mut shutdown: watch::Receiver<bool>,
) {
    let (wake, mut woken) = watch::channel(());
    let mut of_worker = shutdown.clone();
    let worker = async {
        let mut connection = None;
        while !*of_worker.borrow() {
            woken.mark_unchanged();
            let pause = match send_all(&database, &mut connection, &way, &clock, &metrics, &of_worker).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(%error, "letters wait for the database");
                    connection = None;
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = woken.changed() => {}
                _ = of_worker.wait_for(|stop| *stop) => {}
            }
        }
    };
    tokio::select! {
        _ = async { tokio::join!(worker, async { drop(shutdown.wait_for(|stop| *stop).await) }) } => {}
        () = wake_on(&database, store::LISTEN, &wake) => {}
    }
}

async fn send_all(
    database: &Database,
    connection: &mut Option<Connection>,
    way: &impl LetterWay,
    clock: &Clock,
    metrics: &LetterMetrics,
    shutdown: &watch::Receiver<bool>,
) -> Result<Duration> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(database.own_connection().await?),
    };
    while !*shutdown.borrow() {
        let begun = Instant::now();
        let Some(letter) = send_due(connection, way, clock.now()).await? else { break };
        report(&letter, begun.elapsed(), metrics);
    }
    let wait = store::next_due(connection).await?.map(|due| due - clock.now());
    let wait = wait.and_then(|wait| wait.to_std().ok()).unwrap_or(SLOW_POLL);
    Ok(wait.clamp(SHORTEST_WAIT, SLOW_POLL))
}

/// The log names the letter and never the address.
fn report(letter: &Letter, took: Duration, metrics: &LetterMetrics) {
    let (id, attempt, kind) = (letter.id, letter.attempts, letter.content.kind());
    let outcome = match letter.state {
        LetterState::Delivered => {
            tracing::info!(letter = %id, %kind, attempt, "letter taken by the mail server");
            AttemptOutcome::Delivered
        }
        LetterState::Pending => {
            tracing::warn!(letter = %id, %kind, attempt, "letter not taken yet");
            AttemptOutcome::TransientFault
        }
        LetterState::Failed => {
            tracing::error!(letter = %id, %kind, attempt, "letter refused for good; line 1 must tell the user another way");
            AttemptOutcome::PermanentFault
        }
    };
    metrics.count(outcome, took);
}
