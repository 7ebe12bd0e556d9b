//! The place in a slot of a vehicle that did not come: it is sold once, whatever is found out later.

use kordon_hub::Result;
use kordon_hub::crossings::CrossingId;
use kordon_hub::figures::report::{AskedFigures, report};
use kordon_hub::queue::BookingId;
use kordon_hub::queue::absence::{AbsentFrom, Swept};
use kordon_hub::queue::booking::{self, Booked, view};
use kordon_hub::queue::{changes, pauses};
use kordon_schemas::ProblemCode;
use kordon_schemas::bookings::CancellationIn;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::figures::{BookedFigures, Figures, PeriodLength};
use kordon_schemas::queue::{CallIn, PauseIn};
use kordon_schemas::rules::{Consequence, SlotRules};

use crate::queue_slots::slot_of;
use crate::queue_timer::{PERISHABLE, rules};
use crate::site::{PLATE, Site, krakivets, noon};

impl Site {
    async fn ask_at(&self, reference: &str, plate: &str, minutes: i64) -> Result<Booked> {
        let asked = slot_of(reference, plate, noon(300));
        booking::book(&mut *self.connection().await, &self.operator, &krakivets(), &asked, noon(minutes))
            .await
    }
}

#[tokio::test]
async fn a_place_whose_vehicle_did_not_come_is_not_sold_twice_when_it_turns_out_to_have_come() {
    for consequence in [Consequence::BackToQueue, Consequence::Cancel, Consequence::Ban { days: 3 }] {
        let mut rules = rules();
        rules.lanes[0].slots = Some(SlotRules { length_minutes: 30, places: 1 });
        rules.absence.at_checkpoint = consequence;
        let site = Site::by(rules).await;
        let booked = site.ask_at("r-1", PLATE, 0).await.unwrap().booking;
        // Called hours before its slot, for a reason: its time to come ends before the slot begins.
        let early =
            CallIn { booking: Some(booked.id), reason: Some("medicines".into()), ..CallIn::default() };
        site.call_as(&early, noon(10)).await.unwrap();
        assert_eq!(site.sweep(70).await.absences.len(), 1, "{consequence:?}");
        let second = site.ask_at("r-2", "BB 0002 CC", 80).await.unwrap_err();
        assert_eq!(second.code(), ProblemCode::SlotTaken, "{consequence:?}");
        site.record_one(site.fact(&format!("e-{}", booked.id), K::CheckpointEntered, 40)).await;
        let taken_back: Vec<_> = site.sweep(90).await.taken_back.iter().map(|booking| booking.0).collect();
        assert_eq!(taken_back, [booked.id], "{consequence:?}");
        let sold = "SELECT count(*) FROM slot_places JOIN bookings ON bookings.id = slot_places.booking_id
                    WHERE slot_places.starts_at = bookings.slot_starts_at AND bookings.ended_at IS NULL";
        assert_eq!(site.number(sold).await, 1, "{consequence:?}");
    }
}

/// A vehicle with a slot at three o'clock that was not in its zone in time and stands in the live queue.
async fn absent_from_its_zone() -> (Site, BookingId) {
    let mut rules = rules();
    rules.lanes[0].slots = Some(SlotRules { length_minutes: 30, places: 1 });
    rules.absence.at_zone = Consequence::BackToQueue;
    let site = Site::by(rules).await;
    let booked = site.ask_at("r-1", PLATE, 0).await.unwrap().booking;
    let swept = site.sweep(400).await;
    assert_eq!(swept.absences.len(), 1, "{swept:?}");
    (site, BookingId(booked.id))
}

/// What became by the end of its grace of a vehicle with a slot at three o'clock that came to its zone, and
/// then did this.
async fn having_come(then: &[(K, i64)]) -> (Site, BookingId, Swept) {
    let mut rules = rules();
    rules.lanes[0].slots = Some(SlotRules { length_minutes: 30, places: 1 });
    rules.absence.at_zone = Consequence::BackToQueue;
    rules.absence.zone_grace_minutes = 60;
    let site = Site::by(rules).await;
    let booked = site.ask_at("r-1", PLATE, 0).await.unwrap().booking;
    let mut facts = vec![site.fact("e-0", K::ZoneArrived, 100)];
    facts.extend(then.iter().map(|(kind, minutes)| site.fact(&format!("e-{minutes}"), *kind, *minutes)));
    site.record(facts).await;
    assert_eq!(site.sweep(359).await, Swept::default(), "its grace is not over");
    let swept = site.sweep(360).await;
    (site, BookingId(booked.id), swept)
}

