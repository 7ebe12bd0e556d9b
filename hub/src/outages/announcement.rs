//! What DG TAXUD's record of our outages must be told: which unavailabilities to create, update and delete.
//!
//! A pure function of what the recipient was told last and what is to be told now, so that a message can be
//! made again at any time and comes out the same. How it is written (CD070C) is the adapter's business.
//!
//! The rules (the reference's section on unavailability messages):
//! - One unavailability stands for one affected system, or for one functionality where the outage names
//!   those. Its key is kind, this and start (R0518); its end, fallback flag and text may change under the
//!   same key (Update). A key that goes is deleted as it was last sent, a new one is created: a moved start
//!   is both.
//! - The start is that at which planned work really began, once somebody said so, else the planned one.
//! - The end is the actual one once there is recovery, else the expected one, else none. What runs beyond its
//!   expected end is not over: of an unplanned outage the end goes, planned work, which must have one
//!   (C0400), is told on for a day at a time, and its text says so.
//! - A withdrawn outage has no unavailabilities, and neither has one that ended before it began (R0519).
//! - Only of Ukraine's own outages is DG TAXUD told.
//! - A notice always says something: when none of this changed (only the Ukrainian text did), what stands is
//!   said again as an Update.
//! - One outage is planned or unplanned for ever, so its messages never mix the two (R0516).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::model::{AffectedSystem, Functionality, OutageKind, OutageLevel, Told};
use super::rules::{TOLD_ON_FOR, last_passed};

/// What is to be done with unavailabilities at the recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Make known.
    Create,
    /// Replace what is known under the same key.
    Update,
    /// Take back.
    Delete,
}

/// What one unavailability is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unavailable {
    /// All that a system serves.
    System(AffectedSystem),
    /// A business functionality that the outage names.
    Functionality(Functionality),
}

/// One unavailability, as the recipient is to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailability {
    /// Planned (S) or unplanned (U).
    pub kind: OutageKind,
    /// What is unavailable.
    pub of: Unavailable,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when, if anybody knows; always after the start.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether transit may run on paper meanwhile.
    pub fallback_allowed: bool,
    /// The English text, in full.
    pub text: String,
}

/// One operation on one or more unavailabilities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What is to be done.
    pub operation: Operation,
    /// With what; never empty, at most one for each system.
    pub unavailabilities: Vec<Unavailability>,
}

/// The unavailabilities that stand once `told` is known, by system or functionality.
#[must_use]
pub fn unavailabilities(told: &Told) -> Vec<Unavailability> {
    let starts_at = told.began_at.unwrap_or(told.starts_at);
    let ends_at = ends_at(told);
    let never_was = told.cancelled_at.is_some() || ends_at.is_some_and(|end| end <= starts_at);
    // Of its own outages the EU knows, and a neighbour has told it.
    let is_ours = told.scope.level == OutageLevel::National;
    if never_was || !is_ours {
        return Vec::new();
    }
    let unavailability = |of: Unavailable| Unavailability {
        kind: told.kind,
        of,
        starts_at,
        ends_at,
        fallback_allowed: told.fallback_allowed,
        text: text(told),
    };
    if told.functionalities.is_empty() {
        told.affected_systems.iter().map(|system| unavailability(Unavailable::System(*system))).collect()
    } else {
        told.functionalities.iter().map(|code| unavailability(Unavailable::Functionality(*code))).collect()
    }
}

/// Until when the recipient is told that it lasts.
fn ends_at(told: &Told) -> Option<DateTime<Utc>> {
    match (told.recovered_at, told.expected_end_at, told.overdue_at) {
        (Some(recovered_at), _, _) => Some(recovered_at),
        (None, Some(expected), Some(overdue_at)) => match told.kind {
            OutageKind::Planned => Some(last_passed(expected, overdue_at) + TOLD_ON_FOR),
            OutageKind::Unplanned => None,
        },
        (None, expected, _) => expected,
    }
}

