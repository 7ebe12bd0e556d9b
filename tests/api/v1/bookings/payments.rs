//! `POST /api/v1/bookings/{booking}/payments`.

use chrono::TimeDelta;
use futures_util::future::join_all;
use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::fees::RateFault;
use kordon_hub::parties::Role;
use serde_json::json;

use crate::hub::{KRAKIVETS, TestHub, YAHODYN, changed, limited_to, payment, tariff};

#[tokio::test]
async fn a_payment_is_recorded_and_the_same_again_is_the_same() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    let first = hub.pay(&booking, &payment("PAY-1")).await.expect(201);
    assert_json_snapshot!(first, {".booking" => "[booking]"}, @r#"
    {
      "booking": "[booking]",
      "checkpoint": "UA209030",
      "day": "2026-11-21",
      "method": "cashless",
      "paid_at": "2026-11-21T12:00:00Z",
      "position": 3,
      "rate": "48.1234",
      "recorded_at": "2026-11-21T12:00:00Z",
      "reference": "PAY-1",
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
      },
      "zone": "KRAKIVETS-9"
    }
    "#);
    hub.rates.fail(RateFault::NotPublished);
    hub.clock.advance(TimeDelta::hours(1));
    assert_eq!(hub.pay(&booking, &payment("PAY-1")).await.expect(200), first);
}

#[tokio::test]
async fn what_is_due_is_by_the_day_of_the_booking_also_when_it_is_paid_later() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    hub.clock.advance(TimeDelta::days(2));
    let paid = hub.pay(&booking, &payment("PAY-1")).await.expect(201);
    assert_eq!((&paid["day"], &paid["recorded_at"]), (&json!("2026-11-21"), &json!("2026-11-23T12:00:00Z")));
}

