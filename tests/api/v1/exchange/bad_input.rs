//! Documents that are hostile, broken, or not what they say. Each is answered with the places of its faults,
//! and nothing is recorded.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use insta::assert_snapshot;
use kordon_hub::parties::Role;

use super::{DOCUMENTS, event, of_events, send, told};
use crate::hub::TestHub;

#[tokio::test]
async fn each_fault_has_its_place() {
    let hub = TestHub::start().await;
    let good =
        of_events(&hub, "D-1", &event("cu-1", "customs-control-started", "AA 1234 BB", hub.clock.now()));
    let mut all = Vec::new();
    for (number, (from, to)) in [
        ("<header>", "<!DOCTYPE x><header>"),
        ("</header>", ""),
        ("<sender>20000090", "<sender>43115923"),
        ("<content>", "<colour>red</colour><content>"),
        ("<event>", "<event><colour>red</colour>"),
        ("<events>", "<events><thing/>"),
        ("checkpoint_events</kind>", "permit_report</kind>"),
        ("<id>D-", "<id>D "),
    ]
    .into_iter()
    .enumerate()
    {
        let text = good.replacen("D-1", &format!("D-{number}"), 1).replacen(from, to, 1);
        let answer = send(&hub, Role::Customs, text).await;
        all.push(format!("{from} -> [{to}]\n{}", told(&answer)));
    }
    assert_snapshot!(all.join("\n"), @"
    <header> -> [<!DOCTYPE x><header>]
    422 - recorded=false refused
    malformed_xml 2:1 - a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
    </header> -> []
    422 - recorded=false refused
    malformed_xml 5:1 - expected 'header' tag, not 'exchange_document'
    <sender>20000090 -> [<sender>43115923]
    422 D-2 recorded=false refused
    invalid 2:9 /exchange_document/header/sender the system that hands it in is of the organisation 20000090
    <content> -> [<colour>red</colour><content>]
    422 - recorded=false refused
    invalid 3:1 /exchange_document holds `header`, then `content`, both of the namespace `urn:kordon:exchange:1`, then at most one `Signature`, and nothing else
    <event> -> [<event><colour>red</colour>]
    201 D-4 recorded=true refused
    cu-1 refused -
    invalid 4:8 /exchange_document/content/checkpoint_events/events/event[1]/colour is not known here, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
    <events> -> [<events><thing/>]
    201 D-5 recorded=true accepted_in_part
    - refused -
    cu-1 unmatched 1
    invalid 3:70 /exchange_document/content/checkpoint_events/events/thing[1] must be `event` of the namespace `urn:kordon:exchange:1`
    checkpoint_events</kind> -> [permit_report</kind>]
    422 - recorded=false refused
    invalid 3:10 /exchange_document/content the document is of kind `permit_report`, so this must be that element of the namespace `urn:kordon:exchange:1`; it is `checkpoint_events`
    <id>D- -> [<id>D ]
    422 - recorded=false refused
    invalid 2:34 /exchange_document/header/id has 1 to 64 letters of ASCII, digits, dots, dashes and underscores, and begins with a letter or a digit
    ");
}

#[tokio::test]
async fn what_is_old_or_ahead_is_refused() {
    let hub = TestHub::start().await;
    let text = |id: &str| of_events(&hub, id, &event("cu-1", "plate-read", "AA 1234 BB", hub.clock.now()));
    let (old, ahead) = (text("D-1"), text("D-2"));
    hub.clock.advance(-TimeDelta::minutes(3));
    let told_ahead = told(&send(&hub, Role::Customs, ahead).await);
    assert!(told_ahead.contains("header/created_at is 180 seconds ahead of the hub's clock"), "{told_ahead}");
    hub.clock.advance(TimeDelta::days(31));
    let told_old = told(&send(&hub, Role::Customs, old).await);
    assert!(told_old.starts_with("422 D-1 recorded=false refused\ninvalid 2:"), "{told_old}");
    assert!(told_old.ends_with("header/created_at is more than 30 days ago"), "{told_old}");
}

#[tokio::test]
async fn bombs_and_heaps_are_refused_soon() {
    let hub = TestHub::start().await;
    let entities: String = (1..20).map(|n| format!("<!ENTITY e{n} \"&e{};&e{};\">", n - 1, n - 1)).collect();
    let bomb = format!("<?xml version='1.0'?><!DOCTYPE d [<!ENTITY e0 'ha'>{entities}]><d>&e19;</d>");
    let external = "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><d>&e;</d>";
    let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let wide = of_events(&hub, "D-1", &"<event/>".repeat(20_000));
    let attributes: String = (0..10_000).map(|n| format!(" a{n}=''")).collect();
    for (what, text, expected) in [
        ("bomb", bomb, "malformed_xml 1:22 - a document type (DTD) is not taken"),
        ("external", external.to_owned(), "malformed_xml 1:1 - a document type (DTD) is not taken"),
        ("deep", deep, "too_deep 1:97 - level 33 begins here"),
        (
            "wide",
            wide,
            "too_large 3:62 /exchange_document/content/checkpoint_events/events the list holds 20000 events",
        ),
        ("attributes", format!("<a{attributes}/>"), "too_large 1:1 - a start tag has more than 2048 bytes"),
        ("empty", String::new(), "malformed_xml 1:1 - the document has no element"),
    ] {
        let begun = Instant::now();
        let said = told(&send(&hub, Role::Customs, text).await);
        assert!(said.starts_with("422 - recorded=false refused"), "{what}: {said}");
        assert!(said.contains(expected), "{what}: {said}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{what}");
    }
    // What is too large is refused by what its head says, or where the limit is passed.
    let heap = hub.post(DOCUMENTS).as_role(Role::Customs).body("application/xml", vec![b' '; 100 << 20]);
    let begun = Instant::now();
    if let Some(status) = heap.status_unless_cut_off().await {
        assert_eq!(status, 413);
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
    let larger = send(&hub, Role::Customs, vec![b' '; (2 << 20) + 1]).await;
    assert_eq!(larger.status, 413, "{}", larger.text());
    assert_eq!(hub.number("SELECT count(*) FROM exchange_documents").await, 0);
}

/// The text in the code page that customs systems still send.
fn windows_1251(text: &str) -> Vec<u8> {
    let byte = |letter: char| match letter {
        'А'..='я' => u8::try_from(u32::from(letter) - u32::from('А') + 0xc0).unwrap(),
        'Ї' => 0xaf,
        'ї' => 0xbf,
        'І' => 0xb2,
        'і' => 0xb3,
        'Є' => 0xaa,
        'є' => 0xba,
        'Ґ' => 0xa5,
        ascii => u8::try_from(ascii).unwrap(),
    };
    text.chars().map(byte).collect()
}

#[tokio::test]
async fn windows_1251_is_read_and_what_is_said_wrongly_is_refused() {
    let hub = TestHub::start().await;
    let void = "<event><id>cu-1</id><kind>void</kind><occurred_at>2026-11-21T12:00:00Z</occurred_at>\
                <reason>Їжак і Єва: помилка</reason><voids>cu-0</voids></event>";
    let declared = format!("<?xml version='1.0' encoding='windows-1251'?>\n{}", of_events(&hub, "D-1", void));
    let answer = send(&hub, Role::Customs, windows_1251(&declared)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(
        hub.number("SELECT count(*) FROM checkpoint_events WHERE reason = 'Їжак і Єва: помилка'").await,
        1
    );
    let undeclared = windows_1251(&of_events(&hub, "D-2", void));
    let said = told(&send(&hub, Role::Customs, undeclared.clone()).await);
    assert!(said.starts_with("422 - recorded=false refused\nmalformed_xml 4:"), "{said}");
    let named = hub.post(DOCUMENTS).as_role(Role::Customs).body("text/xml; charset=windows-1251", undeclared);
    assert_eq!(named.send().await.status, 201);
    let wide: Vec<u8> = of_events(&hub, "D-3", void).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(send(&hub, Role::Customs, wide).await.status, 415);
    let mut marked = vec![0xef, 0xbb, 0xbf];
    marked.extend(of_events(&hub, "D-4", void).into_bytes());
    assert_eq!(
        send(&hub, Role::Customs, marked).await.status,
        201,
        "a byte order mark says no more than UTF-8"
    );
}

#[tokio::test]
async fn it_is_xml_in_and_xml_out() {
    let hub = TestHub::start().await;
    let json = hub.post(DOCUMENTS).as_role(Role::Customs).json(&serde_json::json!({})).send().await;
    assert_eq!(json.problem(), "415 unsupported_media_type: a document is `application/xml`");
    let text = of_events(&hub, "D-1", "");
    let asked = hub.post(DOCUMENTS).as_role(Role::Customs).body("application/xml", text);
    assert_eq!(asked.header("Accept", "application/json").send().await.status, 406);
    let listed = hub.get(DOCUMENTS).as_role(Role::Customs).header("Accept", "application/json").send().await;
    assert_eq!(listed.status, 406);
}
