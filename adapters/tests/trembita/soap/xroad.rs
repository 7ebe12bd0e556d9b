//! X-Road's own messages, each with its outcome.

use std::collections::BTreeSet;

use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::faults::{Dialect, FaultCode, Origin};
use kordon_adapters::trembita::soap::message::{Envelope, Kind, Message, Style};
use kordon_adapters::trembita::soap::request_hash::HashAlgorithm;
use kordon_adapters::trembita::soap::transport::{Side, receive};

use super::fixtures::whole;
use crate::vectors;

const X: &str = "text/xml; charset=UTF-8";
const ISO: &str = "text/xml; charset=ISO-8859-1";
const M1: &str = "multipart/related; charset=UTF-8; boundary=jetty771207119h3h10dty";
const M2: &str = "multipart/related; boundary=jetty771207119h3h10dty";
const M3: &str = "Multipart/Related; start-info=\"application/soap+xml\"; type=\"application/xop+xml\"; boundary=\"jetty771207119h3h10dty\"";
const M3U: &str = "Multipart/Related; start-info=\"application/soap+xml\"; type=\"application/xop+xml\"; boundary=\"jetty771207119h3h10dty\";charset=UTF-8";
const XOP: &str = "multipart/related; boundary=MIMEBoundaryurn_uuid_0FE43E4D025F0BF3DC11582467646812";
const FAULTY: &str = "multipart/related; boundary=jetty771207119h3h10dty; charset=utf-8";
const MIXED: &str = "multipart/mixed; boundary=jetty42534330h7vzfqv2;charset=ISO-8859-1";

use Side::{Answer, Request};

