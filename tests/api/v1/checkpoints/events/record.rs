//! `POST /api/v1/checkpoints/{checkpoint}/events`: what is recorded and what is answered.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{KRAKIVETS, TestHub, YAHODYN};

fn entered(id: &str, time: &str) -> Value {
    json!({"id": id, "kind": "checkpoint-entered", "plate": "AA 1234 BB", "occurred_at": time})
}

#[tokio::test]
async fn a_single_event_is_answered_by_its_status() {
    let hub = TestHub::start().await;
    let state = async |event: Value| hub.events(KRAKIVETS, Role::BorderGuard).json(&event).send().await;
    let unmatched = state(entered("bg-1", "2026-11-21T12:00:00Z")).await;
    assert_json_snapshot!(unmatched.expect(202), @r#"
    {
      "id": "bg-1",
      "outcome": "unmatched",
      "position": 1
    }
    "#);
    hub.book(KRAKIVETS, "AA 1234 BB").await;
    let recorded = state(entered("bg-2", "2026-11-21T12:01:00Z")).await.expect(201);
    assert_json_snapshot!(recorded, {".crossing" => "[crossing]"}, @r#"
    {
      "crossing": "[crossing]",
      "id": "bg-2",
      "outcome": "recorded",
      "position": 3
    }
    "#);
    let duplicate = state(entered("bg-2", "2026-11-21T12:01:00Z")).await.expect(200);
    assert_json_snapshot!(duplicate, {".crossing" => "[crossing]"}, @r#"
    {
      "crossing": "[crossing]",
      "id": "bg-2",
      "outcome": "duplicate",
      "position": 3
    }
    "#);
    let left = json!({"id": "bg-3", "kind": "checkpoint-left", "plate": "AA1234BB", "occurred_at": "2026-11-21T11:50:00Z"});
    assert_eq!(state(left).await.expect(201)["outcome"], "contradictory");
    assert_snapshot!(state(entered("bg-2", "2026-11-21T12:02:00Z")).await.problem(), @"409 event_conflict: the id bg-2 stands at position 3 of UA209030 with other content");
}

#[tokio::test]
async fn the_same_moment_in_another_offset_is_the_same_fact() {
    let hub = TestHub::start().await;
    let state = async |time: &str| {
        hub.events(KRAKIVETS, Role::BorderGuard).json(&entered("bg-1", time)).send().await.status
    };
    assert_eq!(state("2026-11-21T12:00:00Z").await, 202);
    assert_eq!(state("2026-11-21T14:00:00.000000+02:00").await, 200);
    assert_eq!(state("2026-11-21T14:00:00.000001+02:00").await, 409);
}

#[tokio::test]
async fn a_list_is_answered_one_by_one_in_its_order() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 1234 BB").await;
    let list = json!([
        entered("bg-1", "2026-11-21T12:00:00Z"),
        entered("bg-1", "2026-11-21T12:00:00Z"),
        entered("bg-1", "2026-11-21T12:00:01Z"),
        {"id": "bg-2", "kind": "customs-control-started", "plate": "AA 1234 BB", "occurred_at": "2026-11-21T12:00:00Z"},
        {"id": "bg-3", "kind": "checkpoint-left", "plate": "AA 9999 BB", "occurred_at": "2026-11-21T12:00:00Z"},
        entered("bg-4", "2026-11-21T15:00:00Z"),
        {"id": "bg-5", "kind": "void", "voids": "bg-1", "reason": "misread", "occurred_at": "2026-11-21T12:00:00Z"},
        7,
    ]);
    let answers = hub.events(KRAKIVETS, Role::BorderGuard).json(&list).send().await.expect(200);
    assert_json_snapshot!(answers, {".items[].crossing" => "[crossing]"}, @r#"
    {
      "items": [
        {
          "crossing": "[crossing]",
          "id": "bg-1",
          "outcome": "recorded",
          "position": 2
        },
        {
          "crossing": "[crossing]",
          "id": "bg-1",
          "outcome": "duplicate",
          "position": 2
        },
        {
          "id": "bg-1",
          "outcome": "refused",
          "problem": {
            "code": "event_conflict",
            "detail": "the id bg-1 stands at position 2 of UA209030 with other content",
            "status": 409,
            "title": "The event id is taken by another content",
            "type": "/problems/event_conflict"
          }
        },
        {
          "id": "bg-2",
          "outcome": "refused",
          "problem": {
            "code": "kind_not_allowed",
            "detail": "the role border_guard does not state `customs-control-started`",
            "status": 422,
            "title": "This role does not state events of this kind",
            "type": "/problems/kind_not_allowed"
          }
        },
        {
          "id": "bg-3",
          "outcome": "unmatched",
          "position": 3
        },
        {
          "id": "bg-4",
          "outcome": "refused",
          "problem": {
            "code": "occurred_in_future",
            "detail": "is 10800 seconds ahead of the hub's clock",
            "faults": [
              {
                "detail": "is 10800 seconds ahead of the hub's clock",
                "path": "/5/occurred_at"
              }
            ],
            "status": 422,
            "title": "The event has not happened yet",
            "type": "/problems/occurred_in_future"
          }
        },
        {
          "crossing": "[crossing]",
          "id": "bg-5",
          "outcome": "recorded",
          "position": 4
        },
        {
          "outcome": "refused",
          "problem": {
            "code": "invalid",
            "detail": "/7: invalid type: integer `7`, expected an object",
            "faults": [
              {
                "detail": "invalid type: integer `7`, expected an object",
                "path": "/7"
              }
            ],
            "status": 422,
            "title": "The request breaks a rule",
            "type": "/problems/invalid"
          }
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_thousand_events_go_in_one_request_and_no_more() {
    let hub = TestHub::start().await;
    let list = |count: usize| -> Value {
        (0..count).map(|number| entered(&format!("bg-{number}"), "2026-11-21T12:00:00Z")).collect()
    };
    let answers = hub.events(KRAKIVETS, Role::BorderGuard).json(&list(1_000)).send().await.expect(200);
    assert_eq!(answers["items"].as_array().unwrap().len(), 1_000);
    assert_eq!(answers["items"][999]["position"], 1_000);
    let refused = hub.events(KRAKIVETS, Role::BorderGuard).json(&list(1_001)).send().await;
    assert_snapshot!(refused.problem(), @r#"
    413 too_large: the list holds 1001 events; one request takes at most 1000: send several requests
      "" the list holds 1001 events; one request takes at most 1000: send several requests
    "#);
    let none = hub.events(KRAKIVETS, Role::BorderGuard).json(&json!([])).send().await;
    assert_snapshot!(none.problem(), @r#"
    422 invalid: the list holds no event: send at least one
      "" the list holds no event: send at least one
    "#);
}

#[tokio::test]
async fn only_those_who_state_facts_reach_the_journal() {
    let hub = TestHub::start().await;
    for role in Role::ALL {
        let event = json!({"id": "v-1", "kind": "void", "voids": "e-1", "reason": "misread",
            "occurred_at": "2026-11-21T12:00:00Z"});
        let status = hub.events(KRAKIVETS, role).json(&event).send().await.status;
        let states = kordon_hub::crossings::rules::STATING_ROLES.contains(&role);
        assert_eq!(status, if states { 202 } else { 403 }, "{role}");
    }
}

#[tokio::test]
async fn each_checkpoint_counts_its_own_positions() {
    let hub = TestHub::start().await;
    for (checkpoint, id, position) in [(KRAKIVETS, "bg-1", 1), (YAHODYN, "bg-2", 1), (KRAKIVETS, "bg-3", 2)] {
        let event = entered(id, "2026-11-21T12:00:00Z");
        let answer = hub.events(checkpoint, Role::BorderGuard).json(&event).send().await.expect(202);
        assert_eq!(answer["position"], position, "{id}");
    }
}

#[tokio::test]
async fn facts_of_four_authorities_make_one_crossing() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 1234 BB").await;
    hub.clock.set("2026-11-21T16:00:00Z");
    let facts = [
        (Role::Customs, "customs-control-finished", "14:00"),
        (Role::BorderGuard, "checkpoint-left", "14:30"),
        (Role::ZoneOperator, "zone-arrived", "12:30"),
        (Role::BorderGuard, "checkpoint-entered", "13:30"),
        (Role::QueueOperator, "zone-left", "13:00"),
    ];
    for (role, kind, time) in facts {
        let mut event = json!({"id": kind, "kind": kind, "plate": "АА1234ВВ",
            "occurred_at": format!("2026-11-21T{time}:00Z")});
        if kind.starts_with("zone") {
            event["zone"] = json!("KRAKIVETS-1");
        }
        hub.events(KRAKIVETS, role).json(&event).send().await.expect(201);
    }
    let queue = hub.get(&TestHub::at(KRAKIVETS, "queue")).as_role(Role::Customs).send().await.expect(200);
    assert_eq!(queue["entries"], json!([]), "it has left");
}
