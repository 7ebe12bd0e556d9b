//! The queue and the list at the gate as they are read.

use kordon_hub::queue::read::{self, call_list, queue};
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::queue::{CallList, Queue};
use kordon_schemas::{CheckpointCode, ProblemCode};

use crate::site::{Site, booking_of, evening, krakivets, noon, yahodyn};

impl Site {
    pub(crate) async fn queue(&self) -> Queue {
        queue(&mut *self.connection().await, &krakivets(), None, evening()).await.unwrap()
    }

    async fn call_list(&self) -> CallList {
        call_list(&mut *self.connection().await, &krakivets()).await.unwrap()
    }
}

/// The entries in one line each: place, plate, stage.
fn told(queue: &Queue) -> Vec<String> {
    let place = |place: Option<u32>| place.map_or_else(|| "-".to_owned(), |place| place.to_string());
    let entries = queue.entries.iter();
    entries.map(|entry| format!("{} {} {}", place(entry.place), entry.plate, entry.stage.as_str())).collect()
}

#[tokio::test]
async fn an_empty_queue_says_that_nothing_was_ever_recorded() {
    let site = Site::fresh().await;
    let queue = site.queue().await;
    assert_eq!((queue.position, queue.changed_at, queue.waiting, queue.called), (0, None, 0, 0));
}

#[tokio::test]
async fn called_vehicles_stand_first_then_the_others_by_booking() {
    let site = Site::fresh().await;
    for (number, minutes) in [(3, 30), (1, 10), (2, 20), (4, 40)] {
        site.book(&format!("r-{number}"), &format!("AA 000{number} BB"), minutes).await;
    }
    for (number, minutes) in [(2, 50), (3, 55)] {
        site.record_one(site.fact_of(
            &format!("z-{number}"),
            K::ZoneArrived,
            &format!("AA 000{number} BB"),
            minutes,
        ))
        .await;
    }
    site.call(noon(60)).await.unwrap();
    let queue = site.queue().await;
    assert_eq!(
        told(&queue),
        ["- AA 0002 BB called", "1 AA 0001 BB booked", "2 AA 0003 BB zone_arrived", "3 AA 0004 BB booked"]
    );
    assert_eq!((queue.waiting, queue.called, queue.position), (3, 1, 7));
    assert_eq!(queue.entries[0].zone_arrived_at, Some(noon(50)));
    assert_eq!((queue.entries[0].called_at, queue.entries[0].deadline_at), (Some(noon(60)), Some(noon(300))));
}

#[tokio::test]
async fn who_has_entered_or_left_is_not_in_the_queue_any_more() {
    let site = Site::fresh().await;
    site.book("r-1", "AA 0001 BB", 0).await;
    site.book("r-2", "AA 0002 BB", 1).await;
    site.record_one(site.fact_of("e-1", K::CheckpointEntered, "AA 0001 BB", 60)).await;
    assert_eq!(told(&site.queue().await), ["1 AA 0002 BB booked"]);
}

#[tokio::test]
async fn who_entered_before_it_arrived_contradicts_itself_and_waits_no_more() {
    let site = Site::fresh().await;
    site.book("r-1", "AA 0001 BB", 0).await;
    let facts = vec![
        site.fact_of("e-1", K::CheckpointEntered, "AA 0001 BB", 60),
        site.fact_of("e-2", K::ZoneArrived, "AA 0001 BB", 90),
    ];
    site.record(facts).await;
    assert!(site.queue().await.entries.is_empty());
    assert_eq!(site.number("SELECT count(*) FROM crossings WHERE contradictory").await, 1);
}

#[tokio::test]
async fn the_queue_of_one_checkpoint_holds_nothing_of_another() {
    let site = Site::fresh().await;
    site.try_book(&yahodyn(), "r-1", "AA 0001 BB", 0).await.unwrap();
    let queue = site.queue().await;
    assert_eq!((queue.entries.len(), queue.position), (0, 0));
}

#[tokio::test]
async fn the_position_changes_with_everything_that_is_recorded() {
    let site = Site::fresh().await;
    let position = async || read::position(&mut *site.connection().await, &krakivets()).await.unwrap();
    let mut seen = vec![position().await];
    site.book("r-1", "AA 0001 BB", 0).await;
    seen.push(position().await);
    site.record_one(site.fact_of("e-1", K::ZoneArrived, "AA 0001 BB", 5)).await;
    seen.push(position().await);
    site.call(evening()).await.unwrap();
    seen.push(position().await);
    site.record_one(site.fact_of("e-1", K::ZoneArrived, "AA 0001 BB", 5)).await;
    seen.push(position().await);
    assert_eq!(seen, [0, 1, 2, 3, 3], "a duplicate is nothing new");
}

#[tokio::test]
async fn the_gate_sees_who_was_called_with_driver_and_trailer() {
    let site = Site::fresh().await;
    let mut asked = booking_of("r-1", "AA 0001 BB", 0);
    asked.driver = Some(kordon_schemas::queue::Driver { name: "Олена Шевченко".into() });
    asked.trailer_plate = Some(kordon_schemas::Plate::parse("AA 7777 XX").unwrap());
    let mut connection = site.connection().await;
    kordon_hub::queue::booking::book(&mut connection, &site.operator, &krakivets(), &asked, evening())
        .await
        .unwrap();
    site.book("r-2", "AA 0002 BB", 1).await;
    site.record_one(site.fact_of("z-1", K::ZoneArrived, "AA 0001 BB", 5)).await;
    assert!(site.call_list().await.entries.is_empty());
    site.call(noon(60)).await.unwrap();
    let list = site.call_list().await;
    let [entry] = list.entries.as_slice() else { panic!("one was called: {list:?}") };
    assert_eq!(entry.driver.as_ref().unwrap().name, "Олена Шевченко");
    assert_eq!((entry.trailer_plate.as_deref(), entry.zone_left), (Some("AA 7777 XX"), false));
    site.record_one(site.fact_of("z-2", K::ZoneLeft, "AA 0001 BB", 70)).await;
    assert!(site.call_list().await.entries[0].zone_left);
    site.record_one(site.fact_of("e-1", K::CheckpointEntered, "AA 0001 BB", 90)).await;
    assert!(site.call_list().await.entries.is_empty());
}

#[tokio::test]
async fn a_checkpoint_that_does_not_exist_has_no_queue() {
    let site = Site::fresh().await;
    let nowhere = CheckpointCode::parse("UA999999").unwrap();
    let code = |error: kordon_hub::Error| error.code();
    let mut connection = site.connection().await;
    assert_eq!(
        queue(&mut connection, &nowhere, None, evening()).await.map_err(code),
        Err(ProblemCode::NotFound)
    );
    assert_eq!(call_list(&mut connection, &nowhere).await.map_err(code), Err(ProblemCode::NotFound));
}

#[tokio::test]
async fn a_zone_that_is_left_and_entered_again_keeps_the_first_arrival() {
    let site = Site::fresh().await;
    site.book("r-1", "AA 0001 BB", 0).await;
    for (id, kind, minutes) in [("1", K::ZoneArrived, 5), ("2", K::ZoneLeft, 20), ("3", K::ZoneArrived, 40)] {
        site.record_one(site.fact_of(id, kind, "AA 0001 BB", minutes)).await;
    }
    let entry = site.queue().await.entries.remove(0);
    assert_eq!((entry.stage, entry.zone_arrived_at), (Stage::ZoneArrived, Some(noon(5))));
}
