//! Bad JSON.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::*;
use crate::queue::{BookingIn, CallIn};

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
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    event.to_string()
}

#[test]
fn one_event_and_a_list_of_one_are_told_apart() {
    assert_snapshot!(events(GOOD), @r#"
    one event
    taken "e-1"
    "#);
    assert_snapshot!(events(format!(" \r\n\t[{GOOD}]\n")), @r#"
    a list
    taken "e-1"
    "#);
}

#[test]
fn a_document_that_is_no_json_is_refused_with_its_line_and_column() {
    assert_snapshot!(events(""), @r#"
    400 malformed_json: Line 1, column 1: the body is empty
      at "1:1": the body is empty
    "#);
    assert_snapshot!(events("  \n "), @r#"
    400 malformed_json: Line 2, column 1: the body is empty
      at "2:1": the body is empty
    "#);
    assert_snapshot!(events("{\n  \"id\": \"подія\" \"kind\": 1}"), @r#"
    400 malformed_json: Line 2, column 17: expected `,` or `}`
      at "2:17": expected `,` or `}`
    "#);
    assert_snapshot!(events(format!("[{GOOD}, {}", &GOOD[..40])), @r#"
    400 malformed_json: Line 1, column 143: EOF while parsing an object
      at "1:143": EOF while parsing an object
    "#);
    assert_snapshot!(events(format!("{GOOD} {GOOD}")), @r#"
    400 malformed_json: Line 1, column 102: trailing characters
      at "1:102": trailing characters
    "#);
    assert_snapshot!(events(format!("[{GOOD},]")), @r#"
    400 malformed_json: Line 1, column 103: trailing comma
      at "1:103": trailing comma
    "#);
    assert_snapshot!(events("{'id': 1}"), @r#"
    400 malformed_json: Line 1, column 2: key must be a string
      at "1:2": key must be a string
    "#);
    assert_snapshot!(events("{\"id\": \"a\u{1}b\"}"), @r#"
    400 malformed_json: Line 1, column 9: control character (\u0000-\u001F) found while parsing a string
      at "1:9": control character (\u0000-\u001F) found while parsing a string
    "#);
    assert_snapshot!(events("{\"id\": NaN}"), @r#"
    400 malformed_json: Line 1, column 8: expected value
      at "1:8": expected value
    "#);
    assert_snapshot!(events("<events/>"), @r#"
    400 malformed_json: Line 1, column 1: expected value
      at "1:1": expected value
    "#);
}

#[test]
fn a_wrong_type_before_broken_syntax_is_still_broken_syntax() {
    assert_snapshot!(events(r#"{"id": 5, "kind": "#), @r#"
    400 malformed_json: Line 1, column 18: EOF while parsing a value
      at "1:18": EOF while parsing a value
    "#);
}

#[test]
fn other_encodings_than_utf_8_are_refused() {
    assert_snapshot!(events(b"{\"id\": \"\xef\xf0\xe8\xe2\xb3\xf2\"}"), @r#"
    400 malformed_json: Line 1, column 9: the byte 0xEF is not UTF-8; JSON is sent in UTF-8
      at "1:9": the byte 0xEF is not UTF-8; JSON is sent in UTF-8
    "#);
    let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_snapshot!(events(&utf16), @r#"
    400 malformed_json: Line 1, column 1: this is UTF-16; JSON is sent in UTF-8
      at "1:1": this is UTF-16; JSON is sent in UTF-8
    "#);
    assert_snapshot!(events(format!("\u{feff}{GOOD}")), @r#"
    400 malformed_json: Line 1, column 1: the document begins with a byte order mark; JSON is sent without one (RFC 8259, 8.1)
      at "1:1": the document begins with a byte order mark; JSON is sent without one (RFC 8259, 8.1)
    "#);
    assert_snapshot!(events(b"{\"id\": \"\xed\xa0\x80\"}"), @r#"
    400 malformed_json: Line 1, column 9: the byte 0xED is not UTF-8; JSON is sent in UTF-8
      at "1:9": the byte 0xED is not UTF-8; JSON is sent in UTF-8
    "#);
}

#[test]
fn what_is_neither_an_event_nor_a_list_is_refused() {
    for body in ["null", "true", "5", "\"event\""] {
        assert_snapshot!(events(body), @r#"
        422 invalid: the body must be an event, or a list of events
          at "": the body must be an event, or a list of events
        "#);
    }
    assert_snapshot!(events("[]"), @"");
}

#[test]
fn a_list_of_more_than_a_thousand_is_refused_whole() {
    let list = |count: usize| format!("[{}]", vec![GOOD; count].join(","));
    assert!(read_events_json(list(1_000).as_bytes()).is_ok());
    assert_snapshot!(events(list(1_001)), @r#"
    413 too_large: the list holds 1001 events; one request takes at most 1000: send several
      at "": the list holds 1001 events; one request takes at most 1000: send several
    "#);
}

#[test]
fn depth_bombs_are_refused_before_they_are_parsed() {
    assert_snapshot!(events("[".repeat(1_000_000)), @r#"
    400 too_deep: The document is nested more than 32 levels deep.
      at "1:33": level 33 begins here
    "#);
    assert_snapshot!(events(format!("{{\"id\":\n{}{}}}", "{\"a\":".repeat(40), "}".repeat(40))), @r#"
    400 too_deep: The document is nested more than 32 levels deep.
      at "2:156": level 33 begins here
    "#);
    assert_snapshot!(told(&read_json::<Value>("[".repeat(33).as_bytes()).unwrap_err()), @r#"
    400 too_deep: The document is nested more than 32 levels deep.
      at "1:33": level 33 begins here
    "#);
}

#[test]
fn a_bad_item_is_refused_alone() {
    let list = format!("[{GOOD}, {}, 5, [], null, {GOOD}]", changed(json!({"id": "e-2", "plate": "ЖЖ§1"})));
    assert_snapshot!(events(list), @r#"
    a list
    taken "e-1"
    refused Some("e-2"): 422 invalid: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      at "/1/plate": a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    refused None: 422 invalid: invalid type: integer `5`, expected an object
      at "/2": invalid type: integer `5`, expected an object
    refused None: 422 invalid: invalid type: sequence, expected an object
      at "/3": invalid type: sequence, expected an object
    refused None: 422 invalid: invalid type: null, expected an object
      at "/4": invalid type: null, expected an object
    taken "e-1"
    "#);
}

#[test]
fn unknown_missing_and_repeated_members_are_named() {
    assert_snapshot!(events(changed(json!({"colour": "red"}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: unknown field `colour`, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
      at "/colour": unknown field `colour`, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
    "#);
    assert_snapshot!(events(changed(json!({"a/b~c": 1}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: unknown field `a/b~c`, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
      at "/a~1b~0c": unknown field `a/b~c`, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
    "#);
    assert_snapshot!(events(changed(json!({"occurred_at": null}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: missing field `occurred_at`
      at "/occurred_at": missing field `occurred_at`
    "#);
    assert_snapshot!(events(format!("[{}]", changed(json!({"id": null})))), @r#"
    a list
    refused None: 422 invalid: missing field `id`
      at "/0/id": missing field `id`
    "#);
    assert_snapshot!(events(GOOD.replace("{\"id\"", "{\"id\": \"e-0\", \"id\"")), @r#"
    one event
    refused Some("e-1"): 422 invalid: duplicate field `id`
      at "": duplicate field `id`
    "#);
    assert_snapshot!(events(changed(json!({"zone": "Z-1"}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: an event of the kind `checkpoint-left` has no `zone`: leave it out
      at "/zone": an event of the kind `checkpoint-left` has no `zone`: leave it out
    "#);
    assert_snapshot!(events(changed(json!({"kind": "void"}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: an event of the kind `void` has no `plate`: leave it out; and 2 more, see `faults`.
      at "/plate": an event of the kind `void` has no `plate`: leave it out
      at "/reason": an event of the kind `void` needs `reason`
      at "/voids": an event of the kind `void` needs `voids`
    "#);
}

#[test]
fn wrong_types_are_named() {
    assert_snapshot!(events(changed(json!({"id": 5}))), @r#"
    one event
    refused None: 422 invalid: invalid type: integer `5`, expected a string
      at "/id": invalid type: integer `5`, expected a string
    "#);
    assert_snapshot!(events(changed(json!({"id": {"$ne": ""}}))), @r#"
    one event
    refused None: 422 invalid: invalid type: map, expected a string
      at "/id": invalid type: map, expected a string
    "#);
    assert_snapshot!(events(changed(json!({"kind": "arrived"}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: unknown variant `arrived`, expected one of `zone-arrived`, `zone-left`, `checkpoint-entered`, `entry-refused`, `border-control-started`, `border-control-finished`, `customs-control-started`, `customs-…
      at "/kind": unknown variant `arrived`, expected one of `zone-arrived`, `zone-left`, `checkpoint-entered`, `entry-refused`, `border-control-started`, `border-control-finished`, `customs-control-started`, `customs-…
    "#);
    assert_snapshot!(events(changed(json!({"kind": ["void"]}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: expected value
      at "/kind": expected value
    "#);
    assert_snapshot!(events(changed(json!({"occurred_at": 1_795_000_000}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: invalid type: integer `1795000000`, expected a time as RFC 3339 has it, with its offset
      at "/occurred_at": invalid type: integer `1795000000`, expected a time as RFC 3339 has it, with its offset
    "#);
    assert_snapshot!(events(changed(json!({"kind": "plate-read", "confidence": "0.9"}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: invalid type: string "0.9", expected f32
      at "/confidence": invalid type: string "0.9", expected f32
    "#);
    assert_snapshot!(events(changed(json!({"kind": "plate-read", "confidence": 17}))), @r#"
    one event
    refused Some("e-1"): 422 invalid: must be a number from 0 to 1
      at "/confidence": must be a number from 0 to 1
    "#);
    assert_snapshot!(events(changed(json!({"kind": "plate-read", "confidence": 0.5})).replace("0.5", "1e999")), @r#"
    one event
    refused None: 422 invalid: number out of range
      at "/confidence": number out of range
    "#);
}

#[test]
fn absurd_times_are_refused_and_told_why() {
    let at = |time: &str| events(changed(json!({"occurred_at": time})));
    assert_snapshot!(at("2026-11-21T14:03:20"), @r#"
    one event
    refused Some("e-1"): 422 invalid: the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
      at "/occurred_at": the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
    "#);
    assert_snapshot!(at("2016-12-31T23:59:60Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0
      at "/occurred_at": the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0
    "#);
    assert_snapshot!(at("0000-01-01T00:00:00Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: the year must be 0001 to 9999, counted in UTC
      at "/occurred_at": the year must be 0001 to 9999, counted in UTC
    "#);
    assert_snapshot!(at("9999-12-31T23:59:59-01:00"), @r#"
    one event
    refused Some("e-1"): 422 invalid: the year must be 0001 to 9999, counted in UTC
      at "/occurred_at": the year must be 0001 to 9999, counted in UTC
    "#);
    assert_snapshot!(at("2026-02-30T00:00:00Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: there is no such date, time of day or offset
      at "/occurred_at": there is no such date, time of day or offset
    "#);
    assert_snapshot!(at("21.11.2026 14:03"), @r#"
    one event
    refused Some("e-1"): 422 invalid: a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
      at "/occurred_at": a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
    "#);
    assert_snapshot!(at("yesterday"), @r#"
    one event
    refused Some("e-1"): 422 invalid: a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
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
    for odd in ["ΑΒ1234", "ＡＡ1234", "AA\u{202e}1234", "AA👍1234", "<b>1234", "車1234", "AA1234BB' OR 1=1"]
    {
        assert_snapshot!(plate(odd), @r#"
        one event
        refused Some("e-1"): 422 invalid: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
          at "/plate": a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
        "#);
    }
    for length in ["", "  ", "A", "--", "AAAAAAAAAAAAAAAAAAAAA"] {
        assert_snapshot!(plate(length), @"");
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
    refused Some("e-1"): 422 invalid: holds the character U+0000, which cannot be kept: leave control characters out
      at "/reason": holds the character U+0000, which cannot be kept: leave control characters out
    "#);
    assert_snapshot!(events(refused.replace("\"R\"", r#""two\nlines""#)), @r#"
    one event
    refused Some("e-1"): 422 invalid: holds the character U+000A, which cannot be kept: leave control characters out
      at "/reason": holds the character U+000A, which cannot be kept: leave control characters out
    "#);
    assert_snapshot!(events(refused.replace("\"R\"", r#""half \ud83d of a pair""#)), @r#"
    one event
    refused None: 422 invalid: unexpected end of hex escape
      at "/reason": unexpected end of hex escape
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

#[test]
fn other_messages_are_guarded_the_same_way() {
    let booking = |body: &str| told(&read_json::<BookingIn>(body.as_bytes()).unwrap_err());
    assert_snapshot!(booking(r#"{"reference": "KR-1""#), @r#"
    400 malformed_json: Line 1, column 20: EOF while parsing an object
      at "1:20": EOF while parsing an object
    "#);
    assert_snapshot!(booking(r#"{"reference": "KR-1", "plate": "AA1234BB", "queue": "live", "channel": "web", "driver": {"nam": "x"}}"#), @r#"
    422 invalid: unknown field `nam`, expected `name`
      at "/driver/nam": unknown field `nam`, expected `name`
    "#);
    assert_snapshot!(booking(r#"{"reference": "KR-1", "plate": "AA1234BB", "queue": "live", "channel": "web", "driver": {"name": "a\u0000"}}"#), @r#"
    422 invalid: holds the character U+0000, which cannot be kept: leave control characters out
      at "/driver/name": holds the character U+0000, which cannot be kept: leave control characters out
    "#);
    assert_snapshot!(booking(r#"{"reference": "KR-1", "plate": "AA1234BB", "queue": "live", "channel": "fax"}"#), @r#"
    422 invalid: unknown variant `fax`, expected one of `web`, `call_centre`, `terminal`, `on_site`
      at "/channel": unknown variant `fax`, expected one of `web`, `call_centre`, `terminal`, `on_site`
    "#);
    assert_snapshot!(booking(r#"{"reference": "KR-1", "plate": "AA1234BB", "queue": "live", "channel": "web", "booked_at": "2026-11-21T12:00:00"}"#), @r#"
    422 invalid: the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
      at "/booked_at": the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
    "#);
    assert_snapshot!(booking("[]"), @r#"
    422 invalid: invalid type: sequence, expected an object
      at "": invalid type: sequence, expected an object
    "#);
    assert_eq!(read_json::<CallIn>(b"{}").unwrap(), CallIn::default());
    assert_eq!(read_json::<String>(r#""рядок\nі \u00ab\u0457\u00bb""#.as_bytes()).unwrap(), "рядок\nі «ї»");
}
