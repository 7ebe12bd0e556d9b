//! Petitions for the priority queue: decided once, kept with who and why, used once.

use diesel_async::RunQueryDsl;
use kordon_hub::Result;
use kordon_hub::crossings::CrossingId;
use kordon_hub::parties::{Actor, Role};
use kordon_hub::queue::changes::{self, AskedChange};
use kordon_hub::queue::petitions::{self, Filed};
use kordon_schemas::bookings::{ChangeKind, Petition, PetitionDecisionIn, PetitionIn, VehicleSwapIn};
use kordon_schemas::queue::{BookingIn, QueueKind};
use kordon_schemas::{Fault, ProblemCode};
use serde_json::json;
use uuid::Uuid;

use crate::queue_slots::{hours, rules_with_slots, slot_of};
use crate::site::{PLATE, Site, evening, krakivets};

fn petition(reference: &str, plate: &str, class: &str) -> PetitionIn {
    serde_json::from_value(json!({
        "reference": reference, "plate": plate, "class": class, "stated_by": "Олена Шевченко",
        "documents": [{"kind": "CMR", "number": "KB-17", "issued_on": "2026-11-20"}]
    }))
    .unwrap()
}

fn priority(reference: &str, plate: &str, petition: Uuid) -> BookingIn {
    serde_json::from_value(json!({
        "reference": reference, "plate": plate, "queue": "priority", "channel": "web", "petition": petition
    }))
    .unwrap()
}

impl Site {
    async fn with_classes() -> Self {
        let site = Self::fresh().await;
        site.put_rules(rules_with_slots(30, 1), evening()).await.unwrap();
        site
    }

    async fn file(&self, asked: &PetitionIn) -> Result<Filed> {
        petitions::file(&mut *self.connection().await, &self.operator, &krakivets(), asked, evening()).await
    }

    async fn decide(&self, id: Uuid, outcome: &str) -> Result<Petition> {
        let asked: PetitionDecisionIn =
            serde_json::from_value(json!({"outcome": outcome, "reason": "humanitarian cargo"})).unwrap();
        petitions::decide(&mut *self.connection().await, &self.guard, &krakivets(), id, &asked, evening())
            .await
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T>) -> ProblemCode {
    answer.unwrap_err().code()
}

#[tokio::test]
async fn a_granted_petition_puts_its_booking_into_the_priority_queue_at_once() {
    let site = Site::with_classes().await;
    let booking = site.ask(&slot_of("r-1", PLATE, hours(10))).await.unwrap().booking;
    let filed = site.file(&petition("p-1", PLATE, "aid")).await.unwrap().petition;
    assert_eq!(filed.booking, Some(booking.id));
    let decided = site.decide(filed.id, "granted").await.unwrap();
    let decision = decided.decision.unwrap();
    assert_eq!((decision.system, decision.reason.as_str()), (site.guard.system.0, "humanitarian cargo"));
    let now = site.ask(&slot_of("r-1", PLATE, hours(10))).await.unwrap().booking;
    assert_eq!(
        (now.queue, now.priority_class.as_deref(), now.slot),
        (QueueKind::Priority, Some("aid"), None)
    );
    let mut connection = site.connection().await;
    let changes =
        kordon_hub::queue::changes::of_booking(&mut connection, &krakivets(), booking.id).await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].kind, changes[0].position), (ChangeKind::Prioritised, decision.position));
    assert_eq!(changes[0].before.slot, booking.slot);
    site.ask(&slot_of("r-2", "BB 0002 CC", hours(10))).await.unwrap();
}

#[tokio::test]
async fn a_position_that_was_drawn_twice_is_a_defect_and_no_reference_that_was_used_before() {
    let site = Site::with_classes().await;
    site.file(&petition("p-1", PLATE, "aid")).await.unwrap();
    let back = "UPDATE checkpoint_journals SET last_position = last_position - 1 WHERE last_position > 0";
    diesel::sql_query(back).execute(&mut *site.connection().await).await.unwrap();
    assert_eq!(code(site.file(&petition("p-2", "BB 0002 CC", "aid")).await), ProblemCode::Internal);
}

#[tokio::test]
async fn who_lost_its_place_may_be_put_first_again() {
    let site = Site::with_classes().await;
    let booking = site.ask(&slot_of("r-1", PLATE, hours(10))).await.unwrap().booking;
    let first = site.file(&petition("p-1", PLATE, "aid")).await.unwrap().petition;
    site.decide(first.id, "granted").await.unwrap();
    // It missed its call, and was put back.
    site.becomes(CrossingId(booking.id), "queue = 'live', priority_class = NULL").await;
    let second = site.file(&petition("p-2", PLATE, "aid")).await.unwrap().petition;
    assert_eq!(second.booking, Some(booking.id));
    site.decide(second.id, "granted").await.unwrap();
    let now = site.ask(&slot_of("r-1", PLATE, hours(10))).await.unwrap().booking;
    assert_eq!((now.queue, now.priority_class.as_deref()), (QueueKind::Priority, Some("aid")));
}

