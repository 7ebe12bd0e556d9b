//! `POST /api/v1/bookings/{booking}/refunds`.

use chrono::TimeDelta;
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::json;

use crate::hub::{KRAKIVETS, TestHub, payment, tariff};

async fn hub_with_tariff() -> TestHub {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    hub
}

#[tokio::test]
async fn a_short_wait_in_the_live_queue_gives_the_fee_back_and_says_why() {
    let hub = hub_with_tariff().await;
    let booking = hub.paid_and_called("AA 1234 BB", 60).await;
    let first = hub.refund(&booking, "REF-1", "live_wait").await.expect(201);
    assert_json_snapshot!(first, {".booking" => "[booking]"}, @r#"
    {
      "booking": "[booking]",
      "case": "live_wait",
      "checkpoint": "UA209030",
      "grounds": {
        "at_most_minutes": 60,
        "called_at": "2026-11-21T13:00:00Z",
        "case": "live_wait",
        "wait_seconds": 3600,
        "zone_arrived_at": "2026-11-21T12:00:00Z"
      },
      "percent": 100,
      "position": 6,
      "recorded_at": "2026-11-21T13:00:00Z",
      "reference": "REF-1",
      "refunded_at": "2026-11-21T13:00:00Z",
      "rules_version": 1,
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
    hub.clock.advance(TimeDelta::hours(1));
    assert_eq!(hub.refund(&booking, "REF-1", "live_wait").await.expect(200), first);
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_refund_is_told() {
    let hub = hub_with_tariff().await;
    let unpaid = hub.book(KRAKIVETS, "AA 0000 BB").await;
    assert_snapshot!(hub.refund(&unpaid, "REF-0", "live_wait").await.problem(), @"409 not_refundable: the fee of this booking is not paid");
    hub.pay(&unpaid, &payment("PAY-0")).await.expect(201);
    let mut told = String::new();
    for case in ["live_wait", "cancellation", "no_show", "goodwill"] {
        told.push_str(&format!("{}\n", hub.refund(&unpaid, "REF-0", case).await.problem()));
    }
    assert_snapshot!(told, @r#"
    409 not_refundable: no arrival at a waiting zone is recorded
    409 not_refundable: the booking is not cancelled
    409 not_refundable: no no-show is recorded
    422 invalid: /case: `goodwill` is not known here, expected one of `live_wait`, `cancellation`, `no_show`
      "/case" `goodwill` is not known here, expected one of `live_wait`, `cancellation`, `no_show`
    "#);
    let long = hub.paid_and_called("AA 1234 BB", 61).await;
    assert_snapshot!(hub.refund(&long, "REF-1", "live_wait").await.problem(), @"409 not_refundable: the vehicle waited 3660 seconds, more than 60 minutes");
    let short = hub.paid_and_called("AA 5678 BB", 5).await;
    hub.refund(&short, "REF-2", "live_wait").await.expect(201);
    assert_snapshot!(hub.refund(&short, "REF-3", "live_wait").await.problem(), @"409 not_refundable: this case is refunded already, under the reference REF-2");
    assert_snapshot!(hub.refund(&short, "REF-2", "no_show").await.problem().replace(&short, "[booking]"), @"409 idempotency_conflict: the reference REF-2 stands for another content: a refund of the booking [booking]");
    assert_snapshot!(hub.refund(&short, "PAY-AA5678BB", "live_wait").await.problem().replace(&short, "[booking]"), @"409 idempotency_conflict: the reference PAY-AA5678BB stands for another content: a payment of the booking [booking]");
    assert_snapshot!(hub.refund("00000000-0000-7000-8000-000000000000", "REF-4", "no_show").await.problem(), @"404 not_found: there is no booking 00000000-0000-7000-8000-000000000000");
    let bad = json!({"reference": "-1", "case": "no_show", "refunded_at": "2030-01-01T00:00:00Z", "amount": "1.00"});
    let address = format!("/api/v1/bookings/{short}/refunds");
    let sent = hub.post(&address).as_role(kordon_hub::parties::Role::QueueOperator).json(&bad);
    assert_snapshot!(sent.send().await.problem(), @r#"
    422 invalid: /amount: is not known here, expected one of `reference`, `case`, `refunded_at`
      "/amount" is not known here, expected one of `reference`, `case`, `refunded_at`
    "#);
}
