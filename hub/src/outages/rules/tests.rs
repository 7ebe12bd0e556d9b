//! What may be declared and changed, where an outage stands.

use chrono::TimeDelta;
use kordon_schemas::Bilingual;
use kordon_schemas::outages::{AffectedSystem, Change, OutageDirection, OutageLevel, OutageScope};

use super::*;
use crate::outages::announcement::unavailabilities;

const NOW: &str = "2026-11-20T07:05:00Z";

#[test]
fn a_planned_window_is_declared_with_whole_seconds_and_each_system_once() {
    let declaration = OutageDeclaration { starts_at: at("2026-11-28T18:00:00.750Z"), ..planned() };
    let outage = declare(id(), &declaration, at(NOW)).unwrap();
    assert_eq!(outage.starts_at, at("2026-11-28T18:00:00Z"));
    assert_eq!(outage.version, 1);
    assert_eq!(state(&outage, at("2026-11-28T17:59:59Z")), OutageState::Scheduled);
    assert_eq!(state(&outage, at("2026-11-28T18:00:00Z")), OutageState::Running);
}

#[test]
fn a_planned_window_that_nobody_ended_over_runs() {
    let outage = declare(id(), &planned(), at(NOW)).unwrap();
    let end = at("2026-11-28T22:00:00Z");
    assert!(!is_overdue(&outage, end - TimeDelta::seconds(1)));
    assert!(is_overdue(&outage, end));
    assert_eq!(state(&outage, end), OutageState::Running);
}

#[test]
fn every_fault_of_a_declaration_is_named_at_once() {
    let declaration = OutageDeclaration {
        affected_systems: vec![AffectedSystem::Ets, AffectedSystem::DeclarantLink, AffectedSystem::Ets],
        starts_at: at("2036-11-28T18:00:00Z"),
        expected_end_at: None,
        text: Bilingual { uk: " \n".into(), en: "bell \u{7}".into() },
        ..planned()
    };
    let faults = declare(id(), &declaration, at(NOW)).unwrap_err();
    assert_eq!(
        paths(&faults),
        ["/affected_systems/2", "/text/uk", "/text/en", "/starts_at", "/expected_end_at"]
    );
}

#[test]
fn an_outage_that_ends_before_it_starts_is_refused() {
    let declaration =
        OutageDeclaration { expected_end_at: Some(at("2026-11-28T18:00:00.900Z")), ..planned() };
    assert_eq!(paths(&declare(id(), &declaration, at(NOW)).unwrap_err()), ["/expected_end_at"]);
}

#[test]
fn an_unplanned_outage_has_begun_within_the_last_week() {
    let begun = |starts_at| {
        declare(id(), &OutageDeclaration { starts_at: at(starts_at), ..unplanned() }, at(NOW)).map(|_| ())
    };
    assert!(begun("2026-11-20T07:10:00Z").is_ok(), "a clock that is five minutes ahead");
    assert!(begun("2026-11-20T07:10:01Z").is_err(), "tomorrow's failure");
    assert!(begun("2026-11-13T07:05:00Z").is_ok(), "a week ago");
    assert!(begun("2026-11-13T07:04:59Z").is_err(), "long ago");
    assert!(begun("-262143-01-01T00:00:00Z").is_err(), "before all history");
}

#[test]
fn a_text_of_two_thousand_letters_of_any_alphabet_is_taken_and_one_more_is_not() {
    let told = |length| {
        let text = Bilingual { uk: "ї".repeat(length), en: "Failure".into() };
        declare(id(), &OutageDeclaration { text, ..unplanned() }, at(NOW))
    };
    assert!(told(2_000).is_ok());
    assert_eq!(paths(&told(2_001).unwrap_err()), ["/text/uk"]);
}

#[test]
fn a_change_that_says_nothing_new_is_no_change() {
    let outage = declare(id(), &planned(), at(NOW)).unwrap();
    let same = OutageChanges {
        starts_at: Some(outage.starts_at),
        fallback_allowed: Some(true),
        cancelled: Some(false),
        ..OutageChanges::default()
    };
    assert_eq!(amend(&outage, &same, at("2026-11-29T00:00:00Z")).unwrap(), None);
}

