//! Members of Trembita who are told beside those whom the order names: each in a lane of its own.

use chrono::TimeDelta;
use kordon_hub::notices::subscribers::{SubscriberName, Subscription, keep};
use kordon_hub::notices::{self, Addressee, Handled, deliver_due};
use kordon_schemas::notices::{AttemptOutcome, DeliveryState, Recipient as To};

use crate::site::{Recipient, Site, away, count, estimate, failure, now, recovery, taken};

fn subscription(name: &str, of_outages: bool, of_permits: bool) -> Subscription {
    Subscription { name: SubscriberName::parse(name).unwrap(), of_outages, of_permits }
}

fn to(name: &str) -> Addressee {
    Addressee::Subscriber(SubscriberName::parse(name).unwrap())
}

async fn set(site: &Site, subscriptions: &[Subscription]) {
    keep(&mut *site.connection().await, subscriptions, now()).await.unwrap();
}

/// To whom a notice is owed.
async fn owed(site: &Site, position: usize) -> Vec<String> {
    let deliveries = site.notice(position).await.deliveries.into_iter();
    let mut owed: Vec<String> = deliveries
        .map(|own| {
            format!(
                "{}{}",
                own.recipient.as_str(),
                own.subscriber.map(|name| format!(" {name}")).unwrap_or_default()
            )
        })
        .collect();
    owed.sort();
    owed
}

#[tokio::test]
async fn subscribers_of_outages_are_owed_their_notices() {
    let site = Site::open().await;
    set(
        &site,
        &[
            subscription("customs", true, false),
            subscription("permits", false, true),
            subscription("zone", true, true),
        ],
    )
    .await;
    site.declare(&failure(5)).await.unwrap();
    assert_eq!(owed(&site, 1).await, ["press_office", "taxud", "trembita customs", "trembita zone"]);
}

#[tokio::test]
async fn each_is_told_in_order_and_none_waits_for_another() {
    let site = Site::open().await;
    set(&site, &[subscription("customs", true, false), subscription("zone", true, false)]).await;
    let outage = site.declare(&failure(5)).await.unwrap();
    site.amend(outage.id, &estimate(2)).await.unwrap();
    site.amend(outage.id, &recovery()).await.unwrap();
    let (customs, mut to_customs) = Recipient::prompt([away(), taken()]);
    let (zone, mut to_zone) = Recipient::prompt([]);
    let mut connection = site.own_connection().await;
    let later = now() + TimeDelta::hours(1);
    let first: Handled = deliver_due(&mut connection, to("customs"), &customs, later).await.unwrap().unwrap();
    assert_eq!((&first.recipient, first.outcome), (&to("customs"), AttemptOutcome::TransientFault));
    assert!(
        deliver_due(&mut connection, to("customs"), &customs, later).await.unwrap().is_none(),
        "its lane waits"
    );
    while deliver_due(&mut connection, to("zone"), &zone, later).await.unwrap().is_some() {}
    let numbers: Vec<i32> =
        std::iter::from_fn(|| to_zone.try_recv().ok()).map(|sent| sent.notice.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    let again = first.next_attempt_at.unwrap();
    while deliver_due(&mut connection, to("customs"), &customs, again).await.unwrap().is_some() {}
    let sent: Vec<_> = std::iter::from_fn(|| to_customs.try_recv().ok()).collect();
    let numbers: Vec<(i32, i32)> = sent.iter().map(|sent| (sent.notice.number, sent.attempt)).collect();
    assert_eq!(numbers, [(1, 1), (1, 2), (2, 1), (3, 1)]);
    assert_eq!(sent[0].notice.id, sent[1].notice.id, "a repetition is known by its id");
    assert_eq!(sent[2].previous.as_ref(), Some(&sent[1].notice.told), "it is told from what it took");
    let evidence =
        "SELECT count(*) FROM evidence_messages WHERE part = 'notice' AND client = 'trembita:customs'";
    assert_eq!(count(&mut connection, evidence).await, 3);
    let standing = notices::outbox(&mut connection, now()).await.unwrap();
    let of = |addressee: Addressee| standing.iter().find(|own| own.recipient == addressee).unwrap();
    assert_eq!((of(to("customs")).pending, of(to("zone")).pending, of(To::Taxud.into()).pending), (0, 0, 3));
}

#[tokio::test]
async fn one_that_is_set_no_more_is_owed_nothing_new_and_what_it_was_owed_waits() {
    let site = Site::open().await;
    set(&site, &[subscription("customs", true, false)]).await;
    site.declare(&failure(5)).await.unwrap();
    set(&site, &[]).await;
    site.declare(&failure(6)).await.unwrap();
    assert_eq!(owed(&site, 2).await, ["press_office", "taxud"]);
    let mut connection = site.own_connection().await;
    let standing = notices::outbox(&mut connection, now()).await.unwrap();
    assert!(standing.iter().all(|own| own.recipient != to("customs")), "no alarm rings for it: {standing:?}");
    // Set again it is told what it missed while it was owed, and what is new.
    set(&site, &[subscription("customs", true, true)]).await;
    set(&site, &[subscription("customs", true, true)]).await;
    site.declare(&failure(7)).await.unwrap();
    assert_eq!(owed(&site, 3).await, ["press_office", "taxud", "trembita customs"]);
    let (customs, _sent) = Recipient::prompt([]);
    let later = now() + TimeDelta::hours(1);
    while deliver_due(&mut connection, to("customs"), &customs, later).await.unwrap().is_some() {}
    let state = |notice: kordon_schemas::notices::NoticeWithDeliveries| {
        notice.deliveries.into_iter().find(|own| own.recipient == To::Trembita).map(|own| own.state)
    };
    assert_eq!(state(site.notice(1).await), Some(DeliveryState::Delivered));
    assert_eq!(state(site.notice(2).await), None);
    assert_eq!(state(site.notice(3).await), Some(DeliveryState::Delivered));
}

#[test]
fn the_key_of_an_addressee_is_read_as_the_same() {
    for addressee in To::FIXED.into_iter().map(Addressee::from).chain([to("customs"), to("a-b_9")]) {
        assert_eq!(Addressee::of_key(&addressee.key()), Some(addressee));
    }
    for nobody in ["", "trembita", "trembita:", "trembita:A", "customs"] {
        assert_eq!(Addressee::of_key(nobody), None, "{nobody}");
    }
}
