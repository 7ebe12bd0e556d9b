//! What changed in a queue: every position once, in the order of commits.

use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use kordon_hub::crossings::{Position, placement};
use kordon_hub::parties::{Actor, Role};
use kordon_hub::queue::calling::automatic;
use kordon_hub::queue::changes::{self, AskedChange};
use kordon_hub::queue::{absence, booking, feed, pauses, warnings};
use kordon_schemas::bookings::{CancellationIn, VehicleSwapIn};
use kordon_schemas::changes::{QueueChange, QueueChangeKind, QueueChanges};
use kordon_schemas::events::EventKind as K;
use kordon_schemas::queue::PauseIn;
use tokio::sync::oneshot;

use crate::site::{PLATE, Site, booking_of, evening, krakivets, noon, until_blocked, void_by, yahodyn};

impl Site {
    async fn changes_as(&self, actor: &Actor, after: i64, limit: i64) -> QueueChanges {
        let mut connection = self.connection().await;
        feed::after(&mut connection, actor, &krakivets(), Position(after), limit).await.unwrap()
    }

    async fn changes(&self, after: i64) -> Vec<(i64, QueueChangeKind, Option<K>)> {
        let told = |change: &QueueChange| (change.position, change.kind, change.event);
        self.changes_as(&self.guard, after, 100).await.items.iter().map(told).collect()
    }
}

#[tokio::test]
async fn every_position_is_told_once_with_what_it_stands_for() {
    use QueueChangeKind as C;
    let site = Site::fresh().await;
    let booked = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("z-1", K::ZoneArrived, 10)).await;
    site.call(noon(20)).await.unwrap();
    site.record_one(site.fact_of("e-1", K::CheckpointEntered, "AA 1234 BX", 30)).await;
    let mut connection = site.connection().await;
    placement::place_by_hand(
        &mut connection,
        &site.guard,
        &krakivets(),
        Position(4),
        booked,
        "misread",
        evening(),
    )
    .await
    .unwrap();
    site.try_book(&yahodyn(), "r-2", "AA 0002 BB", 5).await.unwrap();
    assert_eq!(
        site.changes(0).await,
        [
            (1, C::Booked, None),
            (2, C::Stated, Some(K::ZoneArrived)),
            (3, C::Called, None),
            (4, C::Stated, Some(K::CheckpointEntered)),
            (5, C::Placed, None),
        ]
    );
    let page = site.changes_as(&site.customs, 0, 100).await;
    assert!(page.items.iter().all(|change| change.booking == Some(booked.0)), "{page:?}");
    assert!(page.items.iter().all(|change| change.recorded_at.is_some()), "{page:?}");
    assert_eq!(page.next, 5);
}

#[tokio::test]
async fn acts_that_hold_their_own_position_are_told_by_their_kind() {
    use QueueChangeKind as C;
    let site = Site::fresh().await;
    let booked = site.book("r-1", PLATE, 0).await;
    let mut connection = site.connection().await;
    let asked = PauseIn { lane: None, reason: "a power cut".into() };
    let pause = pauses::pause(&mut connection, &site.operator, &krakivets(), &asked, noon(5)).await.unwrap();
    pauses::resume(&mut connection, &site.operator, &krakivets(), pause.id, noon(6)).await.unwrap();
    let cancelled = CancellationIn { reference: "c-1".into(), reason: "sold".into() };
    changes::change(
        &mut connection,
        &site.operator,
        booked.0,
        AskedChange::Cancellation(&cancelled),
        noon(7),
    )
    .await
    .unwrap();
    let told: Vec<_> =
        site.changes(0).await.into_iter().map(|(position, kind, _)| (position, kind)).collect();
    assert_eq!(told, [(1, C::Booked), (2, C::Paused), (3, C::Resumed), (4, C::Ended)]);
    let ended = site.changes_as(&site.guard, 3, 100).await.items.remove(0);
    assert_eq!((ended.booking, ended.recorded_at), (Some(booked.0), Some(noon(7))));
}

#[tokio::test]
async fn a_position_that_nobody_named_is_told_all_the_same() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    site.connection().await.batch_execute("DELETE FROM journal_changes").await.unwrap();
    assert_eq!(site.changes(0).await, [(1, QueueChangeKind::Other, None)]);
}

#[tokio::test]
async fn pages_follow_each_other_and_the_last_one_is_empty() {
    let site = Site::fresh().await;
    let facts = (0..7).map(|number| {
        site.fact_of(&format!("e-{number}"), K::CheckpointEntered, &format!("AA 000{number} BB"), number)
    });
    site.record(facts.collect()).await;
    let (mut after, mut seen, mut pages) = (0, Vec::new(), 0);
    loop {
        let page = site.changes_as(&site.guard, after, 3).await;
        if page.next == after {
            break;
        }
        seen.extend(page.items.iter().map(|change| change.position));
        (after, pages) = (page.next, pages + 1);
    }
    assert_eq!((seen, pages), ((1..=7).collect(), 3));
    let beyond = site.changes_as(&site.guard, 99, 3).await;
    assert_eq!((beyond.items.len(), beyond.next), (0, 99));
}

