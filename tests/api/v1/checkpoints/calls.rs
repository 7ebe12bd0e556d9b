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
    assert_json_snapshot!(call(&hub, &json!({})).await.expect(201), {".booking" => "[booking]"}, @r#"
    {
      "booking": "[booking]",
      "called_at": "2026-11-21T12:00:00Z",
      "deadline_at": "2026-11-21T16:00:00Z",
      "explanation": {
        "place": 1,
        "rule": "first_booked",
        "waiting": 2
      },
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
    422 invalid: /vehicle: is not known here, expected `booking` or `reason`
      "/vehicle" is not known here, expected `booking` or `reason`
    []
    422 invalid: invalid type: array, expected an object
      "" invalid type: array, expected an object
    null
    422 invalid: invalid type: null, expected an object
      "" invalid type: null, expected an object
    "#);
}
