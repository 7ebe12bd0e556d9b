//! The rules about crossings, without a database. `noon(m)` is m minutes after noon.

mod order;
mod placing;
mod stages;
mod stating;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::events::EventKind;
use uuid::Uuid;

use crate::crossings::model::{CallWindow, Crossing, CrossingId, Mark, Position, Progress};

fn noon(minutes: i64) -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn krakivets() -> CheckpointCode {
    CheckpointCode::parse("UA209030").unwrap()
}

fn booked(id: u128, minutes: i64) -> Crossing {
    Crossing {
        checkpoint: krakivets(),
        id: CrossingId(Uuid::from_u128(id)),
        booked_at: noon(minutes),
        call: None,
        ended_at: None,
        progress: Progress::default(),
    }
}

/// A crossing booked at noon with facts; each stands in the journal where it stands in the list.
fn with(facts: &[(EventKind, i64)]) -> Crossing {
    let mut crossing = booked(1, 0);
    for (&(kind, minutes), position) in facts.iter().zip(1..) {
        crossing.progress.add(kind, Mark { at: noon(minutes), position: Position(position) });
    }
    crossing
}

fn called(minutes: i64, crossing: Crossing) -> Crossing {
    let call = CallWindow { called_at: noon(minutes), deadline_at: noon(minutes + 240) };
    Crossing { call: Some(call), ..crossing }
}
