//! `POST /api/v1/outages`.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::json;

use super::{declare, planned, shown, unplanned};
use crate::hub::{Answer, TestHub};

#[tokio::test]
async fn an_unplanned_outage_is_declared() {
    let hub = TestHub::start().await;
    let answer = declare(&hub, &unplanned()).await;
    let outage = answer.expect(201);
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_snapshot!(shown(outage), @r#"
    {
      "affected_systems": [
        "ets"
      ],
      "cancelled_at": null,
      "changed_at": "2026-11-21T12:00:00Z",
      "declared_at": "2026-11-21T12:00:00Z",
      "expected_end_at": null,
      "fallback_allowed": true,
      "id": "(the id)",
      "kind": "unplanned",
      "overdue": false,
      "recovered_at": null,
      "starts_at": "2026-11-21T11:00:00Z",
      "state": "running",
      "text": {
        "en": "ETS has failed.",
        "uk": "Збій ЕТС."
      },
      "version": 1
    }
    "#);
}

#[tokio::test]
async fn a_planned_window_is_declared() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &planned()).await.expect(201);
    assert_snapshot!(shown(outage), @r#"
    {
      "affected_systems": [
        "ets",
        "declarant_link"
      ],
      "cancelled_at": null,
      "changed_at": "2026-11-21T12:00:00Z",
      "declared_at": "2026-11-21T12:00:00Z",
      "expected_end_at": "2026-11-28T22:00:00Z",
      "fallback_allowed": true,
      "id": "(the id)",
      "kind": "planned",
      "overdue": false,
      "recovered_at": null,
      "starts_at": "2026-11-28T18:00:00Z",
      "state": "scheduled",
      "text": {
        "en": "Upgrade of the ETS servers.",
        "uk": "Оновлення серверів ЕТС."
      },
      "version": 1
    }
    "#);
}

#[tokio::test]
async fn the_same_outage_cannot_be_declared_twice() {
    let hub = TestHub::start().await;
    let first = declare(&hub, &planned()).await.expect(201);
    let mut twin = planned();
    twin["affected_systems"] = json!(["declarant_link"]);
    twin["text"]["en"] = "Another text.".into();
    let told = declare(&hub, &twin).await.problem().replace(first["id"].as_str().unwrap(), "(the first)");
    assert_snapshot!(told, @"409 outage_twin: outage (the first) is of the same kind, system and start");
    twin["affected_systems"] = json!(["customs_information"]);
    declare(&hub, &twin).await.expect(201);
}

#[tokio::test]
async fn every_fault_of_a_declaration_is_named_at_once() {
    let hub = TestHub::start().await;
    let mut outage = planned();
    outage["affected_systems"] = json!(["ets", "ets"]);
    outage["starts_at"] = "2031-01-01T00:00:00Z".into();
    outage["text"]["uk"] = " ".into();
    assert_snapshot!(declare(&hub, &outage).await.problem(), @r#"
    422 invalid: 4 places break a rule
      "/affected_systems/1" `ets` is named twice
      "/text/uk" is empty
      "/starts_at" is more than a year ahead
      "/expected_end_at" must be after `starts_at` (R0519)
    "#);
}

#[tokio::test]
async fn a_declaration_that_cannot_be_read_is_refused_with_its_place() {
    let hub = TestHub::start().await;
    let with = async |member: &str, value: serde_json::Value| {
        let mut outage = unplanned();
        outage[member] = value;
        declare(&hub, &outage).await.problem()
    };
    assert_snapshot!(with("severity", json!("high")).await, @r#"
    422 invalid: /severity: is not known here, expected one of `kind`, `affected_systems`, `functionalities`, `starts_at`, `expected_end_at`, `fallback_allowed`, `text`, `scope`, `press_review_until`
      "/severity" is not known here, expected one of `kind`, `affected_systems`, `functionalities`, `starts_at`, `expected_end_at`, `fallback_allowed`, `text`, `scope`, `press_review_until`
    "#);
    assert_snapshot!(with("kind", json!("sudden")).await, @r#"
    422 invalid: /kind: `sudden` is not known here, expected `planned` or `unplanned`
      "/kind" `sudden` is not known here, expected `planned` or `unplanned`
    "#);
    assert_snapshot!(with("affected_systems", json!("ets")).await, @r#"
    422 invalid: /affected_systems: invalid type: string "ets", expected a sequence
      "/affected_systems" invalid type: string "ets", expected a sequence
    "#);
    assert_snapshot!(with("starts_at", json!("yesterday")).await, @r#"
    422 invalid: /starts_at: a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
      "/starts_at" a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
    "#);
    assert_snapshot!(with("starts_at", json!("2026-11-21T11:00:00")).await, @r#"
    422 invalid: /starts_at: the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
      "/starts_at" the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
    "#);
    assert_snapshot!(with("text", json!({"uk": "Збій"})).await, @r#"
    422 invalid: /text/en: is missing
      "/text/en" is missing
    "#);
}

#[tokio::test]
async fn a_declaration_may_be_repeated_under_its_key() {
    let hub = TestHub::start().await;
    let first = keyed(&hub, Role::SupportLine1, "key-1", &unplanned()).await.expect(201);
    let second = keyed(&hub, Role::SupportLine1, "key-1", &unplanned()).await.expect(200);
    assert_eq!(second, first);
    let feed = hub.get("/api/v1/notices").as_role(Role::Taxud).send().await.expect(200);
    assert_eq!(feed["items"].as_array().unwrap().len(), 1, "one outage, one notice");
}

#[tokio::test]
async fn a_key_stands_for_one_declaration_of_one_system() {
    let hub = TestHub::start().await;
    let first = keyed(&hub, Role::SupportLine1, "key-1", &unplanned()).await.expect(201);
    let told = keyed(&hub, Role::SupportLine1, "key-1", &planned()).await.problem();
    assert_snapshot!(told.replace(first["id"].as_str().unwrap(), "(the first)"), @"409 idempotency_conflict: the key stands for another declaration, which made outage (the first)");
    keyed(&hub, Role::SupportLine2, "key-1", &planned()).await.expect(201);
}

#[tokio::test]
async fn a_key_of_another_form_is_refused() {
    let hub = TestHub::start().await;
    for key in ["", "two words", &"k".repeat(129)] {
        let answer = keyed(&hub, Role::SupportLine1, key, &unplanned()).await;
        assert_eq!(
            answer.json()["faults"][0]["path"],
            "header:Idempotency-Key",
            "{key:?}: {}",
            answer.text()
        );
        assert!([400, 422].contains(&answer.status));
    }
    keyed(&hub, Role::SupportLine1, &"k".repeat(128), &unplanned()).await.expect(201);
}

#[tokio::test]
async fn declarations_at_the_same_time_under_one_key_make_one_outage() {
    let hub = TestHub::start().await;
    let outage = unplanned();
    let sent = (0..8).map(|_| keyed(&hub, Role::SupportLine1, "key-1", &outage));
    let mut made = 0;
    let mut ids = std::collections::BTreeSet::new();
    for answer in futures_util::future::join_all(sent).await {
        made += u32::from(answer.status == 201);
        assert!([200, 201].contains(&answer.status), "{}", answer.text());
        ids.insert(answer.json()["id"].to_string());
    }
    assert_eq!((made, ids.len()), (1, 1));
}

async fn keyed(hub: &TestHub, role: Role, key: &str, outage: &serde_json::Value) -> Answer {
    hub.post("/api/v1/outages").as_role(role).header("Idempotency-Key", key).json(outage).send().await
}
