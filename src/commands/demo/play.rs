//! Plays the script: every post sends what is its own, all posts at the same time, round by round. What is answered otherwise
//! than it has to be is noted as a disagreement; only a hub that does not answer at all ends the play.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kordon_hub::parties::Role;
use kordon_schemas::events::{EventAnswer, Outcome};
use kordon_schemas::queue::{Booking, Call, CallExplanation, CallRule};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::client::{Door, Reply, Request};
use super::day::{
    Act, CHECKPOINTS, Calling, DAY, Deed, Event, Expected, Item, Manner, Parcel, Post, ROUNDS, Script,
    Subject, System, Vehicle, When,
};
use super::watch::Watch;
use super::wire::{self, Answer, Body};
use crate::commands::say;

/// A day that is being played.
#[derive(Debug)]
pub(super) struct Play {
    pub(super) door: Door,
    pub(super) script: Script,
    pub(super) day_began: DateTime<Utc>,
    /// Whether nobody else uses the hub.
    pub(super) alone: bool,
    memory: Mutex<Memory>,
}

/// What the systems remember of the hub's answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    /// The booking of each vehicle.
    pub(super) bookings: BTreeMap<usize, Uuid>,
    /// When each vehicle was called.
    pub(super) called_at: BTreeMap<usize, DateTime<Utc>>,
    /// Where each event stands in its checkpoint's journal.
    pub(super) positions: BTreeMap<String, i64>,
    /// The outage and its entity tag.
    pub(super) outage: Option<(Uuid, String)>,
    /// What was answered how often.
    pub(super) tally: Tally,
    /// What the hub said otherwise than it has to.
    pub(super) disagreements: Vec<String>,
}

/// Counts of what was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) requests: usize,
    pub(super) bookings: usize,
    pub(super) calls: usize,
    pub(super) events: usize,
    pub(super) duplicates: usize,
    pub(super) unmatched: usize,
    pub(super) contradictory: usize,
    pub(super) refused: usize,
    pub(super) placed: usize,
}

impl Play {
    /// A day that ends a minute ago.
    pub(super) fn new(door: Door, script: Script, alone: bool, now: DateTime<Utc>) -> Self {
        let day_began = now - TimeDelta::seconds(DAY + 60);
        Self { door, script, day_began, alone, memory: Mutex::default() }
    }

    /// What is remembered.
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a disagreement.
    pub(super) fn disagree(&self, text: String) {
        self.memory().disagreements.push(text);
    }

