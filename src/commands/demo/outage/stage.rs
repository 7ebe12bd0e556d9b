//! What all acts need: the systems' door, the clock and the timers that go by it, and the lines of the table.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono_tz::Europe::Kyiv;
use kordon_hub::parties::Role;
use kordon_hub::support::tickets::acting::close_unopposed;
use kordon_hub::{Database, outages, permits};
use kordon_schemas::ProblemCode;
use serde_json::{Value, json};

use super::time::StillTime;
use crate::commands::demo::compared::Compared;
use crate::commands::demo::patience;
use crate::commands::demo::systems::client::{Door, Request};
use crate::commands::demo::systems::wire::Body;
use crate::commands::say;

/// The most tickets that one look of the timer closes.
const MOST: i64 = 100;

/// The play as it goes.
pub(super) struct Stage<'a> {
    door: &'a Door,
    time: &'a StillTime,
    database: &'a Database,
    data: &'a Path,
    pub(super) compared: Vec<Compared>,
}

/// A ticket: its id.
#[derive(Debug, Clone)]
pub(super) struct Ticket(pub(super) String);

/// What one look of the timers did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Looked {
    pub(super) reminded: usize,
    pub(super) warned: usize,
    pub(super) expired: usize,
    pub(super) closed: usize,
}

impl Display for Looked {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { reminded, warned, expired, closed } = self;
        write!(formatter, "{reminded} reminded, {warned} warned, {expired} expired, {closed} closed")
    }
}

impl<'a> Stage<'a> {
    pub(super) const fn new(
        door: &'a Door,
        time: &'a StillTime,
        database: &'a Database,
        data: &'a Path,
    ) -> Self {
        Self { door, time, database, data, compared: Vec::new() }
    }

    /// Puts the clock to a moment.
    pub(super) fn at(&self, moment: &str) -> anyhow::Result<()> {
        self.time.set(moment)
    }

    /// Tells a step, and what the hub says to it.
    pub(super) fn step(&self, what: &str, says: impl Display) {
        let now = self.time.now().with_timezone(&Kyiv).format("%d.%m %H:%M");
        say(&format!("{now}  {what}: {says}"));
    }

    /// A line of the table.
    pub(super) fn compare(&mut self, what: &str, played: impl Display, found: impl Display) {
        self.compared.push(Compared {
            what: what.into(),
            played: played.to_string(),
            found: found.to_string(),
        });
    }

    /// Reads something that is there.
    pub(super) async fn read(&self, role: Role, path: &str) -> anyhow::Result<Value> {
        self.door.read(Request::get(role, path).with_purpose()).await
    }

