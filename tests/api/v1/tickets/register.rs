//! `POST /api/v1/tickets`.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::{file, incident, on_monday};
use crate::hub::changed;

#[tokio::test]
async fn a_trader_files_a_ticket_and_gets_its_number() {
    let hub = on_monday().await;
    let answer = file(&hub, Role::Trader, &incident()).await;
    let mut ticket = answer.expect(201);
    assert_eq!(answer.header("etag"), "\"1\"");
    ticket["id"] = "(the id)".into();
    assert_snapshot!(serde_json::to_string_pretty(&ticket).unwrap(), @r#"
    {
      "channel": "web_module",
      "closes_at": null,
      "due_at": null,
      "id": "(the id)",
      "kind": "incident",
      "line": "line_1",
      "priority": "normal",
      "received_at": "2026-11-23T08:00:00Z",
      "registered_at": "2026-11-23T08:00:00Z",
      "registration_number": "2026-000001",
      "status": "new",
      "taken_at": null,
      "user_wrote_at": null,
      "version": 1
    }
    "#);
}

#[tokio::test]
async fn what_is_missing_is_named_and_nothing_is_registered() {
    let hub = on_monday().await;
    let empty = json!({"kind": "incident", "user": {"kind": "sole_trader"}});
    assert_snapshot!(file(&hub, Role::Trader, &empty).await.problem(), @r#"
    422 invalid: 4 places break a rule
      "/user/rnokpp" is missing: a ticket of a sole_trader is not registered without it
      "/user/person" is missing: a ticket of a sole_trader is not registered without it
      "/user/email" is missing: give an e-mail address or a telephone number to be told by
      "/substance" is missing: say what the matter is
    "#);
    let next = file(&hub, Role::Trader, &incident()).await.expect(201);
    assert_eq!(next["registration_number"], "2026-000001", "a refusal takes no number");
}

#[tokio::test]
async fn line_1_enters_a_call_with_its_recording() {
    let hub = on_monday().await;
    let told = file(&hub, Role::SupportLine1, &incident()).await.problem();
    assert!(told.starts_with("422 invalid: /call is missing"), "{told}");
    let call = json!({"received_at": "2026-11-21T20:15:00Z", "recording": "calls/2026-11-21/17"});
    let by_phone = changed(incident(), &json!({"call": call}));
    let ticket = file(&hub, Role::SupportLine1, &by_phone).await.expect(201);
    let facts = ["channel", "received_at", "registered_at", "taken_at"].map(|member| ticket[member].clone());
    let expected =
        [json!("telephone"), json!("2026-11-21T20:15:00Z"), json!("2026-11-23T08:00:00Z"), json!(null)];
    assert_eq!(facts, expected);
    let told = file(&hub, Role::Trader, &by_phone).await.problem();
    assert!(told.starts_with("422 invalid: /call is entered by line 1 only"), "{told}");
}

#[tokio::test]
async fn a_ticket_may_be_repeated_under_its_key() {
    let hub = on_monday().await;
    let keyed = |ticket: Value| {
        hub.post("/api/v1/tickets").as_role(Role::Trader).header("Idempotency-Key", "k-1").json(&ticket)
    };
    let first = keyed(incident()).send().await.expect(201);
    assert_eq!(keyed(incident()).send().await.expect(200), first);
    let another = changed(incident(), &json!({"kind": "consultation"}));
    let told = keyed(another).send().await.problem();
    assert_eq!(told, "409 idempotency_conflict: the key stands for another ticket, 2026-000001");
}
