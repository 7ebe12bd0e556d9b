//! Outages that would tell of the same thing at the same time; functionalities; a window that overran.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::{address, amend, declare, planned, unplanned};
use crate::hub::{Answer, TestHub, changed};

fn told(answer: &Answer, other: &Value) -> String {
    let text = answer.problem().replace(other["id"].as_str().unwrap(), "(the other)");
    text.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_outage_that_overlaps_another_is_refused_and_the_other_named() {
    let hub = TestHub::start().await;
    let failure = declare(&hub, &unplanned()).await.expect(201);
    let later = changed(unplanned(), &json!({"starts_at": "2026-11-21T11:40:00Z"}));
    assert_snapshot!(told(&declare(&hub, &later).await, &failure), @"409 outage_overlap: outage (the other) takes the same away at that time: unplanned, running, from 2026-11-21T11:00:00+00:00");
    let window = declare(&hub, &planned()).await.expect(201);
    let inside = changed(
        planned(),
        &json!({"starts_at": "2026-11-28T21:00:00Z", "expected_end_at": "2026-11-28T23:00:00Z"}),
    );
    assert_snapshot!(told(&declare(&hub, &inside).await, &window), @"409 outage_overlap: outage (the other) takes the same away at that time: planned, scheduled, from 2026-11-28T18:00:00+00:00 until 2026-11-28T22:00:00+00:00");
    // Behind it, for another system, in another direction there is room; and when the first is over.
    let behind = json!({"starts_at": "2026-11-28T22:00:00Z", "expected_end_at": "2026-11-28T23:00:00Z"});
    declare(&hub, &changed(planned(), &behind)).await.expect(201);
    declare(&hub, &changed(later.clone(), &json!({"affected_systems": ["guarantee_management"]})))
        .await
        .expect(201);
    amend(&hub, &failure, 1, &json!({"recovered_at": "2026-11-21T11:50:00Z"})).await.expect(200);
    declare(&hub, &later).await.expect(201);
}

#[tokio::test]
async fn a_window_is_not_moved_over_another() {
    let hub = TestHub::start().await;
    let window = declare(&hub, &planned()).await.expect(201);
    let behind = json!({"starts_at": "2026-11-28T22:00:00Z", "expected_end_at": "2026-11-28T23:00:00Z"});
    declare(&hub, &changed(planned(), &behind)).await.expect(201);
    let longer = amend(&hub, &window, 1, &json!({"expected_end_at": "2026-11-28T22:30:00Z"})).await;
    assert!(longer.problem().starts_with("409 outage_overlap"), "{}", longer.problem());
    // What does not move it is no matter of the other's.
    amend(&hub, &window, 1, &json!({"fallback_allowed": false})).await.expect(200);
}

#[tokio::test]
async fn of_outages_that_overlap_and_come_at_once_one_is_taken() {
    let hub = TestHub::start().await;
    let outages: Vec<Value> = (0..6)
        .map(|minute| changed(unplanned(), &json!({"starts_at": format!("2026-11-21T11:{minute:02}:00Z")})))
        .collect();
    let answers = futures_util::future::join_all(outages.iter().map(|outage| declare(&hub, outage))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn functionalities_are_shown_in_both_forms_and_stand_beside_each_other() {
    let hub = TestHub::start().await;
    let of = |codes: &[&str]| changed(unplanned(), &json!({"functionalities": codes}));
    let departures = declare(&hub, &of(&["D", "E"])).await.expect(201);
    assert_eq!(departures["functionalities"], json!(["D", "E"]));
    let told = declare(&hub, &of(&["A", "A"])).await.problem();
    assert_snapshot!(told.lines().next().unwrap(), @"422 invalid: /functionalities/1 `A` is named twice");
    let told = declare(&hub, &of(&["AB"])).await.problem();
    assert!(told.contains("one letter"), "{told}");
    declare(&hub, &of(&["A"])).await.expect(201);
    let again = declare(&hub, &of(&["E"])).await.problem();
    assert!(again.starts_with("409 outage_twin"), "{again}");
    let narrowed = amend(&hub, &departures, 1, &json!({"functionalities": ["D"]})).await.expect(200);
    assert_eq!(narrowed["functionalities"], json!(["D"]));
    declare(&hub, &of(&["E"])).await.expect(201);
    let page = hub
        .get("/api/v1/outages?limit=1&open=true")
        .as_role(Role::Trader)
        .header("Accept", "application/xml");
    let page = page.send().await.text().to_owned();
    assert!(page.contains("<functionalities><functionality>E</functionality></functionalities>"), "{page}");
}

#[tokio::test]
async fn a_window_that_overruns_says_by_how_much_and_keeps_saying_it() {
    let hub = TestHub::start().await;
    let window = declare(&hub, &planned()).await.expect(201);
    let overran = async || {
        let shown = hub.get(&address(&window)).as_role(Role::Trader).send().await.expect(200);
        (shown["overdue"].clone(), shown["overran_seconds"].clone())
    };
    hub.clock.set("2026-11-28T21:59:00Z");
    assert_eq!(overran().await, (json!(false), json!(null)));
    hub.clock.set("2026-11-28T22:20:00Z");
    assert_eq!(overran().await, (json!(true), json!(1_200)));
    amend(&hub, &window, 1, &json!({"recovered_at": "2026-11-28T22:15:00Z"})).await.expect(200);
    hub.clock.set("2026-11-29T08:00:00Z");
    assert_eq!(overran().await, (json!(false), json!(900)), "it is over, and was late");
}
