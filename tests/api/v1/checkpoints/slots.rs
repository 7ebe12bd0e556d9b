//! `GET /api/v1/checkpoints/{checkpoint}/slots`, and bookings by the rules of a checkpoint.

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::rules;
use crate::hub::{Answer, KRAKIVETS, TestHub, changed};

fn booking() -> Value {
    json!({"reference": "KR-1", "plate": "AA 1234 BB", "queue": "pre_booked", "channel": "web",
        "slot_starts_at": "2026-11-22T10:00:00+02:00", "vehicle": {"category": "truck", "mass_kg": 40_000},
        "zone": "KRAKIVETS-1", "data": {"cmr": "KB-17"}})
}

async fn book(hub: &TestHub, body: &Value) -> Answer {
    hub.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).json(body).send().await
}

#[tokio::test]
async fn a_slot_is_booked_and_has_one_place_less() {
    let hub = TestHub::start().await;
    rules::put(&hub, "1", &rules::rules_in()).await.expect(201);
    let slots = async || {
        let query = "slots?lane=trucks&from=2026-11-22T08:00:00Z&to=2026-11-22T10:00:00Z";
        let asked = hub.get(&TestHub::at(KRAKIVETS, query)).as_role(Role::QueueOperator);
        asked.send().await.expect(200)["slots"].clone()
    };
    let slot = |hour: u8, free: u8| {
        json!({"starts_at": format!("2026-11-22T{hour:02}:00:00Z"), "ends_at": format!("2026-11-22T{:02}:00:00Z", hour + 1),
            "capacity": 12, "places": 8, "free": free, "rules_version": 2})
    };
    assert_eq!(slots().await, json!([slot(8, 8), slot(9, 8)]));
    let booked = book(&hub, &booking()).await.expect(201);
    assert_eq!(
        changed(booked, &json!({"id": null, "holder_secret": null})),
        json!({"checkpoint": KRAKIVETS, "reference": "KR-1", "plate": "AA 1234 BB", "queue": "pre_booked",
            "booked_at": "2026-11-21T12:00:00Z", "lane": "trucks", "zone": "KRAKIVETS-1", "rules_version": 2,
            "slot": {"starts_at": "2026-11-22T08:00:00Z", "ends_at": "2026-11-22T09:00:00Z"}})
    );
    assert_eq!(slots().await, json!([slot(8, 7), slot(9, 8)]));
}

#[tokio::test]
async fn slots_are_asked_for_by_a_lane_that_is_there_and_a_time_of_some_days() {
    let hub = TestHub::start().await;
    let ask = async |query: &str| {
        let asked = hub.get(&TestHub::at(KRAKIVETS, &format!("slots{query}"))).as_role(Role::QueueOperator);
        asked.send().await
    };
    assert_eq!(ask("?lane=all").await.expect(200)["slots"], json!([]), "the default sells no slots");
    assert!(ask("").await.problem().starts_with("400 malformed_request"));
    assert_eq!(
        ask("?lane=buses").await.problem(),
        "404 not_found: there is no lane of this checkpoint buses"
    );
    for query in ["?lane=all&to=2026-11-21T11:00:00Z", "?lane=all&to=2026-12-21T11:00:00Z"] {
        assert!(ask(query).await.problem().starts_with("422 invalid: query:to is after `from`"), "{query}");
    }
}

