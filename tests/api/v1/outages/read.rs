//! `GET /api/v1/outages` and `/api/v1/outages/{outage}`.

use chrono::TimeDelta;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::{address, amend, declare, planned, unplanned};
use crate::hub::TestHub;

#[tokio::test]
async fn an_outage_is_shown_as_it_stands_at_the_moment() {
    let hub = TestHub::start().await;
    let window = declare(&hub, &planned()).await.expect(201);
    let standing = async || {
        let answer = hub.get(&address(&window)).as_role(Role::DepartureOffice).send().await;
        assert_eq!(answer.header("etag"), "\"1\"");
        let outage = answer.expect(200);
        (outage["state"].as_str().unwrap().to_owned(), outage["overdue"].as_bool().unwrap())
    };
    assert_eq!(standing().await, ("scheduled".to_owned(), false));
    hub.clock.set("2026-11-28T18:00:00Z");
    assert_eq!(standing().await, ("running".to_owned(), false));
    hub.clock.advance(TimeDelta::hours(4));
    assert_eq!(standing().await, ("running".to_owned(), true));
}

#[tokio::test]
async fn outages_are_listed_page_by_page_the_latest_first() {
    let hub = TestHub::start().await;
    let mut declared = Vec::new();
    for hour in 0..5_u8 {
        let mut outage = unplanned();
        outage["starts_at"] = format!("2026-11-21T{hour:02}:00:00Z").into();
        // Failures of different functionalities stand beside each other.
        outage["functionalities"] = json!([char::from(b'A' + hour).to_string()]);
        declared.push(declare(&hub, &outage).await.expect(201));
    }
    let recovery = json!({"recovered_at": "2026-11-21T11:00:00Z"});
    amend(&hub, &declared[3], 1, &recovery).await.expect(200);
    declared.reverse();

    assert_eq!(all(&hub, "limit=2").await, ids(&declared));
    assert_eq!(all(&hub, "limit=100").await, ids(&declared));
    declared.remove(1);
    assert_eq!(all(&hub, "limit=2&open=true").await, ids(&declared), "the recovered one is not open");
}

async fn all(hub: &TestHub, query: &str) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let list = hub.get(&format!("/api/v1/outages?{query}{after}")).as_role(Role::Trader).send().await;
        let page = list.expect(200);
        found.extend(ids(page["items"].as_array().unwrap()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

fn ids(outages: &[Value]) -> Vec<String> {
    outages.iter().map(|outage| outage["id"].as_str().unwrap().to_owned()).collect()
}
