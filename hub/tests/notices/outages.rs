//! Declaring, changing and listing outages.

use chrono::TimeDelta;
use diesel::sql_query;
use diesel_async::RunQueryDsl;
use futures_util::future::join_all;
use kordon_hub::Error;
use kordon_hub::outages::timer::look;
use kordon_hub::outages::{self, OutageId};
use kordon_schemas::ProblemCode;
use kordon_schemas::notices::{NoticeKind, Recipient};
use kordon_schemas::outages::{AffectedSystem, OutageChanges, OutageDeclaration, OutageState};

use crate::site::{Site, count, estimate, failure, now, recovery, window, withdrawal};

#[tokio::test]
async fn an_outage_reads_as_it_was_declared_and_changed() {
    let site = Site::open().await;
    let declared = site.declare(&window()).await.unwrap();
    let read = outages::get(&mut *site.connection().await, declared.id).await.unwrap();
    assert_eq!(read, declared);
    assert_eq!(read.seen_at(now()).state, OutageState::Scheduled);

    let changes = OutageChanges {
        affected_systems: Some(vec![AffectedSystem::CustomsInformation, AffectedSystem::Ets]),
        fallback_allowed: Some(true),
        ..estimate(24 * 9)
    };
    let changed = site.amend(declared.id, &changes).await.unwrap();
    let read = outages::get(&mut *site.connection().await, declared.id).await.unwrap();
    assert_eq!(read, changed);
    assert_eq!((read.version, read.affected_systems.len(), read.fallback_allowed), (2, 2, true));
}

#[tokio::test]
async fn every_change_is_one_notice_and_none_is_none() {
    let site = Site::open().await;
    let outage = site.declare(&failure(5)).await.unwrap();
    site.amend(outage.id, &estimate(2)).await.unwrap();
    let unchanged = site.amend(outage.id, &estimate(2)).await.unwrap();
    assert_eq!(unchanged.version, 2);
    site.amend(outage.id, &recovery()).await.unwrap();
    let told: Vec<_> =
        site.feed().await.iter().map(|notice| (notice.position, notice.number, notice.kind)).collect();
    assert_eq!(
        told,
        [(1, 1, NoticeKind::Declared), (2, 2, NoticeKind::Changed), (3, 3, NoticeKind::Recovered)]
    );
}

#[tokio::test]
async fn dg_taxud_is_told_of_planned_work_that_runs_on_each_day_until_it_is_over() {
    let site = Site::open().await;
    let outage = site.declare(&window()).await.unwrap();
    let end = window().expected_end_at.unwrap();
    let looked = async |at| look(&mut *site.connection().await, at).await.unwrap().overran.done;
    assert_eq!(looked(end - TimeDelta::seconds(1)).await, 0);
    let (one, other) = tokio::join!(looked(end), looked(end));
    assert_eq!(one + other, 1, "two replicas tell it once");
    assert_eq!(looked(end + TimeDelta::hours(23)).await, 0);
    assert_eq!(looked(end + TimeDelta::hours(25)).await, 1, "the end that was told in its place has passed");
    assert_eq!(looked(end + TimeDelta::hours(26)).await, 0);
    let told = site.notice(2).await;
    assert_eq!(told.notice.kind, NoticeKind::Overran);
    assert_eq!(told.notice.outage.unwrap().overdue_at, Some(end));
    let recipients: Vec<_> = told.deliveries.iter().map(|delivery| delivery.recipient).collect();
    assert!(recipients.contains(&Recipient::Taxud), "{recipients:?}");
    let over = OutageChanges { recovered_at: Some(end + TimeDelta::hours(30)), ..OutageChanges::default() };
    site.amend_at(outage.id, &over, end + TimeDelta::hours(30)).await.unwrap();
    assert_eq!(looked(end + TimeDelta::hours(60)).await, 0);
    assert_eq!(site.feed().await.len(), 4);
}

#[tokio::test]
async fn a_failure_that_outlasts_its_estimate_is_told_of_once() {
    let site = Site::open().await;
    let outage = site.declare(&failure(5)).await.unwrap();
    site.amend(outage.id, &estimate(2)).await.unwrap();
    let looked = async |hours| {
        look(&mut *site.connection().await, now() + TimeDelta::hours(hours)).await.unwrap().overran.done
    };
    assert_eq!(looked(2).await, 1);
    assert_eq!(looked(50).await, 0, "it has no end any more that could pass");
}