/// What is told in words. The recipient shows only the beginning of a long text, so what must be read comes
/// first.
fn text(told: &Told) -> String {
    let is_provisional =
        told.kind == OutageKind::Planned && told.recovered_at.is_none() && told.overdue_at.is_some();
    if is_provisional {
        format!("The work goes on beyond its planned end; this end is provisional. {}", told.text.en)
    } else {
        told.text.en.clone()
    }
}

/// What turns the recipient's record from `previous`, the last that it took of this outage, into `current`:
/// first what goes, then what is new, then what is otherwise. Empty only when it knew nothing and there is
/// nothing to know.
#[must_use]
pub fn actions(previous: Option<&Told>, current: &Told) -> Vec<Action> {
    let mut known = by_key(previous.map(unavailabilities).unwrap_or_default());
    let mut created = Vec::new();
    let mut kept = Vec::new();
    for wanted in unavailabilities(current) {
        match known.remove(&key(&wanted)) {
            None => created.push(wanted),
            Some(known) => kept.push((known, wanted)),
        }
    }
    let deleted: Vec<_> = known.into_values().collect();
    let nothing_differs =
        created.is_empty() && deleted.is_empty() && kept.iter().all(|(known, wanted)| known == wanted);
    let updated = kept
        .into_iter()
        .filter(|(known, wanted)| nothing_differs || known != wanted)
        .map(|(_, wanted)| wanted);
    [(Operation::Delete, deleted), (Operation::Create, created), (Operation::Update, updated.collect())]
        .into_iter()
        .filter(|(_, unavailabilities)| !unavailabilities.is_empty())
        .map(|(operation, unavailabilities)| Action { operation, unavailabilities })
        .collect()
}

type Key = (OutageKind, Unavailable, DateTime<Utc>);

fn key(unavailability: &Unavailability) -> Key {
    (unavailability.kind, unavailability.of, unavailability.starts_at)
}

fn by_key(unavailabilities: Vec<Unavailability>) -> BTreeMap<Key, Unavailability> {
    unavailabilities.into_iter().map(|unavailability| (key(&unavailability), unavailability)).collect()
}

#[cfg(test)]
mod tests {
    use kordon_schemas::Bilingual;
    use kordon_schemas::outages::OutageScope;

    use super::*;

    #[test]
    fn a_declared_outage_is_created_for_each_system() {
        let told =
            Told { affected_systems: vec![AffectedSystem::Ets, AffectedSystem::DeclarantLink], ..planned() };
        assert_eq!(said(None, &told), ["create ets 18:00-22:00", "create declarant_link 18:00-22:00"]);
    }

    #[test]
    fn an_unplanned_outage_has_no_end_until_it_is_known() {
        let told = unplanned();
        assert_eq!(said(None, &told), ["create ets 07:00-?"]);
        let estimated = Told { expected_end_at: Some(at("09:00")), ..told.clone() };
        assert_eq!(said(Some(&told), &estimated), ["update ets 07:00-09:00"]);
        let recovered = Told { recovered_at: Some(at("08:10")), ..estimated.clone() };
        assert_eq!(said(Some(&estimated), &recovered), ["update ets 07:00-08:10"]);
    }

    #[test]
    fn a_recovered_window_ends_when_it_really_ended() {
        let told = planned();
        let recovered = Told { recovered_at: Some(at("23:30")), ..told.clone() };
        assert_eq!(said(Some(&told), &recovered), ["update ets 18:00-23:30"]);
    }

    #[test]
    fn work_that_began_at_another_time_is_known_by_that() {
        let told = planned();
        let late = Told { began_at: Some(at("18:30")), ..told.clone() };
        assert_eq!(said(Some(&told), &late), ["delete ets 18:00-22:00", "create ets 18:30-22:00"]);
        let recovered = Told { recovered_at: Some(at("21:00")), ..late.clone() };
        assert_eq!(said(Some(&late), &recovered), ["update ets 18:30-21:00"]);
    }

