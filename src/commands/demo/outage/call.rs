//! A trader telephones; line 1 registers the call; line 2 confirms the failure (H2.2, H3.2, H3.3, H3.6,
//! H3.7).

use chrono::{DateTime, Utc};
use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use serde_json::{Value, json};

use super::stage::{Stage, Ticket, member, official, text};
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::wire::Body;

/// The trader's address.
pub(super) const TRADER: &str = "dispatch@example.com";

/// The trader's code.
pub(super) const EDRPOU: &str = "20000090";

fn call() -> Value {
    json!({
        "kind": "incident",
        "user": {"kind": "legal_entity", "name": "ТОВ «Перевізник»", "edrpou": EDRPOU, "person": "Олена Шевченко",
            "email": TRADER, "telephone": "+380 44 123 45 67"},
        "substance": "ЕТС не приймає декларації з 09:40: відповідь 500.",
        "call": {"received_at": "2026-11-23T07:58:00Z", "recording": "calls/2026-11-23/0001.ogg"}
    })
}

/// Line 1 enters the call: first without the contact person, which is refused, then in full.
pub(super) async fn register(stage: &mut Stage<'_>) -> anyhow::Result<Ticket> {
    stage.at("2026-11-23T08:00:00Z")?;
    let mut nameless = call();
    if let Some(user) = nameless.pointer_mut("/user").and_then(Value::as_object_mut) {
        user.remove("person");
    }
    let request = Request::post(Role::SupportLine1, "/api/v1/tickets", Body::json(&nameless));
    let what = "a call without a contact person";
    stage.refused(what, request, ProblemCode::Invalid, "/user/person").await?;
    let registered = stage.post(Role::SupportLine1, "/api/v1/tickets", &call()).await?;
    let ticket = Ticket(text(&registered, "/id"));
    let number = text(&registered, "/registration_number");
    stage.step(
        "line 1 registers the trader's call",
        format_args!("{number}, {}", stage.stands(&ticket).await?),
    );
    stage.compare("the call is registered", "2026-000001", &number);
    stage.compare("  it stands", "new with line_1", stage.stands(&ticket).await?);
    let whole = stage.ticket(&ticket).await?;
    let moments = format!("{} {}", text(&whole, "/received_at"), text(&whole, "/registered_at"));
    stage.compare("  received and registered", "2026-11-23T07:58:00Z 2026-11-23T08:00:00Z", moments);
    let kept = |path: &str| member(&whole, path).as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    let kept = kept("/recording/kept_until").zip(kept("/received_at"));
    let days = kept.map_or(0, |(until, received)| (until - received).num_days());
    stage.compare("  days for which the recording is kept", 1095, days);
    let telling = json!({"of": "registration"});
    stage.with_ticket(Role::SupportLine1, &ticket, "tellings", &telling).await?;
    Ok(ticket)
}

/// Line 1 passes the ticket to line 2, which confirms the failure: from then on it is critical.
pub(super) async fn pass_and_confirm(stage: &mut Stage<'_>, ticket: &Ticket) -> anyhow::Result<()> {
    stage.at("2026-11-23T08:08:00Z")?;
    let pass = json!({"to": "in_progress", "line": "line_2", "official": official()});
    stage.with_ticket(Role::SupportLine1, ticket, "moves", &pass).await?;
    stage.step("line 1 passes the ticket to line 2", stage.stands(ticket).await?);
    stage.compare("passed to line 2", "in_progress with line_2", stage.stands(ticket).await?);
    let wrote = text(&stage.ticket(ticket).await?, "/user_wrote_at");
    stage.compare("  what the user wrote waits no more", "-", wrote);
    stage.at("2026-11-23T08:20:00Z")?;
    let confirmed = json!({"priority": "critical", "reason": "ЕТС не відповідає: збій підтверджено."});
    stage.with_ticket(Role::SupportLine2, ticket, "priorities", &confirmed).await?;
    let priority = text(&stage.ticket(ticket).await?, "/priority");
    stage.step(
        "line 2 confirms the failure",
        format_args!("{priority}, line 2's clock is {}", stage.clock(ticket, "line_2").await?),
    );
    stage.compare("confirmed by line 2", "critical", priority);
    Ok(())
}

/// Software must be changed: line 2's clock is stopped, the ticket's stands still and says why (H3.12).
pub(super) async fn wait_for_the_change(stage: &mut Stage<'_>, ticket: &Ticket) -> anyhow::Result<()> {
    stage.at("2026-11-23T08:30:00Z")?;
    let defer = json!({"to": "deferred", "reason": "Потрібне виправлення програмного забезпечення ЕТС."});
    stage.with_ticket(Role::SupportLine2, ticket, "moves", &defer).await?;
    let clock = stage.clock(ticket, "ticket").await?;
    stage.step("line 2 waits for a change of software", format_args!("the ticket's clock {clock}"));
    stage.compare("the ticket's clock meanwhile", "stands_still (software_must_change)", clock);
    stage.compare("  line 2's", "met", stage.clock(ticket, "line_2").await?);
    Ok(())
}
