//! One batch of facts, one transaction: what is recorded, once, under which id and where.

use kordon_hub::crossings::{Submission, record};
use kordon_hub::parties::Role;
use kordon_schemas::events::{EventIn, EventKind as K};
use kordon_schemas::{CheckpointCode, Plate};

use crate::site::{PLATE, Site, evening, event, krakivets, outcomes, positions, stated, yahodyn};

#[tokio::test]
async fn a_fact_of_a_booked_vehicle_is_recorded_in_its_crossing() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    let recorded = site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    assert_eq!(outcomes(std::slice::from_ref(&recorded)), ["recorded"]);
    assert_eq!(recorded.crossing, Some(crossing));
    assert_eq!(recorded.position.unwrap().0, 2, "the booking drew the first position");
}

#[tokio::test]
async fn a_plate_is_matched_however_it_is_written_and_kept_as_written() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", "АА 1234 ВВ", 0).await;
    for (id, plate) in
        [("e-1", "AA1234BB"), ("e-2", "aa-1234-bb"), ("e-3", "аа 1234 вв"), ("e-4", "A A·12.34 B B")]
    {
        let recorded = site.record_one(site.fact_of(id, K::PlateRead, plate, 30)).await;
        assert_eq!(recorded.crossing, Some(crossing), "{plate}");
    }
    let view = site.view(crossing).await;
    assert_eq!(view.plate, "АА 1234 ВВ");
    assert_eq!(view.events[1].plate.as_deref(), Some("aa-1234-bb"));
}

#[tokio::test]
async fn the_same_fact_again_is_a_duplicate_with_the_same_answer() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    let first = site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    for _ in 0..2 {
        let again = site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
        assert_eq!(outcomes(std::slice::from_ref(&again)), ["duplicate"]);
        assert_eq!((again.position, again.crossing), (first.position, first.crossing));
    }
    assert_eq!(site.number("SELECT count(*) FROM checkpoint_events").await, 1);
    assert_eq!(site.number("SELECT max(last_position) FROM checkpoint_journals").await, 2);
}

#[tokio::test]
async fn the_same_id_with_other_content_is_a_conflict_that_names_the_place() {
    let site = Site::fresh().await;
    site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    let other = site.record_one(site.fact("e-1", K::CheckpointEntered, 61)).await;
    assert_eq!(outcomes(std::slice::from_ref(&other)), ["event_conflict"]);
    assert_eq!(other.refusal.unwrap().1, "the id e-1 stands at position 1 of UA209030 with other content");
    assert_eq!(site.number("SELECT count(*) FROM checkpoint_events").await, 1);
}

#[tokio::test]
async fn a_plate_written_another_way_is_other_content() {
    let site = Site::fresh().await;
    site.record_one(site.fact_of("e-1", K::CheckpointEntered, "AA1234BB", 60)).await;
    let other = site.record_one(site.fact_of("e-1", K::CheckpointEntered, "AA 1234 BB", 60)).await;
    assert_eq!(outcomes(&[other]), ["event_conflict"]);
}

#[tokio::test]
async fn two_systems_may_use_the_same_id() {
    let site = Site::fresh().await;
    let facts =
        vec![site.fact("e-1", K::CheckpointEntered, 60), site.fact("e-1", K::CustomsControlStarted, 61)];
    let recorded = site.record(facts).await;
    assert_eq!(positions(&recorded), [Some(1), Some(2)]);
}

#[tokio::test]
async fn the_same_id_at_another_checkpoint_is_a_conflict() {
    let site = Site::fresh().await;
    let entered = || event("e-1", K::CheckpointEntered, PLATE, 60);
    let at = |checkpoint: &CheckpointCode| stated(&site.guard, checkpoint, entered());
    site.record_at(&krakivets(), vec![at(&krakivets())]).await;
    let there = site.record_at(&yahodyn(), vec![at(&yahodyn())]).await;
    assert_eq!(outcomes(&there), ["event_conflict"]);
}

#[tokio::test]
async fn within_a_batch_the_first_of_an_id_counts() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    let recorded = site
        .record(vec![
            site.fact("e-1", K::CheckpointEntered, 60),
            site.fact("e-1", K::CheckpointEntered, 60),
            site.fact("e-1", K::CheckpointEntered, 61),
            site.fact("e-2", K::CheckpointLeft, 90),
        ])
        .await;
    assert_eq!(outcomes(&recorded), ["recorded", "duplicate", "event_conflict", "recorded"]);
    assert_eq!(positions(&recorded), [Some(2), Some(2), None, Some(3)], "no position is left out");
    assert_eq!(recorded[1].crossing, recorded[0].crossing);
}

