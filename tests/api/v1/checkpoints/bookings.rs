//! `POST /api/v1/checkpoints/{checkpoint}/bookings`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{Answer, KRAKIVETS, TestHub, YAHODYN};

fn booking() -> Value {
    json!({"reference": "KR-1", "plate": "аа 1234 вв", "trailer_plate": "AA 7777 XX", "queue": "live",
        "channel": "call_centre", "driver": {"name": "Олена Шевченко"}, "booked_at": "2026-11-21T13:30:00+02:00"})
}

/// The booking with some members replaced; `null` leaves one out.
fn with(changes: &Value) -> Value {
    let mut booking = booking();
    for (member, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(booking.as_object_mut().unwrap().remove(member)),
            value => booking[member] = value.clone(),
        }
    }
    booking
}

async fn book(hub: &TestHub, checkpoint: &str, body: &Value) -> Answer {
    hub.post(&TestHub::at(checkpoint, "bookings")).as_role(Role::QueueOperator).json(body).send().await
}

#[tokio::test]
async fn a_vehicle_is_booked_and_the_same_again_is_the_same() {
    let hub = TestHub::start().await;
    let first = book(&hub, KRAKIVETS, &booking()).await.expect(201);
    assert_json_snapshot!(first, {".id" => "[booking]"}, @"");
    assert_eq!(book(&hub, KRAKIVETS, &booking()).await.expect(200), first);
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_booking_has_its_code() {
    let hub = TestHub::start().await;
    book(&hub, KRAKIVETS, &booking()).await.expect(201);
    let other_content = with(&json!({"plate": "AA 9999 BB"}));
    assert_snapshot!(book(&hub, KRAKIVETS, &other_content).await.problem(), @"");
    let elsewhere = with(&json!({"reference": "YA-1", "plate": "AA1234BB"}));
    assert_snapshot!(book(&hub, YAHODYN, &elsewhere).await.problem(), @"");
}

#[tokio::test]
async fn every_bad_booking_is_told_what_and_where() {
    let hub = TestHub::start().await;
    let bad = [
        json!({"reference": null}),
        json!({"reference": "two words"}),
        json!({"plate": "§§§§"}),
        json!({"plate": 1234}),
        json!({"queue": "fast"}),
        json!({"channel": "fax"}),
        json!({"driver": {"name": ""}}),
        json!({"driver": {"name": "A", "passport": "KB123456"}}),
        json!({"driver": {"name": "A\u{0}B"}}),
        json!({"booked_at": "2026-11-21T13:30:00"}),
        json!({"booked_at": "2026-11-21T12:03:00Z"}),
        json!({"booked_at": "2026-11-01T12:00:00Z"}),
        json!({"colour": "red"}),
        json!({"reference": "", "driver": {"name": " "}, "booked_at": "2030-01-01T00:00:00Z"}),
    ];
    let mut told = String::new();
    for changes in bad {
        let answer = book(&hub, KRAKIVETS, &with(&changes)).await;
        told.push_str(&format!("{changes}\n{}\n", answer.problem()));
    }
    assert_snapshot!(told, @"");
}

#[tokio::test]
async fn a_booking_is_json_only() {
    let hub = TestHub::start().await;
    let sent = hub.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).xml("<booking/>");
    assert_snapshot!(sent.send().await.problem(), @"");
}
