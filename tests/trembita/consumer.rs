//! The hub asked by its own client, as a member is asked by another: through a server with TLS and client
//! certificates that does what security servers do with headers and hashes. What the client sends the door
//! understands, and what the door answers the client takes.

use kordon_adapters::trembita::consumer::address::service;
use kordon_adapters::trembita::consumer::{
    CallFault, Consumer, HashOutcome, RequestHashRule, RestDialect, RestQuestion, SecurityServerSettings,
    ServiceCall,
};
use kordon_adapters::trembita::rest::request_hash;
use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::faults::FaultCode;
use kordon_adapters::trembita::soap::message::Envelope;
use kordon_adapters::trembita::soap::request_hash::HashAlgorithm;
use kordon_adapters::trembita::soap::transport::{Side, receive};
use kordon_testing::security_server::{Heard, Said, SecurityServer, Tls};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{GUARD, hub};
use crate::hub::{KRAKIVETS, TestHub};
use crate::tls::authority::Authority;

const PROVIDER: &str = "SEVDEIR-TEST/GOV/20000090/KORDON_prod";
const REQUEST: &str = "f92591a3-6bf0-49b1-987b-0dd78c034cc3";

/// A security server before a hub, and the files that its clients need.
pub(crate) struct Way {
    pub(crate) server: SecurityServer,
    pub(crate) files: TempDir,
}

impl Way {
    /// One that hands what it hears to the hub at `url`.
    pub(crate) fn to(url: &str) -> Self {
        let url = url.to_owned();
        Self::answering(move |heard| handed_on(heard, &url))
    }

    /// One that answers as the test says.
    pub(crate) fn answering(answer: impl Fn(&Heard) -> Said + Send + Sync + 'static) -> Self {
        let authority = Authority::new("Security servers");
        let (own, client) = (authority.sign_server("localhost"), authority.sign_client("KORDON", "UA"));
        let files = tempfile::tempdir().unwrap();
        for (name, content) in [
            ("ca.pem", authority.certificate_pem()),
            ("client.pem", client.certificate_pem()),
            ("client.key", client.key_pem()),
        ] {
            std::fs::write(files.path().join(name), content).unwrap();
        }
        let tls = Tls {
            certificate: own.certificate_pem(),
            key: own.key_pem(),
            client_ca: Some(authority.certificate_pem()),
        };
        Self { server: SecurityServer::start(Some(&tls), answer), files }
    }

    /// The settings of whoever asks through it.
    pub(crate) fn settings(&self, client: &str) -> SecurityServerSettings {
        let file = |name: &str| Some(self.files.path().join(name));
        SecurityServerSettings {
            certificate: file("client.pem"),
            key: file("client.key"),
            ca_file: file("ca.pem"),
            request_hash: RequestHashRule::Required,
            ..SecurityServerSettings::new(self.server.url(), client)
        }
    }

    fn consumer(&self) -> Consumer {
        Consumer::open(&self.settings(GUARD)).unwrap()
    }
}

