//! JSON events that are refused, and leave the others alone.

use insta::{allow_duplicates, assert_snapshot};
use serde_json::{Value, json};

use super::*;

const GOOD: &str =
    r#"{"id": "e-1", "kind": "checkpoint-left", "plate": "AA1234BB", "occurred_at": "2026-11-21T12:00:00Z"}"#;

fn events(body: impl AsRef<[u8]>) -> String {
    outcome(read_events_json(body.as_ref()))
}

/// The good event with some members changed, or left out where the change is null.
fn changed(changes: Value) -> String {
    let mut event: Value = serde_json::from_str(GOOD).unwrap();
    let members = event.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        members.remove(name);
        if !value.is_null() {
            members.insert(name.clone(), value.clone());
        }
    }
    event.to_string()
}

#[test]
fn a_bad_item_is_refused_alone() {
    let list = format!("[{GOOD}, {}, 5, [], null, {GOOD}]", changed(json!({"id": "e-2", "plate": "ЖЖ§1"})));
    assert_snapshot!(events(list), @r#"
    a list
    taken "e-1"
    refused Some("e-2"): 422 invalid: /1/plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      at "/1/plate": a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    refused None: 422 invalid: /2: invalid type: integer `5`, expected an object
      at "/2": invalid type: integer `5`, expected an object
    refused None: 422 invalid: /3: invalid type: array, expected an object
      at "/3": invalid type: array, expected an object
    refused None: 422 invalid: /4: invalid type: null, expected an object
      at "/4": invalid type: null, expected an object
    taken "e-1"
    "#);
}

#[test]
fn unknown_missing_and_repeated_members_are_named() {
    assert_snapshot!(events(changed(json!({"colour": "red"}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: /colour: is not known here, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
      at "/colour": is not known here, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
    "#);
    assert_snapshot!(events(changed(json!({"a/b~c": 1}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: /a~1b~0c: is not known here, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
      at "/a~1b~0c": is not known here, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
    "#);
    assert_snapshot!(events(changed(json!({"occurred_at": null}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: /occurred_at: is missing
      at "/occurred_at": is missing
    "#);
    assert_snapshot!(events(format!("[{}]", changed(json!({"id": null})))), @r#"
    a list
    refused None: 422 invalid: /0/id: is missing
      at "/0/id": is missing
    "#);
    assert_snapshot!(events(GOOD.replace("{\"id\"", "{\"id\": \"e-0\", \"id\"")), @r#"
    one event
    refused Some("e-1"): 422 invalid: /id: is given twice
      at "/id": is given twice
    "#);
    assert_snapshot!(events(changed(json!({"zone": "Z-1"}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: /zone: an event of the kind `checkpoint-left` has no `zone`: leave it out
      at "/zone": an event of the kind `checkpoint-left` has no `zone`: leave it out
    "#);
    assert_snapshot!(events(changed(json!({"kind": "void"}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: /plate: an event of the kind `void` has no `plate`: leave it out; and 2 more, see `faults`.
      at "/plate": an event of the kind `void` has no `plate`: leave it out
      at "/reason": an event of the kind `void` needs `reason`
      at "/voids": an event of the kind `void` needs `voids`
    "#);
}

#[test]
fn wrong_types_are_named() {
    assert_snapshot!(events(changed(json!({"id": 5}))), @r#"
    one event
    refused None: 422 invalid: /id: invalid type: integer `5`, expected a string
      at "/id": invalid type: integer `5`, expected a string
    "#);
    assert_snapshot!(events(changed(json!({"id": {"$ne": ""}}))), @r#"
    one event
    refused None: 422 invalid: /id: invalid type: object, expected a string
      at "/id": invalid type: object, expected a string
    "#);
    assert_snapshot!(events(changed(json!({"kind": "arrived"}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: /kind: `arrived` is not known here, expected one of `zone-arrived`, `zone-left`, `checkpoint-entered`, `entry-refused`, `border-control-started`, `border-control-finished`, `customs-control-started`, `customs-control-finished`, `checkpoint-left`, `plate-read`, `void`
      at "/kind": `arrived` is not known here, expected one of `zone-arrived`, `zone-left`, `checkpoint-entered`, `entry-refused`, `border-control-started`, `border-control-finished`, `customs-control-started`, `customs-control-finished`, `checkpoint-left`, `plate-read`, `void`
    "#);
    assert_snapshot!(events(changed(json!({"kind": ["void"]}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: /kind: invalid type: array, expected a string
      at "/kind": invalid type: array, expected a string
    "#);
    assert_snapshot!(events(changed(json!({"occurred_at": 1_795_000_000}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: /occurred_at: invalid type: integer `1795000000`, expected a time as RFC 3339 has it, with its offset
      at "/occurred_at": invalid type: integer `1795000000`, expected a time as RFC 3339 has it, with its offset
    "#);
    assert_snapshot!(events(changed(json!({"kind": "plate-read", "confidence": "0.9"}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: /confidence: invalid type: string "0.9", expected a number
      at "/confidence": invalid type: string "0.9", expected a number
    "#);
    assert_snapshot!(events(changed(json!({"kind": "plate-read", "confidence": 17}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: /confidence: must be a number from 0 to 1
      at "/confidence": must be a number from 0 to 1
    "#);
    assert_snapshot!(events(changed(json!({"kind": "plate-read", "confidence": 0.5})).replace("0.5", "1e999")), @r#"
    one event
    refused None: 422 invalid: /confidence: number out of range
      at "/confidence": number out of range
    "#);
}

#[test]
fn absurd_times_are_refused_and_told_why() {
    let at = |time: &str| events(changed(json!({"occurred_at": time})));
    assert_snapshot!(at("2026-11-21T14:03:20"), @r#"
    one event
    refused Some("e-1"): 422 invalid: /occurred_at: the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
      at "/occurred_at": the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
    "#);
    assert_snapshot!(at("2016-12-31T23:59:60Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: /occurred_at: the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0
      at "/occurred_at": the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0
    "#);
    assert_snapshot!(at("0000-01-01T00:00:00Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: /occurred_at: the year must be 0001 to 9999, counted in UTC
      at "/occurred_at": the year must be 0001 to 9999, counted in UTC
    "#);
    assert_snapshot!(at("9999-12-31T23:59:59-01:00"), @r#"
    one event
    refused Some("e-1"): 422 invalid: /occurred_at: the year must be 0001 to 9999, counted in UTC
      at "/occurred_at": the year must be 0001 to 9999, counted in UTC
    "#);
    assert_snapshot!(at("2026-02-30T00:00:00Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: /occurred_at: there is no such date, time of day or offset
      at "/occurred_at": there is no such date, time of day or offset
    "#);
    assert_snapshot!(at("21.11.2026 14:03"), @r#"
    one event
    refused Some("e-1"): 422 invalid: /occurred_at: a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
      at "/occurred_at": a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
    "#);
    assert_snapshot!(at("yesterday"), @r#"
    one event
    refused Some("e-1"): 422 invalid: /occurred_at: a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
      at "/occurred_at": a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
    "#);
    // Whether a time is too far from now is for the rules to say: they know what time it is.
    assert_snapshot!(at("9999-12-31T23:59:59Z"), @r#"
    one event
    taken "e-1"
    "#);
    assert_snapshot!(at("0001-01-01T00:00:00Z"), @r#"
    one event
    taken "e-1"
    "#);
}

#[test]
fn plates_in_odd_alphabets_are_refused() {
    let plate = |plate: &str| events(changed(json!({"plate": plate})));
    allow_duplicates! {
    for odd in ["ΑΒ1234", "ＡＡ1234", "AA\u{202e}1234", "AA👍1234", "<b>1234", "車1234", "AA1234BB' OR 1=1"]
    {
        assert_snapshot!(plate(odd), @r#"
        one event
        refused Some("e-1"): 422 invalid: /plate: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
          at "/plate": a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
        "#);
    }
    }
    allow_duplicates! {
    for length in ["", "  ", "A", "--", "AAAAAAAAAAAAAAAAAAAAA"] {
        assert_snapshot!(plate(length), @r#"
        one event
        refused Some("e-1"): 422 invalid: /plate: a plate has 1 to 20 characters, at least two of them letters or digits
          at "/plate": a plate has 1 to 20 characters, at least two of them letters or digits
        "#);
    }
    }
}

#[test]
fn characters_that_cannot_be_kept_are_refused_where_they_stand() {
    let refused = r#"{"id": "e-1", "kind": "entry-refused", "plate": "AA1234BB", "occurred_at": "2026-11-21T12:00:00Z", "reason": "R"}"#;
    for reason in [r"\u0000", r"a\u001b[2J", "\u{7f}", "\u{9b}", r"\uFFFE"] {
        let reply = events(format!("[{GOOD}, {}]", refused.replace("\"R\"", &format!("\"{reason}\""))));
        assert!(reply.contains("\"/1/reason\": holds the character U+"), "{reply}");
    }
    assert_snapshot!(events(refused.replace("\"R\"", r#""a\u0000b""#)), @r#"
    one event
    refused Some("e-1"): 422 invalid: /reason: holds the character U+0000, which cannot be kept: leave control characters out
      at "/reason": holds the character U+0000, which cannot be kept: leave control characters out
    "#);
    assert_snapshot!(events(refused.replace("\"R\"", r#""two\nlines""#)), @r#"
    one event
    refused Some("e-1"): 422 invalid: /reason: holds the character U+000A, which cannot be kept: leave control characters out
      at "/reason": holds the character U+000A, which cannot be kept: leave control characters out
    "#);
    assert_snapshot!(events(refused.replace("\"R\"", r#""half \ud83d of a pair""#)), @r#"
    one event
    refused None: 422 invalid: /reason: holds one half of a surrogate pair without the other
      at "/reason": holds one half of a surrogate pair without the other
    "#);
    assert_snapshot!(events(GOOD.replace("\"id\"", r#""i\u0000d""#)), @r#"
    one event
    refused None: 422 invalid: the name of a member holds the character U+0000, which cannot be kept: leave control characters out
      at "": the name of a member holds the character U+0000, which cannot be kept: leave control characters out
    "#);
}

#[test]
fn long_nonsense_is_not_sent_back_at_length() {
    let reply = events(changed(json!({"k".repeat(100_000): 1})));
    assert!(reply.len() < 2_000, "{}", reply.len());
    let reply = events(changed(json!({"kind": "k".repeat(100_000), "id": "i".repeat(100_000)})));
    assert!(reply.len() < 2_000, "{}", reply.len());
}
