//! `GET /api/v1/checkpoints/{checkpoint}/call-list`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::json;

use crate::hub::{KRAKIVETS, Request, TestHub};

impl TestHub {
    fn call_list(&self) -> Request<'_> {
        self.get(&Self::at(KRAKIVETS, "call-list")).as_role(Role::BorderGuard)
    }
}

async fn called_with_driver(hub: &TestHub) -> String {
    let booking = json!({"reference": "KR-1", "plate": "AA 1234 BB", "trailer_plate": "AA 7777 XX", "queue": "live",
        "channel": "web", "driver": {"name": "Олена Шевченко"}});
    let book = hub.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).json(&booking);
    let id = book.send().await.expect(201)["id"].as_str().unwrap().to_owned();
    hub.arrive(KRAKIVETS, "AA 1234 BB").await;
    hub.call(KRAKIVETS).await;
    id
}

#[tokio::test]
async fn the_gate_sees_who_was_called_and_who_drives() {
    let hub = TestHub::start().await;
    called_with_driver(&hub).await;
    let list = hub.call_list().for_purpose("Постанова 1393, п. 31").send().await.expect(200);
    assert_json_snapshot!(list, {".entries[].booking" => "[booking]"}, @r#"
    {
      "checkpoint": "UA209030",
      "entries": [
        {
          "booking": "[booking]",
          "called_at": "2026-11-21T12:00:00Z",
          "deadline_at": "2026-11-21T16:00:00Z",
          "driver": {
            "name": "Олена Шевченко"
          },
          "plate": "AA 1234 BB",
          "trailer_plate": "AA 7777 XX",
          "zone_left": false
        }
      ],
      "position": 3
    }
    "#);
}

#[tokio::test]
async fn the_list_says_the_same_as_xml() {
    let hub = TestHub::start().await;
    let booking = called_with_driver(&hub).await;
    let answer = hub.call_list().for_purpose("Постанова 1393, п. 31").accepting_xml().send().await;
    assert_snapshot!(answer.xml().replace(&booking, "[booking]"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <call_list xmlns="urn:kordon:exchange:1">
    <checkpoint>UA209030</checkpoint>
    <position>3</position>
    <entries>
    <call_list_entry>
    <booking>[booking]</booking>
    <plate>AA 1234 BB</plate>
    <trailer_plate>AA 7777 XX</trailer_plate>
    <driver>
    <name>Олена Шевченко</name>
    </driver>
    <called_at>2026-11-21T12:00:00Z</called_at>
    <deadline_at>2026-11-21T16:00:00Z</deadline_at>
    <zone_left>false</zone_left>
    </call_list_entry>
    </entries>
    </call_list>
    "#);
}

#[tokio::test]
async fn persons_are_shown_for_a_purpose_that_is_kept_before() {
    let hub = TestHub::start().await;
    let booking = called_with_driver(&hub).await;
    assert_snapshot!(hub.call_list().send().await.problem(), @"400 purpose_required: the header `Kordon-Purpose` (or `Uxp-Purpose-Ids`) is missing");
    assert_eq!(hub.readings().await, "", "nothing was shown");
    let answer = hub.call_list().for_purpose("Постанова 1393, п. 31").send().await;
    answer.expect(200);
    assert_eq!(
        hub.readings().await,
        format!("border_guard show_call_list UA209030 Постанова 1393, п. 31 [{booking}]")
    );
    assert_eq!(hub.request_of_reading().await, answer.header("x-request-id"));
    hub.lose_the_access_log().await;
    let unrecorded = hub.call_list().for_purpose("Постанова 1393, п. 31").send().await;
    assert_eq!(unrecorded.status, 500);
    assert!(!unrecorded.text().contains("Шевченко"), "what cannot be recorded is not shown");
}
