//! JSON documents that are refused whole.

use insta::{allow_duplicates, assert_snapshot};
use serde_json::Value;

use super::*;
use crate::queue::{BookingIn, CallIn};

const GOOD: &str =
    r#"{"id": "e-1", "kind": "checkpoint-left", "plate": "AA1234BB", "occurred_at": "2026-11-21T12:00:00Z"}"#;

fn events(body: impl AsRef<[u8]>) -> String {
    outcome(read_events_json(body.as_ref()))
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
    allow_duplicates! {
    for body in ["null", "true", "5", "\"event\""] {
        assert_snapshot!(events(body), @r#"
        422 invalid: the body must be an event, or a list of events
          at "": the body must be an event, or a list of events
        "#);
    }
    }
    assert_snapshot!(events("[]"), @r#"
    422 invalid: the list holds no event: send at least one
      at "": the list holds no event: send at least one
    "#);
}

#[test]
fn a_list_of_more_than_a_thousand_is_refused_whole() {
    let list = |count: usize| format!("[{}]", vec![GOOD; count].join(","));
    assert!(read_events_json(list(1_000).as_bytes()).is_ok());
    assert_snapshot!(events(list(1_001)), @r#"
    413 too_large: the list holds 1001 events; one request takes at most 1000: send several requests
      at "": the list holds 1001 events; one request takes at most 1000: send several requests
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
fn other_messages_are_guarded_the_same_way() {
    let booking = |body: &str| told(&read_json::<BookingIn>(body.as_bytes()).unwrap_err());
    assert_snapshot!(booking(r#"{"reference": "KR-1""#), @r#"
    400 malformed_json: Line 1, column 20: EOF while parsing an object
      at "1:20": EOF while parsing an object
    "#);
    assert_snapshot!(booking(r#"{"reference": "KR-1", "plate": "AA1234BB", "queue": "live", "channel": "web", "driver": {"nam": "x"}}"#), @r#"
    422 invalid: /driver/nam: is not known here, expected `name`
      at "/driver/nam": is not known here, expected `name`
    "#);
    assert_snapshot!(booking(r#"{"reference": "KR-1", "plate": "AA1234BB", "queue": "live", "channel": "web", "driver": {"name": "a\u0000"}}"#), @r#"
    422 invalid: /driver/name: holds the character U+0000, which cannot be kept: leave control characters out
      at "/driver/name": holds the character U+0000, which cannot be kept: leave control characters out
    "#);
    assert_snapshot!(booking(r#"{"reference": "KR-1", "plate": "AA1234BB", "queue": "live", "channel": "fax"}"#), @r#"
    422 invalid: /channel: `fax` is not known here, expected one of `web`, `call_centre`, `terminal`, `on_site`
      at "/channel": `fax` is not known here, expected one of `web`, `call_centre`, `terminal`, `on_site`
    "#);
    assert_snapshot!(booking(r#"{"reference": "KR-1", "plate": "AA1234BB", "queue": "live", "channel": "web", "booked_at": "2026-11-21T12:00:00"}"#), @r#"
    422 invalid: /booked_at: the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
      at "/booked_at": the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
    "#);
    assert_snapshot!(booking("[]"), @r#"
    422 invalid: invalid type: array, expected an object
      at "": invalid type: array, expected an object
    "#);
    assert_eq!(read_json::<CallIn>(b"{}").unwrap(), CallIn::default());
    assert_eq!(read_json::<String>(r#""рядок\nі \u00ab\u0457\u00bb""#.as_bytes()).unwrap(), "рядок\nі «ї»");
}
