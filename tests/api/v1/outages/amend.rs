//! `PATCH /api/v1/outages/{outage}`.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use reqwest::Method;
use serde_json::json;

use super::{address, amend, declare, planned, shown, unplanned};
use crate::hub::TestHub;

#[tokio::test]
async fn a_change_names_the_version_that_it_is_meant_for() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &unplanned()).await.expect(201);
    let patch = || hub.request(Method::PATCH, &address(&outage)).as_role(Role::SupportLine1);
    let changes = json!({"fallback_allowed": false});
    assert_snapshot!(patch().json(&changes).send().await.problem(), @"428 precondition_required: the header `If-Match` is missing");
    let answered =
        async |version: &str| patch().header("If-Match", version).json(&changes).send().await.problem();
    for stale in ["\"0\"", "\"2\""] {
        assert_eq!(answered(stale).await, "412 precondition_failed: the outage is at version 1", "{stale}");
    }
    for none in ["\"x\"", "\"99999999999999999999\"", "1", "W/\"1\"", "\"1\", \"2\"", "*", ""] {
        let told = answered(none).await;
        assert!(told.starts_with("400 malformed_request: header:If-Match"), "{none}: {told}");
    }
    let twice = patch().header("If-Match", "\"1\"").header("If-Match", "\"1\"").json(&changes).send().await;
    assert!(twice.problem().starts_with("400 malformed_request: header:If-Match"), "{}", twice.problem());

    let changed = patch().header("If-Match", "\"1\"").json(&changes).send().await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""));
    let told = patch().header("If-Match", "\"1\"").json(&changes).send().await.problem();
    assert_snapshot!(told, @"412 precondition_failed: the outage is at version 2");
}

#[tokio::test]
async fn a_recovery_ends_an_outage_once() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &unplanned()).await.expect(201);
    let recovered =
        amend(&hub, &outage, 1, &json!({"recovered_at": "2026-11-21T11:45:00Z"})).await.expect(200);
    assert_snapshot!(shown(recovered), @r#"
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
      "recovered_at": "2026-11-21T11:45:00Z",
      "starts_at": "2026-11-21T11:00:00Z",
      "state": "recovered",
      "text": {
        "en": "ETS has failed.",
        "uk": "Збій ЕТС."
      },
      "version": 2
    }
    "#);
    let told = amend(&hub, &outage, 2, &json!({"recovered_at": "2026-11-21T11:50:00Z"})).await.problem();
    assert_snapshot!(told, @"409 outage_over: the outage is recovered since 2026-11-21 11:45:00 UTC and is not changed any more");
    let told = amend(&hub, &outage, 2, &json!({"cancelled": true})).await.problem();
    assert!(told.starts_with("409 outage_over"), "{told}");
}

#[tokio::test]
async fn a_recovery_before_the_start_or_after_now_is_refused() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &unplanned()).await.expect(201);
    for moment in ["2026-11-21T11:00:00Z", "2026-11-21T10:00:00Z", "2026-11-21T18:00:00Z"] {
        let told = amend(&hub, &outage, 1, &json!({"recovered_at": moment})).await.problem();
        assert!(told.starts_with("422 invalid: /recovered_at"), "{moment}: {told}");
    }
    let window = declare(&hub, &planned()).await.expect(201);
    let told = amend(&hub, &window, 1, &json!({"recovered_at": "2026-11-21T11:45:00Z"})).await.problem();
    assert_snapshot!(told, @r#"
    422 invalid: /recovered_at the planned window has not begun; withdraw it with `cancelled` if it will not take place
      "/recovered_at" the planned window has not begun; withdraw it with `cancelled` if it will not take place
    "#);
}

#[tokio::test]
async fn a_window_is_moved_and_then_withdrawn() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &planned()).await.expect(201);
    let moved = json!({"starts_at": "2026-11-29T18:00:00Z", "expected_end_at": "2026-11-29T22:00:00Z"});
    let moved = amend(&hub, &outage, 1, &moved).await.expect(200);
    assert_eq!((&moved["version"], &moved["starts_at"]), (&json!(2), &json!("2026-11-29T18:00:00Z")));
    declare(&hub, &planned()).await.expect(201);
    let told = amend(&hub, &outage, 2, &json!({"starts_at": "2026-11-28T18:00:00Z"})).await.problem();
    assert!(told.starts_with("409 outage_twin"), "its old place is taken: {told}");
    let withdrawn = amend(&hub, &outage, 2, &json!({"cancelled": true})).await.expect(200);
    assert_eq!(withdrawn["state"], "cancelled");
}

#[tokio::test]
async fn a_change_that_says_nothing_new_makes_no_version() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &unplanned()).await.expect(201);
    for changes in [json!({}), json!({"fallback_allowed": true}), json!({"expected_end_at": null})] {
        assert_eq!(amend(&hub, &outage, 1, &changes).await.expect(200), outage, "{changes}");
    }
}

#[tokio::test]
async fn of_changes_at_the_same_time_one_is_made() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &unplanned()).await.expect(201);
    let (recovery, withdrawal) =
        (json!({"recovered_at": "2026-11-21T11:45:00Z"}), json!({"cancelled": true}));
    let changes = [&recovery, &withdrawal, &recovery, &withdrawal];
    let answers =
        futures_util::future::join_all(changes.map(|changes| amend(&hub, &outage, 1, changes))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412]);
}

#[tokio::test]
async fn an_outage_that_is_not_there_is_not_changed() {
    let hub = TestHub::start().await;
    let nothing = json!({"id": "00000000-0000-7000-8000-000000000000"});
    let told = amend(&hub, &nothing, 1, &json!({"cancelled": true})).await.problem();
    assert_eq!(told, "404 not_found: there is no outage 00000000-0000-7000-8000-000000000000");
}
