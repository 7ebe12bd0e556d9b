//! When two outages would tell of the same thing at the same time. No clock, no I/O.
//!
//! One failure is one outage: it is changed, not declared beside itself. Two outages overlap when they are of
//! the same level and country, are felt in a common direction, take a common system and functionality away,
//! and both stand at some moment. Only what is known counts: an unplanned outage lasts until now, whatever
//! its estimate, so that a window may be planned after it; a planned one lasts as planned, and beyond that
//! for as long as it runs.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::outages::{OutageDirection, OutageKind, OutageState};

use super::model::Outage;
use super::rules::state;

/// Whether two outages that stand overlap at `now`.
#[must_use]
pub fn overlaps(one: &Outage, other: &Outage, now: DateTime<Utc>) -> bool {
    let same_place = one.scope.level == other.scope.level && one.scope.country == other.scope.country;
    let (from, until) = span(one, now);
    let (other_from, other_until) = span(other, now);
    same_place
        && meet(one.scope.direction, other.scope.direction)
        && !one.affected_systems.is_disjoint(&other.affected_systems)
        && share_functionality(one, other)
        && from < other_until
        && other_from < until
}

/// Whether a change may have brought an outage to where another stands.
#[must_use]
pub fn moved(before: &Outage, after: &Outage) -> bool {
    let extent = |outage: &Outage| {
        (outage.affected_systems.clone(), outage.functionalities.clone(), outage.starts_at, outage.began_at)
    };
    let longer = after.kind == OutageKind::Planned && after.expected_end_at > before.expected_end_at;
    let stands = after.recovered_at.is_none() && after.cancelled_at.is_none();
    stands && (longer || extent(before) != extent(after))
}

/// From when until when an outage is known to stand.
fn span(outage: &Outage, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let from = outage.began_at.map_or(outage.starts_at, |began_at| began_at.min(outage.starts_at));
    // The moment itself belongs to what runs.
    let by_now = now.max(from) + TimeDelta::seconds(1);
    let until = match outage.kind {
        OutageKind::Unplanned => by_now,
        OutageKind::Planned => {
            let planned = outage.expected_end_at.unwrap_or(by_now);
            if state(outage, now) == OutageState::Running { planned.max(by_now) } else { planned }
        }
    };
    (from, until)
}

fn meet(one: OutageDirection, other: OutageDirection) -> bool {
    one == other || one == OutageDirection::Both || other == OutageDirection::Both
}

/// An outage that names no functionalities takes all of them away.
fn share_functionality(one: &Outage, other: &Outage) -> bool {
    one.functionalities.is_empty()
        || other.functionalities.is_empty()
        || !one.functionalities.is_disjoint(&other.functionalities)
}

#[cfg(test)]
mod tests {
    use kordon_schemas::Bilingual;
    use kordon_schemas::outages::{AffectedSystem, Functionality, OutageLevel, OutageScope};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::model::OutageId;
    use super::*;

    fn at(clock: &str) -> DateTime<Utc> {
        format!("2026-11-28T{clock}:00Z").parse().unwrap()
    }

    fn failure(since: &str) -> Outage {
        Outage {
            id: OutageId(Uuid::nil()),
            version: 1,
            kind: OutageKind::Unplanned,
            affected_systems: [AffectedSystem::Ets].into(),
            functionalities: [].into(),
            scope: OutageScope::default(),
            starts_at: at(since),
            began_at: None,
            expected_end_at: None,
            recovered_at: None,
            cancelled_at: None,
            fallback_allowed: false,
            text: Bilingual { uk: "Збій".into(), en: "Failure".into() },
            declared_at: at(since),
            changed_at: at(since),
        }
    }

    fn window(from: &str, until: &str) -> Outage {
        Outage { kind: OutageKind::Planned, expected_end_at: Some(at(until)), ..failure(from) }
    }

    fn codes(letters: &str) -> std::collections::BTreeSet<Functionality> {
        letters.chars().filter_map(|letter| Functionality::parse(&letter.to_string())).collect()
    }

    #[test]
    fn one_failure_is_one_outage() {
        assert!(overlaps(&failure("09:00"), &failure("09:40"), at("10:00")));
        // Begun this second.
        assert!(overlaps(&failure("09:00"), &failure("10:00"), at("10:00")));
    }

    #[test]
    fn a_window_after_a_failure_is_planned_whatever_the_estimate_says() {
        let estimated = Outage { expected_end_at: Some(at("20:00")), ..failure("09:00") };
        assert!(!overlaps(&estimated, &window("18:00", "22:00"), at("10:00")));
        assert!(overlaps(&failure("18:10"), &window("18:00", "22:00"), at("18:20")));
    }

    #[test]
    fn windows_that_follow_each_other_do_not_overlap_until_the_first_overruns() {
        let (first, second) = (window("18:00", "22:00"), window("22:00", "23:00"));
        assert!(!overlaps(&first, &second, at("17:00")));
        assert!(overlaps(&first, &window("21:59", "23:00"), at("17:00")));
        assert!(overlaps(&first, &second, at("22:30")), "it still runs");
    }

    #[test]
    fn other_systems_functionalities_directions_and_countries_stand_beside_each_other() {
        let failed = failure("09:00");
        let now = at("10:00");
        let guarantees =
            Outage { affected_systems: [AffectedSystem::GuaranteeManagement].into(), ..failed.clone() };
        assert!(!overlaps(&failed, &guarantees, now));
        let of = |letters: &str| Outage { functionalities: codes(letters), ..failed.clone() };
        assert!(!overlaps(&of("AB"), &of("CD"), now));
        assert!(overlaps(&of("AB"), &of("BC"), now));
        assert!(overlaps(&of("AB"), &failed, now), "no functionality named: all of them");
        let felt = |direction| Outage {
            scope: OutageScope { direction, ..OutageScope::default() },
            ..failed.clone()
        };
        let (into, out) = (felt(OutageDirection::IntoUkraine), felt(OutageDirection::OutOfUkraine));
        assert!(!overlaps(&into, &out, now));
        assert!(overlaps(&into, &failed, now), "in both directions: in this one, too");
        let of_poland = OutageScope {
            level: OutageLevel::Neighbour,
            country: Some("PL".into()),
            direction: OutageDirection::Both,
        };
        assert!(!overlaps(&failed, &Outage { scope: of_poland, ..failed.clone() }, now));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_which_is_named_first(
            from in 0i64..600, length in 1i64..600, other in 0i64..600, now in 0i64..1_200, planned in any::<bool>(),
        ) {
            let minute = |minute| at("00:00") + TimeDelta::minutes(minute);
            let one = Outage { starts_at: minute(from), expected_end_at: Some(minute(from + length)), ..window("00:00", "01:00") };
            let base = if planned { window("00:00", "23:00") } else { failure("00:00") };
            let two = Outage { starts_at: minute(other), ..base };
            let now = minute(now);
            prop_assert_eq!(overlaps(&one, &two, now), overlaps(&two, &one, now));
        }
    }
}
