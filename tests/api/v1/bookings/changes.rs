//! `/api/v1/bookings/{booking}`: one booking, and what is changed about it.

use chrono::TimeDelta;
use kordon_hub::parties::Role;
use kordon_hub::queue::absence;
use kordon_schemas::CheckpointCode;
use serde_json::{Value, json};

use crate::api::v1::checkpoints::rules;
use crate::hub::{Answer, KRAKIVETS, TestHub, YAHODYN, changed, limited_to};

async fn change(hub: &TestHub, booking: &str, act: &str, body: &Value) -> Answer {
    hub.post(&format!("/api/v1/bookings/{booking}/{act}"))
        .as_role(Role::QueueOperator)
        .json(body)
        .send()
        .await
}

async fn booked(hub: &TestHub) -> String {
    rules::put(hub, "1", &rules::rules_in()).await.expect(201);
    book(hub, &pre_booked()).await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn book(hub: &TestHub, booking: &Value) -> Answer {
    hub.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).json(booking).send().await
}

fn pre_booked() -> Value {
    json!({"reference": "KR-1", "plate": "AA 1234 BB", "queue": "pre_booked", "channel": "web",
        "slot_starts_at": "2026-11-22T10:00:00+02:00", "vehicle": {"category": "truck", "mass_kg": 40_000},
        "driver": {"name": "Олена Шевченко"}, "data": {"cmr": "KB-17"}})
}

#[tokio::test]
async fn a_booking_is_moved_swapped_and_cancelled_and_shows_it_all() {
    let hub = TestHub::start().await;
    let id = booked(&hub).await;
    let later = json!({"reference": "X-1", "slot_starts_at": "2026-11-22T12:00:00+02:00"});
    let moved = change(&hub, &id, "extension", &later).await.expect(201);
    assert_eq!(moved["after"]["slot"]["starts_at"], "2026-11-22T10:00:00Z");
    assert_eq!(change(&hub, &id, "extension", &later).await.expect(200), moved);
    let swap =
        json!({"reference": "S-1", "plate": "AA 4321 BB", "data": {"cmr": "KB-18"}, "reason": "a breakdown"});
    let swapped = change(&hub, &id, "vehicle-swap", &swap).await.expect(201);
    assert_eq!(
        (&swapped["before"]["plate"], &swapped["after"]["plate"]),
        (&json!("AA 1234 BB"), &json!("AA 4321 BB"))
    );
    assert_eq!(
        (&swapped["before"]["data"], &swapped["after"]["data"]),
        (&json!({"cmr": "KB-17"}), &json!({"cmr": "KB-18"}))
    );
    assert_eq!(swapped["after"]["driver"]["name"], "Олена Шевченко", "nobody said that another drives");
    let cancel = json!({"reference": "C-1", "reason": "the trip is off"});
    let cancelled = change(&hub, &id, "cancellation", &cancel).await.expect(201);
    let address = format!("/api/v1/bookings/{id}");
    let shown =
        hub.get(&address).as_role(Role::QueueOperator).for_purpose("a dispute").send().await.expect(200);
    assert_eq!(shown["changes"], json!([moved, swapped, cancelled]));
    assert_eq!((&shown["ended_by"], &shown["booking"]["plate"]), (&json!("cancelled"), &json!("AA 4321 BB")));
    assert_eq!(shown["data"], json!({"cmr": "KB-18"}));
    assert_eq!(hub.readings().await, format!("queue_operator show_booking {KRAKIVETS} a dispute [{id}]"));
    let queue =
        hub.get(&TestHub::at(KRAKIVETS, "queue")).as_role(Role::QueueOperator).send().await.expect(200);
    assert_eq!(queue["entries"], json!([]), "it waits no more");
    let gate = hub.post(&TestHub::at(KRAKIVETS, "admission")).as_role(Role::BorderGuard);
    let asked = gate.for_purpose("gate").json(&json!({"plate": "AA 4321 BB"})).send().await;
    assert_eq!(asked.expect(200)["reason"], "not_booked");
}

