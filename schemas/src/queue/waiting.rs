//! The waiting queue as those who may see it read it (clauses 23, 24).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::QueueKind;
use crate::codes::CheckpointCode;
use crate::crossings::Stage;
use crate::outages::OutageKind;

/// Whether vehicles of a lane are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaneState {
    /// They are.
    Open,
    /// They are not, for a reason that somebody gave.
    Paused,
    /// They are not at this hour, by the rules.
    Closed,
}

/// A lane of the waiting queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueLane {
    /// Its code.
    pub lane: String,
    /// Whether its vehicles are called.
    pub state: LaneState,
    /// Why it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Its vehicles not called yet.
    pub waiting: u32,
    /// Its vehicles called and not entered yet.
    pub called: u32,
}

/// A vehicle in the waiting queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QueueEntry {
    /// Its place in its lane, counted from 1, among those not called yet: the merged order of the three queues. A called vehicle
    /// has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub place: Option<u32>,
    /// The booking.
    pub booking: Uuid,
    /// The plate as it was written.
    pub plate: String,
    /// Its lane.
    pub lane: String,
    /// Which queue it is in.
    pub queue: QueueKind,
    /// Its class, in the priority queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<String>,
    /// When its slot begins, if it is pre-booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_starts_at: Option<DateTime<Utc>>,
    /// When its slot ends, if it is pre-booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_ends_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub stage: Stage,
    /// When it was booked.
    pub booked_at: DateTime<Utc>,
    /// Since when it is in its queue: its booking, or the moment when it was put back.
    pub queued_at: DateTime<Utc>,
    /// When it first arrived at a waiting zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_arrived_at: Option<DateTime<Utc>>,
    /// How long it has waited in the zone for its call beyond the 24 hours that the fee covers, in seconds (clauses 14, 35).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub zone_overstay_seconds: Option<i64>,
    /// When it was told that its call nears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_at: Option<DateTime<Utc>>,
    /// When it was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<DateTime<Utc>>,
    /// Until when it has to be at the checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<DateTime<Utc>>,
    /// Whether facts about it contradict each other.
    pub contradictory: bool,
}

/// An outage of ETS that runs: controls take longer, and so does the wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueOutage {
    /// The outage, to be read under `/api/v1/outages/{outage}`.
    pub outage: Uuid,
    /// Planned or unplanned.
    pub kind: OutageKind,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it is expected to be over. None: nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_end_at: Option<DateTime<Utc>>,
}

/// The waiting queue of a checkpoint, in its order: called vehicles first, then by place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Queue {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The position in the checkpoint's journal up to which this is true.
    #[schema(minimum = 0)]
    pub position: i64,
    /// When anything about the checkpoint was last recorded: the age of the data. None: nothing ever was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<DateTime<Utc>>,
    /// The minute for which the order holds: slots begin and lanes close with the clock.
    pub as_of: DateTime<Utc>,
    /// Vehicles not called yet.
    pub waiting: u32,
    /// Vehicles called and not entered yet.
    pub called: u32,
    /// The outages of ETS that run, as they were told a little before this minute. Left out: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outages: Vec<QueueOutage>,
    /// The lanes, in the order of the rules.
    pub lanes: Vec<QueueLane>,
    /// The vehicles.
    pub entries: Vec<QueueEntry>,
}
