//! `POST /api/v1/checkpoints/{checkpoint}/calls`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{Answer, KRAKIVETS, TestHub};

async fn call(hub: &TestHub, body: &Value) -> Answer {
    hub.post(&TestHub::at(KRAKIVETS, "calls")).as_role(Role::QueueOperator).json(body).send().await
}

#[tokio::test]
async fn the_first_in_the_zone_is_called_and_told_why() {
    let hub = TestHub::start().await;
    for plate in ["AA 0001 BB", "AA 0002 BB"] {
        hub.book(KRAKIVETS, plate).await;
        hub.arrive(KRAKIVETS, plate).await;
    }
    let called = call(&hub, &json!({})).await.expect(201);
    assert_json_snapshot!(called, {".booking" => "[booking]", ".explanation.stood[].booking" => "[booking]"}, @r#"
    {
      "booking": "[booking]",
      "called_at": "2026-11-21T12:00:00Z",
      "deadline_at": "2026-11-21T16:00:00Z",
      "entry_expected_at": "2026-11-21T12:00:00Z",
      "explanation": {
        "place": 1,
        "rule": "turn",
        "stood": [
          {
            "booking": "[booking]",
            "queue": "live",
            "since": "2026-11-21T12:00:00Z"
          },
          {
            "booking": "[booking]",
            "queue": "live",
            "since": "2026-11-21T12:00:00Z"
          }
        ],
        "turns": [
          {
            "credit": 0,
            "weight": 1
          }
        ],
        "waiting": 2
      },
      "kind": "operator",
      "lane": "all",
      "plate": "AA 0001 BB",
      "position": 5,
      "rules_version": 1
    }
    "#);
}

#[tokio::test]
async fn whom_the_hub_does_not_call_it_says_why() {
    let hub = TestHub::start().await;
    assert_snapshot!(call(&hub, &json!({})).await.problem(), @"409 not_callable: nobody waits in a waiting zone");
    for plate in ["AA 0001 BB", "AA 0002 BB"] {
        hub.book(KRAKIVETS, plate).await;
        hub.arrive(KRAKIVETS, plate).await;
    }
    let late = hub.book(KRAKIVETS, "AA 0003 BB").await;
    assert_snapshot!(call(&hub, &json!({"booking": late})).await.problem(), @"409 not_first: the vehicle is not in a waiting zone");
    call(&hub, &json!({"booking": late, "reason": "an ambulance"})).await.expect(201);
    assert_snapshot!(call(&hub, &json!({"booking": late, "reason": "again"})).await.problem(), @"409 not_callable: the vehicle was called already");
    let nobody = "00000000-0000-0000-0000-000000000001";
    assert_snapshot!(call(&hub, &json!({"booking": nobody})).await.problem(), @"409 not_callable: the vehicle does not wait for this checkpoint");
}

#[tokio::test]
async fn every_bad_call_is_told_what_and_where() {
    let hub = TestHub::start().await;
    let bad = [
        json!({"booking": "AA 0001 BB"}),
        json!({"reason": ""}),
        json!({"reason": "two\nlines"}),
        json!({"vehicle": "AA 0001 BB"}),
        json!([]),
        json!(null),
    ];
    let mut told = String::new();
    for body in bad {
        told.push_str(&format!("{body}\n{}\n", call(&hub, &body).await.problem()));
    }
    assert_snapshot!(told, @r#"
    {"booking":"AA 0001 BB"}
    422 invalid: /booking: UUID parsing failed: invalid character: found ` ` at 2
      "/booking" UUID parsing failed: invalid character: found ` ` at 2
    {"reason":""}
    422 invalid: /reason has 1 to 500 characters and no control characters
      "/reason" has 1 to 500 characters and no control characters
    {"reason":"two\nlines"}
    422 invalid: /reason has 1 to 500 characters and no control characters
      "/reason" has 1 to 500 characters and no control characters
    {"vehicle":"AA 0001 BB"}
    422 invalid: /vehicle: is not known here, expected one of `lane`, `booking`, `reason`, `reference`, `called_at`
      "/vehicle" is not known here, expected one of `lane`, `booking`, `reason`, `reference`, `called_at`
    []
    422 invalid: invalid type: array, expected an object
      "" invalid type: array, expected an object
    null
    422 invalid: invalid type: null, expected an object
      "" invalid type: null, expected an object
    "#);
}

#[tokio::test]
async fn the_same_reference_calls_nobody_else() {
    let hub = TestHub::start().await;
    for plate in ["AA 0001 BB", "AA 0002 BB"] {
        hub.book(KRAKIVETS, plate).await;
        hub.arrive(KRAKIVETS, plate).await;
    }
    let asked = json!({"reference": "c-1"});
    let first = call(&hub, &asked).await.expect(201);
    assert_eq!(call(&hub, &asked).await.expect(200), first);
    let other = call(&hub, &json!({"reference": "c-1", "lane": "all"})).await;
    assert_eq!(other.expect(409)["code"], "idempotency_conflict");
    assert_eq!(call(&hub, &json!({"lane": "boats"})).await.expect(422)["faults"][0]["path"], "/lane");
}

#[tokio::test]
async fn a_call_is_explained_for_a_purpose_that_is_kept() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    let called = call(&hub, &json!({})).await.expect(201);
    let address = TestHub::at(KRAKIVETS, "calls/3");
    let asked = || hub.get(&address).as_role(Role::BorderGuard);
    assert_eq!(asked().send().await.expect(400)["code"], "purpose_required");
    assert_eq!(asked().for_purpose("a dispute").send().await.expect(200), called);
    let at_no_call = TestHub::at(KRAKIVETS, "calls/2");
    let asked_by = |role| hub.get(&at_no_call).as_role(role).for_purpose("a dispute");
    assert_eq!(asked_by(Role::BorderGuard).send().await.status, 404);
    assert_eq!(asked_by(Role::Administrator).send().await.status, 403, "plates are none of its business");
}
