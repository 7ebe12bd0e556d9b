//! Vehicles of which nothing is heard any more: they stand before nobody, and take nothing of their next
//! journey.

use chrono::TimeDelta;
use kordon_hub::crossings::{Recorded, Submission, record, rules};
use kordon_hub::queue::BookingId;
use kordon_hub::queue::absence::{AbsentFrom, Swept, sweep};
use kordon_hub::queue::pauses;
use kordon_schemas::ProblemCode;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::queue::PauseIn;
use kordon_schemas::rules::Consequence;

use crate::site::{PLATE, Site, booking_of, evening, event, krakivets, noon};

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// Minutes from noon to the evening, when what the site records is recorded.
fn evening_comes() -> i64 {
    (evening() - noon(0)).num_minutes()
}

impl Site {
    /// It comes to its zone, and that is recorded at once.
    async fn comes(&self, minutes: i64) -> Recorded {
        let arrived = event("e-comes", K::ZoneArrived, PLATE, minutes);
        let fact = rules::state(&self.zone, &krakivets(), None, arrived, noon(minutes)).unwrap();
        let submissions = [Submission { checkpoint: krakivets(), facts: vec![fact] }];
        let recorded = record(&mut self.session().await, &submissions, noon(minutes)).await;
        recorded.unwrap().remove(0).remove(0)
    }

    async fn swept_after(&self, days: i64) -> Swept {
        let at = evening() + TimeDelta::days(days);
        sweep(&mut *self.connection().await, &krakivets(), at).await.unwrap()
    }
}

#[tokio::test]
async fn a_live_booking_of_which_nothing_was_heard_for_thirty_days_ends() {
    let site = Site::fresh().await;
    let booked = site.book("r-1", PLATE, 0).await;
    assert_eq!(site.swept_after(29).await, Swept::default());
    let absences = site.swept_after(30).await.absences;
    let [absence] = absences.as_slice() else { panic!("one is forgotten: {absences:?}") };
    assert_eq!(
        (absence.booking, absence.from, absence.consequence),
        (BookingId(booked.0), AbsentFrom::Zone, Consequence::Cancel)
    );
    assert_eq!(absence.due_at, evening() + TimeDelta::days(30));
    assert!(site.queue().await.entries.is_empty());
    assert_eq!(site.swept_after(31).await, Swept::default(), "once");
}

#[tokio::test]
async fn one_that_turns_out_to_have_come_meanwhile_stands_in_the_queue_again() {
    let site = Site::fresh().await;
    let booked = site.book("r-1", PLATE, 0).await;
    site.swept_after(30).await;
    site.comes(evening_comes() + 20 * DAY).await;
    assert_eq!(site.swept_after(31).await.taken_back, [BookingId(booked.0)]);
    assert_eq!(site.queue().await.entries.len(), 1);
    assert_eq!(site.swept_after(70).await, Swept::default(), "it waits in its zone, however long");
}

#[tokio::test]
async fn one_that_left_its_zone_and_never_came_back_ends_for_good() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    let facts = vec![site.fact("e-1", K::ZoneArrived, 10), site.fact("e-2", K::ZoneLeft, 20)];
    site.record(facts).await;
    assert_eq!(site.swept_after(29).await, Swept::default());
    assert_eq!(site.swept_after(30).await.absences.len(), 1);
    assert_eq!(site.swept_after(31).await, Swept::default(), "that it had come was known");
}

#[tokio::test]
async fn one_that_left_its_zone_and_turns_out_to_have_come_back_in_time_stands_in_the_queue_again() {
    let site = Site::fresh().await;
    let booked = site.book("r-1", PLATE, 0).await;
    let facts = vec![site.fact("e-1", K::ZoneArrived, 10), site.fact("e-2", K::ZoneLeft, 20)];
    site.record(facts).await;
    assert_eq!(site.swept_after(30).await.absences.len(), 1);
    site.comes(evening_comes() + 20 * DAY).await;
    assert_eq!(site.swept_after(31).await.taken_back, [BookingId(booked.0)]);
    assert_eq!(site.queue().await.entries.len(), 1);
}

#[tokio::test]
async fn nobody_is_forgotten_while_the_checkpoint_is_paused_nor_for_thirty_days_after() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    let asked = PauseIn { lane: None, reason: "the neighbour lets nobody in".into() };
    let mut connection = site.connection().await;
    let pause = pauses::pause(&mut connection, &site.guard, &krakivets(), &asked, noon(10)).await.unwrap();
    assert_eq!(site.swept_after(40).await, Swept::default());
    let held = async |days: i64| {
        let again = booking_of("r-2", PLATE, evening_comes() + days * DAY);
        let now = evening() + TimeDelta::days(days);
        let mut connection = site.connection().await;
        let here = krakivets();
        let asked = kordon_hub::queue::booking::book(&mut connection, &site.operator, &here, &again, now);
        asked.await.unwrap_err().code() == ProblemCode::AlreadyBooked
    };
    assert!(held(40).await, "nor does another booking take its plate");
    let later = evening() + TimeDelta::days(41);
    pauses::resume(&mut connection, &site.guard, &krakivets(), pause.id, later).await.unwrap();
    assert_eq!(site.swept_after(41).await, Swept::default());
    assert_eq!(site.swept_after(70).await, Swept::default());
    assert!(held(70).await);
    let absences = site.swept_after(71).await.absences;
    assert_eq!(
        absences.iter().map(|absence| absence.due_at).collect::<Vec<_>>(),
        [evening() + TimeDelta::days(71)]
    );
}

#[tokio::test]
async fn a_vehicle_that_stands_in_its_zone_holds_its_plate_however_long() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("e-1", K::ZoneArrived, 10)).await;
    let minutes = evening_comes() + 40 * DAY;
    let again = booking_of("r-2", PLATE, minutes);
    let now = evening() + TimeDelta::days(40);
    let mut connection = site.connection().await;
    let here = krakivets();
    let refused = kordon_hub::queue::booking::book(&mut connection, &site.operator, &here, &again, now).await;
    assert_eq!(refused.unwrap_err().code(), ProblemCode::AlreadyBooked);
}

#[tokio::test]
async fn the_facts_of_the_next_journey_are_of_its_own_booking() {
    let site = Site::fresh().await;
    let first = site.book("r-1", PLATE, 0).await;
    site.swept_after(30).await;
    let now = evening() + TimeDelta::days(31);
    let minutes = evening_comes() + 31 * DAY;
    let mut connection = site.connection().await;
    let again = booking_of("r-2", PLATE, minutes);
    let second = kordon_hub::queue::booking::book(&mut connection, &site.operator, &krakivets(), &again, now)
        .await
        .unwrap()
        .booking;
    let recorded = site.comes(minutes + 5).await;
    assert_eq!(recorded.crossing.map(|crossing| crossing.0), Some(second.id));
    assert_ne!(second.id, first.0);
}
