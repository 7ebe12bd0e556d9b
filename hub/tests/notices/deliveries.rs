//! One delivery after the other: what is sent, what is recorded, what comes next.

use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use futures_util::future::join_all;
use kordon_hub::notices::{self, DeliveryMetrics, deliver_due};
use kordon_hub::sealing;
use kordon_schemas::notices::{AttemptOutcome, DeliveryState, Recipient as To};
use std::collections::HashMap;

use crate::site::{
    Recipient, Site, away, count, estimate, failure, now, recovery, refused, soon, taken, window, withdrawal,
};

#[tokio::test]
async fn notices_of_an_outage_arrive_in_order_each_with_what_was_known_before() {
    let site = Site::open().await;
    let outage = site.declare(&failure(5)).await.unwrap();
    site.amend(outage.id, &estimate(2)).await.unwrap();
    site.amend(outage.id, &recovery()).await.unwrap();
    let (taxud, mut sent) = Recipient::prompt([]);
    let mut connection = site.own_connection().await;
    let later = now() + TimeDelta::hours(1);
    while deliver_due(&mut connection, To::Taxud, &taxud, later).await.unwrap().is_some() {}
    let mut known = None;
    for number in 1..=3 {
        let dispatch = sent.try_recv().unwrap();
        assert_eq!((dispatch.notice.number, dispatch.attempt), (number, 1));
        assert_eq!(dispatch.previous, known);
        known = Some(dispatch.notice.told);
    }
    assert!(sent.try_recv().is_err(), "nothing is sent twice");
    let delivery = &site.notice(1).await.deliveries[0];
    assert_eq!((delivery.recipient, delivery.state), (To::Taxud, DeliveryState::Delivered));
    assert_eq!(
        site.notice(1).await.deliveries[1].state,
        DeliveryState::Pending,
        "the press office is another lane"
    );
}

#[tokio::test]
async fn what_did_not_get_through_is_tried_again_under_the_same_id_when_its_pause_is_over() {
    let site = Site::open().await;
    site.declare(&failure(5)).await.unwrap();
    let (taxud, mut sent) = Recipient::prompt([away(), away()]);
    let mut connection = site.own_connection().await;
    let first = deliver_due(&mut connection, To::Taxud, &taxud, now()).await.unwrap().unwrap();
    assert_eq!((first.attempt, first.outcome), (1, AttemptOutcome::TransientFault));
    let due = first.next_attempt_at.unwrap();
    assert!(now() < due && due < now() + TimeDelta::seconds(2), "{due}");

    let too_early = due - TimeDelta::milliseconds(1);
    assert_eq!(deliver_due(&mut connection, To::Taxud, &taxud, too_early).await.unwrap(), None);
    let second = deliver_due(&mut connection, To::Taxud, &taxud, due).await.unwrap().unwrap();
    let due = second.next_attempt_at.unwrap();
    let third = deliver_due(&mut connection, To::Taxud, &taxud, due).await.unwrap().unwrap();
    assert_eq!((third.attempt, third.outcome), (3, AttemptOutcome::Delivered));

    let ids: Vec<_> = (0..3).map(|_| sent.try_recv().unwrap().notice.id).collect();
    assert_eq!(ids, [first.notice; 3]);
    let delivery = site.notice(1).await.deliveries.remove(0);
    assert_eq!((delivery.state, delivery.next_attempt_at), (DeliveryState::Delivered, None));
    assert!(delivery.settled_at.unwrap() >= due);
    let attempts: Vec<_> = delivery
        .attempts
        .iter()
        .map(|attempt| (attempt.number, attempt.outcome, attempt.detail.as_str()))
        .collect();
    assert_eq!(
        attempts,
        [
            (1, AttemptOutcome::TransientFault, "away"),
            (2, AttemptOutcome::TransientFault, "away"),
            (3, AttemptOutcome::Delivered, "taken")
        ]
    );
}

