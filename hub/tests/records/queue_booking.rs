//! Booking: one place a vehicle, one booking a reference.

use diesel_async::AsyncConnection;
use futures_util::future::join_all;
use kordon_hub::queue::booking::book;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::{CheckpointCode, ProblemCode};
use tokio::sync::Notify;

use crate::site::{PLATE, Site, booking_of, evening, krakivets, noon, until_blocked, yahodyn};

impl Site {
    async fn refusal(&self, checkpoint: &CheckpointCode, reference: &str, plate: &str) -> ProblemCode {
        self.try_book(checkpoint, reference, plate, 0).await.unwrap_err().code()
    }
}

#[tokio::test]
async fn the_same_booking_again_is_the_same_booking() {
    let site = Site::fresh().await;
    let first = site.book("r-1", PLATE, 0).await;
    let mut connection = site.connection().await;
    let asked = booking_of("r-1", PLATE, 0);
    let again = book(&mut connection, &site.operator, &krakivets(), &asked, noon(599)).await.unwrap();
    assert!(!again.is_new);
    assert_eq!((again.booking.id, again.booking.booked_at), (first.0, noon(0)));
    assert_eq!(site.number("SELECT count(*) FROM bookings").await, 1);
    assert_eq!(site.number("SELECT max(last_position) FROM checkpoint_journals").await, 1);
}

#[tokio::test]
async fn a_reference_stands_for_one_booking_of_its_system() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    assert_eq!(site.refusal(&krakivets(), "r-1", "AA 9999 BB").await, ProblemCode::IdempotencyConflict);
    assert_eq!(site.refusal(&yahodyn(), "r-1", PLATE).await, ProblemCode::IdempotencyConflict);
    let other = site.another(kordon_hub::parties::Role::QueueOperator, "other").await;
    let asked = booking_of("r-1", "AA 9999 BB", 0);
    let theirs = book(&mut *site.connection().await, &other, &krakivets(), &asked, evening()).await.unwrap();
    assert!(theirs.is_new, "another operator has references of its own");
}

#[tokio::test]
async fn a_vehicle_has_one_active_booking_over_all_checkpoints() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    assert_eq!(site.refusal(&krakivets(), "r-2", PLATE).await, ProblemCode::AlreadyBooked);
    assert_eq!(site.refusal(&yahodyn(), "r-3", "аа-1234-вв").await, ProblemCode::AlreadyBooked);
    for table in ["bookings", "crossings", "active_bookings"] {
        assert_eq!(site.number(&format!("SELECT count(*) FROM {table}")).await, 1, "{table}");
    }
    assert_eq!(
        site.number("SELECT sum(last_position) FROM checkpoint_journals").await,
        1,
        "no position was lost"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_attempts_at_once_one_books() {
    let site = Site::fresh().await;
    let site = &site;
    let attempts = (0..50).map(|number| async move {
        let checkpoint = if number % 2 == 0 { krakivets() } else { yahodyn() };
        site.try_book(&checkpoint, &format!("r-{number}"), PLATE, 0).await
    });
    let answers = join_all(attempts).await;
    let codes: Vec<_> =
        answers.iter().filter_map(|answer| answer.as_ref().err().map(kordon_hub::Error::code)).collect();
    assert_eq!(codes, [ProblemCode::AlreadyBooked; 49]);
    assert_eq!(site.number("SELECT count(*) FROM bookings").await, 1);
}

#[tokio::test]
async fn one_reference_at_two_checkpoints_at_once_is_a_conflict() {
    let site = Site::fresh().await;
    let (mut holder, mut watcher) = (site.connection().await, site.connection().await);
    let written = Notify::new();
    let first = holder.transaction(async |connection| {
        let asked = booking_of("r-1", PLATE, 0);
        let booked = book(connection, &site.operator, &krakivets(), &asked, evening()).await?;
        written.notify_one();
        until_blocked(&mut watcher, 1).await;
        Ok::<_, kordon_hub::Error>(booked)
    });
    let second = async {
        written.notified().await;
        site.refusal(&yahodyn(), "r-1", "AA 9999 BB").await
    };
    let (first, second) = tokio::join!(first, second);
    assert!(first.unwrap().is_new);
    assert_eq!(second, ProblemCode::IdempotencyConflict);
}

#[tokio::test]
async fn a_vehicle_that_has_left_books_again_also_elsewhere() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    assert_eq!(site.refusal(&yahodyn(), "r-2", PLATE).await, ProblemCode::AlreadyBooked);
    site.record_one(site.fact("e-2", K::CheckpointLeft, 90)).await;
    site.try_book(&yahodyn(), "r-3", PLATE, 120).await.unwrap();
    assert_eq!(site.refusal(&krakivets(), "r-4", PLATE).await, ProblemCode::AlreadyBooked);
}

#[tokio::test]
async fn a_booking_that_was_forgotten_does_not_bind_a_vehicle_for_ever() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    let mut connection = site.connection().await;
    let after = |days| evening() + chrono::TimeDelta::days(days);
    let mut asked = booking_of("r-2", PLATE, 0);
    asked.booked_at = None;
    let soon = book(&mut connection, &site.operator, &krakivets(), &asked, after(30)).await;
    assert_eq!(soon.unwrap_err().code(), ProblemCode::AlreadyBooked);
    assert!(book(&mut connection, &site.operator, &krakivets(), &asked, after(31)).await.unwrap().is_new);
}

#[tokio::test]
async fn a_booking_keeps_the_version_of_the_rules_and_what_was_told() {
    let site = Site::fresh().await;
    let mut asked = booking_of("r-1", PLATE, 0);
    asked.driver = Some(kordon_schemas::queue::Driver { name: "  Олена Шевченко ".into() });
    asked.trailer_plate = Some(kordon_schemas::Plate::parse("AA 7777 XX").unwrap());
    book(&mut *site.connection().await, &site.operator, &krakivets(), &asked, evening()).await.unwrap();
    let kept =
        "SELECT count(*) FROM bookings WHERE driver_name = 'Олена Шевченко' AND trailer_plate = 'AA 7777 XX'
                AND rules_version = 1 AND booked_at = '2026-11-21T12:00:00Z' AND channel = 'web'";
    assert_eq!(site.number(kept).await, 1);
}

#[tokio::test]
async fn a_booking_that_breaks_a_rule_leaves_nothing() {
    let site = Site::fresh().await;
    assert_eq!(site.refusal(&krakivets(), "two words", PLATE).await, ProblemCode::Invalid);
    assert_eq!(site.number("SELECT count(*) FROM crossings").await, 0);
}
