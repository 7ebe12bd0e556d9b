//! The laws of a permit, whatever is done with it in whatever order.

use kordon_schemas::Bilingual;
use kordon_schemas::outages::{AffectedSystem, OutageKind, OutageScope};
use proptest::prelude::*;

use super::*;
use crate::outages::OutageId;
use crate::permits::model::ToldParty;

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

fn issued(at: DateTime<Utc>) -> Permit {
    Permit {
        number: "UA-BCP-20261123-1140-001-0".into(),
        systems: [AffectedSystem::Ets].into(),
        outage: None,
        continues: None,
        issued_at: at,
        valid: None,
        raised_fallback: false,
        warned_at: None,
        expiry_noted_at: None,
        revoked: None,
        not_used_because: None,
        closed_at: None,
    }
}

fn outage() -> Outage {
    Outage {
        id: OutageId(uuid::Uuid::nil()),
        version: 1,
        kind: OutageKind::Unplanned,
        affected_systems: [AffectedSystem::Ets].into(),
        functionalities: [].into(),
        scope: OutageScope::default(),
        starts_at: at("2026-11-23T07:40:00Z"),
        began_at: None,
        expected_end_at: None,
        recovered_at: None,
        cancelled_at: None,
        fallback_allowed: false,
        text: Bilingual { uk: "Збій".into(), en: "Failure".into() },
        declared_at: at("2026-11-23T07:45:00Z"),
        changed_at: at("2026-11-23T07:45:00Z"),
    }
}

fn told(office: &str, trader: &str) -> Permit {
    let told = Told { office: Some(at(office)), trader: Some(at(trader)) };
    Permit { valid: validity(told), ..issued(at("2026-10-24T08:00:00Z")) }
}

#[test]
fn bcp_limit_and_permit_ignore_working_hours() {
    // A Saturday evening, before the clocks go back.
    assert_eq!(decide_by(at("2026-10-24T20:00:00Z")), at("2026-10-25T00:00:00Z"));
    let permit = told("2026-10-24T09:00:00Z", "2026-10-24T08:30:00Z");
    // 12:00 in Kyiv on Saturday is 11:00 on Sunday: 24 hours all the same.
    assert_eq!(permit.valid.unwrap().until, at("2026-10-25T09:00:00Z"));
}

#[test]
fn the_later_of_the_two_tellings_counts() {
    let permit = told("2026-11-23T10:00:00Z", "2026-11-23T11:30:00Z");
    assert!(!is_valid(&permit, at("2026-11-23T11:29:59Z")));
    assert!(is_valid(&permit, at("2026-11-23T11:30:00Z")));
    assert!(is_valid(&permit, at("2026-11-24T11:29:59Z")));
    assert!(!is_valid(&permit, at("2026-11-24T11:30:00Z")));
}

#[test]
fn a_permit_comes_too_late_once_one_of_the_two_was_told_after_the_incident_was_solved() {
    let told = |office: &str| Told { office: Some(at(office)), trader: Some(at("2026-11-23T09:00:00Z")) };
    let running = outage();
    assert!(!is_too_late(&running, told("2026-11-23T10:00:00Z")));
    let solved = Outage { recovered_at: Some(at("2026-11-23T10:00:00Z")), ..running.clone() };
    assert!(!is_too_late(&solved, told("2026-11-23T09:59:59Z")));
    assert!(is_too_late(&solved, told("2026-11-23T10:00:00Z")));
    assert!(!is_too_late(&solved, Told { office: None, ..told("2026-11-23T09:00:00Z") }));
    let never_was = Outage { cancelled_at: Some(at("2026-11-23T12:00:00Z")), ..running };
    assert!(is_too_late(&never_was, told("2026-11-23T09:00:00Z")));
}

#[test]
fn a_permit_names_what_was_asked_for_and_confirmed() {
    use AffectedSystem::{CustomsInformation, DeclarantLink, Ets, GuaranteeManagement};
    let outage = [Ets, CustomsInformation].into();
    assert_eq!(confirmed_systems(&[Ets, GuaranteeManagement].into(), &outage), [Ets].into());
    assert_eq!(confirmed_systems(&[Ets, DeclarantLink].into(), &outage), [Ets, DeclarantLink].into());
}

#[test]
fn a_release_on_a_day_after_the_end_is_marked() {
    let permit = told("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z");
    let released = |day: &str| is_after_end(&permit, day.parse().unwrap());
    assert!(!released("2026-11-24"), "the permit ended on that day");
    assert!(released("2026-11-25"));
    let revoked = Permit { revoked: Some((at("2026-11-23T21:59:59Z"), "because".into())), ..permit.clone() };
    assert!(!is_after_end(&revoked, "2026-11-23".parse().unwrap()), "still that day in Kyiv");
    assert!(is_after_end(&revoked, "2026-11-24".parse().unwrap()));
    let closed = Permit { closed_at: Some(at("2026-11-24T12:00:00Z")), ..permit };
    assert!(!is_after_report(&closed, at("2026-11-24T12:00:00Z")));
    assert!(is_after_report(&closed, at("2026-11-24T12:00:01Z")));
}

#[test]
fn the_stamp_says_when_it_began_in_kyiv() {
    let permit = told("2026-11-23T09:40:00Z", "2026-11-23T09:31:00Z");
    assert_eq!(
        stamp(&permit).unwrap().lines,
        [
            "BUSINESS CONTINUITY PROCEDURE",
            "NO DATA AVAILABLE IN THE SYSTEM",
            "INITIATED ON 23.11.2026/11:40",
            "UA-BCP-20261123-1140-001-0"
        ]
    );
    assert_eq!(stamp(&issued(at("2026-11-23T09:40:00Z"))), None);
}