#[tokio::test]
async fn a_later_notice_waits_for_the_earlier_one_of_its_outage_but_not_for_another_outage() {
    let site = Site::open().await;
    let outage = site.declare(&failure(5)).await.unwrap();
    site.amend(outage.id, &recovery()).await.unwrap();
    let other = site.declare(&failure(6)).await.unwrap();
    let (taxud, mut sent) = Recipient::prompt([away()]);
    let mut connection = site.own_connection().await;
    let later = now() + TimeDelta::hours(1);
    soon(async { while deliver_due(&mut connection, To::Taxud, &taxud, later).await.unwrap().is_some() {} })
        .await;
    let sent: Vec<_> = std::iter::from_fn(|| sent.try_recv().ok())
        .map(|dispatch| (dispatch.notice.outage_id, dispatch.notice.number))
        .collect();
    assert_eq!(sent.len(), 2);
    assert!(sent.contains(&(outage.id, 1)) && sent.contains(&(other.id, 1)), "{sent:?}");
}

#[tokio::test]
async fn what_is_refused_for_good_is_passed_over_and_the_next_is_told_from_what_was_taken() {
    let site = Site::open().await;
    let outage = site.declare(&window()).await.unwrap();
    site.amend(outage.id, &estimate(24 * 9)).await.unwrap();
    site.amend(outage.id, &withdrawal()).await.unwrap();
    let (taxud, mut sent) = Recipient::prompt([taken(), refused(), taken()]);
    let mut connection = site.own_connection().await;
    let later = now() + TimeDelta::hours(1);
    while deliver_due(&mut connection, To::Taxud, &taxud, later).await.unwrap().is_some() {}
    let dispatches: Vec<_> = std::iter::from_fn(|| sent.try_recv().ok()).collect();
    assert_eq!(dispatches.len(), 3);
    assert_eq!(
        dispatches[2].previous.as_ref(),
        Some(&dispatches[0].notice.told),
        "the second was never taken"
    );
    let states: Vec<_> = [1, 2, 3].map(|position| site.notice(position)).into_iter().collect();
    let states: Vec<_> = join_all(states).await.iter().map(|notice| notice.deliveries[0].state).collect();
    assert_eq!(states, [DeliveryState::Delivered, DeliveryState::Failed, DeliveryState::Delivered]);

    let standing = notices::outbox(&mut connection, later).await.unwrap();
    let (taxud, press_office) = (&standing[0], &standing[1]);
    assert_eq!((&taxud.recipient, taxud.pending, taxud.failed), (&To::Taxud.into(), 0, 1));
    assert_eq!(taxud.oldest_pending_at, None);
    assert_eq!(
        (&press_office.recipient, press_office.pending, press_office.failed),
        (&To::PressOffice.into(), 3, 0)
    );
    assert_eq!(press_office.oldest_pending_at, Some(now()));
    let a_month_on = notices::outbox(&mut connection, later + TimeDelta::days(31)).await.unwrap();
    assert_eq!((a_month_on[0].failed, a_month_on[1].pending), (0, 3), "an alarm for what was refused ends");
}

#[tokio::test]
async fn two_workers_share_the_lanes_and_keep_the_order_of_each() {
    let site = Site::open().await;
    for minutes in 1..=12 {
        let outage = site.declare(&failure(minutes)).await.unwrap();
        site.amend(outage.id, &estimate(2)).await.unwrap();
        site.amend(outage.id, &recovery()).await.unwrap();
    }
    // Every third message does not get through the first time.
    let answers = (0..60).map(|number| if number % 3 == 0 { away() } else { taken() });
    let (taxud, mut sent) = Recipient::prompt(answers);
    let worker = || async {
        let mut connection = site.own_connection().await;
        let mut now = now() + TimeDelta::hours(1);
        while count(
            &mut connection,
            "SELECT count(*) FROM notice_deliveries
                                      WHERE recipient = 'taxud' AND state = 'pending'",
        )
        .await
            > 0
        {
            deliver_due(&mut connection, To::Taxud, &taxud, now).await.unwrap();
            now += TimeDelta::seconds(1);
        }
    };
    soon(async { tokio::join!(worker(), worker()) }).await;

    let mut taken = HashMap::new();
    let mut messages = 0;
    while let Ok(dispatch) = sent.try_recv() {
        messages += 1;
        let last = taken.entry(dispatch.notice.outage_id).or_insert(1);
        let number = dispatch.notice.number;
        assert!(number == *last || number == *last + 1, "{number} after {last}");
        *last = number;
    }
    assert_eq!(messages, 36 + 18, "36 taken; of 54, every third was not");
    assert!(taken.len() == 12 && taken.values().all(|last| *last == 3), "{taken:?}");
}

