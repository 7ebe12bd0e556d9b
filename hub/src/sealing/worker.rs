//! The tasks behind the doors: they sign what was recorded, have signatures stamped, pack archives, and
//! remove what is past its time. One runs in every replica that plays the part; the locks of the rows are the
//! only arbiter.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use tokio::sync::watch;
use uuid::Uuid;

use super::key_watch::KeyWatch;
use super::metrics::{SealingMetrics, Step};
use super::model::Windows;
use super::port::Sealer;
use super::store::{self, Waiting};
use crate::clock::Clock;
use crate::database::{Connection, Database};
use crate::error::{Error, Result};

/// How often it looks: within this time of its record a message is signed, when nothing stands in the way.
const EVERY: Duration = Duration::from_secs(1);

/// How long after a failure it is tried to sign again.
const SEAL_AGAIN: TimeDelta = TimeDelta::seconds(5);

/// Messages of one signature at most. Twice as many make the way from each message to the digest that is
/// signed a step longer, which is kept with each of them; half as many make twice as many signatures.
const SEALED_AT_ONCE: u16 = 256;

/// Signatures of one time-stamp at most, as X-Road has it.
const STAMPED_AT_ONCE: i64 = 10_000;

/// Messages of one archive at most.
const ARCHIVED_AT_ONCE: i64 = 5_000;

/// Messages that are removed in one transaction.
const REMOVED_AT_ONCE: i64 = 1_000;

/// Seals until `stop` says so.
pub async fn run(
    database: Database,
    sealer: Arc<dyn Sealer>,
    windows: Windows,
    clock: Clock,
    metrics: SealingMetrics,
    mut stop: watch::Receiver<bool>,
) {
    let mut worker = Worker {
        database,
        sealer,
        windows,
        clock,
        metrics,
        seal_not_before: None,
        stamp_not_before: None,
        archive_not_before: None,
        keys: KeyWatch::default(),
    };
    loop {
        worker.look().await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            // A sender that is gone says so too.
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
    }
}

struct Worker {
    database: Database,
    sealer: Arc<dyn Sealer>,
    windows: Windows,
    clock: Clock,
    metrics: SealingMetrics,
    /// Until then nothing is signed, because that failed.
    seal_not_before: Option<DateTime<Utc>>,
    /// Until then the authority is left alone, because it failed.
    stamp_not_before: Option<DateTime<Utc>>,
    /// Until then the folder is left alone, because it failed.
    archive_not_before: Option<DateTime<Utc>>,
    keys: KeyWatch,
}

impl Worker {
    /// Each step on its own: one that fails holds up no other.
    async fn look(&mut self) {
        let now = self.clock.now();
        self.keys.look(self.sealer.lasts_until(now), now, &self.metrics);
        if self.seal_not_before.is_none_or(|until| until <= now) {
            let sealed = self.seal().await;
            self.note(Step::Seal, &sealed);
            self.seal_not_before = sealed.is_err().then(|| now + SEAL_AGAIN);
        }
        if self.windows.stamps && self.stamp_not_before.is_none_or(|until| until <= now) {
            let stamped = self.stamp(now).await;
            self.note(Step::Stamp, &stamped);
            self.stamp_not_before = stamped.is_err().then(|| now + self.windows.stamp_again);
        }
        if self.archive_not_before.is_none_or(|until| until <= now) {
            let archived = self.archive(now).await;
            self.note(Step::Archive, &archived);
            let removed = self.remove(now).await;
            self.note(Step::Remove, &removed);
            let failed = archived.is_err() || removed.is_err();
            self.archive_not_before = failed.then(|| now + self.windows.stamp_again);
        }
    }

    fn note(&self, step: Step, done: &Result<usize>) {
        match done {
            Ok(0) => {}
            Ok(done) => self.metrics.count(step, *done),
            Err(error) => {
                self.metrics.count_failure(step);
                tracing::warn!(%error, ?step, "evidence waits; it is tried again");
            }
        }
    }

    async fn seal(&self) -> Result<usize> {
        let mut connection = self.database.connection().await?;
        let mut all = 0;
        loop {
            let sealed = seal_waiting(&mut connection, &*self.sealer, self.clock.now()).await?;
            all += sealed;
            // What came meanwhile waits for the next round: a signature over a few costs as much as one over
            // many.
            if sealed < usize::from(SEALED_AT_ONCE) {
                return Ok(all);
            }
        }
    }

    /// On a connection of its own: the authority may take its time.
    async fn stamp(&self, now: DateTime<Utc>) -> Result<usize> {
        let oldest = store::oldest(&mut *self.database.connection().await?).await?.oldest_unstamped;
        if oldest.is_none_or(|oldest| now - oldest < self.windows.stamp_every) {
            return Ok(0);
        }
        stamp_waiting(&mut self.database.own_connection().await?, &*self.sealer).await
    }

    async fn archive(&self, now: DateTime<Utc>) -> Result<usize> {
        archive_waiting(&mut *self.database.connection().await?, &*self.sealer, &self.windows, now).await
    }

