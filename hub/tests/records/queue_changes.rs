//! What is changed about a booking: cancelled, moved to a later slot, given to another vehicle; and what the
//! rules allow.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kordon_hub::crossings::CrossingId;
use kordon_hub::parties::Role;
use kordon_hub::queue::booking::view;
use kordon_hub::queue::changes::{self, AskedChange, Changed};
use kordon_hub::{Error, Result};
use kordon_schemas::ProblemCode;
use kordon_schemas::bookings::{BookingView, CancellationIn, EndedBy, ExtensionIn, VehicleSwapIn};
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind as K;
use serde_json::json;
use uuid::Uuid;

use crate::queue_slots::{hours, rules_with_slots, slot_of};
use crate::site::{PLATE, Site, evening, noon, yahodyn};

const OTHER: &str = "BB 9999 CC";

fn cancellation(reference: &str) -> CancellationIn {
    CancellationIn { reference: reference.into(), reason: "the driver is ill".into() }
}

fn extension(reference: &str, hour: i64) -> ExtensionIn {
    serde_json::from_value(json!({"reference": reference, "slot_starts_at": hours(hour)})).unwrap()
}

fn swap(reference: &str, plate: &str) -> VehicleSwapIn {
    serde_json::from_value(json!({"reference": reference, "plate": plate, "reason": "a breakdown"})).unwrap()
}

impl Site {
    async fn change(&self, booking: Uuid, asked: AskedChange<'_>) -> Result<Changed> {
        changes::change(&mut *self.connection().await, &self.operator, booking, asked, evening()).await
    }

    async fn cancel(&self, booking: Uuid, reference: &str) -> Result<Changed> {
        self.change(booking, AskedChange::Cancellation(&cancellation(reference))).await
    }

    async fn extend(&self, booking: Uuid, reference: &str, hour: i64) -> Result<Changed> {
        self.change(booking, AskedChange::Extension(&extension(reference, hour))).await
    }

    async fn swap(&self, booking: Uuid, reference: &str, plate: &str) -> Result<Changed> {
        self.change(booking, AskedChange::VehicleSwap(&swap(reference, plate))).await
    }

    async fn shown(&self, booking: Uuid) -> BookingView {
        view::show(&mut *self.connection().await, &self.operator, booking, evening()).await.unwrap()
    }

    async fn with_slot(&self) -> Uuid {
        self.put_rules(rules_with_slots(30, 1), evening()).await.unwrap();
        self.ask(&slot_of("r-1", PLATE, hours(10))).await.unwrap().booking.id
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T>) -> ProblemCode {
    answer.unwrap_err().code()
}

#[tokio::test]
async fn a_cancelled_booking_frees_its_plate_and_its_place_and_waits_no_more() {
    let site = Site::fresh().await;
    let booking = site.with_slot().await;
    let Changed { change, is_new } = site.cancel(booking, "c-1").await.unwrap();
    assert!(is_new);
    assert_eq!(change.after.ended_by, Some(EndedBy::Cancelled));
    assert_eq!(change.before.slot.unwrap().starts_at, hours(10));
    assert_eq!(site.number("SELECT count(*) FROM crossings WHERE awaits_entry").await, 0);
    site.ask(&slot_of("r-2", OTHER, hours(10))).await.unwrap();
    site.try_book(&yahodyn(), "r-3", PLATE, 0).await.unwrap();
    let shown = site.shown(booking).await;
    assert_eq!((shown.ended_by, shown.ended_at), (Some(EndedBy::Cancelled), Some(evening())));
    assert_eq!(shown.changes, [change]);
    site.is_as_its_facts().await;
}

#[tokio::test]
async fn the_same_change_again_is_the_same_change_and_another_under_its_reference_a_conflict() {
    let site = Site::fresh().await;
    let booking = site.with_slot().await;
    let first = site.cancel(booking, "c-1").await.unwrap();
    let again = site.cancel(booking, "c-1").await.unwrap();
    assert_eq!((again.is_new, again.change), (false, first.change));
    assert_eq!(code(site.swap(booking, "c-1", OTHER).await), ProblemCode::IdempotencyConflict);
    assert_eq!(code(site.cancel(booking, "c-2").await), ProblemCode::BookingOver);
    assert_eq!(site.number("SELECT count(*) FROM booking_changes").await, 1);
}

#[tokio::test]
async fn what_happens_to_a_vehicle_after_its_booking_ended_is_of_no_crossing() {
    let site = Site::fresh().await;
    let CrossingId(booking) = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("z-1", K::ZoneArrived, 60)).await;
    site.cancel(booking, "c-1").await.unwrap();
    let mut late = site.fact("e-1", K::CheckpointEntered, 590);
    late.occurred_at = evening() + TimeDelta::seconds(60);
    assert_eq!(site.record_one(late).await.crossing, None);
    assert_eq!(site.view(CrossingId(booking)).await.stage, Stage::ZoneArrived);
    site.record_one(site.fact("z-2", K::ZoneLeft, 90)).await;
    assert_eq!(
        site.number("SELECT count(*) FROM crossings WHERE awaits_entry").await,
        0,
        "no fact brings it back"
    );
    site.is_as_its_facts().await;
}

