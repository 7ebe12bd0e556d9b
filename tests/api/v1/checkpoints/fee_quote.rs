//! `GET /api/v1/checkpoints/{checkpoint}/fee-quote`.

use chrono::TimeDelta;
use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::fees::RateFault;
use kordon_hub::parties::Role;
use serde_json::json;

use crate::hub::{Answer, KRAKIVETS, TestHub, tariff};

async fn quote(hub: &TestHub, query: &str) -> Answer {
    let address = format!("{}{query}", TestHub::at(KRAKIVETS, "fee-quote"));
    hub.get(&address).as_role(Role::QueueOperator).send().await
}

#[tokio::test]
async fn a_quote_gives_euros_the_rate_with_its_day_and_hryvnias() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    assert_json_snapshot!(quote(&hub, "").await.expect(200), @r#"
    {
      "checkpoint": "UA209030",
      "covers_hours": 24,
      "day": "2026-11-21",
      "eur": {
        "operator_share": {
          "amount": "3.00",
          "currency": "EUR"
        },
        "total": {
          "amount": "15.00",
          "currency": "EUR"
        },
        "zone_share": {
          "amount": "12.00",
          "currency": "EUR"
        }
      },
      "rate": {
        "currency": "EUR",
        "day": "2026-11-21",
        "fetched_at": "2026-11-21T12:00:00Z",
        "rate": "48.1234",
        "source": "bank.gov.ua"
      },
      "tariff_version": 1,
      "uah": {
        "operator_share": {
          "amount": "144.37",
          "currency": "UAH"
        },
        "total": {
          "amount": "721.85",
          "currency": "UAH"
        },
        "zone_share": {
          "amount": "577.48",
          "currency": "UAH"
        }
      }
    }
    "#);
}

#[tokio::test]
async fn the_rate_of_a_day_is_asked_for_once_and_kept() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    let first = quote(&hub, "").await.expect(200);
    hub.rates.publish("50");
    hub.clock.advance(TimeDelta::hours(3));
    assert_eq!(quote(&hub, "?day=2026-11-21").await.expect(200), first);
    let next = quote(&hub, "?day=2026-11-22").await.expect(200);
    assert_eq!((&next["uah"]["total"]["amount"], &next["rate"]["rate"]), (&json!("750.00"), &json!("50")));
    assert_eq!(hub.rates.asked(), ["2026-11-21", "2026-11-22"]);
}

#[tokio::test]
async fn the_day_is_kyivs() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    hub.clock.set("2026-11-21T22:00:00Z");
    assert_eq!(quote(&hub, "").await.expect(200)["day"], "2026-11-22");
}

#[tokio::test]
async fn without_the_rate_of_that_day_there_is_no_quote_and_never_yesterdays() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    quote(&hub, "?day=2026-11-20").await.expect(200);
    hub.rates.fail(RateFault::NotPublished);
    let refused = quote(&hub, "").await;
    assert_snapshot!(refused.problem(), @"503 rate_unavailable: the National Bank's rate in force at 00:00 of 2026-11-21 cannot be had now");
    assert_eq!(refused.header("retry-after"), "15");
    // It is left alone for a while, and then asked again.
    hub.rates.publish("48.1234");
    assert_eq!(quote(&hub, "").await.status, 503);
    assert_eq!(hub.rates.asked(), ["2026-11-20", "2026-11-21"]);
    hub.clock.advance(TimeDelta::seconds(15));
    assert_eq!(quote(&hub, "").await.expect(200)["rate"]["day"], "2026-11-21");
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_quote_is_told() {
    let hub = TestHub::start().await;
    let mut told = String::new();
    for query in ["", "?day=2026-11-23", "?day=2025-11-19", "?day=today", "?day=2026-02-29", "?days=1"] {
        told.push_str(&format!("asked \"{query}\"\n{}\n", quote(&hub, query).await.problem()));
    }
    assert_snapshot!(told, @r#"
    asked ""
    409 no_tariff: UA209030 has no tariff for bookings of 2026-11-21
    asked "?day=2026-11-23"
    422 invalid: query:day is between a year ago and tomorrow, in Kyiv
      "query:day" is between a year ago and tomorrow, in Kyiv
    asked "?day=2025-11-19"
    422 invalid: query:day is between a year ago and tomorrow, in Kyiv
      "query:day" is between a year ago and tomorrow, in Kyiv
    asked "?day=today"
    400 malformed_request: query:day: is a day of the calendar, written as 2026-11-21
      "query:day" is a day of the calendar, written as 2026-11-21
    asked "?day=2026-02-29"
    400 malformed_request: query:day: is a day of the calendar, written as 2026-11-21
      "query:day" is a day of the calendar, written as 2026-11-21
    asked "?days=1"
    400 malformed_request: query:days: unknown field `days`, expected `day`
      "query:days" unknown field `days`, expected `day`
    "#);
    assert_eq!(hub.rates.asked(), Vec::<String>::new(), "a rate that nobody needs is not asked for");
}
