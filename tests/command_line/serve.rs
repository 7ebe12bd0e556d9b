//! `kordon serve`: which database it uses, and how it ends.

use std::path::Path;

use chrono::{TimeDelta, Utc};
use kordon_testing::TestCluster;
use reqwest::Method;
use serde_json::json;

use crate::hub::{EventStream, KRAKIVETS};
use crate::process::{HeldJournal, HubProcess, PATIENCE, Site, event, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_named_is_used_and_no_other_made() {
    let site = Site::shared().await;
    let events = format!("/api/v1/checkpoints/{KRAKIVETS}/events");
    let hub = site.serve();
    let token = site.token("border_guard");
    assert_eq!(hub.client(&token).post(&events, &event("1", "AA1234BB")).await.status, 202);
    assert!(!site.cluster().exists());
    drop(hub);
    let hub = site.serve();
    let again = hub.client(&site.token("border_guard")).get(&events).await;
    assert_eq!(again.body["items"][0]["id"], "1", "the database keeps it, whichever hub serves");
    assert_eq!(site.token("border_guard"), token, "sample parties are made once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_asked_to_end_answers_what_was_begun_and_stops_its_database() {
    let site = Site::private();
    let mut hub = site.serve();
    let server = TestCluster::server_process(&site.cluster()).unwrap();
    let client = hub.client(&site.token("border_guard"));
    let mut journal = HeldJournal::of(KRAKIVETS, &site.database_url()).await;
    let events = format!("/api/v1/checkpoints/{KRAKIVETS}/events");
    let in_flight = tokio::spawn(async move { client.post(&events, &event("in-flight", "AA1234BB")).await });
    journal.awaited().await;

    hub.ask_to_end();
    eventually("no new work is taken", async || {
        reqwest::get(format!("{}/health/live", hub.url())).await.is_err().then_some(())
    })
    .await;
    assert!(hub.lives(), "it waits for what was begun");
    journal.release().await;
    let answer = in_flight.await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body["outcome"].as_str()), (202, Some("unmatched")));
    let status = tokio::task::spawn_blocking(move || hub.ended()).await.unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(!Path::new(&format!("/proc/{server}")).exists(), "its PostgreSQL has ended with it");
    assert!(!site.log().contains("panicked"), "{}", site.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_whose_database_cannot_be_kept_running_ends_and_says_so() {
    let site = Site::private();
    let mut hub = site.serve();
    std::fs::remove_file(site.cluster().join("postgres/global/pg_control")).unwrap();
    TestCluster::kill_server(&site.cluster()).unwrap();
    let status = tokio::task::spawn_blocking(move || hub.ended()).await.unwrap();
    assert_eq!(status.code(), Some(1));
    let log = site.log();
    assert!(log.contains("the private PostgreSQL does not stay up: "), "{log}");
    assert!(log.contains("could not find the database system"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_missed_its_call_is_put_back_by_itself() {
    let site = Site::shared().await;
    let hub = site.serve();
    let operator = hub.client(&site.token("queue_operator"));
    let at = |what: &str| format!("/api/v1/checkpoints/{KRAKIVETS}/{what}");
    let days_ago = |days| Utc::now() - TimeDelta::days(days);
    let booking = json!({"reference": "r-1", "plate": "AA 1234 BB", "queue": "live", "channel": "web",
        "booked_at": days_ago(2)});
    let booked = operator.post(&at("bookings"), &booking).await;
    assert_eq!(booked.status, 201);
    // A call of yesterday that is handed in: its deadline has long passed.
    let call = json!({"booking": booked.body["id"], "reference": "c-1", "called_at": days_ago(1)});
    assert_eq!(operator.post(&at("calls"), &call).await.status, 201);
    let followed = operator.request(Method::GET, &at("queue/stream")).header("Last-Event-ID", "0");
    let mut stream = EventStream::of(followed.send().await.unwrap());
    let put_back = async { while stream.next_change().await.unwrap().1["kind"] != "absent" {} };
    tokio::time::timeout(PATIENCE, put_back).await.expect("whoever is late is put back");
    let queue = operator.get(&at("queue")).await;
    assert_eq!((&queue.body["called"], &queue.body["waiting"]), (&json!(0), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_without_the_door_tells_how_it_is_and_nothing_else() {
    let site = Site::shared().await;
    let mut command = site.serving();
    command.args(["--roles", "timers,delivery"]);
    let hub = HubProcess::start(&site, command);
    let get = async |path: &str| reqwest::get(format!("{}{path}", hub.url())).await.unwrap();
    assert_eq!(get("/health/live").await.status(), 204);
    assert_eq!(get("/health/ready").await.status(), 204);
    let metrics = get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("kordon_timer_lag_seconds"), "{metrics}");
    for path in ["/api/v1/checkpoints", "/openapi.json", "/docs/", "/boards/UA209030"] {
        assert_eq!(get(path).await.status(), 404, "{path}");
    }
}
