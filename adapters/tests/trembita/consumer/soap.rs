//! Asking by SOAP: what goes out, what counts as an answer, and what is refused.

use gost94::{Digest, Gost94UA};
use kordon_adapters::trembita::consumer::{
    CallFault, Consumer, HashOutcome, RequestHashRule, SecurityServerSettings, SoapAnswer,
};
use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::attachments::Enclosure;
use kordon_adapters::trembita::soap::faults::{Dialect, FaultCode, Origin, Refusal};
use kordon_adapters::trembita::soap::header::RequestHash;
use kordon_adapters::trembita::soap::request_hash::{HashAlgorithm, HashFault};
use kordon_adapters::trembita::soap::transport::{Side, receive};
use kordon_testing::security_server::{Heard, Said};

use super::{ANSWER, BODY, asked, consumer, question, right_answer, server, settings, xml};
use crate::vectors;

const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";

/// Asks a server that answers so.
async fn ask(answer: impl Fn(&Heard) -> Said + Send + Sync + 'static) -> Result<SoapAnswer, CallFault> {
    consumer(&server(answer)).ask_by_soap(&asked(), BODY).await
}

/// Asks a server that answers rightly but for one change of its text.
async fn ask_with(from: &'static str, to: &'static str) -> Result<SoapAnswer, CallFault> {
    ask(move |heard| {
        let right = right_answer(heard, ANSWER);
        assert!(right.contains(from), "{from} is in {right}");
        xml(200, right.replacen(from, to, 1))
    })
    .await
}

#[tokio::test]
async fn a_question_is_a_message_of_the_protocol_and_its_answer_is_compared() {
    let server = server(|heard| xml(200, right_answer(heard, ANSWER)));
    let answer = consumer(&server).ask_by_soap(&asked(), BODY).await.unwrap();
    assert_eq!(answer.request_hash, HashOutcome::Holds(SHA512.into()));
    assert_eq!(answer.message.wrapper.name, "GetQueue_v1Response");
    assert_eq!((answer.refused, answer.attachments.len()), (None, 0));
    let [heard] = server.heard().try_into().unwrap();
    assert_eq!((heard.method.as_str(), heard.target.as_str()), ("POST", "/"));
    assert_eq!(heard.header("SOAPAction"), Some("\"\""));
    assert_eq!(heard.body, answer.sent);
    // The provider reads what was meant; what stood around the element in the file is not sent.
    let question = question(&heard);
    let header = &question.header;
    assert_eq!(header.client.to_string(), super::CLIENT);
    assert_eq!(header.service, asked().service);
    assert_eq!(
        (header.user_id.as_deref(), header.issue.as_deref()),
        (Some("UA3184710691"), Some("case <7>"))
    );
    assert_eq!((header.id.as_str(), header.protocol_version.as_str()), (asked().id.as_str(), "4.0"));
    assert!(
        question.text().contains("<soapenv:Body><q:GetQueue_v1 xmlns:q") && !question.text().contains("why")
    );
}

#[tokio::test]
async fn what_goes_beside_a_question_arrives_beside_it() {
    let server = server(|_| xml(500, ""));
    let scan = Enclosure::new("scan.pdf", "application/pdf", b"\r\n--\0".to_vec()).unwrap();
    consumer(&server).ask_by_soap_with(&asked(), BODY, &[scan]).await.unwrap_err();
    let heard = &server.heard()[0];
    let received = receive(Side::Request, heard.header("content-type"), &heard.body, &Limits::default());
    let [part] = received.unwrap().attachments.try_into().unwrap();
    assert_eq!((part.content_id(), part.content), (Some("scan.pdf"), &b"\r\n--\0"[..]));
    assert_eq!(part.header("Content-Type"), Some("application/pdf"));
}