#[test]
fn the_start_of_a_planned_window_moves_until_it_has_begun() {
    let outage = declare(id(), &planned(), at(NOW)).unwrap();
    let moved = OutageChanges { starts_at: Some(at("2026-11-28T19:00:00Z")), ..OutageChanges::default() };
    let amendment = amend(&outage, &moved, at("2026-11-28T17:59:59Z")).unwrap().unwrap();
    assert_eq!((amendment.outage.version, amendment.kind), (2, NoticeKind::Changed));
    assert_eq!(faults_of(amend(&outage, &moved, at("2026-11-28T18:00:00Z"))), ["/starts_at"]);
}

#[test]
fn a_start_moved_beyond_the_end_names_the_start() {
    let outage = declare(id(), &planned(), at(NOW)).unwrap();
    let moved = OutageChanges { starts_at: Some(at("2026-11-28T23:00:00Z")), ..OutageChanges::default() };
    assert_eq!(faults_of(amend(&outage, &moved, at(NOW))), ["/starts_at"]);
}

#[test]
fn only_an_estimate_can_be_withdrawn() {
    let withdrawn = OutageChanges { expected_end_at: Change::Clear, ..OutageChanges::default() };
    let planned = declare(id(), &planned(), at(NOW)).unwrap();
    assert_eq!(faults_of(amend(&planned, &withdrawn, at(NOW))), ["/expected_end_at"]);
    let estimate = Some(at("2026-11-20T09:00:00Z"));
    let unplanned =
        declare(id(), &OutageDeclaration { expected_end_at: estimate, ..unplanned() }, at(NOW)).unwrap();
    let amendment = amend(&unplanned, &withdrawn, at(NOW)).unwrap().unwrap();
    assert_eq!(amendment.outage.expected_end_at, None);
}

#[test]
fn an_end_in_the_past_is_a_recovery_and_must_be_called_so() {
    let outage = declare(id(), &unplanned(), at(NOW)).unwrap();
    let ended = OutageChanges {
        expected_end_at: Change::Set(at("2026-11-20T07:04:00Z")),
        ..OutageChanges::default()
    };
    assert_eq!(faults_of(amend(&outage, &ended, at(NOW))), ["/expected_end_at"]);
}

#[test]
fn an_outage_is_recovered_once() {
    let outage = declare(id(), &unplanned(), at(NOW)).unwrap();
    let recovered =
        amend(&outage, &recovery("2026-11-20T07:30:00Z"), at("2026-11-20T07:31:00Z")).unwrap().unwrap();
    assert_eq!(recovered.kind, NoticeKind::Recovered);
    let again = amend(&recovered.outage, &recovery("2026-11-20T07:45:00Z"), at("2026-11-20T07:46:00Z"));
    assert_eq!(
        again,
        Err(Refusal::Over { state: OutageState::Recovered, since: at("2026-11-20T07:30:00Z") })
    );
}

#[test]
fn a_recovery_lies_after_the_start_and_not_ahead() {
    let outage = declare(id(), &unplanned(), at(NOW)).unwrap();
    assert_eq!(faults_of(amend(&outage, &recovery("2026-11-20T07:00:00.9Z"), at(NOW))), ["/recovered_at"]);
    assert_eq!(faults_of(amend(&outage, &recovery("2026-11-20T07:11:00Z"), at(NOW))), ["/recovered_at"]);
}

#[test]
fn work_that_began_before_its_hour_may_be_over_before_it() {
    let outage = declare(id(), &planned(), at(NOW)).unwrap();
    let began = OutageChanges { began_at: Some(at("2026-11-28T16:00:00Z")), ..OutageChanges::default() };
    let begun = amend(&outage, &began, at("2026-11-28T16:01:00Z")).unwrap().unwrap().outage;
    let now = at("2026-11-28T17:30:00Z");
    assert_eq!(faults_of(amend(&begun, &recovery("2026-11-28T16:00:00Z"), now)), ["/recovered_at"]);
    let over = amend(&begun, &recovery("2026-11-28T17:30:00Z"), now).unwrap().unwrap();
    assert_eq!(over.kind, NoticeKind::Recovered);
    let known = unavailabilities(&over.outage.told(now));
    assert_eq!(known[0].starts_at, at("2026-11-28T16:00:00Z"), "DG TAXUD knows when it really was");
    assert_eq!(known[0].ends_at, Some(at("2026-11-28T17:30:00Z")));
}

#[test]
fn a_window_that_has_not_begun_is_withdrawn_not_recovered() {
    let outage = declare(id(), &planned(), at(NOW)).unwrap();
    assert_eq!(faults_of(amend(&outage, &recovery("2026-11-28T19:00:00Z"), at(NOW))), ["/recovered_at"]);
    let withdrawn = amend(&outage, &withdrawal(), at(NOW)).unwrap().unwrap();
    assert_eq!(withdrawn.kind, NoticeKind::Cancelled);
    assert_eq!(state(&withdrawn.outage, at(NOW)), OutageState::Cancelled);
}

