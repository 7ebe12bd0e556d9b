//! A security server that is away, slow, broken, or worse.

use std::sync::atomic::{AtomicUsize, Ordering};

use kordon_adapters::trembita::consumer::{CallFault, Consumer, RestDialect, SecurityServerSettings};
use kordon_testing::security_server::Said;
use reqwest::Method;

use super::rest::{reading, right};
use super::{ANSWER, BODY, asked, consumer, right_answer, server, settings, xml};

#[tokio::test]
async fn what_is_no_message_is_no_answer() {
    for (answer, told) in [
        (
            Said::Answer(200, vec![("Content-Type".into(), "text/html".into())], b"<html>".to_vec()),
            "text/html",
        ),
        (Said::Answer(200, vec![], b"{}".to_vec()), "Content-Type"),
        (xml(200, "not XML"), "not well-formed"),
        (xml(200, "<a/>"), "not an Envelope"),
        (xml(200, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "document type"),
        (
            xml(200, format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000))),
            "elements within each other",
        ),
        (
            Said::Answer(
                502,
                vec![("Content-Type".into(), "text/html".into())],
                b"<h1>Bad\ngateway".to_vec(),
            ),
            "HTTP 502: <h1>Bad gateway",
        ),
    ] {
        let fault = consumer(&server(move |_| answer.clone())).ask_by_soap(&asked(), BODY).await.unwrap_err();
        assert!(matches!(fault, CallFault::Unreadable(_) | CallFault::Http { .. }), "{fault}");
        assert!(fault.to_string().contains(told) && fault.may_have_been_done(), "{fault}");
    }
    // A right answer under an error of HTTP is none.
    let server = server(|heard| xml(500, right_answer(heard, ANSWER)));
    let fault = consumer(&server).ask_by_soap(&asked(), BODY).await.unwrap_err();
    assert!(matches!(fault, CallFault::Http { status: 500, .. }), "{fault}");
}

#[tokio::test]
async fn of_an_answer_of_a_hundred_megabytes_ten_are_read_and_none_is_kept() {
    const HUNDRED: usize = 100 << 20;
    let endless = server(|_| Said::Endless(HUNDRED));
    let fault = consumer(&endless).ask_by_soap(&asked(), BODY).await.unwrap_err();
    assert_eq!(fault, CallFault::TooLarge(10 << 20));
    let fault = consumer(&endless).ask_by_rest(&reading(RestDialect::Xroad)).await.unwrap_err();
    assert_eq!(fault, CallFault::TooLarge(10 << 20));
    // One that says its length before is not read at all.
    let declared = server(|heard| right(heard, 200, vec![b' '; 2_000]));
    let small = SecurityServerSettings { largest_answer_bytes: 1_000, ..settings(&declared) };
    let fault = Consumer::open(&small).unwrap().ask_by_rest(&reading(RestDialect::Xroad)).await.unwrap_err();
    assert_eq!(fault, CallFault::TooLarge(1_000));
    assert_eq!((endless.connections(), declared.connections()), (2, 1), "none is asked for twice");
}

#[tokio::test]
async fn who_says_nothing_in_time_is_not_asked_again() {
    let silent = server(|_| Said::Silence);
    let settings = SecurityServerSettings { answer_seconds: 1, ..settings(&silent) };
    let consumer = Consumer::open(&settings).unwrap();
    let fault = consumer.ask_by_soap(&asked(), BODY).await.unwrap_err();
    assert!(matches!(&fault, CallFault::NoAnswer(text) if text.contains("timed out")), "{fault}");
    assert!(fault.may_have_been_done());
    let fault = consumer.ask_by_rest(&reading(RestDialect::Uxp)).await.unwrap_err();
    assert!(matches!(fault, CallFault::NoAnswer(_)), "{fault}");
    assert_eq!(silent.connections(), 2);
}

#[tokio::test]
async fn what_may_have_been_carried_out_is_sent_once_and_a_reading_again() {
    let breaking = server(|_| Said::Nothing);
    let consumer_of = consumer(&breaking);
    let fault = consumer_of.ask_by_soap(&asked(), BODY).await.unwrap_err();
    assert!(matches!(fault, CallFault::NoAnswer(_)) && fault.may_have_been_done(), "{fault}");
    assert_eq!(breaking.heard().len(), 1, "SOAP is sent once");
    for (method, times) in
        [(Method::POST, 1), (Method::PUT, 1), (Method::DELETE, 1), (Method::GET, 3), (Method::HEAD, 3)]
    {
        let before = breaking.heard().len();
        let mut question = reading(RestDialect::Xroad);
        question.method = method.clone();
        let fault = consumer_of.ask_by_rest(&question).await.unwrap_err();
        assert!(matches!(fault, CallFault::NoAnswer(_)), "{fault}");
        assert_eq!(breaking.heard().len() - before, times, "{method}");
    }
    // The same question under the same id, until it is answered.
    let tried = AtomicUsize::new(0);
    let recovering = server(move |heard| {
        if tried.fetch_add(1, Ordering::SeqCst) < 2 {
            Said::Nothing
        } else {
            right(heard, 200, b"{}".to_vec())
        }
    });
    consumer(&recovering).ask_by_rest(&reading(RestDialect::Xroad)).await.unwrap();
    let heard = recovering.heard();
    assert_eq!(heard.len(), 3);
    assert!(heard.windows(2).all(|two| two[0].headers == two[1].headers));
    let once = consumer(&breaking).trying_once();
    let before = breaking.heard().len();
    once.ask_by_rest(&reading(RestDialect::Xroad)).await.unwrap_err();
    assert_eq!(breaking.heard().len() - before, 1, "whoever keeps the record itself has it tried once");
}

#[tokio::test]
async fn a_server_that_is_away_was_sent_nothing() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = SecurityServerSettings {
        pause_milliseconds: 0,
        ..SecurityServerSettings::new(format!("https://localhost:{port}"), super::CLIENT)
    };
    let fault = Consumer::open(&settings).unwrap().ask_by_soap(&asked(), BODY).await.unwrap_err();
    assert!(matches!(&fault, CallFault::NotReached(text) if text.contains("refused")), "{fault}");
    assert!(!fault.may_have_been_done() && !fault.to_string().contains("localhost"), "{fault}");
}

#[tokio::test]
async fn nobody_is_followed_elsewhere() {
    let target = server(|heard| xml(200, right_answer(heard, ANSWER)));
    let elsewhere = target.url();
    for status in [301, 302, 307, 308] {
        let location = vec![("Location".to_owned(), elsewhere.clone())];
        let leading = server(move |_| Said::Answer(status, location.clone(), Vec::new()));
        let fault = consumer(&leading).ask_by_soap(&asked(), BODY).await.unwrap_err();
        assert_eq!(fault, CallFault::Redirected(status));
        let fault = consumer(&leading).ask_by_rest(&reading(RestDialect::Uxp)).await.unwrap_err();
        assert_eq!(fault, CallFault::Redirected(status));
    }
    assert_eq!(target.connections(), 0);
}
