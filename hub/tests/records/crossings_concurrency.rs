//! What happens at the same moment. Who comes first is decided by locks that the test holds, never by
//! waiting.

use diesel_async::SimpleAsyncConnection;
use futures_util::future::join_all;
use kordon_hub::crossings::{Submission, record};
use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind as K;
use prometheus::Registry;
use tokio::sync::Notify;

use crate::site::{
    PLATE, Site, evening, event, krakivets, outcomes, positions, stated, until_blocked, void_by, yahodyn,
};

/// Locks the journal of Krakivets in a transaction that stays open.
const HOLD: &str = "BEGIN; SELECT FROM checkpoint_journals WHERE checkpoint = 'UA209030' FOR UPDATE";

#[tokio::test]
async fn a_fact_that_waits_for_a_booking_is_placed_in_it() {
    let site = Site::fresh().await;
    let mut holder = site.connection().await;
    holder.batch_execute(HOLD).await.unwrap();
    let mut watcher = site.connection().await;
    // The booking stands in line first; PostgreSQL serves waiters of a row in order.
    let booking = async { site.book("r-1", PLATE, 0).await };
    let fact = async {
        until_blocked(&mut *site.connection().await, 1).await;
        site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await
    };
    let release = async {
        until_blocked(&mut watcher, 2).await;
        holder.batch_execute("COMMIT").await.unwrap();
    };
    let (crossing, recorded, ()) = tokio::join!(booking, fact, release);
    let view = site.view(crossing).await;
    assert_eq!((view.stage, view.events.len()), (Stage::CheckpointEntered, 1));
    assert!(["recorded", "unmatched"].contains(&outcomes(&[recorded])[0]));
}

