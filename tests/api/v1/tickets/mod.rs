//! `/api/v1/tickets`: filed, handled, answered.

mod acts;
mod assignment;
mod officials;
mod read;
mod register;

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{Answer, TestHub};

/// A hub on a Monday at 10 in Kyiv.
pub(super) async fn on_monday() -> TestHub {
    let hub = TestHub::start().await;
    hub.clock.set("2026-11-23T08:00:00Z");
    hub
}

/// What a trader files.
pub(super) fn incident() -> Value {
    json!({"kind": "incident", "substance": "ETS does not take declarations.", "user": {
        "kind": "legal_entity", "name": "Брокер", "edrpou": "43115923", "person": "Олена Шевченко",
        "email": "broker@example.com"}})
}

/// Files a ticket.
pub(super) async fn file(hub: &TestHub, role: Role, ticket: &Value) -> Answer {
    hub.post("/api/v1/tickets").as_role(role).json(ticket).send().await
}

/// Does something with a ticket as it was answered last; it is answered as it stands then.
pub(super) async fn done(hub: &TestHub, role: Role, ticket: &Value, what: &str, body: Value) -> Answer {
    let address = format!("{}/{what}", address(ticket));
    let version = format!("\"{}\"", ticket["version"]);
    hub.post(&address).as_role(role).header("If-Match", &version).json(&body).send().await
}

/// Moves a ticket. A line that assigns it names an official by it, as it must.
pub(super) async fn moved(hub: &TestHub, role: Role, ticket: &Value, body: Value) -> Value {
    let is_line = matches!(role, Role::SupportLine1 | Role::SupportLine2);
    let assigns = body["to"] == "in_progress" || body["line"] == "line_3";
    let body = if is_line && assigns { to_official(body) } else { body };
    done(hub, role, ticket, "moves", body).await.expect(200)
}

/// The same move to an official, unless it names one.
pub(super) fn to_official(mut asked: Value) -> Value {
    let official = || json!({"name": "Ірина Бондар", "position": "інспектор"});
    asked.as_object_mut().unwrap().entry("official").or_insert_with(official);
    asked
}

pub(super) fn address(ticket: &Value) -> String {
    format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap())
}
