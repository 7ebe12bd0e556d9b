//! `GET /api/v1/my-booking`, and the secret that opens it.

use kordon_hub::parties::{Role, Scope};
use serde_json::{Value, json};

use crate::hub::{Answer, KRAKIVETS, TestHub, payment, tariff};

const ADDRESS: &str = "/api/v1/my-booking";

impl TestHub {
    async fn book_for_holder(&self, reference: &str, plate: &str) -> Value {
        let body = json!({"reference": reference, "plate": plate, "queue": "live", "channel": "web"});
        let booked = self.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).json(&body);
        booked.send().await.expect(201)
    }

    async fn as_holder(&self, reference: &str, secret: &str) -> Answer {
        self.get(ADDRESS).header("Authorization", &format!("Booking {reference}:{secret}")).send().await
    }
}

fn secret(booked: &Value) -> &str {
    booked["holder_secret"].as_str().unwrap()
}

#[tokio::test]
async fn a_holder_sees_their_booking_from_the_road_to_the_gate() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 9999 XX").await;
    hub.clock.advance(chrono::TimeDelta::minutes(1));
    let booked = hub.book_for_holder("r:1", "AA 0001 BB").await;
    let mine = hub.as_holder("r:1", secret(&booked)).await;
    let expected = json!({"booking": booked["id"], "reference": "r:1", "checkpoint": KRAKIVETS,
        "checkpoint_name": {"uk": "Краківець – Корчова", "en": "Krakivets – Korczowa"}, "plate": "AA 0001 BB",
        "stage": "booked", "place": 2, "direction": {"to": "zone"}, "predicted_entry": {"state": "stale"},
        "fee": {"knowledge": "not_recorded"}, "changed_at": "2026-11-21T12:01:00Z"});
    assert_eq!(mine.expect(200), expected);
    assert!(!mine.text().contains("9999"), "nothing of the one before");
    let now = async || {
        let mine = hub.as_holder("r:1", secret(&booked)).await.expect(200);
        (mine["stage"].clone(), mine["direction"]["to"].clone(), mine["place"].clone())
    };
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    assert_eq!(now().await, (json!("zone_arrived"), json!("stay"), json!(2)));
    hub.put_tariff(&tariff()).await.expect(201);
    hub.pay(booked["id"].as_str().unwrap(), &payment("PAY-1")).await.expect(201);
    let paid = hub.as_holder("r:1", secret(&booked)).await.expect(200)["fee"]["paid"].clone();
    assert_eq!(paid, json!({"amount": "721.85", "currency": "UAH"}));
    hub.call(KRAKIVETS).await;
    assert_eq!(now().await, (json!("called"), json!("checkpoint"), Value::Null));
    let called = hub.as_holder("r:1", secret(&booked)).await.expect(200);
    assert_eq!(
        called["call"],
        json!({"place": 1, "waiting": 1, "rule": "turn"}),
        "and nobody else's booking"
    );
    let entered = json!({"id": "e-1", "kind": "checkpoint-entered", "plate": "AA 0001 BB",
        "occurred_at": hub.clock.now()});
    hub.events(KRAKIVETS, Role::BorderGuard).json(&entered).send().await.expect(201);
    assert_eq!(now().await, (json!("checkpoint_entered"), json!("on"), Value::Null));
}

#[tokio::test]
async fn a_wrong_reference_and_a_wrong_secret_are_refused_alike() {
    let hub = TestHub::start().await;
    let booked = hub.book_for_holder("r-1", "AA 0001 BB").await;
    let other = hub.book_for_holder("r-2", "AA 0002 BB").await;
    let good = secret(&booked);
    let wrong = [
        ("r-1", "0".repeat(40)),
        ("r-1", secret(&other).to_owned()),
        ("r-9", good.to_owned()),
        ("r-1", good.to_uppercase() + "A"),
        ("r-1", String::new()),
        ("", good.to_owned()),
    ];
    for (reference, secret) in wrong {
        let answer = hub.as_holder(reference, &secret).await;
        let expected = "401 holder_unknown: there is no booking with this reference and secret";
        assert_eq!(answer.problem(), expected, "{reference} {secret}");
        assert_eq!(answer.header("www-authenticate"), "Booking realm=\"kordon\"");
    }
    for header in ["Booking", "Booking r-1"] {
        assert_eq!(hub.get(ADDRESS).header("Authorization", header).send().await.status, 401, "{header}");
    }
}

#[tokio::test]
async fn the_operator_asks_for_bookings_of_its_own() {
    let hub = TestHub::start().await;
    let booked = hub.book_for_holder("r-1", "AA 0001 BB").await;
    let (_, second) = hub.add_system(Role::QueueOperator, "its other system", Scope::default()).await;
    let (_, other) = hub
        .add_system_of("43115923", "Another operator", Role::QueueOperator, "theirs", Scope::default())
        .await;
    let address = format!("{ADDRESS}?reference=r-1");
    let own = hub.get(&address).as_role(Role::QueueOperator).send().await.expect(200);
    assert_eq!(own["booking"], booked["id"]);
    assert_eq!(hub.get(&address).as_token(&second).send().await.expect(200), own);
    assert_eq!(hub.get(&address).as_token(&other).send().await.status, 404);
    assert_eq!(hub.get(ADDRESS).as_role(Role::QueueOperator).send().await.status, 400);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_can_be_renewed() {
    let hub = TestHub::start().await;
    let booked = hub.book_for_holder("r-1", "AA 0001 BB").await;
    let body = json!({"reference": "r-1", "plate": "AA 0001 BB", "queue": "live", "channel": "web"});
    let again = hub.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).json(&body).send();
    assert!(again.await.expect(200).get("holder_secret").is_none());
    let address =
        TestHub::at(KRAKIVETS, &format!("bookings/{}/holder-secret", booked["id"].as_str().unwrap()));
    let renewed = hub.post(&address).as_role(Role::QueueOperator).send().await.expect(201);
    assert_eq!(renewed["reference"], "r-1");
    assert_eq!(hub.as_holder("r-1", secret(&booked)).await.status, 401, "the one before is over");
    assert_eq!(hub.as_holder("r-1", secret(&renewed)).await.status, 200);
}
