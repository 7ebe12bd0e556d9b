//! The queue as a zone, the police and everybody see it.

use chrono::TimeDelta;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::rules;
use crate::hub::{KRAKIVETS, TestHub, YAHODYN, changed, limited_to};

fn plates(view: &Value) -> Vec<&str> {
    view["entries"].as_array().unwrap().iter().map(|entry| entry["plate"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_zone_operator_sees_the_vehicles_of_its_own_zones() {
    let hub = TestHub::start().await;
    let (_, elsewhere) =
        hub.add_system(Role::ZoneOperator, "zone-3", limited_to(&[], &["KRAKIVETS-3"])).await;
    for number in 1..=3 {
        hub.book(KRAKIVETS, &format!("AA 000{number} BB")).await;
    }
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    hub.arrive(KRAKIVETS, "AA 0002 BB").await;
    hub.clock.advance(TimeDelta::minutes(10));
    let moved = json!({"id": "z-3", "kind": "zone-arrived", "plate": "AA 0002 BB", "zone": "KRAKIVETS-3",
        "occurred_at": hub.clock.now()});
    hub.post(&TestHub::at(KRAKIVETS, "events")).as_token(&elsewhere).json(&moved).send().await.expect(201);
    let first =
        hub.get(&TestHub::at(KRAKIVETS, "zones/KRAKIVETS-1/queue")).as_role(Role::ZoneOperator).send().await;
    let own = first.expect(200);
    assert_eq!(plates(&own), ["AA 0001 BB"], "one has moved on, one is on the road");
    assert_eq!(own["entries"][0]["zone_arrived_at"], "2026-11-21T12:00:00Z");
    assert_eq!(own["entries"][0]["covered_until"], "2026-11-22T12:00:00Z");
    let other = hub.get(&TestHub::at(KRAKIVETS, "zones/KRAKIVETS-3/queue"));
    let other = other.as_token(&elsewhere).send().await.expect(200);
    assert_eq!(plates(&other), ["AA 0002 BB"]);
    assert_eq!(other["entries"][0]["zone_arrived_at"], "2026-11-21T12:10:00Z", "in this zone");
    assert_eq!(
        other["entries"][0]["covered_until"], "2026-11-22T12:00:00Z",
        "counted from when it first came"
    );
    let other = hub.get(&TestHub::at(KRAKIVETS, "zones/KRAKIVETS-3/queue")).as_role(Role::ZoneOperator);
    assert_eq!(other.send().await.problem(), "403 out_of_scope: this system is not of zone KRAKIVETS-3");
    let known = hub.get(&TestHub::at(KRAKIVETS, "zones/KRAKIVETS-1/queue")).as_role(Role::ZoneOperator);
    assert_eq!(known.header("If-None-Match", first.header("etag")).send().await.status, 304);
    let bad = hub.get(&TestHub::at(KRAKIVETS, "zones/krakivets/queue")).as_role(Role::ZoneOperator);
    assert_eq!(bad.send().await.status, 400);
}

#[tokio::test]
async fn the_police_see_who_was_directed_and_the_read_is_recorded() {
    let hub = TestHub::start().await;
    let booking = hub.book(KRAKIVETS, "AA 0001 BB").await;
    hub.book(KRAKIVETS, "AA 0002 BB").await;
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    hub.call(KRAKIVETS).await;
    let ask = || hub.get(&TestHub::at(KRAKIVETS, "directed")).as_role(Role::Police);
    let answer = ask().for_purpose("Постанова 1393, п. 33").send().await.expect(200);
    let expected = json!([{"plate": "AA 0001 BB", "called_at": "2026-11-21T12:00:00Z", "zone_left": false}]);
    assert_eq!(answer["entries"], expected);
    let recorded = format!("police list_directed_vehicles {KRAKIVETS} Постанова 1393, п. 33 [{booking}]");
    assert_eq!(hub.readings().await, recorded);
    assert!(ask().send().await.problem().starts_with("400 purpose_required"));
}

#[tokio::test]
async fn the_board_shows_everybody_the_ends_of_plates() {
    let hub = TestHub::start().await;
    for plate in ["AA 0001 BB", "АА 0002 ВВ", "AA 0003 BB"] {
        hub.book(KRAKIVETS, plate).await;
        hub.clock.advance(TimeDelta::minutes(1));
    }
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    hub.call(KRAKIVETS).await;
    let board = hub.get(&format!("/boards/{KRAKIVETS}")).send().await;
    let expected = json!({"checkpoint": KRAKIVETS, "changed_at": "2026-11-21T12:03:00Z",
        "called": [{"plate": "…01BB"}], "next": [{"plate": "…02BB"}, {"plate": "…03BB"}]});
    assert_eq!(board.expect(200), expected);
    let known = hub.get(&format!("/boards/{KRAKIVETS}")).header("If-None-Match", board.header("etag"));
    assert_eq!(known.send().await.status, 304);
    let by_rules = changed(rules::rules_in()["rules"].clone(), &json!({"board": {"plate_characters": 2}}));
    let by_rules = changed(rules::rules_in(), &json!({"applies_from": hub.clock.now(), "rules": by_rules}));
    rules::put(&hub, "1", &by_rules).await.expect(201);
    let shortened = hub.get(&format!("/boards/{KRAKIVETS}")).send().await.expect(200);
    assert_eq!(shortened["called"], json!([{"plate": "…BB"}]), "as the rules of the checkpoint say");
    let empty = hub.get(&format!("/boards/{YAHODYN}")).send().await.expect(200);
    assert_eq!(empty, json!({"checkpoint": YAHODYN, "called": [], "next": []}));
    assert_eq!(hub.get("/boards/UA999999").send().await.status, 404);
    assert_eq!(hub.get("/boards/nowhere").send().await.status, 400);
}