#[tokio::test]
async fn a_zone_operator_is_told_what_concerns_its_zone_and_moves_on_over_the_rest() {
    let site = Site::fresh().await;
    let elsewhere = Actor {
        scope: kordon_hub::parties::Scope {
            checkpoints: None,
            zones: Some(vec![kordon_hub::parties::Zone("KRAKIVETS-2".into())]),
        },
        ..site.zone.clone()
    };
    site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("z-1", K::ZoneArrived, 10)).await;
    site.call(noon(20)).await.unwrap();
    site.record_one(site.fact("e-1", K::CheckpointEntered, 30)).await;
    let own = site.changes_as(&site.zone, 0, 100).await;
    assert_eq!(own.items.iter().map(|change| change.position).collect::<Vec<_>>(), [1, 2, 3]);
    let other = site.changes_as(&elsewhere, 0, 100).await;
    assert_eq!((other.items.len(), other.next, own.next), (0, 4, 4));
    let police = site.another(Role::Police, "patrol").await;
    let seen = site.changes_as(&police, 0, 100).await;
    assert_eq!(seen.items.iter().map(|change| change.position).collect::<Vec<_>>(), [3]);
}

#[tokio::test]
async fn an_arrival_that_is_void_leaves_its_vehicle_to_the_zone_that_it_is_booked_for() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    let misread = site.fact("z-1", K::ZoneArrived, 10);
    let void = void_by(&site.zone, &krakivets(), "v-1", "z-1");
    site.record(vec![misread, void]).await;
    let cancelled = CancellationIn { reference: "c-1".into(), reason: "sold".into() };
    let booked = site.changes_as(&site.guard, 0, 1).await.items.remove(0).booking.unwrap();
    let mut connection = site.connection().await;
    let asked = AskedChange::Cancellation(&cancelled);
    changes::change(&mut connection, &site.operator, booked, asked, noon(20)).await.unwrap();
    let own = site.changes_as(&site.zone, 0, 100).await;
    let kinds: Vec<_> = own.items.iter().map(|change| change.kind).collect();
    assert!(!kinds.contains(&QueueChangeKind::Ended), "it never was there: {own:?}");
    let events: Vec<_> = own.items.iter().map(|change| change.event).collect();
    assert_eq!(events, [Some(K::ZoneArrived), Some(K::Void)], "its list is without the vehicle again");
}

#[tokio::test]
async fn a_transaction_that_stays_open_loses_nothing() {
    let site = Site::fresh().await;
    let (holds, held) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let open = async {
        let mut connection = site.connection().await;
        connection
            .transaction::<_, kordon_hub::Error, _>(async |connection| {
                let asked = booking_of("r-1", PLATE, 0);
                booking::book(connection, &site.operator, &krakivets(), &asked, evening()).await?;
                holds.send(()).unwrap();
                released.await.unwrap();
                Ok(())
            })
            .await
            .unwrap();
    };
    let behind = async {
        held.await.unwrap();
        let record = site.record_one(site.fact_of("e-1", K::CheckpointEntered, "AA 0002 BB", 30));
        let watch = async {
            until_blocked(&mut *site.connection().await, 1).await;
            assert_eq!(site.changes(0).await, [], "the first is not committed, the second has no position");
            release.send(()).unwrap();
        };
        tokio::join!(record, watch)
    };
    tokio::join!(open, behind);
    let positions: Vec<i64> = site.changes(0).await.iter().map(|change| change.0).collect();
    assert_eq!(positions, [1, 2]);
    assert_eq!(site.changes(0).await[0].1, QueueChangeKind::Booked);
}

#[tokio::test]
async fn what_the_hub_does_by_itself_is_told_by_its_kind() {
    use QueueChangeKind as C;
    let site = Site::by(crate::queue_timer::rules()).await;
    let (first, second) = (site.waits(1, -60).await, site.waits(2, -50).await);
    let mut connection = site.connection().await;
    let here = krakivets();
    automatic::call_due(&mut connection, &here, noon(0)).await.unwrap();
    warnings::warn_due(&mut connection, &here, noon(1)).await.unwrap();
    absence::sweep(&mut connection, &here, noon(60)).await.unwrap();
    site.record_one(site.fact_of("e-1", K::CheckpointEntered, "AA 0001 BB", 50)).await;
    absence::sweep(&mut connection, &here, noon(70)).await.unwrap();
    let swap = VehicleSwapIn {
        reference: "s-1".into(),
        plate: kordon_schemas::Plate::parse("BB 0003 CC").unwrap(),
        trailer_plate: None,
        vehicle: None,
        driver: None,
        data: None,
        reason: "a breakdown".into(),
    };
    changes::change(&mut connection, &site.operator, second.0, AskedChange::VehicleSwap(&swap), noon(80))
        .await
        .unwrap();
    // The rules of the site drew the first position.
    let told: Vec<_> = site
        .changes_as(&site.guard, 5, 100)
        .await
        .items
        .iter()
        .map(|change| (change.kind, change.booking))
        .collect();
    assert_eq!(
        told,
        [
            (C::Called, Some(first.0)),
            (C::Warned, Some(second.0)),
            (C::Absent, Some(first.0)),
            (C::Stated, Some(first.0)),
            (C::AbsenceTakenBack, Some(first.0)),
            (C::Changed, Some(second.0)),
        ]
    );
}
