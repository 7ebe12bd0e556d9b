//! `/api/v1/outages`: declared, changed, over.

mod amend;
mod declare;
mod overlap;
mod read;
mod reminders;

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{Answer, TestHub};

/// A failure of an hour ago.
pub(super) fn unplanned() -> Value {
    json!({
        "kind": "unplanned", "affected_systems": ["ets"], "starts_at": "2026-11-21T11:00:00Z",
        "fallback_allowed": true, "text": {"uk": "Збій ЕТС.", "en": "ETS has failed."}
    })
}

/// A window next week.
pub(super) fn planned() -> Value {
    json!({
        "kind": "planned", "affected_systems": ["ets", "declarant_link"], "starts_at": "2026-11-28T18:00:00Z",
        "expected_end_at": "2026-11-28T22:00:00Z", "fallback_allowed": true,
        "text": {"uk": "Оновлення серверів ЕТС.", "en": "Upgrade of the ETS servers."}
    })
}

/// Declares an outage as the first line does.
pub(super) async fn declare(hub: &TestHub, outage: &Value) -> Answer {
    hub.post("/api/v1/outages").as_role(Role::SupportLine1).json(outage).send().await
}

/// Changes an outage that is at a version.
pub(super) async fn amend(hub: &TestHub, outage: &Value, version: i32, changes: &Value) -> Answer {
    let request = hub.request(reqwest::Method::PATCH, &address(outage)).as_role(Role::SupportLine1);
    request.header("If-Match", &format!("\"{version}\"")).json(changes).send().await
}

pub(super) fn address(outage: &Value) -> String {
    format!("/api/v1/outages/{}", outage["id"].as_str().unwrap())
}

/// An outage without what differs from one run to the next.
pub(super) fn shown(mut outage: Value) -> String {
    outage["id"] = "(the id)".into();
    serde_json::to_string_pretty(&outage).unwrap()
}
