//! Predicted entries over a real database: what is worked out, announced once, kept, taken down and judged.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::checkpoints::rules::{self as checkpoint_rules, standard};
use kordon_hub::crossings::Position;
use kordon_hub::prediction::read;
use kordon_hub::prediction::residuals::Residuals;
use kordon_hub::prediction::working_out::{self, WorkedOut};
use kordon_hub::queue::{absence, feed, pauses};
use kordon_schemas::changes::QueueChangeKind;
use kordon_schemas::events::EventKind;
use kordon_schemas::prediction::{PredictedEntry, RangeBasis, ThroughputSource};
use kordon_schemas::queue::PauseIn;
use kordon_schemas::rules::{CapacityRules, RulesDecision, RulesIn, Weekday};

use crate::site::{Site, evening, krakivets, noon};

const ALL_WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// Rules by which the one lane lets in so many an hour, at all hours.
async fn let_in(site: &Site, vehicles_per_hour: u16) {
    let mut rules = standard::rules();
    for lane in &mut rules.lanes {
        lane.capacity =
            vec![CapacityRules { weekdays: ALL_WEEK.into(), from_hour: 0, to_hour: 24, vehicles_per_hour }];
    }
    let asked = RulesIn {
        applies_from: noon(1),
        decision: RulesDecision { reference: "№ 1".into(), decided_on: noon(0).date_naive() },
        rules,
    };
    let mut connection = site.connection().await;
    checkpoint_rules::put(&mut connection, &site.operator, &krakivets(), 1, &asked, noon(0)).await.unwrap();
}

async fn work_out(site: &Site, now: DateTime<Utc>) -> WorkedOut {
    let mut connection = site.connection().await;
    let residuals = working_out::residuals(&mut connection, &krakivets(), now).await.unwrap();
    working_out::work_out(&mut connection, &krakivets(), &residuals, now).await.unwrap().unwrap()
}

async fn entries(site: &Site, now: DateTime<Utc>) -> Vec<PredictedEntry> {
    let mut connection = site.connection().await;
    let entries = read::entries(&mut connection, &krakivets(), now).await.unwrap();
    entries.items.into_iter().map(|item| item.predicted_entry).collect()
}

/// Books so many, the first at noon, one each minute.
async fn book(site: &Site, count: i64) {
    for number in 0..count {
        site.book(&format!("B-{number}"), &format!("AA {number:04} BB"), number).await;
    }
}

#[tokio::test]
async fn where_nothing_is_planned_or_measured_nothing_is_predicted() {
    let site = Site::fresh().await;
    book(&site, 2).await;
    let now = evening();
    assert_eq!(entries(&site, now).await, vec![PredictedEntry::Stale { as_of: None }; 2]);
    assert_eq!(work_out(&site, now).await, WorkedOut::default());
    assert_eq!(entries(&site, now).await, vec![PredictedEntry::NotMeasured { as_of: now }; 2]);
}

#[tokio::test]
async fn what_the_rules_plan_is_announced_once_and_goes_stale() {
    let site = Site::fresh().await;
    let_in(&site, 10).await;
    book(&site, 20).await;
    let now = noon(20);
    assert_eq!(work_out(&site, now).await, WorkedOut { forecasts: 20, announced: 20 });
    let told = entries(&site, now).await;
    let Some(PredictedEntry::Known(last)) = told.last() else { panic!("{told:?}") };
    assert_eq!(last.source, ThroughputSource::Rules);
    assert_eq!(last.basis, RangeBasis::Assumed);
    let ahead = (last.p50 - now).num_minutes();
    assert!(
        (100..=125).contains(&ahead),
        "the twentieth of ten an hour enters after 19 intervals, not {ahead} min"
    );
    assert!(last.p50 <= last.p80 && last.p80 <= last.p90);
    // Some minutes later nothing has changed enough to be told anew; what stands is as old as its
    // announcement, and fresh.
    let later = now + TimeDelta::minutes(5);
    assert_eq!(work_out(&site, later).await.announced, 0);
    let Some(PredictedEntry::Known(same)) = entries(&site, later).await.pop() else { panic!() };
    assert_eq!((same.p50, same.announced_at, same.as_of), (last.p50, now, later));
    let late = later + TimeDelta::minutes(31);
    assert_eq!(entries(&site, late).await, vec![PredictedEntry::Stale { as_of: Some(later) }; 20]);
}

