//! `POST /api/v1/permit-requests/{request}/decisions`.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::{Refusal as _, Story, procedure, solve};
use crate::hub::changed;

fn refusal(ground: &str) -> Value {
    json!({"outcome": "refused", "ground": ground, "reason": "ETS answers within a second."})
}

#[tokio::test]
async fn a_confirmed_failure_becomes_a_permit_that_is_not_in_force_yet() {
    let story = Story::begin().await;
    let request = story.file(&procedure()).await.expect(201);
    story.pass(&request).await;
    story.at("23T09:40");
    let decided =
        story.done(Role::SupportLine2, &request, "decisions", story.confirmation()).await.expect(200);
    assert_eq!(decided["state"], "permitted");
    assert_eq!(story.ticket_stands(&request).await, "in_progress line_1", "line 1 is to tell both");
    let mut permit = decided["permit"].clone();
    assert_eq!(permit["outage"], story.outage.as_str());
    permit["outage"] = "(the outage)".into();
    assert_snapshot!(serde_json::to_string_pretty(&permit).unwrap(), @r#"
    {
      "continues": null,
      "issued_at": "2026-11-23T09:40:00Z",
      "number": "UA-BCP-20261123-1140-001-0",
      "outage": "(the outage)",
      "revoked_at": null,
      "revoked_because": null,
      "scope": {
        "office": "UA209030",
        "systems": [
          "ets"
        ]
      },
      "stamp": null,
      "state": "issued",
      "valid_from": null,
      "valid_until": null
    }
    "#);
    assert_eq!(story.check(Role::Customs, &decided).await["valid"], false);
    assert_eq!(story.fallback().await, (false, 1), "nothing is allowed before both were told");
}

#[tokio::test]
async fn line_2_decides_what_line_1_passed_to_it() {
    let story = Story::begin().await;
    let request = story.file(&procedure()).await.expect(201);
    let decide = |body: Value| story.done(Role::SupportLine2, &request, "decisions", body);
    let told = decide(story.confirmation()).await.refusal();
    assert_eq!(
        told,
        "409 ticket_move_refused: the ticket of this request is new with line_1: line_1 passes it to line_2 first (H4.4)"
    );
    story.pass(&request).await;
    decide(story.confirmation()).await.expect(200);
    let told = decide(story.confirmation()).await.refusal();
    assert_eq!(told, "409 permit_move_refused: the request is permitted: it can become refused, closed");
}

#[tokio::test]
async fn a_decision_after_four_hours_is_taken_and_marked() {
    let story = Story::begin().await;
    let request = story.file(&procedure()).await.expect(201);
    story.pass(&request).await;
    let list = async || {
        let list = story.hub.get("/api/v1/permit-requests?state=open").as_role(Role::SupportLine2);
        list.send().await.expect(200)["items"][0]["decided_late"].clone()
    };
    story.at("23T12:00");
    assert_eq!(list().await, false);
    story.hub.clock.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(list().await, true);
    let decided =
        story.done(Role::SupportLine2, &request, "decisions", story.confirmation()).await.expect(200);
    assert_eq!(decided["decided_late"], true);
}

#[tokio::test]
async fn a_refusal_has_a_ground_and_is_over_when_both_were_told() {
    let story = Story::begin().await;
    let request = story.file(&procedure()).await.expect(201);
    story.pass(&request).await;
    let decide = |body: Value| story.done(Role::SupportLine2, &request, "decisions", body);
    let told = decide(json!({"outcome": "refused", "reason": "No failure."})).await.refusal();
    assert_eq!(told, "422 invalid: /ground is missing: a refusal has a ground (H4.9)");
    let refused = decide(refusal("not_confirmed")).await.expect(200);
    assert_eq!(
        refused["refusal"],
        json!({"ground": "not_confirmed", "reason": "ETS answers within a second."})
    );
    assert_eq!(refused["state"], "refused");
    assert_eq!(story.tell(&request, "trader").await["state"], "refused");
    assert_eq!(story.tell(&request, "departure_office").await["state"], "closed");
    assert_eq!(story.ticket_stands(&request).await, "closed line_1");
    // The user may always ask again (H4.10).
    story.file(&procedure()).await.expect(201);
}

#[tokio::test]
async fn an_outage_must_run_and_concern_the_request() {
    let story = Story::begin().await;
    let request =
        story.file(&changed(procedure(), &json!({"systems": ["guarantee_management"]}))).await.expect(201);
    story.pass(&request).await;
    let decide = |body: Value| story.done(Role::SupportLine2, &request, "decisions", body);
    let without = json!({"outcome": "confirmed", "reason": "It fails."});
    let told = decide(without.clone()).await.refusal();
    assert_eq!(
        told,
        "422 invalid: /outage is missing: declare the outage of these systems first, and name it"
    );
    let told = decide(story.confirmation()).await.refusal();
    assert_eq!(told, "422 invalid: /outage takes none of the systems of the request away");
    let nowhere = changed(without, &json!({"outage": "019a9d2e-7c00-7000-8000-000000000001"}));
    assert_eq!(decide(nowhere).await.refusal(), "422 invalid: /outage is no outage of this hub");
    let over = json!({"recovered_at": "2026-11-23T07:55:00Z"});
    let address = format!("/api/v1/outages/{}", story.outage);
    let recover = story.hub.request(reqwest::Method::PATCH, &address).as_role(Role::SupportLine1);
    recover.header("If-Match", "\"1\"").json(&over).send().await.expect(200);
    let told = decide(story.confirmation()).await.refusal();
    assert_eq!(told, "422 invalid: /outage is over: the incident was solved, refuse on the ground `solved`");
}

#[tokio::test]
async fn a_failure_of_the_traders_own_link_needs_no_outage() {
    let story = Story::begin().await;
    let request =
        story.file(&changed(procedure(), &json!({"systems": ["declarant_link"]}))).await.expect(201);
    story.pass(&request).await;
    let found = json!({"outcome": "confirmed", "reason": "Seen in the log."});
    let decided = story.done(Role::SupportLine2, &request, "decisions", found).await.expect(200);
    assert_eq!(decided["permit"]["outage"], json!(null));
    story.tell(&request, "trader").await;
    assert_eq!(story.tell(&request, "departure_office").await["permit"]["state"], "in_force");
}

#[tokio::test]
async fn an_incident_that_is_to_be_solved_gets_no_permit_and_ends_when_it_is() {
    let story = Story::begin().await;
    let confirmed = story.confirmed(&solve()).await;
    assert_eq!((&confirmed["state"], &confirmed["permit"]), (&json!("confirmed"), &json!(null)));
    assert_eq!(story.ticket_stands(&confirmed).await, "in_progress line_2", "line 2 goes on solving it");
    let told =
        story.done(Role::SupportLine1, &confirmed, "tellings", json!({"of": "trader"})).await.refusal();
    assert_eq!(told, "409 permit_move_refused: the request is confirmed: there is nothing to tell");
    let solved = story.done(Role::SupportLine2, &confirmed, "decisions", refusal("solved")).await.expect(200);
    assert_eq!(solved["refusal"]["ground"], "solved");
}

#[tokio::test]
async fn a_permit_whose_incident_was_solved_before_both_were_told_is_refused() {
    let story = Story::begin().await;
    let confirmed = story.confirmed(&procedure()).await;
    story.at("23T08:10");
    story.tell(&confirmed, "trader").await;
    let over = json!({"recovered_at": "2026-11-23T08:20:00Z"});
    let address = format!("/api/v1/outages/{}", story.outage);
    story.at("23T08:30");
    let recover = story.hub.request(reqwest::Method::PATCH, &address).as_role(Role::SupportLine1);
    recover.header("If-Match", "\"1\"").json(&over).send().await.expect(200);
    let late = json!({"of": "departure_office"});
    let told = story.done(Role::SupportLine1, &confirmed, "tellings", late).await.refusal();
    assert!(told.starts_with("409 permit_move_refused: outage "), "{told}");
    assert!(told.contains("is over since 2026-11-23T08:20:00+00:00: the incident was solved"), "{told}");
    let refused =
        story.done(Role::SupportLine2, &confirmed, "decisions", refusal("solved")).await.expect(200);
    assert_eq!((&refused["state"], &refused["permit"]["state"]), (&json!("refused"), &json!("revoked")));
    assert_eq!(refused["trader_told_at"], json!(null), "both are told of the refusal");
    story.tell(&confirmed, "trader").await;
    assert_eq!(story.tell(&confirmed, "departure_office").await["state"], "closed");
    assert_eq!(story.ticket_stands(&confirmed).await, "closed line_1");
}

#[tokio::test]
async fn the_ticket_of_a_request_is_not_ended_beside_it() {
    let story = Story::begin().await;
    let request = story.file(&procedure()).await.expect(201);
    story.pass(&request).await;
    let address = format!("/api/v1/tickets/{}/moves", request["ticket"].as_str().unwrap());
    let resolve = story.hub.post(&address).as_role(Role::SupportLine1).header("If-Match", "\"2\"");
    let told = resolve.json(&json!({"to": "resolved", "reason": "done"})).send().await.refusal();
    let id = request["id"].as_str().unwrap();
    assert_eq!(
        told,
        format!(
            "409 ticket_move_refused: permit request {id} of this ticket is not settled; the ticket ends with it"
        )
    );
}
