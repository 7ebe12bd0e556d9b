//! Called vehicles that were at the gate in time and were not let in: they lose their call and nothing else,
//! also where the refusal is told late.

use kordon_hub::queue::absence::Swept;
use kordon_hub::queue::booking::view;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::rules::Consequence;

use crate::queue_absence::of_the_day;
use crate::queue_timer::rules;
use crate::site::{Site, noon};

#[tokio::test]
async fn one_that_came_in_time_and_was_not_let_in_loses_its_call_and_nothing_else() {
    for (refused_at, consequence) in [
        (30, Consequence::BackToQueue),
        (-30, Consequence::Ban { days: 3 }),
        (61, Consequence::Ban { days: 3 }),
    ] {
        let mut rules = rules();
        rules.absence.at_checkpoint = Consequence::Ban { days: 3 };
        let site = Site::by(rules).await;
        site.waits(1, -60).await;
        site.due(0).await;
        site.record_one(site.fact_of("r-1", K::EntryRefused, "AA 0001 BB", refused_at)).await;
        let swept = site.sweep(62).await;
        let [absence] = swept.absences.as_slice() else { panic!("it has not entered: {swept:?}") };
        assert_eq!(absence.consequence, consequence, "refused at {refused_at}, called at 0 until 60");
        assert_eq!(absence.was_refused, refused_at == 30, "refused at {refused_at}");
        site.is_as_its_facts().await;
    }
}

#[tokio::test]
async fn a_refusal_at_the_gate_that_was_void_excuses_nobody() {
    let mut rules = rules();
    rules.absence.at_checkpoint = Consequence::Cancel;
    let site = Site::by(rules).await;
    site.waits(1, -60).await;
    site.due(0).await;
    site.record_one(site.fact_of("r-1", K::EntryRefused, "AA 0001 BB", 30)).await;
    site.record_one(site.void("v-1", "r-1")).await;
    let consequences: Vec<_> = site.sweep(62).await.absences.iter().map(|each| each.consequence).collect();
    assert_eq!(consequences, [Consequence::Cancel]);
}

#[tokio::test]
async fn a_refusal_at_the_gate_that_is_handed_in_late_gives_back_all_but_the_call() {
    for consequence in [Consequence::Cancel, Consequence::Ban { days: 3 }] {
        let mut rules = rules();
        rules.absence.at_checkpoint = consequence;
        let site = Site::by(rules).await;
        let crossing = site.waits(1, -60).await;
        site.due(0).await;
        assert_eq!(site.sweep(60).await.absences[0].consequence, consequence);
        site.record_one(site.fact_of("r-1", K::EntryRefused, "AA 0001 BB", 61)).await;
        assert_eq!(site.sweep(62).await, Swept::default(), "it came too late: {consequence:?}");

        site.record_one(site.fact_of("r-2", K::EntryRefused, "AA 0001 BB", 59)).await;
        let swept = site.sweep(63).await;
        assert_eq!(swept.taken_back.iter().map(|booking| booking.0).collect::<Vec<_>>(), [crossing.0]);
        let [missed] = swept.absences.as_slice() else { panic!("it has not entered: {swept:?}") };
        assert_eq!((missed.consequence, missed.due_at), (Consequence::BackToQueue, noon(60)));
        assert_eq!(site.number("SELECT count(*) FROM plate_bans").await, 0);
        assert_eq!(site.sweep(64).await, Swept::default(), "once: {consequence:?}");
        site.is_as_its_facts().await;
        assert_eq!(site.due(64).await[0].booking, crossing.0, "it waits, and is called again");
    }
}

#[tokio::test]
async fn one_that_was_in_time_and_was_not_let_in_is_no_no_show_also_where_that_is_told_late() {
    for told_late in [false, true] {
        let site = Site::fresh().await;
        let booking = site.waits(1, 0).await;
        site.call(noon(60)).await.unwrap();
        if told_late {
            site.sweep(300).await;
            assert_eq!(of_the_day(&site).await.no_shows, 1);
        }
        site.record_one(site.fact_of("e-1", K::EntryRefused, "AA 0001 BB", 180)).await;
        assert_eq!(site.sweep(311).await.taken_back, [], "it lost its call; told late: {told_late}");
        assert_eq!(site.sweep(312).await, Swept::default(), "once");
        let mut connection = site.connection().await;
        let seen = view::show(&mut connection, &site.operator, booking.0, noon(400)).await.unwrap();
        let [absence] = seen.absences.as_slice() else { panic!("it was absent once: {seen:?}") };
        assert_eq!((absence.was_refused, absence.consequence), (true, Consequence::BackToQueue));
        assert_eq!(of_the_day(&site).await.no_shows, 0, "told late: {told_late}");
    }
}