/// What a file is read as.
#[derive(Clone, Copy)]
enum Outcome {
    /// A request with this service code and so many attachments.
    Asks(&'static str, usize),
    /// An answer likewise.
    Answers(&'static str, usize),
    /// A fault with this code, passed on.
    Faults(&'static str),
    /// Refused with this code.
    Refused(&'static str),
}

use Outcome::{Answers, Asks, Faults, Refused};

/// File, side of the exchange, Content-Type, outcome. Files whose fault lies with the exchange and not with
/// the message (`notAllowed`: the caller has no right; `no-signature`: its kind of body goes between security
/// servers alone) are here as whoever provides a service sees them.
const OUTCOMES: &[(&str, Side, &str, Outcome)] = &[
    ("simple.query", Request, X, Asks("testQuery", 0)),
    ("simple.query", Request, "text/html; charset=UTF-8", Refused("Client.InvalidContentType")),
    ("simple.answer", Answer, X, Answers("testQuery", 0)),
    ("simple-comment.answer", Answer, X, Answers("testQuery", 0)),
    ("simple-representedparty.query", Request, X, Asks("testQuery", 0)),
    ("simple-rpc.query", Request, X, Asks("testQuery", 0)),
    ("getstate.query", Request, X, Asks("getState", 0)),
    ("getstate.query", Request, "blah", Refused("Client.InvalidContentType")),
    ("getstate.answer", Answer, X, Answers("getState", 0)),
    ("getstate.answer", Answer, "blah", Refused("Server.ServerProxy.ServiceFailed.InvalidContentType")),
    ("getstate-subsystem.query", Request, X, Asks("getState", 0)),
    ("getstate-subsystem.answer", Answer, X, Answers("getState", 0)),
    ("getstate-iso88591.answer", Answer, ISO, Answers("getState", 0)),
    ("request-suffix.query", Request, X, Asks("testQuery", 0)),
    ("nowhitespace.query", Request, X, Asks("getState", 0)),
    ("nowhitespace.answer", Answer, X, Answers("getState", 0)),
    ("xmlencoded.query", Request, X, Asks("testQuery", 0)),
    ("xmlencoded.answer", Answer, X, Answers("testQuery", 0)),
    ("requesthash.answer", Answer, X, Answers("getState", 0)),
    ("attachm.query", Request, M1, Asks("test", 1)),
    ("attachm.answer", Answer, X, Answers("test", 0)),
    ("attachments.query", Request, M1, Asks("test", 3)),
    ("attachments.answer", Answer, M1, Answers("test", 3)),
    ("attachm2-utf8bom-inside.query", Request, M2, Asks("test", 1)),
    ("attachm2-utf8bom-inside.answer", Answer, M1, Answers("test", 1)),
    ("attachm-mtom.query", Request, M3, Asks("test", 1)),
    ("attachm-mtom.answer", Answer, M3U, Answers("test", 1)),
    // Its service code itself is `testResponse`, so that its wrapper does not tell an answer from a request.
    ("xop.answer", Answer, XOP, Asks("testResponse", 1)),
    ("proxyemulator.query", Request, X, Asks("testQuery", 0)),
    ("fault.query", Answer, X, Faults("CODE")),
    ("fault.query", Request, X, Refused("Client.CODE")),
    ("faulty-fault.answer", Answer, X, Faults("soap:Server")),
    ("customfault.answer", Answer, X, Faults("foo:FOOCODE")),
    ("customsoapenv.answer", Answer, X, Faults("soapenv:Server.CODE")),
    ("allowedMethods.query", Request, X, Asks("allowedMethods", 0)),
    ("listMethods.query", Request, X, Asks("listMethods", 0)),
    ("response-with-requestId.answer", Answer, X, Answers("clientReg", 0)),
    ("invalid-service-address.query", Request, X, Asks("invalidServiceAddress", 0)),
    ("signing-error-request.query", Request, X, Asks("getState", 0)),
    ("signing-error-response.query", Request, X, Asks("getState", 0)),
    ("xml.query", Request, X, Asks("test", 0)),
    ("empty.query", Request, X, Refused("Client.InvalidSoap")),
    ("empty.query", Request, M1, Refused("Client.MissingSoap")),
    ("empty.query", Answer, X, Refused("Server.ServerProxy.ServiceFailed.InvalidSoap")),
    ("empty.query", Answer, M1, Refused("Server.ServerProxy.ServiceFailed.InvalidMessage")),
    ("no-header.query", Request, X, Refused("Client.MissingHeader")),
    ("no-header.query", Answer, X, Refused("Server.ServerProxy.ServiceFailed.MissingHeader")),
    ("faulty-header.query", Request, X, Refused("Client.MissingHeaderField")),
    ("faulty-header.query", Answer, X, Refused("Server.ServerProxy.ServiceFailed.MissingHeaderField")),
    ("faulty-header2.query", Request, X, Refused("Client.DuplicateHeaderField")),
    ("malformed-body1.query", Request, X, Refused("Client.InvalidBody")),
    ("malformed-body3.query", Request, X, Refused("Client.InconsistentHeaders")),
    ("missingobjecttype.query", Request, X, Refused("Client.InvalidXml")),
    ("malformed-protocolVersion.query", Request, X, Refused("Client.InvalidProtocolVersion")),
    ("wrong-version.query", Request, X, Refused("Client.InvalidProtocolVersion")),
    ("notAllowed.query", Request, X, Asks("test", 0)),
    ("attachm-error.query", Request, M1, Refused("Client.InvalidContentType")),
    ("attachm-error.query", Answer, M1, Refused("Server.ServerProxy.ServiceFailed.InvalidContentType")),
    ("attachm-no-soap.query", Request, M1, Refused("Client.InvalidContentType")),
    ("attachm-no-soap.query", Answer, M1, Refused("Server.ServerProxy.ServiceFailed.InvalidContentType")),
    ("faulty-multipart.query", Answer, FAULTY, Refused("Server.ServerProxy.ServiceFailed.InvalidMessage")),
    ("no-signature.query", Request, MIXED, Refused("Client.InvalidContentType")),
    ("attach-error-withsoap.query", Request, X, Refused("Client.InconsistentHeaders")),
    ("soapfaulterror.query", Request, X, Refused("Client.SOAP-ENV:Clientrwerete")),
];

#[test]
fn every_message_of_xroad_has_its_outcome() {
    let Some(folder) = vectors::folder("xroad/soap") else { return };
    let named: BTreeSet<String> = OUTCOMES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(named, vectors::names(&folder), "each file stands in the table");
    let mut differing = Vec::new();
    for (name, side, media, expected) in OUTCOMES {
        let body = vectors::read(&folder, name);
        let found = match receive(*side, Some(media), &body, &Limits::default()) {
            Err(refusal) => {
                let origin = if *side == Request { Origin::Client } else { Origin::Service };
                format!("Refused({:?})", refusal.full_code(origin, Dialect::Camel))
            }
            Ok(received) => {
                let attachments = received.attachments.len();
                match received.envelope {
                    Envelope::Fault(fault) => format!("Faults({:?})", fault.code),
                    Envelope::Message(message) => {
                        let kind = if message.kind() == Kind::Request { "Asks" } else { "Answers" };
                        format!("{kind}({:?}, {attachments})", message.header.service.service_code)
                    }
                }
            }
        };
        let expected = match expected {
            Asks(code, attachments) => format!("Asks({code:?}, {attachments})"),
            Answers(code, attachments) => format!("Answers({code:?}, {attachments})"),
            Faults(code) => format!("Faults({code:?})"),
            Refused(code) => format!("Refused({code:?})"),
        };
        if found != expected {
            differing.push(format!("{name} as {side:?} {media}: {found}, expected {expected}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn message(folder: &std::path::Path, name: &str) -> Message {
    let (side, media) = OUTCOMES
        .iter()
        .find(|(own, _, _, outcome)| *own == name && matches!(outcome, Asks(..) | Answers(..)))
        .map(|(_, side, media, _)| (*side, *media))
        .expect("a message of the table");
    whole(receive(side, Some(media), &vectors::read(folder, name), &Limits::default()).expect(name).envelope)
}

#[test]
fn what_the_messages_of_xroad_say_is_read() {
    let Some(folder) = vectors::folder("xroad/soap") else { return };
    let simple = message(&folder, "simple.query");
    assert_eq!(simple.header.client.to_string(), "EE/BUSINESS/consumer");
    assert_eq!(simple.header.service.to_string(), "EE/BUSINESS/producer/testQuery");
    assert_eq!(simple.header.user_id.as_deref(), Some("EE37702211234"));
    assert_eq!(simple.header.id, "1234567890");
    assert_eq!(simple.text().as_bytes(), vectors::read(&folder, "simple.query"));
    assert_eq!(message(&folder, "simple-rpc.query").style, Style::Rpc);
    let encoded = message(&folder, "xmlencoded.query");
    assert_eq!(encoded.header.user_id.as_deref(), Some(r#"<"EE37702211234" & 'xml encoded'>"#));
    let represented = message(&folder, "simple-representedparty.query").header;
    let party = represented.represented_party.expect("a represented party");
    assert_eq!((party.class.as_deref(), party.code.as_str()), (Some("COM"), "MEMBER3"));
    assert_eq!(represented.issue.as_deref(), Some("issue-1"));
    let management = message(&folder, "response-with-requestId.answer").header;
    assert_eq!(management.service.provider.subsystem_code.as_deref(), Some("mgmt service provider"));
}

#[test]
fn answers_of_xroad_answer_their_requests() {
    let Some(folder) = vectors::folder("xroad/soap") else { return };
    let consistent = [
        ("simple.query", "simple.answer"),
        ("simple.query", "simple-comment.answer"),
        ("getstate.query", "getstate.answer"),
        ("getstate.query", "getstate-iso88591.answer"),
        ("getstate.query", "requesthash.answer"),
        ("getstate-subsystem.query", "getstate-subsystem.answer"),
        ("nowhitespace.query", "nowhitespace.answer"),
        ("xmlencoded.query", "xmlencoded.answer"),
        ("attachm.query", "attachm.answer"),
        ("attachments.query", "attachments.answer"),
        ("attachments.query", "attachm.answer"),
    ];
    for (request, answer) in consistent {
        let checked = message(&folder, request).answered_by(&message(&folder, answer));
        assert_eq!(checked, Ok(()), "{request} {answer}");
    }
    for (request, answer) in [
        ("simple.query", "getstate.answer"),
        ("xml.query", "getstate.query"),
        ("attachm-mtom.query", "attachm-mtom.answer"),
    ] {
        let refusal = message(&folder, request).answered_by(&message(&folder, answer)).expect_err(answer);
        assert_eq!(refusal.code, FaultCode::InconsistentHeaders);
    }
    // The header comes back byte for byte, whatever stands in it.
    for (name, _, _, outcome) in OUTCOMES {
        if matches!(outcome, Asks(..) | Answers(..)) {
            let request = message(&folder, name);
            let body = format!("<{}Response/>", request.header.service.service_code);
            let text = request.answer(&body);
            let answer = receive(Answer, Some(X), text.as_bytes(), &Limits::default());
            let answer = whole(answer.expect(name).envelope);
            assert_eq!(answer.header_content(), request.header_content(), "{name}");
            assert_eq!(request.answered_by(&answer), Ok(()), "{name}");
        }
    }
}

#[test]
fn request_hashes_are_those_of_the_bytes() {
    let Some(folder) = vectors::folder("xroad/soap") else { return };
    let marked = [b"\xef\xbb\xbf".as_slice(), &vectors::read(&folder, "getstate-subsystem.query")].concat();
    let hashes = [
        (
            X,
            vectors::read(&folder, "simple.query"),
            "L2fik/nfzolqCfGNvI3TVQaJUGn8vv0Dwij47Rrmv2KOcFGz7EaeUpMDQ12L4j7NrgZX1+PbpXCUOE7nIEU5vg==",
        ),
        (
            X,
            vectors::read(&folder, "getstate.query"),
            "Nohx+C0AdGJK3D7vurCGouUVFddOWnHLwHJlJTKZOM/HsGJNUqoev4/hSNwB5rwHx3S4vsXMkDhXS0iutq6rIA==",
        ),
        (
            X,
            marked,
            "xAaxpvsjMadYyFYYtbcbAZsdO8SOD89kIi2nr7nsUoGr/AlhZ516fwth5vLa/xXmU/MVDFUSFjOPiGt7Q2Gs9Q==",
        ),
        (
            M1,
            vectors::read(&folder, "attachm.query"),
            "8uxvkoOQKmCwlbzkylIpPt2JqqYVynQaqG0FvN3r8m6hgaUnNSot1o7v6tbue8FsWElilDuOpPAbM5xC6iRI0w==",
        ),
        (
            M2,
            vectors::read(&folder, "attachm2-utf8bom-inside.query"),
            "qKLFXUpjMqpONJ84RXrkJhvU6ODVQ56KzJ5dt6RXmiHYF+YyItC8J4yjIwEXrE0xgX3OTE1fr02G7ShfETNjwg==",
        ),
        (
            M3,
            vectors::read(&folder, "attachm-mtom.query"),
            "nVRm8Gn8nbYFSxE8YinBLfq2/BPVCMcMhfv/kZjUhrwIYz25X3OKHT78O0btgrUXkx28V1Z1PBUsYwe60Kd6CA==",
        ),
    ];
    for (media, body, expected) in &hashes {
        let received = receive(Request, Some(media), body, &Limits::default()).expect("a request");
        let hash = HashAlgorithm::Sha512.of_request(received.message).expect("a hash");
        assert_eq!(&hash.value, expected);
        // The right hash takes the place of the wrong one that the service brought.
        let answer = message(&folder, "requesthash.answer");
        assert_eq!(answer.header.request_hash.as_ref().expect("its own").value, "foo");
        let hashed = answer.with_request_hash(&hash, &Limits::default()).expect("it is put in");
        assert_eq!(hashed.header.request_hash, Some(hash));
    }
}