#[tokio::test]
async fn the_zones_share_goes_to_the_zone_of_the_vehicle_where_it_is_known() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    let (unknown, known) = (hub.book(KRAKIVETS, "AA 1111 BB").await, hub.book(KRAKIVETS, "AA 2222 BB").await);
    hub.arrive(KRAKIVETS, "AA 2222 BB").await;
    assert_eq!(hub.pay(&unknown, &payment("PAY-1")).await.expect(201)["zone"], "KRAKIVETS-9");
    assert_eq!(hub.pay(&known, &payment("PAY-2")).await.expect(201)["zone"], "KRAKIVETS-1");
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_payment_has_its_code() {
    let hub = TestHub::start().await;
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    assert_snapshot!(hub.pay(&booking, &payment("PAY-1")).await.problem(), @"409 no_tariff: UA209030 has no tariff for bookings of 2026-11-21");
    hub.put_tariff(&tariff()).await.expect(201);
    hub.rates.fail(RateFault::Away("no route".into()));
    assert_snapshot!(hub.pay(&booking, &payment("PAY-1")).await.problem(), @"503 rate_unavailable: the National Bank's rate in force at 00:00 of 2026-11-21 cannot be had now");
    hub.rates.publish("48.1234");
    hub.clock.advance(TimeDelta::seconds(15));
    hub.pay(&booking, &payment("PAY-1")).await.expect(201);
    assert_snapshot!(hub.pay(&booking, &payment("PAY-2")).await.problem(), @"409 already_paid: the fee of this booking is paid, under the reference PAY-1");
    let in_cash = changed(payment("PAY-1"), &json!({"method": "cash"}));
    assert_snapshot!(hub.pay(&booking, &in_cash).await.problem().replace(&booking, "[booking]"), @"409 idempotency_conflict: the reference PAY-1 stands for another content: a payment of the booking [booking]");
    let other = hub.book(KRAKIVETS, "AA 9999 BB").await;
    assert_snapshot!(hub.pay(&other, &payment("PAY-1")).await.problem().replace(&booking, "[booking]"), @"409 idempotency_conflict: the reference PAY-1 stands for another content: a payment of the booking [booking]");
    assert_snapshot!(hub.pay("00000000-0000-7000-8000-000000000000", &payment("PAY-3")).await.problem(), @"404 not_found: there is no booking 00000000-0000-7000-8000-000000000000");
    assert_snapshot!(hub.pay("first", &payment("PAY-3")).await.problem(), @r#"
    400 malformed_request: path:booking: is a UUID
      "path:booking" is a UUID
    "#);
}

#[tokio::test]
async fn every_bad_payment_is_told_what_and_where() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    let bad = [
        json!({"amount": {"amount": "721.84", "currency": "UAH"}}),
        json!({"amount": {"amount": "15.00", "currency": "EUR"}}),
        json!({"amount": {"amount": 721.85, "currency": "UAH"}}),
        json!({"amount": {"amount": "721.850", "currency": "UAH"}}),
        json!({"amount": "721.85"}),
        json!({"method": "barter"}),
        json!({"reference": "=HYPERLINK(1)", "paid_at": "2026-11-21T12:02:01Z"}),
        json!({"paid_at": "2026-10-21T11:59:59Z"}),
        json!({"card": "4111111111111111"}),
    ];
    let mut told = String::new();
    for changes in bad {
        let answer = hub.pay(&booking, &changed(payment("PAY-1"), &changes)).await;
        told.push_str(&format!("{changes}\n{}\n", answer.problem()));
    }
    assert_snapshot!(told, @r#"
    {"amount":{"amount":"721.84","currency":"UAH"}}
    422 invalid: /amount/amount is 721.85 for a booking of 2026-11-21, at the rate 48.1234
      "/amount/amount" is 721.85 for a booking of 2026-11-21, at the rate 48.1234
    {"amount":{"amount":"15.00","currency":"EUR"}}
    422 invalid: /amount/currency is UAH: the fee is paid in hryvnias (clause 37)
      "/amount/currency" is UAH: the fee is paid in hryvnias (clause 37)
    {"amount":{"amount":721.85,"currency":"UAH"}}
    422 invalid: /amount/amount: invalid type: floating point `721.85`, expected a string
      "/amount/amount" invalid type: floating point `721.85`, expected a string
    {"amount":{"amount":"721.850","currency":"UAH"}}
    422 invalid: /amount/amount: an amount is a text with two decimals after a point, at most ten digits before it and no needless zero, for example "643.20"
      "/amount/amount" an amount is a text with two decimals after a point, at most ten digits before it and no needless zero, for example "643.20"
    {"amount":"721.85"}
    422 invalid: /amount: invalid type: string "721.85", expected an object
      "/amount" invalid type: string "721.85", expected an object
    {"method":"barter"}
    422 invalid: /method: `barter` is not known here, expected `cash` or `cashless`
      "/method" `barter` is not known here, expected `cash` or `cashless`
    {"paid_at":"2026-11-21T12:02:01Z","reference":"=HYPERLINK(1)"}
    422 invalid: 2 places break a rule
      "/reference" has 1 to 100 printable ASCII characters without spaces and begins with a letter or digit
      "/paid_at" lies in the future
    {"paid_at":"2026-10-21T11:59:59Z"}
    422 invalid: /paid_at is more than 31 days ago
      "/paid_at" is more than 31 days ago
    {"card":"4111111111111111"}
    422 invalid: /card: is not known here, expected one of `reference`, `amount`, `method`, `paid_at`
      "/card" is not known here, expected one of `reference`, `amount`, `method`, `paid_at`
    "#);
}

#[tokio::test]
async fn a_booking_elsewhere_is_as_if_it_were_not_there() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    let (_, token) = hub.add_system(Role::QueueOperator, "elsewhere", limited_to(&[YAHODYN], &[])).await;
    let address = format!("/api/v1/bookings/{booking}/payments");
    let answer = hub.post(&address).as_token(&token).json(&payment("PAY-1")).send().await;
    assert_eq!(answer.status, 404, "{}", answer.text());
}

#[tokio::test]
async fn a_booking_that_is_paid_many_times_at_once_is_paid_once() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    let payments: Vec<_> = (0..12).map(|number| payment(&format!("PAY-{}", number % 3))).collect();
    let answers = join_all(payments.iter().map(|payment| hub.pay(&booking, payment))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    let again = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(statuses, [vec![200; again], vec![201], vec![409; 11 - again]].concat());
    assert_eq!(again, 3, "the reference that came first comes three times more");
}