#[tokio::test]
async fn the_key_of_planned_work_follows_its_real_beginning() {
    let site = Site::open().await;
    let first = site.declare(&window()).await.unwrap();
    let began = OutageChanges {
        began_at: Some(window().starts_at + TimeDelta::hours(1)),
        ..OutageChanges::default()
    };
    site.amend_at(first.id, &began, window().starts_at + TimeDelta::hours(1)).await.unwrap();
    let keys = "SELECT count(*) FROM outage_unavailabilities WHERE starts_at = '2026-11-28T19:00:00Z'";
    assert_eq!(
        count(&mut *site.connection().await, keys).await,
        2,
        "DG TAXUD knows it by its real beginning"
    );
    let all = "SELECT count(*) FROM outage_unavailabilities";
    assert_eq!(count(&mut *site.connection().await, all).await, 2);
}

#[tokio::test]
async fn a_declaration_that_is_sent_again_is_the_same_outage() {
    let site = Site::open().await;
    let mut connection = site.connection().await;
    let first =
        outages::declare(&mut connection, &site.first_line, &failure(5), Some("k-1"), now()).await.unwrap();
    assert!(!first.repeated);
    // A month later it would break a rule; the same again is still the same.
    let later = now() + TimeDelta::days(30);
    let again =
        outages::declare(&mut connection, &site.first_line, &failure(5), Some("k-1"), later).await.unwrap();
    assert_eq!((again.outage, again.repeated), (first.outage, true));
    let other = outages::declare(&mut connection, &site.first_line, &failure(6), Some("k-1"), now()).await;
    assert_eq!(code(other), ProblemCode::IdempotencyConflict);
    assert_eq!(site.feed().await.len(), 1);
}

#[tokio::test]
async fn a_key_that_is_no_key_is_refused_by_its_header() {
    let site = Site::open().await;
    for key in ["", " ", "ключ", &"k".repeat(129)] {
        let refused =
            outages::declare(&mut *site.connection().await, &site.first_line, &failure(5), Some(key), now())
                .await;
        let Err(Error::Invalid(faults)) = refused else { panic!("{refused:?}") };
        assert_eq!(faults[0].path, "header:Idempotency-Key");
    }
}

#[tokio::test]
async fn of_many_that_send_the_same_at_once_one_records_it() {
    let site = Site::open().await;
    let declared = join_all((0..8).map(|_| async {
        let mut connection = site.own_connection().await;
        outages::declare(&mut connection, &site.first_line, &failure(5), Some("k-1"), now()).await.unwrap()
    }))
    .await;
    assert_eq!(declared.iter().filter(|declared| !declared.repeated).count(), 1);
    assert!(declared.iter().all(|other| other.outage == declared[0].outage));
    assert_eq!(site.feed().await.len(), 1);
}

