//! Compares what the hub says with what was played. Each disagreement is named.
//!
//! - [`reading`]: what the hub says. [`vehicle`], [`checkpoint`]: whether it is what was played. [`table`]:
//!   both in numbers.
//! - [`probes`]: what else it must do for those who ask.

mod checkpoint;
pub(crate) mod probes;
pub(crate) mod reading;
pub(crate) mod table;
mod vehicle;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use chrono::{DateTime, Utc};
use kordon_hub::parties::Role;
use kordon_schemas::notices::{Notice, NoticeKind};

use self::reading::Found;
use self::vehicle::Vehicular;
use crate::commands::demo::day::{CHECKPOINTS, Script};
use crate::commands::demo::script::expectation::Expectation;
use crate::commands::demo::systems::Memory;

/// What was played, and what the systems remember of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Played<'a> {
    pub(crate) script: &'a Script,
    pub(crate) expectation: &'a Expectation,
    pub(crate) memory: &'a Memory,
    pub(crate) day_began: DateTime<Utc>,
    /// Whether nobody else uses the hub.
    pub(crate) alone: bool,
}

/// What the notices of the day's outage tell, in order.
pub(crate) const NOTICES: [NoticeKind; 3] =
    [NoticeKind::Declared, NoticeKind::Changed, NoticeKind::Recovered];

/// Everything that the hub says otherwise than it was played.
pub(crate) fn disagreements(played: &Played<'_>, found: &Found) -> Vec<String> {
    let mut all = Vec::new();
    for (number, (vehicle, way)) in played.script.vehicles.iter().zip(&played.expectation.ways).enumerate() {
        let Some(view) = found.crossings.get(&number) else {
            all.push(format!("{} has no crossing", vehicle.plate));
            continue;
        };
        let what = Vehicular { played, number, vehicle, way }.disagreements(view);
        all.extend(what.into_iter().map(|what| format!("{}: {what}", vehicle.plate)));
    }
    for (place, at) in found.checkpoints.iter().enumerate() {
        let code = CHECKPOINTS.get(place).map(|checkpoint| checkpoint.code).unwrap_or_default();
        let what = checkpoint::disagreements(played, place, at);
        all.extend(what.into_iter().map(|what| format!("{code}: {what}")));
    }
    for (role, notices) in &found.feeds {
        notice_disagreements(&mut all, *role, notices);
    }
    for (recipient, delivered) in &found.delivered {
        differ(&mut all, &format!("notices delivered to {recipient}"), NOTICES.len(), *delivered);
    }
    all
}

fn notice_disagreements(all: &mut Vec<String>, role: Role, notices: &[Notice]) {
    let told: Vec<_> = notices
        .iter()
        .map(|notice| {
            (
                notice.number,
                notice.kind,
                notice.outage.as_ref().is_some_and(|outage| outage.recovered_at.is_some()),
            )
        })
        .collect();
    let expected: Vec<_> =
        (1..).zip(NOTICES).map(|(number, kind)| (number, kind, kind == NoticeKind::Recovered)).collect();
    differ(all, &format!("the notices that {role} read (number, kind, recovered)"), expected, told);
    let in_order = notices.is_sorted_by(|one, next| one.position < next.position);
    differ(all, &format!("whether the notices that {role} read came in order"), true, in_order);
}

/// Notes which events were played otherwise than the hub says they were.
fn differ_by_name<V: PartialEq + Debug>(
    all: &mut Vec<String>,
    what: &str,
    played: &BTreeMap<&str, V>,
    found: &BTreeMap<&str, V>,
) {
    let ids: BTreeSet<&str> = played.keys().chain(found.keys()).copied().collect();
    for id in ids {
        differ(all, &format!("the event {id} {what}"), played.get(id), found.get(id));
    }
}

/// Notes that something was played otherwise than the hub says it was.
fn differ<T: PartialEq + Debug>(all: &mut Vec<String>, what: &str, played: T, found: T) {
    if played != found {
        all.push(format!("{what}: played {played:?}, the hub says {found:?}"));
    }
}
