//! Facts that came before their booking, and facts of a vehicle that passes again and again.

use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind as K;

use crate::site::{PLATE, Site, evening, noon, outcomes};

/// Minutes of a day.
const DAY: i64 = 24 * 60;

#[tokio::test]
async fn a_booking_takes_the_facts_that_came_before_it() {
    let site = Site::fresh().await;
    let facts = vec![site.fact("e-1", K::ZoneArrived, -10), site.fact("e-2", K::CheckpointEntered, 60)];
    assert_eq!(outcomes(&site.record(facts).await), ["unmatched", "unmatched"]);
    let crossing = site.book("r-1", PLATE, 0).await;
    let view = site.view(crossing).await;
    assert_eq!((view.stage, view.events.len()), (Stage::CheckpointEntered, 2));
    let again = site.record_one(site.fact("e-2", K::CheckpointEntered, 60)).await;
    assert_eq!((outcomes(std::slice::from_ref(&again)), again.crossing), (vec!["duplicate"], Some(crossing)));
}

#[tokio::test]
async fn who_waited_in_the_zone_to_be_booked_there_came_when_it_arrived() {
    let site = Site::fresh().await;
    site.record_one(site.fact("e-1", K::ZoneArrived, -25)).await;
    let crossing = site.book("r-1", PLATE, 0).await;
    assert_eq!(site.view(crossing).await.stage, Stage::ZoneArrived);
    assert_eq!(site.call(noon(5)).await.unwrap().booking, crossing.0);
}

#[tokio::test]
async fn a_booking_leaves_facts_from_long_before_it() {
    let site = Site::fresh().await;
    site.record_one(site.fact("e-1", K::PlateRead, -16)).await;
    let crossing = site.book("r-1", PLATE, 0).await;
    assert!(site.view(crossing).await.events.is_empty());
    assert_eq!(site.number("SELECT count(*) FROM checkpoint_events WHERE crossing_id IS NULL").await, 1);
}

#[tokio::test]
async fn a_booking_shows_the_contradiction_of_the_facts_it_takes() {
    let site = Site::fresh().await;
    site.record(vec![site.fact("e-1", K::CheckpointLeft, 60), site.fact("e-2", K::CheckpointEntered, 90)])
        .await;
    site.book("r-1", PLATE, 0).await;
    assert_eq!(site.number("SELECT count(*) FROM crossings WHERE contradictory").await, 1);
}

#[tokio::test]
async fn a_booking_that_is_heard_of_late_takes_its_facts_from_the_journey_before() {
    let site = Site::fresh().await;
    let first = site.book("r-1", PLATE, 0).await;
    site.record(vec![site.fact("e-1", K::CheckpointEntered, 60), site.fact("e-2", K::CheckpointLeft, 90)])
        .await;
    // Back within hours; the operator is cut off, the zone is not.
    let arrived = site.record_one(site.fact("e-3", K::ZoneArrived, 300)).await;
    assert_eq!(arrived.crossing, Some(first), "nothing tells yet that it is another journey");
    let second = site.book("r-2", PLATE, 280).await;
    assert_eq!(site.view(second).await.stage, Stage::ZoneArrived);
    let first = site.view(first).await;
    assert_eq!(first.events.len(), 2);
    assert!(first.contradictions.is_empty(), "the arrival no longer stands after the exit");
    assert_eq!(site.call(evening()).await.unwrap().booking, second.0, "it is in its place in the queue");
}

#[tokio::test]
async fn what_a_person_placed_stays_where_it_was_placed() {
    let site = Site::fresh().await;
    let first = site.book("r-1", PLATE, 0).await;
    let misread = site.fact_of("e-2", K::PlateRead, "AA 1284 BB", 300);
    site.record(vec![site.fact("e-1", K::CheckpointLeft, 30), misread]).await;
    let position = kordon_hub::crossings::Position(3);
    let mut connection = site.connection().await;
    kordon_hub::crossings::placement::place_by_hand(
        &mut connection,
        &site.guard,
        &crate::site::krakivets(),
        position,
        first,
        "seen on the video",
        evening(),
    )
    .await
    .unwrap();
    let second = site.book("r-2", PLATE, 290).await;
    assert!(site.view(second).await.events.is_empty());
    assert_eq!(site.view(first).await.events.len(), 2);
}

#[tokio::test]
async fn the_end_of_a_journey_heard_of_after_the_next_booking_is_not_of_the_next() {
    let site = Site::fresh().await;
    let first = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("e-1", K::CheckpointLeft, 60)).await;
    let second = site.book("r-2", PLATE, 65).await;
    let late = site.record_one(site.fact("e-2", K::CustomsControlFinished, 55)).await;
    assert_eq!(late.crossing, Some(first));
    assert_eq!(site.view(second).await.stage, Stage::Booked, "it still waits");
}

#[tokio::test]
async fn a_late_fact_finds_its_journey_among_many() {
    let site = Site::fresh().await;
    let mut journeys = Vec::new();
    for day in -6..=0 {
        journeys.push(site.book(&format!("r{day}"), PLATE, day * DAY).await);
        site.record_one(site.fact(&format!("left{day}"), K::CheckpointLeft, day * DAY + 90)).await;
    }
    for (journey, day) in journeys.iter().zip(-6..=0) {
        let late =
            site.record_one(site.fact(&format!("late{day}"), K::CheckpointEntered, day * DAY + 60)).await;
        assert_eq!(
            (outcomes(std::slice::from_ref(&late)), late.crossing),
            (vec!["recorded"], Some(*journey)),
            "day {day}"
        );
    }
}
