//! `POST /api/v1/checkpoints/{checkpoint}/admission`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{KRAKIVETS, Request, TestHub};

impl TestHub {
    fn admission(&self) -> Request<'_> {
        self.post(&Self::at(KRAKIVETS, "admission")).as_role(Role::BorderGuard)
    }

    async fn admits(&self, plate: &str) -> String {
        let answer = self.admission().json(&json!({"plate": plate})).send().await.expect(200);
        let told = |member: &str| answer[member].as_str().unwrap().to_owned();
        format!("{} {}", told("decision"), told("reason"))
    }
}

#[tokio::test]
async fn the_gate_is_answered_by_the_clock() {
    let hub = TestHub::start().await;
    assert_eq!(hub.admits("AA 1234 BB").await, "refuse not_booked");
    hub.book(KRAKIVETS, "AA 1234 BB").await;
    assert_eq!(hub.admits("AA 1234 BB").await, "refuse not_called");
    hub.arrive(KRAKIVETS, "AA 1234 BB").await;
    hub.call(KRAKIVETS).await;
    assert_eq!(hub.admits("аа-1234-вв").await, "admit called");
    hub.clock.advance(chrono::TimeDelta::hours(4) - chrono::TimeDelta::microseconds(1));
    assert_eq!(hub.admits("AA 1234 BB").await, "admit called");
    hub.clock.advance(chrono::TimeDelta::microseconds(1));
    assert_eq!(hub.admits("AA 1234 BB").await, "refuse call_expired");
}

#[tokio::test]
async fn an_answer_names_the_booking_and_the_deadline() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 1234 BB").await;
    hub.arrive(KRAKIVETS, "AA 1234 BB").await;
    hub.call(KRAKIVETS).await;
    let answer = hub.admission().json(&json!({"plate": "AA1234BB"})).send().await.expect(200);
    assert_json_snapshot!(answer, {".booking" => "[booking]"}, @r#"
    {
      "booking": "[booking]",
      "deadline_at": "2026-11-21T16:00:00Z",
      "decision": "admit",
      "reason": "called"
    }
    "#);
}

#[tokio::test]
async fn a_question_in_xml_is_answered_in_xml() {
    let hub = TestHub::start().await;
    let question =
        "<admission_query xmlns='urn:kordon:exchange:1'><plate>АА 1234 ВВ</plate></admission_query>";
    let answer = hub.admission().xml(question).accepting_xml().send().await;
    assert_snapshot!(answer.xml(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <admission xmlns="urn:kordon:exchange:1">
    <decision>refuse</decision>
    <reason>not_booked</reason>
    </admission>
    "#);
}

#[tokio::test]
async fn every_bad_question_is_told_what_and_where() {
    let hub = TestHub::start().await;
    let bad: [Value; 7] = [
        json!({}),
        json!({"plate": ""}),
        json!({"plate": "A"}),
        json!({"plate": "ÑÑ1234"}),
        json!({"plate": "京A12345"}),
        json!({"plate": "AA 1234 BB", "lane": 3}),
        json!("AA 1234 BB"),
    ];
    let mut told = String::new();
    for body in bad {
        told.push_str(&format!("{body}\n{}\n", hub.admission().json(&body).send().await.problem()));
    }
    let xml = "<admission_query xmlns='urn:kordon:exchange:1'><plate>§</plate></admission_query>";
    told.push_str(&hub.admission().xml(xml).send().await.problem());
    assert_snapshot!(told, @r#"
    {}
    422 invalid: /plate: is missing
      "/plate" is missing
    {"plate":""}
    422 invalid: /plate: a plate has 1 to 20 characters, at least two of them letters or digits
      "/plate" a plate has 1 to 20 characters, at least two of them letters or digits
    {"plate":"A"}
    422 invalid: /plate: a plate has 1 to 20 characters, at least two of them letters or digits
      "/plate" a plate has 1 to 20 characters, at least two of them letters or digits
    {"plate":"ÑÑ1234"}
    422 invalid: /plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      "/plate" a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    {"plate":"京A12345"}
    422 invalid: /plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      "/plate" a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    {"lane":3,"plate":"AA 1234 BB"}
    422 invalid: /lane: is not known here, expected `plate`
      "/lane" is not known here, expected `plate`
    "AA 1234 BB"
    422 invalid: invalid type: string "AA 1234 BB", expected an object
      "" invalid type: string "AA 1234 BB", expected an object
    422 invalid: admission_query/plate (1:48): a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      "admission_query/plate (1:48)" a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    "#);
}
