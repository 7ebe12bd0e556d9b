//! Requests that end at the door: each is answered with the problem that says what to change.

use kordon_hub::parties::Role;
use reqwest::Method;
use serde_json::json;

use super::{contract, operations};
use crate::hub::{Answer, KRAKIVETS, TestHub};

const LARGEST: usize = 2 * 1024 * 1024;

const LARGEST_MAIL: usize = 12 * 1024 * 1024;

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let hub = TestHub::start().await;
    for address in [
        "/",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/checkpoints",
        "/api/v1/checkpoints/",
        "/api/v1/outages/../../../etc/passwd",
        "/api/v1/%2e%2e/metrics",
        "/openapi.yaml",
        "/schemas/../Cargo.toml",
        "/schemas/nothing.xsd",
        "/problems/nothing",
        "/docs/../../Cargo.toml",
    ] {
        let answer = hub.get(address).as_role(Role::Administrator).send().await;
        assert_eq!(answer.status, 404, "{address}: {}", answer.text());
        assert!(
            answer.problem().starts_with("404 not_found: there is no"),
            "{address}: {}",
            answer.problem()
        );
    }
}

#[tokio::test]
async fn a_method_that_an_address_does_not_know_is_told_those_that_it_knows() {
    let hub = TestHub::start().await;
    let contract = contract();
    for (address, item) in contract["paths"].as_object().unwrap() {
        let known: Vec<String> = item.as_object().unwrap().keys().map(|name| name.to_uppercase()).collect();
        let place = address.replace(['{', '}'], "");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "PURGE"] {
            if known.iter().any(|known| known == method) {
                continue;
            }
            let answer = hub.request(Method::from_bytes(method.as_bytes()).unwrap(), &place).send().await;
            assert_eq!(answer.status, 405, "{method} {place}: {}", answer.text());
            assert!(
                answer.problem().starts_with("405 method_not_allowed: this address knows"),
                "{method} {place}"
            );
            let mut allowed: Vec<&str> = answer.header("allow").split(", ").collect();
            let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
            allowed.sort_unstable();
            known.sort_unstable();
            assert_eq!(allowed, known, "{method} {place}");
        }
    }
}

