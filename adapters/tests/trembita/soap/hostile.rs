//! Input that means harm.

use std::time::{Duration, Instant};

use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::faults::FaultCode;
use kordon_adapters::trembita::soap::transport::{Side, receive};
use proptest::prelude::*;

use super::fixtures::{CLIENT, ID, SERVICE, VERSION, XML, asked, message, request};

/// Every refusal here has to come at once. The bound is wide, because the machine may be busy.
fn refused_at_once(body: &[u8]) -> FaultCode {
    let started = Instant::now();
    let refusal = asked(body).expect_err("refused");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    refusal.code
}

fn within(content: &str) -> Vec<u8> {
    message(&[CLIENT, SERVICE, ID, VERSION], &format!("<GetQueue_v1>{content}</GetQueue_v1>")).into_bytes()
}

#[test]
fn document_types_and_entities_are_refused() {
    let bomb = "<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let outside = "<!DOCTYPE b SYSTEM \"file:///etc/passwd\">";
    for doctype in [bomb, outside, "<!DOCTYPE b>"] {
        assert_eq!(refused_at_once(format!("{doctype}{}", request()).as_bytes()), FaultCode::InvalidXml);
    }
    assert_eq!(refused_at_once(&within("&b;")), FaultCode::InvalidXml);
    assert_eq!(refused_at_once(&within("&#0;")), FaultCode::InvalidXml);
}

#[test]
fn depth_is_bounded() {
    for depth in [65, 10_000, 100_000] {
        let body = within(&format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth)));
        assert_eq!(refused_at_once(&body), FaultCode::InvalidXml, "{depth}");
    }
    assert!(asked(&within(&format!("{}{}", "<a>".repeat(60), "</a>".repeat(60)))).is_ok());
}

#[test]
fn width_is_bounded() {
    let attributes: String = (0..100_000).map(|number| format!(" a{number}=''")).collect();
    assert_eq!(refused_at_once(&within(&format!("<a{attributes}/>"))), FaultCode::InvalidXml);
    let namespaces: String = (0..50_000).map(|number| format!(" xmlns:a{number}='u{number}'")).collect();
    assert_eq!(refused_at_once(&within(&format!("<a{namespaces}/>"))), FaultCode::InvalidXml);
    let layer: String = (0..100).map(|number| format!(" xmlns:a{number}=''")).collect();
    let layers: Vec<String> =
        (0..40).map(|number| format!("<a{}>", layer.replace(":a", &format!(":a{number}_")))).collect();
    let all_over = format!("{}{}{}", layers.concat(), "<a xmlns:b=''/>".repeat(50_000), "</a>".repeat(40));
    assert_eq!(refused_at_once(&within(&all_over)), FaultCode::InvalidXml, "each would keep a list of 4,000");
    assert_eq!(refused_at_once(&within(&"<a/>".repeat(300_000))), FaultCode::InvalidXml);
}

#[test]
fn size_is_bounded() {
    let hundred = vec![b' '; 100 << 20];
    assert_eq!(refused_at_once(&hundred), FaultCode::InvalidMessage);
    assert_eq!(refused_at_once(&within(&"a".repeat(3 << 20))), FaultCode::InvalidMessage);
}

#[test]
fn a_name_in_a_namespace_of_ones_own_is_no_header() {
    let forged = CLIENT
        .replace("xro:client", "own:client")
        .replace("<own:client", "<own:client xmlns:own=\"urn:own\"");
    assert_eq!(
        refused_at_once(message(&[&forged, SERVICE, ID, VERSION], "<GetQueue_v1/>").as_bytes()),
        FaultCode::MissingHeaderField
    );
    let nested = format!("<own:a xmlns:own=\"urn:own\">{CLIENT}</own:a>");
    assert_eq!(
        refused_at_once(message(&[&nested, SERVICE, ID, VERSION], "<GetQueue_v1/>").as_bytes()),
        FaultCode::MissingHeaderField
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn garbage_is_refused_whatever_it_is_called(body in prop::collection::vec(any::<u8>(), 0..400), media in ".{0,60}", answer in any::<bool>()) {
        let side = if answer { Side::Answer } else { Side::Request };
        for media in [media.as_str(), XML, "text/xml", "multipart/related; boundary=b"] {
            prop_assert!(receive(side, Some(media), &body, &Limits::default()).is_err());
        }
    }

    #[test]
    fn a_message_with_a_byte_changed_never_panics(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut body = format!("--b\nContent-Type: text/xml\n\n{}\n--b\nContent-Type: a/b\n\nx\n--b--", request()).into_bytes();
        let place = at.index(body.len());
        body[place] = byte;
        let _ = receive(Side::Request, Some("multipart/related; boundary=b"), &body, &Limits::default());
        let _ = receive(Side::Answer, Some("multipart/related; boundary=b"), &body[..cut.index(body.len())], &Limits::default());
        let mut plain = request().into_bytes();
        let place = at.index(plain.len());
        plain[place] = byte;
        if let Ok(received) = asked(&plain) {
            let kordon_adapters::trembita::soap::message::Envelope::Message(message) = received.envelope else { return Ok(()) };
            prop_assert!(message.text().contains(message.header_content()));
            let _ = message.answer("<a/>");
        }
    }
}