    #[test]
    fn work_that_was_over_before_its_hour_was_real() {
        let told = planned();
        let early = Told { began_at: Some(at("17:00")), recovered_at: Some(at("17:40")), ..told.clone() };
        assert_eq!(said(Some(&told), &early), ["delete ets 18:00-22:00", "create ets 17:00-17:40"]);
    }

    #[test]
    fn planned_work_that_runs_on_is_told_on_for_a_day_and_says_so() {
        let told = planned();
        let overdue = Told { overdue_at: Some(at("22:00")), ..told.clone() };
        let next_day = "2026-11-29T22:00:00Z".parse().unwrap();
        let [Action { operation: Operation::Update, unavailabilities }] = &actions(Some(&told), &overdue)[..]
        else {
            panic!("one update is told")
        };
        assert_eq!(unavailabilities[0].ends_at, Some(next_day));
        assert_eq!(
            unavailabilities[0].text,
            "The work goes on beyond its planned end; this end is provisional. Upgrade"
        );
        let a_day_later = Told { overdue_at: Some(next_day), ..told.clone() };
        let told_on = super::unavailabilities(&a_day_later);
        assert_eq!(told_on[0].ends_at, Some(next_day + TOLD_ON_FOR));
        let recovered = Told { recovered_at: Some(at("23:30")), ..told };
        assert_eq!(said(Some(&overdue), &recovered), ["update ets 18:00-23:30"]);
        assert_eq!(super::unavailabilities(&recovered)[0].text, "Upgrade");
    }

    #[test]
    fn work_that_began_after_its_planned_end_is_not_over() {
        let told = planned();
        let late = Told { began_at: Some(at("22:30")), overdue_at: Some(at("22:35")), ..told.clone() };
        assert_eq!(said(Some(&told), &late), ["delete ets 18:00-22:00", "create ets 22:30-22:00"]);
        assert!(super::unavailabilities(&late)[0].ends_at > late.began_at, "22:00 of the next day");
    }

    #[test]
    fn a_failure_that_outlasts_its_estimate_has_no_end_any_more() {
        let estimated = Told { expected_end_at: Some(at("09:00")), ..unplanned() };
        let overdue = Told { overdue_at: Some(at("09:00")), ..estimated.clone() };
        assert_eq!(said(Some(&estimated), &overdue), ["update ets 07:00-?"]);
    }

    #[test]
    fn a_moved_start_deletes_the_old_window_as_sent_and_creates_the_new() {
        let told = planned();
        let moved = Told { starts_at: at("19:00"), expected_end_at: Some(at("23:00")), ..told.clone() };
        assert_eq!(said(Some(&told), &moved), ["delete ets 18:00-22:00", "create ets 19:00-23:00"]);
    }

    #[test]
    fn systems_that_come_go_and_stay_are_told_apart() {
        let told = Told {
            affected_systems: vec![AffectedSystem::Ets, AffectedSystem::GuaranteeManagement],
            ..planned()
        };
        let changed = Told {
            affected_systems: vec![AffectedSystem::Ets, AffectedSystem::CustomsInformation],
            ..told.clone()
        };
        assert_eq!(
            said(Some(&told), &changed),
            ["delete guarantee_management 18:00-22:00", "create customs_information 18:00-22:00"]
        );
        let extended = Told { expected_end_at: Some(at("23:00")), ..changed };
        assert_eq!(
            said(Some(&told), &extended),
            [
                "delete guarantee_management 18:00-22:00",
                "create customs_information 18:00-23:00",
                "update ets 18:00-23:00"
            ]
        );
    }

    #[test]
    fn a_change_that_the_record_does_not_hold_says_again_what_stands() {
        let told = planned();
        let changed = Told {
            text: Bilingual { uk: "Інший текст".into(), ..told.text.clone() },
            ..told.clone()
        };
        assert_eq!(said(Some(&told), &changed), ["update ets 18:00-22:00"]);
    }

