//! The law of order: facts may come in any order and any number of times, and come to the same.

use chrono::{DateTime, Utc};
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{called, with};
use crate::crossings::model::Crossing;
use crate::crossings::rules::{contradictions, moves, stage};

fn moving_kind() -> impl Strategy<Value = EventKind> {
    select(EventKind::ALL.into_iter().filter(|kind| moves(*kind)).collect::<Vec<_>>())
}

/// Kinds of facts with their minutes.
type Facts = Vec<(EventKind, i64)>;

/// Facts and the same facts shuffled, some of them twice.
fn facts_and_shuffled() -> impl Strategy<Value = (Facts, Facts)> {
    vec((moving_kind(), 0..300_i64), 1..16).prop_flat_map(|facts| {
        let repeats = vec(select(facts.clone()), 0..4);
        let shuffled = repeats.prop_flat_map({
            let facts = facts.clone();
            move |repeats| {
                let mut again = facts.clone();
                again.extend(repeats);
                Just(again).prop_shuffle()
            }
        });
        (Just(facts), shuffled)
    })
}

/// Each kind with its earliest and latest fact.
type Times = Vec<(EventKind, DateTime<Utc>, DateTime<Utc>)>;

/// The times of facts that contradict each other.
type Pairs = Vec<(DateTime<Utc>, DateTime<Utc>)>;

/// What a crossing comes to, without the positions, which tell in which order it was heard.
fn comes_to(crossing: &Crossing) -> (Stage, Times, Pairs) {
    let spans = EventKind::ALL.into_iter().filter_map(|kind| {
        let span = crossing.progress.span(kind)?;
        Some((kind, span.first.at, span.last.at))
    });
    let pairs = contradictions(&crossing.progress).iter().map(|pair| (pair.first_at, pair.then_at)).collect();
    (stage(crossing), spans.collect(), pairs)
}

proptest! {
    #[test]
    fn facts_in_any_order_and_again_come_to_the_same((facts, shuffled) in facts_and_shuffled()) {
        prop_assert_eq!(comes_to(&with(&facts)), comes_to(&with(&shuffled)));
        let (one, other) = (called(60, with(&facts)), called(60, with(&shuffled)));
        prop_assert_eq!(comes_to(&one), comes_to(&other));
    }

    #[test]
    fn a_further_fact_never_takes_a_crossing_back(
        facts in vec((moving_kind(), 0..300_i64), 0..12),
        further in (moving_kind(), 0..300_i64),
    ) {
        let before = stage(&with(&facts));
        let mut more = facts;
        more.push(further);
        prop_assert!(before <= stage(&with(&more)));
    }

    #[test]
    fn an_orderly_crossing_never_contradicts_itself(mut minutes in vec(0..300_i64, 8)) {
        minutes.sort_unstable();
        let order = EventKind::ALL.into_iter().filter(|kind| moves(*kind));
        let facts: Vec<_> = order.zip(minutes).collect();
        prop_assert!(contradictions(&with(&facts).progress).is_empty());
    }
}
