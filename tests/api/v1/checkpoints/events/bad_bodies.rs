//! `POST …/events`: bodies that cannot be read at all. How each fault is found is tested with the readers;
//! here, that the door passes them on, with a stable code and the place.

use insta::assert_snapshot;
use kordon_hub::parties::Role;

use crate::hub::{Answer, KRAKIVETS, TestHub};

const EVENT: &str =
    r#"{"id":"bg-1","kind":"checkpoint-entered","plate":"AA 1234 BB","occurred_at":"2026-11-21T12:00:00Z"}"#;

/// The largest body that is read.
const LARGEST: usize = 2 * 1024 * 1024;

async fn send(hub: &TestHub, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    hub.events(KRAKIVETS, Role::BorderGuard).body(content_type, body).send().await
}

#[tokio::test]
async fn malformed_json_is_told_with_line_and_column() {
    let hub = TestHub::start().await;
    let json = async |body: &[u8]| send(&hub, "application/json", body).await.problem();
    assert_snapshot!(json(b"").await, @r#"
    400 malformed_json: Line 1, column 1: the body is empty
      "1:1" the body is empty
    "#);
    assert_snapshot!(json(b"[{\"id\": \"bg-1\",\n \"kind\" \"checkpoint-entered\"}]").await, @r#"
    400 malformed_json: Line 2, column 9: expected `:`
      "2:9" expected `:`
    "#);
    assert_snapshot!(json(b"[1, 2").await, @r#"
    400 malformed_json: Line 1, column 5: EOF while parsing a list
      "1:5" EOF while parsing a list
    "#);
    assert_snapshot!(json(b"{\"id\": \"bg-1\xff\"}").await, @r#"
    400 malformed_json: Line 1, column 13: the byte 0xFF is not UTF-8; JSON is sent in UTF-8
      "1:13" the byte 0xFF is not UTF-8; JSON is sent in UTF-8
    "#);
    assert_snapshot!(json(b"\"event\"").await, @r#"
    422 invalid: the body must be an event, or a list of events
      "" the body must be an event, or a list of events
    "#);
    assert_snapshot!(json(format!("{EVENT}{EVENT}").as_bytes()).await, @r#"
    400 malformed_json: Line 1, column 100: trailing characters
      "1:100" trailing characters
    "#);
    assert_snapshot!(json(EVENT.replace("\"bg-1\"", "\"bg-1\",\"id\":\"bg-2\"").as_bytes()).await, @r#"
    422 invalid: /id: is given twice
      "/id" is given twice
    "#);
    let utf_16: Vec<u8> = EVENT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_snapshot!(json(&utf_16).await, @r#"
    400 malformed_json: Line 1, column 2: key must be a string
      "1:2" key must be a string
    "#);
}

#[tokio::test]
async fn malformed_xml_is_told_with_line_and_column() {
    let hub = TestHub::start().await;
    let xml = async |body: &[u8]| send(&hub, "application/xml", body).await.problem();
    assert_snapshot!(xml(b"").await, @r#"
    400 malformed_xml: Line 1, column 1: the document has no element
      "1:1" the document has no element
    "#);
    assert_snapshot!(xml(b"<event xmlns='urn:kordon:exchange:1'>\n<id>bg-1</event>").await, @r#"
    400 malformed_xml: Line 2, column 9: expected 'id' tag, not 'event'
      "2:9" expected 'id' tag, not 'event'
    "#);
    assert_snapshot!(xml(b"<event><id>bg-1</id></event>").await, @r#"
    422 invalid: 1:1: the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `event` of no namespace
      "1:1" the root element must be `event` or `events` of the namespace `urn:kordon:exchange:1`; it is `event` of no namespace
    "#);
    assert_snapshot!(xml(b"<a xmlns='urn:kordon:exchange:1'/><b/>").await, @r#"
    400 malformed_xml: Line 1, column 35: this stands outside of the one root element
      "1:35" this stands outside of the one root element
    "#);
    assert_snapshot!(xml(EVENT.as_bytes()).await, @r#"
    400 malformed_xml: Line 1, column 1: this stands outside of the one root element
      "1:1" this stands outside of the one root element
    "#);
}

#[tokio::test]
async fn dtds_and_entities_are_refused_before_they_do_anything() {
    let hub = TestHub::start().await;
    let xml = async |body: &str| send(&hub, "application/xml", body).await.problem();
    let laughs =
        "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>\n<event>&b;</event>";
    assert_snapshot!(xml(laughs).await, @r#"
    400 malformed_xml: Line 1, column 1: a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
      "1:1" a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
    "#);
    let file = "<!DOCTYPE e [<!ENTITY f SYSTEM \"file:///etc/hostname\">]><event><id>&f;</id></event>";
    assert_snapshot!(xml(file).await, @r#"
    400 malformed_xml: Line 1, column 1: a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
      "1:1" a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
    "#);
    assert_snapshot!(xml("<!DOCTYPE event SYSTEM 'http://127.0.0.1/event.dtd'><event/>").await, @r#"
    400 malformed_xml: Line 1, column 1: a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
      "1:1" a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
    "#);
    assert_snapshot!(xml("<event xmlns='urn:kordon:exchange:1'><id>&unknown;</id></event>").await, @r#"
    400 malformed_xml: Line 1, column 42: the entity `unknown` is not known: only lt, gt, amp, quot, apos and character numbers are
      "1:42" the entity `unknown` is not known: only lt, gt, amp, quot, apos and character numbers are
    "#);
}

#[tokio::test]
async fn depth_bombs_are_refused() {
    let hub = TestHub::start().await;
    let deep = "[".repeat(100_000);
    assert_snapshot!(send(&hub, "application/json", deep).await.problem(), @r#"
    400 too_deep: The document is nested more than 32 levels deep.
      "1:33" level 33 begins here
    "#);
    let within = format!("{{\"id\": {}1{}}}", "[".repeat(40), "]".repeat(40));
    assert_snapshot!(send(&hub, "application/json", within).await.problem(), @r#"
    400 too_deep: The document is nested more than 32 levels deep.
      "1:39" level 33 begins here
    "#);
    let deep = "<a>".repeat(100_000);
    assert_snapshot!(send(&hub, "application/xml", deep).await.problem(), @r#"
    400 too_deep: The document is nested more than 32 levels deep.
      "1:97" level 33 begins here
    "#);
}

#[tokio::test]
async fn a_body_has_at_most_two_mebibytes() {
    let hub = TestHub::start().await;
    let padded = |length: usize| format!("{}{EVENT}", " ".repeat(length - EVENT.len()));
    assert_eq!(send(&hub, "application/json", padded(LARGEST)).await.status, 202);
    assert_snapshot!(send(&hub, "application/json", padded(LARGEST + 1)).await.problem(), @"413 too_large: the body has more than 2097152 bytes");
    assert_eq!(send(&hub, "application/xml", padded(4 * LARGEST)).await.status, 413);
}

#[tokio::test]
async fn a_compressed_body_is_refused_unread() {
    let hub = TestHub::start().await;
    let request = hub.events(KRAKIVETS, Role::BorderGuard).header("Content-Encoding", "gzip");
    let answer = request.body("application/json", b"\x1f\x8b never unpacked".to_vec()).send().await;
    assert_eq!(answer.problem(), "415 unsupported_media_type: the body is sent uncompressed");
}

#[tokio::test]
async fn the_content_type_says_what_the_body_is() {
    let hub = TestHub::start().await;
    let mut told = String::new();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=windows-1251",
        "application/xml; charset=koi8-r",
        "*/*",
    ] {
        told.push_str(&format!("{content_type}\n{}\n", send(&hub, content_type, EVENT).await.problem()));
    }
    assert_snapshot!(told, @r#"
    text/plain
    415 unsupported_media_type: the body is `application/json` or `application/xml`
    application/x-www-form-urlencoded
    415 unsupported_media_type: the body is `application/json` or `application/xml`
    application/json; charset=windows-1251
    415 unsupported_media_type: JSON is sent in UTF-8
    application/xml; charset=koi8-r
    415 unsupported_media_type: The document is in the encoding `koi8-r`; XML is read in UTF-8 and windows-1251.
    */*
    415 unsupported_media_type: the body is `application/json` or `application/xml`
    "#);
    assert_eq!(send(&hub, "Application/JSON;Charset=\"UTF-8\"", EVENT).await.status, 202);
}

#[tokio::test]
async fn a_wrong_address_or_method_is_told_so() {
    let hub = TestHub::start().await;
    let ask = async |method: &str, address: &str| {
        hub.request(method.parse().unwrap(), address).as_role(Role::BorderGuard).send().await
    };
    let put = ask("PUT", &TestHub::at(KRAKIVETS, "events")).await;
    assert_eq!(put.header("allow"), "GET, POST");
    assert_snapshot!(put.problem(), @"405 method_not_allowed: this address knows GET, POST");
    assert_snapshot!(ask("GET", "/api/v1/nothing").await.problem(), @"404 not_found: there is nothing at this address");
    let nowhere = hub.events("UA999999", Role::BorderGuard).body("application/json", EVENT).send().await;
    assert_snapshot!(nowhere.problem(), @"404 not_found: there is no checkpoint UA999999");
}