    async fn remove(&self, now: DateTime<Utc>) -> Result<usize> {
        remove_old(&mut *self.database.connection().await?, &*self.sealer, &self.windows, now).await
    }
}

/// Signs what waits, at most so many messages at once. Tells how many it were.
///
/// # Errors
/// When the database is away, or no key can be used.
pub async fn seal_waiting(
    connection: &mut Connection,
    sealer: &dyn Sealer,
    now: DateTime<Utc>,
) -> Result<usize> {
    if store::oldest(connection).await?.oldest_unsealed.is_none() {
        return Ok(0);
    }
    sealer.prepare(now).await?;
    connection
        .transaction(async |connection| {
            let messages = store::lock_unsealed(connection, SEALED_AT_ONCE.into()).await?;
            if messages.is_empty() {
                return Ok(0);
            }
            let signatures = sealer.seal(&messages, now)?;
            store::insert_signatures(connection, &signatures, now).await?;
            Ok::<_, Error>(messages.len())
        })
        .await
}

/// Has what waits stamped. Tells how many signatures it were. The signatures stay locked while the authority
/// answers, so that no other replica asks for the same.
///
/// # Errors
/// When the database is away, or the authority fails.
pub async fn stamp_waiting(connection: &mut Connection, sealer: &dyn Sealer) -> Result<usize> {
    connection
        .transaction(async |connection| {
            let signatures = store::lock_unstamped(connection, STAMPED_AT_ONCE).await?;
            if signatures.is_empty() {
                return Ok(0);
            }
            let stamped = sealer.stamp(&signatures).await?;
            store::update_stamped(connection, &stamped).await?;
            Ok::<_, Error>(stamped.len())
        })
        .await
}

/// Packs what waits into one archive, when the last one is old enough or there is enough for one. Tells how
/// many messages it were. The archive is on the disk before it is noted. One that could not be noted is
/// removed; only where the commit itself broke off, and nobody knows whether it is noted, it stays, and the
/// log names it.
///
/// # Errors
/// When the database is away, or the folder does not take it.
pub async fn archive_waiting(
    connection: &mut Connection,
    sealer: &dyn Sealer,
    windows: &Windows,
    now: DateTime<Utc>,
) -> Result<usize> {
    let mut written = None;
    let archived = connection
        .transaction(async |connection| {
            if !store::lock_archives(connection).await? {
                return Ok(0);
            }
            let previous = store::last_archive(connection).await?;
            let waiting = store::to_archive(connection, windows.stamps, ARCHIVED_AT_ONCE).await?;
            let Some(first) = waiting.first() else { return Ok(0) };
            let since = previous.as_ref().map_or(first.recorded_at, |previous| previous.made_at);
            let (ids, is_full) = filling(&waiting, windows.archive_bytes);
            if !is_full && now - since < windows.archive_every {
                return Ok(0);
            }
            let messages = store::sealed(connection, &ids).await?;
            let packed = sealer.archive(messages, previous.as_ref()).await?;
            let number = previous.map_or(1, |previous| previous.number + 1);
            if let Err(error) = store::insert_archive(connection, number, &packed, &ids, now).await {
                sealer.remove(&packed.file_name).await?;
                return Err(error);
            }
            written = Some(packed.file_name);
            Ok::<_, Error>(ids.len())
        })
        .await;
    if let (Err(error), Some(file_name)) = (&archived, &written) {
        tracing::error!(%error, file_name, "it is not known whether this archive is noted: compare with evidence_archives");
    }
    archived
}

/// The first messages that fill an archive, and whether they do.
fn filling(waiting: &[Waiting], most: usize) -> (Vec<Uuid>, bool) {
    let mut bytes = 0;
    let mut ids = Vec::new();
    for message in waiting {
        if bytes >= most {
            break;
        }
        bytes += message.size;
        ids.push(message.id);
    }
    let is_full = bytes >= most || i64::try_from(ids.len()).is_ok_and(|count| count >= ARCHIVED_AT_ONCE);
    (ids, is_full)
}

/// Removes messages that are archived and past their time, and the files of archives past theirs. Tells how
/// many messages it were. One replica at a time does it: two that removed messages of one signature would
/// each see the other's, and leave the signature behind.
///
/// # Errors
/// When the database is away, or the folder does not let a file go.
pub async fn remove_old(
    connection: &mut Connection,
    sealer: &dyn Sealer,
    windows: &Windows,
    now: DateTime<Utc>,
) -> Result<usize> {
    let before = now - windows.keep_messages;
    let removed = connection
        .transaction(async |connection| {
            if !store::lock_archives(connection).await? {
                return Ok(0);
            }
            store::delete_messages(connection, before, REMOVED_AT_ONCE).await
        })
        .await?;
    if let Some(keep) = windows.keep_archives {
        for (number, file_name) in store::old_archives(connection, now - keep).await? {
            sealer.remove(&file_name).await?;
            store::note_removed(connection, number, now).await?;
            tracing::info!(file_name, "an archive of evidence is past its time and was removed");
        }
    }
    Ok(removed)
}
