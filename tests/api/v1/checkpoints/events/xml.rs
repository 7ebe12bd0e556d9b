//! `POST …/events` in XML: the same facts as in JSON, in the encodings that authorities use.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::json;

use crate::hub::{KRAKIVETS, TestHub};

const REFUSED: &str = "<id>bg-1</id><kind>entry-refused</kind><plate>АА 1234 ВВ</plate>\
    <occurred_at>2026-11-21T14:00:00+02:00</occurred_at><reason>Не викликано: їде без черги</reason>";

fn document(declaration: &str, members: &str) -> String {
    format!("{declaration}<event xmlns=\"urn:kordon:exchange:1\">{members}</event>")
}

/// The text in the code page that customs systems still send.
fn windows_1251(text: &str) -> Vec<u8> {
    let byte = |letter: char| match letter {
        'А'..='я' => u8::try_from(u32::from(letter) - u32::from('А') + 0xc0).unwrap(),
        'і' => 0xb3,
        'ї' => 0xbf,
        'є' => 0xba,
        ascii => u8::try_from(ascii).unwrap(),
    };
    text.chars().map(byte).collect()
}

#[tokio::test]
async fn a_fact_is_the_same_whichever_way_it_comes() {
    let hub = TestHub::start().await;
    let state = || hub.events(KRAKIVETS, Role::BorderGuard);
    let json = json!({"id": "bg-1", "kind": "entry-refused", "plate": "АА 1234 ВВ",
        "occurred_at": "2026-11-21T12:00:00Z", "reason": "Не викликано: їде без черги"});
    assert_eq!(state().json(&json).send().await.expect(202)["position"], 1);
    let declared = "<?xml version=\"1.0\" encoding=\"windows-1251\"?>\n";
    let mut with_bom = vec![0xef, 0xbb, 0xbf];
    with_bom.extend(document("<?xml version=\"1.0\"?>", REFUSED).into_bytes());
    let same: [(&str, Vec<u8>); 6] = [
        ("application/xml", document("", REFUSED).into()),
        ("text/xml; charset=utf-8", document("", REFUSED).into()),
        ("application/xml", with_bom),
        ("application/xml", windows_1251(&document(declared, REFUSED))),
        ("application/xml; charset=windows-1251", windows_1251(&document("", REFUSED))),
        ("application/xml; charset=\"Windows-1251\"", windows_1251(&document(declared, REFUSED))),
    ];
    for (number, (content_type, body)) in same.into_iter().enumerate() {
        let answer = state().body(content_type, body).send().await.expect(200);
        assert_eq!((&answer["outcome"], &answer["position"]), (&json!("duplicate"), &json!(1)), "{number}");
    }
}

#[tokio::test]
async fn another_encoding_than_was_said_is_refused() {
    let hub = TestHub::start().await;
    let xml = async |body: Vec<u8>| hub.events(KRAKIVETS, Role::BorderGuard).xml(body).send().await.problem();
    assert_snapshot!(xml(windows_1251(&document("", REFUSED))).await, @r#"
    400 malformed_xml: Line 1, column 84: the byte 0xC0 is not UTF-8; a document in windows-1251 says so in its XML declaration or in the charset of its Content-Type
      "1:84" the byte 0xC0 is not UTF-8; a document in windows-1251 says so in its XML declaration or in the charset of its Content-Type
    "#);
    assert_snapshot!(xml(document("<?xml version=\"1.0\" encoding=\"koi8-u\"?>", REFUSED).into()).await, @"415 unsupported_media_type: The document is in the encoding `koi8-u`; XML is read in UTF-8 and windows-1251.");
}

#[tokio::test]
async fn a_list_in_xml_is_answered_in_xml() {
    let hub = TestHub::start().await;
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    let late = REFUSED.replace("bg-1", "bg-2").replace("2026-11-21T14:00:00+02:00", "2026-01-01T00:00:00Z");
    let foreign = REFUSED.replace("bg-1", "bg-3").replace("entry-refused", "customs-control-started");
    let list = format!(
        "<events xmlns=\"urn:kordon:exchange:1\">\n<event>{REFUSED}</event>\n<event>{late}</event>\n<event>{foreign}</event>\n\
         <event><id>bg-4</id></event>\n</events>"
    );
    let answer = hub.events(KRAKIVETS, Role::BorderGuard).xml(list).accepting_xml().send().await;
    assert_eq!(answer.status, 200);
    assert_snapshot!(answer.xml().replace(&booking, "[crossing]"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <event_answers xmlns="urn:kordon:exchange:1">
    <items>
    <event_answer>
    <id>bg-1</id>
    <outcome>recorded</outcome>
    <position>2</position>
    <crossing>[crossing]</crossing>
    </event_answer>
    <event_answer>
    <id>bg-2</id>
    <outcome>refused</outcome>
    <problem xmlns="urn:ietf:rfc:7807">
    <type>/problems/occurred_too_long_ago</type>
    <title>The event happened too long ago</title>
    <status>422</status>
    <code>occurred_too_long_ago</code>
    <detail>is more than 324 days ago</detail>
    <faults>
    <i>
    <path>events/event[2]/occurred_at</path>
    <detail>is more than 324 days ago</detail>
    </i>
    </faults>
    </problem>
    </event_answer>
    <event_answer>
    <id>bg-3</id>
    <outcome>refused</outcome>
    <problem xmlns="urn:ietf:rfc:7807">
    <type>/problems/invalid</type>
    <title>The request breaks a rule</title>
    <status>422</status>
    <code>invalid</code>
    <detail>events/event[3]/reason (4:134): an event of the kind `customs-control-started` has no `reason`: leave it out</detail>
    <faults>
    <i>
    <path>events/event[3]/reason (4:134)</path>
    <detail>an event of the kind `customs-control-started` has no `reason`: leave it out</detail>
    </i>
    </faults>
    </problem>
    </event_answer>
    <event_answer>
    <id>bg-4</id>
    <outcome>refused</outcome>
    <problem xmlns="urn:ietf:rfc:7807">
    <type>/problems/invalid</type>
    <title>The request breaks a rule</title>
    <status>422</status>
    <code>invalid</code>
    <detail>events/event[4]/kind (5:1): is missing</detail>
    <faults>
    <i>
    <path>events/event[4]/kind (5:1)</path>
    <detail>is missing</detail>
    </i>
    </faults>
    </problem>
    </event_answer>
    </items>
    </event_answers>
    "#);
}

#[tokio::test]
async fn a_problem_is_told_in_xml_to_who_reads_xml_and_in_ukrainian_to_who_reads_that() {
    let hub = TestHub::start().await;
    let late = document("", &REFUSED.replace("2026-11-21T14:00:00+02:00", "2026-01-01T00:00:00Z"));
    let request = hub.events(KRAKIVETS, Role::BorderGuard).xml(late).accepting_xml();
    let answer = request.header("Accept-Language", "uk-UA,uk;q=0.9,en;q=0.5").send().await;
    assert_eq!((answer.status, answer.header("content-type")), (422, "application/problem+xml"));
    assert_snapshot!(answer.text().replace("><", ">\n<").replace(answer.header("x-request-id"), "[request]"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <problem xmlns="urn:ietf:rfc:7807">
    <type>/problems/occurred_too_long_ago</type>
    <title>Подія відбулася надто давно</title>
    <status>422</status>
    <code>occurred_too_long_ago</code>
    <detail>is more than 324 days ago</detail>
    <request_id>[request]</request_id>
    <faults>
    <i>
    <path>event/occurred_at</path>
    <detail>is more than 324 days ago</detail>
    </i>
    </faults>
    </problem>
    "#);
}
