//! `GET /api/v1/checkpoints/{checkpoint}/queue/changes`.

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{KRAKIVETS, TestHub};

const PLATE: &str = "AA 1234 BB";

fn told(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    let what = |item: &Value| item["event"].as_str().or(item["kind"].as_str()).unwrap().to_owned();
    items.map(|item| format!("{} {}", item["position"], what(item))).collect()
}

#[tokio::test]
async fn each_role_is_told_what_it_may_see() {
    let hub = TestHub::start().await;
    let booking = hub.book(KRAKIVETS, PLATE).await;
    hub.arrive(KRAKIVETS, PLATE).await;
    hub.call(KRAKIVETS).await;
    let seen = async |role: Role| {
        let answer = hub.get(&TestHub::at(KRAKIVETS, "queue/changes")).as_role(role).send().await;
        let page = answer.expect(200);
        assert_eq!(page["next"], 3, "{role}");
        assert!(!answer.text().contains(PLATE), "{role}");
        told(&page)
    };
    let all = ["1 booked", "2 zone-arrived", "3 called"];
    for role in [Role::BorderGuard, Role::Customs, Role::QueueOperator, Role::ZoneOperator] {
        assert_eq!(seen(role).await, all, "{role}");
    }
    assert_eq!(seen(Role::Police).await, ["3 called"]);
    let page = hub.get(&TestHub::at(KRAKIVETS, "queue/changes?after=2")).as_role(Role::Customs).send().await;
    let expected = json!({"checkpoint": KRAKIVETS, "next": 3, "items": [
        {"position": 3, "kind": "called", "booking": booking, "recorded_at": "2026-11-21T12:00:00Z"}]});
    assert_eq!(page.expect(200), expected);
}

#[tokio::test]
async fn a_page_that_is_full_names_the_next_one() {
    let hub = TestHub::start().await;
    for number in 0..3 {
        hub.book(KRAKIVETS, &format!("AA 000{number} BB")).await;
    }
    let address = TestHub::at(KRAKIVETS, "queue/changes?limit=2");
    let first = hub.get(&address).as_role(Role::Customs).send().await;
    let link = format!("</api/v1/checkpoints/{KRAKIVETS}/queue/changes?limit=2&after=2>; rel=\"next\"");
    assert_eq!(first.header("link"), link);
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    let second = hub.get(next).as_role(Role::Customs).send().await;
    assert_eq!(told(&second.expect(200)), ["3 booked"]);
    assert!(second.headers.get("link").is_none(), "there is no more for now");
}

#[tokio::test]
async fn a_page_that_makes_no_sense_is_refused() {
    let hub = TestHub::start().await;
    for (query, problem) in [
        ("after=-1", "400 malformed_request: query:after: is 0 or greater"),
        ("limit=0", "400 malformed_request: query:limit: is 1 to 500"),
        ("limit=501", "400 malformed_request: query:limit: is 1 to 500"),
    ] {
        let address = TestHub::at(KRAKIVETS, &format!("queue/changes?{query}"));
        let answer = hub.get(&address).as_role(Role::Customs).send().await;
        assert_eq!(answer.problem().lines().next().unwrap(), problem);
    }
}