#[tokio::test]
async fn the_pages_of_the_hub_know_get_only() {
    let hub = TestHub::start().await;
    for address in ["/openapi.json", "/docs", "/docs/"] {
        let answer = hub.post(address).send().await;
        assert_eq!(answer.status, 405, "{address}: {}", answer.text());
        assert_eq!(answer.header("allow"), "GET", "{address}");
        assert_eq!(answer.problem(), "405 method_not_allowed: this address knows GET", "{address}");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_can_give_is_not_acceptable() {
    let hub = TestHub::start().await;
    let queue = TestHub::at(KRAKIVETS, "queue");
    let reading = |address: &str, accept: &str| {
        hub.get(address).as_role(Role::BorderGuard).header("Accept", accept).send()
    };
    assert_eq!(reading(&queue, "text/html").await.problem(), "406 not_acceptable: the answer is JSON or XML");
    assert_eq!(
        reading(&queue, "application/json;q=0").await.problem(),
        "406 not_acceptable: the answer is JSON or XML"
    );
    assert_eq!(
        reading("/api/v1/checkpoints", "text/html").await.problem(),
        "406 not_acceptable: the answer is JSON"
    );
    assert_eq!(reading("/api/v1/checkpoints", "text/html, */*;q=0.1").await.status, 200);
    assert_eq!(reading(&queue, "application/xml;q=0.9, text/html").await.status, 200);
}

#[tokio::test]
async fn a_body_of_an_unknown_form_is_refused() {
    let hub = TestHub::start().await;
    let event =
        json!({"id": "1", "kind": "checkpoint-entered", "plate": "AA1234BB", "occurred_at": hub.clock.now()});
    let sent = async |content_type: &str| {
        let events = hub.events(KRAKIVETS, Role::BorderGuard);
        events.body(content_type, event.to_string()).send().await
    };
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", ""] {
        let told = sent(content_type).await.problem();
        let expected = "415 unsupported_media_type: the body is `application/json` or `application/xml`";
        assert_eq!(told, expected, "{content_type:?}");
    }
    let told = sent("application/json; charset=windows-1251").await.problem();
    assert_eq!(told, "415 unsupported_media_type: JSON is sent in UTF-8");
    assert_eq!(sent("Application/JSON;charset=\"UTF-8\"").await.status, 202);
    let outage = hub.post("/api/v1/outages").as_role(Role::SupportLine1).xml("<outage/>").send().await;
    assert_eq!(outage.problem(), "415 unsupported_media_type: this operation takes JSON");
}

#[tokio::test]
async fn a_body_without_a_form_or_with_two_is_refused() {
    let hub = TestHub::start().await;
    let none = hub.events(KRAKIVETS, Role::BorderGuard).send().await;
    let two =
        hub.events(KRAKIVETS, Role::BorderGuard).json(&json!({})).header("Content-Type", "application/xml");
    let expected = "415 unsupported_media_type: the header `Content-Type` is missing or stands twice";
    assert_eq!(none.problem(), expected);
    assert_eq!(two.send().await.problem(), expected);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_wherever_a_body_is_taken() {
    let hub = TestHub::start().await;
    let contract = contract();
    for (name, operation) in operations(&contract) {
        if operation.get("requestBody").is_none() {
            continue;
        }
        let (method, address) = name.split_once(' ').unwrap();
        let id = "00000000-0000-7000-8000-000000000000";
        let address =
            address.replace("{checkpoint}", KRAKIVETS).replace("{position}", "1").replace("{outage}", id);
        let role = operation["x-roles"][0].as_str().unwrap();
        let is_mail = operation["requestBody"]["content"].get("message/rfc822").is_some();
        let (media, largest) =
            if is_mail { ("message/rfc822", LARGEST_MAIL) } else { ("application/json", LARGEST) };
        let answer = hub
            .request(method.parse().unwrap(), &address)
            .as_role(Role::from_name(role).unwrap())
            .header("If-Match", "\"1\"")
            .body(media, vec![b' '; largest + 1])
            .send()
            .await;
        let expected = format!("413 too_large: the body has more than {largest} bytes");
        assert_eq!(answer.problem(), expected, "{name}");
    }
}

#[tokio::test]
async fn a_stranger_is_sent_away_before_the_body_is_looked_at() {
    let hub = TestHub::start().await;
    let events = TestHub::at(KRAKIVETS, "events");
    let answer = hub.post(&events).body("text/plain", vec![b' '; LARGEST + 1]).send().await;
    assert!(answer.problem().starts_with("401 unauthenticated"), "{}", answer.problem());
}

#[tokio::test]
async fn query_strings_are_read_as_strictly_as_bodies() {
    let hub = TestHub::start().await;
    for (query, place) in [
        ("limit=0", "query:limit"),
        ("limit=501", "query:limit"),
        ("after=-1", "query:after"),
        ("after=9223372036854775808", "query:after"),
        ("limit=ten", "query:limit"),
        ("page=2", "query:page"),
        ("limit=1&limit=2", "query"),
    ] {
        let answer = hub.get(&format!("/api/v1/notices?{query}")).as_role(Role::Taxud).send().await;
        assert!(answer.problem().starts_with("400 malformed_request: "), "{query}: {}", answer.problem());
        assert_eq!(answer.json()["faults"][0]["path"], place, "{query}");
    }
}

#[tokio::test]
async fn ids_that_are_none_are_named() {
    let hub = TestHub::start().await;
    for (address, place) in [
        ("/api/v1/outages/17", "path:outage"),
        ("/api/v1/notices/17", "path:notice"),
        ("/api/v1/crossings/17", "path:crossing"),
        ("/api/v1/checkpoints/ua209030", "path:checkpoint"),
        ("/api/v1/checkpoints/UA20903%D0%9E", "path:checkpoint"),
    ] {
        let role = if address.contains("notices") { Role::Taxud } else { Role::BorderGuard };
        let answer = hub.get(address).as_role(role).for_purpose("a test of ids").send().await;
        assert!(answer.problem().starts_with("400 malformed_request: "), "{address}: {}", answer.problem());
        assert_eq!(answer.json()["faults"][0]["path"], place, "{address}");
    }
}

#[tokio::test]
async fn every_answer_carries_an_id_of_its_own_which_is_the_hubs() {
    let hub = TestHub::start().await;
    let mut seen = std::collections::BTreeSet::new();
    let mut note = |answer: &Answer| {
        let id: uuid::Uuid = answer.header("x-request-id").parse().unwrap();
        assert!(seen.insert(id), "{id} stands twice");
    };
    for address in ["/health/live", "/metrics", "/openapi.json", "/docs", "/docs/", "/problems", "/nothing"] {
        note(&hub.get(address).send().await);
    }
    note(&hub.get("/api/v1/outages").send().await);
    note(&hub.get("/api/v1/outages").as_role(Role::Taxud).send().await);
    note(&hub.events(KRAKIVETS, Role::BorderGuard).body("text/plain", "").send().await);
    let sent = "00000000-0000-7000-8000-00000000abcd";
    let answer = hub.get("/health/live").header("X-Request-Id", sent).send().await;
    assert_ne!(answer.header("x-request-id"), sent, "a client's id could be anything");
    note(&answer);
}