    /// Does something that has to be granted.
    pub(super) async fn post(&self, role: Role, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Request::post(role, path, Body::json(body)), role, path).await
    }

    /// Does something with what stands at a version.
    pub(super) async fn post_at(
        &self,
        role: Role,
        path: &str,
        version: &Value,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let request = Request::post(role, path, Body::json(body)).with("If-Match", format!("\"{version}\""));
        self.send(request, role, path).await
    }

    /// Changes something that stands at a version.
    pub(super) async fn patch(
        &self,
        role: Role,
        path: &str,
        version: &Value,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let request = Request::patch(role, path, Body::json(body)).with("If-Match", format!("\"{version}\""));
        self.send(request, role, path).await
    }

    async fn send(&self, request: Request, role: Role, path: &str) -> anyhow::Result<Value> {
        self.door.send(request).await?.json().with_context(|| format!("{path} by the {role}"))
    }

    /// Hands a mail in, as the mailbox has it.
    pub(super) async fn hand_in(&self, mail: &str) -> anyhow::Result<Value> {
        let body = Body { content_type: "message/rfc822", bytes: mail.as_bytes().to_vec() };
        let path = "/api/v1/ticket-messages";
        self.send(Request::post(Role::SupportLine1, path, body), Role::SupportLine1, path).await
    }

    /// Does something with a ticket as it stands now.
    pub(super) async fn with_ticket(
        &self,
        role: Role,
        ticket: &Ticket,
        what: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let version = member(&self.ticket(ticket).await?, "/version");
        self.post_at(role, &format!("/api/v1/tickets/{}/{what}", ticket.0), &version, body).await
    }

    /// A ticket as line 1 reads it.
    pub(super) async fn ticket(&self, ticket: &Ticket) -> anyhow::Result<Value> {
        self.read(Role::SupportLine1, &format!("/api/v1/tickets/{}", ticket.0)).await
    }

    /// Where a ticket stands, and with whom.
    pub(super) async fn stands(&self, ticket: &Ticket) -> anyhow::Result<String> {
        let ticket = self.ticket(ticket).await?;
        Ok(format!("{} with {}", text(&ticket, "/status"), text(&ticket, "/line")))
    }

    /// Where a clock of a ticket stands, and why when it stands still.
    pub(super) async fn clock(&self, ticket: &Ticket, clock: &str) -> anyhow::Result<String> {
        let deadlines =
            self.read(Role::SupportLine1, &format!("/api/v1/tickets/{}/deadlines", ticket.0)).await?;
        let of_clock = items(&deadlines, "/deadlines").into_iter().find(|one| text(one, "/clock") == clock);
        let deadline = of_clock.with_context(|| format!("the clock {clock} has not started"))?;
        let because = text(&deadline, "/stands_still_because");
        let because = if because == "-" { String::new() } else { format!(" ({because})") };
        Ok(format!("{}{because}", text(&deadline, "/state")))
    }

    /// Tries something that has to be refused; the places that the refusal names stand in the table.
    pub(super) async fn refused(
        &mut self,
        what: &str,
        request: Request,
        code: ProblemCode,
        places: &str,
    ) -> anyhow::Result<()> {
        let reply = self.door.send(request).await?;
        let problem: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let named: Vec<String> =
            items(&problem, "/faults").iter().map(|fault| text(fault, "/path")).collect();
        let says = |code: &str, places: &str| format!("{code} {places}").trim().to_owned();
        let found = says(&text(&problem, "/code"), &named.join(" "));
        self.step(what, format_args!("{found}: {}", text(&problem, "/detail")));
        self.compare(what, says(code.as_str(), places), found);
        Ok(())
    }

    /// Lets every timer of the support service look once, at the scenario's time.
    pub(super) async fn timers(&self) -> anyhow::Result<Looked> {
        let (now, mut connection) = (self.time.now(), self.database.connection().await?);
        let reminded = outages::timer::look(&mut connection, now).await?;
        let permits = permits::timer::look(&mut connection, now).await?;
        let closed = close_unopposed(&mut connection, now, MOST).await?;
        Ok(Looked {
            reminded: reminded.starts_soon.done + reminded.overran.done,
            warned: permits.warned.done,
            expired: permits.expired.done,
            closed: closed.done,
        })
    }

    /// A folder of the hub.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    /// Waits until the hub has done something by itself, or patience ends: then the table tells what it did
    /// not do.
    pub(super) async fn until(
        &self,
        done: impl AsyncFn(&Self) -> anyhow::Result<bool>,
    ) -> anyhow::Result<bool> {
        patience::until(async || done(self).await).await
    }
}

/// A member of an answer as text; `-` when there is none.
pub(super) fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A member of an answer; `null` when there is none.
pub(super) fn member(value: &Value, pointer: &str) -> Value {
    value.pointer(pointer).cloned().unwrap_or_default()
}

/// The items of a list of an answer.
pub(super) fn items(value: &Value, pointer: &str) -> Vec<Value> {
    value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The official to whom line 1 assigns a ticket (Order 926, III.12).
pub(super) fn official() -> Value {
    json!({"name": "Ірина Бондар", "position": "головний державний інспектор"})
}
