//! Asking by REST in both dialects.

use kordon_adapters::trembita::consumer::address::service;
use kordon_adapters::trembita::consumer::{
    CallFault, Consumer, HashOutcome, RequestHashRule, RestAnswer, RestDialect, RestQuestion,
    SecurityServerSettings, ServiceCall,
};
use kordon_adapters::trembita::rest::request_hash;
use kordon_adapters::trembita::soap::faults::{FaultCode, Origin};
use kordon_adapters::trembita::soap::request_hash::HashFault;
use kordon_testing::security_server::{Heard, Said};
use reqwest::Method;

use super::{CLIENT, consumer, server, settings};

const SERVICE: &str = "SEVDEIR-TEST/GOV/00000099/99_queue_prod/api";
const REQUEST: &str = "f92591a3-6bf0-49b1-987b-0dd78c034cc3";

/// A reading of a queue.
pub(super) fn reading(dialect: RestDialect) -> RestQuestion {
    RestQuestion {
        asked: ServiceCall { service: service(SERVICE).unwrap(), ..super::asked() },
        dialect,
        method: Method::GET,
        path: "/checkpoints/UA209140/queue?lane=%D1%97".into(),
        headers: vec![("Accept-Language".into(), "uk".into())],
        body: None,
        purpose: None,
        subject: None,
    }
}

