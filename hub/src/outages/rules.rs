//! What may be declared and changed about an outage, and where it stands at a moment. No clock, no I/O.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use kordon_schemas::Fault;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::outages::{OutageChanges, OutageDeclaration, OutageKind, OutageState};

use super::checks::{
    check_beginning, check_expected_end, check_recovery, check_scope, check_start, readable, systems,
};
use super::model::{Outage, OutageId};

/// What a change does to the life of an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Corrects or extends what was told.
    Change,
    /// Says that the systems are available again.
    Recover,
    /// Withdraws the outage.
    Cancel,
}

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Places in the change that break a rule, all of them.
    #[error("the change breaks {} rule(s)", .0.len())]
    Faults(Vec<Fault>),
    /// The outage is over; nothing about it changes any more.
    #[error("the outage is {} since {since} and is not changed any more", ended_word(*.state))]
    Over {
        /// Recovered or cancelled.
        state: OutageState,
        /// Since when.
        since: DateTime<Utc>,
    },
}

/// A change that was made: the outage as it now stands, and what the notice about it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The outage after the change.
    pub outage: Outage,
    /// What happened to it.
    pub kind: NoticeKind,
}

/// Where `outage` stands at `now`. A planned window begins by time but ends only when somebody says so: work that
/// over-runs is told as running, not as over.
#[must_use]
pub fn state(outage: &Outage, now: DateTime<Utc>) -> OutageState {
    if outage.cancelled_at.is_some() {
        OutageState::Cancelled
    } else if outage.recovered_at.is_some() {
        OutageState::Recovered
    } else if outage.kind == OutageKind::Planned && outage.began_at.is_none() && now < outage.starts_at {
        OutageState::Scheduled
    } else {
        OutageState::Running
    }
}

/// Whether `outage` runs beyond its expected end at `now`.
#[must_use]
pub fn is_overdue(outage: &Outage, now: DateTime<Utc>) -> bool {
    state(outage, now) == OutageState::Running && outage.expected_end_at.is_some_and(|end| end <= now)
}

/// How long before its beginning a planned window is reminded of.
pub const REMINDED_BEFORE: TimeDelta = TimeDelta::hours(24);

/// Whether the press office is to be reminded of `outage` at `now`: a window that begins within a day. One that was told of within that
/// time is fresh enough.
#[must_use]
pub fn is_reminded_of(outage: &Outage, now: DateTime<Utc>) -> bool {
    state(outage, now) == OutageState::Scheduled
        && now >= outage.starts_at - REMINDED_BEFORE
        && outage.changed_at < outage.starts_at - REMINDED_BEFORE
}

/// The lifecycle: from which state which act leads where, or the reason why it does not.
fn next(outage: &Outage, act: Act, now: DateTime<Utc>) -> Result<OutageState, Refusal> {
    match (state(outage, now), act) {
        (OutageState::Scheduled, Act::Change) => Ok(OutageState::Scheduled),
        (OutageState::Running, Act::Change) => Ok(OutageState::Running),
        (OutageState::Scheduled | OutageState::Running, Act::Cancel) => Ok(OutageState::Cancelled),
        (OutageState::Running, Act::Recover) => Ok(OutageState::Recovered),
        (OutageState::Scheduled, Act::Recover) => Err(Refusal::Faults(vec![Fault::new(
            "/recovered_at",
            "the planned window has not begun; withdraw it with `cancelled` if it will not take place",
        )])),
        (
            state @ (OutageState::Recovered | OutageState::Cancelled),
            Act::Change | Act::Recover | Act::Cancel,
        ) => {
            let since = outage.recovered_at.or(outage.cancelled_at).unwrap_or(outage.changed_at);
            Err(Refusal::Over { state, since })
        }
    }
}

/// Makes an outage of a declaration.
///
/// # Errors
/// Every place of the declaration that breaks a rule.
pub fn declare(
    id: OutageId,
    declaration: &OutageDeclaration,
    now: DateTime<Utc>,
) -> Result<Outage, Vec<Fault>> {
    let OutageDeclaration {
        kind,
        affected_systems,
        starts_at,
        expected_end_at,
        fallback_allowed,
        text,
        scope,
    } = declaration;
    let mut faults = Vec::new();
    let outage = Outage {
        id,
        version: 1,
        kind: *kind,
        affected_systems: systems(affected_systems, &mut faults),
        scope: scope.clone(),
        starts_at: starts_at.trunc_subsecs(0),
        began_at: None,
        expected_end_at: expected_end_at.map(|end| end.trunc_subsecs(0)),
        recovered_at: None,
        cancelled_at: None,
        fallback_allowed: *fallback_allowed,
        text: readable(text, &mut faults),
        declared_at: now,
        changed_at: now,
    };
    check_scope(&outage.scope, &mut faults);
    check_start(&outage, now, &mut faults);
    check_expected_end(&outage, now, &mut faults);
    if faults.is_empty() { Ok(outage) } else { Err(faults) }
}