#[tokio::test]
async fn a_vehicle_that_entered_is_not_cancelled() {
    let site = Site::fresh().await;
    let CrossingId(booking) = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    assert_eq!(code(site.cancel(booking, "c-1").await), ProblemCode::BookingOver);
}

#[tokio::test]
async fn a_booking_is_moved_to_a_later_slot_as_often_and_as_far_as_its_rules_allow() {
    let site = Site::fresh().await;
    let booking = site.with_slot().await;
    assert_eq!(code(site.extend(booking, "x-1", 9).await), ProblemCode::Invalid, "it is earlier");
    assert_eq!(code(site.extend(booking, "x-1", 35).await), ProblemCode::Invalid, "it is too far");
    site.ask(&slot_of("r-2", OTHER, hours(12))).await.unwrap();
    assert_eq!(code(site.extend(booking, "x-1", 12).await), ProblemCode::SlotTaken);
    assert_eq!(
        site.shown(booking).await.booking.slot.unwrap().starts_at,
        hours(10),
        "it keeps its slot then"
    );
    site.extend(booking, "x-1", 14).await.unwrap();
    assert_eq!(site.shown(booking).await.booking.slot.unwrap().starts_at, hours(14));
    site.ask(&slot_of("r-3", "CC 0003 DD", hours(10))).await.unwrap();
    assert_eq!(
        code(site.extend(booking, "x-2", 16).await),
        ProblemCode::ChangeNotAllowed,
        "it was moved once"
    );
}

#[tokio::test]
async fn new_rules_do_not_change_what_an_older_booking_may() {
    let site = Site::fresh().await;
    let booking = site.with_slot().await;
    let mut strict = rules_with_slots(30, 1);
    strict["changes"] = json!({"extensions": 0, "extension_hours": 0, "swaps": 0});
    site.put_rules(strict, evening()).await.unwrap();
    let moved = site.extend(booking, "x-1", 14).await.unwrap().change;
    assert_eq!(moved.rules_version, 2, "the rules that it was booked under");
    let younger = site.ask(&slot_of("r-2", OTHER, hours(20))).await.unwrap().booking;
    assert_eq!(younger.rules_version, 3);
    assert_eq!(code(site.extend(younger.id, "x-2", 21).await), ProblemCode::ChangeNotAllowed);
}