#[tokio::test]
async fn a_twin_is_refused_and_named_and_leaves_nothing_behind() {
    let site = Site::open().await;
    let outage = site.declare(&failure(5)).await.unwrap();
    let both = OutageDeclaration {
        affected_systems: vec![AffectedSystem::DeclarantLink, AffectedSystem::Ets],
        ..failure(5)
    };
    let Err(Error::Refused { code, detail }) = site.declare(&both).await else {
        panic!("the twin was taken")
    };
    assert_eq!(code, ProblemCode::OutageTwin);
    assert!(detail.contains(&outage.id.to_string()), "{detail}");
    assert_eq!(count(&mut *site.connection().await, "SELECT count(*) FROM outages").await, 1);

    // Another start is another outage, and its notice has the next position: the twin took none.
    site.declare(&failure(6)).await.unwrap();
    assert_eq!(site.feed().await.iter().map(|notice| notice.position).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn an_outage_becomes_no_twin_by_a_change() {
    let site = Site::open().await;
    let declared = site.declare(&window()).await.unwrap();
    let day = TimeDelta::days(1);
    let elsewhere = OutageDeclaration {
        starts_at: window().starts_at + day,
        expected_end_at: window().expected_end_at.map(|end| end + day),
        ..window()
    };
    let other = site.declare(&elsewhere).await.unwrap();
    let moved = OutageChanges { starts_at: Some(window().starts_at), ..OutageChanges::default() };
    assert_eq!(code(site.amend(other.id, &moved).await), ProblemCode::OutageTwin);

    // A withdrawn outage gives its place up, a recovered one keeps it.
    site.amend(declared.id, &withdrawal()).await.unwrap();
    site.amend(other.id, &moved).await.unwrap();
    let failed = site.declare(&failure(5)).await.unwrap();
    site.amend(failed.id, &recovery()).await.unwrap();
    assert_eq!(code(site.declare(&failure(5)).await), ProblemCode::OutageTwin);
}

#[tokio::test]
async fn of_twins_that_come_at_once_one_is_taken() {
    let site = Site::open().await;
    let declarations = [
        vec![AffectedSystem::Ets, AffectedSystem::DeclarantLink],
        vec![AffectedSystem::DeclarantLink, AffectedSystem::GuaranteeManagement, AffectedSystem::Ets],
        vec![AffectedSystem::GuaranteeManagement, AffectedSystem::DeclarantLink],
    ]
    .map(|affected_systems| OutageDeclaration { affected_systems, ..failure(5) });
    let taken = join_all(declarations.iter().cycle().take(9).map(|declaration| async {
        let mut connection = site.own_connection().await;
        outages::declare(&mut connection, &site.first_line, declaration, None, now()).await
    }))
    .await;
    let (taken, refused): (Vec<_>, Vec<_>) = taken.into_iter().partition(Result::is_ok);
    assert_eq!((taken.len(), refused.len()), (1, 8));
    assert!(refused.into_iter().all(|refused| code(refused) == ProblemCode::OutageTwin));
}

#[tokio::test]
async fn the_database_itself_holds_no_twins_and_no_outage_that_ends_before_it_starts() {
    let site = Site::open().await;
    site.declare(&failure(5)).await.unwrap();
    let mut connection = site.connection().await;
    for impossible in [
        "INSERT INTO outage_unavailabilities SELECT * FROM outage_unavailabilities",
        "UPDATE outages SET expected_end_at = starts_at",
        "UPDATE outages SET recovered_at = starts_at - interval '1 second'",
        "UPDATE outages SET kind = 'planned'",
        "UPDATE outages SET affected_systems = '{}'",
        "UPDATE outages SET starts_at = starts_at + interval '1 millisecond'",
    ] {
        assert!(sql_query(impossible).execute(&mut *connection).await.is_err(), "{impossible}");
    }
}

#[tokio::test]
async fn a_change_of_what_has_changed_meanwhile_is_refused() {
    let site = Site::open().await;
    let outage = site.declare(&failure(5)).await.unwrap();
    site.amend(outage.id, &estimate(2)).await.unwrap();
    let mut connection = site.connection().await;
    let late =
        outages::amend(&mut connection, &site.first_line, outage.id, Some(1), &estimate(3), now()).await;
    assert_eq!(code(late), ProblemCode::PreconditionFailed);
    let right =
        outages::amend(&mut connection, &site.first_line, outage.id, Some(2), &estimate(3), now()).await;
    assert_eq!(right.unwrap().version, 3);
}

#[tokio::test]
async fn an_outage_is_recovered_once_however_many_say_it() {
    let site = Site::open().await;
    let outage = site.declare(&failure(5)).await.unwrap();
    let recovery = recovery();
    let said = join_all((0..6).map(|_| site.amend(outage.id, &recovery))).await;
    assert_eq!(said.iter().filter(|said| said.is_ok()).count(), 1);
    assert!(said.into_iter().filter(Result::is_err).all(|said| code(said) == ProblemCode::OutageOver));
    assert_eq!(site.feed().await.len(), 2);
}

#[tokio::test]
async fn an_unknown_outage_is_not_found() {
    let site = Site::open().await;
    assert_eq!(code(site.amend(OutageId::new(), &recovery()).await), ProblemCode::NotFound);
    assert_eq!(
        code(outages::get(&mut *site.connection().await, OutageId::new()).await),
        ProblemCode::NotFound
    );
}

#[tokio::test]
async fn the_list_is_paged_from_the_latest_and_may_hold_only_the_open() {
    let site = Site::open().await;
    let mut ids = Vec::new();
    for minutes in 1..=5 {
        ids.push(site.declare(&failure(minutes)).await.unwrap().id);
    }
    ids.sort();
    ids.reverse();
    site.amend(ids[1], &recovery()).await.unwrap();
    site.amend(ids[2], &withdrawal()).await.unwrap();

    let mut connection = site.connection().await;
    let mut read = Vec::new();
    let mut after = None;
    loop {
        let page = outages::list(&mut connection, false, after, 2).await.unwrap();
        read.extend(page.outages.iter().map(|outage| outage.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, ids);
    let open = outages::list(&mut connection, true, None, 100).await.unwrap();
    assert_eq!(open.outages.iter().map(|outage| outage.id).collect::<Vec<_>>(), [ids[0], ids[3], ids[4]]);
    assert_eq!(open.next, None);
}

fn code<T: std::fmt::Debug>(result: kordon_hub::Result<T>) -> ProblemCode {
    result.unwrap_err().code()
}