#[test]
fn the_next_permit_is_asked_for_in_the_last_four_hours() {
    let permit = told("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z");
    assert!(blocks_another(&permit, at("2026-11-24T05:59:59Z")));
    assert!(!blocks_another(&permit, at("2026-11-24T06:00:00Z")));
    assert!(blocks_another(&issued(at("2026-11-23T10:00:00Z")), at("2026-11-24T12:00:00Z")));
}

#[test]
fn a_refusal_says_what_is_possible() {
    let refusal = permit_after(PermitState::Expired, PermitAct::Revoke).unwrap_err();
    assert_eq!(refusal.to_string(), "the permit is expired: it can become closed");
    let refusal = request_after(Closed, RequestAct::Refuse).unwrap_err();
    assert_eq!(refusal.to_string(), "the request is closed: nothing more is done with it");
}

#[test]
fn every_state_is_reached_and_every_row_stands_once() {
    for (number, row) in REQUEST_MOVES.iter().enumerate() {
        assert!(!REQUEST_MOVES.iter().skip(number + 1).any(|other| (other.0, other.1) == (row.0, row.1)));
    }
    for (number, row) in PERMIT_MOVES.iter().enumerate() {
        assert!(!PERMIT_MOVES.iter().skip(number + 1).any(|other| (other.0, other.1) == (row.0, row.1)));
    }
    let reached = |state| state == Open || REQUEST_MOVES.iter().any(|(_, _, to)| *to == state);
    assert!(PermitRequestState::ALL.iter().all(|state| reached(*state)));
    let reached = |state| state == PermitState::Issued || PERMIT_MOVES.iter().any(|(_, _, to)| *to == state);
    assert!(PermitState::ALL.iter().all(|state| reached(*state)));
}

/// What people and the clock may do with a permit.
#[derive(Debug, Clone, Copy)]
enum Step {
    Tell(ToldParty, i64),
    Revoke,
    Close,
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let minutes = 0i64..3_000;
    let step = prop_oneof![
        4 => (prop::sample::select(ToldParty::ALL), minutes.clone()).prop_map(|(party, ago)| Step::Tell(party, ago)),
        1 => Just(Step::Revoke),
        1 => Just(Step::Close),
        4 => minutes.prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..12)
}

proptest! {
    /// The service does what the table allows and nothing else; here that is played with any acts in any
    /// order.
    #[test]
    fn a_permit_is_never_valid_before_both_were_told_and_never_longer_than_24_hours(
        begin in 1_700_000_000i64..2_000_000_000, steps in steps(),
    ) {
        let begin = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(begin);
        let mut now = begin;
        let (mut permit, mut whom) = (issued(begin), Told::default());
        for step in steps {
            let before = state(&permit, now);
            match step {
                Step::Tell(party, ago) => {
                    let at = (now - TimeDelta::minutes(ago)).max(permit.issued_at);
                    if before == PermitState::Issued && whom.of(party).is_none() {
                        whom = whom.with(party, at);
                        permit.valid = validity(whom);
                    }
                }
                Step::Revoke => if permit_after(before, PermitAct::Revoke).is_ok() {
                    permit.revoked = Some((now, "because".into()));
                },
                Step::Close => if permit_after(before, PermitAct::Close).is_ok() {
                    permit.closed_at = Some(now);
                },
                Step::Wait(minutes) => now += TimeDelta::minutes(minutes),
            }
            // What the clock and the acts make of it is a move of the table, or two: told so late that it has
            // expired since.
            let after = state(&permit, now);
            let direct = PERMIT_MOVES.iter().any(|(from, _, to)| (*from, *to) == (before, after));
            let at_once = (before, after) == (PermitState::Issued, PermitState::Expired);
            prop_assert!(before == after || direct || at_once, "{before} to {after}");
            for minutes in [-3_000, -1_441, -1_440, -1, 0, 1, 1_439, 1_440, 3_000] {
                let moment = now + TimeDelta::minutes(minutes);
                if is_valid(&permit, moment) {
                    let (Some(office), Some(trader)) = (whom.office, whom.trader) else {
                        return Err(TestCaseError::fail("valid, and not both were told"));
                    };
                    prop_assert!(office <= moment && trader <= moment);
                    prop_assert!(moment - office.max(trader) < TimeDelta::hours(24));
                    prop_assert!(permit.revoked.is_none() && permit.closed_at.is_none());
                }
            }
        }
    }

    #[test]
    fn the_hours_of_a_permit_are_the_same_on_every_day(office in 1_700_000_000i64..2_000_000_000, later in 0i64..86_400) {
        let office = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(office);
        let told = Told { office: Some(office), trader: Some(office + TimeDelta::seconds(later)) };
        let Validity { from, until } = validity(told).unwrap();
        prop_assert_eq!(until - from, TimeDelta::hours(24));
        prop_assert_eq!(from, told.trader.unwrap());
    }

    #[test]
    fn nothing_leads_out_of_the_tables(
        request in prop::sample::select(PermitRequestState::ALL), act in prop::sample::select(RequestAct::ALL.to_vec()),
        permit in prop::sample::select(PermitState::ALL), deed in prop::sample::select(PermitAct::ALL.to_vec()),
    ) {
        if let Ok(to) = request_after(request, act) {
            prop_assert!(REQUEST_MOVES.contains(&(request, act, to)));
            prop_assert!(request != Closed);
        }
        if let Ok(to) = permit_after(permit, deed) {
            prop_assert!(PERMIT_MOVES.contains(&(permit, deed, to)));
            // Once it has ended it is not valid again.
            let ended = [PermitState::Expired, PermitState::Revoked, PermitState::Closed].contains(&permit);
            prop_assert!(!ended || to == PermitState::Closed);
        }
    }
}
