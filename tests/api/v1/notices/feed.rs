//! `GET /api/v1/notices`, the feed for those who pull.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::super::outages::{amend, declare, planned, unplanned};
use crate::hub::TestHub;

#[tokio::test]
async fn the_feed_tells_every_step_of_an_outage_in_order() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &unplanned()).await.expect(201);
    declare(&hub, &planned()).await.expect(201);
    amend(&hub, &outage, 1, &json!({"fallback_allowed": false})).await.expect(200);
    amend(&hub, &outage, 2, &json!({"recovered_at": "2026-11-21T11:45:00Z"})).await.expect(200);

    let feed = read(&hub, "").await;
    let steps: Vec<String> = feed["items"].as_array().unwrap().iter().map(step).collect();
    assert_snapshot!(steps.join("\n"), @r#"
    1: "declared" "unplanned" outage of ["ets"], notice 1, fallback true, recovered null
    2: "declared" "planned" outage of ["ets","declarant_link"], notice 1, fallback true, recovered null
    3: "changed" "unplanned" outage of ["ets"], notice 2, fallback false, recovered null
    4: "recovered" "unplanned" outage of ["ets"], notice 3, fallback false, recovered "2026-11-21T11:45:00Z"
    "#);
    assert_eq!(feed["next"], 4);
}

#[tokio::test]
async fn a_reader_that_goes_on_from_next_gets_everything_once() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &unplanned()).await.expect(201);
    for version in 1..7 {
        amend(&hub, &outage, version, &json!({"fallback_allowed": version % 2 == 0})).await.expect(200);
    }
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let page = read(&hub, &format!("?after={after}&limit=3")).await;
        let notices = page["items"].as_array().unwrap();
        if notices.is_empty() {
            assert_eq!(page["next"], after, "the end keeps its place");
            break;
        }
        assert!(notices.len() <= 3);
        seen.extend(notices.iter().map(|notice| notice["position"].as_i64().unwrap()));
        after = page["next"].as_i64().unwrap();
    }
    assert_eq!(seen, (1..=7).collect::<Vec<_>>());

    amend(&hub, &outage, 7, &json!({"cancelled": true})).await.expect(200);
    let later = read(&hub, &format!("?after={after}")).await;
    assert_eq!(later["items"][0]["kind"], "cancelled", "what comes later is found from the same place");
}

#[tokio::test]
async fn what_was_told_stays_as_it_was_told() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &unplanned()).await.expect(201);
    let before = read(&hub, "").await["items"][0].clone();
    let text = json!({"text": {"uk": "Інше.", "en": "Something else."}});
    amend(&hub, &outage, 1, &text).await.expect(200);
    let feed = read(&hub, "").await;
    assert_eq!(feed["items"][0], before);
    assert_eq!(feed["items"][1]["outage"]["text"]["en"], "Something else.");
}

#[tokio::test]
async fn a_refused_declaration_is_told_to_nobody() {
    let hub = TestHub::start().await;
    declare(&hub, &unplanned()).await.expect(201);
    assert_eq!(declare(&hub, &unplanned()).await.status, 409);
    let feed = read(&hub, "").await;
    assert_eq!((feed["items"].as_array().unwrap().len(), &feed["next"]), (1, &json!(1)));
}

async fn read(hub: &TestHub, query: &str) -> Value {
    hub.get(&format!("/api/v1/notices{query}")).as_role(Role::DepartureOffice).send().await.expect(200)
}

fn step(notice: &Value) -> String {
    let outage = &notice["outage"];
    format!(
        "{}: {} {} outage of {}, notice {}, fallback {}, recovered {}",
        notice["position"],
        notice["kind"],
        outage["kind"],
        outage["affected_systems"],
        notice["number"],
        outage["fallback_allowed"],
        outage["recovered_at"]
    )
}