#[tokio::test]
async fn a_recipient_that_takes_its_time_holds_up_neither_other_outages_nor_changes_of_its_own() {
    let site = Site::open().await;
    let outage = site.declare(&failure(5)).await.unwrap();
    let (slow, mut heard) = Recipient::dead();
    let mut first = site.own_connection().await;
    let mut second = site.own_connection().await;
    let held = deliver_due(&mut first, To::Taxud, &slow, now());
    let meanwhile = async {
        heard.recv().await.unwrap();
        soon(site.amend(outage.id, &recovery())).await.unwrap();
        let (prompt, _sent) = Recipient::prompt([]);
        let later = now() + TimeDelta::hours(1);
        assert_eq!(
            deliver_due(&mut second, To::Taxud, &prompt, later).await.unwrap(),
            None,
            "its lane is locked"
        );
        let other = site.declare(&failure(6)).await.unwrap();
        let handled = deliver_due(&mut second, To::Taxud, &prompt, later).await.unwrap().unwrap();
        assert_eq!(site.feed().await[2].outage_id, Some(other.id.0));
        assert_eq!(site.feed().await[2].id, handled.notice.0);
        slow.answer_once();
    };
    let (held, ()) = soon(async { tokio::join!(held, meanwhile) }).await;
    assert_eq!(held.unwrap().unwrap().outcome, AttemptOutcome::Delivered);
}

#[tokio::test]
async fn a_worker_that_dies_after_the_message_left_leaves_it_to_be_sent_again() {
    let site = Site::open().await;
    site.declare(&failure(5)).await.unwrap();
    let (dead, mut heard) = Recipient::dead();
    let mut connection = site.own_connection().await;
    let worker =
        tokio::spawn(async move { deliver_due(&mut connection, To::Taxud, &dead, now()).await.map(|_| ()) });
    let first = soon(heard.recv()).await.unwrap();
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());

    let mut connection = site.own_connection().await;
    // The lane is free as soon as the server has noticed; this waits for it.
    soon(diesel_async::SimpleAsyncConnection::batch_execute(
        &mut connection,
        "SELECT FROM notice_lanes WHERE recipient = 'taxud' FOR UPDATE",
    ))
    .await
    .unwrap();
    let (taxud, mut sent) = Recipient::prompt([]);
    deliver_due(&mut connection, To::Taxud, &taxud, now()).await.unwrap().unwrap();
    let again = sent.try_recv().unwrap();
    assert_eq!(again, first, "the same notice, the same attempt: nothing of the first was recorded");
}

#[tokio::test]
async fn the_record_of_an_attempt_is_one_bounded_line() {
    let site = Site::open().await;
    site.declare(&failure(5)).await.unwrap();
    let wordy = Err(kordon_hub::notices::ChannelFault::Transient("рядок\r\n".repeat(400)));
    let (taxud, _sent) = Recipient::prompt([wordy]);
    let mut connection = site.own_connection().await;
    deliver_due(&mut connection, To::Taxud, &taxud, now()).await.unwrap();
    let detail = &site.notice(1).await.deliveries[0].attempts[0].detail;
    assert_eq!(detail.chars().count(), 500);
    assert!(!detail.contains('\n'));
}

#[test]
fn the_metrics_are_registered_once() {
    let registry = prometheus::Registry::new();
    DeliveryMetrics::register(&registry).unwrap();
    assert!(DeliveryMetrics::register(&registry).is_err());
}

