//! `GET /api/v1/checkpoints/{checkpoint}/events`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{KRAKIVETS, Request, TestHub, YAHODYN};

impl TestHub {
    fn journal(&self, query: &str) -> Request<'_> {
        self.get(&Self::at(KRAKIVETS, &format!("events{query}"))).as_role(Role::Customs)
    }

    /// Records reads of a camera: of the booked vehicle, and of others.
    async fn seen(&self, plates: &[&str]) {
        let read = |(number, plate): (usize, &&str)| {
            json!({"id": format!("cam-{number}"), "kind": "plate-read", "plate": plate, "confidence": 0.97,
                "occurred_at": "2026-11-21T12:00:00Z"})
        };
        let list: Value = plates.iter().enumerate().map(read).collect();
        self.events(KRAKIVETS, Role::BorderGuard).json(&list).send().await.expect(200);
    }
}

fn positions(page: &Value) -> Vec<i64> {
    page["items"].as_array().unwrap().iter().map(|event| event["position"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_journal_is_read_page_by_page_and_misses_nothing() {
    let hub = TestHub::start().await;
    hub.seen(&["AA 0001 BB", "AA 0002 BB", "AA 0003 BB", "AA 0004 BB", "AA 0005 BB"]).await;
    let mut after = json!(0);
    let mut pages = Vec::new();
    loop {
        let page =
            hub.journal(&format!("?after={after}&limit=2")).for_purpose("ст. 6").send().await.expect(200);
        after = page["next"].clone();
        pages.push(positions(&page));
        if pages.last().unwrap().is_empty() {
            break;
        }
    }
    assert_eq!(pages, [vec![1, 2], vec![3, 4], vec![5], vec![]]);
    assert_eq!(after, 5, "the last page says where to go on");
}

#[tokio::test]
async fn an_event_is_shown_as_it_was_stated() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    hub.seen(&["аа-0001-вв"]).await;
    let void = json!({"id": "v-1", "kind": "void", "voids": "cam-0", "reason": "misread",
        "occurred_at": "2026-11-21T12:00:00Z"});
    hub.events(KRAKIVETS, Role::BorderGuard).json(&void).send().await.expect(201);
    let page = hub.journal("").for_purpose("ст. 6").send().await.expect(200);
    assert_json_snapshot!(page, {".items[].system" => "[system]", ".items[].crossing" => "[crossing]"}, @r#"
    {
      "items": [
        {
          "checkpoint": "UA209030",
          "confidence": 0.97,
          "crossing": "[crossing]",
          "id": "cam-0",
          "kind": "plate-read",
          "occurred_at": "2026-11-21T12:00:00Z",
          "plate": "аа-0001-вв",
          "position": 2,
          "recorded_at": "2026-11-21T12:00:00Z",
          "system": "[system]",
          "voided": true
        },
        {
          "checkpoint": "UA209030",
          "crossing": "[crossing]",
          "id": "v-1",
          "kind": "void",
          "occurred_at": "2026-11-21T12:00:00Z",
          "position": 3,
          "reason": "misread",
          "recorded_at": "2026-11-21T12:00:00Z",
          "system": "[system]",
          "voided": false,
          "voids": "cam-0"
        }
      ],
      "next": 3
    }
    "#);
}

#[tokio::test]
async fn unmatched_events_are_found_apart() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    hub.seen(&["AA 0001 BB", "AA 0002 BB", "AA 0001 BB"]).await;
    let page = hub.journal("?unmatched=true").for_purpose("ст. 6").send().await.expect(200);
    assert_eq!(positions(&page), [3], "the booking drew the first position");
}

#[tokio::test]
async fn a_checkpoint_shows_its_own_journal_only() {
    let hub = TestHub::start().await;
    hub.seen(&["AA 0001 BB"]).await;
    let other = hub.get(&TestHub::at(YAHODYN, "events")).as_role(Role::Customs).for_purpose("ст. 6");
    assert_eq!(other.send().await.expect(200), json!({"items": [], "next": 0}));
}

#[tokio::test]
async fn the_journal_is_read_for_a_purpose_that_is_kept_before_it_is_shown() {
    let hub = TestHub::start().await;
    let booking = hub.book(KRAKIVETS, "AA 0001 BB").await;
    hub.seen(&["AA 0001 BB", "AA 0002 BB", "AA 0001 BB"]).await;
    assert_snapshot!(hub.journal("").send().await.problem(), @"400 purpose_required: the header `Kordon-Purpose` (or `Uxp-Purpose-Ids`) is missing");
    assert_eq!(hub.readings().await, "");
    hub.journal("").for_purpose("ст. 6").send().await.expect(200);
    assert_eq!(hub.readings().await, format!("customs list_events UA209030 ст. 6 [{booking}]"));
    hub.lose_the_access_log().await;
    let unrecorded = hub.journal("").for_purpose("ст. 6").send().await;
    assert_eq!(unrecorded.status, 500);
    assert!(!unrecorded.text().contains("0001"), "what cannot be recorded is not shown");
}

#[tokio::test]
async fn every_bad_query_is_told_what_and_where() {
    let hub = TestHub::start().await;
    let mut told = String::new();
    for query in [
        "?before=7",
        "?after=-1",
        "?after=soon",
        "?limit=0",
        "?limit=501",
        "?limit=1&limit=2",
        "?unmatched=yes",
        "?after=9223372036854775808",
    ] {
        let answer = hub.journal(query).for_purpose("ст. 6").send().await;
        told.push_str(&format!("{query}\n{}\n", answer.problem()));
    }
    assert_snapshot!(told, @r#"
    ?before=7
    400 malformed_request: query:before: unknown field `before`, expected one of `after`, `limit`, `unmatched`
      "query:before" unknown field `before`, expected one of `after`, `limit`, `unmatched`
    ?after=-1
    400 malformed_request: query:after: is 0 or greater
      "query:after" is 0 or greater
    ?after=soon
    400 malformed_request: query:after: invalid digit found in string
      "query:after" invalid digit found in string
    ?limit=0
    400 malformed_request: query:limit: is 1 to 500
      "query:limit" is 1 to 500
    ?limit=501
    400 malformed_request: query:limit: is 1 to 500
      "query:limit" is 1 to 500
    ?limit=1&limit=2
    400 malformed_request: query: duplicate field `limit`
      "query" duplicate field `limit`
    ?unmatched=yes
    400 malformed_request: query:unmatched: provided string was not `true` or `false`
      "query:unmatched" provided string was not `true` or `false`
    ?after=9223372036854775808
    400 malformed_request: query:after: number too large to fit in target type
      "query:after" number too large to fit in target type
    "#);
}

#[tokio::test]
async fn the_journal_says_the_same_as_xml() {
    let hub = TestHub::start().await;
    hub.seen(&["AA 0001 BB"]).await;
    let answer = hub.journal("").for_purpose("ст. 6").accepting_xml().send().await;
    let system = hub.system(Role::BorderGuard).to_string();
    assert_snapshot!(answer.xml().replace(&system, "[system]"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <recorded_events xmlns="urn:kordon:exchange:1">
    <items>
    <recorded_event>
    <position>1</position>
    <checkpoint>UA209030</checkpoint>
    <system>[system]</system>
    <id>cam-0</id>
    <kind>plate-read</kind>
    <plate>AA 0001 BB</plate>
    <confidence>0.97</confidence>
    <voided>false</voided>
    <occurred_at>2026-11-21T12:00:00Z</occurred_at>
    <recorded_at>2026-11-21T12:00:00Z</recorded_at>
    </recorded_event>
    </items>
    <next>1</next>
    </recorded_events>
    "#);
}