#[tokio::test]
async fn a_second_run_at_the_same_moment_lets_the_first_do_it() {
    let site = Site::fresh().await;
    let_in(&site, 10).await;
    book(&site, 1).await;
    work_out(&site, noon(5)).await;
    let (mut first, mut second) = (site.connection().await, site.connection().await);
    diesel_async::RunQueryDsl::execute(diesel::sql_query("BEGIN"), &mut *first).await.unwrap();
    diesel_async::RunQueryDsl::execute(
        diesel::sql_query("SELECT FROM prediction_runs FOR UPDATE"),
        &mut *first,
    )
    .await
    .unwrap();
    let residuals = Residuals::of([], 1.0);
    let done = working_out::work_out(&mut second, &krakivets(), &residuals, noon(6)).await.unwrap();
    assert_eq!(done, None);
    diesel_async::RunQueryDsl::execute(diesel::sql_query("ROLLBACK"), &mut *first).await.unwrap();
}

#[tokio::test]
async fn announcements_are_kept_and_judged_when_the_vehicle_has_entered() {
    let site = Site::fresh().await;
    let_in(&site, 1).await;
    book(&site, 3).await;
    let told_at = noon(10);
    work_out(&site, told_at).await;
    let mut connection = site.connection().await;
    let accuracy = read::accuracy(&mut connection, &krakivets(), noon(0), noon(600)).await.unwrap();
    assert_eq!(accuracy.overall, None);
    assert_eq!(accuracy.reannouncements.vehicles, 0);
    // The second was told an hour and enters after two.
    site.record_one(site.fact_of("e", EventKind::CheckpointEntered, "AA 0001 BB", 130)).await;
    let accuracy = read::accuracy(&mut connection, &krakivets(), noon(0), noon(600)).await.unwrap();
    let overall = accuracy.overall.unwrap();
    assert_eq!(overall.count, 1);
    assert_eq!(overall.coverage.p50, 0.0);
    assert!((overall.mean_error_hours - 1.0).abs() < 0.05, "{overall:?}");
    assert_eq!(accuracy.by_horizon.iter().map(|of| of.horizon.as_str()).collect::<Vec<_>>(), ["0-3"]);
    assert_eq!(accuracy.reannouncements.vehicles, 1);
    drop(connection);
    // What it was told stands no more, and stays on record.
    work_out(&site, noon(131)).await;
    assert_eq!(site.number("SELECT count(DISTINCT booking_id) FROM announcements").await, 3);
    assert_eq!(site.number("SELECT count(*) FROM announcements WHERE stands").await, 2);
}

#[tokio::test]
async fn who_is_told_another_time_than_before_is_named_in_the_feed() {
    let site = Site::fresh().await;
    let_in(&site, 2).await;
    book(&site, 3).await;
    work_out(&site, noon(10)).await;
    let reannounced = async || -> Vec<(i64, Option<uuid::Uuid>)> {
        let mut connection = site.connection().await;
        let page = feed::after(&mut connection, &site.guard, &krakivets(), Position(0), 100).await.unwrap();
        let told = page.items.into_iter().filter(|change| change.kind == QueueChangeKind::Reannounced);
        told.map(|change| (change.position, change.booking)).collect()
    };
    assert_eq!(reannounced().await, [], "the first time is no change");
    // A pause of hours: all of them are told later times, each at a position of its own.
    let asked = PauseIn { lane: None, reason: "the neighbour lets nobody in".into() };
    let mut connection = site.connection().await;
    let pause = pauses::pause(&mut connection, &site.guard, &krakivets(), &asked, noon(11)).await.unwrap();
    pauses::resume(&mut connection, &site.guard, &krakivets(), pause.id, noon(400)).await.unwrap();
    let done = work_out(&site, noon(401)).await;
    let told = reannounced().await;
    assert_eq!((done.announced, told.len()), (3, 3));
    let last =
        site.number("SELECT last_position FROM checkpoint_journals WHERE checkpoint = 'UA209030'").await;
    assert_eq!(told.last().unwrap().0, last);
    assert_eq!(
        site.number("SELECT journal_position FROM prediction_runs").await,
        last,
        "its own notes are no reason to work the entries out again"
    );
}

