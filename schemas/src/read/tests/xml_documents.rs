//! XML documents that are refused whole.

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
    400 malformed_xml: Line 1, column 1: this stands outside of the one root element
      at "1:1": this stands outside of the one root element
    "#);
    assert_snapshot!(events("<events>\n<event></events>"), @r#"
    400 malformed_xml: Line 2, column 8: expected 'event' tag, not 'events'
      at "2:8": expected 'event' tag, not 'events'
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
    400 malformed_xml: Line 1, column 9: this stands outside of the one root element
      at "1:9": this stands outside of the one root element
    "#);
    assert_snapshot!(events("<event/>text"), @r#"
    400 malformed_xml: Line 1, column 9: this stands outside of the one root element
      at "1:9": this stands outside of the one root element
    "#);
    assert_snapshot!(events("<x:event/>"), @r#"
    400 malformed_xml: Line 1, column 2: an unknown namespace prefix 'x'
      at "1:2": an unknown namespace prefix 'x'
    "#);
    assert_snapshot!(events("<event a='1' a='2'/>"), @r#"
    400 malformed_xml: Line 1, column 14: attribute 'a' is already defined
      at "1:14": attribute 'a' is already defined
    "#);
    assert_snapshot!(events("<event>\u{0}</event>"), @r#"
    400 malformed_xml: Line 1, column 8: a non-XML character '\0' found
      at "1:8": a non-XML character '\0' found
    "#);
    assert_snapshot!(events("<event>&#0;</event>"), @r#"
    400 malformed_xml: Line 1, column 8: malformed entity reference
      at "1:8": malformed entity reference
    "#);
    assert_snapshot!(events("<event>]]></event>"), @r#"
    400 malformed_xml: Line 1, column 11: ']]>' is not allowed inside a character data
      at "1:11": ']]>' is not allowed inside a character data
    "#);
    assert_snapshot!(events(" <?xml version='1.0'?><event/>"), @r#"
    400 malformed_xml: Line 1, column 2: unexpected XML declaration
      at "1:2": unexpected XML declaration
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
    refused Some("e-1"): 422 invalid: event/plate (1:123): holds the character U+0098, which cannot be kept: leave control characters out
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
    413 too_large: the list holds 1001 events; one request takes at most 1000: send several requests
      at "events": the list holds 1001 events; one request takes at most 1000: send several requests
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
    let namespaces: String = (0..40).map(|number| format!(" xmlns:p{number}='u'")).collect();
    assert_snapshot!(events(list(&format!("<event{namespaces}/>"))), @r#"
    413 too_large: more than 32 namespaces are declared here; one is enough
      at "2:1": more than 32 namespaces are declared here; one is enough
    "#);
}

#[test]
fn another_root_or_namespace_is_refused() {
    assert_snapshot!(events("<event/>"), @r#"
    422 invalid: 1:1: the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `event` of no namespace
      at "1:1": the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `event` of no namespace
    "#);
    assert_snapshot!(events("<queue xmlns='urn:kordon:exchange:1'/>"), @r#"
    422 invalid: 1:1: the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `queue` of the namespace `urn:kordon:exchange:1`
      at "1:1": the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `queue` of the namespace `urn:kordon:exchange:1`
    "#);
    assert_snapshot!(events("\n<events xmlns='urn:kordon:exchange:2'/>"), @r#"
    422 invalid: 2:1: the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `events` of the namespace `urn:kordon:exchange:2`
      at "2:1": the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `events` of the namespace `urn:kordon:exchange:2`
    "#);
    assert_snapshot!(events(list("")), @r#"
    422 invalid: events: the list holds no event: send at least one
      at "events": the list holds no event: send at least one
    "#);
}

#[test]
fn what_stands_between_the_events_is_refused() {
    assert_snapshot!(events(list(&format!("{GOOD} and {GOOD}"))), @r#"
    422 invalid: events (2:126): has text between its events
      at "events (2:126)": has text between its events
    "#);
    assert_snapshot!(events(list(GOOD).replace("<events ", "<events version='2' ")), @r#"
    422 invalid: events (1:1): has the attribute `version`; it has none
      at "events (1:1)": has the attribute `version`; it has none
    "#);
    assert_snapshot!(events(list(&format!("<!-- first --><?note x?>{GOOD}"))), @r#"
    a list
    taken "e-1"
    "#);
}
