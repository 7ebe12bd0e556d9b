//! What all acts need: the systems' door, the time, who was booked as what, and the lines of the table.

use std::collections::BTreeMap;
use std::fmt::Display;

use anyhow::Context;
use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use kordon_schemas::events::{EventAnswer, EventKind, Outcome};
use kordon_schemas::queue::{Booking, Queue, QueueEntry};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::cast::Part;
use super::rules::{CHECKPOINT, ZONE};
use super::time::Time;
use crate::commands::demo::compared::Compared;
use crate::commands::demo::patience;
use crate::commands::demo::systems::client::{Door, Reply, Request};
use crate::commands::demo::systems::text_of;
use crate::commands::demo::systems::wire::Body;

/// The play as it goes.
pub(crate) struct Stage<'a> {
    door: &'a Door,
    pub(crate) time: &'a Time,
    /// The bookings as they were answered, with their holders' secrets.
    pub(crate) bookings: BTreeMap<Part, Booking>,
    pub(crate) compared: Vec<Compared>,
    /// Where the checkpoint's journal stood before.
    pub(crate) began: i64,
    events: usize,
}

/// The address of something of the checkpoint.
pub(crate) fn at(what: &str) -> String {
    format!("/api/v1/checkpoints/{CHECKPOINT}/{what}")
}

impl<'a> Stage<'a> {
    pub(crate) const fn new(door: &'a Door, time: &'a Time) -> Self {
        Self { door, time, bookings: BTreeMap::new(), compared: Vec::new(), began: 0, events: 0 }
    }

    /// A line of the table.
    pub(crate) fn compare(&mut self, what: &str, played: impl Display, found: impl Display) {
        self.compared.push(Compared {
            what: what.into(),
            played: played.to_string(),
            found: found.to_string(),
        });
    }

    /// Sends a request whatever is answered.
    pub(crate) async fn send(&self, request: Request) -> anyhow::Result<Reply> {
        self.door.send(request).await
    }

    /// Reads something that is there.
    pub(crate) async fn read<T: DeserializeOwned>(&self, role: Role, path: &str) -> anyhow::Result<T> {
        self.door.read(Request::get(role, path).with_purpose()).await
    }

    /// Does something that has to be granted.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        role: Role,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<T> {
        let reply = self.send(Request::post(role, path, Body::json(body))).await?;
        reply.json().with_context(|| format!("{path} by the {role}"))
    }

    /// Tries something that has to be refused. Returns the faults that were named, by place.
    pub(crate) async fn refused(
        &mut self,
        what: &str,
        request: Request,
        code: ProblemCode,
    ) -> anyhow::Result<Vec<String>> {
        let reply = self.send(request).await?;
        let problem: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let found = problem.get("code").and_then(Value::as_str).unwrap_or("done").to_owned();
        self.compare(what, code.as_str(), found);
        let faults = problem.get("faults").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(faults.iter().filter_map(|fault| Some(fault.get("path")?.as_str()?.to_owned())).collect())
    }

    /// The booking of a part.
    pub(crate) fn booking(&self, part: Part) -> anyhow::Result<&Booking> {
        self.bookings.get(&part).with_context(|| format!("{part:?} was not booked"))
    }

    /// The part that a booking is of.
    pub(crate) fn part(&self, booking: uuid::Uuid) -> Option<Part> {
        self.bookings.iter().find(|(_, known)| known.id == booking).map(|(part, _)| *part)
    }

    /// The queue as customs reads it.
    pub(crate) async fn queue(&self) -> anyhow::Result<Queue> {
        self.read(Role::Customs, &at("queue")).await
    }

    /// The entry of a part in the queue, if it stands there.
    pub(crate) async fn entry(&self, part: Part) -> anyhow::Result<Option<QueueEntry>> {
        let id = self.booking(part)?.id;
        Ok(self.queue().await?.entries.into_iter().find(|entry| entry.booking == id))
    }

    /// States what happens to a part, now.
    pub(crate) async fn state(&mut self, part: Part, kind: EventKind) -> anyhow::Result<()> {
        let now = self.time.now();
        self.state_of(part, kind, now).await
    }

    /// States what happened to a part at a moment.
    pub(crate) async fn state_of(
        &mut self,
        part: Part,
        kind: EventKind,
        occurred_at: chrono::DateTime<chrono::Utc>,
    ) -> anyhow::Result<()> {
        self.events += 1;
        let mut event = json!({
            "id": format!("queues-{}", self.events), "kind": kind, "plate": part.plate(), "occurred_at": text_of(occurred_at)
        });
        if let (true, Some(members)) =
            (matches!(kind, EventKind::ZoneArrived | EventKind::ZoneLeft), event.as_object_mut())
        {
            members.insert("zone".into(), json!(ZONE));
        }
        let answer: EventAnswer = self.post(speaker(kind), &at("events"), &event).await?;
        if answer.outcome != Outcome::Recorded {
            self.compare(&format!("{kind:?} of {part:?}"), "Recorded", format!("{:?}", answer.outcome));
        }
        Ok(())
    }

    /// Waits until the hub has done something by itself, or patience ends: then the table tells what it did
    /// not do.
    pub(crate) async fn until(
        &self,
        done: impl AsyncFn(&Self) -> anyhow::Result<bool>,
    ) -> anyhow::Result<bool> {
        patience::until(async || done(self).await).await
    }
}

/// Who states events of a kind.
const fn speaker(kind: EventKind) -> Role {
    match kind {
        EventKind::ZoneArrived | EventKind::ZoneLeft => Role::ZoneOperator,
        EventKind::CustomsControlStarted | EventKind::CustomsControlFinished => Role::Customs,
        EventKind::CheckpointEntered
        | EventKind::EntryRefused
        | EventKind::BorderControlStarted
        | EventKind::BorderControlFinished
        | EventKind::CheckpointLeft
        | EventKind::PlateRead
        | EventKind::Void => Role::BorderGuard,
    }
}