#[tokio::test]
async fn each_way_in_which_a_slot_cannot_be_booked_is_told() {
    let hub = TestHub::start().await;
    let mut body = rules::rules_in();
    body["rules"]["lanes"][0]["capacity"][0]["from_hour"] = json!(6);
    body["rules"]["booking"]["horizon_days"] = json!(365);
    rules::put(&hub, "1", &body).await.expect(201);
    for (starts_at, told) in [
        ("2026-11-21T13:00:00+02:00", "lies in the past: the slot began already"),
        ("2027-11-30T10:00:00+02:00", "is beyond the horizon: slots are booked at most 365 days ahead"),
        ("2026-11-22T05:00:00+02:00", "the lane trucks is closed at that hour"),
        (
            "2026-11-22T10:20:00+02:00",
            "no slot begins then; of those around it one begins at 2026-11-22T10:00:00+02:00, the next at 2026-11-22T11:00:00+02:00",
        ),
        (
            "2027-03-28T03:00:00+03:00",
            "is a time that the clocks of Kyiv do not show: they change that day and stand at +02:00 by then; write it with that offset, or in UTC: 2027-03-28T00:00:00Z",
        ),
        (
            "2027-10-31T04:00:00+03:00",
            "is a time that the clocks of Kyiv do not show: they change that day and stand at +02:00 by then; write it with that offset, or in UTC: 2027-10-31T01:00:00Z",
        ),
    ] {
        let answer = book(&hub, &changed(booking(), &json!({"slot_starts_at": starts_at}))).await;
        assert_eq!(
            answer.json()["faults"],
            json!([{"path": "/slot_starts_at", "detail": told}]),
            "{starts_at}"
        );
    }
}

#[tokio::test]
async fn data_that_break_the_schema_in_ten_places_are_told_all_ten_and_nothing_is_kept() {
    let hub = TestHub::start().await;
    let mut body = rules::rules_in();
    let text = json!({"type": "string", "maxLength": 3});
    let members = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut properties = serde_json::Map::new();
    for member in members {
        properties.insert(member.into(), text.clone());
    }
    body["rules"]["booking"]["data_schema"] =
        json!({"type": "object", "additionalProperties": false, "required": ["h"], "properties": properties});
    rules::put(&hub, "1", &body).await.expect(201);
    let data = json!({"a": "four", "b": 1, "c": null, "d": [], "e": {}, "f": true, "g": "long text", "x": 1, "y": 2});
    let answer = book(&hub, &changed(booking(), &json!({"data": data}))).await;
    let faults = answer.json()["faults"].clone();
    let places: Vec<&str> =
        faults.as_array().unwrap().iter().map(|fault| fault["path"].as_str().unwrap()).collect();
    let expected = ["a", "b", "c", "d", "e", "f", "g", "h", "x", "y"].map(|member| format!("/data/{member}"));
    assert_eq!(places, expected);
    let good = changed(booking(), &json!({"data": {"h": "yes"}}));
    book(&hub, &good).await.expect(201);
}

#[tokio::test]
async fn each_queue_wants_what_is_its_own() {
    let hub = TestHub::start().await;
    rules::put(&hub, "1", &rules::rules_in()).await.expect(201);
    let petition = "01a1f6f0-5c00-7000-8000-00000000c117";
    for (changes, places) in [
        (json!({"slot_starts_at": null}), vec!["/slot_starts_at"]),
        (json!({"queue": "live"}), vec!["/slot_starts_at"]),
        (json!({"queue": "live", "slot_starts_at": null, "petition": petition}), vec!["/petition"]),
        (json!({"queue": "priority"}), vec!["/slot_starts_at", "/petition"]),
        (json!({"vehicle": null}), vec!["/vehicle"]),
        (json!({"vehicle": {"category": "truck"}}), vec!["/vehicle/mass_kg"]),
        (
            json!({"vehicle": {"category": "truck", "mass_kg": 0}}),
            vec!["/vehicle/mass_kg", "/slot_starts_at"],
        ),
        (json!({"zone": "NOWHERE"}), vec!["/zone"]),
        (json!({"data": null}), vec!["/data/cmr"]),
    ] {
        let answer = book(&hub, &changed(booking(), &changes)).await;
        assert_eq!(answer.status, 422, "{changes}: {}", answer.text());
        let faults = answer.json()["faults"].clone();
        let told: Vec<&str> =
            faults.as_array().unwrap().iter().map(|fault| fault["path"].as_str().unwrap()).collect();
        assert_eq!(told, places, "{changes}");
    }
}
