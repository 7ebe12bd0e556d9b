//! Fetches the mailboxes of the support service (H2.2: line 1's, and line 2's for out of hours). What a
//! mailbox holds in its inbox is not handled yet; a mail leaves the inbox only after it is recorded. So a
//! crash in between hands it in again, which is answered as the first time ([`super::receive`]), and no mail
//! is lost or handled twice, however many replicas look. One that cannot be recorded stays there and is left
//! out for a while ([`SetAside`]), however many of them there are.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::metrics::{LookOutcome, MailboxMetrics};
use super::model::{Mail, ReadMail};
use super::receive;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::parties::{self, Actor, Role, SystemId};

/// How often the mailboxes are looked into.
pub const EVERY: Duration = Duration::from_secs(30);

/// How long one mailbox may take at one look.
const LOOK_LIMIT: Duration = Duration::from_secs(600);

/// How long a mail that could not be fetched is left alone at first: mostly the way to the mailbox was cut.
const FETCHED_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(1);

/// How long a mail that could not be recorded is left alone at first.
const TRIED_AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);

/// How long it is left alone at most.
const LONGEST_LEFT_ALONE: TimeDelta = TimeDelta::days(1);

/// Why a mailbox cannot be looked into. The text is for the log and holds no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MailboxFault(pub String);

/// The port to a mailbox. `kordon-adapters` fills it by IMAP.
#[async_trait]
pub trait Mailbox: Send + Sync {
    /// Its name, for the log.
    fn name(&self) -> &str;

    /// Opens it.
    ///
    /// # Errors
    /// [`MailboxFault`].
    async fn open(&self) -> Result<Box<dyn OpenMailbox>, MailboxFault>;
}

/// A mailbox that is open.
#[async_trait]
pub trait OpenMailbox: Send {
    /// What is in its inbox without these, the oldest first; not more than one look should take.
    ///
    /// # Errors
    /// [`MailboxFault`].
    async fn inbox(&mut self, except: &HashSet<u32>) -> Result<Vec<u32>, MailboxFault>;

    /// A mail of the inbox; `None` when it is not there any more.
    ///
    /// # Errors
    /// [`MailboxFault`].
    async fn fetch(&mut self, id: u32) -> Result<Option<Fetched>, MailboxFault>;

    /// Moves a mail that is recorded out of the inbox.
    ///
    /// # Errors
    /// [`MailboxFault`].
    async fn put_away(&mut self, id: u32) -> Result<(), MailboxFault>;

    /// Ends it in good order.
    async fn close(self: Box<Self>);
}

/// A mail of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The mail as it came; of one that is too large only its head.
    pub raw: Vec<u8>,
    /// When the mailbox received it, if it says so.
    pub received_at: Option<DateTime<Utc>>,
    /// Its size in bytes, when that is more than the hub takes.
    pub too_large: Option<u64>,
}

/// A mail that is left alone.
#[derive(Debug, Clone, Copy)]
struct LeftAlone {
    until: DateTime<Utc>,
    /// How long for, at the next time.
    then_for: TimeDelta,
}

/// The mails that could not be recorded, by mailbox, and until when each is left alone: an hour at first,
/// then twice as long each time. It is forgotten with the process, so a hub that starts tries all of them.
#[derive(Debug, Clone, Default)]
pub struct SetAside(Arc<Mutex<HashMap<String, HashMap<u32, LeftAlone>>>>);

impl SetAside {
    fn of<T>(&self, mailbox: &str, what: impl FnOnce(&mut HashMap<u32, LeftAlone>) -> T) -> T {
        let mut mailboxes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        what(mailboxes.entry(mailbox.to_owned()).or_default())
    }

    /// What is left out of a look into a mailbox at `now`. Whose time is over is tried again.
    fn left_out(&self, mailbox: &str, now: DateTime<Utc>) -> HashSet<u32> {
        self.of(mailbox, |mails| {
            mails.retain(|_, mail| mail.until + LONGEST_LEFT_ALONE > now);
            mails.iter().filter(|(_, mail)| mail.until > now).map(|(id, _)| *id).collect()
        })
    }

    /// How many mails of a mailbox are left alone, or were and wait for their next try.
    fn count(&self, mailbox: &str) -> usize {
        self.of(mailbox, |mails| mails.len())
    }

    /// Whether a mail could not be recorded before.
    fn knows(&self, mailbox: &str, mail: u32) -> bool {
        self.of(mailbox, |mails| mails.contains_key(&mail))
    }

    /// Leaves a mail alone that is about to be fetched, should that fail.
    fn begin(&self, mailbox: &str, mail: u32, now: DateTime<Utc>) {
        self.of(mailbox, |mails| {
            let then_for = mails.get(&mail).map_or(TRIED_AGAIN_AFTER, |before| before.then_for);
            mails.insert(mail, LeftAlone { until: now + FETCHED_AGAIN_AFTER, then_for });
        });
    }

    /// Leaves a mail alone that is about to be recorded, should that fail.
    fn add(&self, mailbox: &str, mail: u32, now: DateTime<Utc>) {
        self.of(mailbox, |mails| {
            let alone_for = mails.get(&mail).map_or(TRIED_AGAIN_AFTER, |before| before.then_for);
            let then_for = (alone_for * 2).min(LONGEST_LEFT_ALONE);
            mails.insert(mail, LeftAlone { until: now + alone_for, then_for });
        });
    }

    fn remove(&self, mailbox: &str, mail: u32) {
        self.of(mailbox, |mails| mails.remove(&mail));
    }
}

