//! `POST …/events`: events that can be read and break a rule. Each is told what and where.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{KRAKIVETS, TestHub, changed};

/// A right event with some members replaced or left out.
fn with(changes: &Value) -> Value {
    let event = json!({"id": "bg-1", "kind": "checkpoint-entered", "plate": "AA 1234 BB",
        "occurred_at": "2026-11-21T12:00:00Z"});
    changed(event, changes)
}

/// Sends each and tells its problem.
async fn told(bad: impl IntoIterator<Item = Value>) -> String {
    let hub = TestHub::start().await;
    let mut told = String::new();
    for changes in bad {
        let answer = hub.events(KRAKIVETS, Role::BorderGuard).json(&with(&changes)).send().await;
        let sent: String = changes.to_string().chars().take(60).collect();
        told.push_str(&format!("{sent}\n{}\n", answer.problem()));
    }
    let journal =
        hub.get(&TestHub::at(KRAKIVETS, "queue")).as_role(Role::BorderGuard).send().await.expect(200);
    assert_eq!(journal["position"], 0, "nothing of it was recorded");
    told
}

#[tokio::test]
async fn unknown_missing_and_mistyped_members_are_named() {
    let bad = [
        json!({"colour": "red"}),
        json!({"id": null}),
        json!({"kind": null}),
        json!({"plate": null}),
        json!({"occurred_at": null}),
        json!({"id": 17}),
        json!({"kind": "checkpoint-opened"}),
        json!({"plate": ["AA 1234 BB"]}),
        json!({"occurred_at": 1_795_262_400}),
        json!({"zone": "KRAKIVETS-1"}),
        json!({"kind": "plate-read"}),
        json!({"kind": "plate-read", "confidence": 1.5}),
        json!({"kind": "plate-read", "confidence": "high"}),
        json!({"kind": "entry-refused"}),
        json!({"kind": "void", "plate": null, "reason": "misread", "voids": "bg-1"}),
    ];
    assert_snapshot!(told(bad).await, @r#"
    {"colour":"red"}
    422 invalid: /colour: is not known here, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
      "/colour" is not known here, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
    {"id":null}
    422 invalid: /id: is missing
      "/id" is missing
    {"kind":null}
    422 invalid: /kind: is missing
      "/kind" is missing
    {"plate":null}
    422 invalid: /plate: an event of the kind `checkpoint-entered` needs `plate`
      "/plate" an event of the kind `checkpoint-entered` needs `plate`
    {"occurred_at":null}
    422 invalid: /occurred_at: is missing
      "/occurred_at" is missing
    {"id":17}
    422 invalid: /id: invalid type: integer `17`, expected a string
      "/id" invalid type: integer `17`, expected a string
    {"kind":"checkpoint-opened"}
    422 invalid: /kind: `checkpoint-opened` is not known here, expected one of `zone-arrived`, `zone-left`, `checkpoint-entered`, `entry-refused`, `border-control-started`, `border-control-finished`, `customs-control-started`, `customs-control-finished`, `checkpoint-left`, `plate-read`, `void`
      "/kind" `checkpoint-opened` is not known here, expected one of `zone-arrived`, `zone-left`, `checkpoint-entered`, `entry-refused`, `border-control-started`, `border-control-finished`, `customs-control-started`, `customs-control-finished`, `checkpoint-left`, `plate-read`, `void`
    {"plate":["AA 1234 BB"]}
    422 invalid: /plate: invalid type: array, expected a string
      "/plate" invalid type: array, expected a string
    {"occurred_at":1795262400}
    422 invalid: /occurred_at: invalid type: integer `1795262400`, expected a time as RFC 3339 has it, with its offset
      "/occurred_at" invalid type: integer `1795262400`, expected a time as RFC 3339 has it, with its offset
    {"zone":"KRAKIVETS-1"}
    422 invalid: /zone: an event of the kind `checkpoint-entered` has no `zone`: leave it out
      "/zone" an event of the kind `checkpoint-entered` has no `zone`: leave it out
    {"kind":"plate-read"}
    422 invalid: /confidence: an event of the kind `plate-read` needs `confidence`
      "/confidence" an event of the kind `plate-read` needs `confidence`
    {"confidence":1.5,"kind":"plate-read"}
    422 invalid: /confidence: must be a number from 0 to 1
      "/confidence" must be a number from 0 to 1
    {"confidence":"high","kind":"plate-read"}
    422 invalid: /confidence: invalid type: string "high", expected a number
      "/confidence" invalid type: string "high", expected a number
    {"kind":"entry-refused"}
    422 invalid: /reason: an event of the kind `entry-refused` needs `reason`
      "/reason" an event of the kind `entry-refused` needs `reason`
    {"kind":"void","plate":null,"reason":"misread","voids":"bg-1
    422 invalid: /voids: an event cannot void itself
      "/voids" an event cannot void itself
    "#);
}

#[tokio::test]
async fn absurd_times_are_refused_and_told_why() {
    let bad = [
        json!({"occurred_at": "2026-11-21T12:02:01Z"}),
        json!({"occurred_at": "2999-01-01T00:00:00Z"}),
        json!({"occurred_at": "2026-10-22T11:59:59Z"}),
        json!({"occurred_at": "0001-01-01T00:00:00Z"}),
        json!({"occurred_at": "2026-11-21T12:00:00"}),
        json!({"occurred_at": "2026-11-21"}),
        json!({"occurred_at": "2026-02-30T12:00:00Z"}),
        json!({"occurred_at": "2026-11-21T12:00:60Z"}),
        json!({"occurred_at": "2026-11-21 12:00:00Z"}),
        json!({"occurred_at": "10000-01-01T00:00:00Z"}),
        json!({"occurred_at": "noon"}),
    ];
    assert_snapshot!(told(bad).await, @r#"
    {"occurred_at":"2026-11-21T12:02:01Z"}
    422 occurred_in_future: is 121 seconds ahead of the hub's clock
      "/occurred_at" is 121 seconds ahead of the hub's clock
    {"occurred_at":"2999-01-01T00:00:00Z"}
    422 occurred_in_future: is 30676881600 seconds ahead of the hub's clock
      "/occurred_at" is 30676881600 seconds ahead of the hub's clock
    {"occurred_at":"2026-10-22T11:59:59Z"}
    422 occurred_too_long_ago: is more than 30 days ago
      "/occurred_at" is more than 30 days ago
    {"occurred_at":"0001-01-01T00:00:00Z"}
    422 occurred_too_long_ago: is more than 739940 days ago
      "/occurred_at" is more than 739940 days ago
    {"occurred_at":"2026-11-21T12:00:00"}
    422 invalid: /occurred_at: the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
      "/occurred_at" the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
    {"occurred_at":"2026-11-21"}
    422 invalid: /occurred_at: a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
      "/occurred_at" a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
    {"occurred_at":"2026-02-30T12:00:00Z"}
    422 invalid: /occurred_at: there is no such date, time of day or offset
      "/occurred_at" there is no such date, time of day or offset
    {"occurred_at":"2026-11-21T12:00:60Z"}
    422 invalid: /occurred_at: the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0
      "/occurred_at" the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0
    {"occurred_at":"2026-11-21 12:00:00Z"}
    422 invalid: /occurred_at: a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
      "/occurred_at" a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
    {"occurred_at":"10000-01-01T00:00:00Z"}
    422 invalid: /occurred_at: a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
      "/occurred_at" a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
    {"occurred_at":"noon"}
    422 invalid: /occurred_at: a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
      "/occurred_at" a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
    "#);
}

#[tokio::test]
async fn plates_in_odd_alphabets_are_refused() {
    let bad = [
        "",
        " ",
        "A",
        "--",
        "AA 1234 BB AA 1234 BB",
        "京A·12345",
        "ΑΒ 1234",
        "ע123456",
        "AA\u{0}1234",
        "AA\n1234",
        "🚛 1234",
        "AA’1234",
    ];
    assert_snapshot!(told(bad.map(|plate| json!({"plate": plate}))).await, @r#"
    {"plate":""}
    422 invalid: /plate: a plate has 1 to 20 characters, at least two of them letters or digits
      "/plate" a plate has 1 to 20 characters, at least two of them letters or digits
    {"plate":" "}
    422 invalid: /plate: a plate has 1 to 20 characters, at least two of them letters or digits
      "/plate" a plate has 1 to 20 characters, at least two of them letters or digits
    {"plate":"A"}
    422 invalid: /plate: a plate has 1 to 20 characters, at least two of them letters or digits
      "/plate" a plate has 1 to 20 characters, at least two of them letters or digits
    {"plate":"--"}
    422 invalid: /plate: a plate has 1 to 20 characters, at least two of them letters or digits
      "/plate" a plate has 1 to 20 characters, at least two of them letters or digits
    {"plate":"AA 1234 BB AA 1234 BB"}
    422 invalid: /plate: a plate has 1 to 20 characters, at least two of them letters or digits
      "/plate" a plate has 1 to 20 characters, at least two of them letters or digits
    {"plate":"京A·12345"}
    422 invalid: /plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      "/plate" a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    {"plate":"ΑΒ 1234"}
    422 invalid: /plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      "/plate" a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    {"plate":"ע123456"}
    422 invalid: /plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      "/plate" a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    {"plate":"AA\u00001234"}
    422 invalid: /plate: holds the character U+0000, which cannot be kept: leave control characters out
      "/plate" holds the character U+0000, which cannot be kept: leave control characters out
    {"plate":"AA\n1234"}
    422 invalid: /plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      "/plate" a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    {"plate":"🚛 1234"}
    422 invalid: /plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      "/plate" a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    {"plate":"AA’1234"}
    422 invalid: /plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      "/plate" a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    "#);
}

#[tokio::test]
async fn ids_and_reasons_of_another_form_are_refused() {
    let bad = [
        json!({"id": ""}),
        json!({"id": "two words"}),
        json!({"id": "подія-1"}),
        json!({"id": "x".repeat(101)}),
        json!({"kind": "entry-refused", "reason": ""}),
        json!({"kind": "entry-refused", "reason": "two\nlines"}),
        json!({"kind": "entry-refused", "reason": "ї".repeat(501)}),
    ];
    assert_snapshot!(told(bad).await, @r#"
    {"id":""}
    422 invalid: /id: an event id has 1 to 100 visible ASCII characters, without spaces
      "/id" an event id has 1 to 100 visible ASCII characters, without spaces
    {"id":"two words"}
    422 invalid: /id: an event id has 1 to 100 visible ASCII characters, without spaces
      "/id" an event id has 1 to 100 visible ASCII characters, without spaces
    {"id":"подія-1"}
    422 invalid: /id: an event id has 1 to 100 visible ASCII characters, without spaces
      "/id" an event id has 1 to 100 visible ASCII characters, without spaces
    {"id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    422 invalid: /id: an event id has 1 to 100 visible ASCII characters, without spaces
      "/id" an event id has 1 to 100 visible ASCII characters, without spaces
    {"kind":"entry-refused","reason":""}
    422 invalid: /reason: a reason has 1 to 500 characters
      "/reason" a reason has 1 to 500 characters
    {"kind":"entry-refused","reason":"two\nlines"}
    422 invalid: /reason: holds the character U+000A, which cannot be kept: leave control characters out
      "/reason" holds the character U+000A, which cannot be kept: leave control characters out
    {"kind":"entry-refused","reason":"їїїїїїїїїїїїїїїїїїїїїїїїїї
    422 invalid: /reason: a reason has 1 to 500 characters
      "/reason" a reason has 1 to 500 characters
    "#);
}

#[tokio::test]
async fn a_kind_of_another_duty_is_refused() {
    assert_snapshot!(told([json!({"kind": "customs-control-started"})]).await, @r#"
    {"kind":"customs-control-started"}
    422 kind_not_allowed: the role border_guard does not state `customs-control-started`
    "#);
}

#[tokio::test]
async fn letters_of_both_alphabets_case_and_signs_are_the_same_plate() {
    let hub = TestHub::start().await;
    let booking = hub.book(KRAKIVETS, "АА 1234 ВВ").await;
    for (number, plate) in
        ["AA1234BB", "aa 1234 bb", "АА-1234-ВВ", "аА·1234·Bв", "AA\u{a0}1234–BB"].iter().enumerate()
    {
        let event = with(&json!({"id": format!("bg-{number}"), "plate": plate}));
        let answer = hub.events(KRAKIVETS, Role::BorderGuard).json(&event).send().await.expect(201);
        assert_eq!(answer["crossing"], booking, "{plate}");
    }
}
