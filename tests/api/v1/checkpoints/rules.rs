//! `/api/v1/checkpoints/{checkpoint}/rules`, `/rules/versions` and `/operator`.

use chrono::TimeDelta;
use kordon_hub::parties::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::hub::{Answer, KRAKIVETS, TestHub, changed};

/// The example of the contract, in force from the moment when the test begins.
pub(crate) fn rules_in() -> Value {
    let example: Value =
        serde_json::from_str(include_str!("../../../../schemas/examples/RulesIn.json")).unwrap();
    changed(example, &json!({"applies_from": "2026-11-21T12:00:00Z"}))
}

/// Puts rules as the ministry.
pub(crate) async fn put(hub: &TestHub, known: &str, body: &Value) -> Answer {
    let address = TestHub::at(KRAKIVETS, "rules");
    let tag = format!("\"{known}\"");
    hub.request(Method::PUT, &address)
        .as_role(Role::Ministry)
        .header("If-Match", &tag)
        .json(body)
        .send()
        .await
}

async fn shown(hub: &TestHub, query: &str) -> Answer {
    hub.get(&TestHub::at(KRAKIVETS, &format!("rules{query}"))).as_role(Role::QueueOperator).send().await
}

#[tokio::test]
async fn where_nothing_was_decided_the_default_holds() {
    let hub = TestHub::start().await;
    let answer = shown(&hub, "").await;
    let rules = answer.expect(200);
    assert_eq!((answer.header("etag"), &rules["version"]), ("\"1\"", &json!(1)));
    assert_eq!(rules["rules"]["lanes"][0]["lane"], "all");
    assert_eq!(rules["rules"]["call"]["deadline_minutes"], 240);
    assert_eq!(rules.get("decision"), None);
    let versions = shown(&hub, "/versions").await.expect(200);
    assert_eq!(versions, json!({"checkpoint": KRAKIVETS, "in_force": 1, "items": [{"version": 1}]}));
}

#[tokio::test]
async fn rules_are_put_by_a_decision_and_apply_from_their_moment_on() {
    let hub = TestHub::start().await;
    let later = changed(rules_in(), &json!({"applies_from": "2026-11-21T14:00:00Z"}));
    let answer = put(&hub, "1", &later).await;
    let made = answer.expect(201);
    assert_eq!((answer.header("etag"), &made["version"]), ("\"2\"", &json!(2)));
    assert_eq!(made["decision"], later["decision"]);
    assert_eq!(shown(&hub, "").await.expect(200)["version"], 1, "not yet");
    assert_eq!(shown(&hub, "?at=2026-11-21T14:00:00Z").await.expect(200), made);
    assert_eq!(shown(&hub, "?version=2").await.expect(200), made);
    hub.clock.advance(TimeDelta::hours(2));
    assert_eq!(shown(&hub, "").await.expect(200), made);
    let known =
        hub.get(&TestHub::at(KRAKIVETS, "rules")).as_role(Role::Police).header("If-None-Match", "\"2\"");
    assert_eq!(known.send().await.status, 304);
    let page = shown(&hub, "/versions?limit=1").await;
    let link = format!("<{}?limit=1&before=2>; rel=\"next\"", TestHub::at(KRAKIVETS, "rules/versions"));
    assert_eq!(page.header("link"), link);
    let versions = page.expect(200);
    assert_eq!((&versions["in_force"], &versions["next"]), (&json!(2), &json!(2)));
    assert_eq!(shown(&hub, "/versions?before=2").await.expect(200)["items"], json!([{"version": 1}]));
}

#[tokio::test]
async fn rules_are_put_over_the_newest_version_that_is_known() {
    let hub = TestHub::start().await;
    put(&hub, "1", &rules_in()).await.expect(201);
    let stale = put(&hub, "1", &rules_in()).await.problem();
    assert_eq!(stale, "412 precondition_failed: the newest version is 2");
    let address = TestHub::at(KRAKIVETS, "rules");
    let without =
        hub.request(Method::PUT, &address).as_role(Role::Administrator).json(&rules_in()).send().await;
    assert!(without.problem().starts_with("428 precondition_required"), "{}", without.problem());
}

#[tokio::test]
async fn rules_that_contradict_themselves_are_refused_with_each_reason() {
    let hub = TestHub::start().await;
    let mut body = changed(rules_in(), &json!({"applies_from": "2026-11-21T11:59:59Z"}));
    body["rules"]["lanes"][0]["slots"]["places"] = json!(13);
    body["rules"]["lanes"][1]["lane"] = json!("trucks");
    body["rules"]["merge"]["live_weight"] = json!(0);
    body["rules"]["booking"]["data_schema"]["additionalProperties"] = json!(true);
    let answer = put(&hub, "1", &body).await;
    assert_eq!(
        answer.problem(),
        "422 invalid: 6 places break a rule\n  \
         \"/applies_from\" lies in the past: what was decided until now stays decided\n  \
         \"/rules/lanes/0/slots/places\" 13 places are more than the 12 vehicles that are let in during the slot of Monday from 0 o'clock\n  \
         \"/rules/lanes/1/lane\" this lane stands here a second time\n  \
         \"/rules/merge/live_weight\" is 1 to 100\n  \
         \"/rules/booking/data_schema\" takes members that it does not name: add `\"additionalProperties\": false`, or `\"unevaluatedProperties\": false`\n  \
         \"/rules/booking/data_schema/additionalProperties\" `true` takes anything"
    );
    assert_eq!(
        shown(&hub, "/versions").await.expect(200)["items"],
        json!([{"version": 1}]),
        "nothing was kept"
    );
}

#[tokio::test]
async fn what_is_asked_badly_or_is_not_there_is_told() {
    let hub = TestHub::start().await;
    for (query, told) in [
        ("?version=2", "404 not_found: there is no version of the rules 2"),
        (
            "?version=1&at=2026-11-21T14:00:00Z",
            "422 invalid: query:at is not asked for together with `version`",
        ),
        ("?version=0", "400 malformed_request: query:version: is 1 or greater"),
        ("/versions?before=0", "400 malformed_request: query:before: is 1 or greater"),
        ("/versions?limit=101", "400 malformed_request: query:limit: is 1 to 100"),
    ] {
        let problem = shown(&hub, query).await.problem();
        assert_eq!(problem.lines().next(), Some(told), "{query}");
    }
}

#[tokio::test]
async fn the_queue_is_handed_to_an_operator_who_then_books_alone() {
    let hub = TestHub::start().await;
    let address = TestHub::at(KRAKIVETS, "operator");
    let put = |from: &str, organisation: &str| {
        let body = json!({"organisation": organisation, "operates_from": from,
            "decision": {"reference": "№ 5", "decided_on": "2026-11-20"}});
        hub.request(Method::PUT, &address).as_role(Role::Administrator).json(&body)
    };
    let handed = put("2026-11-21T12:00:00Z", "20000090").send().await.expect(200);
    assert_eq!(handed["current"]["name"], "Kordon test organisation");
    let shown = hub.get(&address).as_role(Role::QueueOperator).send().await.expect(200);
    assert_eq!(shown, handed);
    hub.book(KRAKIVETS, "AA 1234 BB").await;
    let unknown = put("2026-11-21T13:00:00Z", "43115923").send().await.problem();
    assert_eq!(unknown, "404 not_found: there is no organisation 43115923");
    let past = put("2026-11-21T11:00:00Z", "20000090").send().await.problem();
    assert!(past.starts_with("422 invalid: /operates_from lies in the past"), "{past}");
}
