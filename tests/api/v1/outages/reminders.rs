//! Reminders: of a window that begins within a day, and of an end that should have been.

use kordon_hub::outages::timer::{Reminded, look};
use kordon_hub::parties::Role;
use kordon_hub::support::timers::Acted;
use serde_json::{Value, json};

use super::{amend, declare, planned, unplanned};
use crate::hub::{TestHub, changed};

async fn timer(hub: &TestHub) -> Reminded {
    look(&mut hub.database.connection().await.unwrap(), hub.clock.now()).await.unwrap()
}

const NONE: Acted = Acted { done: 0, failed: 0 };

const NOTHING: Reminded = Reminded { starts_soon: NONE, overran: NONE };

const OVERRAN: Reminded = Reminded { starts_soon: NONE, overran: Acted { done: 1, failed: 0 } };

async fn kinds(hub: &TestHub) -> Vec<String> {
    let feed = hub.get("/api/v1/notices").as_role(Role::PressOffice).send().await.expect(200);
    let kind = |notice: &Value| notice["kind"].as_str().unwrap().to_owned();
    feed["items"].as_array().unwrap().iter().map(kind).collect()
}

#[tokio::test]
async fn a_window_is_reminded_of_a_day_before_it_begins_once() {
    let hub = TestHub::start().await;
    declare(&hub, &planned()).await.expect(201);
    hub.clock.set("2026-11-27T17:59:59Z");
    assert_eq!(timer(&hub).await, NOTHING);
    hub.clock.set("2026-11-27T18:00:00Z");
    let (one, other) = tokio::join!(timer(&hub), timer(&hub));
    assert_eq!(one.starts_soon.done + other.starts_soon.done, 1, "two replicas remind once");
    assert_eq!(timer(&hub).await, NOTHING);
    assert_eq!(kinds(&hub).await, ["declared", "starts_soon"]);
    // DG TAXUD's record is not touched by it.
    let feed = hub.get("/api/v1/notices").as_role(Role::PressOffice).send().await.expect(200);
    let address = format!("/api/v1/notices/{}", feed["items"][1]["id"].as_str().unwrap());
    let shown = hub.get(&address).as_role(Role::PressOffice).send().await.expect(200);
    let deliveries = shown["deliveries"].as_array().unwrap();
    assert_eq!((deliveries.len(), &deliveries[0]["recipient"]), (1, &json!("press_office")));
}

#[tokio::test]
async fn a_window_that_was_told_of_within_a_day_needs_no_reminder() {
    let hub = TestHub::start().await;
    let soon = json!({"starts_at": "2026-11-21T20:00:00Z", "expected_end_at": "2026-11-21T22:00:00Z"});
    declare(&hub, &changed(planned(), &soon)).await.expect(201);
    hub.clock.set("2026-11-21T19:00:00Z");
    assert_eq!(timer(&hub).await, NOTHING);
}

#[tokio::test]
async fn a_window_that_was_withdrawn_is_not_reminded_of() {
    let hub = TestHub::start().await;
    let window = declare(&hub, &planned()).await.expect(201);
    amend(&hub, &window, 1, &json!({"cancelled": true})).await.expect(200);
    hub.clock.set("2026-11-28T12:00:00Z");
    assert_eq!(timer(&hub).await, NOTHING);
}

#[tokio::test]
async fn an_end_that_has_passed_is_told_for_each_estimate() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &unplanned()).await.expect(201);
    assert_eq!(timer(&hub).await, NOTHING, "nobody said when it would end");
    let estimate = json!({"expected_end_at": "2026-11-21T13:00:00Z"});
    amend(&hub, &outage, 1, &estimate).await.expect(200);
    hub.clock.set("2026-11-21T13:00:00Z");
    assert_eq!(timer(&hub).await, OVERRAN);
    assert_eq!(timer(&hub).await, NOTHING);
    amend(&hub, &outage, 3, &json!({"expected_end_at": "2026-11-21T14:00:00Z"})).await.expect(200);
    hub.clock.set("2026-11-21T14:30:00Z");
    assert_eq!(timer(&hub).await, OVERRAN);
    assert_eq!(kinds(&hub).await, ["declared", "changed", "overran", "changed", "overran"]);
    amend(&hub, &outage, 5, &json!({"recovered_at": "2026-11-21T14:20:00Z"})).await.expect(200);
    assert_eq!(timer(&hub).await, NOTHING);
}