#[tokio::test]
async fn more_than_a_message_may_go_with_is_not_sent() {
    let server = server(|_| xml(500, ""));
    let enclosure =
        |id: usize, size| Enclosure::new(&id.to_string(), "text/plain", vec![b'a'; size]).unwrap();
    for (beside, told) in [
        ((0..101).map(|id| enclosure(id, 1)).collect(), "at most 100 attachments"),
        (vec![enclosure(1, 5 << 20), enclosure(2, 5 << 20)], "at most 10485760 bytes"),
        (vec![enclosure(1, 1), enclosure(1, 2)], "the same id"),
    ] {
        let fault = consumer(&server).ask_by_soap_with(&asked(), BODY, &beside).await.unwrap_err();
        assert!(matches!(fault, CallFault::Question(_)) && fault.to_string().contains(told), "{fault}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_body_comes_in_any_encoding_that_it_declares() {
    let server = server(|heard| xml(200, right_answer(heard, ANSWER)));
    let body = b"<?xml version='1.0' encoding='windows-1251'?><q:GetQueue_v1 xmlns:q='urn:queue'>\xea\xee\xf0\xe4\xee\xed</q:GetQueue_v1>";
    consumer(&server).ask_by_soap(&asked(), body).await.unwrap();
    assert!(question(&server.heard()[0]).text().contains(">кордон</q:GetQueue_v1>"));
}

#[tokio::test]
async fn a_body_that_is_none_is_not_sent() {
    let server = server(|heard| xml(200, right_answer(heard, ANSWER)));
    let consumer = consumer(&server);
    for (body, told) in [
        ("", "not well-formed"),
        ("<GetQueue_v1>", "not well-formed"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><GetQueue_v1>&b;</GetQueue_v1>", "document type"),
        ("<Other/>", "the Body holds \"Other\""),
        ("<GetQueue_v1/></soapenv:Body><soapenv:Body><x/>", "not well-formed"),
        ("<s:Fault xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'/>", "a fault is no question"),
    ] {
        let fault = consumer.ask_by_soap(&asked(), body.as_bytes()).await.unwrap_err();
        assert!(
            matches!(fault, CallFault::Question(_)) && fault.to_string().contains(told),
            "{body}: {fault}"
        );
        assert!(!fault.may_have_been_done());
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn an_answer_to_another_question_is_refused_by_each_header() {
    for (from, to, named) in [
        ("KORDON_cons", "OTHER_cons", "client"),
        ("GetQueue_v1</", "GetQueue_v</", "service"),
        ("7ef7045f", "8ef7045f", "id"),
        ("UA3184710691", "UA3184710692", "userId"),
        ("case &lt;7&gt;", "case", "issue"),
        (">4.0<", ">4.1<", "protocolVersion"),
        ("<q:GetQueue_v1Response", "<q:GetQueue_v1Request", "Body"),
    ] {
        let to_answer = move |heard: &Heard| {
            let changed = right_answer(heard, ANSWER).replacen(from, to, 1);
            xml(
                200,
                changed.replace(
                    "</q:GetQueue_v1Response",
                    if named == "Body" { "</q:GetQueue_v1Request" } else { "</q:GetQueue_v1Response" },
                ),
            )
        };
        let fault = ask(to_answer).await.unwrap_err();
        assert_eq!(fault, CallFault::Mismatch(vec![named]), "{from}");
        assert!(fault.may_have_been_done());
    }
    // A header that is left out is not said again either.
    let fault = ask_with("<xro:userId>UA3184710691</xro:userId>", "").await.unwrap_err();
    assert_eq!(fault, CallFault::Mismatch(vec!["userId"]));
    // The question itself is no answer.
    let fault = ask(|heard| xml(200, heard.body.clone())).await.unwrap_err();
    assert_eq!(fault, CallFault::Mismatch(vec!["Body"]));
}

#[tokio::test]
async fn the_order_the_prefixes_and_unknown_headers_of_an_answer_are_its_own() {
    // As UXP's servers write it: other prefixes, another order, headers of their own.
    let answer = ask(|heard| {
        let hash = HashAlgorithm::Sha256.of_request(&heard.body).unwrap();
        xml(200, format!(
            "\u{feff}<SOAP:Envelope xmlns:SOAP='http://schemas.xmlsoap.org/soap/envelope/' xmlns='http://x-road.eu/xsd/xroad.xsd' \
             xmlns:i='http://x-road.eu/xsd/identifiers'><SOAP:Header><userId>UA3184710691</userId><!-- of UXP -->\
             <client i:objectType='SUBSYSTEM'><i:xRoadInstance>SEVDEIR-TEST</i:xRoadInstance><i:memberClass>GOV</i:memberClass>\
             <i:memberCode>20000090</i:memberCode><i:subsystemCode>KORDON_cons</i:subsystemCode></client>\
             <service i:objectType='SERVICE'><i:xRoadInstance>SEVDEIR-TEST</i:xRoadInstance><i:memberClass>GOV</i:memberClass>\
             <i:memberCode>00000099</i:memberCode><i:subsystemCode>99_queue_prod</i:subsystemCode><i:serviceCode>GetQueue_v1</i:serviceCode></service>\
             <own xmlns='urn:own'/><protocolVersion>4.0</protocolVersion><issue>case &lt;7&gt;</issue>\
             <id>7ef7045f-d886-4b32-8142-a40958a3ae8e</id><requestHash algorithmId='{}'>&#13;\n {}</requestHash></SOAP:Header>\
             <SOAP:Body>{ANSWER}</SOAP:Body></SOAP:Envelope>", hash.algorithm, hash.value))
    })
    .await
    .unwrap();
    assert_eq!(answer.request_hash, HashOutcome::Holds("http://www.w3.org/2001/04/xmlenc#sha256".into()));
}

#[tokio::test]
async fn the_hash_of_the_request_has_to_hold_by_the_algorithm_that_it_names() {
    let differs = ask(|heard| {
        let other = Heard { body: [heard.body.as_slice(), b" "].concat(), ..heard.clone() };
        let wrong = HashAlgorithm::Sha512.of_request(&other.body).unwrap().value;
        let right = HashAlgorithm::Sha512.of_request(&heard.body).unwrap().value;
        xml(200, right_answer(heard, ANSWER).replace(&right, &wrong))
    });
    assert_eq!(differs.await.unwrap_err(), CallFault::Hash(HashFault::Differs));
    let named = |uri: &'static str| ask_with(SHA512, uri);
    assert_eq!(named("urn:md5").await.unwrap_err(), CallFault::Hash(HashFault::Unknown("urn:md5".into())));
    let weak = "http://www.w3.org/2000/09/xmldsig#sha1";
    assert_eq!(named(weak).await.unwrap_err(), CallFault::Hash(HashFault::Weak(weak.into())));
    // The right value under another name proves nothing.
    let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    assert_eq!(named(sha256).await.unwrap_err(), CallFault::Hash(HashFault::Differs));
    let unreadable = ask_with("</xro:requestHash>", "*</xro:requestHash>").await.unwrap_err();
    assert_eq!(unreadable, CallFault::Hash(HashFault::Unreadable));
    let gost = "http://www.w3.org/2001/04/xmldsig-more#gost34311";
    let by_gost = ask(move |heard| {
        let right = HashAlgorithm::Sha512.of_request(&heard.body).unwrap().value;
        let own = openssl::base64::encode_block(&Gost94UA::digest(&heard.body));
        xml(200, right_answer(heard, ANSWER).replace(SHA512, gost).replace(&right, &own))
    });
    assert_eq!(by_gost.await.unwrap().request_hash, HashOutcome::Holds(gost.into()));
}

#[test]
fn hashes_are_those_that_strangers_computed() {
    // GOST 34.311-95 with the S-box of Ukraine, from the reference; SHA-384 of FIPS 180-4.
    for (uri, hexadecimal) in [
        (
            "http://www.w3.org/2001/04/xmldsig-more#gost34311",
            "a34a53504d8ba070cb73a583146167a0a3c226d793440d9cea24465fe02251f2",
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#sha384",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
    ] {
        let bytes: Vec<u8> = (0..hexadecimal.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap())
            .collect();
        let hash = RequestHash { algorithm: uri.into(), value: openssl::base64::encode_block(&bytes) };
        assert_eq!(hash.verify(b"abc"), Ok(()), "{uri}");
        assert_eq!(hash.verify(b"abd"), Err(HashFault::Differs), "{uri}");
    }
}

#[tokio::test]
async fn an_answer_without_a_hash_counts_unless_one_is_demanded() {
    let without = |heard: &Heard| xml(200, question(heard).answer(ANSWER));
    assert_eq!(ask(without).await.unwrap().request_hash, HashOutcome::Absent);
    let server = server(without);
    let by_rule =
        |rule| Consumer::open(&SecurityServerSettings { request_hash: rule, ..settings(&server) }).unwrap();
    let demanding = by_rule(RequestHashRule::Required);
    let fault = demanding.ask_by_soap(&asked(), BODY).await.unwrap_err();
    assert_eq!(fault, CallFault::Hash(HashFault::Missing));
    let telling = super::server(|heard| xml(200, right_answer(heard, ANSWER).replace(SHA512, "urn:md5")));
    let lenient =
        Consumer::open(&SecurityServerSettings { request_hash: RequestHashRule::Told, ..settings(&telling) });
    let answer = lenient.unwrap().ask_by_soap(&asked(), BODY).await.unwrap();
    assert_eq!(answer.request_hash, HashOutcome::Told(HashFault::Unknown("urn:md5".into())));
}

#[tokio::test]
async fn faults_of_both_spellings_are_what_they_mean() {
    for (origin, code, done) in [
        (Origin::Client, FaultCode::InvalidXml, false),
        (Origin::ServerProxy, FaultCode::AccessDenied, false),
        (Origin::ServerProxy, FaultCode::UnknownService, false),
        (Origin::ClientProxy, FaultCode::OutdatedGlobalConf, false),
        (Origin::ServerProxy, FaultCode::NetworkError, true),
        (Origin::Service, FaultCode::InvalidSoap, true),
        (Origin::ServiceSeenByClient, FaultCode::InconsistentResponse, true),
    ] {
        for dialect in [Dialect::Camel, Dialect::Snake] {
            let refusal = Refusal::new(code.clone(), "why <so>");
            let fault = ask(move |_| xml(500, refusal.envelope(origin, dialect, "log-1"))).await.unwrap_err();
            assert_eq!(fault.may_have_been_done(), done, "{fault}");
            let CallFault::Fault(fault) = fault else { panic!("{fault}") };
            assert_eq!((fault.origin, &fault.code), (Some(origin), &code));
            assert_eq!((fault.text.as_str(), fault.detail.as_deref()), ("why <so>", Some("log-1")));
        }
    }
}

#[tokio::test]
async fn a_service_that_refuses_within_its_answer_is_told() {
    let within = "<q:GetQueue_v1Response xmlns:q='urn:queue'><fault><faultCode>not_found</faultCode>\
                  <faultString>there is no checkpoint</faultString></fault></q:GetQueue_v1Response>";
    let answer = ask(move |heard| xml(200, right_answer(heard, within))).await.unwrap();
    let refused = answer.refused.unwrap();
    assert_eq!((refused.code.as_str(), refused.text.as_str()), ("not_found", "there is no checkpoint"));
}

#[tokio::test]
async fn attachments_come_with_the_answer() {
    let answer = ask(|heard| {
        let right = right_answer(heard, ANSWER);
        let body = format!(
            "--b\r\nContent-Type: text/xml; charset=UTF-8\r\n\r\n{right}\r\n--b\r\nContent-Type: text/plain\r\n\r\nbeside\r\n--b--\r\n"
        );
        let media_type = "multipart/related; boundary=b".to_owned();
        Said::Answer(200, vec![("Content-Type".into(), media_type)], body.into_bytes())
    })
    .await
    .unwrap();
    assert_eq!(answer.attachments[0].content, b"beside");
    assert!(matches!(answer.request_hash, HashOutcome::Holds(_)));
}

/// X-Road's own messages as answers: each fault as a fault, and answers to other questions as that.
#[tokio::test]
async fn the_answers_of_xroad_are_judged() {
    let Some(folder) = vectors::folder("xroad/soap") else { return };
    for (name, status, code) in [
        ("fault.query", 500, "CODE"),
        ("faulty-fault.answer", 500, "Server"),
        ("customfault.answer", 500, "FOOCODE"),
        ("customsoapenv.answer", 200, "Server.CODE"),
    ] {
        let body = vectors::read(&folder, name);
        let fault = ask(move |_| xml(status, body.clone())).await.unwrap_err();
        let CallFault::Fault(fault) = fault else { panic!("{name}: {fault}") };
        assert_eq!((fault.origin, fault.code), (None, FaultCode::Foreign(code.into())), "{name}");
    }
    for name in ["simple.answer", "getstate.answer", "requesthash.answer", "attachm.answer"] {
        let body = vectors::read(&folder, name);
        let fault = ask(move |_| xml(200, body.clone())).await.unwrap_err();
        let CallFault::Mismatch(differing) = &fault else { panic!("{name}: {fault}") };
        assert!(differing.starts_with(&["client", "service", "id"]), "{name}: {fault}");
    }
    for (name, code) in [
        ("no-header.query", FaultCode::MissingHeader),
        ("empty.query", FaultCode::InvalidSoap),
        ("faulty-header.query", FaultCode::MissingHeaderField),
        ("malformed-protocolVersion.query", FaultCode::InvalidProtocolVersion),
    ] {
        let body = vectors::read(&folder, name);
        let fault = ask(move |_| xml(200, body.clone())).await.unwrap_err();
        let CallFault::Unreadable(refusal) = fault else { panic!("{name}: {fault}") };
        assert_eq!(refusal.code, code, "{name}");
    }
}