#[tokio::test]
async fn one_that_left_its_zone_before_its_slot_and_is_not_back_in_its_grace_did_not_come() {
    let (site, booking, swept) = having_come(&[(K::ZoneLeft, 200)]).await;
    let [absence] = swept.absences.as_slice() else { panic!("{swept:?}") };
    assert_eq!((absence.booking, absence.due_at), (booking, noon(360)));
    assert_eq!(site.sweep(361).await, Swept::default(), "that it had come was known");
    site.record_one(site.fact("e-365", K::ZoneArrived, 365)).await;
    assert_eq!(site.sweep(370).await, Swept::default(), "it came back too late");
    assert_eq!(site.number("SELECT count(*) FROM bookings WHERE queue = 'live'").await, 1);
}

/// The slot is at three o'clock with an hour of grace; the checkpoint stands from half past one to five.
#[tokio::test]
async fn nobody_is_absent_from_a_zone_while_the_checkpoint_is_paused_and_the_grace_runs_after_it() {
    let mut rules = rules();
    rules.lanes[0].slots = Some(SlotRules { length_minutes: 30, places: 1 });
    rules.absence.at_zone = Consequence::Ban { days: 3 };
    rules.absence.zone_grace_minutes = 60;
    let site = Site::by(rules).await;
    site.ask_at("r-1", PLATE, 0).await.unwrap();
    let asked = PauseIn { lane: None, reason: "a bomb threat".into() };
    let mut connection = site.connection().await;
    let pause = pauses::pause(&mut connection, &site.guard, &krakivets(), &asked, noon(90)).await.unwrap();
    assert_eq!(site.sweep(400).await, Swept::default());
    pauses::resume(&mut connection, &site.guard, &krakivets(), pause.id, noon(420)).await.unwrap();
    assert_eq!(site.sweep(479).await, Swept::default(), "it has its hour");
    let swept = site.sweep(480).await;
    let [absence] = swept.absences.as_slice() else { panic!("{swept:?}") };
    assert_eq!(absence.due_at, noon(480));
}

#[tokio::test]
async fn one_that_turns_out_to_have_come_back_in_its_grace_has_its_place_again() {
    let (site, booking, swept) = having_come(&[(K::ZoneLeft, 200)]).await;
    assert_eq!(swept.absences.len(), 1);
    site.record_one(site.fact("e-350", K::ZoneArrived, 350)).await;
    assert_eq!(site.sweep(370).await.taken_back, [booking]);
    assert_eq!(site.sweep(371).await, Swept::default());
    assert_eq!(site.number("SELECT count(*) FROM bookings WHERE queue = 'pre_booked'").await, 1);
}

#[tokio::test]
async fn one_that_came_back_or_left_only_after_its_slot_began_came() {
    for then in [
        vec![(K::ZoneLeft, 200), (K::ZoneArrived, 350)],
        vec![(K::ZoneLeft, 310)],
        vec![(K::ZoneLeft, 200), (K::ZoneArrived, 250), (K::ZoneLeft, 310)],
    ] {
        let (site, _, swept) = having_come(&then).await;
        assert_eq!(swept, Swept::default(), "{then:?}");
        assert_eq!(site.sweep(500).await, Swept::default(), "{then:?}");
    }
}

#[tokio::test]
async fn a_booking_that_was_cancelled_since_stays_cancelled_when_its_vehicle_turns_out_to_have_come() {
    let (site, booking) = absent_from_its_zone().await;
    let cancellation = CancellationIn { reference: "c-1".into(), reason: "the driver is ill".into() };
    let asked = changes::AskedChange::Cancellation(&cancellation);
    let mut connection = site.connection().await;
    changes::change(&mut connection, &site.operator, booking.0, asked, noon(410)).await.unwrap();
    site.record_one(site.fact("e-1", K::ZoneArrived, 295)).await;
    assert_eq!(site.sweep(420).await.taken_back, [booking], "the absence was wrong");
    let open = "SELECT count(*) FROM bookings WHERE ended_at IS NULL OR queue <> 'live'";
    assert_eq!(site.number(open).await, 0);
    assert_eq!(
        site.number(
            "SELECT count(*) FROM active_bookings JOIN crossings USING (plate) WHERE ended_at IS NULL"
        )
        .await,
        0
    );
    assert_eq!(site.number("SELECT count(*) FROM slot_places").await, 0);
}

#[tokio::test]
async fn a_booking_that_was_put_first_since_stays_first() {
    let (site, booking) = absent_from_its_zone().await;
    site.becomes(CrossingId(booking.0), PERISHABLE).await;
    site.record_one(site.fact("e-1", K::ZoneArrived, 295)).await;
    assert_eq!(site.sweep(420).await.taken_back, [booking]);
    assert_eq!(
        site.number("SELECT count(*) FROM bookings WHERE queue = 'priority' AND slot_starts_at IS NULL")
            .await,
        1
    );
}

