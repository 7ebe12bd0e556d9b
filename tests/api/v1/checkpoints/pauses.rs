//! `POST /api/v1/checkpoints/{checkpoint}/pauses`, and its end.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{Answer, KRAKIVETS, TestHub};

async fn pause(hub: &TestHub, body: &Value) -> Answer {
    hub.post(&TestHub::at(KRAKIVETS, "pauses")).as_role(Role::BorderGuard).json(body).send().await
}

#[tokio::test]
async fn calls_are_paused_with_a_reason_and_go_on() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    let paused = pause(&hub, &json!({"reason": "a bomb threat"})).await.expect(201);
    assert_json_snapshot!(paused, {".id" => "[id]"}, @r#"
    {
      "checkpoint": "UA209030",
      "id": "[id]",
      "paused_at": "2026-11-21T12:00:00Z",
      "paused_by": "border_guard",
      "position": 3,
      "reason": "a bomb threat"
    }
    "#);
    let queue = hub.get(&TestHub::at(KRAKIVETS, "queue")).as_role(Role::Customs).send().await.expect(200);
    assert_eq!(
        (&queue["lanes"][0]["state"], &queue["lanes"][0]["reason"]),
        (&json!("paused"), &json!("a bomb threat"))
    );
    let call = async || {
        hub.post(&TestHub::at(KRAKIVETS, "calls")).as_role(Role::QueueOperator).json(&json!({})).send().await
    };
    assert_snapshot!(call().await.problem(), @"409 lane_paused: a bomb threat");
    let end = TestHub::at(KRAKIVETS, &format!("pauses/{}/end", paused["id"].as_str().unwrap()));
    assert_eq!(
        hub.post(&end).as_role(Role::QueueOperator).send().await.problem(),
        "409 lane_paused: the border guard paused them and lets them go on: a bomb threat"
    );
    let ended = hub.post(&end).as_role(Role::BorderGuard).send().await.expect(200);
    assert_eq!(ended["ended_at"], "2026-11-21T12:00:00Z");
    assert_eq!(hub.post(&end).as_role(Role::QueueOperator).send().await.expect(200), ended, "it is over");
    call().await.expect(201);
}

#[tokio::test]
async fn a_pause_needs_a_reason_and_a_lane_that_there_is_and_is_made_once() {
    let hub = TestHub::start().await;
    assert_eq!(pause(&hub, &json!({"reason": " "})).await.expect(422)["faults"][0]["path"], "/reason");
    let of = |lane: &str| json!({"lane": lane, "reason": "works"});
    assert_eq!(pause(&hub, &of("boats")).await.expect(422)["faults"][0]["path"], "/lane");
    let lasts = async || {
        let list = hub.get(&TestHub::at(KRAKIVETS, "pauses")).as_role(Role::QueueOperator).send().await;
        list.expect(200)["items"].clone()
    };
    assert_eq!(lasts().await, json!([]));
    let paused = pause(&hub, &of("all")).await.expect(201);
    assert_eq!(lasts().await, json!([paused]), "its answer may be lost");
    let id = paused["id"].as_str().unwrap();
    let told = pause(&hub, &of("all")).await.problem();
    assert_eq!(told, format!("409 lane_paused: pause {id} lasts since 2026-11-21T12:00:00Z: works"));
    let end = TestHub::at(KRAKIVETS, &format!("pauses/{id}/end"));
    hub.post(&end).as_role(Role::BorderGuard).send().await.expect(200);
    assert_eq!(lasts().await, json!([]));
    let nowhere = TestHub::at(KRAKIVETS, "pauses/00000000-0000-0000-0000-000000000001/end");
    assert_eq!(hub.post(&nowhere).as_role(Role::BorderGuard).send().await.status, 404);
}

#[tokio::test]
async fn what_an_operator_paused_the_border_guard_may_let_go_on() {
    let hub = TestHub::start().await;
    let asked = json!({"reason": "a power cut"});
    let paused = hub.post(&TestHub::at(KRAKIVETS, "pauses")).as_role(Role::QueueOperator).json(&asked);
    let paused = paused.send().await.expect(201);
    assert_eq!(paused["paused_by"], "queue_operator");
    let end = TestHub::at(KRAKIVETS, &format!("pauses/{}/end", paused["id"].as_str().unwrap()));
    assert_eq!(
        hub.post(&end).as_role(Role::BorderGuard).send().await.expect(200)["paused_by"],
        "queue_operator"
    );
}
