//! A database that goes away in the middle of an act.

use diesel_async::SimpleAsyncConnection;
use kordon_hub::database::{DatabaseSettings, connect};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::text;
use crate::hub::{KRAKIVETS, TestHub};
use crate::process::HeldJournal;

/// The most events of one request.
const FULL: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_session_ends_in_the_middle_is_recorded_wholly_when_it_is_sent_again() {
    let hub = TestHub::start().await;
    let events = batch(&hub);
    let sending = hub.events(KRAKIVETS, Role::BorderGuard).json(&events).send();
    let answer = interrupted(&hub, sending).await;
    assert_eq!(answer.problem(), "503 database_unavailable: the database cannot be reached");
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(ids(&hub).await, Vec::<String>::new(), "half a batch is no batch");

    for outcome in ["unmatched", "duplicate"] {
        let again = hub.events(KRAKIVETS, Role::BorderGuard).json(&events).send().await.expect(200);
        let items = again["items"].as_array().unwrap();
        assert_eq!(items.len(), FULL);
        assert!(items.iter().all(|item| item["outcome"] == outcome), "{outcome}");
    }
    assert_eq!(ids(&hub).await.len(), FULL);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_whose_session_ends_in_the_middle_is_made_when_it_is_sent_again() {
    let hub = TestHub::start().await;
    let body = json!({"reference": "ref-1", "plate": "AA1234BB", "queue": "live", "channel": "web"});
    let book =
        || hub.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).json(&body).send();
    let answer = interrupted(&hub, book()).await;
    assert_eq!(answer.problem(), "503 database_unavailable: the database cannot be reached");
    assert_eq!(book().await.status, 201, "nothing of the first was kept");
    assert_eq!(book().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_session_ends_in_the_middle_calls_nobody() {
    let hub = TestHub::start().await;
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    hub.arrive(KRAKIVETS, "AA 1234 BB").await;
    let calling =
        hub.post(&TestHub::at(KRAKIVETS, "calls")).as_role(Role::QueueOperator).json(&json!({})).send();
    let answer = interrupted(&hub, calling).await;
    assert_eq!(answer.problem(), "503 database_unavailable: the database cannot be reached");
    assert_eq!(hub.call(KRAKIVETS).await["booking"], booking);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_every_act_says_so_and_afterwards_all_is_well() {
    let hub = TestHub::start().await;
    let events = TestHub::at(KRAKIVETS, "events");
    let queue = TestHub::at(KRAKIVETS, "queue");
    let reads = ["/api/v1/checkpoints", "/api/v1/outages", "/api/v1/notices", &queue, "/health/ready"];
    let read = |address: &str| hub.get(address).as_role(Role::BorderGuard).send();
    let one = batch(&hub)[0].clone();
    let record = || hub.post(&events).as_role(Role::BorderGuard).json(&one).send();
    for address in reads {
        assert!([200, 204].contains(&read(address).await.status), "{address}");
    }

    let mut server = connect(&DatabaseSettings::new(beside(&hub))).await.unwrap();
    let name = database_name(&hub);
    let lock_out = format!(
        "ALTER DATABASE {name} ALLOW_CONNECTIONS false;
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    server.batch_execute(&lock_out).await.unwrap();
    for address in reads {
        let answer = read(address).await;
        assert!(
            answer.problem().starts_with("503 database_unavailable: "),
            "{address}: {}",
            answer.problem()
        );
        assert_eq!(answer.header("retry-after"), "2");
    }
    assert!(record().await.problem().starts_with("503 database_unavailable: "));
    for (address, status) in
        [("/health/live", 204), ("/metrics", 200), ("/openapi.json", 200), ("/problems", 200)]
    {
        assert_eq!(hub.get(address).send().await.status, status, "{address} asks nothing of the database");
    }

    server.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await.unwrap();
    for address in reads {
        assert!([200, 204].contains(&read(address).await.status), "{address}");
    }
    assert_eq!(record().await.status, 202);
}

/// What is answered to a request whose session the server ends while it waits for the journal.
async fn interrupted(hub: &TestHub, sending: impl Future<Output = crate::hub::Answer>) -> crate::hub::Answer {
    let mut journal = HeldJournal::of(KRAKIVETS, &hub.database.settings().url).await;
    let (answer, ()) = tokio::join!(sending, async {
        let waiting = journal.awaited().await;
        journal.terminate(waiting).await;
    });
    journal.release().await;
    answer
}

/// The URL of another database of the same server.
fn beside(hub: &TestHub) -> String {
    hub.database.settings().url.replacen(&format!("@/{}?", database_name(hub)), "@/postgres?", 1)
}

fn database_name(hub: &TestHub) -> String {
    let (_, name) = hub.database.settings().url.split_once("@/").unwrap();
    name.split('?').next().unwrap().to_owned()
}

fn batch(hub: &TestHub) -> Value {
    let event = |number: usize| {
        json!({"id": format!("batch-{number}"), "kind": "checkpoint-entered", "plate": format!("AA{number:04}BB"),
            "occurred_at": hub.clock.now()})
    };
    (0..FULL).map(event).collect()
}

async fn ids(hub: &TestHub) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), 0);
    loop {
        let address = TestHub::at(KRAKIVETS, &format!("events?after={after}&limit=500"));
        let page =
            hub.get(&address).as_role(Role::BorderGuard).for_purpose("a test").send().await.expect(200);
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            return ids;
        }
        ids.extend(items.iter().map(|item| text(&item["id"])));
        after = page["next"].as_i64().unwrap();
    }
}