#[tokio::test]
async fn what_a_recipient_took_is_evidence_and_waits_to_be_sealed() {
    let site = Site::open().await;
    site.declare(&failure(5)).await.unwrap();
    let (taxud, _sent) = Recipient::prompt([away(), taken()]);
    let mut connection = site.own_connection().await;
    let owed = async |site: &Site| sealing::standing(&mut *site.connection().await).await.unwrap().unsealed;
    let first = deliver_due(&mut connection, To::Taxud, &taxud, now()).await.unwrap().unwrap();
    assert_eq!(owed(&site).await, 0, "what did not get through proves nothing");
    let due = first.next_attempt_at.unwrap();
    deliver_due(&mut connection, To::Taxud, &taxud, due).await.unwrap().unwrap();
    assert_eq!(owed(&site).await, 1);
    let (press, _sent) = Recipient::prompt([taken()]);
    deliver_due(&mut connection, To::PressOffice, &press, due).await.unwrap().unwrap();
    assert_eq!(owed(&site).await, 2, "the same notice to another is another message");
    let row = count(
        &mut connection,
        "SELECT count(*) FROM evidence_messages WHERE part = 'notice' AND message = '<notice/>' AND client = 'taxud'",
    );
    assert_eq!(row.await, 1);
}

/// Lets every row that is written into a table fail, as a defect would.
async fn refuse_rows(site: &Site, table: &str) {
    let trigger = format!(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a defect'; END $$;
         CREATE TRIGGER fails BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail()"
    );
    site.own_connection().await.batch_execute(&trigger).await.unwrap();
}

#[tokio::test]
async fn a_notice_that_was_taken_is_told_once_though_its_evidence_cannot_be_kept() {
    let site = Site::open().await;
    site.declare(&failure(5)).await.unwrap();
    refuse_rows(&site, "evidence_messages").await;
    let (taxud, mut sent) = Recipient::prompt([taken()]);
    let mut connection = site.own_connection().await;
    let handled = deliver_due(&mut connection, To::Taxud, &taxud, now()).await.unwrap().unwrap();
    assert_eq!(handled.outcome, AttemptOutcome::Delivered);
    assert!(handled.detail.starts_with("not kept as evidence"), "{}", handled.detail);
    let later = now() + TimeDelta::hours(1);
    assert_eq!(deliver_due(&mut connection, To::Taxud, &taxud, later).await.unwrap(), None);
    assert!(sent.try_recv().is_ok() && sent.try_recv().is_err(), "it was sent once");
    assert_eq!(site.notice(1).await.deliveries[0].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_notice_that_cannot_be_made_ready_holds_up_no_other_outage() {
    let site = Site::open().await;
    let first = site.declare(&failure(5)).await.unwrap();
    let (taxud, mut sent) = Recipient::prompt([]);
    let mut connection = site.own_connection().await;
    deliver_due(&mut connection, To::Taxud, &taxud, now()).await.unwrap().unwrap();
    let spoilt = "UPDATE notices SET told = '{}'";
    connection.batch_execute(spoilt).await.unwrap();
    let other = site.declare(&failure(6)).await.unwrap();
    deliver_due(&mut connection, To::Taxud, &taxud, now()).await.unwrap().unwrap();
    site.amend_at(first.id, &estimate(2), now() + TimeDelta::minutes(1)).await.unwrap();
    site.amend_at(other.id, &estimate(2), now() + TimeDelta::minutes(2)).await.unwrap();
    let mut handled = Vec::new();
    let later = now() + TimeDelta::minutes(3);
    while let Some(one) = deliver_due(&mut connection, To::Taxud, &taxud, later).await.unwrap() {
        handled.push(one.outcome);
    }
    assert_eq!(handled, [AttemptOutcome::TransientFault, AttemptOutcome::Delivered]);
    let told: Vec<_> =
        std::iter::from_fn(|| sent.try_recv().ok()).map(|sent| sent.notice.outage_id).collect();
    assert_eq!(told, [first.id, other.id, other.id]);
}
