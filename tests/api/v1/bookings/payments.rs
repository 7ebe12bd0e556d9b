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
    assert_json_snapshot!(first, {".booking" => "[booking]"}, @"");
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
    assert_snapshot!(hub.pay(&booking, &payment("PAY-1")).await.problem(), @"");
    hub.put_tariff(&tariff()).await.expect(201);
    hub.rates.fail(RateFault::Away("no route".into()));
    assert_snapshot!(hub.pay(&booking, &payment("PAY-1")).await.problem(), @"");
    hub.rates.publish("48.1234");
    hub.clock.advance(TimeDelta::seconds(15));
    hub.pay(&booking, &payment("PAY-1")).await.expect(201);
    assert_snapshot!(hub.pay(&booking, &payment("PAY-2")).await.problem(), @"");
    let in_cash = changed(payment("PAY-1"), &json!({"method": "cash"}));
    assert_snapshot!(hub.pay(&booking, &in_cash).await.problem().replace(&booking, "[booking]"), @"");
    let other = hub.book(KRAKIVETS, "AA 9999 BB").await;
    assert_snapshot!(hub.pay(&other, &payment("PAY-1")).await.problem().replace(&booking, "[booking]"), @"");
    assert_snapshot!(hub.pay("00000000-0000-7000-8000-000000000000", &payment("PAY-3")).await.problem(), @"");
    assert_snapshot!(hub.pay("first", &payment("PAY-3")).await.problem(), @"");
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
    assert_snapshot!(told, @"");
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