    #[test]
    fn a_withdrawn_outage_is_deleted_and_an_unknown_one_not_mentioned() {
        let told = planned();
        let withdrawn = Told { cancelled_at: Some(at("06:00")), ..told.clone() };
        assert_eq!(said(Some(&told), &withdrawn), ["delete ets 18:00-22:00"]);
        assert_eq!(said(None, &withdrawn), Vec::<String>::new());
    }

    #[test]
    fn of_the_outages_of_others_dg_taxud_is_told_nothing() {
        let scope = OutageScope { level: OutageLevel::Central, ..OutageScope::default() };
        assert_eq!(said(None, &Told { scope, ..unplanned() }), Vec::<String>::new());
    }

    #[test]
    fn an_outage_that_ended_before_it_began_is_deleted() {
        let told = unplanned();
        let never = Told { recovered_at: Some(told.starts_at), ..told.clone() };
        assert_eq!(said(Some(&told), &never), ["delete ets 07:00-?"]);
    }

    #[test]
    fn a_changed_fallback_flag_is_an_update() {
        let told = unplanned();
        let allowed = Told { fallback_allowed: true, ..told.clone() };
        let actions = actions(Some(&told), &allowed);
        assert_eq!(actions[0].operation, Operation::Update);
        assert!(actions[0].unavailabilities[0].fallback_allowed);
    }

    #[test]
    fn an_outage_that_names_functionalities_is_told_of_by_them() {
        let codes = |letters: &str| -> Vec<Functionality> {
            letters.chars().filter_map(|letter| Functionality::parse(&letter.to_string())).collect()
        };
        let told = Told { functionalities: codes("AD"), ..unplanned() };
        assert_eq!(said(None, &told), ["create A 07:00-?", "create D 07:00-?"]);
        let fewer = Told { functionalities: codes("D"), ..told.clone() };
        assert_eq!(said(Some(&told), &fewer), ["delete A 07:00-?"]);
        let all = Told { functionalities: Vec::new(), ..fewer.clone() };
        assert_eq!(said(Some(&fewer), &all), ["delete D 07:00-?", "create ets 07:00-?"]);
    }

    fn said(previous: Option<&Told>, current: &Told) -> Vec<String> {
        let clock = |instant: DateTime<Utc>| instant.format("%H:%M").to_string();
        let mut said = Vec::new();
        for Action { operation, unavailabilities } in actions(previous, current) {
            for Unavailability { of, starts_at, ends_at, .. } in unavailabilities {
                let what = match of {
                    Unavailable::System(system) => system.as_str().to_owned(),
                    Unavailable::Functionality(functionality) => functionality.letter().to_string(),
                };
                let operation = format!("{operation:?}").to_lowercase();
                let end = ends_at.map_or("?".into(), clock);
                said.push(format!("{operation} {what} {}-{end}", clock(starts_at)));
            }
        }
        said
    }

    fn at(clock: &str) -> DateTime<Utc> {
        format!("2026-11-28T{clock}:00Z").parse().unwrap()
    }

    fn planned() -> Told {
        Told {
            kind: OutageKind::Planned,
            affected_systems: vec![AffectedSystem::Ets],
            functionalities: Vec::new(),
            scope: OutageScope::default(),
            starts_at: at("18:00"),
            began_at: None,
            expected_end_at: Some(at("22:00")),
            overdue_at: None,
            recovered_at: None,
            cancelled_at: None,
            fallback_allowed: true,
            text: Bilingual { uk: "Оновлення".into(), en: "Upgrade".into() },
        }
    }

    fn unplanned() -> Told {
        Told {
            kind: OutageKind::Unplanned,
            starts_at: at("07:00"),
            expected_end_at: None,
            fallback_allowed: false,
            ..planned()
        }
    }
}