#[tokio::test]
async fn who_was_in_no_zone_when_its_turn_came_stands_in_nobodys_way_until_it_comes() {
    let site = Site::fresh().await;
    let_in(&site, 1).await;
    book(&site, 3).await;
    site.record_one(site.fact_of("e-1", EventKind::ZoneArrived, "AA 0001 BB", 5)).await;
    site.call(noon(10)).await.unwrap();
    assert_eq!(work_out(&site, noon(11)).await.forecasts, 1);
    let [first, third] = entries(&site, noon(11)).await.try_into().unwrap();
    assert_eq!(first, PredictedEntry::NotMeasured { as_of: noon(11) });
    let PredictedEntry::Known(alone) = third else { panic!("{third:?}") };
    site.record_one(site.fact_of("e-2", EventKind::ZoneArrived, "AA 0000 BB", 20)).await;
    assert_eq!(work_out(&site, noon(21)).await.forecasts, 2);
    let [first, third] = entries(&site, noon(21)).await.try_into().unwrap();
    let (PredictedEntry::Known(first), PredictedEntry::Known(third)) = (&first, &third) else {
        panic!("{first:?}, {third:?}")
    };
    assert!(first.p50 < third.p50 && third.p50 > alone.p50, "{first:?}, {third:?}, alone {alone:?}");
}

#[tokio::test]
async fn what_one_was_told_that_was_not_there_at_its_turn_is_judged_by_its_turn() {
    let site = Site::fresh().await;
    let_in(&site, 1).await;
    book(&site, 3).await;
    assert_eq!(work_out(&site, noon(4)).await.announced, 3);
    site.record_one(site.fact_of("e-1", EventKind::ZoneArrived, "AA 0001 BB", 5)).await;
    site.call(noon(10)).await.unwrap();
    work_out(&site, noon(64)).await;
    let accuracy = async || {
        let told =
            read::accuracy(&mut *site.connection().await, &krakivets(), noon(0), noon(5)).await.unwrap();
        told.overall.map(|figures| (figures.count, figures.mean_error_hours))
    };
    let (count, error) = accuracy().await.expect("its turn came, though it has not entered");
    assert_eq!(count, 1);
    site.record_one(site.fact_of("e-2", EventKind::ZoneArrived, "AA 0000 BB", 500)).await;
    work_out(&site, noon(501)).await;
    site.record_one(site.fact_of("e-3", EventKind::CheckpointEntered, "AA 0000 BB", 560)).await;
    assert_eq!(accuracy().await, Some((1, error)), "that it came eight hours later says nothing");
    let later = read::accuracy(&mut *site.connection().await, &krakivets(), noon(500), noon(600)).await;
    let later = later.unwrap().overall.expect("it was told anew when it came");
    assert!(later.count == 1 && later.mean_error_hours.abs() < 1.5, "{later:?}");
}

#[tokio::test]
async fn vehicles_that_are_called_and_do_not_come_take_less_of_the_capacity() {
    let last_of_twenty = async |calls: i64| {
        let site = Site::fresh().await;
        let_in(&site, 1).await;
        book(&site, 20).await;
        let arrived = |number: i64| {
            site.fact_of(
                &format!("e-{number}"),
                EventKind::ZoneArrived,
                &format!("AA {number:04} BB"),
                20 + number,
            )
        };
        site.record((0..20).map(arrived).collect()).await;
        for number in 0..calls {
            site.call(noon(50 + number)).await.unwrap();
        }
        let now = noon(1_000);
        let missed = absence::sweep(&mut *site.connection().await, &krakivets(), now).await.unwrap().absences;
        assert_eq!(missed.len() as i64, calls);
        assert_eq!(work_out(&site, now).await.forecasts, 20);
        let p50 = |entry| {
            let PredictedEntry::Known(range) = entry else { panic!("{entry:?}") };
            range.p50
        };
        let entries = entries(&site, now).await;
        (entries.into_iter().map(p50).max().unwrap() - now).as_seconds_f64()
    };
    let (all_come, ten_missed) = (last_of_twenty(0).await, last_of_twenty(10).await);
    let taken = ten_missed / all_come;
    assert!((0.8..0.88).contains(&taken), "ten of ten, shrunk by fifty calls: five sixths, not {taken}");
}
