//! As much of a checkpoint's line as a call needs: the first of each queue and class, found by an index, or
//! everyone where a vehicle is named (Q3, Q24).

use chrono::{DateTime, Utc};
use futures_util::try_join;
use kordon_schemas::CheckpointCode;
use kordon_schemas::rules::LaneRules;

use super::decide::{self, Entered};
use crate::crossings::rules as crossing_rules;
use crate::database::Connection;
use crate::error::Result;
use crate::queue::model::BookingId;
use crate::queue::waiting::{Ground, LaneCount, Stand, StandRow, store as waiting_store, stored_stage};

/// As much of a checkpoint's line as a decision needs.
pub(super) struct InLine {
    pub(super) rows: Vec<StandRow>,
    /// How many wait behind those of `rows`, by lane as it was booked.
    behind: Vec<(String, usize)>,
}

impl InLine {
    /// Everyone who awaits entry.
    pub(super) async fn whole(connection: &Connection, checkpoint: &CheckpointCode) -> Result<Self> {
        Ok(Self { rows: waiting_store::standing(connection, checkpoint).await?, behind: Vec::new() })
    }

    /// Everyone who awaits entry, and the vehicle that is named, also when it has entered.
    pub(super) async fn whole_with(
        connection: &Connection,
        checkpoint: &CheckpointCode,
        wanted: BookingId,
    ) -> Result<Self> {
        let rows = waiting_store::standing_with(connection, checkpoint, wanted).await?;
        Ok(Self { rows, behind: Vec::new() })
    }

    /// Those who stand first in each queue and class, enough for so many calls and their explanations.
    pub(super) async fn first(
        connection: &Connection,
        checkpoint: &CheckpointCode,
        calls: usize,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let most = i64::try_from(decide::NAMED + calls).unwrap_or(i64::MAX);
        let (rows, waiting) = try_join!(
            waiting_store::heads(connection, checkpoint, most, now),
            waiting_store::waiting(connection, checkpoint),
        )?;
        let behind = waiting
            .into_iter()
            .map(|LaneCount { lane, vehicles }| {
                let read = rows.iter().filter(|row| row.lane == lane).count();
                (lane, usize::try_from(vehicles).unwrap_or_default().saturating_sub(read))
            })
            .collect();
        Ok(Self { rows, behind })
    }

    /// Whether the vehicle that is wanted was called, and the deadline of that call is over.
    pub(super) fn missed_its_call(&self, wanted: Option<BookingId>, now: DateTime<Utc>) -> bool {
        let row = wanted.and_then(|wanted| self.rows.iter().find(|row| row.id == wanted.0));
        row.and_then(|row| row.call_deadline_at).is_some_and(|deadline| deadline <= now)
    }

    /// What is known of the vehicle that is wanted if it has entered.
    pub(super) fn entered(&self, wanted: BookingId) -> Result<Option<Entered>> {
        let Some(row) = self.rows.iter().find(|row| row.id == wanted.0) else { return Ok(None) };
        if crossing_rules::awaits_entry(stored_stage(&row.stage)?) {
            return Ok(None);
        }
        let came_at = crossing_rules::came_to_checkpoint(&row.progress()?);
        Ok(came_at.map(|came_at| Entered { came_at, was_called: row.call_deadline_at.is_some() }))
    }

    /// The vehicles of a lane.
    pub(super) fn of_lane(
        &self,
        ground: &Ground,
        lane: &LaneRules,
        now: DateTime<Utc>,
    ) -> Result<Vec<Stand>> {
        let mut stands = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            if ground.lane_of(&row.lane)?.lane == lane.lane {
                stands.push(ground.stand(row, now)?);
            }
        }
        Ok(stands)
    }

    /// How many more wait in a lane.
    pub(super) fn behind_in(&self, ground: &Ground, lane: &LaneRules) -> Result<usize> {
        let mut behind = 0;
        for (booked, more) in &self.behind {
            if ground.lane_of(booked)?.lane == lane.lane {
                behind += more;
            }
        }
        Ok(behind)
    }
}