#[tokio::test]
async fn of_two_absences_that_are_taken_back_the_first_says_what_the_booking_was() {
    let (site, booking) = absent_from_its_zone().await;
    let early = CallIn { booking: Some(booking.0), reason: Some("medicines".into()), ..CallIn::default() };
    site.call_as(&early, noon(410)).await.unwrap();
    assert_eq!(site.sweep(480).await.absences.len(), 1, "nor did it come when it was called");
    let pre_booked =
        "SELECT count(*) FROM bookings WHERE queue = 'pre_booked' AND slot_starts_at IS NOT NULL";
    site.record_one(site.fact("e-1", K::ZoneArrived, 295)).await;
    assert_eq!(site.sweep(490).await.taken_back, [booking]);
    assert_eq!(site.number(pre_booked).await, 0, "the second absence stands");
    site.record_one(site.fact("e-2", K::CheckpointEntered, 440)).await;
    assert_eq!(site.sweep(500).await.taken_back, [booking]);
    assert_eq!(site.number(pre_booked).await, 1);
}

#[tokio::test]
async fn a_vehicle_that_did_not_come_is_counted_whatever_followed_until_it_turns_out_to_have_come() {
    let (site, _) = absent_from_its_zone().await;
    assert_eq!(of_the_day(&site).await.no_shows, 1);
    site.record_one(site.fact("e-1", K::ZoneArrived, 295)).await;
    site.sweep(420).await;
    assert_eq!(of_the_day(&site).await.no_shows, 0);
}

#[tokio::test]
async fn one_that_was_put_back_to_the_live_queue_stays_counted_where_it_was_booked() {
    let (site, _) = absent_from_its_zone().await;
    assert_eq!(site.number("SELECT count(*) FROM bookings WHERE queue = 'live'").await, 1);
    let BookedFigures { pre_booked, live, priority } = of_the_day(&site).await.booked;
    assert_eq!((pre_booked, live, priority), (1, 0, 0));
}

/// What the figures say of Krakivets on the day of the site.
pub(crate) async fn of_the_day(site: &Site) -> Figures {
    let asked = AskedFigures {
        checkpoints: vec![krakivets()],
        by_lane: false,
        every_period: false,
        from: noon(0).date_naive(),
        to: noon(0).date_naive(),
        by: PeriodLength::Day,
    };
    let mut told = report(&mut *site.connection().await, &asked).await.unwrap();
    assert_eq!(told.items.len(), 1, "one checkpoint, one day");
    told.items.remove(0)
}

#[tokio::test]
async fn the_operator_sees_the_calls_of_a_booking_and_why_it_lost_its_place() {
    let site = Site::fresh().await;
    let booking = site.waits(1, 0).await;
    site.call(noon(60)).await.unwrap();
    site.sweep(300).await;
    let shown = async || {
        let mut connection = site.connection().await;
        view::show(&mut connection, &site.operator, booking.0, noon(400)).await.unwrap()
    };
    let seen = shown().await;
    let [call] = seen.calls.as_slice() else { panic!("it was called once: {seen:?}") };
    assert_eq!((call.called_at, call.deadline_at, call.missed_at), (noon(60), noon(300), Some(noon(300))));
    let [absence] = seen.absences.as_slice() else { panic!("it was absent once: {seen:?}") };
    assert_eq!((absence.place, absence.due_at), (AbsentFrom::Checkpoint, noon(300)));
    assert_eq!((absence.consequence, absence.taken_back), (Consequence::BackToQueue, false));
    site.record_one(site.fact_of("e-1", K::CheckpointEntered, "AA 0001 BB", 290)).await;
    site.sweep(310).await;
    let seen = shown().await;
    assert_eq!((seen.calls[0].missed_at, seen.absences[0].taken_back), (None, true));
}

#[tokio::test]
async fn a_call_over_a_missed_one_comes_after_what_the_missed_one_costs_though_the_timer_did_not_look() {
    let (site, booking) = absent_from_its_zone().await;
    site.record_one(site.fact("e-1", K::ZoneArrived, 405)).await;
    let handed_in = |reference: &str, minutes| CallIn {
        booking: Some(booking.0),
        called_at: Some(noon(minutes)),
        reference: Some(reference.into()),
        ..CallIn::default()
    };
    site.call_as(&handed_in("their-1", 410), noon(600)).await.unwrap();
    site.call_as(&handed_in("their-2", 590), noon(600)).await.unwrap();
    assert_eq!(site.number("SELECT count(*) FROM calls WHERE missed_at IS NOT NULL").await, 1);
    assert_eq!(site.number("SELECT count(*) FROM absences WHERE place = 'checkpoint'").await, 1);
    assert!(site.sweep(600).await.absences.is_empty(), "the second call is open");
    site.record_one(site.fact("e-2", K::CheckpointEntered, 420)).await;
    assert_eq!(site.sweep(601).await.taken_back, [booking], "it came to the first");
    assert_eq!(site.number("SELECT count(*) FROM calls WHERE missed_at IS NOT NULL").await, 0);
}