#[tokio::test]
async fn a_refused_fact_does_not_hold_up_the_others() {
    let site = Site::fresh().await;
    site.record_one(site.fact("e-1", K::CheckpointEntered, 60)).await;
    let recorded = site
        .record(vec![
            site.fact("e-0", K::CheckpointEntered, 50),
            site.fact("e-1", K::CheckpointEntered, 99),
            site.fact("e-2", K::CheckpointLeft, 90),
        ])
        .await;
    assert_eq!(outcomes(&recorded), ["unmatched", "event_conflict", "unmatched"]);
    assert_eq!(positions(&recorded), [Some(2), None, Some(3)]);
}

#[tokio::test]
async fn a_thousand_facts_are_one_transaction() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    let facts = (0..1_000)
        .map(|number| {
            let plate = if number % 10 == 0 { PLATE.to_owned() } else { format!("AA {number:04} CC") };
            site.fact_of(&format!("e-{number}"), K::PlateRead, &plate, 30)
        })
        .collect();
    let recorded = site.record(facts).await;
    assert_eq!(outcomes(&recorded).iter().filter(|outcome| **outcome == "recorded").count(), 100);
    let expected: Vec<_> = (2..=1_001).map(Some).collect();
    assert_eq!(positions(&recorded), expected, "without gaps, in the order in which they were sent");
    assert_eq!(site.number("SELECT count(DISTINCT xmin::text) FROM checkpoint_events").await, 1);
}

#[tokio::test]
async fn submissions_of_several_checkpoints_are_answered_in_their_order() {
    let site = Site::fresh().await;
    let at = |checkpoint, id: &str| Submission {
        checkpoint: Clone::clone(checkpoint),
        facts: vec![stated(&site.guard, checkpoint, event(id, K::CheckpointEntered, PLATE, 60))],
    };
    let submissions =
        [at(&krakivets(), "e-1"), at(&yahodyn(), "e-2"), at(&krakivets(), "e-3"), at(&yahodyn(), "e-2")];
    let answers = record(&mut site.session().await, &submissions, evening()).await.unwrap();
    let told: Vec<_> = answers.iter().map(|each| (outcomes(each)[0], positions(each)[0].unwrap())).collect();
    assert_eq!(told, [("unmatched", 1), ("unmatched", 1), ("unmatched", 2), ("duplicate", 1)]);
}

#[tokio::test]
async fn a_checkpoint_without_a_journal_refuses_facts() {
    let site = Site::fresh().await;
    let nowhere = CheckpointCode::parse("UA999999").unwrap();
    let fact = stated(&site.guard, &nowhere, event("e-1", K::CheckpointEntered, PLATE, 60));
    assert_eq!(outcomes(&site.record_at(&nowhere, vec![fact]).await), ["not_found"]);
}

#[tokio::test]
async fn what_is_stated_is_kept_in_full() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    let second = site.another(Role::BorderGuard, "gate 2").await;
    let refused = EventIn {
        plate: Some(Plate::parse("aa1234bb").unwrap()),
        reason: Some("Не викликано; прибув зарано".into()),
        ..event("e-1", K::EntryRefused, PLATE, 60)
    };
    let recorded = site.record_one(stated(&second, &krakivets(), refused)).await;
    assert_eq!(recorded.crossing, Some(crossing));
    let view = site.view(crossing).await;
    let kept = &view.events[0];
    assert_eq!((kept.id.as_str(), kept.kind, kept.system), ("e-1", K::EntryRefused, second.system.0));
    assert_eq!(kept.reason.as_deref(), Some("Не викликано; прибув зарано"));
    assert_eq!((kept.occurred_at, kept.recorded_at), (crate::site::noon(60), evening()));
    assert_eq!(view.stage, kordon_schemas::crossings::Stage::Booked, "a refusal moves nothing");
}

#[tokio::test]
async fn a_contradiction_keeps_both_facts() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    let recorded = site
        .record(vec![
            site.fact("e-1", K::CheckpointLeft, 60),
            site.fact("e-2", K::CheckpointEntered, 90),
            site.fact("e-3", K::PlateRead, 91),
        ])
        .await;
    assert_eq!(outcomes(&recorded), ["recorded", "contradictory", "recorded"]);
    let view = site.view(crossing).await;
    assert_eq!(view.contradictions.len(), 1);
    let pair = &view.contradictions[0];
    assert_eq!((pair.first_position, pair.then_position), (3, 2), "both are named");
    assert_eq!(view.events.len(), 3);
}
