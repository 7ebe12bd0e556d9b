//! `GET /api/v1/crossings/{crossing}`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::json;

use crate::hub::{KRAKIVETS, TestHub, YAHODYN, limited_to};

async fn travelled(hub: &TestHub) -> String {
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    hub.arrive(KRAKIVETS, "AA 1234 BB").await;
    hub.clock.set("2026-11-21T13:00:00Z");
    hub.call(KRAKIVETS).await;
    hub.clock.set("2026-11-21T15:00:00Z");
    let by_the_guard = json!([
        {"id": "bg-1", "kind": "border-control-finished", "plate": "АА1234ВВ", "occurred_at": "2026-11-21T14:20:00Z"},
        {"id": "bg-2", "kind": "checkpoint-left", "plate": "AA1234BB", "occurred_at": "2026-11-21T14:10:00Z"},
    ]);
    hub.events(KRAKIVETS, Role::BorderGuard).json(&by_the_guard).send().await.expect(200);
    booking
}

#[tokio::test]
async fn a_crossing_shows_its_stages_gaps_contradictions_and_facts() {
    let hub = TestHub::start().await;
    let crossing = travelled(&hub).await;
    let ask = hub.get(&format!("/api/v1/crossings/{crossing}")).as_role(Role::Customs).for_purpose("ст. 6");
    assert_json_snapshot!(ask.send().await.expect(200), {
        ".id" => "[crossing]", ".events[].crossing" => "[crossing]", ".events[].system" => "[system]"
    }, @"");
}

#[tokio::test]
async fn a_crossing_says_the_same_as_xml() {
    let hub = TestHub::start().await;
    let crossing = travelled(&hub).await;
    let ask = hub.get(&format!("/api/v1/crossings/{crossing}")).as_role(Role::Customs).for_purpose("ст. 6");
    let answer = ask.accepting_xml().send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/xml"));
    let [guard, zone] = [Role::BorderGuard, Role::ZoneOperator].map(|role| hub.system(role).to_string());
    let told =
        answer.text().replace(&crossing, "[crossing]").replace(&guard, "[guard]").replace(&zone, "[zone]");
    assert_snapshot!(told, @"");
}

#[tokio::test]
async fn a_crossing_is_read_for_a_purpose_that_is_kept_before_it_is_shown() {
    let hub = TestHub::start().await;
    let crossing = hub.book(KRAKIVETS, "AA 1234 BB").await;
    let ask = || hub.get(&format!("/api/v1/crossings/{crossing}")).as_role(Role::Customs);
    assert_snapshot!(ask().send().await.problem(), @"");
    assert_snapshot!(ask().for_purpose("x").send().await.problem(), @"");
    assert_eq!(hub.readings().await, "");
    let answer = ask().header("Uxp-Purpose-Ids", "urn:purpose:17").send().await;
    answer.expect(200);
    assert_eq!(hub.readings().await, format!("customs show_crossing UA209030 urn:purpose:17 [{crossing}]"));
    assert_eq!(hub.request_of_reading().await, answer.header("x-request-id"));
    hub.lose_the_access_log().await;
    let unrecorded = ask().for_purpose("ст. 6").send().await;
    assert_eq!(unrecorded.status, 500);
    assert!(!unrecorded.text().contains("1234"), "what cannot be recorded is not shown");
}

#[tokio::test]
async fn a_crossing_is_read_within_the_scope_of_its_checkpoint() {
    let hub = TestHub::start().await;
    let crossing = hub.book(KRAKIVETS, "AA 1234 BB").await;
    for (checkpoint, status) in [(KRAKIVETS, 200), (YAHODYN, 403)] {
        let (_, token) = hub.add_system(Role::Customs, checkpoint, limited_to(&[checkpoint], &[])).await;
        let ask = hub.get(&format!("/api/v1/crossings/{crossing}")).as_token(&token).for_purpose("ст. 6");
        assert_eq!(ask.send().await.status, status, "{checkpoint}");
    }
    assert_eq!(hub.readings().await.lines().count(), 1, "the refused read showed nothing");
}

#[tokio::test]
async fn what_is_no_crossing_is_told_so() {
    let hub = TestHub::start().await;
    let ask = async |id: &str| {
        let ask = hub.get(&format!("/api/v1/crossings/{id}")).as_role(Role::Customs).for_purpose("ст. 6");
        ask.send().await.problem()
    };
    assert_snapshot!(ask("00000000-0000-0000-0000-000000000001").await, @"");
    assert_snapshot!(ask("AA1234BB").await, @"");
}
