//! `POST /api/v1/checkpoints/{checkpoint}/bookings`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{Answer, KRAKIVETS, TestHub, YAHODYN, changed};

fn booking() -> Value {
    json!({"reference": "KR-1", "plate": "аа 1234 вв", "trailer_plate": "AA 7777 XX", "queue": "live",
        "channel": "call_centre", "driver": {"name": "Олена Шевченко"}, "booked_at": "2026-11-21T13:30:00+02:00"})
}

/// The booking with some members replaced or left out.
fn with(changes: &Value) -> Value {
    changed(booking(), changes)
}

async fn book(hub: &TestHub, checkpoint: &str, body: &Value) -> Answer {
    hub.post(&TestHub::at(checkpoint, "bookings")).as_role(Role::QueueOperator).json(body).send().await
}

#[tokio::test]
async fn a_vehicle_is_booked_and_the_same_again_is_the_same() {
    let hub = TestHub::start().await;
    let mut first = book(&hub, KRAKIVETS, &booking()).await.expect(201);
    let secret = first.as_object_mut().unwrap().remove("holder_secret").unwrap();
    assert_eq!(secret.as_str().unwrap().len(), 40, "shown this once");
    assert_json_snapshot!(first, {".id" => "[booking]"}, @r#"
    {
      "booked_at": "2026-11-21T11:30:00Z",
      "checkpoint": "UA209030",
      "id": "[booking]",
      "lane": "all",
      "plate": "аа 1234 вв",
      "queue": "live",
      "reference": "KR-1",
      "rules_version": 1
    }
    "#);
    assert_eq!(book(&hub, KRAKIVETS, &booking()).await.expect(200), first);
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_booking_has_its_code() {
    let hub = TestHub::start().await;
    book(&hub, KRAKIVETS, &booking()).await.expect(201);
    let other_content = with(&json!({"plate": "AA 9999 BB"}));
    assert_snapshot!(book(&hub, KRAKIVETS, &other_content).await.problem(), @"409 idempotency_conflict: the reference KR-1 stands for another booking, at UA209030");
    let elsewhere = with(&json!({"reference": "YA-1", "plate": "AA1234BB"}));
    assert_snapshot!(book(&hub, YAHODYN, &elsewhere).await.problem(), @"409 already_booked: AA1234BB is booked already");
}

#[tokio::test]
async fn every_bad_booking_is_told_what_and_where() {
    let hub = TestHub::start().await;
    let bad = [
        json!({"reference": null}),
        json!({"reference": "two words"}),
        json!({"plate": "§§§§"}),
        json!({"plate": 1234}),
        json!({"queue": "fast"}),
        json!({"channel": "fax"}),
        json!({"driver": {"name": ""}}),
        json!({"driver": {"name": "A", "passport": "KB123456"}}),
        json!({"driver": {"name": "A\u{0}B"}}),
        json!({"booked_at": "2026-11-21T13:30:00"}),
        json!({"booked_at": "2026-11-21T12:03:00Z"}),
        json!({"booked_at": "2026-11-01T12:00:00Z"}),
        json!({"colour": "red"}),
        json!({"reference": "", "driver": {"name": " "}, "booked_at": "2030-01-01T00:00:00Z"}),
    ];
    let mut told = String::new();
    for changes in bad {
        let answer = book(&hub, KRAKIVETS, &with(&changes)).await;
        told.push_str(&format!("{changes}\n{}\n", answer.problem()));
    }
    assert_snapshot!(told, @r#"
    {"reference":null}
    422 invalid: /reference: is missing
      "/reference" is missing
    {"reference":"two words"}
    422 invalid: /reference has 1 to 100 printable ASCII characters without spaces
      "/reference" has 1 to 100 printable ASCII characters without spaces
    {"plate":"§§§§"}
    422 invalid: /plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      "/plate" a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    {"plate":1234}
    422 invalid: /plate: invalid type: integer `1234`, expected a string
      "/plate" invalid type: integer `1234`, expected a string
    {"queue":"fast"}
    422 invalid: /queue: `fast` is not known here, expected one of `pre_booked`, `live`, `priority`
      "/queue" `fast` is not known here, expected one of `pre_booked`, `live`, `priority`
    {"channel":"fax"}
    422 invalid: /channel: `fax` is not known here, expected one of `web`, `call_centre`, `terminal`, `on_site`
      "/channel" `fax` is not known here, expected one of `web`, `call_centre`, `terminal`, `on_site`
    {"driver":{"name":""}}
    422 invalid: /driver/name has 1 to 200 characters and no control characters
      "/driver/name" has 1 to 200 characters and no control characters
    {"driver":{"name":"A","passport":"KB123456"}}
    422 invalid: /driver/passport: is not known here, expected `name`
      "/driver/passport" is not known here, expected `name`
    {"driver":{"name":"A\u0000B"}}
    422 invalid: /driver/name: holds the character U+0000, which cannot be kept: leave control characters out
      "/driver/name" holds the character U+0000, which cannot be kept: leave control characters out
    {"booked_at":"2026-11-21T13:30:00"}
    422 invalid: /booked_at: the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
      "/booked_at" the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
    {"booked_at":"2026-11-21T12:03:00Z"}
    422 invalid: /booked_at lies in the future
      "/booked_at" lies in the future
    {"booked_at":"2026-11-01T12:00:00Z"}
    422 invalid: /booked_at is more than 7 days ago
      "/booked_at" is more than 7 days ago
    {"colour":"red"}
    422 invalid: /colour: is not known here, expected one of `reference`, `plate`, `trailer_plate`, `queue`, `channel`, `driver`, `booked_at`, `vehicle`, `slot_starts_at`, `zone`, `data`, `petition`
      "/colour" is not known here, expected one of `reference`, `plate`, `trailer_plate`, `queue`, `channel`, `driver`, `booked_at`, `vehicle`, `slot_starts_at`, `zone`, `data`, `petition`
    {"booked_at":"2030-01-01T00:00:00Z","driver":{"name":" "},"reference":""}
    422 invalid: 3 places break a rule
      "/reference" has 1 to 100 printable ASCII characters without spaces
      "/driver/name" has 1 to 200 characters and no control characters
      "/booked_at" lies in the future
    "#);
}

#[tokio::test]
async fn a_booking_is_json_only() {
    let hub = TestHub::start().await;
    let sent = hub.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).xml("<booking/>");
    assert_snapshot!(sent.send().await.problem(), @"415 unsupported_media_type: this operation takes JSON");
}
