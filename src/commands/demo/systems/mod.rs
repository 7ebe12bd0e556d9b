//! The systems that take part. Every post sends what is its own, all posts at the same time, round by round.
//! What is answered otherwise than it has to be is noted as a disagreement; only a hub that does not answer
//! at all ends the play.
//!
//! - [`client`]: the way into the hub. [`wire`], [`replies`]: what is written and read there.
//! - [`operator`], [`statements`], [`outage`], [`trespasses`]: what the systems do. [`watch`]: those who only
//!   read.

pub(crate) mod client;
mod operator;
mod outage;
pub(crate) mod replies;
mod statements;
mod trespasses;
pub(crate) mod watch;
pub(crate) mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kordon_hub::parties::Role;
use tokio::task::JoinSet;
use uuid::Uuid;

use self::client::{Door, Reply, Request};
use self::watch::Watch;
use crate::commands::demo::day::{Act, CHECKPOINTS, DAY, Deed, Post, ROUNDS, Script, System, Vehicle, When};
use crate::commands::say;

/// A day that is being played.
#[derive(Debug)]
pub(crate) struct Play {
    pub(crate) door: Door,
    pub(crate) script: Script,
    pub(crate) day_began: DateTime<Utc>,
    /// Whether nobody else uses the hub.
    pub(crate) alone: bool,
    memory: Mutex<Memory>,
}

/// What the systems remember of the hub's answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    /// The booking of each vehicle.
    pub(crate) bookings: BTreeMap<usize, Uuid>,
    /// When each vehicle was called.
    pub(crate) called_at: BTreeMap<usize, DateTime<Utc>>,
    /// Where each event stands in its checkpoint's journal.
    pub(crate) positions: BTreeMap<String, i64>,
    /// The outage and its entity tag.
    pub(crate) outage: Option<(Uuid, String)>,
    /// What was answered how often.
    pub(crate) tally: Tally,
    /// What the hub said otherwise than it has to.
    pub(crate) disagreements: Vec<String>,
}

/// Counts of what was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) requests: usize,
    pub(crate) bookings: usize,
    pub(crate) calls: usize,
    pub(crate) events: usize,
    pub(crate) duplicates: usize,
    pub(crate) unmatched: usize,
    pub(crate) contradictory: usize,
    pub(crate) refused: usize,
    pub(crate) placed: usize,
}

impl Play {
    /// A day that ends a minute ago.
    pub(crate) fn new(door: Door, script: Script, alone: bool, now: DateTime<Utc>) -> Self {
        let day_began = now - TimeDelta::seconds(DAY + 60);
        Self { door, script, day_began, alone, memory: Mutex::default() }
    }

    /// What is remembered.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a disagreement.
    pub(crate) fn disagree(&self, text: String) {
        self.memory().disagreements.push(text);
    }

    /// Plays the whole day and says how it goes, a line a round.
    pub(crate) async fn run(self: &Arc<Self>, watch: &mut Watch) -> anyhow::Result<()> {
        for round in 0..ROUNDS {
            let before = self.memory().tally;
            let of_round = || self.script.acts.iter().filter(|act| act.round == round);
            self.perform(of_round().filter(|act| !act.deed.waits_for_the_round())).await?;
            self.perform(of_round().filter(|act| act.deed.waits_for_the_round())).await?;
            let changed =
                |place| of_round().any(|act| act.post.checkpoint == place && act.deed.changes_a_checkpoint());
            watch.look(self, changed).await?;
            let outage = of_round().find_map(|act| act.deed.outage());
            say(&line(round, before, self.memory().tally, outage));
        }
        Ok(())
    }

    /// Performs acts: those of a post in order, those of all posts at the same time.
    async fn perform(self: &Arc<Self>, acts: impl Iterator<Item = &Act>) -> anyhow::Result<()> {
        let mut of_posts: BTreeMap<Post, Vec<Act>> = BTreeMap::new();
        for act in acts {
            of_posts.entry(act.post).or_default().push(act.clone());
        }
        let mut posts = JoinSet::new();
        for acts in of_posts.into_values() {
            let play = Arc::clone(self);
            posts.spawn(async move {
                for act in acts {
                    play.perform_one(act).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(ended) = posts.join_next().await {
            ended??;
        }
        Ok(())
    }

    async fn perform_one(&self, act: Act) -> anyhow::Result<()> {
        let Act { round, post, deed } = act;
        match deed {
            Deed::Book { vehicle } => self.book(vehicle, 201).await,
            Deed::BookAgain { vehicle } => self.book(vehicle, 200).await,
            Deed::State(parcel) => self.state(post, parcel).await,
            Deed::Call(calling) => self.call(calling).await,
            Deed::Place { event, vehicle } => self.place(post, &event, vehicle).await,
            Deed::Outage(act) => self.tell_of_the_outage(round, act).await,
            Deed::Trespass(trespass) => self.trespass(post, trespass).await,
        }
    }

    /// Sends a request and counts it.
    pub(crate) async fn send(&self, request: Request) -> anyhow::Result<Reply> {
        self.memory().tally.requests += 1;
        self.door.send(request).await
    }

    /// The instant of a moment of this day.
    pub(crate) fn instant(&self, when: When, called_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        when.instant(self.day_began, called_at)
    }

    /// A vehicle by its number.
    pub(crate) fn vehicle(&self, number: usize) -> anyhow::Result<&Vehicle> {
        self.script.vehicles.get(number).context("there is no such vehicle")
    }
}

/// The role that a system acts in.
pub(crate) const fn role(system: System) -> Role {
    match system {
        System::QueueOperator => Role::QueueOperator,
        System::ZoneOperator => Role::ZoneOperator,
        System::BorderGuard => Role::BorderGuard,
        System::Customs => Role::Customs,
        System::SupportLine => Role::SupportLine1,
    }
}

/// The address of something of a checkpoint.
pub(crate) fn path(checkpoint: usize, what: &str) -> String {
    let code = CHECKPOINTS.get(checkpoint).map(|checkpoint| checkpoint.code).unwrap_or_default();
    format!("/api/v1/checkpoints/{code}/{what}")
}

/// An instant as it is sent.
pub(crate) fn text_of(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn line(round: usize, before: Tally, after: Tally, outage: Option<&str>) -> String {
    let hour = if round + 1 < ROUNDS { format!("{round:02}:00") } else { "later".to_owned() };
    let (bookings, calls) = (after.bookings - before.bookings, after.calls - before.calls);
    let (events, requests) = (after.events - before.events, after.requests - before.requests);
    let outage = outage.map(|what| format!("; ETS: {what}")).unwrap_or_default();
    format!(
        "{hour}  {bookings:>3} booked  {events:>4} events  {calls:>3} called  in {requests:>3} requests{outage}"
    )
}
