//! A system takes back what it stated: before or after the fact, once or twice, its own or another's.

use kordon_hub::parties::Role;
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind as K;

use crate::site::{PLATE, Site, evening, event, krakivets, outcomes, stated, void_by, yahodyn};

#[tokio::test]
async fn a_void_takes_the_fact_out_of_its_crossing_and_keeps_it_in_the_journal() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record(vec![site.fact("e-1", K::CheckpointEntered, 60), site.fact("e-2", K::CheckpointLeft, 90)])
        .await;
    let recorded = site.record_one(site.void("v-1", "e-2")).await;
    assert_eq!(outcomes(std::slice::from_ref(&recorded)), ["recorded"]);
    assert_eq!(recorded.crossing, Some(crossing));
    let view = site.view(crossing).await;
    assert_eq!(view.stage, Stage::CheckpointEntered);
    let voided: Vec<_> = view.events.iter().map(|event| (event.id.as_str(), event.voided)).collect();
    assert_eq!(voided, [("e-1", false), ("e-2", true), ("v-1", false)]);
}

#[tokio::test]
async fn a_void_settles_a_contradiction() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record(vec![site.fact("e-1", K::CheckpointLeft, 60), site.fact("e-2", K::CheckpointEntered, 90)])
        .await;
    assert_eq!(site.number("SELECT count(*) FROM crossings WHERE contradictory").await, 1);
    assert_eq!(outcomes(&[site.record_one(site.void("v-1", "e-2")).await]), ["recorded"]);
    assert!(site.view(crossing).await.contradictions.is_empty());
    assert_eq!(site.number("SELECT count(*) FROM crossings WHERE contradictory").await, 0);
}

#[tokio::test]
async fn a_void_that_leaves_a_contradiction_says_so() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    let facts = vec![
        site.fact("e-1", K::CheckpointLeft, 60),
        site.fact("e-2", K::CheckpointEntered, 90),
        site.fact("e-3", K::BorderControlStarted, 95),
    ];
    site.record(facts).await;
    assert_eq!(outcomes(&[site.record_one(site.void("v-1", "e-3")).await]), ["contradictory"]);
}

#[tokio::test]
async fn a_void_may_come_before_its_fact() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    assert_eq!(outcomes(&[site.record_one(site.void("v-1", "e-1")).await]), ["unmatched"]);
    let recorded = site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    assert_eq!(
        (outcomes(std::slice::from_ref(&recorded)), recorded.crossing),
        (vec!["recorded"], Some(crossing))
    );
    let view = site.view(crossing).await;
    assert_eq!(view.stage, Stage::Booked, "it is kept and moves nothing");
    assert!(view.events[0].voided);
    let again = site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    assert_eq!(outcomes(&[again]), ["duplicate"]);
}

#[tokio::test]
async fn within_a_batch_a_void_may_stand_on_either_side_of_its_fact() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    let entered = || site.fact("e-1", K::CheckpointEntered, 60);
    site.record(vec![entered(), site.void("v-1", "e-1")]).await;
    site.record(vec![site.void("v-2", "e-2"), site.fact("e-2", K::CheckpointLeft, 90)]).await;
    let view = site.view(crossing).await;
    assert_eq!(view.stage, Stage::Booked);
    assert_eq!(view.events.iter().filter(|event| event.voided).count(), 2);
}

#[tokio::test]
async fn after_a_void_the_fact_is_stated_anew_under_another_id() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    let facts = vec![
        site.fact("e-1", K::CheckpointEntered, 60),
        site.void("v-1", "e-1"),
        site.fact("e-2", K::CheckpointEntered, 65),
    ];
    site.record(facts).await;
    let view = site.view(crossing).await;
    assert_eq!(view.stages[4].at, Some(crate::site::noon(65)));
}

#[tokio::test]
async fn a_void_that_is_sent_again_is_a_duplicate_and_a_second_void_changes_nothing() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record(vec![site.fact("e-1", K::CheckpointEntered, 60), site.void("v-1", "e-1")]).await;
    assert_eq!(outcomes(&[site.record_one(site.void("v-1", "e-1")).await]), ["duplicate"]);
    assert_eq!(outcomes(&[site.record_one(site.void("v-2", "e-1")).await]), ["recorded"]);
    assert_eq!(site.view(crossing).await.stage, Stage::Booked);
    let first = "SELECT voided_by FROM event_keys WHERE event_id = 'e-1'";
    assert_eq!(site.number(first).await, 3, "the first void counts");
}

