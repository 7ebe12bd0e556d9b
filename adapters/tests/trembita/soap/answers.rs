//! What is answered: the same headers, the hash of the request, faults.

use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::faults::{Dialect, FaultCode, Origin, Refusal};
use kordon_adapters::trembita::soap::message::{Envelope, Kind};
use kordon_adapters::trembita::soap::request_hash::HashAlgorithm;
use kordon_adapters::trembita::soap::transport::{Side, receive};

use super::fixtures::{BODY, CLIENT, ID, SERVICE, VERSION, XML, message, read, request, whole};

const ANSWER: &str = r#"<GetQueue_v1Response xmlns="urn:queue"><waiting>12</waiting></GetQueue_v1Response>"#;

fn answered(text: &str) -> Envelope {
    receive(Side::Answer, Some(XML), text.as_bytes(), &Limits::default()).expect("an answer").envelope
}

#[test]
fn an_answer_carries_the_headers_byte_for_byte() {
    let headers = [
        "<!-- to the queue -->",
        ID,
        "<own:trace xmlns:own='urn:own' own:a = \"1\" ><![CDATA[<&>]]>&#x20;</own:trace >",
        SERVICE,
        "  <xro:issue></xro:issue>\t",
        CLIENT,
        VERSION,
    ];
    let request = read(&message(&headers, BODY));
    let answer = request.answer(ANSWER);
    assert!(answer.contains(&headers.join("\n")), "{answer}");
    let answer = whole(answered(&answer));
    assert_eq!(answer.kind(), Kind::Response);
    assert_eq!(answer.header_content(), request.header_content());
    request.answered_by(&answer).expect("it answers the request");
}

#[test]
fn prefixes_of_the_request_do_not_reach_into_the_answer() {
    let text = request()
        .replace("xmlns:xro=", "xmlns=\"http://x-road.eu/xsd/xroad.xsd\" xmlns:hidden=")
        .replace("xro:", "")
        .replace("soapenv", "S")
        .replace("xmlns:iden", "xmlns:soapenv")
        .replace("iden:", "soapenv:");
    let request = read(&text);
    let answer = whole(answered(&request.answer("<GetQueue_v1Response/>")));
    assert_eq!(answer.wrapper.namespace, None);
    request.answered_by(&answer).expect("it answers the request");
}

#[test]
fn an_answer_to_another_question_is_noticed() {
    let request = read(&request());
    let other = read(&message(&[CLIENT, SERVICE, "<xro:id>1</xro:id>", "<xro:issue/>", VERSION], BODY));
    let refusal = request.answered_by(&other).expect_err("it differs");
    assert_eq!(refusal.code, FaultCode::InconsistentHeaders);
    assert_eq!(refusal.text, "the answer differs from the request in id, userId, issue");
}

#[test]
fn a_request_hash_stands_after_the_id_and_replaces_another() {
    let hash = HashAlgorithm::Sha256.of_request(b"abc").expect("a hash");
    assert_eq!(hash.value, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    let former = "<xro:requestHash algorithmId=\"urn:none\">foo</xro:requestHash>";
    for headers in [
        vec![CLIENT, SERVICE, ID, VERSION],
        vec![CLIENT, SERVICE, ID, former, VERSION],
        vec![former, CLIENT, SERVICE, ID, VERSION],
        vec![CLIENT, SERVICE, ID, VERSION, former],
    ] {
        let answer = read(&message(&headers, BODY).replace('\n', "\r\n  "));
        let hashed = answer.with_request_hash(&hash, &Limits::default()).expect("it is put in");
        assert_eq!(hashed.header.request_hash.as_ref(), Some(&hash));
        assert!(!hashed.text().contains("foo"));
        assert!(
            hashed
                .text()
                .contains(&format!("</xro:id>\r\n  <xro:requestHash algorithmId=\"{}\">", hash.algorithm)),
            "{}",
            hashed.text()
        );
    }
    assert_eq!(HashAlgorithm::of("http://www.w3.org/2000/09/xmldsig#sha1"), None);
    for algorithm in [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
        assert_eq!(HashAlgorithm::of(algorithm.uri()), Some(algorithm));
    }
}

#[test]
fn a_fault_is_written_and_read_again() {
    let refusal = Refusal::new(FaultCode::AccessDenied, "no right to <this> & that\u{0}");
    let text = refusal.envelope(Origin::ServerProxy, Dialect::Snake, "0b2b");
    let Envelope::Fault(fault) = answered(&text) else { panic!("a fault") };
    assert_eq!(fault.code, "server.serverproxy.access_denied");
    assert_eq!(fault.string, "no right to <this> & that\u{fffd}");
    assert_eq!((fault.actor.as_deref(), fault.detail.as_deref()), (Some(""), Some("0b2b")));
}