    /// Plays the whole day and says how it goes, a line a round.
    pub(super) async fn run(self: &Arc<Self>, watch: &mut Watch) -> anyhow::Result<()> {
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
    pub(super) async fn send(&self, request: Request) -> anyhow::Result<Reply> {
        self.memory().tally.requests += 1;
        self.door.send(request).await
    }

    async fn book(&self, number: usize, status: u16) -> anyhow::Result<()> {
        let vehicle = self.vehicle(number)?;
        let request = Request::post(
            Role::QueueOperator,
            path(vehicle.checkpoint, "bookings"),
            Body::json(&self.booking(number, vehicle)),
        );
        let reply = self.send(request).await?;
        if reply.status != status {
            self.disagree(format!(
                "the booking {} was answered {}, not {status}",
                vehicle.reference, reply.status
            ));
        }
        let booking: Booking = reply.json().with_context(|| format!("the booking {}", vehicle.reference))?;
        let mut memory = self.memory();
        memory.tally.bookings += usize::from(reply.status == 201);
        let known = *memory.bookings.entry(number).or_insert(booking.id);
        let at = self.instant(When::OfDay(vehicle.booked), None);
        if known != booking.id || booking.plate != vehicle.plate || Some(booking.booked_at) != at {
            memory.disagreements.push(format!("the booking {} came back as {booking:?}", vehicle.reference));
        }
        Ok(())
    }

    /// A booking as the operator sends it.
    pub(super) fn booking(&self, number: usize, vehicle: &Vehicle) -> Value {
        let channels = ["web", "call_centre", "terminal", "on_site"];
        let mut booking = json!({
            "reference": vehicle.reference,
            "plate": vehicle.plate,
            "queue": "live",
            "channel": channels.get(number % channels.len()),
            "booked_at": self.instant(When::OfDay(vehicle.booked), None).map(text_of),
        });
        if let (Some(driver), Some(members)) = (&vehicle.driver, booking.as_object_mut()) {
            members.insert("driver".to_owned(), json!({"name": driver}));
        }
        booking
    }

    async fn state(&self, post: Post, parcel: Parcel) -> anyhow::Result<()> {
        let body = wire::write(&parcel, |event| self.when(event))?;
        let Parcel { form, manner, items } = parcel;
        let request = Request::post(role(post.system), path(post.checkpoint, "events"), body)
            .with("Accept", form.accepts());
        let read = |reply: Reply| wire::read_answers(form, manner, reply.status, &reply.body);
        match manner {
            Manner::Single | Manner::List => {
                let answers = read(self.send(request).await?)?;
                if answers.len() != items.len() {
                    self.disagree(format!("{} events got {} answers", items.len(), answers.len()));
                }
                for (item, answer) in items.iter().zip(&answers) {
                    self.check(item, answer);
                }
            }
            Manner::Twice => {
                let (one, other) = tokio::try_join!(self.send(request.clone()), self.send(request))?;
                let mut answers = [read(one)?, read(other)?].concat();
                // The answer to the one that came first goes first.
                answers.sort_by_key(|answer| answer.outcome == Outcome::Duplicate);
                let [item] = items.as_slice() else { anyhow::bail!("one event is sent twice, not a list") };
                let again = Item { expected: Expected::Is(Outcome::Duplicate), ..item.clone() };
                for (item, answer) in [item, &again].into_iter().zip(&answers) {
                    self.check(item, answer);
                }
            }
        }
        Ok(())
    }

    /// Compares the answer to an event with what has to be answered.
    fn check(&self, item: &Item, answer: &Answer) {
        let Item { event, expected } = item;
        let Answer { id, outcome, position, crossing, code } = answer;
        let mut memory = self.memory();
        memory.tally.count(*outcome);
        let right = match expected {
            Expected::Is(expected) => expected == outcome,
            Expected::RecordedOrUnmatched => matches!(outcome, Outcome::Recorded | Outcome::Unmatched),
            Expected::Refused(expected) => *outcome == Outcome::Refused && *code == Some(*expected),
        };
        let about_this = id.as_ref().is_none_or(|id| *id == event.id);
        let known = position.map(|position| *memory.positions.entry(event.id.clone()).or_insert(position));
        let placed_right = match (event.subject, crossing) {
            (Subject::Vehicle(vehicle), Some(crossing)) => memory.bookings.get(&vehicle) == Some(crossing),
            (Subject::Misread(_) | Subject::Stranger | Subject::Event, _) | (Subject::Vehicle(_), None) => {
                true
            }
        };
        if !(right && about_this && placed_right && known == *position) {
            let kind = event.kind.as_str();
            memory.disagreements.push(format!(
                "the event {} ({kind}) was answered {answer:?}; expected {expected:?}, at position {known:?}",
                event.id
            ));
        }
    }

    async fn call(&self, calling: Calling) -> anyhow::Result<()> {
        let Calling { vehicle: number, place, waiting, reason } = calling;
        let vehicle = self.vehicle(number)?;
        let expected = self.memory().bookings.get(&number).copied();
        // At a hub that others use too the first in order may be another's vehicle, which a demonstration does not call.
        let body = match (reason, self.alone) {
            (None, true) => json!({}),
            (Some(_), _) | (None, false) => {
                json!({"booking": expected, "reason": reason.unwrap_or("демонстрація")})
            }
        };
        let request =
            Request::post(Role::QueueOperator, path(vehicle.checkpoint, "calls"), Body::json(&body));
        let call: Call =
            self.send(request).await?.json().with_context(|| format!("the call of {}", vehicle.plate))?;
        let rule = if place == 1 { CallRule::FirstBooked } else { CallRule::OutOfOrder };
        let explained = call.explanation == CallExplanation { place, waiting, rule };
        let mut memory = self.memory();
        memory.tally.calls += 1;
        memory.called_at.insert(number, call.called_at);
        if Some(call.booking) != expected || call.plate != vehicle.plate || (self.alone && !explained) {
            memory.disagreements.push(format!(
                "{} had to be called from place {place} of {waiting} by the rule {rule:?}; the hub called {call:?}",
                vehicle.plate
            ));
        }
        Ok(())
    }

    async fn place(&self, post: Post, event: &str, vehicle: usize) -> anyhow::Result<()> {
        let reply = self.send(self.placement(post, event, vehicle)?).await?;
        let answer: EventAnswer = reply.json().with_context(|| format!("the placing of {event}"))?;
        let mut memory = self.memory();
        memory.tally.placed += 1;
        if answer.outcome != Outcome::Recorded || answer.crossing != memory.bookings.get(&vehicle).copied() {
            memory.disagreements.push(format!("the placing of {event} was answered {answer:?}"));
        }
        Ok(())
    }

    /// The request to place an event in a vehicle's crossing.
    pub(super) fn placement(&self, post: Post, event: &str, vehicle: usize) -> anyhow::Result<Request> {
        let memory = self.memory();
        let position = memory.positions.get(event).with_context(|| format!("{event} was not recorded"))?;
        let body =
            json!({"crossing": memory.bookings.get(&vehicle), "reason": "номер прочитано неправильно"});
        let path = path(post.checkpoint, &format!("events/{position}/placement"));
        Ok(Request::post(role(post.system), path, Body::json(&body)))
    }

    /// When an event happens.
    fn when(&self, event: &Event) -> anyhow::Result<DateTime<Utc>> {
        let called_at = match event.subject {
            Subject::Vehicle(vehicle) | Subject::Misread(vehicle) => {
                self.memory().called_at.get(&vehicle).copied()
            }
            Subject::Stranger | Subject::Event => None,
        };
        self.instant(event.when, called_at)
            .with_context(|| format!("{} follows a call that was not made", event.id))
    }

    /// The instant of a moment of this day.
    pub(super) fn instant(&self, when: When, called_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        when.instant(self.day_began, called_at)
    }

    /// A vehicle by its number.
    pub(super) fn vehicle(&self, number: usize) -> anyhow::Result<&Vehicle> {
        self.script.vehicles.get(number).context("there is no such vehicle")
    }
}

impl Tally {
    const fn count(&mut self, outcome: Outcome) {
        self.events += 1;
        match outcome {
            Outcome::Recorded => {}
            Outcome::Duplicate => self.duplicates += 1,
            Outcome::Unmatched => self.unmatched += 1,
            Outcome::Contradictory => self.contradictory += 1,
            Outcome::Refused => self.refused += 1,
        }
    }
}

/// The role that a system acts in.
pub(super) const fn role(system: System) -> Role {
    match system {
        System::QueueOperator => Role::QueueOperator,
        System::ZoneOperator => Role::ZoneOperator,
        System::BorderGuard => Role::BorderGuard,
        System::Customs => Role::Customs,
        System::SupportLine => Role::SupportLine1,
    }
}

/// The address of something of a checkpoint.
pub(super) fn path(checkpoint: usize, what: &str) -> String {
    let code = CHECKPOINTS.get(checkpoint).map(|checkpoint| checkpoint.code).unwrap_or_default();
    format!("/api/v1/checkpoints/{code}/{what}")
}

/// An instant as it is sent.
pub(super) fn text_of(instant: DateTime<Utc>) -> String {
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
