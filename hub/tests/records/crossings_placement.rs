//! Unmatched facts that a person places.

use diesel_async::SimpleAsyncConnection;
use kordon_hub::Result;
use kordon_hub::crossings::placement::place_by_hand;
use kordon_hub::crossings::{CrossingId, Position};
use kordon_schemas::ProblemCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::{EventAnswer, EventKind as K, Outcome};

use crate::site::{PLATE, Site, krakivets, no_crossing, noon, yahodyn};

impl Site {
    async fn place(&self, position: i64, crossing: CrossingId) -> Result<EventAnswer> {
        self.place_at(position, crossing, 300).await
    }

    async fn place_at(&self, position: i64, crossing: CrossingId, minutes: i64) -> Result<EventAnswer> {
        let mut connection = self.connection().await;
        let position = Position(position);
        place_by_hand(
            &mut connection,
            &self.guard,
            &krakivets(),
            position,
            crossing,
            "seen on the video",
            noon(minutes),
        )
        .await
    }
}

#[tokio::test]
async fn a_misread_plate_is_placed_with_the_reason_and_who_did_it() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact_of("e-1", K::CheckpointEntered, "AA 1284 BB", 60)).await;
    let placed = site.place(2, crossing).await.unwrap();
    assert_eq!((placed.outcome, placed.crossing), (Outcome::Recorded, Some(crossing.0)));
    let view = site.view(crossing).await;
    assert_eq!(view.stage, Stage::CheckpointEntered);
    assert_eq!(view.events[0].plate.as_deref(), Some("AA 1284 BB"), "the fact stays as it was stated");
    let noted = "SELECT count(*) FROM event_placements JOIN systems ON systems.id = placed_by
                 WHERE position = 2 AND role = 'border_guard' AND reason = 'seen on the video'";
    assert_eq!(site.number(noted).await, 1);
    let journal = "SELECT last_position FROM checkpoint_journals WHERE checkpoint = 'UA209030'";
    assert_eq!(site.number(journal).await, 3, "readers of the queue see that it has changed");
}

#[tokio::test]
async fn a_placed_fact_that_contradicts_says_so() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("e-1", K::CheckpointLeft, 30)).await;
    site.record_one(site.fact_of("e-2", K::CheckpointEntered, "AA 1284 BB", 60)).await;
    assert_eq!(site.place(3, crossing).await.unwrap().outcome, Outcome::Contradictory);
}

#[tokio::test]
async fn a_voided_fact_is_placed_and_moves_nothing() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    let facts = vec![site.fact_of("e-1", K::CheckpointEntered, "AA 1284 BB", 60), site.void("v-1", "e-1")];
    site.record(facts).await;
    site.place(2, crossing).await.unwrap();
    assert_eq!(site.view(crossing).await.stage, Stage::Booked);
}

#[tokio::test]
async fn a_fact_that_has_its_crossing_is_not_placed_again() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    assert_eq!(site.place(2, crossing).await.unwrap_err().code(), ProblemCode::AlreadyPlaced);
}

#[tokio::test]
async fn a_fact_that_a_swap_took_out_again_is_placed_anew() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact_of("e-1", K::CheckpointEntered, "AA 1284 BB", 60)).await;
    site.place_at(2, crossing, 300).await.unwrap();
    let taken_out = "UPDATE checkpoint_events SET crossing_id = NULL WHERE position = 2";
    site.connection().await.batch_execute(taken_out).await.unwrap();
    site.place_at(2, crossing, 301).await.unwrap();
    assert_eq!(site.number("SELECT count(*) FROM event_placements WHERE position = 2").await, 2);
    assert_eq!(site.view(crossing).await.stage, Stage::CheckpointEntered);
}

#[tokio::test]
async fn a_void_is_not_placed_it_follows_its_fact() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record_one(site.void("v-1", "e-1")).await;
    assert_eq!(site.place(2, crossing).await.unwrap_err().code(), ProblemCode::Invalid);
}

#[tokio::test]
async fn what_is_not_at_this_checkpoint_is_not_found() {
    let site = Site::fresh().await;
    let there = site.try_book(&yahodyn(), "r-1", PLATE, 0).await.unwrap();
    site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    for (position, crossing) in [(2, no_crossing()), (1, no_crossing()), (1, there)] {
        assert_eq!(site.place(position, crossing).await.unwrap_err().code(), ProblemCode::NotFound);
    }
    assert_eq!(site.number("SELECT count(*) FROM event_placements").await, 0);
}
