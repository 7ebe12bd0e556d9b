//! `GET …/exchange?valcode=EUR&date=…&json`.

use std::net::TcpListener;
use std::num::NonZero;

use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use chrono::NaiveDate;
use futures_util::stream::{self, StreamExt};
use kordon_adapters::{Nbu, NbuSettings};
use kordon_hub::fees::{ExchangeRates, Published, RateFault};
use kordon_schemas::{Currency, Rate};

const GOOD: &str = r#"[{"r030":978,"txt":"Євро","rate":48.1234,"cc":"EUR","exchangedate":"21.11.2026"}]"#;

/// How the bank answers.
#[derive(Clone)]
enum Bank {
    Says(u16, String),
    /// The beginning of an answer, and then nothing more.
    Hangs,
    /// An answer without an end.
    Floods,
}

#[tokio::test]
async fn the_rate_of_the_day_is_read_to_the_last_digit() {
    let published = ask(Bank::Says(200, GOOD.into())).await.unwrap();
    assert_eq!(published, Published { rate: Rate::parse("48.1234").unwrap(), source: "127.0.0.1".into() });
    // As floats these two are one number.
    for rate in ["4503.599627", "4503.599628"] {
        let published = ask(Bank::Says(200, GOOD.replace("48.1234", rate))).await.unwrap();
        assert_eq!(published.rate.to_string(), rate);
    }
}

#[tokio::test]
async fn the_question_names_the_currency_and_the_day() {
    let server = bank_that(|request| {
        HttpResponse::Ok().body(if request.query_string() == "valcode=EUR&date=20261121&json" {
            GOOD
        } else {
            "[]"
        })
    });
    assert!(nbu(&server).official(Currency::Euro, day()).await.is_ok());
}

#[tokio::test]
async fn a_rate_that_is_not_set_yet_is_none() {
    assert_eq!(ask(Bank::Says(200, "[]".into())).await, Err(RateFault::NotPublished));
}

#[tokio::test]
async fn the_rate_of_another_day_or_currency_is_refused() {
    for (from, to) in [("21.11.2026", "20.11.2026"), ("21.11.2026", "2026-11-21"), ("\"EUR\"", "\"USD\"")] {
        let answer = ask(Bank::Says(200, GOOD.replace(from, to))).await;
        assert!(matches!(answer, Err(RateFault::Refused(_))), "{to}: {answer:?}");
    }
    let twice = GOOD.replace("[{", "[{\"rate\":1,\"cc\":\"EUR\",\"exchangedate\":\"21.11.2026\"},{");
    assert_eq!(ask(Bank::Says(200, twice)).await, Err(RateFault::Refused("it has 2 rates".into())));
}

#[tokio::test]
async fn an_answer_that_is_no_rate_is_refused() {
    for rate in
        ["-48.1", "0", "0.0000", "4.81234e1", "\"48.1234\"", "null", "[48]", "48.12345678", "123456.0"]
    {
        let answer = ask(Bank::Says(200, GOOD.replace("48.1234", rate))).await;
        assert!(matches!(answer, Err(RateFault::Refused(_))), "{rate}: {answer:?}");
    }
    for body in ["", "<html>", "{}", "null", "[{}]", "[1]", &GOOD[..40], "[[[[[[[["] {
        let answer = ask(Bank::Says(200, body.into())).await;
        assert!(matches!(answer, Err(RateFault::Refused(_))), "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn a_bank_that_fails_or_sends_elsewhere_is_away() {
    for status in [301, 404, 429, 500, 503, 204] {
        let answer = ask(Bank::Says(status, GOOD.into())).await;
        assert_eq!(answer, Err(RateFault::Away(format!("HTTP {status}"))));
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_cut_off() {
    assert_eq!(ask(Bank::Floods).await, Err(RateFault::Refused("it has more than 16384 bytes".into())));
}

#[tokio::test]
async fn a_bank_that_stops_in_the_middle_is_away() {
    let answer = ask(Bank::Hangs).await;
    let Err(RateFault::Away(why)) = answer else { panic!("{answer:?}") };
    assert!(why.contains("timed out") || why.contains("timeout"), "{why}");
}

#[tokio::test]
async fn a_bank_that_is_not_there_is_away_and_its_address_is_not_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nbu = nbu(&format!("http://user:secret@127.0.0.1:{port}"));
    let answer = nbu.official(Currency::Euro, day()).await;
    let Err(RateFault::Away(why)) = answer else { panic!("{answer:?}") };
    assert!(!why.contains("secret"), "{why}");
}

#[test]
fn an_address_that_is_none_is_refused_at_the_start() {
    for nbu_url in ["ftp://bank.gov.ua", "bank", ""] {
        let settings = NbuSettings { nbu_url: nbu_url.into(), ..NbuSettings::default() };
        assert_eq!(Nbu::open(&settings).unwrap_err().setting, "fees.nbu_url", "{nbu_url}");
    }
}

fn day() -> NaiveDate {
    "2026-11-21".parse().unwrap()
}

async fn ask(bank: Bank) -> Result<Published, RateFault> {
    // Long enough for every answer but the one that never comes.
    let patience = if matches!(bank, Bank::Hangs) { 100 } else { 20_000 };
    let server = bank_that(move |_| bank.answer());
    let settings = NbuSettings { nbu_url: server, answer_limit_ms: NonZero::new(patience).unwrap() };
    Nbu::open(&settings).unwrap().official(Currency::Euro, day()).await
}

fn nbu(nbu_url: &str) -> Nbu {
    Nbu::open(&NbuSettings { nbu_url: nbu_url.into(), ..NbuSettings::default() }).unwrap()
}

impl Bank {
    fn answer(&self) -> HttpResponse {
        let begun = || stream::once(async { Ok::<_, actix_web::Error>(web::Bytes::from_static(b"[{")) });
        match self {
            Self::Says(status, body) => {
                HttpResponse::build(actix_web::http::StatusCode::from_u16(*status).unwrap())
                    .body(body.clone())
            }
            Self::Hangs => HttpResponse::Ok().streaming(begun().chain(stream::pending())),
            Self::Floods => {
                let endless = stream::repeat_with(|| Ok(web::Bytes::from_static(&[b' '; 1024])));
                HttpResponse::Ok().streaming(begun().chain(endless))
            }
        }
    }
}

/// A bank of the test's own; answers its address.
fn bank_that(answer: impl Fn(&HttpRequest) -> HttpResponse + Clone + Send + Sync + 'static) -> String {
    type Answer = std::sync::Arc<dyn Fn(&HttpRequest) -> HttpResponse + Send + Sync>;
    let answer: Answer = std::sync::Arc::new(answer);
    let server = HttpServer::new(move || {
        let handler =
            |request: HttpRequest, answer: Data<Answer>| async move { (answer.get_ref())(&request) };
        App::new().app_data(Data::new(answer.clone())).route("/exchange", web::get().to(handler))
    })
    .workers(1)
    .disable_signals()
    .bind("127.0.0.1:0")
    .unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    format!("http://{address}/exchange")
}
