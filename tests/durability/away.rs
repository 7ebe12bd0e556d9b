//! A database that goes away in the middle of an act.

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
