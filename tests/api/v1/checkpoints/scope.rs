//! Systems that are limited to checkpoints or zones.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::json;

use crate::hub::{KRAKIVETS, TestHub, YAHODYN, limited_to};

#[tokio::test]
async fn a_system_of_one_checkpoint_does_nothing_at_another() {
    let hub = TestHub::start().await;
    let at_krakivets = limited_to(&[KRAKIVETS], &[]);
    let (_, guard) = hub.add_system(Role::BorderGuard, "gate", at_krakivets.clone()).await;
    let (_, operator) = hub.add_system(Role::QueueOperator, "operator", at_krakivets).await;
    let acts = [
        (&guard, "POST", "events"),
        (&guard, "GET", "events"),
        (&guard, "POST", "events/1/placement"),
        (&guard, "GET", "queue"),
        (&guard, "GET", "call-list"),
        (&guard, "POST", "admission"),
        (&operator, "POST", "bookings"),
        (&operator, "POST", "calls"),
    ];
    for (token, method, act) in acts {
        let ask = async |checkpoint: &str| {
            let address = TestHub::at(checkpoint, act);
            let request = hub.request(method.parse().unwrap(), &address).as_token(token).for_purpose("ст. 6");
            request.json(&json!({})).send().await
        };
        let there = ask(YAHODYN).await;
        assert_eq!(
            there.problem(),
            "403 out_of_scope: this system does not act at UA205020",
            "{method} {act}"
        );
        assert_ne!(ask(KRAKIVETS).await.status, 403, "{method} {act}");
    }
    assert_eq!(hub.readings().await.lines().count(), 2, "the two reads at its own checkpoint");
}

#[tokio::test]
async fn a_zone_operator_states_facts_of_its_own_zones() {
    let hub = TestHub::start().await;
    let (_, token) = hub.add_system(Role::ZoneOperator, "zone", limited_to(&[], &["KRAKIVETS-2"])).await;
    let event = |id: &str, zone: &str| {
        json!({"id": id, "kind": "zone-arrived", "plate": "AA 1234 BB", "zone": zone,
            "occurred_at": "2026-11-21T12:00:00Z"})
    };
    let state = || hub.post(&TestHub::at(KRAKIVETS, "events")).as_token(&token);
    assert_eq!(state().json(&event("z-1", "KRAKIVETS-2")).send().await.status, 202);
    assert_snapshot!(state().json(&event("z-2", "KRAKIVETS-1")).send().await.problem(), @"403 out_of_scope: this system is not of zone KRAKIVETS-1");
    let both = json!([event("z-3", "KRAKIVETS-1"), event("z-4", "KRAKIVETS-2")]);
    let answers = state().json(&both).send().await.expect(200);
    let told: Vec<_> =
        answers["items"].as_array().unwrap().iter().map(|item| item["outcome"].clone()).collect();
    assert_eq!(told, ["refused", "unmatched"]);
}
