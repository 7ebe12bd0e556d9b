//! Services of other members: a server stands where the security server stands, and answers rightly or not.

mod hostile;
mod pki;
mod rest;
mod soap;
mod stranger;
mod tls;

use kordon_adapters::trembita::consumer::address::service;
use kordon_adapters::trembita::consumer::{Consumer, SecurityServerSettings, ServiceCall};
use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::message::{Envelope, Message};
use kordon_adapters::trembita::soap::request_hash::HashAlgorithm;
use kordon_adapters::trembita::soap::transport::{Side, receive};
use kordon_testing::security_server::{Heard, Said, SecurityServer};

use pki::PKI;

pub(super) const CLIENT: &str = "SEVDEIR-TEST/GOV/20000090/KORDON_cons";
pub(super) const SERVICE: &str = "SEVDEIR-TEST/GOV/00000099/99_queue_prod/GetQueue_v1";
pub(super) const BODY: &[u8] =
    br#"<?xml version="1.0"?><!-- why --><q:GetQueue_v1 xmlns:q="urn:queue"><q:checkpoint>UA209140</q:checkpoint></q:GetQueue_v1>"#;
pub(super) const ANSWER: &str =
    "<q:GetQueue_v1Response xmlns:q=\"urn:queue\"><q:waiting>7</q:waiting></q:GetQueue_v1Response>";

/// The settings for a server of [`PKI`]: mutual TLS, nothing waited for between tries.
pub(super) fn settings(server: &SecurityServer) -> SecurityServerSettings {
    SecurityServerSettings {
        certificate: Some(PKI.file("client.crt")),
        key: Some(PKI.file("client.key")),
        ca_file: Some(PKI.file("ca.crt")),
        pause_milliseconds: 0,
        ..SecurityServerSettings::new(server.url(), CLIENT)
    }
}

pub(super) fn consumer(server: &SecurityServer) -> Consumer {
    Consumer::open(&settings(server)).unwrap()
}

/// A server that lets in clients of the authority.
pub(super) fn server(answer: impl Fn(&Heard) -> Said + Send + Sync + 'static) -> SecurityServer {
    SecurityServer::start(Some(&PKI.tls("server")), answer)
}

pub(super) fn asked() -> ServiceCall {
    ServiceCall {
        service: service(SERVICE).unwrap(),
        id: "7ef7045f-d886-4b32-8142-a40958a3ae8e".into(),
        user_id: Some("UA3184710691".into()),
        issue: Some("case <7>".into()),
    }
}

/// The question as a provider reads it.
pub(super) fn question(heard: &Heard) -> Message {
    let received = receive(Side::Request, heard.header("content-type"), &heard.body, &Limits::default());
    match received.unwrap().envelope {
        Envelope::Message(message) => *message,
        Envelope::Fault(fault) => panic!("a fault: {fault:?}"),
    }
}

/// The right answer, as the security servers hand it on: with the hash of the request.
pub(super) fn right_answer(heard: &Heard, body: &str) -> String {
    let question = question(heard);
    let answer =
        receive(Side::Answer, Some("text/xml"), question.answer(body).as_bytes(), &Limits::default())
            .map(|received| received.envelope);
    let Ok(Envelope::Message(answer)) = answer else { panic!("{answer:?}") };
    let hash = HashAlgorithm::Sha512.of_request(&heard.body).unwrap();
    answer.with_request_hash(&hash, &Limits::default()).unwrap().text().to_owned()
}

pub(super) fn xml(status: u16, body: impl Into<Vec<u8>>) -> Said {
    Said::Answer(status, vec![("Content-Type".into(), "text/xml; charset=utf-8".into())], body.into())
}