#[tokio::test]
async fn a_petition_puts_no_other_vehicle_first() {
    let site = Site::with_classes().await;
    let booking = site.ask(&slot_of("r-1", PLATE, hours(10))).await.unwrap().booking;
    let filed = site.file(&petition("p-1", PLATE, "aid")).await.unwrap().petition;
    let swap: VehicleSwapIn =
        serde_json::from_value(json!({"reference": "s-1", "plate": "BB 0002 CC", "reason": "a breakdown"}))
            .unwrap();
    let mut connection = site.connection().await;
    changes::change(&mut connection, &site.operator, booking.id, AskedChange::VehicleSwap(&swap), evening())
        .await
        .unwrap();
    assert_eq!(code(site.decide(filed.id, "granted").await), ProblemCode::ChangeNotAllowed);
    assert_eq!(site.number("SELECT count(*) FROM bookings WHERE queue = 'priority'").await, 0);
    site.decide(filed.id, "refused").await.unwrap();
    // Granted in time, its place is of the vehicle that it was granted for.
    site.ask(&slot_of("r-2", "CC 0003 DD", hours(12))).await.unwrap();
    let other = site.file(&petition("p-2", "CC 0003 DD", "aid")).await.unwrap().petition;
    site.decide(other.id, "granted").await.unwrap();
    let swap: VehicleSwapIn =
        serde_json::from_value(json!({"reference": "s-2", "plate": "EE 0004 FF", "reason": "a breakdown"}))
            .unwrap();
    let asked = AskedChange::VehicleSwap(&swap);
    let swapped =
        changes::change(&mut connection, &site.operator, other.booking.unwrap(), asked, evening()).await;
    assert_eq!(code(swapped), ProblemCode::ChangeNotAllowed);
}

#[tokio::test]
async fn a_petition_is_decided_once() {
    let site = Site::with_classes().await;
    site.book("r-1", PLATE, 0).await;
    let id = site.file(&petition("p-1", PLATE, "aid")).await.unwrap().petition.id;
    site.decide(id, "refused").await.unwrap();
    assert_eq!(code(site.decide(id, "granted").await), ProblemCode::PetitionDecided);
    assert_eq!(code(site.decide(id, "refused").await), ProblemCode::PetitionDecided);
    assert_eq!(site.number("SELECT count(*) FROM bookings WHERE queue = 'live'").await, 1);
    assert_eq!(code(site.decide(Uuid::nil(), "granted").await), ProblemCode::NotFound);
}

#[tokio::test]
async fn who_files_a_petition_does_not_decide_it() {
    let site = Site::with_classes().await;
    site.book("r-1", PLATE, 0).await;
    let id = site.file(&petition("p-1", PLATE, "aid")).await.unwrap().petition.id;
    let colleague = site.another(Role::QueueOperator, "call centre").await;
    let decide = async |actor: &Actor| {
        let asked: PetitionDecisionIn =
            serde_json::from_value(json!({"outcome": "granted", "reason": "humanitarian cargo"})).unwrap();
        petitions::decide(&mut *site.connection().await, actor, &krakivets(), id, &asked, evening()).await
    };
    assert_eq!(code(decide(&site.operator).await), ProblemCode::OwnPetition);
    assert_eq!(site.number("SELECT count(*) FROM petitions WHERE outcome IS NOT NULL").await, 0);
    let decided = decide(&colleague).await.unwrap().decision.unwrap();
    assert_eq!(decided.system, colleague.system.0, "another system of the operator may");
}

#[tokio::test]
async fn an_operator_decides_nothing_of_another() {
    let site = Site::with_classes().await;
    let other = site.other_operator().await;
    let booking = site.ask(&slot_of("r-1", PLATE, hours(10))).await.unwrap().booking.id;
    let ours = site.file(&petition("p-1", PLATE, "aid")).await.unwrap().petition.id;
    let mut connection = site.connection().await;
    let asked: PetitionDecisionIn =
        serde_json::from_value(json!({"outcome": "refused", "reason": "no"})).unwrap();
    let here = krakivets();
    let refused = petitions::decide(&mut connection, &other, &here, ours, &asked, evening()).await;
    assert_eq!(code(refused), ProblemCode::NotFound);
    let theirs = petition("p-2", PLATE, "aid");
    let filed = petitions::file(&mut connection, &other, &here, &theirs, evening()).await.unwrap().petition;
    assert_eq!(filed.booking, None, "the vehicle's booking is not theirs");
    assert_eq!(site.decide(filed.id, "granted").await.unwrap().booking, None);
    let untouched = format!("SELECT count(*) FROM bookings WHERE id = '{booking}' AND queue = 'pre_booked'");
    assert_eq!(site.number(&untouched).await, 1);
}

