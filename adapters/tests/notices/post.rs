//! The way by HTTP, against a real server.

use std::net::TcpListener;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use kordon_adapters::taxud::{Taxud, TaxudRoute, TaxudSettings};
use kordon_hub::notices::{Channel, ChannelFault, Receipt};
use kordon_schemas::notices::NoticeKind;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::samples::{dispatch, planned, xml_of};

#[tokio::test]
async fn a_gateway_that_failed_is_sent_the_same_message_again() {
    let (mut gateway, taxud) = gateway(&[(500, "<h1>out of\nmemory</h1>"), (200, "")]).await;
    let dispatch = dispatch(1, NoticeKind::Declared, None, planned());
    let first = taxud.deliver(&dispatch).await;
    assert_eq!(first, Err(ChannelFault::Transient("HTTP 500: <h1>out of\nmemory</h1>".into())));
    let receipt = Receipt::of("HTTP 200", "application/xml", xml_of(&dispatch).into_bytes());
    assert_eq!(taxud.deliver(&dispatch).await, Ok(receipt));
    for _ in 0..2 {
        let (content_type, body) = gateway.recv().await.unwrap();
        assert_eq!(content_type, "application/xml; charset=utf-8");
        assert_eq!(body, xml_of(&dispatch));
    }
}

#[tokio::test]
async fn what_an_answer_means() {
    for (status, meaning) in [
        (202, Meaning::Taken),
        (409, Meaning::Taken),
        (400, Meaning::Refused),
        (422, Meaning::Refused),
        (301, Meaning::Again),
        (401, Meaning::Again),
        (404, Meaning::Again),
        (408, Meaning::Again),
        (429, Meaning::Again),
        (503, Meaning::Again),
    ] {
        let (_gateway, taxud) = gateway(&[(status, "why")]).await;
        let answer = taxud.deliver(&dispatch(1, NoticeKind::Declared, None, planned())).await;
        let said = match answer {
            Ok(Receipt { detail, sent: _ }) => (Meaning::Taken, detail),
            Err(ChannelFault::Permanent(detail)) => (Meaning::Refused, detail),
            Err(ChannelFault::Transient(detail)) => (Meaning::Again, detail),
        };
        assert_eq!(said, (meaning, format!("HTTP {status}: why")));
    }
}

#[tokio::test]
async fn a_gateway_that_is_away_is_tried_again_and_its_address_is_not_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let taxud = open(format!("http://user:secret@127.0.0.1:{port}/cd070c"));
    let answer = taxud.deliver(&dispatch(1, NoticeKind::Declared, None, planned())).await;
    let Err(ChannelFault::Transient(detail)) = answer else { panic!("{answer:?}") };
    assert!(detail.contains("refused"), "{detail}");
    assert!(!detail.contains("secret") && !detail.contains("cd070c"), "{detail}");
}

#[test]
fn an_address_that_is_none_is_refused_at_the_start() {
    for address in ["ftp://example.org", "gateway", ""] {
        let settings = TaxudSettings::new(TaxudRoute::Http { address: address.into(), ca_file: None });
        let fault = Taxud::open(settings).map(|_| ()).unwrap_err();
        assert_eq!(fault.setting, "taxud.route.address", "{address}");
    }
}

#[derive(Debug, PartialEq)]
enum Meaning {
    Taken,
    Refused,
    Again,
}

type Request = (String, String);

/// A gateway that gives these answers in turn and hands over what it was sent.
async fn gateway(answers: &[(u16, &'static str)]) -> (UnboundedReceiver<Request>, Taxud) {
    let (heard, hear) = unbounded_channel();
    let (queue, answers_left) = std::sync::mpsc::channel();
    for answer in answers {
        queue.send(*answer).unwrap();
    }
    let answers_left = Data::new(std::sync::Mutex::new(answers_left));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(answers_left.clone())
            .app_data(Data::new(heard.clone()))
            .route("/cd070c", web::post().to(answer))
    })
    .workers(1)
    .disable_signals()
    .bind("127.0.0.1:0")
    .unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    (hear, open(format!("http://{address}/cd070c")))
}

async fn answer(
    request: HttpRequest,
    body: Bytes,
    answers: Data<std::sync::Mutex<std::sync::mpsc::Receiver<(u16, &'static str)>>>,
    heard: Data<UnboundedSender<Request>>,
) -> HttpResponse {
    let content_type = request.headers().get(CONTENT_TYPE).unwrap().to_str().unwrap().to_owned();
    heard.send((content_type, String::from_utf8(body.to_vec()).unwrap())).ok();
    let (status, said) = answers.lock().unwrap().recv().unwrap();
    HttpResponse::build(StatusCode::from_u16(status).unwrap()).body(said)
}

fn open(address: String) -> Taxud {
    Taxud::open(TaxudSettings::new(TaxudRoute::Http { address, ca_file: None })).unwrap()
}