#[test]
fn recovery_and_withdrawal_change_nothing_else_but_words() {
    let outage = declare(id(), &unplanned(), at(NOW)).unwrap();
    let both = OutageChanges { cancelled: Some(true), ..recovery("2026-11-20T07:04:00Z") };
    assert_eq!(faults_of(amend(&outage, &both, at(NOW))), ["/cancelled"]);
    let more = OutageChanges {
        affected_systems: Some(vec![AffectedSystem::GuaranteeManagement]),
        expected_end_at: Change::Clear,
        fallback_allowed: Some(false),
        ..recovery("2026-11-20T07:04:00Z")
    };
    assert_eq!(faults_of(amend(&outage, &more, at(NOW))), ["/expected_end_at", "/affected_systems"]);
}

#[test]
fn a_neighbours_outage_names_the_neighbour() {
    let of = |level, country: Option<&str>| {
        let direction = OutageDirection::IntoUkraine;
        let scope = OutageScope { level, country: country.map(String::from), direction };
        declare(id(), &OutageDeclaration { scope, ..unplanned() }, at(NOW)).map_err(|faults| paths(&faults))
    };
    assert!(of(OutageLevel::Neighbour, Some("PL")).is_ok());
    assert!(of(OutageLevel::Central, None).is_ok());
    for (level, country) in [
        (OutageLevel::Neighbour, None),
        (OutageLevel::Neighbour, Some("Poland")),
        (OutageLevel::Neighbour, Some("UA")),
        (OutageLevel::National, Some("PL")),
    ] {
        assert_eq!(of(level, country), Err(vec!["/scope/country".to_owned()]), "{level} {country:?}");
    }
}

#[test]
fn a_window_that_began_early_runs_and_its_plan_stays() {
    let window = declare(id(), &planned(), at(NOW)).unwrap();
    let early = at("2026-11-28T17:30:00Z");
    let began = OutageChanges { began_at: Some(early), ..OutageChanges::default() };
    assert_eq!(state(&window, early), OutageState::Scheduled);
    let begun = amend(&window, &began, early).unwrap().unwrap().outage;
    assert_eq!((state(&begun, early), begun.starts_at), (OutageState::Running, window.starts_at));
    assert_eq!(faults_of(amend(&window, &began, at(NOW))), ["/began_at"], "it lies ahead");
    let failure = declare(id(), &unplanned(), at(NOW)).unwrap();
    let began = OutageChanges { began_at: Some(at(NOW)), ..OutageChanges::default() };
    assert_eq!(faults_of(amend(&failure, &began, at(NOW))), ["/began_at"], "it began when it began");
}

fn id() -> OutageId {
    OutageId(uuid::Uuid::from_u128(0x019a_9d2e_7c00_7000_8000_0000_0000_0001))
}

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

fn planned() -> OutageDeclaration {
    OutageDeclaration {
        kind: OutageKind::Planned,
        affected_systems: vec![AffectedSystem::Ets],
        functionalities: Vec::new(),
        starts_at: at("2026-11-28T18:00:00Z"),
        expected_end_at: Some(at("2026-11-28T22:00:00Z")),
        fallback_allowed: true,
        text: Bilingual {
            uk: "Оновлення серверів ЕТС.".into(), en: "Upgrade of the ETS servers.".into()
        },
        scope: OutageScope::default(),
        press_review_until: None,
    }
}

fn unplanned() -> OutageDeclaration {
    OutageDeclaration {
        kind: OutageKind::Unplanned,
        starts_at: at("2026-11-20T07:00:00Z"),
        expected_end_at: None,
        ..planned()
    }
}

fn recovery(instant: &str) -> OutageChanges {
    OutageChanges { recovered_at: Some(at(instant)), ..OutageChanges::default() }
}

fn withdrawal() -> OutageChanges {
    OutageChanges { cancelled: Some(true), ..OutageChanges::default() }
}

fn faults_of(refused: Result<Option<Amendment>, Refusal>) -> Vec<String> {
    match refused.unwrap_err() {
        Refusal::Faults(faults) => paths(&faults),
        over @ Refusal::Over { .. } => panic!("{over}"),
    }
}

fn paths(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| fault.path.clone()).collect()
}