fn telling(dialect: RestDialect) -> RestQuestion {
    let body = Some(("application/json".to_owned(), br#"{"value" : 42}"#.to_vec()));
    RestQuestion { method: Method::POST, path: String::new(), body, ..reading(dialect) }
}

/// The right answer of X-Road's servers, with the hash over the request as it came over the wire.
pub(super) fn right(heard: &Heard, status: u16, body: Vec<u8>) -> Said {
    let headers = heard.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let own = (!heard.body.is_empty()).then_some(heard.body.as_slice());
    let hash = request_hash(&heard.method, &heard.target, headers, (REQUEST, None), own).unwrap();
    let said = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![
        said("Content-Type", "application/json"),
        said("x-road-id", heard.header("x-road-id").unwrap_or_default()),
        said("x-road-client", heard.header("x-road-client").unwrap_or_default()),
        said("x-road-service", SERVICE),
        said("x-road-request-id", REQUEST),
        said("x-road-request-hash", &hash),
    ];
    Said::Answer(status, headers, body)
}

/// The right answer with one header changed, or left out.
fn right_but(heard: &Heard, name: &str, value: Option<&str>) -> Said {
    let Said::Answer(status, mut headers, body) = right(heard, 200, b"{}".to_vec()) else { unreachable!() };
    headers.retain(|(own, _)| own != name);
    headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    Said::Answer(status, headers, body)
}

async fn ask(
    question: &RestQuestion,
    answer: impl Fn(&Heard) -> Said + Send + Sync + 'static,
) -> Result<RestAnswer, CallFault> {
    consumer(&server(answer)).ask_by_rest(question).await
}

#[tokio::test]
async fn by_xroad_the_service_stands_in_the_address() {
    let server = server(|heard| right(heard, 200, br#"{"waiting":7}"#.to_vec()));
    let answer = consumer(&server).ask_by_rest(&reading(RestDialect::Xroad)).await.unwrap();
    assert!(answer.is_success());
    assert_eq!(answer.body, br#"{"waiting":7}"#);
    assert_eq!(answer.compared, ["x-road-client", "x-road-service", "x-road-id"]);
    assert_eq!(answer.request_id.as_deref(), Some(REQUEST));
    assert_eq!(answer.request_hash, HashOutcome::Holds("http://www.w3.org/2001/04/xmlenc#sha512".into()));
    let heard = &server.heard()[0];
    assert_eq!(heard.method, "GET");
    assert_eq!(heard.target, format!("/r1/{SERVICE}/checkpoints/UA209140/queue?lane=%D1%97"));
    for (name, value) in [
        ("X-Road-Client", CLIENT),
        ("X-Road-Id", "7ef7045f-d886-4b32-8142-a40958a3ae8e"),
        ("X-Road-UserId", "UA3184710691"),
        ("X-Road-Issue", "case <7>"),
        ("Accept", "application/json"),
        ("Accept-Language", "uk"),
    ] {
        assert_eq!(heard.header(name), Some(value), "{name}");
    }
    assert!(heard.headers.iter().all(|(name, _)| name.starts_with(|first: char| first.is_ascii_uppercase())));
    assert_eq!(heard.header("uxp-client"), None);
    let answer =
        ask(&telling(RestDialect::Xroad), |heard| right(heard, 201, heard.body.clone())).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (201, br#"{"value" : 42}"#.as_slice()));
    assert!(matches!(answer.request_hash, HashOutcome::Holds(_)), "a body is hashed too");
}

#[tokio::test]
async fn by_uxp_the_service_stands_in_a_header() {
    let answering = |heard: &Heard| {
        let id = heard.header("uxp-queryid").unwrap_or_default().to_owned();
        Said::Answer(
            200,
            vec![("Uxp-QueryID".into(), id), ("uxp-transaction-id".into(), "t-1".into())],
            b"{}".to_vec(),
        )
    };
    let server = server(answering);
    let purpose = Some("9K9J65I75ILCLMPDUIRXS".to_owned());
    let mut question =
        RestQuestion { purpose, subject: Some("1234567036".into()), ..telling(RestDialect::Uxp) };
    question.asked.service = service(&format!("{SERVICE}/1")).unwrap();
    question.path = "/people".into();
    let answer = consumer(&server).ask_by_rest(&question).await.unwrap();
    assert_eq!((answer.compared, answer.request_id.as_deref()), (vec!["uxp-queryid"], Some("t-1")));
    assert_eq!(answer.request_hash, HashOutcome::Absent);
    let heard = &server.heard()[0];
    assert_eq!((heard.method.as_str(), heard.target.as_str()), ("POST", "/restapi/people"));
    let versioned = format!("{SERVICE}/1");
    for (name, value) in [
        ("Uxp-Client", CLIENT),
        ("Uxp-Service", versioned.as_str()),
        ("Uxp-QueryID", "7ef7045f-d886-4b32-8142-a40958a3ae8e"),
        ("Uxp-Purpose-Ids", "9K9J65I75ILCLMPDUIRXS"),
        ("Uxp-Subject-Id", "1234567036"),
        ("Content-Type", "application/json"),
    ] {
        assert_eq!(heard.header(name), Some(value), "{name}");
    }
    assert_eq!(heard.body, br#"{"value" : 42}"#);
}

#[tokio::test]
async fn an_answer_to_another_question_is_refused_by_each_header() {
    for (name, value) in [
        ("x-road-client", Some("SEVDEIR-TEST/GOV/20000090/OTHER")),
        ("x-road-service", Some("SEVDEIR-TEST/GOV/00000099/99_queue_prod/other")),
        ("x-road-id", Some("8ef7045f-d886-4b32-8142-a40958a3ae8e")),
        ("x-road-client", None),
        ("x-road-service", None),
        ("x-road-id", None),
        ("x-road-userid", Some("UA0000000000")),
    ] {
        let fault =
            ask(&reading(RestDialect::Xroad), move |heard| right_but(heard, name, value)).await.unwrap_err();
        assert_eq!(fault, CallFault::Mismatch(vec![name]), "{value:?}");
    }
    let twice = |heard: &Heard| {
        let Said::Answer(status, mut headers, body) = right(heard, 200, Vec::new()) else { unreachable!() };
        headers.push(("x-road-id".into(), heard.header("x-road-id").unwrap().to_owned()));
        Said::Answer(status, headers, body)
    };
    let fault = ask(&reading(RestDialect::Xroad), twice).await.unwrap_err();
    assert_eq!(fault, CallFault::Mismatch(vec!["x-road-id"]));
    // The same member may be written otherwise.
    let encoded =
        |heard: &Heard| right_but(heard, "x-road-client", Some("SEVDEIR%2DTEST/GOV/20000090/KORDON%5Fcons"));
    ask(&reading(RestDialect::Xroad), encoded).await.unwrap();
    // What UXP's servers put in is nowhere published; what is there has to be the same.
    for name in ["Uxp-Client", "Uxp-Service", "Uxp-QueryID"] {
        let wrong = move |_: &Heard| Said::Answer(200, vec![(name.into(), "A/B/C/D/E".into())], Vec::new());
        let fault = ask(&reading(RestDialect::Uxp), wrong).await.unwrap_err();
        assert_eq!(fault, CallFault::Mismatch(vec![name.to_lowercase().leak()]));
    }
}

#[tokio::test]
async fn the_hash_of_the_request_has_to_hold() {
    let wrong = |heard: &Heard| right_but(heard, "x-road-request-hash", Some("7zmQOhw=="));
    let fault = ask(&reading(RestDialect::Xroad), wrong).await.unwrap_err();
    assert_eq!(fault, CallFault::Hash(HashFault::Differs));
    let without_id = |heard: &Heard| right_but(heard, "x-road-request-id", None);
    let fault = ask(&reading(RestDialect::Xroad), without_id).await.unwrap_err();
    assert_eq!(fault, CallFault::Hash(HashFault::Differs));
    let without = |heard: &Heard| right_but(heard, "x-road-request-hash", None);
    assert_eq!(ask(&reading(RestDialect::Xroad), without).await.unwrap().request_hash, HashOutcome::Absent);
    let server = server(without);
    let settings = SecurityServerSettings { request_hash: RequestHashRule::Required, ..settings(&server) };
    let fault =
        Consumer::open(&settings).unwrap().ask_by_rest(&reading(RestDialect::Xroad)).await.unwrap_err();
    assert_eq!(fault, CallFault::Hash(HashFault::Missing));
}

#[tokio::test]
async fn faults_of_the_servers_are_faults_and_those_of_the_service_its_answers() {
    let json =
        br#"{"type":"Server.ServerProxy.AccessDenied","message":"no right","detail":"log-1"}"#.to_vec();
    let xml =
        b"<error><type>x</type><message>no &lt;right&gt;</message><detail>log-1</detail></error>".to_vec();
    let bomb = b"<!DOCTYPE e [<!ENTITY a 'b'>]><error><message>&a;</message></error>".to_vec();
    for (headers, body, text, detail) in [
        (vec![("X-Road-Error", "Server.ServerProxy.AccessDenied")], json, "no right", Some("log-1")),
        (vec![("X-Road-Error", "server.serverproxy.access_denied")], xml, "no <right>", Some("log-1")),
        (vec![("X-Road-Error", "Server.ServerProxy.AccessDenied")], bomb, "", None),
        (
            vec![("Uxp-FaultCode", "Server.ServerProxy.AccessDenied"), ("Uxp-FaultString", "no right")],
            Vec::new(),
            "no right",
            None,
        ),
    ] {
        let headers: Vec<_> =
            headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let answer = move |_: &Heard| Said::Answer(500, headers.clone(), body.clone());
        let CallFault::Fault(fault) = ask(&reading(RestDialect::Xroad), answer).await.unwrap_err() else {
            panic!("a fault")
        };
        assert_eq!((fault.origin, &fault.code), (Some(Origin::ServerProxy), &FaultCode::AccessDenied));
        assert_eq!((fault.text.as_str(), fault.detail.as_deref()), (text, detail));
    }
    for status in [400, 404, 500, 503] {
        let answer =
            ask(&reading(RestDialect::Xroad), move |heard| right(heard, status, b"own".to_vec())).await;
        let answer = answer.unwrap();
        assert_eq!(
            (answer.status, answer.is_success(), answer.body.as_slice()),
            (status, false, b"own".as_slice())
        );
    }
}

#[tokio::test]
async fn a_question_that_would_go_elsewhere_or_say_something_else_is_not_sent() {
    let server = server(|heard| right(heard, 200, Vec::new()));
    let consumer = consumer(&server);
    type Change = fn(&mut RestQuestion);
    let changes: [Change; 12] = [
        |own| own.path = "checkpoints".into(),
        |own| own.path = "/../../other".into(),
        |own| own.path = "/a/%2E%2e/b".into(),
        |own| own.path = "/a#b".into(),
        |own| own.headers = vec![("X-Road-Client".into(), "EE/BUSINESS/other".into())],
        |own| own.headers = vec![("uxp-client".into(), "EE/BUSINESS/other".into())],
        |own| own.headers = vec![("a b".into(), "c".into())],
        |own| own.headers = vec![("a".into(), "b\r\nX-Road-Client: c".into())],
        |own| own.asked.id = "a\nb".into(),
        |own| own.purpose = Some("P".into()),
        |own| own.asked.service = service("EE/BUSINESS/member/code").unwrap(),
        |own| own.asked.service = service("EE/BUSINESS/member/sub/code/v1").unwrap(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut question = reading(RestDialect::Xroad);
        change(&mut question);
        let fault = consumer.ask_by_rest(&question).await.unwrap_err();
        assert!(matches!(fault, CallFault::Question(_)), "{number}: {fault}");
    }
    assert_eq!(server.connections(), 0);
    // Parts that need it are encoded one by one.
    let mut question = reading(RestDialect::Xroad);
    question.asked.service = service("EE/BUSINESS/producer/s%2Fub/%C3%B6%C3%A4").unwrap();
    let _refused_for_another_service = consumer.ask_by_rest(&question).await;
    assert!(server.heard()[0].target.starts_with("/r1/EE/BUSINESS/producer/s%2Fub/%C3%B6%C3%A4/checkpoints"));
}
