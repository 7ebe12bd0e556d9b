//! A stranger's server in Python: nothing that it answers was made by the hub's own code.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use kordon_adapters::trembita::consumer::address::service;
use kordon_adapters::trembita::consumer::{
    CallFault, Consumer, HashOutcome, RestDialect, RestQuestion, SecurityServerSettings, ServiceCall,
};
use kordon_adapters::trembita::soap::attachments::Enclosure;
use kordon_adapters::trembita::soap::faults::{FaultCode, Origin};
use reqwest::Method;

use super::pki::PKI;
use super::{BODY, CLIENT, SERVICE, asked};

/// The server, ended with the test.
struct Stranger {
    process: Child,
    port: u16,
}

impl Stranger {
    fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trembita/consumer/security_server.py");
        let mut process = Command::new("python3")
            .arg(script)
            .args(["server.crt", "server.key", "ca.crt"].map(|name| PKI.file(name)))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, port: line.trim().parse().unwrap() }
    }

    fn consumer(&self) -> Consumer {
        let settings = SecurityServerSettings {
            certificate: Some(PKI.file("client.crt")),
            key: Some(PKI.file("client.key")),
            ca_file: Some(PKI.file("ca.crt")),
            ..SecurityServerSettings::new(format!("https://localhost:{}", self.port), CLIENT)
        };
        Consumer::open(&settings).unwrap()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_finds_what_was_sent_beside_a_message() {
    let stranger = Stranger::start();
    let beside = [
        Enclosure::new("scan.pdf", "application/pdf", b"\x00\xff--\r\n\n".to_vec()).unwrap(),
        Enclosure::new("empty", "text/plain", Vec::new()).unwrap(),
    ];
    for (body, media_type) in [
        (BODY, "text/xml"),
        (
            b"<q:GetQueue_v1 xmlns:q='urn:queue'><Include xmlns='http://www.w3.org/2004/08/xop/include' href='cid:empty'/></q:GetQueue_v1>",
            "application/xop+xml",
        ),
    ] {
        let answer = stranger.consumer().ask_by_soap_with(&asked(), body, &beside).await.unwrap();
        // It is the message alone that is proved.
        assert!(matches!(answer.request_hash, HashOutcome::Holds(_)));
        let told = format!("{media_type}; application/pdf &lt;scan.pdf&gt; 00ff2d2d0d0a0a; text/plain &lt;empty&gt; <");
        assert!(answer.message.text().contains(&told), "{}", answer.message.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_security_server_is_asked_by_soap_and_by_rest() {
    let stranger = Stranger::start();
    let consumer = stranger.consumer();
    let answer = consumer.ask_by_soap(&asked(), BODY).await.unwrap();
    assert_eq!(answer.request_hash, HashOutcome::Holds("http://www.w3.org/2001/04/xmlenc#sha512".into()));
    assert!(answer.message.text().contains("041902AU"), "{}", answer.message.text());

    let question = RestQuestion {
        asked: ServiceCall { service: service(SERVICE).unwrap(), issue: None, ..asked() },
        dialect: RestDialect::Xroad,
        method: Method::POST,
        path: "/people/%D0%90%D0%B4%D0%B0?x=%2F&y=a+b".into(),
        headers: vec![("accept-language".into(), "uk".into())],
        body: Some(("application/json".into(), "{\"ім'я\":1}".as_bytes().to_vec())),
        purpose: None,
        subject: None,
    };
    let answer = consumer.ask_by_rest(&question).await.unwrap();
    assert!(matches!(answer.request_hash, HashOutcome::Holds(_)), "the stranger's hash is ours");
    let told = String::from_utf8(answer.body).unwrap();
    assert!(told.contains("/people/%D0%90%D0%B4%D0%B0"), "{told}");
    // UXP's headers mean nothing to X-Road's server.
    let other = RestQuestion { dialect: RestDialect::Uxp, ..question };
    let CallFault::Fault(fault) = consumer.ask_by_rest(&other).await.unwrap_err() else { panic!("a fault") };
    assert_eq!((fault.origin, fault.code), (Some(Origin::Client), FaultCode::BadRequest));
    assert!(fault.detail.is_some());
}
