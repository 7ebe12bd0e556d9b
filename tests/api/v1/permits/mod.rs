//! `/api/v1/permit-requests` and `/api/v1/permits`: filed, decided, told, used, ended.

mod crossing;
mod decide;
mod file;
mod notices;
mod read;
mod sole_traders;
mod tell;
mod use_and_end;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::parties::Role;
use kordon_hub::permits::timer::{self, Looked};
use serde_json::{Value, json};

use crate::hub::{Answer, TestHub, changed};

/// The sections of a whole story: a hub on a Monday at 10 in Kyiv, with an outage of ETS that began twenty
/// minutes ago.
pub(crate) struct Story {
    pub(crate) hub: TestHub,
    pub(super) outage: String,
}

impl Story {
    pub(super) async fn begin() -> Self {
        Self::begin_at(TestHub::start().await).await
    }

    /// The same at a hub that stands already.
    pub(crate) async fn begin_at(hub: TestHub) -> Self {
        hub.clock.set("2026-11-23T08:00:00Z");
        let outage = json!({
            "kind": "unplanned", "affected_systems": ["ets"], "starts_at": "2026-11-23T07:40:00Z",
            "fallback_allowed": false, "text": {"uk": "Збій ЕТС.", "en": "ETS has failed."}
        });
        let declared = hub.post("/api/v1/outages").as_role(Role::SupportLine1).json(&outage).send().await;
        let outage = declared.expect(201)["id"].as_str().unwrap().to_owned();
        Self { hub, outage }
    }

    /// Moves the clock to a time of that Monday, or of a later day.
    pub(super) fn at(&self, clock: &str) {
        self.hub.clock.set(&format!("2026-11-{clock}:00Z"));
    }

    pub(super) async fn file(&self, request: &Value) -> Answer {
        self.hub.post("/api/v1/permit-requests").as_role(Role::DepartureOffice).json(request).send().await
    }

    /// Does something with a request.
    pub(super) async fn done(&self, role: Role, request: &Value, what: &str, body: Value) -> Answer {
        let id = request["id"].as_str().unwrap();
        self.hub.post(&format!("/api/v1/permit-requests/{id}/{what}")).as_role(role).json(&body).send().await
    }

    /// Does something with a permit.
    pub(super) async fn with_permit(&self, role: Role, request: &Value, what: &str, body: Value) -> Answer {
        let number = request["permit"]["number"].as_str().unwrap();
        self.hub.post(&format!("/api/v1/permits/{number}/{what}")).as_role(role).json(&body).send().await
    }

    /// Line 1 passes the ticket of a request to line 2.
    pub(super) async fn pass(&self, request: &Value) {
        let ticket = self.ticket(request).await;
        let address = format!("/api/v1/tickets/{}/moves", request["ticket"].as_str().unwrap());
        let version = format!("\"{}\"", ticket["version"]);
        let official = json!({"name": "Ірина Бондар", "position": "інспектор"});
        let to_line_2 = json!({"to": "in_progress", "line": "line_2", "official": official});
        let moved = self.hub.post(&address).as_role(Role::SupportLine1).header("If-Match", &version);
        moved.json(&to_line_2).send().await.expect(200);
    }

    pub(super) async fn ticket(&self, request: &Value) -> Value {
        let address = format!("/api/v1/tickets/{}", request["ticket"].as_str().unwrap());
        self.hub.get(&address).as_role(Role::SupportLine1).for_purpose("Order 926").send().await.expect(200)
    }

    /// Where the ticket stands, in a line.
    pub(crate) async fn ticket_stands(&self, request: &Value) -> String {
        let ticket = self.ticket(request).await;
        format!("{} {}", ticket["status"].as_str().unwrap(), ticket["line"].as_str().unwrap())
    }

    pub(super) fn confirmation(&self) -> Value {
        json!({"outcome": "confirmed", "reason": "ETS does not answer.", "outage": self.outage})
    }

    /// A request that was passed and confirmed.
    pub(super) async fn confirmed(&self, request: &Value) -> Value {
        let filed = self.file(request).await.expect(201);
        self.pass(&filed).await;
        self.done(Role::SupportLine2, &filed, "decisions", self.confirmation()).await.expect(200)
    }

    pub(super) async fn tell(&self, request: &Value, whom: &str) -> Value {
        self.done(Role::SupportLine1, request, "tellings", json!({"of": whom})).await.expect(200)
    }

    /// A permit in force, told to both at this moment.
    pub(crate) async fn in_force(&self) -> Value {
        let confirmed = self.confirmed(&procedure()).await;
        self.tell(&confirmed, "departure_office").await;
        self.tell(&confirmed, "trader").await
    }

    pub(super) async fn check(&self, role: Role, request: &Value) -> Value {
        let number = request["permit"]["number"].as_str().unwrap();
        self.hub.get(&format!("/api/v1/permits/{number}/check")).as_role(role).send().await.expect(200)
    }

    /// Lets the timer look once, by the clock of the hub.
    pub(super) async fn timer(&self) -> Looked {
        timer::look(&mut self.hub.database.connection().await.unwrap(), self.hub.clock.now()).await.unwrap()
    }

    /// The Fallback flag of the outage, and how often the outage was changed.
    pub(super) async fn fallback(&self) -> (bool, i64) {
        let address = format!("/api/v1/outages/{}", self.outage);
        let outage = self.hub.get(&address).as_role(Role::Trader).send().await.expect(200);
        (outage["fallback_allowed"].as_bool().unwrap(), outage["version"].as_i64().unwrap())
    }
}

/// What an office files for a trader.
pub(super) fn procedure() -> Value {
    json!({
        "asks": "procedure",
        "user": {"kind": "customs_official", "unit_code": "UA209030", "position": "Інспектор",
            "person": "Іван Коваль", "email": "krakivets@example.com"},
        "office": "UA209030",
        "trader": {"name": "ТОВ «Перевізник»", "edrpou": "20000090", "person": "Олена Шевченко",
            "email": "dispatch@example.com"},
        "systems": ["ets"],
        "substance": "ЕТС не приймає декларації з 09:40.",
        "began_at": "2026-11-23T07:40:00Z",
        "agreed_until": "2026-11-23T09:00:00Z",
        "checks": "ЕТС не відкривається на жодному робочому місці.",
        "seen_by_office": true
    })
}

/// The same for another legal entity.
pub(super) fn of_another_trader() -> Value {
    let mut request = procedure();
    request["trader"]["edrpou"] = "43115923".into();
    request
}

pub(super) fn solve() -> Value {
    changed(procedure(), &json!({"asks": "solve"}))
}

/// A moment of an answer.
pub(super) fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

pub(super) fn hours(count: i64) -> TimeDelta {
    TimeDelta::hours(count)
}

/// The first line of a problem: the fault of one that has a single one.
pub(super) trait Refusal {
    fn refusal(&self) -> String;
}

impl Refusal for Answer {
    fn refusal(&self) -> String {
        self.problem().lines().next().unwrap_or_default().to_owned()
    }
}
