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
    }, @r#"
    {
      "checkpoint": "UA209030",
      "contradictions": [
        {
          "first_at": "2026-11-21T14:20:00Z",
          "first_kind": "border-control-finished",
          "first_position": 4,
          "then_at": "2026-11-21T14:10:00Z",
          "then_kind": "checkpoint-left",
          "then_position": 5
        }
      ],
      "controls": {
        "border_finished_at": "2026-11-21T14:20:00Z"
      },
      "events": [
        {
          "checkpoint": "UA209030",
          "crossing": "[crossing]",
          "id": "zone-AA1234BB",
          "kind": "zone-arrived",
          "occurred_at": "2026-11-21T12:00:00Z",
          "plate": "AA 1234 BB",
          "position": 2,
          "recorded_at": "2026-11-21T12:00:00Z",
          "system": "[system]",
          "voided": false,
          "zone": "KRAKIVETS-1"
        },
        {
          "checkpoint": "UA209030",
          "crossing": "[crossing]",
          "id": "bg-1",
          "kind": "border-control-finished",
          "occurred_at": "2026-11-21T14:20:00Z",
          "plate": "АА1234ВВ",
          "position": 4,
          "recorded_at": "2026-11-21T15:00:00Z",
          "system": "[system]",
          "voided": false
        },
        {
          "checkpoint": "UA209030",
          "crossing": "[crossing]",
          "id": "bg-2",
          "kind": "checkpoint-left",
          "occurred_at": "2026-11-21T14:10:00Z",
          "plate": "AA1234BB",
          "position": 5,
          "recorded_at": "2026-11-21T15:00:00Z",
          "system": "[system]",
          "voided": false
        }
      ],
      "id": "[crossing]",
      "plate": "AA 1234 BB",
      "stage": "checkpoint_left",
      "stages": [
        {
          "at": "2026-11-21T12:00:00Z",
          "knowledge": "known",
          "stage": "booked"
        },
        {
          "at": "2026-11-21T12:00:00Z",
          "events": [
            2
          ],
          "knowledge": "known",
          "stage": "zone_arrived"
        },
        {
          "at": "2026-11-21T13:00:00Z",
          "knowledge": "known",
          "stage": "called"
        },
        {
          "knowledge": "gap",
          "stage": "zone_left"
        },
        {
          "knowledge": "gap",
          "stage": "checkpoint_entered"
        },
        {
          "at": "2026-11-21T14:20:00Z",
          "events": [
            4
          ],
          "knowledge": "known",
          "stage": "controls"
        },
        {
          "at": "2026-11-21T14:10:00Z",
          "events": [
            5
          ],
          "knowledge": "known",
          "stage": "checkpoint_left"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_crossing_says_the_same_as_xml() {
    let hub = TestHub::start().await;
    let crossing = travelled(&hub).await;
    let ask = hub.get(&format!("/api/v1/crossings/{crossing}")).as_role(Role::Customs).for_purpose("ст. 6");
    let answer = ask.accepting_xml().send().await;
    let [guard, zone] = [Role::BorderGuard, Role::ZoneOperator].map(|role| hub.system(role).to_string());
    let told =
        answer.xml().replace(&crossing, "[crossing]").replace(&guard, "[guard]").replace(&zone, "[zone]");
    assert_snapshot!(told, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <crossing xmlns="urn:kordon:exchange:1">
    <id>[crossing]</id>
    <checkpoint>UA209030</checkpoint>
    <plate>AA 1234 BB</plate>
    <stage>checkpoint_left</stage>
    <stages>
    <stage_view>
    <stage>booked</stage>
    <knowledge>known</knowledge>
    <at>2026-11-21T12:00:00Z</at>
    </stage_view>
    <stage_view>
    <stage>zone_arrived</stage>
    <knowledge>known</knowledge>
    <at>2026-11-21T12:00:00Z</at>
    <events>
    <position>2</position>
    </events>
    </stage_view>
    <stage_view>
    <stage>called</stage>
    <knowledge>known</knowledge>
    <at>2026-11-21T13:00:00Z</at>
    </stage_view>
    <stage_view>
    <stage>zone_left</stage>
    <knowledge>gap</knowledge>
    </stage_view>
    <stage_view>
    <stage>checkpoint_entered</stage>
    <knowledge>gap</knowledge>
    </stage_view>
    <stage_view>
    <stage>controls</stage>
    <knowledge>known</knowledge>
    <at>2026-11-21T14:20:00Z</at>
    <events>
    <position>4</position>
    </events>
    </stage_view>
    <stage_view>
    <stage>checkpoint_left</stage>
    <knowledge>known</knowledge>
    <at>2026-11-21T14:10:00Z</at>
    <events>
    <position>5</position>
    </events>
    </stage_view>
    </stages>
    <controls>
    <border_finished_at>2026-11-21T14:20:00Z</border_finished_at>
    </controls>
    <contradictions>
    <contradiction>
    <first_kind>border-control-finished</first_kind>
    <first_at>2026-11-21T14:20:00Z</first_at>
    <first_position>4</first_position>
    <then_kind>checkpoint-left</then_kind>
    <then_at>2026-11-21T14:10:00Z</then_at>
    <then_position>5</then_position>
    </contradiction>
    </contradictions>
    <events>
    <recorded_event>
    <position>2</position>
    <checkpoint>UA209030</checkpoint>
    <system>[zone]</system>
    <id>zone-AA1234BB</id>
    <kind>zone-arrived</kind>
    <plate>AA 1234 BB</plate>
    <zone>KRAKIVETS-1</zone>
    <voided>false</voided>
    <crossing>[crossing]</crossing>
    <occurred_at>2026-11-21T12:00:00Z</occurred_at>
    <recorded_at>2026-11-21T12:00:00Z</recorded_at>
    </recorded_event>
    <recorded_event>
    <position>4</position>
    <checkpoint>UA209030</checkpoint>
    <system>[guard]</system>
    <id>bg-1</id>
    <kind>border-control-finished</kind>
    <plate>АА1234ВВ</plate>
    <voided>false</voided>
    <crossing>[crossing]</crossing>
    <occurred_at>2026-11-21T14:20:00Z</occurred_at>
    <recorded_at>2026-11-21T15:00:00Z</recorded_at>
    </recorded_event>
    <recorded_event>
    <position>5</position>
    <checkpoint>UA209030</checkpoint>
    <system>[guard]</system>
    <id>bg-2</id>
    <kind>checkpoint-left</kind>
    <plate>AA1234BB</plate>
    <voided>false</voided>
    <crossing>[crossing]</crossing>
    <occurred_at>2026-11-21T14:10:00Z</occurred_at>
    <recorded_at>2026-11-21T15:00:00Z</recorded_at>
    </recorded_event>
    </events>
    </crossing>
    "#);
}

#[tokio::test]
async fn a_crossing_is_read_for_a_purpose_that_is_kept_before_it_is_shown() {
    let hub = TestHub::start().await;
    let crossing = hub.book(KRAKIVETS, "AA 1234 BB").await;
    let ask = || hub.get(&format!("/api/v1/crossings/{crossing}")).as_role(Role::Customs);
    assert_snapshot!(ask().send().await.problem(), @"400 purpose_required: the header `Kordon-Purpose` (or `Uxp-Purpose-Ids`) is missing");
    assert_snapshot!(ask().for_purpose("x").send().await.problem(), @"400 purpose_required: the purpose has 3 to 200 characters");
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
    for (checkpoint, status) in [(KRAKIVETS, 200), (YAHODYN, 404)] {
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
    assert_snapshot!(ask("00000000-0000-0000-0000-000000000001").await, @"404 not_found: there is no crossing 00000000-0000-0000-0000-000000000001");
    assert_snapshot!(ask("AA1234BB").await, @r#"
    400 malformed_request: path:crossing: is a UUID
      "path:crossing" is a UUID
    "#);
}