/// What looks into the mailboxes.
#[derive(Clone)]
pub struct Poller {
    /// The database.
    pub database: Database,
    /// What time it is.
    pub clock: Clock,
    /// Reads mail.
    pub reader: Arc<dyn ReadMail>,
    /// In the name of which system of line 1 mail is recorded.
    pub records_as: SystemId,
    /// What it could not record lately; nothing at first.
    pub set_aside: SetAside,
    /// What it tells Prometheus.
    pub metrics: MailboxMetrics,
}

impl Poller {
    /// Looks into the mailboxes until `stop` says so.
    pub async fn run(self, mailboxes: Vec<Arc<dyn Mailbox>>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            for mailbox in &mailboxes {
                let looked = tokio::select! {
                    looked = self.look(&**mailbox) => looked,
                    _ = stop.wait_for(|stopped| *stopped) => return,
                };
                match looked {
                    Ok(0) => {}
                    Ok(recorded) => {
                        tracing::info!(mailbox = mailbox.name(), recorded, "mails were recorded");
                    }
                    Err(error) => {
                        tracing::warn!(mailbox = mailbox.name(), %error, "a mailbox could not be emptied; it is tried again");
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = stop.wait_for(|stopped| *stopped) => return,
            }
        }
    }

    /// Empties the inbox of a mailbox; how many mails were recorded. One that cannot be recorded, or takes
    /// too long, stays, is tried again after an hour, then after two and so on, and holds up no other.
    ///
    /// # Errors
    /// When the mailbox or the database is away or takes too long, or the system that it records as is none
    /// of line 1.
    pub async fn look(&self, mailbox: &dyn Mailbox) -> Result<usize> {
        let looked = tokio::time::timeout(LOOK_LIMIT, self.empty(mailbox)).await;
        let looked =
            looked.unwrap_or_else(|_| Err(Error::Unavailable("the mailbox takes too long".to_owned())));
        let outcome = if looked.is_ok() { LookOutcome::Done } else { LookOutcome::Failed };
        let name = mailbox.name();
        self.metrics.looked(name, outcome, self.set_aside.count(name), self.clock.now());
        looked
    }

    async fn empty(&self, mailbox: &dyn Mailbox) -> Result<usize> {
        let away = |fault: MailboxFault| Error::Unavailable(fault.to_string());
        let actor = self.actor().await?;
        let mut open = mailbox.open().await.map_err(away)?;
        let mut recorded = 0;
        let mut stays = Ok(());
        let name = mailbox.name();
        let mut inbox = open.inbox(&self.set_aside.left_out(name, self.clock.now())).await.map_err(away)?;
        // What could not be recorded before comes behind what is new.
        inbox.sort_by_key(|id| self.set_aside.knows(name, *id));
        for id in inbox {
            // Beforehand, so that one that cannot be fetched, or takes too long, is left alone, too, and the
            // next look reaches those behind it.
            self.set_aside.begin(name, id, self.clock.now());
            let Some(fetched) = open.fetch(id).await.map_err(away)? else {
                tracing::info!(
                    mailbox = name,
                    mail = id,
                    "a mail was not given: another hub took it, or the server refuses it"
                );
                continue;
            };
            self.set_aside.add(name, id, self.clock.now());
            match self.record(&actor, fetched).await {
                Ok(()) => {
                    recorded += 1;
                    self.metrics.recorded(name);
                    match open.put_away(id).await {
                        Ok(()) => self.set_aside.remove(name, id),
                        // It stays aside, and is known for recorded when it is fetched again. The others do not
                        // wait until the folder takes mails again; where the mailbox is away they tell so.
                        Err(fault) => stays = Err(away(fault)),
                    }
                }
                Err(error @ Error::Unavailable(_)) => {
                    self.set_aside.remove(name, id);
                    return Err(error);
                }
                Err(error) => {
                    tracing::error!(mailbox = name, mail = id, %error, "a mail stays in its inbox");
                }
            }
        }
        open.close().await;
        stays.map(|()| recorded)
    }

    async fn record(&self, actor: &Actor, fetched: Fetched) -> Result<()> {
        let Fetched { raw, received_at, too_large } = fetched;
        let digest = openssl::sha::sha256(&raw);
        let reader = Arc::clone(&self.reader);
        let read = tokio::task::spawn_blocking(move || reader.read(&raw))
            .await
            .map_err(|error| Error::Internal(format!("a mail could not be read: {error}")))?;
        // Whatever lies in the inbox is put away one day: what is no mail at all is recorded as one without a
        // sender.
        let mut mail = read.unwrap_or_else(|| Mail { digest, ..Mail::default() });
        if let Some(size) = too_large {
            mail.text = format!(
                "(Лист має {size} байтів, більше, ніж приймається; його текст є в скриньці. The mail has {size} bytes, more than is taken; its text is in the mailbox.)"
            );
            mail.too_large = true;
        }
        let now = self.clock.now();
        // A mailbox may have held it for long, and its clock may be ahead.
        let earliest = now - super::LONGEST_AGO;
        let received_at = received_at.unwrap_or(now).clamp(earliest, now);
        let mut connection = self.database.connection().await?;
        receive(&mut connection, actor, &mail, received_at, now).await.map(|_| ())
    }

    async fn actor(&self) -> Result<Actor> {
        let systems = parties::list(&mut *self.database.connection().await?).await?;
        let system =
            systems.into_iter().map(|(system, _)| system).find(|system| system.id == self.records_as);
        match system {
            Some(system) if system.role == Role::SupportLine1 => {
                Ok(Actor { system: system.id, role: system.role, scope: system.scope })
            }
            Some(_) | None => Err(Error::Internal(format!(
                "the system {} that mail is recorded as is none of line 1",
                self.records_as
            ))),
        }
    }
}