/// Changes an outage. `None` when the change says only what is so already: then there is nothing to tell anybody.
///
/// # Errors
/// [`Refusal`], naming every place that breaks a rule.
pub fn amend(
    outage: &Outage,
    changes: &OutageChanges,
    now: DateTime<Utc>,
) -> Result<Option<Amendment>, Refusal> {
    let act = act(changes)?;
    next(outage, act, now)?;
    let mut faults = Vec::new();
    let mut changed = outage.clone();
    apply_texts(&mut changed, changes, &mut faults);
    match act {
        Act::Change => apply_facts(&mut changed, changes, now, &mut faults),
        Act::Recover => {
            check_nothing_else(changes, "a recovery", &mut faults);
            changed.recovered_at = changes.recovered_at.map(|at| at.trunc_subsecs(0));
            check_recovery(&changed, now, &mut faults);
        }
        Act::Cancel => {
            check_nothing_else(changes, "a withdrawal", &mut faults);
            changed.cancelled_at = Some(now.trunc_subsecs(0));
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Faults(faults));
    }
    if changed == *outage {
        return Ok(None);
    }
    changed.version = outage.version.saturating_add(1);
    // Replicas' clocks differ a little; the history of one outage does not run backwards.
    changed.changed_at = now.max(outage.changed_at);
    let kind = match act {
        Act::Change => NoticeKind::Changed,
        Act::Recover => NoticeKind::Recovered,
        Act::Cancel => NoticeKind::Cancelled,
    };
    Ok(Some(Amendment { outage: changed, kind }))
}

fn act(changes: &OutageChanges) -> Result<Act, Refusal> {
    match (changes.recovered_at, changes.cancelled.unwrap_or(false)) {
        (None, false) => Ok(Act::Change),
        (Some(_), false) => Ok(Act::Recover),
        (None, true) => Ok(Act::Cancel),
        (Some(_), true) => Err(Refusal::Faults(vec![Fault::new(
            "/cancelled",
            "an outage is recovered or withdrawn, not both; withdraw it only if it never was",
        )])),
    }
}

fn apply_texts(outage: &mut Outage, changes: &OutageChanges, faults: &mut Vec<Fault>) {
    if let Some(text) = &changes.text {
        outage.text = readable(text, faults);
    }
    if let Some(fallback_allowed) = changes.fallback_allowed {
        outage.fallback_allowed = fallback_allowed;
    }
}

fn apply_facts(outage: &mut Outage, changes: &OutageChanges, now: DateTime<Utc>, faults: &mut Vec<Fault>) {
    if let Some(affected_systems) = &changes.affected_systems {
        outage.affected_systems = systems(affected_systems, faults);
    }
    let before = (outage.starts_at, outage.expected_end_at);
    if let Some(began_at) = changes.began_at {
        outage.began_at = Some(began_at.trunc_subsecs(0));
        check_beginning(outage, now, faults);
    }
    let scheduled = state(outage, now) == OutageState::Scheduled;
    if let Some(starts_at) = changes.starts_at {
        outage.starts_at = starts_at.trunc_subsecs(0);
    }
    outage.expected_end_at =
        changes.expected_end_at.over(outage.expected_end_at).map(|end| end.trunc_subsecs(0));
    if outage.starts_at != before.0 {
        if scheduled {
            check_start(outage, now, faults);
        } else {
            faults.push(Fault::new(
                "/starts_at",
                "the outage has begun; withdraw it and declare it anew if its start was wrong",
            ));
        }
    }
    let only_the_start_moved = changes.expected_end_at.is_keep();
    if only_the_start_moved && outage.expected_end_at.is_some_and(|end| end <= outage.starts_at) {
        faults.push(Fault::new(
            "/starts_at",
            "must be before the expected end (R0519); move both to move the window",
        ));
    } else if (outage.starts_at, outage.expected_end_at) != before {
        check_expected_end(outage, now, faults);
    }
}

/// A recovery and a withdrawal end the outage as it was told: nothing else about it changes with them but words.
fn check_nothing_else(changes: &OutageChanges, ending: &str, faults: &mut Vec<Fault>) {
    let OutageChanges {
        starts_at,
        began_at,
        expected_end_at,
        affected_systems,
        fallback_allowed: _,
        text: _,
        recovered_at: _,
        cancelled: _,
    } = changes;
    let given = [
        ("/starts_at", starts_at.is_some()),
        ("/began_at", began_at.is_some()),
        ("/expected_end_at", !expected_end_at.is_keep()),
        ("/affected_systems", affected_systems.is_some()),
    ];
    for (path, _) in given.into_iter().filter(|(_, given)| *given) {
        faults.push(Fault::new(path, format!("does not change together with {ending}")));
    }
}

fn ended_word(state: OutageState) -> &'static str {
    match state {
        OutageState::Scheduled => "scheduled",
        OutageState::Running => "running",
        OutageState::Recovered => "recovered",
        OutageState::Cancelled => "withdrawn",
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kordon_schemas::Bilingual;
    use kordon_schemas::outages::{AffectedSystem, Change, OutageDirection, OutageLevel, OutageScope};

    use super::*;

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
        assert_eq!(
            faults_of(amend(&outage, &recovery("2026-11-20T07:00:00.9Z"), at(NOW))),
            ["/recovered_at"]
        );
        assert_eq!(faults_of(amend(&outage, &recovery("2026-11-20T07:11:00Z"), at(NOW))), ["/recovered_at"]);
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
            declare(id(), &OutageDeclaration { scope, ..unplanned() }, at(NOW))
                .map_err(|faults| paths(&faults))
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
            starts_at: at("2026-11-28T18:00:00Z"),
            expected_end_at: Some(at("2026-11-28T22:00:00Z")),
            fallback_allowed: true,
            text: Bilingual {
                uk: "Оновлення серверів ЕТС.".into(),
                en: "Upgrade of the ETS servers.".into(),
            },
            scope: OutageScope::default(),
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
}
