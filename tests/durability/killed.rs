//! `kill -9` under load: of the hub, of its PostgreSQL, of both.

use std::collections::BTreeSet;

use kordon_testing::TestCluster;
use serde_json::Value;

use super::load::{Load, Loss, Told};
use super::recorded;
use crate::hub::{KRAKIVETS, YAHODYN};
use crate::process::{Client, Site};

/// Events that are acknowledged before something is killed.
const ENOUGH: usize = 300;

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_killed_under_load_has_kept_every_acknowledged_event_once() {
    let site = Site::private();
    let mut told = Told::default();
    for with_its_database in [false, true] {
        let hub = site.serve();
        let client = hub.client(&site.token("border_guard"));
        let load = Load::start(client, &format!("killed-{with_its_database}"), Loss::Ends);
        load.acknowledges(ENOUGH).await;
        hub.kill();
        if with_its_database {
            TestCluster::kill_server(&site.cluster()).unwrap();
        }
        told.extend(load.end().await);
    }
    assert_eq!(told.odd, Vec::<String>::new());

    let hub = site.serve();
    let client = hub.client(&site.token("border_guard"));
    for checkpoint in [KRAKIVETS, YAHODYN] {
        let kept = recorded(&client, checkpoint).await;
        let sent = told.sent_to(checkpoint);
        assert!(kept.values().all(|times| *times == 1), "{kept:?}");
        let kept: BTreeSet<String> = kept.into_keys().collect();
        assert!(kept.is_subset(&sent), "nothing is there that nobody sent");
        let lost: Vec<_> = told.acknowledged.intersection(&sent).filter(|id| !kept.contains(*id)).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    }
    send_all_again(&client, &told).await;
    assert_all_are_there_once(&client, &told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_whose_database_is_killed_under_load_says_so_and_goes_on_by_itself() {
    let site = Site::private();
    let mut hub = site.serve();
    let client = hub.client(&site.token("border_guard"));
    let load = Load::start(client.clone(), "away", Loss::IsAFault);
    for _ in 0..2 {
        load.acknowledges(ENOUGH).await;
        let (refused, ()) = tokio::join!(load.is_refused(), async {
            TestCluster::kill_server(&site.cluster()).unwrap();
        });
        refused
    }
    load.acknowledges(ENOUGH).await;
    let told = load.end().await;
    assert_eq!(told.odd, Vec::<String>::new(), "only 503 database_unavailable, until it is back");
    assert!(hub.lives());
    assert_all_are_there_once(&client, &told).await;
    assert_eq!(hub.stranger().get("/health/ready").await.status, 204);
}

/// What was acknowledged is a duplicate now; what was not is one, too, or is recorded now.
async fn send_all_again(client: &Client, told: &Told) {
    for (checkpoint, body) in &told.sent {
        let answer = client.post(&format!("/api/v1/checkpoints/{checkpoint}/events"), body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for item in answer.body["items"].as_array().unwrap() {
            let (id, outcome) = (super::text(&item["id"]), &item["outcome"]);
            if told.acknowledged.contains(&id) {
                assert_eq!(outcome, "duplicate", "{id}");
            } else {
                assert!(
                    [Value::from("duplicate"), Value::from("unmatched")].contains(outcome),
                    "{id}: {outcome}"
                );
            }
        }
    }
}

async fn assert_all_are_there_once(client: &Client, told: &Told) {
    for checkpoint in [KRAKIVETS, YAHODYN] {
        let kept = recorded(client, checkpoint).await;
        assert!(kept.values().all(|times| *times == 1), "{kept:?}");
        assert_eq!(kept.into_keys().collect::<BTreeSet<_>>(), told.sent_to(checkpoint));
    }
}
