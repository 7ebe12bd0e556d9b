//! `POST …/events`: events that can be read and break a rule. Each is told what and where.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{KRAKIVETS, TestHub};

fn with(changes: &Value) -> Value {
    let mut event = json!({"id": "bg-1", "kind": "checkpoint-entered", "plate": "AA 1234 BB",
        "occurred_at": "2026-11-21T12:00:00Z"});
    for (member, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(event.as_object_mut().unwrap().remove(member)),
            value => event[member] = value.clone(),
        }
    }
    event
}

/// Sends each and tells its problem.
async fn told(bad: impl IntoIterator<Item = Value>) -> String {
    let hub = TestHub::start().await;
    let mut told = String::new();
    for changes in bad {
        let answer = hub.events(KRAKIVETS, Role::BorderGuard).json(&with(&changes)).send().await;
        told.push_str(&format!("{changes}\n{}\n", answer.problem()));
    }
    let journal =
        hub.get(&TestHub::at(KRAKIVETS, "queue")).as_role(Role::BorderGuard).send().await.expect(200);
    assert_eq!(journal["position"], 0, "nothing of it was recorded");
    told
}

#[tokio::test]
async fn unknown_missing_and_mistyped_members() {
    let bad = [
        json!({"colour": "red"}),
        json!({"id": null}),
        json!({"kind": null}),
        json!({"plate": null}),
        json!({"occurred_at": null}),
        json!({"id": 17}),
        json!({"kind": "checkpoint-opened"}),
        json!({"plate": ["AA 1234 BB"]}),
        json!({"occurred_at": 1_795_262_400}),
        json!({"zone": "KRAKIVETS-1"}),
        json!({"kind": "plate-read"}),
        json!({"kind": "plate-read", "confidence": 1.5}),
        json!({"kind": "plate-read", "confidence": "high"}),
        json!({"kind": "entry-refused"}),
        json!({"kind": "void", "plate": null, "reason": "misread", "voids": "bg-1"}),
    ];
    assert_snapshot!(told(bad).await, @"");
}

#[tokio::test]
async fn absurd_times() {
    let bad = [
        json!({"occurred_at": "2026-11-21T12:02:01Z"}),
        json!({"occurred_at": "2999-01-01T00:00:00Z"}),
        json!({"occurred_at": "2026-10-22T11:59:59Z"}),
        json!({"occurred_at": "0001-01-01T00:00:00Z"}),
        json!({"occurred_at": "2026-11-21T12:00:00"}),
        json!({"occurred_at": "2026-11-21"}),
        json!({"occurred_at": "2026-02-30T12:00:00Z"}),
        json!({"occurred_at": "2026-11-21T12:00:60Z"}),
        json!({"occurred_at": "2026-11-21 12:00:00Z"}),
        json!({"occurred_at": "10000-01-01T00:00:00Z"}),
        json!({"occurred_at": "noon"}),
    ];
    assert_snapshot!(told(bad).await, @"");
}

#[tokio::test]
async fn plates_in_odd_alphabets() {
    let bad = [
        "",
        " ",
        "A",
        "--",
        "AA 1234 BB AA 1234 BB",
        "京A·12345",
        "ΑΒ 1234",
        "ע123456",
        "AA\u{0}1234",
        "AA\n1234",
        "🚛 1234",
        "AA’1234",
    ];
    assert_snapshot!(told(bad.map(|plate| json!({"plate": plate}))).await, @"");
}

#[tokio::test]
async fn ids_and_reasons_of_another_form() {
    let bad = [
        json!({"id": ""}),
        json!({"id": "two words"}),
        json!({"id": "подія-1"}),
        json!({"id": "x".repeat(101)}),
        json!({"kind": "entry-refused", "reason": ""}),
        json!({"kind": "entry-refused", "reason": "two\nlines"}),
        json!({"kind": "entry-refused", "reason": "ї".repeat(501)}),
    ];
    assert_snapshot!(told(bad).await, @"");
}

#[tokio::test]
async fn a_kind_of_another_duty() {
    assert_snapshot!(told([json!({"kind": "customs-control-started"})]).await, @"");
}

#[tokio::test]
async fn letters_of_both_alphabets_case_and_signs_are_the_same_plate() {
    let hub = TestHub::start().await;
    let booking = hub.book(KRAKIVETS, "АА 1234 ВВ").await;
    for (number, plate) in
        ["AA1234BB", "aa 1234 bb", "АА-1234-ВВ", "аА·1234·Bв", "AA\u{a0}1234–BB"].iter().enumerate()
    {
        let event = with(&json!({"id": format!("bg-{number}"), "plate": plate}));
        let answer = hub.events(KRAKIVETS, Role::BorderGuard).json(&event).send().await.expect(201);
        assert_eq!(answer["crossing"], booking, "{plate}");
    }
}
