//! The workers as they run: woken, waiting, stopped, and cut off from the database.

use chrono::TimeDelta;
use diesel::sql_query;
use diesel_async::RunQueryDsl;
use kordon_hub::Clock;
use kordon_hub::notices::{Channels, DeliveryMetrics, run};
use kordon_schemas::notices::{AttemptOutcome, DeliveryState, Recipient as To};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::site::{Recipient, Site, away, count, failure, now, soon};

/// What is waited at least after a first attempt: a second, less the last quarter of it, of which each notice
/// waits its own part.
const SHORTEST_FIRST_PAUSE: TimeDelta = TimeDelta::milliseconds(750);

#[tokio::test]
async fn a_notice_is_on_its_way_when_its_outage_is_committed_and_a_dead_recipient_delays_nobody_else() {
    let site = Site::open().await;
    let (dead, mut heard) = Recipient::dead();
    let (press_office, mut sent) = Recipient::prompt([]);
    let (stop, worker) =
        start(&site, Channels::new().with(To::Taxud, dead).with(To::PressOffice, press_office));
    for minutes in 1..=3 {
        let outage = site.declare(&failure(minutes)).await.unwrap();
        let dispatch = soon(sent.recv()).await.unwrap();
        assert_eq!(dispatch.notice.outage_id, outage.id);
    }
    soon(heard.recv()).await.unwrap();
    assert!(heard.try_recv().is_err(), "one after the other to one recipient");
    worker.abort();
    drop(stop);
}

#[tokio::test]
async fn what_was_recorded_before_the_workers_started_is_delivered_and_a_pause_is_kept() {
    let site = Site::open().await;
    site.declare(&failure(1)).await.unwrap();
    let (taxud, mut sent) = Recipient::prompt([away()]);
    let (stop, worker) = start(&site, Channels::new().with(To::Taxud, taxud));
    assert_eq!(soon(sent.recv()).await.unwrap().attempt, 1);
    assert_eq!(soon(sent.recv()).await.unwrap().attempt, 2);
    stop.send_replace(true);
    soon(worker).await.unwrap();
    let delivery = site.notice(1).await.deliveries.remove(0);
    assert_eq!(delivery.state, DeliveryState::Delivered);
    let [first, second] = &delivery.attempts[..] else { panic!("{delivery:?}") };
    assert_eq!((first.outcome, second.outcome), (AttemptOutcome::TransientFault, AttemptOutcome::Delivered));
    assert!(second.at - first.at >= SHORTEST_FIRST_PAUSE, "{delivery:?}");
}

#[tokio::test]
async fn workers_that_are_stopped_finish_what_they_have_in_their_hands() {
    let site = Site::open().await;
    site.declare(&failure(1)).await.unwrap();
    site.declare(&failure(2)).await.unwrap();
    let (slow, mut heard) = Recipient::dead();
    let slow = std::sync::Arc::new(slow);
    let (stop, worker) = start(&site, Channels::new().with(To::Taxud, Shared(slow.clone())));
    soon(heard.recv()).await.unwrap();
    stop.send_replace(true);
    slow.answer_once();
    soon(worker).await.unwrap();
    let pending = "SELECT count(*) FROM notice_deliveries WHERE recipient = 'taxud' AND state = 'pending'";
    assert_eq!(
        count(&mut *site.connection().await, pending).await,
        1,
        "the first was recorded, the second not begun"
    );
}

#[tokio::test]
async fn workers_that_lose_the_database_come_back_to_it() {
    let site = Site::open().await;
    let (taxud, mut sent) = Recipient::prompt([]);
    let (stop, worker) = start(&site, Channels::new().with(To::Taxud, taxud));
    site.declare(&failure(1)).await.unwrap();
    soon(sent.recv()).await.unwrap();
    let mut connection = site.own_connection().await;
    sql_query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    kordon_hub::outages::declare(&mut connection, &site.first_line, &failure(2), None, now()).await.unwrap();
    // The first may come once more: the session may have ended before its delivery was committed.
    soon(async { while sent.recv().await.unwrap().notice.position != 2 {} }).await;
    stop.send_replace(true);
    soon(worker).await.unwrap();
}

/// A recipient that the test holds on to.
struct Shared(std::sync::Arc<Recipient>);

#[async_trait::async_trait]
impl kordon_hub::notices::Channel for Shared {
    async fn deliver(
        &self,
        dispatch: &kordon_hub::notices::Dispatch,
    ) -> Result<kordon_hub::notices::Receipt, kordon_hub::notices::ChannelFault> {
        self.0.deliver(dispatch).await
    }
}

fn start(site: &Site, channels: Channels) -> (watch::Sender<bool>, JoinHandle<()>) {
    let (stop, stopped) = watch::channel(false);
    let metrics = DeliveryMetrics::register(&prometheus::Registry::new()).unwrap();
    // Notices are recorded at a fixed moment of the past; the workers live now.
    let worker = tokio::spawn(run(site.database.clone(), channels, Clock::system(), metrics, stopped));
    (stop, worker)
}