#[tokio::test]
async fn a_void_is_not_voided() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record(vec![site.fact("e-1", K::CheckpointEntered, 60), site.void("v-1", "e-1")]).await;
    let recorded = site.record_one(site.void("v-2", "v-1")).await;
    assert_eq!(outcomes(std::slice::from_ref(&recorded)), ["invalid"]);
    assert_eq!(recorded.refusal.unwrap().1, "a void is not voided; state the fact again under a new id");
    assert_eq!(site.view(crossing).await.stage, Stage::Booked);
}

#[tokio::test]
async fn a_void_at_another_checkpoint_is_refused_and_names_the_right_one() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    let there = site.record_at(&yahodyn(), vec![void_by(&site.guard, &yahodyn(), "v-1", "e-1")]).await;
    assert_eq!(outcomes(&there), ["void_elsewhere"]);
    assert_eq!(there[0].refusal.as_ref().unwrap().1, "the event e-1 is of checkpoint UA209030");
    assert_eq!(site.view(crossing).await.stage, Stage::CheckpointEntered);
    let here = site.record_one(site.void("v-1", "e-1")).await;
    assert_eq!(outcomes(&[here]), ["recorded"], "the refused void left no trace of its id");
}

#[tokio::test]
async fn another_system_voids_nothing_of_ours() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    let other = site.another(Role::BorderGuard, "gate 2").await;
    let recorded = site.record_one(void_by(&other, &krakivets(), "v-1", "e-1")).await;
    assert_eq!(outcomes(&[recorded]), ["unmatched"]);
    assert_eq!(site.view(crossing).await.stage, Stage::CheckpointEntered);
    let own = stated(&other, &krakivets(), event("e-1", K::CheckpointLeft, PLATE, 90));
    site.record_one(own).await;
    assert_eq!(site.view(crossing).await.stage, Stage::CheckpointEntered, "its own e-1 is void");
}

#[tokio::test]
async fn a_void_that_came_before_its_fact_means_nothing_at_another_checkpoint() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record_at(&yahodyn(), vec![void_by(&site.guard, &yahodyn(), "v-1", "e-1")]).await;
    let recorded = site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    assert_eq!(outcomes(&[recorded]), ["recorded"]);
    let view = site.view(crossing).await;
    assert_eq!((view.stage, view.events[0].voided), (Stage::CheckpointEntered, false));
}

#[tokio::test]
async fn after_a_void_of_the_exit_what_came_later_is_of_the_same_journey() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("e-1", K::CheckpointLeft, 30)).await;
    let later = site.record_one(site.fact("e-2", K::CheckpointEntered, 500)).await;
    assert_eq!(outcomes(&[later]), ["unmatched"]);
    site.record_one(site.void("v-1", "e-1")).await;
    assert_eq!(site.view(crossing).await.stage, Stage::CheckpointEntered);
}

#[tokio::test]
async fn within_a_batch_what_follows_a_void_is_judged_by_what_it_left_behind() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    let facts = vec![
        site.fact("e-1", K::CheckpointLeft, 30),
        site.void("v-1", "e-1"),
        site.fact("e-2", K::CheckpointEntered, 500),
    ];
    assert_eq!(outcomes(&site.record(facts).await), ["recorded", "recorded", "recorded"]);
}

#[tokio::test]
async fn a_void_of_an_unmatched_fact_holds_when_the_booking_comes() {
    let site = Site::fresh().await;
    let recorded =
        site.record(vec![site.fact("e-1", K::CheckpointEntered, 60), site.void("v-1", "e-1")]).await;
    assert_eq!(outcomes(&recorded), ["unmatched", "unmatched"]);
    let crossing = site.book("r-1", PLATE, 0).await;
    let view = site.view(crossing).await;
    assert_eq!(view.stage, Stage::Booked);
    assert!(view.events[0].voided);
}

#[tokio::test]
async fn a_void_of_the_exit_brings_a_vehicle_back() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    site.record(vec![site.fact("e-1", K::ZoneArrived, 10), site.fact("e-2", K::CheckpointLeft, 20)]).await;
    assert!(site.call(evening()).await.is_err(), "it has left");
    site.record_one(site.void("v-1", "e-2")).await;
    let call = site.call(evening()).await.unwrap();
    assert_eq!(call.booking, crossing.0);
}
