//! What DG TAXUD rejects while the hub does not know yet that it was sent: it was not taken, whenever the
//! rejection comes.

use chrono::TimeDelta;
use kordon_hub::notices::rejections::{Rejected, record};
use kordon_hub::notices::{self, NoticeId, deliver_due};
use kordon_schemas::notices::{
    AttemptOutcome, DeliveryState, NoticeWithDeliveries, Recipient as To, RejectionKind,
};

use crate::site::{Recipient, Site, away, estimate, failure, now, soon, taken};

/// Rejects the message of a notice, as DG TAXUD does.
async fn reject(site: &Site, notice: NoticeId) -> NoticeWithDeliveries {
    let rejected = Rejected {
        identification: "EU17".into(),
        kind: RejectionKind::Cd906c,
        of: format!("UA{}", notice.0.simple()),
        faults: Vec::new(),
    };
    record(&mut *site.connection().await, &rejected, now()).await.unwrap()
}

/// Asserts that the first notice was not taken, that the alarm rings, and that the next one is told as if it
/// had not been sent.
async fn the_first_was_not_taken(site: &Site) {
    let first = site.notice(1).await;
    assert_eq!(
        (first.deliveries[0].recipient, first.deliveries[0].state),
        (To::Taxud, DeliveryState::Failed)
    );
    assert_eq!(first.rejections.len(), 1);
    let mut connection = site.own_connection().await;
    let later = now() + TimeDelta::hours(1);
    assert_eq!(notices::outbox(&mut connection, later).await.unwrap()[0].failed, 1);
    let (taxud, mut sent) = Recipient::prompt([taken()]);
    deliver_due(&mut connection, To::Taxud, &taxud, later).await.unwrap().unwrap();
    let second = sent.try_recv().unwrap();
    assert_eq!((second.notice.number, second.previous), (2, None));
}

#[tokio::test]
async fn a_rejection_that_comes_while_a_worker_has_the_notice_in_hand_waits_for_it_and_is_not_lost() {
    let site = Site::open().await;
    let outage = site.declare(&failure(5)).await.unwrap();
    site.amend(outage.id, &estimate(2)).await.unwrap();
    let (slow, mut heard) = Recipient::dead();
    let mut connection = site.own_connection().await;
    let held = deliver_due(&mut connection, To::Taxud, &slow, now());
    let rejected = async {
        let sent = heard.recv().await.unwrap();
        let answered = async {
            site.somebody_waits_for_a_lock().await;
            slow.answer_once();
        };
        tokio::join!(reject(&site, sent.notice.id), answered).0
    };
    let (held, rejected) = soon(async { tokio::join!(held, rejected) }).await;
    assert_eq!(held.unwrap().unwrap().outcome, AttemptOutcome::Delivered);
    assert_eq!(rejected.deliveries[0].state, DeliveryState::Failed);
    the_first_was_not_taken(&site).await;
}

#[tokio::test]
async fn what_was_rejected_after_an_attempt_whose_answer_was_lost_is_not_taken_by_the_next_attempt() {
    let site = Site::open().await;
    let outage = site.declare(&failure(5)).await.unwrap();
    site.amend(outage.id, &estimate(2)).await.unwrap();
    let (taxud, _sent) = Recipient::prompt([away(), taken()]);
    let mut connection = site.own_connection().await;
    let first = deliver_due(&mut connection, To::Taxud, &taxud, now()).await.unwrap().unwrap();
    let rejected = reject(&site, first.notice).await;
    assert_eq!(rejected.deliveries[0].state, DeliveryState::Pending);
    let due = first.next_attempt_at.unwrap();
    let second = deliver_due(&mut connection, To::Taxud, &taxud, due).await.unwrap().unwrap();
    assert_eq!((second.notice, second.outcome), (first.notice, AttemptOutcome::Delivered));
    the_first_was_not_taken(&site).await;
}