#[tokio::test]
async fn a_swapped_vehicle_takes_the_place_and_has_to_arrive_itself() {
    let site = Site::fresh().await;
    let booking = site.with_slot().await;
    site.record_one(site.fact("z-1", K::ZoneArrived, 590)).await;
    let change = site.swap(booking, "s-1", OTHER).await.unwrap().change;
    assert_eq!((change.before.plate.as_deref(), change.after.plate.as_deref()), (Some(PLATE), Some(OTHER)));
    let shown = site.shown(booking).await;
    assert_eq!((shown.booking.plate.as_str(), shown.stage), (OTHER, Stage::Booked));
    site.is_as_its_facts().await;
    site.record_one(site.fact_of("z-2", K::ZoneArrived, OTHER, 599)).await;
    assert_eq!(site.view(CrossingId(booking)).await.stage, Stage::ZoneArrived);
    assert_eq!(code(site.try_book(&yahodyn(), "r-2", OTHER, 0).await), ProblemCode::AlreadyBooked);
    site.try_book(&yahodyn(), "r-3", PLATE, 0).await.unwrap();
    assert_eq!(
        code(site.swap(booking, "s-2", "DD 0001 EE").await),
        ProblemCode::ChangeNotAllowed,
        "it was swapped once"
    );
}

#[tokio::test]
async fn a_vehicle_that_waits_in_the_zone_keeps_its_arrival_when_it_takes_a_booking_over() {
    let site = Site::fresh().await;
    let booking = site.with_slot().await;
    site.record_one(site.fact_of("z-1", K::ZoneArrived, OTHER, 540)).await;
    site.record_one(site.fact_of("p-1", K::PlateRead, OTHER, 540)).await;
    site.swap(booking, "s-1", OTHER).await.unwrap();
    let view = site.view(CrossingId(booking)).await;
    assert_eq!(
        (view.stage, view.events.len()),
        (Stage::ZoneArrived, 1),
        "a camera may have seen any journey of it"
    );
}

#[tokio::test]
async fn a_vehicle_that_is_booked_or_called_is_not_swapped() {
    let site = Site::fresh().await;
    let booking = site.with_slot().await;
    site.try_book(&yahodyn(), "r-2", OTHER, 0).await.unwrap();
    assert_eq!(code(site.swap(booking, "s-1", OTHER).await), ProblemCode::AlreadyBooked);
    assert_eq!(code(site.swap(booking, "s-1", PLATE).await), ProblemCode::Invalid);
    assert_eq!(site.shown(booking).await.booking.plate, PLATE, "nothing is half done");
    let of_plate = format!("SELECT count(*) FROM active_bookings WHERE booking_id = '{booking}'");
    assert_eq!(site.number(&of_plate).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_bookings_that_want_each_others_vehicles_do_not_wait_for_ever() {
    let site = Site::fresh().await;
    site.put_rules(rules_with_slots(30, 1), evening()).await.unwrap();
    let first = site.ask(&slot_of("r-1", PLATE, hours(10))).await.unwrap().booking.id;
    let CrossingId(second) = site.try_book(&yahodyn(), "r-2", OTHER, 0).await.unwrap();
    let site = &site;
    let attempts = (0..20).map(|number| async move {
        let (booking, plate) = if number % 2 == 0 { (first, OTHER) } else { (second, PLATE) };
        site.swap(booking, &format!("s-{number}"), plate).await
    });
    let codes: Vec<_> =
        join_all(attempts).await.iter().map(|answer| answer.as_ref().map_err(Error::code).err()).collect();
    for code in codes {
        // The default rules of the second checkpoint allow no swap.
        assert!(matches!(code, Some(ProblemCode::AlreadyBooked | ProblemCode::ChangeNotAllowed)), "{code:?}");
    }
}

#[tokio::test]
async fn a_booking_of_another_operator_is_as_if_it_were_not_there() {
    let site = Site::fresh().await;
    let CrossingId(booking) = site.book("r-1", PLATE, 0).await;
    let colleague = site.another(Role::QueueOperator, "call centre").await;
    let shown = view::show(&mut *site.connection().await, &colleague, booking, evening()).await;
    assert_eq!(shown.unwrap().booking.id, booking, "systems of one organisation share their bookings");
    assert_eq!(
        code(view::show(&mut *site.connection().await, &site.operator, Uuid::nil(), noon(0)).await),
        ProblemCode::NotFound
    );
}
