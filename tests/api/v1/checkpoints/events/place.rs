//! `POST /api/v1/checkpoints/{checkpoint}/events/{position}/placement`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{Answer, KRAKIVETS, TestHub};

/// A misread plate at position 2, and the booking that it belongs to.
async fn misread(hub: &TestHub) -> String {
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    let event = json!({"id": "bg-1", "kind": "checkpoint-entered", "plate": "AA 1284 BB",
        "occurred_at": "2026-11-21T12:00:00Z"});
    hub.events(KRAKIVETS, Role::BorderGuard).json(&event).send().await.expect(202);
    booking
}

async fn place(hub: &TestHub, position: &str, body: &Value) -> Answer {
    let address = TestHub::at(KRAKIVETS, &format!("events/{position}/placement"));
    hub.post(&address).as_role(Role::BorderGuard).json(body).send().await
}

#[tokio::test]
async fn an_unmatched_event_is_given_to_its_crossing() {
    let hub = TestHub::start().await;
    let crossing = misread(&hub).await;
    let reason = json!({"crossing": crossing, "reason": "seen on the video"});
    assert_json_snapshot!(place(&hub, "2", &reason).await.expect(200), {".crossing" => "[crossing]"}, @r#"
    {
      "crossing": "[crossing]",
      "id": "bg-1",
      "outcome": "recorded",
      "position": 2
    }
    "#);
    let again = place(&hub, "2", &reason).await.problem().replace(&crossing, "[crossing]");
    assert_snapshot!(again, @"409 already_placed: the event belongs to crossing [crossing]");
}

#[tokio::test]
async fn every_bad_placement_is_told_what_and_where() {
    let hub = TestHub::start().await;
    let crossing = misread(&hub).await;
    let good = json!({"crossing": crossing, "reason": "seen"});
    let nowhere = json!({"crossing": "00000000-0000-0000-0000-000000000001", "reason": "seen"});
    let bad = [
        ("0", good.clone()),
        ("first", good.clone()),
        ("-2", good.clone()),
        ("99", good),
        ("2", nowhere),
        ("2", json!({"crossing": crossing})),
        ("2", json!({"crossing": crossing, "reason": " "})),
        ("2", json!({"crossing": "AA1234BB", "reason": "seen"})),
        ("2", json!({"crossing": crossing, "reason": "seen", "plate": "AA 1234 BB"})),
    ];
    let mut told = String::new();
    for (position, body) in bad {
        told.push_str(&format!("{position} {body}\n{}\n", place(&hub, position, &body).await.problem()));
    }
    assert_snapshot!(told.replace(&crossing, "[crossing]"), @r#"
    0 {"crossing":"[crossing]","reason":"seen"}
    400 malformed_request: path:position: is a position in the journal, 1 or greater
      "path:position" is a position in the journal, 1 or greater
    first {"crossing":"[crossing]","reason":"seen"}
    400 malformed_request: path:position: is a position in the journal, 1 or greater
      "path:position" is a position in the journal, 1 or greater
    -2 {"crossing":"[crossing]","reason":"seen"}
    400 malformed_request: path:position: is a position in the journal, 1 or greater
      "path:position" is a position in the journal, 1 or greater
    99 {"crossing":"[crossing]","reason":"seen"}
    404 not_found: there is no event at position 99
    2 {"crossing":"00000000-0000-0000-0000-000000000001","reason":"seen"}
    404 not_found: there is no crossing of this checkpoint 00000000-0000-0000-0000-000000000001
    2 {"crossing":"[crossing]"}
    422 invalid: /reason: is missing
      "/reason" is missing
    2 {"crossing":"[crossing]","reason":" "}
    422 invalid: /reason has 1 to 500 characters and no control characters
      "/reason" has 1 to 500 characters and no control characters
    2 {"crossing":"AA1234BB","reason":"seen"}
    422 invalid: /crossing: UUID parsing failed: invalid length: found 8
      "/crossing" UUID parsing failed: invalid length: found 8
    2 {"crossing":"[crossing]","plate":"AA 1234 BB","reason":"seen"}
    422 invalid: /plate: is not known here, expected `crossing` or `reason`
      "/plate" is not known here, expected `crossing` or `reason`
    "#);
}

#[tokio::test]
async fn customs_reads_the_journal_and_places_nothing() {
    let hub = TestHub::start().await;
    let address = TestHub::at(KRAKIVETS, "events/1/placement");
    let answer = hub.post(&address).as_role(Role::Customs).json(&json!({})).send().await;
    assert_snapshot!(answer.problem(), @"403 forbidden: the role customs does not do this");
}
