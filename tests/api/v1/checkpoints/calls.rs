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
    assert_json_snapshot!(call(&hub, &json!({})).await.expect(201), {".booking" => "[booking]"}, @"");
}

#[tokio::test]
async fn whom_the_hub_does_not_call_it_says_why() {
    let hub = TestHub::start().await;
    assert_snapshot!(call(&hub, &json!({})).await.problem(), @"");
    for plate in ["AA 0001 BB", "AA 0002 BB"] {
        hub.book(KRAKIVETS, plate).await;
        hub.arrive(KRAKIVETS, plate).await;
    }
    let late = hub.book(KRAKIVETS, "AA 0003 BB").await;
    assert_snapshot!(call(&hub, &json!({"booking": late})).await.problem(), @"");
    call(&hub, &json!({"booking": late, "reason": "an ambulance"})).await.expect(201);
    assert_snapshot!(call(&hub, &json!({"booking": late, "reason": "again"})).await.problem(), @"");
    let nobody = "00000000-0000-0000-0000-000000000001";
    assert_snapshot!(call(&hub, &json!({"booking": nobody})).await.problem(), @"");
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
    assert_snapshot!(told, @"");
}
