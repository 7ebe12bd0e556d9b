//! Who waits at a checkpoint, as decisions and readers need it: the rules in force, the pauses, and every
//! vehicle with its place.

pub(super) mod store;

use chrono::{DateTime, Utc};
use futures_util::try_join;
use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::{Pause, QueueKind};
use kordon_schemas::rules::LaneRules;

pub(super) use store::{LaneCount, StandRow, WaitingRow, stored_queue, stored_stage};

use super::model::BookingId;
use super::pauses;
use super::ranking::{Merge, Place, Queued};
use crate::checkpoints::rules::{self as checkpoint_rules, RulesInForce};
use crate::crossings::rules as crossing_rules;
use crate::database::Connection;
use crate::error::{Error, Result};

/// A vehicle that has not entered yet, as far as calls are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// Its place in the line of its lane.
    pub place: Place,
    /// Where it is: one of the stages before entry.
    pub stage: Stage,
    /// Whether it is in a waiting zone: it arrived, and has not left since.
    pub in_zone: bool,
    /// Whether it was called and its time to enter has passed.
    pub call_lapsed: bool,
}

impl Stand {
    /// Whether it can be called in its turn: it waits in a zone and was not called.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.in_zone && self.stage == Stage::ZoneArrived
    }

    /// Whether it was called and has not entered.
    #[must_use]
    pub fn is_called(&self) -> bool {
        matches!(self.stage, Stage::Called | Stage::ZoneLeft)
    }

    /// Its booking.
    #[must_use]
    pub const fn booking(&self) -> BookingId {
        self.place.booking
    }
}

/// What a decision about calls rests on.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) rules: RulesInForce,
    pub(super) merge: Merge,
    pub(super) pauses: Vec<Pause>,
}

impl Ground {
    /// The rules and pauses at a moment.
    pub(super) async fn read(
        connection: &Connection,
        checkpoint: &CheckpointCode,
        at: DateTime<Utc>,
    ) -> Result<Self> {
        let (rules, pauses) = try_join!(
            checkpoint_rules::in_force(connection, checkpoint, at),
            pauses::in_force(connection, checkpoint),
        )?;
        Ok(Self { merge: Merge::of(&rules.rules.merge, &rules.rules.call), rules, pauses })
    }

    /// The lanes, in the order of the rules.
    pub(super) fn lanes(&self) -> &[LaneRules] {
        &self.rules.rules.lanes
    }

    /// The lane of a booking. One whose lane the rules no longer have stands in their first.
    pub(super) fn lane_of(&self, booked: &str) -> Result<&LaneRules> {
        let lanes = self.lanes();
        lanes
            .iter()
            .find(|lane| lane.lane == booked)
            .or_else(|| lanes.first())
            .ok_or_else(|| Error::Internal("rules without a lane are in force".into()))
    }

    /// The pause that a lane stands under, if any: its own, or that of the whole checkpoint; the one that
    /// began first.
    pub(super) fn pause_of(&self, lane: &str) -> Option<&Pause> {
        let covers = |pause: &&Pause| pause.lane.as_deref().is_none_or(|paused| paused == lane);
        self.pauses.iter().filter(covers).min_by_key(|pause| pause.paused_at)
    }

    /// Where a vehicle stands.
    pub(super) fn stand(&self, row: &StandRow, now: DateTime<Utc>) -> Result<Stand> {
        let queued = match (QueueKind::from_name(&row.queue), row.slot_starts_at, row.slot_ends_at) {
            (Some(QueueKind::PreBooked), Some(slot_starts_at), Some(slot_ends_at)) => {
                Queued::PreBooked { slot_starts_at, slot_ends_at }
            }
            (Some(QueueKind::Priority), _, _) => {
                Queued::Priority { class: row.priority_class.as_deref().unwrap_or_default() }
            }
            (Some(QueueKind::Live), _, _) => Queued::Live,
            (Some(QueueKind::PreBooked) | None, _, _) => {
                return Err(Error::stored_badly("a booking's queue", &row.queue));
            }
        };
        let progress = row.progress()?;
        let arrived = crossing_rules::came_to_zone(&progress);
        Ok(Stand {
            place: self.merge.place(BookingId(row.id), queued, row.queued_at, arrived),
            stage: stored_stage(&row.stage)?,
            in_zone: crossing_rules::in_zone(&progress),
            call_lapsed: row.call_deadline_at.is_some_and(|deadline| deadline <= now),
        })
    }
}
