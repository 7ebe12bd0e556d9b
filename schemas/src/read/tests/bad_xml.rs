//! Bad XML.

use insta::assert_snapshot;

use super::*;

const GOOD: &str = "<event><id>e-1</id><kind>checkpoint-left</kind><plate>AA1234BB</plate>\
                    <occurred_at>2026-11-21T12:00:00Z</occurred_at></event>";

fn events(body: impl AsRef<[u8]>) -> String {
    outcome(read_events_xml(body.as_ref(), None))
}

/// A document of one event: the good one with something replaced.
fn one(what: &str, by: &str) -> String {
    assert!(GOOD.contains(what));
    GOOD.replacen(what, by, 1).replacen("<event", "<event xmlns='urn:kordon:exchange:1'", 1)
}

fn list(items: &str) -> String {
    format!("<events xmlns=\"urn:kordon:exchange:1\">\n{items}\n</events>")
}

#[test]
fn one_event_and_a_list_of_one_are_told_apart() {
    assert_snapshot!(events(one("e-1", "e-1")), @r#"
    one event
    taken "e-1"
    "#);
    assert_snapshot!(events(list(GOOD)), @r#"
    a list
    taken "e-1"
    "#);
}

#[test]
fn a_document_that_is_not_well_formed_is_refused_with_its_line_and_column() {
    assert_snapshot!(events(""), @r#"
    400 malformed_xml: Line 1, column 1: the document has no element
      at "1:1": the document has no element
    "#);
    assert_snapshot!(events("  "), @r#"
    400 malformed_xml: Line 1, column 3: the document has no element
      at "1:3": the document has no element
    "#);
    assert_snapshot!(events("{}"), @r#"
    400 malformed_xml: Line 1, column 1: unknown token at 1:1
      at "1:1": unknown token at 1:1
    "#);
    assert_snapshot!(events("<events>\n<event></events>"), @r#"
    400 malformed_xml: Line 2, column 8: expected 'event' tag, not 'events' at 2:8
      at "2:8": expected 'event' tag, not 'events' at 2:8
    "#);
    assert_snapshot!(events("<event>\n<id>їжак & K</id></event>"), @r#"
    400 malformed_xml: Line 2, column 10: ill-formed document: entity or character reference not closed: `;` not found before end of input
      at "2:10": ill-formed document: entity or character reference not closed: `;` not found before end of input
    "#);
    assert_snapshot!(events("<event><id>1</id>"), @r#"
    400 malformed_xml: Line 1, column 18: the document ends before its root element is closed
      at "1:18": the document ends before its root element is closed
    "#);
    assert_snapshot!(events("<event/><event/>"), @r#"
    400 malformed_xml: Line 1, column 9: unknown token at 1:9
      at "1:9": unknown token at 1:9
    "#);
    assert_snapshot!(events("<event/>text"), @r#"
    400 malformed_xml: Line 1, column 9: unknown token at 1:9
      at "1:9": unknown token at 1:9
    "#);
    assert_snapshot!(events("<x:event/>"), @r#"
    400 malformed_xml: Line 1, column 2: an unknown namespace prefix 'x' at 1:2
      at "1:2": an unknown namespace prefix 'x' at 1:2
    "#);
    assert_snapshot!(events("<event a='1' a='2'/>"), @r#"
    400 malformed_xml: Line 1, column 14: attribute 'a' at 1:14 is already defined
      at "1:14": attribute 'a' at 1:14 is already defined
    "#);
    assert_snapshot!(events("<event>\u{0}</event>"), @r#"
    400 malformed_xml: Line 1, column 8: a non-XML character '\0' found at 1:8
      at "1:8": a non-XML character '\0' found at 1:8
    "#);
    assert_snapshot!(events("<event>&#0;</event>"), @r#"
    400 malformed_xml: Line 1, column 8: malformed entity reference at 1:8
      at "1:8": malformed entity reference at 1:8
    "#);
    assert_snapshot!(events("<event>]]></event>"), @r#"
    400 malformed_xml: Line 1, column 11: ']]>' at 1:11 is not allowed inside a character data
      at "1:11": ']]>' at 1:11 is not allowed inside a character data
    "#);
    assert_snapshot!(events(" <?xml version='1.0'?><event/>"), @r#"
    400 malformed_xml: Line 1, column 2: unexpected XML declaration at 1:2
      at "1:2": unexpected XML declaration at 1:2
    "#);
    assert_snapshot!(events("<event"), @r#"
    400 malformed_xml: Line 1, column 1: syntax error: tag not closed: `>` not found before end of input
      at "1:1": syntax error: tag not closed: `>` not found before end of input
    "#);
    assert_snapshot!(events("<!-- <event/>"), @r#"
    400 malformed_xml: Line 1, column 1: syntax error: comment not closed: `-->` not found before end of input
      at "1:1": syntax error: comment not closed: `-->` not found before end of input
    "#);
}

#[test]
fn wrong_encodings_are_refused() {
    assert_snapshot!(events(b"<event><id>\xef\xf0</id></event>"), @r#"
    400 malformed_xml: Line 1, column 12: the byte 0xEF is not UTF-8; a document in windows-1251 says so in its XML declaration or in the charset of its Content-Type
      at "1:12": the byte 0xEF is not UTF-8; a document in windows-1251 says so in its XML declaration or in the charset of its Content-Type
    "#);
    assert_snapshot!(events("<?xml version='1.0' encoding='UTF-16'?><event/>"), @"415 unsupported_media_type: The document is in the encoding `UTF-16`; XML is read in UTF-8 and windows-1251.");
    assert_snapshot!(outcome(read_events_xml(b"<event/>", Some("koi8-u"))), @"415 unsupported_media_type: The document is in the encoding `koi8-u`; XML is read in UTF-8 and windows-1251.");
    // 0x98 is the one byte without a character in windows-1251.
    let body = [
        b"<?xml version='1.0' encoding='windows-1251'?>".as_slice(),
        one("AA", "\u{98}").replace('\u{98}', "@").as_bytes(),
    ]
    .concat();
    let body: Vec<u8> = body.into_iter().map(|byte| if byte == b'@' { 0x98 } else { byte }).collect();
    assert_snapshot!(events(body), @r#"
    one event
    refused None: 422 invalid: holds the character U+0098, which cannot be kept: leave control characters out
      at "event/plate (1:123)": holds the character U+0098, which cannot be kept: leave control characters out
    "#);
}

#[test]
fn document_types_are_refused_and_entities_never_expanded() {
    let laughs = "<!DOCTYPE e [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;'>]>\
                  <event xmlns='urn:kordon:exchange:1'><id>&c;</id></event>";
    assert_snapshot!(events(laughs), @r#"
    400 malformed_xml: Line 1, column 1: a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
      at "1:1": a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
    "#);
    let external = "<?xml version='1.0'?>\n<!DOCTYPE e [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n<event><id>&x;</id></event>";
    assert_snapshot!(events(external), @r#"
    400 malformed_xml: Line 2, column 1: a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
      at "2:1": a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
    "#);
    assert_snapshot!(events("<!DOCTYPE e SYSTEM 'http://127.0.0.1/e.dtd'><event/>"), @r#"
    400 malformed_xml: Line 1, column 1: a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
      at "1:1": a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
    "#);
    assert_snapshot!(events("<!doctype e><event/>"), @r#"
    400 malformed_xml: Line 1, column 1: a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
      at "1:1": a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
    "#);
    assert_snapshot!(events(one("e-1", "&x;")), @r#"
    400 malformed_xml: Line 1, column 42: the entity `x` is not known: only lt, gt, amp, quot, apos and character numbers are
      at "1:42": the entity `x` is not known: only lt, gt, amp, quot, apos and character numbers are
    "#);
    assert_snapshot!(events("<event><!DOCTYPE e></event>"), @r#"
    400 malformed_xml: Line 1, column 8: a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
      at "1:8": a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
    "#);
}

#[test]
fn depth_and_size_bombs_are_refused() {
    assert_snapshot!(events("<event>".repeat(200_000)), @r#"
    400 too_deep: The document is nested more than 32 levels deep.
      at "1:225": level 33 begins here
    "#);
    assert_snapshot!(events(list(&GOOD.repeat(1_001))), @r#"
    413 too_large: the list holds 1001 events; one request takes at most 1000: send several
      at "events": the list holds 1001 events; one request takes at most 1000: send several
    "#);
    assert!(read_events_xml(list(&GOOD.repeat(1_000)).as_bytes(), None).is_ok());
    assert_snapshot!(events(list(&"<!-- -->".repeat(50_000))), @r#"
    413 too_large: the document has more than 40000 elements, texts and comments
      at "3:10": the document has more than 40000 elements, texts and comments
    "#);
    let attributes: String = (0..50_000).map(|number| format!(" a{number}=''")).collect();
    assert_snapshot!(events(format!("<event{attributes}/>")), @r#"
    413 too_large: a start tag has more than 2048 bytes; the elements of the hub have no attributes
      at "1:1": a start tag has more than 2048 bytes; the elements of the hub have no attributes
    "#);
    let namespaces: String = (0..3_000).map(|number| format!("<a xmlns:p{number}='u'/>\n")).collect();
    assert_snapshot!(events(list(&namespaces)), @r#"
    413 too_large: the document declares namespaces more than 2100 times; once at its root is enough
      at "2101:1": the document declares namespaces more than 2100 times; once at its root is enough
    "#);
}

#[test]
fn another_root_or_namespace_is_refused() {
    assert_snapshot!(events("<event/>"), @r#"
    422 invalid: the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `event` of no namespace
      at "1:1": the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `event` of no namespace
    "#);
    assert_snapshot!(events("<queue xmlns='urn:kordon:exchange:1'/>"), @r#"
    422 invalid: the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `queue` of the namespace `urn:kordon:exchange:1`
      at "1:1": the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `queue` of the namespace `urn:kordon:exchange:1`
    "#);
    assert_snapshot!(events("\n<events xmlns='urn:kordon:exchange:2'/>"), @r#"
    422 invalid: the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `events` of the namespace `urn:kordon:exchange:2`
      at "2:1": the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `events` of the namespace `urn:kordon:exchange:2`
    "#);
    assert_snapshot!(events(list("")), @r#"
    422 invalid: the list holds no event: send at least one
      at "events": the list holds no event: send at least one
    "#);
}

#[test]
fn a_bad_item_is_refused_alone() {
    let items =
        [GOOD, "<event/>", "<evnt/>", "<event xmlns=''/>", &GOOD.replace("AA1234BB", "§"), GOOD].join("\n");
    assert_snapshot!(events(list(&items)), @r#"
    a list
    taken "e-1"
    refused None: 422 invalid: missing field `id`
      at "events/event[2]/id (3:1)": missing field `id`
    refused None: 422 invalid: must be `event` of the namespace `urn:kordon:exchange:1`
      at "events/evnt[3] (4:1)": must be `event` of the namespace `urn:kordon:exchange:1`
    refused None: 422 invalid: must be `event` of the namespace `urn:kordon:exchange:1`
      at "events/event[4] (5:1)": must be `event` of the namespace `urn:kordon:exchange:1`
    refused Some("e-1"): 422 invalid: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      at "events/event[5]/plate (6:48)": a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    taken "e-1"
    "#);
}

#[test]
fn what_stands_between_the_events_is_refused() {
    assert_snapshot!(events(list(&format!("{GOOD} and {GOOD}"))), @r#"
    422 invalid: has text between its events
      at "events (2:126)": has text between its events
    "#);
    assert_snapshot!(events(list(GOOD).replace("<events ", "<events version='2' ")), @r#"
    422 invalid: has the attribute `version`; it has none
      at "events (1:1)": has the attribute `version`; it has none
    "#);
    assert_snapshot!(events(list(&format!("<!-- first --><?note x?>{GOOD}"))), @r#"
    a list
    taken "e-1"
    "#);
}

#[test]
fn unknown_missing_and_repeated_members_are_named() {
    assert_snapshot!(events(one("</id>", "</id><colour>red</colour>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: unknown field `colour`, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
      at "event/colour (1:50)": unknown field `colour`, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
    "#);
    assert_snapshot!(events(one("<id>e-1</id>", "")), @r#"
    one event
    refused None: 422 invalid: missing field `id`
      at "event/id (1:1)": missing field `id`
    "#);
    assert_snapshot!(events(one("</id>", "</id><id>e-2</id>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: duplicate field `id`
      at "event (1:1)": duplicate field `id`
    "#);
    assert_snapshot!(events(one("</id>", "</id>stray")), @r#"
    one event
    refused None: 422 invalid: has text between its members; a member is an element of its own
      at "event (1:50)": has text between its members; a member is an element of its own
    "#);
    assert_snapshot!(events(one("e-1", "<b>e-1</b>")), @r#"
    one event
    refused None: 422 invalid: holds the element `b`; it holds text only
      at "event/id (1:38)": holds the element `b`; it holds text only
    "#);
    assert_snapshot!(events(one("<id>", "<id lang='uk'>")), @r#"
    one event
    refused None: 422 invalid: has the attribute `lang`; it has none
      at "event/id (1:38)": has the attribute `lang`; it has none
    "#);
    assert_snapshot!(events(one("<event>", "<event id='e-1'>")), @r#"
    one event
    refused None: 422 invalid: has the attribute `id`; it has none
      at "event (1:1)": has the attribute `id`; it has none
    "#);
    assert_snapshot!(events(one("<id>e-1</id>", "<x:id xmlns:x='urn:other'>e-1</x:id>")), @r#"
    one event
    refused None: 422 invalid: is not of the namespace `urn:kordon:exchange:1`
      at "event/id (1:38)": is not of the namespace `urn:kordon:exchange:1`
    "#);
    assert_snapshot!(events(one("</id>", "</id><zone>Z-1</zone>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: an event of the kind `checkpoint-left` has no `zone`: leave it out
      at "event/zone (1:50)": an event of the kind `checkpoint-left` has no `zone`: leave it out
    "#);
    assert_snapshot!(events(one("checkpoint-left", "void")), @r#"
    one event
    refused Some("e-1"): 422 invalid: an event of the kind `void` has no `plate`: leave it out; and 2 more, see `faults`.
      at "event/plate (1:67)": an event of the kind `void` has no `plate`: leave it out
      at "event/reason (1:1)": an event of the kind `void` needs `reason`
      at "event/voids (1:1)": an event of the kind `void` needs `voids`
    "#);
}

#[test]
fn an_empty_member_is_not_an_absent_one() {
    assert_snapshot!(events(one("AA1234BB", "")), @r#"
    one event
    refused Some("e-1"): 422 invalid: a plate has 1 to 20 characters, at least two of them letters or digits
      at "event/plate (1:78)": a plate has 1 to 20 characters, at least two of them letters or digits
    "#);
    let nil = "<id xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'>";
    assert_snapshot!(events(one("<id>", nil)), @r#"
    one event
    refused None: 422 invalid: has the attribute `nil`; it has none
      at "event/id (1:38)": has the attribute `nil`; it has none
    "#);
}

#[test]
fn wrong_values_are_named() {
    assert_snapshot!(events(one("checkpoint-left", "Checkpoint-Left")), @r#"
    one event
    refused Some("e-1"): 422 invalid: unknown variant `Checkpoint-Left`, expected one of `zone-arrived`, `zone-left`, `checkpoint-entered`, `entry-refused`, `border-control-started`, `border-control-finished`, `customs-control-started`, `…
      at "event/kind (1:50)": unknown variant `Checkpoint-Left`, expected one of `zone-arrived`, `zone-left`, `checkpoint-entered`, `entry-refused`, `border-control-started`, `border-control-finished`, `customs-control-started`, `…
    "#);
    assert_snapshot!(events(one("checkpoint-left</kind>", "plate-read</kind><confidence>high</confidence>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: invalid type: expected a number, for example 0.97
      at "event/confidence (1:73)": invalid type: expected a number, for example 0.97
    "#);
    assert_snapshot!(events(one("checkpoint-left</kind>", "plate-read</kind><confidence>NaN</confidence>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: invalid type: expected a number, for example 0.97
      at "event/confidence (1:73)": invalid type: expected a number, for example 0.97
    "#);
    assert_snapshot!(events(one("checkpoint-left</kind>", "plate-read</kind><confidence>1.5</confidence>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: must be a number from 0 to 1
      at "event/confidence (1:73)": must be a number from 0 to 1
    "#);
    assert_snapshot!(events(one("e-1", "two words")), @r#"
    one event
    refused None: 422 invalid: an event id has 1 to 100 visible ASCII characters, without spaces
      at "event/id (1:38)": an event id has 1 to 100 visible ASCII characters, without spaces
    "#);
}

#[test]
fn absurd_times_are_refused_and_told_why() {
    let at = |time: &str| events(one("2026-11-21T12:00:00Z", time));
    assert_snapshot!(at("2026-11-21T14:03:20"), @r#"
    one event
    refused Some("e-1"): 422 invalid: the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
      at "event/occurred_at (1:101)": the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
    "#);
    assert_snapshot!(at("2016-12-31T23:59:60Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0
      at "event/occurred_at (1:101)": the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0
    "#);
    assert_snapshot!(at("-0001-01-01T00:00:00Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
      at "event/occurred_at (1:101)": a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
    "#);
    assert_snapshot!(at("0000-01-01T00:00:00Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: the year must be 0001 to 9999, counted in UTC
      at "event/occurred_at (1:101)": the year must be 0001 to 9999, counted in UTC
    "#);
    assert_snapshot!(at("9999-12-31T23:59:59Z"), @r#"
    one event
    taken "e-1"
    "#);
    assert_snapshot!(at("2026-11-21T24:00:00Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: there is no such date, time of day or offset
      at "event/occurred_at (1:101)": there is no such date, time of day or offset
    "#);
}

#[test]
fn odd_plates_and_characters_are_refused() {
    for odd in ["ΑΒ1234", "ＡＡ1234", "AA\u{202e}1234", "AA👍1234", "&lt;b&gt;1234"] {
        assert_snapshot!(events(one("AA1234BB", odd)), @r#"
        one event
        refused Some("e-1"): 422 invalid: a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
          at "event/plate (1:78)": a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
        "#);
    }
    assert_snapshot!(events(one("AA1234BB", "AA&#x7f;1234")), @"");
    assert_snapshot!(events(one("AA1234BB", "AA\u{85}1234")), @"");
}

#[test]
fn a_comment_parts_a_text_and_takes_nothing_away() {
    assert_snapshot!(events(one("e-1", "e<!-- x -->-<![CDATA[1&]]>")), @r#"
    one event
    taken "e-1&"
    "#);
}

#[test]
fn the_question_at_the_gate_is_guarded_the_same_way() {
    let ask = |body: &str| match read_admission_xml(body.as_bytes(), None) {
        Ok(question) => question.plate.as_written().to_owned(),
        Err(problem) => told(&problem),
    };
    assert_snapshot!(ask("<admission_query xmlns='urn:kordon:exchange:1'><plate>АА 1234 ВВ</plate></admission_query>"), @"АА 1234 ВВ");
    assert_snapshot!(ask("<admission_query xmlns='urn:kordon:exchange:1'>\n<plat>A</plat></admission_query>"), @r#"
    422 invalid: unknown field `plat`, expected `plate`
      at "admission_query/plat (2:1)": unknown field `plat`, expected `plate`
    "#);
    assert_snapshot!(ask("<admission_query xmlns='urn:kordon:exchange:1'/>"), @r#"
    422 invalid: missing field `plate`
      at "admission_query/plate (1:1)": missing field `plate`
    "#);
    assert_snapshot!(ask("<admission xmlns='urn:kordon:exchange:1'/>"), @r#"
    422 invalid: the root element must be `admission_query` of the namespace `urn:kordon:exchange:1`; it is `admission` of the namespace `urn:kordon:exchange:1`
      at "1:1": the root element must be `admission_query` of the namespace `urn:kordon:exchange:1`; it is `admission` of the namespace `urn:kordon:exchange:1`
    "#);
}
