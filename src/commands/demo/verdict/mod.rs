//! Compares what the hub says with what was played. Each disagreement is named.

mod checkpoint;
mod vehicle;

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use kordon_hub::parties::Role;
use kordon_schemas::notices::{Notice, NoticeKind};

use self::vehicle::Vehicular;
use super::day::{CHECKPOINTS, Script};
use super::expectation::Expectation;
use super::play::Memory;
use super::reading::Found;

/// What was played, and what the systems remember of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Played<'a> {
    pub(super) script: &'a Script,
    pub(super) expectation: &'a Expectation,
    pub(super) memory: &'a Memory,
    pub(super) day_began: DateTime<Utc>,
    /// Whether nobody else uses the hub.
    pub(super) alone: bool,
}

/// What the notices of the day's outage tell, in order.
pub(super) const NOTICES: [NoticeKind; 3] =
    [NoticeKind::Declared, NoticeKind::Changed, NoticeKind::Recovered];

/// Everything that the hub says otherwise than it was played.
pub(super) fn disagreements(played: &Played<'_>, found: &Found) -> Vec<String> {
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
        .map(|notice| (notice.number, notice.kind, notice.outage.recovered_at.is_some()))
        .collect();
    let expected: Vec<_> =
        (1..).zip(NOTICES).map(|(number, kind)| (number, kind, kind == NoticeKind::Recovered)).collect();
    differ(all, &format!("the notices that {role} read (number, kind, recovered)"), expected, told);
    let in_order = notices.is_sorted_by(|one, next| one.position < next.position);
    differ(all, &format!("whether the notices that {role} read came in order"), true, in_order);
}

/// Notes that something was played otherwise than the hub says it was.
fn differ<T: PartialEq + Debug>(all: &mut Vec<String>, what: &str, played: T, found: T) {
    if played != found {
        all.push(format!("{what}: played {played:?}, the hub says {found:?}"));
    }
}
