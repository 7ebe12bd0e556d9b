//! The time within which a ticket is to be assigned (Order 926, section III, clause 12).

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::{address, done, file, incident, moved};
use crate::hub::TestHub;

use Role::{SupportLine1 as LINE_1, SupportLine2 as LINE_2, Trader as TRADER};

/// A hub on a Monday at 10 in Kyiv, under a table that has times of assignment.
async fn with_times_of_assignment() -> TestHub {
    let hub = TestHub::start().await;
    hub.clock.set("2026-11-30T08:00:00Z");
    hub
}

/// The assignment's deadline: its state, its moment, the time given and gone by, and the table.
async fn assignment(hub: &TestHub, ticket: &Value) -> String {
    let told = hub.get(&format!("{}/deadlines", address(ticket))).as_role(LINE_1).send().await.expect(200);
    let deadline = told["deadlines"].as_array().unwrap().iter().find(|of| of["clock"] == "assignment");
    let members = ["state", "due_at", "given_minutes", "worked_minutes", "calendar", "handling_version"];
    deadline.map_or_else(String::new, |of| members.map(|member| of[member].to_string()).join(" "))
}

/// How many tickets a list of the daily control has.
async fn on_list(hub: &TestHub, reason: &str) -> Value {
    let control = hub.get("/api/v1/daily-control").as_role(LINE_1).send().await.expect(200);
    let list = control["lists"].as_array().unwrap().iter().find(|list| list["reason"] == reason);
    list.unwrap()["count"].clone()
}

#[tokio::test]
async fn a_ticket_is_assigned_within_the_time_of_its_priority() {
    let hub = with_times_of_assignment().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    assert_eq!(ticket["due_at"], "2026-11-30T12:45:00Z", "four hours of line 1's work, without its break");
    assert_eq!(assignment(&hub, &ticket).await, r#""running" "2026-11-30T12:45:00Z" 240 0 "line_1" 2"#);
    let critical = json!({"priority": "critical", "reason": "Transit stands still."});
    let ticket = done(&hub, LINE_1, &ticket, "priorities", critical).await.expect(200);
    assert_eq!(ticket["due_at"], "2026-11-30T08:30:00Z");
    hub.clock.set("2026-11-30T08:20:00Z");
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "in_progress"})).await;
    assert_eq!(ticket["due_at"], "2026-11-30T13:05:00Z", "the clock of the ticket runs instead");
    hub.clock.set("2026-12-10T08:00:00Z");
    assert_eq!(assignment(&hub, &ticket).await, r#""met" "2026-11-30T08:30:00Z" 30 20 "line_1" 2"#);
    assert_eq!(on_list(&hub, "not_assigned").await, 0);
}

#[tokio::test]
async fn what_was_not_assigned_in_time_is_told_each_day_and_counted() {
    let hub = with_times_of_assignment().await;
    let late = file(&hub, TRADER, &incident()).await.expect(201);
    hub.clock.set("2026-11-30T12:45:00Z");
    assert_eq!((on_list(&hub, "not_assigned").await, on_list(&hub, "due_today").await), (json!(0), json!(1)));
    hub.clock.set("2026-11-30T12:46:00Z");
    let in_time = file(&hub, TRADER, &incident()).await.expect(201);
    file(&hub, TRADER, &incident()).await.expect(201);
    assert_eq!((on_list(&hub, "not_assigned").await, on_list(&hub, "overdue").await), (json!(1), json!(1)));
    let overdue = hub.get("/api/v1/tickets?state=overdue").as_role(LINE_1).send().await.expect(200);
    assert_eq!(overdue["items"], json!([late]));
    moved(&hub, LINE_1, &late, json!({"to": "in_progress"})).await;
    moved(&hub, LINE_1, &in_time, json!({"to": "in_progress"})).await;
    assert_eq!(on_list(&hub, "not_assigned").await, 0);
    assert_eq!(assignment(&hub, &late).await, r#""missed" "2026-11-30T12:45:00Z" 240 241 "line_1" 2"#);
    let figures = hub.get("/api/v1/ticket-figures?from=2026-11-30&to=2026-11-30").as_role(LINE_1);
    let figures = figures.send().await.expect(200);
    let members =
        ["registered", "taken", "assignment_measured", "assigned_in_time", "assigned_in_time_permille"];
    let told = members.map(|member| figures["items"][0][member].to_string()).join(" ");
    assert_eq!(told, "3 2 2 1 500");
}

#[tokio::test]
async fn the_night_counts_nothing_and_the_duty_takes_what_is_critical() {
    let hub = with_times_of_assignment().await;
    hub.clock.set("2026-11-30T20:00:00Z");
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let critical = json!({"priority": "critical", "reason": "Transit stands still."});
    let ticket = done(&hub, LINE_2, &ticket, "priorities", critical).await.expect(200);
    assert_eq!(ticket["due_at"], "2026-12-01T07:30:00Z", "half an hour of line 1's morning");
    hub.clock.set("2026-11-30T20:10:00Z");
    let ticket = moved(&hub, LINE_2, &ticket, json!({"to": "in_progress"})).await;
    assert_eq!(assignment(&hub, &ticket).await, r#""met" "2026-12-01T07:30:00Z" 30 0 "line_1" 2"#);
}

#[tokio::test]
async fn a_call_is_assigned_from_its_registration_on() {
    let hub = with_times_of_assignment().await;
    let call = json!({"received_at": "2026-11-27T08:00:00Z", "recording": "calls/1"});
    let called = crate::hub::changed(incident(), &json!({"call": call}));
    let ticket = file(&hub, LINE_1, &called).await.expect(201);
    assert_eq!(ticket["due_at"], "2026-11-30T12:45:00Z");
}

#[tokio::test]
async fn a_ticket_from_before_the_times_of_assignment_is_measured_as_it_was() {
    let hub = super::on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    assert_eq!(ticket["due_at"], json!(null));
    hub.clock.set("2026-11-30T12:46:00Z");
    let critical = json!({"priority": "critical", "reason": "Transit stands still."});
    let ticket = done(&hub, LINE_1, &ticket, "priorities", critical).await.expect(200);
    assert_eq!((&ticket["due_at"], assignment(&hub, &ticket).await), (&json!(null), String::new()));
    assert_eq!((on_list(&hub, "not_assigned").await, on_list(&hub, "waiting").await), (json!(0), json!(1)));
    moved(&hub, LINE_1, &ticket, json!({"to": "in_progress"})).await;
    let figures = hub.get("/api/v1/ticket-figures?from=2026-11-23&to=2026-11-23").as_role(LINE_1);
    let figures = figures.send().await.expect(200);
    assert_eq!(figures["items"][0]["assignment_measured"], 0);
}