#[tokio::test]
async fn border_guard_and_customs_read_a_booking_at_their_checkpoints() {
    let hub = TestHub::start().await;
    let id = booked(&hub).await;
    let address = format!("/api/v1/bookings/{id}");
    for role in [Role::BorderGuard, Role::Customs] {
        let shown = hub.get(&address).as_role(role).for_purpose("control").send().await.expect(200);
        assert_eq!((&shown["data"], &shown["calls"]), (&json!({"cmr": "KB-17"}), &json!([])));
        let (_, token) =
            hub.add_system(role, &format!("elsewhere-{role}"), limited_to(&[YAHODYN], &[])).await;
        let answer = hub.get(&address).as_token(&token).for_purpose("control").send().await;
        assert_eq!(answer.status, 404, "{role}");
    }
    assert_eq!(
        hub.readings().await,
        format!(
            "border_guard show_booking {KRAKIVETS} control [{id}]\ncustoms show_booking {KRAKIVETS} control [{id}]"
        )
    );
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_change_has_its_code() {
    let hub = TestHub::start().await;
    let id = booked(&hub).await;
    let told = async |act: &str, body: Value| {
        let problem = change(&hub, &id, act, &body).await.problem();
        problem.lines().next().unwrap_or_default().to_owned()
    };
    let early = json!({"reference": "X-1", "slot_starts_at": "2026-11-22T09:00:00+02:00"});
    assert_eq!(
        told("extension", early).await,
        "422 invalid: /slot_starts_at is after the slot that is booked, by at most 24 hours"
    );
    let same = json!({"reference": "S-1", "plate": "АА 1234 ВВ", "reason": "a breakdown"});
    assert_eq!(told("vehicle-swap", same).await, "422 invalid: /plate is the vehicle that is booked");
    let light = json!({"reference": "S-1", "plate": "AA 4321 BB", "reason": "a breakdown",
        "vehicle": {"category": "car"}});
    assert_eq!(
        told("vehicle-swap", light).await,
        "422 invalid: /vehicle is of the lane others; the place is in the lane trucks"
    );
    let other =
        json!({"reference": "S-1", "plate": "AA 4321 BB", "data": {"cmr": 18}, "reason": "a breakdown"});
    assert_eq!(
        told("vehicle-swap", other).await,
        "422 invalid: /data/cmr the value is not of type \"string\""
    );
    let unbanned = json!({"reference": "L-1", "reason": "a favour"});
    assert_eq!(
        told("ban-lifting", unbanned).await,
        "409 change_not_allowed: nothing that came of this booking keeps a vehicle from booking"
    );
    let empty = json!({"reference": "two words", "reason": " "});
    assert_eq!(told("cancellation", empty).await, "422 invalid: 2 places break a rule");
    change(&hub, &id, "cancellation", &json!({"reference": "C-1", "reason": "off"})).await.expect(201);
    let over = json!({"reference": "C-2", "reason": "off"});
    assert_eq!(told("cancellation", over).await, "409 booking_over: the booking was cancelled");
    let taken = json!({"reference": "C-1", "reason": "another"});
    assert!(told("cancellation", taken).await.starts_with("409 idempotency_conflict"));
}

#[tokio::test]
async fn a_vehicle_that_did_not_come_books_again_when_its_operator_lifts_the_ban() {
    let hub = TestHub::start().await;
    let mut banning = rules::rules_in();
    banning["rules"]["absence"]["at_zone"] = json!({"then": "ban", "days": 3});
    rules::put(&hub, "1", &banning).await.expect(201);
    let id = book(&hub, &pre_booked()).await.expect(201)["id"].as_str().unwrap().to_owned();
    hub.clock.advance(TimeDelta::days(1));
    let mut connection = hub.database.connection().await.unwrap();
    absence::sweep(&mut connection, &CheckpointCode::parse(KRAKIVETS).unwrap(), hub.clock.now())
        .await
        .unwrap();
    let again = changed(pre_booked(), &json!({"reference": "KR-2", "queue": "live", "slot_starts_at": null}));
    assert_eq!(
        book(&hub, &again).await.problem(),
        "409 vehicle_banned: AA 1234 BB may not book until 2026-11-25T08:30:00Z: it did not come at UA209030"
    );
    let lifting = json!({"reference": "L-1", "reason": "the zone's gate was closed by a flood"});
    let lifted = change(&hub, &id, "ban-lifting", &lifting).await.expect(201);
    assert_eq!(
        (&lifted["kind"], &lifted["before"]),
        (&json!("ban_lifted"), &json!({"banned_until": "2026-11-25T08:30:00Z"}))
    );
    assert_eq!(change(&hub, &id, "ban-lifting", &lifting).await.expect(200), lifted);
    book(&hub, &again).await.expect(201);
}

#[tokio::test]
async fn a_booking_that_is_not_there_is_not_found() {
    let hub = TestHub::start().await;
    let address = "/api/v1/bookings/00000000-0000-7000-8000-000000000000";
    let asked = hub.get(address).as_role(Role::QueueOperator).for_purpose("a dispute").send().await;
    assert_eq!(asked.problem(), "404 not_found: there is no booking 00000000-0000-7000-8000-000000000000");
    let badly =
        hub.get("/api/v1/bookings/17").as_role(Role::QueueOperator).for_purpose("a dispute").send().await;
    assert!(badly.problem().starts_with("400 malformed_request: path:booking: is a UUID"));
}
