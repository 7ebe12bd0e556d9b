//! The law of the announcements, over random lawful histories: a recipient that applies every message it took
//! holds exactly the unavailabilities that stand, and no message asks it for anything that can't be done.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::Bilingual;
use kordon_schemas::outages::{
    AffectedSystem, Change, Functionality, OutageChanges, OutageDeclaration, OutageKind, OutageScope,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::announcement::{Action, Operation, Unavailability, Unavailable, actions, unavailabilities};
use super::model::{Outage, OutageId, Told};
use super::rules::{amend, declare, end_that_passed};

proptest! {
    #[test]
    fn a_recipient_that_takes_every_message_knows_what_stands(history in history()) {
        let mut recipient = Central::default();
        let mut previous = None;
        for told in history {
            recipient.take(&actions(previous.as_ref(), &told))?;
            prop_assert_eq!(recipient.known(), unavailabilities(&told));
            previous = Some(told);
        }
    }

    #[test]
    fn a_recipient_that_refused_some_messages_is_put_right_by_the_next(
        history in history(),
        taken in prop::collection::vec(any::<bool>(), 12),
    ) {
        let mut recipient = Central::default();
        let mut previous = None;
        for (told, _) in history.into_iter().zip(taken).filter(|(_, taken)| *taken) {
            recipient.take(&actions(previous.as_ref(), &told))?;
            prop_assert_eq!(recipient.known(), unavailabilities(&told));
            previous = Some(told);
        }
    }

    #[test]
    fn every_notice_of_a_known_outage_says_something(history in history()) {
        for pair in history.windows(2) {
            prop_assert!(!actions(Some(&pair[0]), &pair[1]).is_empty());
        }
    }
}

/// DG TAXUD's record of our unavailabilities, as strict as its rules.
#[derive(Default)]
struct Central(BTreeMap<(OutageKind, Unavailable, DateTime<Utc>), Unavailability>);

impl Central {
    fn take(&mut self, actions: &[Action]) -> Result<(), TestCaseError> {
        prop_assert!(actions.len() <= 9);
        let mut kinds = Vec::new();
        for Action { operation, unavailabilities } in actions {
            prop_assert!((1..=99).contains(&unavailabilities.len()));
            for told in unavailabilities {
                kinds.push(told.kind);
                prop_assert!(told.ends_at.is_none_or(|end| told.starts_at < end), "R0519: {:?}", told);
                prop_assert!(
                    told.kind == OutageKind::Unplanned || told.ends_at.is_some(),
                    "C0400: {:?}",
                    told
                );
                let key = (told.kind, told.of, told.starts_at);
                match operation {
                    Operation::Create => prop_assert_eq!(self.0.insert(key, told.clone()), None, "R0518"),
                    Operation::Update => prop_assert!(self.0.insert(key, told.clone()).is_some(), "unknown"),
                    Operation::Delete => {
                        prop_assert_eq!(self.0.remove(&key), Some(told.clone()), "not as sent")
                    }
                }
            }
        }
        kinds.dedup();
        prop_assert!(kinds.len() <= 1, "R0516: {:?}", kinds);
        Ok(())
    }

    fn known(&self) -> Vec<Unavailability> {
        self.0.values().cloned().collect()
    }
}

/// What is told of one outage over its life: up to eleven changes, of which the unlawful ones are not made.
fn history() -> impl Strategy<Value = Vec<Told>> {
    let kind = prop_oneof![Just(OutageKind::Planned), Just(OutageKind::Unplanned)];
    (kind, systems(), prop::collection::vec((0..120_i64, changes()), 0..12)).prop_map(
        |(kind, systems, changes)| {
            let mut now = minute(0);
            let mut outage = declared(kind, systems, now);
            let mut told = vec![outage.told(now)];
            for (passed, changes) in changes {
                now += TimeDelta::minutes(passed);
                // The timer tells what overran, and tells it again.
                if end_that_passed(&outage, now).is_some() {
                    told.push(outage.told(now));
                }
                if let Ok(Some(amendment)) = amend(&outage, &changes, now) {
                    outage = amendment.outage;
                    told.push(outage.told(now));
                }
            }
            told
        },
    )
}

fn declared(kind: OutageKind, affected_systems: Vec<AffectedSystem>, now: DateTime<Utc>) -> Outage {
    let starts_at = match kind {
        OutageKind::Planned => minute(180),
        OutageKind::Unplanned => minute(-20),
    };
    let expected_end_at = (kind == OutageKind::Planned).then(|| minute(400));
    let text = Bilingual { uk: "Роботи".into(), en: "Work".into() };
    let declaration = OutageDeclaration {
        kind,
        affected_systems,
        functionalities: Vec::new(),
        starts_at,
        expected_end_at,
        fallback_allowed: true,
        text,
        scope: OutageScope::default(),
        press_review_until: None,
    };
    declare(OutageId(Uuid::nil()), &declaration, now).unwrap()
}

fn changes() -> impl Strategy<Value = OutageChanges> {
    let end = prop_oneof![
        4 => Just(Change::Keep),
        1 => Just(Change::Clear),
        3 => (0..900_i64).prop_map(|end| Change::Set(minute(end))),
    ];
    let text =
        prop_oneof![Just(("Роботи", "Work")), Just(("Роботи", "More work")), Just(("Ще роботи", "Work"))]
            .prop_map(|(uk, en)| Bilingual { uk: uk.into(), en: en.into() });
    (
        prop::option::weighted(0.3, (0..400_i64).prop_map(minute)),
        end,
        prop::option::weighted(0.3, systems()),
        prop::option::weighted(0.3, any::<bool>()),
        prop::option::weighted(0.3, text),
        prop::option::weighted(0.1, (0..900_i64).prop_map(minute)),
        prop::option::weighted(0.05, Just(true)),
        prop::option::weighted(0.2, functionalities()),
        prop::option::weighted(0.2, (0..900_i64).prop_map(minute)),
    )
        .prop_map(
            |(
                starts_at,
                expected_end_at,
                affected_systems,
                fallback_allowed,
                text,
                recovered_at,
                cancelled,
                functionalities,
                began_at,
            )| {
                // A recovery names no other facts, so that some of the random ones are lawful.
                let ends = recovered_at.is_some() || cancelled.is_some();
                OutageChanges {
                    starts_at: starts_at.filter(|_| !ends),
                    began_at: began_at.filter(|_| !ends),
                    expected_end_at: if ends { Change::Keep } else { expected_end_at },
                    affected_systems: affected_systems.filter(|_| !ends),
                    functionalities: functionalities.filter(|_| !ends),
                    fallback_allowed,
                    text,
                    recovered_at,
                    cancelled,
                    press_review_until: None,
                }
            },
        )
}

fn systems() -> impl Strategy<Value = Vec<AffectedSystem>> {
    prop::sample::subsequence(AffectedSystem::ALL.to_vec(), 1..=4)
}

fn functionalities() -> impl Strategy<Value = Vec<Functionality>> {
    prop::sample::subsequence(vec!["A", "B", "a"], 0..=3)
        .prop_map(|codes| codes.into_iter().filter_map(Functionality::parse).collect())
}

fn minute(minute: i64) -> DateTime<Utc> {
    "2026-11-20T07:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
}
