//! Who the two ends prove themselves to be, and the settings that say so.

use std::path::PathBuf;

use kordon_adapters::trembita::consumer::{CallFault, Consumer, SecurityServerSettings};
use kordon_testing::security_server::{SecurityServer, Tls};

use super::pki::PKI;
use super::{ANSWER, BODY, asked, consumer, right_answer, server, settings, xml};

/// A server with the key pair of that name.
fn server_as(name: &str) -> SecurityServer {
    SecurityServer::start(Some(&PKI.tls(name)), |heard| xml(200, right_answer(heard, ANSWER)))
}

async fn fault(settings: &SecurityServerSettings) -> CallFault {
    Consumer::open(settings).unwrap().ask_by_soap(&asked(), BODY).await.unwrap_err()
}

#[tokio::test]
async fn a_server_of_another_authority_or_another_name_is_told_nothing() {
    for name in ["foreign", "elsewhere", "own"] {
        let server = server_as(name);
        let fault = fault(&settings(&server)).await;
        assert!(
            matches!(&fault, CallFault::NotReached(text) if text.contains("certificate")),
            "{name}: {fault}"
        );
        assert!(!fault.may_have_been_done() && server.heard().is_empty(), "{name}");
    }
    // Nor one that only the machine could trust.
    let server = server_as("server");
    let settings = SecurityServerSettings { ca_file: None, ..settings(&server) };
    assert!(matches!(fault(&settings).await, CallFault::NotReached(_)));
    // Nor one that speaks no TLS.
    let plain = SecurityServer::start(None, |heard| xml(200, right_answer(heard, ANSWER)));
    let settings = SecurityServerSettings { address: plain.url().replace("http:", "https:"), ..settings };
    assert!(matches!(fault(&settings).await, CallFault::NotReached(_)));
    assert!(plain.heard().is_empty());
}

#[tokio::test]
async fn a_server_wants_the_certificate_of_the_hub_and_no_other() {
    let server = server_as("server");
    consumer(&server).ask_by_soap(&asked(), BODY).await.unwrap();
    let heard = server.heard().len();
    let without = SecurityServerSettings { certificate: None, key: None, ..settings(&server) };
    let stranger = SecurityServerSettings {
        certificate: Some(PKI.file("stranger.crt")),
        key: Some(PKI.file("stranger.key")),
        ..settings(&server)
    };
    for settings in [without, stranger] {
        // TLS 1.3 tells a client too late that it is not let in for anybody to know that nothing was read.
        let fault = fault(&settings).await;
        assert!(matches!(fault, CallFault::NoAnswer(_) | CallFault::NotReached(_)), "{fault}");
    }
    assert_eq!(server.heard().len(), heard);
}

#[tokio::test]
async fn a_server_that_signed_itself_is_pinned() {
    let own = server_as("own");
    let pinned = |server: &SecurityServer| SecurityServerSettings {
        ca_file: None,
        pinned: Some(PKI.file("own.crt")),
        ..settings(server)
    };
    // It is called otherwise than its address; its certificate is the proof.
    Consumer::open(&pinned(&own)).unwrap().ask_by_soap(&asked(), BODY).await.unwrap();
    let other = server_as("server");
    assert!(matches!(fault(&pinned(&other)).await, CallFault::NotReached(_)));
    assert!(other.heard().is_empty());
}

#[tokio::test]
async fn a_key_of_another_form_is_read_and_http_is_for_this_machine() {
    let server = server(|heard| xml(200, right_answer(heard, ANSWER)));
    let settings = SecurityServerSettings { key: Some(PKI.file("client-sec1.key")), ..settings(&server) };
    Consumer::open(&settings).unwrap().ask_by_soap(&asked(), BODY).await.unwrap();
    let plain = SecurityServer::start(None, |heard| xml(200, right_answer(heard, ANSWER)));
    let near = SecurityServerSettings::new(plain.url(), super::CLIENT);
    Consumer::open(&near).unwrap().ask_by_soap(&asked(), BODY).await.unwrap();
}

#[test]
fn a_setting_that_cannot_be_right_is_named() {
    type Change = fn(&mut SecurityServerSettings);
    let file = |name: &str| Some(PKI.file(name));
    let server = SecurityServer::start(Some(&Tls { client_ca: None, ..PKI.tls("server") }), |_| xml(200, ""));
    let changes: [(Change, &str); 13] = [
        (|own| own.address = "http://ss.example.org".into(), "address"),
        (|own| own.address = "ss.example.org".into(), "address"),
        (|own| own.address = "https://user@ss.example.org".into(), "address"),
        (|own| own.address = "https://ss.example.org/?a".into(), "address"),
        (|own| own.client = "KORDON".into(), "client"),
        (|own| own.key = None, "key"),
        (|own| own.certificate = None, "certificate"),
        (|own| own.key = Some(PathBuf::from("/nowhere.key")), "key"),
        (|own| own.key = own.certificate.clone(), "key"),
        (|own| own.certificate = own.key.clone(), "certificate"),
        (|own| own.ca_file = own.key.clone(), "ca_file"),
        (|own| own.pinned = own.ca_file.clone(), "pinned"),
        (|own| own.tries = 0, "tries"),
    ];
    for (change, named) in changes {
        let mut settings = settings(&server);
        change(&mut settings);
        let fault = Consumer::open(&settings).unwrap_err();
        assert_eq!(fault.setting, format!("security_server.{named}"), "{fault}");
    }
    // What another signed is no certificate to pin.
    let settings = SecurityServerSettings { ca_file: None, pinned: file("server.crt"), ..settings(&server) };
    assert!(Consumer::open(&settings).unwrap_err().to_string().contains("was signed by another"));
}