#[tokio::test]
async fn a_petition_that_is_granted_after_a_hand_over_is_for_the_booking_that_was_made_before() {
    let site = Site::with_classes().await;
    site.other_operator().await;
    let id = site.file(&petition("p-1", PLATE, "aid")).await.unwrap().petition.id;
    let booking = site.ask(&slot_of("r-1", PLATE, hours(10))).await.unwrap().booking.id;
    site.hand_to_the_other(evening() + chrono::TimeDelta::minutes(30)).await;
    let mut connection = site.connection().await;
    let asked: PetitionDecisionIn =
        serde_json::from_value(json!({"outcome": "granted", "reason": "humanitarian cargo"})).unwrap();
    let later = evening() + chrono::TimeDelta::hours(1);
    let decided =
        petitions::decide(&mut connection, &site.guard, &krakivets(), id, &asked, later).await.unwrap();
    assert_eq!(decided.booking, Some(booking));
}

#[tokio::test]
async fn nobody_stands_in_a_class_since_before_it_was_granted() {
    let site = Site::with_classes().await;
    let id = site.file(&petition("p-1", PLATE, "aid")).await.unwrap().petition.id;
    site.decide(id, "granted").await.unwrap();
    let mut asked = priority("r-1", PLATE, id);
    asked.booked_at = Some(evening() - chrono::TimeDelta::days(1));
    let booked = site.ask(&asked).await.unwrap().booking;
    let since = format!(
        "SELECT count(*) FROM bookings JOIN petitions ON petitions.booking_id = bookings.id
         WHERE bookings.id = '{}' AND queued_at = decided_at AND booked_at < decided_at",
        booked.id
    );
    assert_eq!(site.number(&since).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_decisions_at_once_one_counts() {
    let site = Site::with_classes().await;
    site.book("r-1", PLATE, 0).await;
    let id = site.file(&petition("p-1", PLATE, "aid")).await.unwrap().petition.id;
    let (granted, refused) = tokio::join!(site.decide(id, "granted"), site.decide(id, "refused"));
    let failed = [granted.err(), refused.err()].into_iter().flatten().map(|error| error.code());
    assert_eq!(failed.collect::<Vec<_>>(), [ProblemCode::PetitionDecided]);
}

#[tokio::test]
async fn a_petition_that_comes_before_its_booking_is_used_once() {
    let site = Site::with_classes().await;
    let id = site.file(&petition("p-1", PLATE, "aid")).await.unwrap().petition.id;
    let refusal = |answer: Result<_>| code::<kordon_hub::queue::booking::Booked>(answer);
    assert_eq!(
        refusal(site.ask(&priority("r-1", PLATE, id)).await),
        ProblemCode::PetitionNotUsable,
        "undecided"
    );
    site.decide(id, "granted").await.unwrap();
    assert_eq!(refusal(site.ask(&priority("r-1", "BB 0002 CC", id)).await), ProblemCode::PetitionNotUsable);
    assert_eq!(refusal(site.ask(&priority("r-1", PLATE, Uuid::nil())).await), ProblemCode::PetitionNotUsable);
    let booked = site.ask(&priority("r-1", PLATE, id)).await.unwrap().booking;
    assert_eq!((booked.queue, booked.priority_class.as_deref()), (QueueKind::Priority, Some("aid")));
    let used = format!("SELECT count(*) FROM petitions WHERE booking_id = '{}'", booked.id);
    assert_eq!(site.number(&used).await, 1);
}

#[tokio::test]
async fn the_same_petition_again_is_the_same() {
    let site = Site::with_classes().await;
    let first = site.file(&petition("p-1", PLATE, "aid")).await.unwrap();
    let again = site.file(&petition("p-1", PLATE, "aid")).await.unwrap();
    assert_eq!((first.is_new, again.is_new), (true, false));
    assert_eq!(first.petition, again.petition);
    assert_eq!(
        code(site.file(&petition("p-1", "BB 0002 CC", "aid")).await),
        ProblemCode::IdempotencyConflict
    );
}

#[tokio::test]
async fn every_fault_of_a_petition_is_told_at_once() {
    let site = Site::with_classes().await;
    let mut asked = petition("two words", PLATE, "diplomats");
    asked.stated_by = " ".into();
    asked.documents[0].number = String::new();
    let Err(kordon_hub::Error::Invalid(faults)) = site.file(&asked).await else { panic!("it is broken") };
    let places: Vec<&str> = faults.iter().map(|Fault { path, .. }| path.as_str()).collect();
    assert_eq!(places, ["/reference", "/class", "/stated_by", "/documents/0/number"]);
}