#[tokio::test]
async fn a_booking_that_waits_for_a_fact_takes_it() {
    let site = Site::fresh().await;
    let mut holder = site.connection().await;
    holder.batch_execute(HOLD).await.unwrap();
    let mut watcher = site.connection().await;
    let fact = async { site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await };
    let booking = async {
        until_blocked(&mut *site.connection().await, 1).await;
        site.book("r-1", PLATE, 0).await
    };
    let release = async {
        until_blocked(&mut watcher, 2).await;
        holder.batch_execute("COMMIT").await.unwrap();
    };
    let (_, crossing, ()) = tokio::join!(fact, booking, release);
    let view = site.view(crossing).await;
    assert_eq!((view.stage, view.events.len()), (Stage::CheckpointEntered, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bookings_and_facts_of_many_vehicles_at_once_all_end_matched() {
    let site = Site::fresh().await;
    let recorder = site.recorder(&Registry::new());
    let (site, recorder) = (&site, &recorder);
    let vehicles = (0..40).map(|number| async move {
        let plate = format!("AA {number:04} BB");
        let id = format!("e-{number}");
        let fact = recorder.record(site.submission(&id, &plate));
        let reference = format!("r-{number}");
        let booking = site.book(&reference, &plate, 0);
        let (crossing, recorded) = if number % 2 == 0 {
            tokio::join!(booking, fact)
        } else {
            let (recorded, crossing) = tokio::join!(fact, booking);
            (crossing, recorded)
        };
        recorded.unwrap();
        assert_eq!(site.view(crossing).await.stage, Stage::CheckpointEntered, "{plate}");
    });
    join_all(vehicles).await;
    assert_eq!(site.number("SELECT count(*) FROM checkpoint_events WHERE crossing_id IS NULL").await, 0);
    assert_eq!(site.number("SELECT max(last_position) FROM checkpoint_journals").await, 80);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_replicas_record_each_fact_once_and_draw_positions_without_gaps() {
    let site = Site::fresh().await;
    let replicas = [site.recorder(&Registry::new()), site.recorder(&Registry::new())];
    let (site, replicas) = (&site, &replicas);
    let callers = (0..120).map(|number| async move {
        // Both replicas hear of every fact, from three callers that overlap.
        let facts = (number..number + 3).map(|id| {
            let plate = format!("AA {id:04} BB");
            site.fact_of(&format!("e-{id}"), K::CheckpointEntered, &plate, 60)
        });
        let submission = Submission { checkpoint: krakivets(), facts: facts.collect() };
        let (one, other) =
            tokio::join!(replicas[0].record(submission.clone()), replicas[1].record(submission));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(positions(&one), positions(&other), "a duplicate is answered with the same place");
        one.into_iter()
            .chain(other)
            .filter(|recorded| outcomes(std::slice::from_ref(recorded)) != ["duplicate"])
            .count()
    });
    let first_heard: usize = join_all(callers).await.into_iter().sum();
    assert_eq!(first_heard, 122);
    assert_eq!(site.number("SELECT count(*) FROM checkpoint_events").await, 122);
    assert_eq!(site.number("SELECT max(position) FROM checkpoint_events").await, 122);
}

#[tokio::test]
async fn one_id_at_two_checkpoints_at_once_is_recorded_at_one_of_them() {
    let site = Site::fresh().await;
    let at = |checkpoint: CheckpointCode| {
        let fact = stated(&site.guard, &checkpoint, event("e-1", K::CheckpointEntered, PLATE, 60));
        [Submission { checkpoint, facts: vec![fact] }]
    };
    let (here, there) = (at(krakivets()), at(yahodyn()));
    let (mut holder, mut watcher) = (site.connection().await, site.connection().await);
    let (mut one, mut other) = (site.session().await, site.session().await);
    // Nobody may write events now: the first stands there with its key written and not committed.
    holder.batch_execute("BEGIN; LOCK TABLE checkpoint_events IN SHARE MODE").await.unwrap();
    let written = Notify::new();
    let release = async {
        until_blocked(&mut watcher, 1).await;
        written.notify_one();
        // The second has read that the id is free, and waits for its key.
        until_blocked(&mut watcher, 2).await;
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let second = async {
        written.notified().await;
        record(&mut other, &there, evening()).await
    };
    let (first, second, ()) = tokio::join!(record(&mut one, &here, evening()), second, release);
    assert_eq!(outcomes(&first.unwrap().concat()), ["unmatched"]);
    assert_eq!(outcomes(&second.unwrap().concat()), ["event_conflict"]);
    assert_eq!(site.number("SELECT count(*) FROM checkpoint_events").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_replicas_with_the_same_ids_at_two_checkpoints_never_wait_for_each_other() {
    let site = Site::fresh().await;
    let batch = |checkpoint: &CheckpointCode, ids: Vec<u32>| -> Vec<_> {
        let of =
            |id: u32| stated(&site.guard, checkpoint, event(&format!("e-{id:03}"), K::PlateRead, PLATE, 60));
        ids.into_iter().map(of).collect()
    };
    let here = batch(&krakivets(), (0..100).collect());
    let there = batch(&yahodyn(), (0..100).rev().collect());
    let mut holder = site.connection().await;
    // A third replica writes an id in the middle and gives up: both wait there, each with half of its keys
    // written.
    let hold = format!(
        "BEGIN; INSERT INTO event_keys (system_id, event_id, checkpoint, voided_by)
         VALUES ('{}', 'e-050', 'UA209030', 1)",
        site.guard.system
    );
    holder.batch_execute(&hold).await.unwrap();
    let mut watcher = site.connection().await;
    let release = async {
        until_blocked(&mut watcher, 2).await;
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let (krakivets, yahodyn) = (krakivets(), yahodyn());
    let (one, other, ()) =
        tokio::join!(site.record_at(&krakivets, here), site.record_at(&yahodyn, there), release);
    let told = [outcomes(&one), outcomes(&other)].concat();
    assert_eq!(told.iter().filter(|outcome| **outcome == "unmatched").count(), 100);
    assert_eq!(told.iter().filter(|outcome| **outcome == "event_conflict").count(), 100);
    assert_eq!(site.number("SELECT count(*) FROM checkpoint_events").await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_replicas_whose_batches_hold_voids_never_wait_for_each_other() {
    let site = Site::fresh().await;
    let state = |checkpoint: &CheckpointCode, id: &str| Submission {
        checkpoint: checkpoint.clone(),
        facts: vec![stated(&site.guard, checkpoint, event(id, K::PlateRead, PLATE, 60))],
    };
    let void = |checkpoint: &CheckpointCode, id: &str, voids: &str| Submission {
        checkpoint: checkpoint.clone(),
        facts: vec![void_by(&site.guard, checkpoint, id, voids)],
    };
    // One begins at Krakivets and the other at Yahodyn; each void waits for a key that a third writes and
    // gives up.
    let one = [void(&krakivets(), "v-1", "x"), state(&yahodyn(), "e-1")];
    let other = [void(&yahodyn(), "v-2", "y"), state(&krakivets(), "e-2")];
    let mut holder = site.connection().await;
    let hold = format!(
        "BEGIN; INSERT INTO event_keys (system_id, event_id, checkpoint, voided_by)
         VALUES ('{0}', 'x', 'UA209030', 1), ('{0}', 'y', 'UA205020', 1)",
        site.guard.system
    );
    holder.batch_execute(&hold).await.unwrap();
    let mut watcher = site.connection().await;
    let release = async {
        until_blocked(&mut watcher, 2).await;
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let (mut first, mut second) = (site.session().await, site.session().await);
    let (one, other, ()) =
        tokio::join!(record(&mut first, &one, evening()), record(&mut second, &other, evening()), release);
    for answers in [one.unwrap(), other.unwrap()] {
        assert_eq!(outcomes(&answers.concat()), ["unmatched", "unmatched"]);
    }
}
