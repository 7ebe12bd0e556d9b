//! A crossing: one vehicle's whole way through the seven stages (Resolution 1393, clause 10).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::CheckpointCode;
use crate::events::{EventKind, RecordedEvent};

/// The seven stages of a crossing, in order (clause 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// A place in the waiting queue is booked.
    Booked,
    /// The vehicle is in a waiting zone and waits for its call.
    ZoneArrived,
    /// The vehicle was called.
    Called,
    /// The vehicle left the zone on its call.
    ZoneLeft,
    /// The vehicle entered the checkpoint.
    CheckpointEntered,
    /// Border and customs control, in either order.
    Controls,
    /// The vehicle left the checkpoint.
    CheckpointLeft,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 7] = [
        Self::Booked,
        Self::ZoneArrived,
        Self::Called,
        Self::ZoneLeft,
        Self::CheckpointEntered,
        Self::Controls,
        Self::CheckpointLeft,
    ];

    /// The stage's name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::ZoneArrived => "zone_arrived",
            Self::Called => "called",
            Self::ZoneLeft => "zone_left",
            Self::CheckpointEntered => "checkpoint_entered",
            Self::Controls => "controls",
            Self::CheckpointLeft => "checkpoint_left",
        }
    }

    /// The stage of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }
}

/// What is known of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Knowledge {
    /// It is stated when it happened.
    Known,
    /// A later stage is known, this one is not: its fact has not come yet, or never happened.
    Gap,
    /// Not reached.
    Ahead,
}

/// One stage of a crossing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StageView {
    /// Which stage.
    pub stage: Stage,
    /// What is known of it.
    pub knowledge: Knowledge,
    /// When it happened: the earliest fact that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    /// The positions, in the checkpoint's journal, of the facts that it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<i64>,
}

/// The two controls, each with its start where known and its end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ControlsView {
    /// Start of border control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub border_started_at: Option<DateTime<Utc>>,
    /// End of border control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub border_finished_at: Option<DateTime<Utc>>,
    /// Start of customs control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customs_started_at: Option<DateTime<Utc>>,
    /// End of customs control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customs_finished_at: Option<DateTime<Utc>>,
}

/// Two facts that cannot both be right. Both are kept; voiding one settles it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contradiction {
    /// The kind that has to come first.
    pub first_kind: EventKind,
    /// When it is stated to have happened.
    pub first_at: DateTime<Utc>,
    /// The position of that fact.
    pub first_position: i64,
    /// The kind that has to come after it.
    pub then_kind: EventKind,
    /// When it is stated to have happened: before the other.
    pub then_at: DateTime<Utc>,
    /// The position of that fact.
    pub then_position: i64,
}

/// One vehicle's whole way through a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CrossingView {
    /// The crossing's id, which is also its booking's.
    pub id: Uuid,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The vehicle's plate as it was booked.
    pub plate: String,
    /// The furthest stage that is known.
    pub stage: Stage,
    /// The seven stages, in order.
    pub stages: Vec<StageView>,
    /// How long it waited in a zone for its call beyond the 24 hours that the fee covers, in seconds, once it was called (clauses
    /// 14, 35).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub zone_overstay_seconds: Option<i64>,
    /// The two controls.
    pub controls: ControlsView,
    /// Pairs of facts that cannot both be right. Empty in an orderly crossing.
    pub contradictions: Vec<Contradiction>,
    /// The facts it rests on, in the order in which the hub recorded them, voided ones included.
    pub events: Vec<RecordedEvent>,
}
