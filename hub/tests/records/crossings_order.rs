//! The law of order, through the database: the same facts, voids and booking, in any order and any batches,
//! some of them twice, come to the same crossing.

use kordon_hub::crossings::{CrossingId, Fact};
use kordon_schemas::crossings::CrossingView;
use kordon_schemas::events::EventKind;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use crate::site::Site;

/// One step of a history of one vehicle; numbers are ids.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Book,
    State(usize, EventKind, i64),
    Void(usize),
}

/// A history: its booking, facts between a quarter of an hour before it and six hours after it, voids of
/// some.
fn history() -> impl Strategy<Value = Vec<Step>> {
    let kind = select(EventKind::ALL.into_iter().filter(|kind| *kind != EventKind::Void).collect::<Vec<_>>());
    (vec((kind, -15..300_i64), 1..10), vec(0..12_usize, 0..3)).prop_map(|(facts, mut voided)| {
        voided.sort_unstable();
        voided.dedup();
        let stated =
            facts.into_iter().enumerate().map(|(id, (kind, minutes))| Step::State(id, kind, minutes));
        std::iter::once(Step::Book).chain(stated).chain(voided.into_iter().map(Step::Void)).collect()
    })
}

/// The same steps, some twice, in some order, with where one batch ends and the next begins.
fn retold(history: Vec<Step>) -> impl Strategy<Value = Vec<(Step, bool)>> {
    vec(select(history.clone()), 0..4)
        .prop_flat_map(move |repeats| {
            Just(history.iter().cloned().chain(repeats).collect::<Vec<_>>()).prop_shuffle()
        })
        .prop_flat_map(|steps| {
            let ends = vec(any::<bool>(), steps.len());
            (Just(steps), ends).prop_map(|(steps, ends)| steps.into_iter().zip(ends).collect())
        })
}

/// Plays a history with a plate and ids of its own and shows what it came to.
async fn play(site: &Site, name: &str, plate: &str, steps: &[(Step, bool)]) -> CrossingView {
    let mut crossing = None;
    let mut batch: Vec<Fact> = Vec::new();
    for (step, ends) in steps {
        match step {
            Step::Book => {
                site.record(std::mem::take(&mut batch)).await;
                crossing = Some(site.book(&format!("{name}-booking"), plate, 0).await);
            }
            Step::State(id, kind, minutes) => {
                batch.push(as_guard(site, &format!("{name}-{id}"), *kind, plate, *minutes));
            }
            Step::Void(id) => batch.push(site.void(&format!("{name}-void-{id}"), &format!("{name}-{id}"))),
        }
        if *ends {
            site.record(std::mem::take(&mut batch)).await;
        }
    }
    site.record(batch).await;
    let crossing: CrossingId = crossing.unwrap();
    site.view(crossing).await
}

/// A fact of any kind from one system, so that its voids reach it: the rules look at the role before, not
/// here.
fn as_guard(site: &Site, id: &str, kind: EventKind, plate: &str, minutes: i64) -> Fact {
    Fact { system: site.guard.system, ..site.fact_of(id, kind, plate, minutes) }
}

/// What must not depend on the order: everything but ids and positions.
fn comes_to(view: &CrossingView) -> String {
    let stages: Vec<_> = view.stages.iter().map(|stage| (stage.stage, stage.knowledge, stage.at)).collect();
    let pairs: Vec<_> = view
        .contradictions
        .iter()
        .map(|pair| (pair.first_kind, pair.first_at, pair.then_kind, pair.then_at))
        .collect();
    let mut facts: Vec<_> =
        view.events.iter().map(|event| (event.occurred_at, event.kind.as_str(), event.voided)).collect();
    facts.sort_unstable();
    facts.retain(|(_, kind, _)| *kind != "void");
    format!("{:?}\n{stages:?}\n{:?}\n{pairs:?}\n{facts:?}", view.stage, view.controls)
}

#[test]
fn the_same_history_told_in_any_order_comes_to_the_same_crossing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let site = runtime.block_on(Site::fresh());
    let told = history().prop_flat_map(|history| (Just(history.clone()), retold(history)));
    let case = std::cell::Cell::new(0);
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&told, |(history, retold)| {
            case.set(case.get() + 1);
            let number = case.get();
            let orderly: Vec<_> = history.into_iter().map(|step| (step, true)).collect();
            let (one, other) = runtime.block_on(async {
                let one = play(&site, &format!("a{number}"), &format!("AA{number:05}"), &orderly).await;
                let other = play(&site, &format!("b{number}"), &format!("BB{number:05}"), &retold).await;
                (comes_to(&one), comes_to(&other))
            });
            prop_assert_eq!(one, other);
            Ok(())
        })
        .unwrap();
    let differences = runtime.block_on(async {
        kordon_hub::crossings::rebuild::verify(&mut *site.connection().await, &crate::site::krakivets())
            .await
            .unwrap()
    });
    assert_eq!(differences, [], "and each is what its facts fold to");
}

#[test]
fn a_voided_fact_comes_to_never_having_been_stated() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let site = runtime.block_on(Site::fresh());
    let case = std::cell::Cell::new(0);
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&history(), |history| {
            case.set(case.get() + 1);
            let number = case.get();
            let voided = |id: &usize| history.contains(&Step::Void(*id));
            let kept = history.iter().filter(|step| match step {
                Step::Book => true,
                Step::State(id, _, _) => !voided(id),
                Step::Void(_) => false,
            });
            let never: Vec<_> = kept.cloned().map(|step| (step, true)).collect();
            let stated: Vec<_> = history.iter().cloned().map(|step| (step, true)).collect();
            let (one, other) = runtime.block_on(async {
                let mut one = play(&site, &format!("a{number}"), &format!("AA{number:05}"), &stated).await;
                one.events.retain(|event| !event.voided);
                let other = play(&site, &format!("b{number}"), &format!("BB{number:05}"), &never).await;
                (comes_to(&one), comes_to(&other))
            });
            prop_assert_eq!(one, other);
            Ok(())
        })
        .unwrap();
}