/// What a security server does with a request: it hands it on under the address of the service, names the
/// service, and proves the request in the answer.
fn handed_on(heard: &Heard, url: &str) -> Said {
    let below = format!("/r1/{PROVIDER}/api");
    let address = match heard.target.strip_prefix(&below) {
        Some(path) => format!("/api/v1{path}"),
        None if heard.target == "/" => "/trembita/soap".to_owned(),
        None => heard.target.replacen("/restapi", "/api/v1", 1),
    };
    let client = reqwest::Client::new();
    let mut request = client.request(heard.method.parse().unwrap(), format!("{url}{address}"));
    for (name, value) in heard.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
        request = request.header(name, value);
    }
    if heard.header("x-road-client").is_some() {
        let service: Vec<&str> = heard.target.split(['/', '?']).skip(2).take(5).collect();
        request = request.header("X-Road-Service", service.join("/"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (status, mut headers, body) = runtime.block_on(async {
        let answer = request.body(heard.body.clone()).send().await.unwrap();
        let status = answer.status().as_u16();
        let headers: Vec<_> = answer
            .headers()
            .iter()
            .filter(|(name, _)| {
                !["content-length", "transfer-encoding", "connection"].contains(&name.as_str())
            })
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        (status, headers, answer.bytes().await.unwrap().to_vec())
    });
    if heard.target == "/" {
        return Said::Answer(status, headers, proved(heard, body));
    }
    if heard.header("x-road-client").is_some() {
        let sent = heard.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let own = (!heard.body.is_empty()).then_some(heard.body.as_slice());
        let hash = request_hash(&heard.method, &heard.target, sent, (REQUEST, None), own).unwrap();
        headers.push(("x-road-request-id".into(), REQUEST.into()));
        headers.push(("x-road-request-hash".into(), hash));
    }
    Said::Answer(status, headers, body)
}

/// The answer with the hash of the request, where it is a message.
fn proved(heard: &Heard, body: Vec<u8>) -> Vec<u8> {
    let limits = Limits::default();
    let received = receive(Side::Answer, Some("text/xml; charset=utf-8"), &body, &limits);
    let Ok(Envelope::Message(answer)) = received.map(|received| received.envelope) else { return body };
    let hash = HashAlgorithm::Sha512.of_request(&heard.body).unwrap();
    answer.with_request_hash(&hash, &limits).unwrap().text().as_bytes().to_vec()
}

fn asked(code: &str) -> ServiceCall {
    let asked = ServiceCall::of(service(&format!("{PROVIDER}/{code}")).unwrap());
    ServiceCall { user_id: Some("UA1234567890".into()), ..asked }
}

fn body(code: &str, members: &str) -> Vec<u8> {
    format!("<t:{code} xmlns:t='urn:kordon:trembita:1' xmlns:k='urn:kordon:exchange:1'>{members}</t:{code}>")
        .into_bytes()
}

fn rest(dialect: RestDialect, method: Method, path: &str) -> RestQuestion {
    RestQuestion {
        asked: asked("api"),
        dialect,
        method,
        path: path.to_owned(),
        headers: Vec::new(),
        body: None,
        purpose: None,
        subject: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_is_asked_by_soap_through_a_security_server() {
    let hub = hub().await;
    let crossing = hub.book(KRAKIVETS, "AA1234BB").await;
    let way = Way::to(&hub.url);
    let consumer = way.consumer();
    let queue = body("GetQueue_v1", &format!("<t:checkpoint>{KRAKIVETS}</t:checkpoint>"));
    let answer = consumer.ask_by_soap(&asked("GetQueue_v1"), &queue).await.unwrap();
    assert!(matches!(answer.request_hash, HashOutcome::Holds(_)));
    assert!(answer.message.text().contains("AA1234BB"), "{}", answer.message.text());
    // With a purpose, and who wished it, in the access log.
    let members = format!("<t:crossing>{crossing}</t:crossing><t:purposeID>ст. 6</t:purposeID>");
    let question = ServiceCall { id: "q-7".into(), ..asked("GetCrossing_v1") };
    consumer.ask_by_soap(&question, &body("GetCrossing_v1", &members)).await.unwrap();
    assert_eq!(hub.exchanges_of_readings().await, format!("{GUARD} | q-7 | UA1234567890 | - | ст. 6"));
    // What is wrong with the question, within the answer and as faults.
    let wrong = body("GetQueue_v1", "<t:checkpoint>UA999999</t:checkpoint>");
    let refused = consumer.ask_by_soap(&asked("GetQueue_v1"), &wrong).await.unwrap().refused.unwrap();
    assert_eq!(refused.code, "not_found");
    for (code, expected) in
        [("NoSuch_v1", FaultCode::UnknownService), ("GetTicket_v1", FaultCode::InvalidRequest)]
    {
        let fault = consumer.ask_by_soap(&asked(code), &body(code, "")).await.unwrap_err();
        assert!(!fault.may_have_been_done());
        let CallFault::Fault(fault) = fault else { panic!("{fault}") };
        assert_eq!(fault.code, expected, "{}", fault.text);
        assert!(fault.detail.is_some());
    }
    let stranger = Consumer::open(&way.settings("SEVDEIR-TEST/GOV/00000009/NOBODY")).unwrap();
    let fault = stranger.ask_by_soap(&asked("GetQueue_v1"), &queue).await.unwrap_err();
    let CallFault::Fault(fault) = fault else { panic!("{fault}") };
    assert_eq!(fault.code, FaultCode::AccessDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wsdl_comes_beside_its_answer() {
    let hub = hub().await;
    let way = Way::to(&hub.url);
    let wanted = b"<x:getWsdl xmlns:x='http://x-road.eu/xsd/xroad.xsd'><x:serviceCode>GetQueue_v1</x:serviceCode></x:getWsdl>";
    let settings = SecurityServerSettings { request_hash: RequestHashRule::Checked, ..way.settings(GUARD) };
    let answer = Consumer::open(&settings).unwrap().ask_by_soap(&asked("getWsdl"), wanted).await.unwrap();
    let wsdl = String::from_utf8(answer.attachments[0].content.clone()).unwrap();
    assert!(wsdl.contains("<wsdl:definitions"), "{wsdl}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_is_asked_by_rest_in_both_dialects() {
    let hub = hub().await;
    hub.book(KRAKIVETS, "AA1234BB").await;
    let way = Way::to(&hub.url);
    let consumer = way.consumer();
    let queue = format!("/checkpoints/{KRAKIVETS}/queue");
    let answer = consumer.ask_by_rest(&rest(RestDialect::Xroad, Method::GET, &queue)).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap()["waiting"], 1);
    assert_eq!(answer.compared, ["x-road-client", "x-road-service", "x-road-id"]);
    assert!(matches!(answer.request_hash, HashOutcome::Holds(_)));

    let answer = consumer.ask_by_rest(&rest(RestDialect::Uxp, Method::GET, &queue)).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap()["waiting"], 1);
    assert_eq!(answer.compared, ["uxp-client", "uxp-service", "uxp-queryid"]);

    // An act, and the same act again under the same id of the event: it is done once.
    let event = json!({"id": "g-1", "kind": "checkpoint-entered", "plate": "AA1234BB", "occurred_at": "2026-11-21T12:00:00Z"});
    let mut act = rest(RestDialect::Xroad, Method::POST, &format!("/checkpoints/{KRAKIVETS}/events"));
    act.body = Some(("application/json".into(), event.to_string().into_bytes()));
    assert_eq!(consumer.ask_by_rest(&act).await.unwrap().status, 201);
    assert_eq!(consumer.ask_by_rest(&act).await.unwrap().status, 200, "it was recorded before");
    // A problem of the hub is its answer.
    let unknown = rest(RestDialect::Xroad, Method::GET, "/checkpoints/UA999999/queue");
    let unknown = consumer.ask_by_rest(&unknown).await.unwrap();
    assert_eq!(unknown.status, 404);
    assert_eq!(serde_json::from_slice::<Value>(&unknown.body).unwrap()["code"], "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_of_the_hub_are_listed_by_rest() {
    let hub = hub().await;
    let way = Way::to(&hub.url);
    let consumer = way.consumer();
    // As X-Road asks, and below the service, as a member gets there.
    let asked_as_xroad =
        RestQuestion { asked: asked("listMethods"), ..rest(RestDialect::Xroad, Method::GET, "") };
    for question in [asked_as_xroad, rest(RestDialect::Xroad, Method::GET, "/listMethods")] {
        let answer = consumer.ask_by_rest(&question).await.unwrap();
        let listed: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(listed["service"][0]["subsystem_code"], "KORDON_prod");
        assert_eq!(listed["service"][0]["service_code"], "api");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_that_does_not_trust_the_server_is_told_apart() {
    let hub = TestHub::start().await;
    let way = Way::to(&hub.url);
    let queue = body("GetQueue_v1", &format!("<t:checkpoint>{KRAKIVETS}</t:checkpoint>"));
    let fault = way.consumer().ask_by_soap(&asked("GetQueue_v1"), &queue).await.unwrap_err();
    let CallFault::Fault(fault) = fault else { panic!("{fault}") };
    assert_eq!(fault.code, FaultCode::ServiceDisabled);
}
