//! What changed in the waiting queue of a checkpoint, position by position (Resolution 1393, clause 23).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::CheckpointCode;
use crate::events::EventKind;

/// What kind of change was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueChangeKind {
    /// A vehicle was booked.
    Booked,
    /// A vehicle was called.
    Called,
    /// A system stated an event; `event` says which.
    Stated,
    /// An event that matched no crossing was placed in one by hand.
    Placed,
    /// A booking stands otherwise than before: it was extended, put first by a petition, put back, or got another vehicle.
    Changed,
    /// A booking ended without entry: it was cancelled, or its vehicle did not come.
    Ended,
    /// A vehicle was not where it had to be in time.
    Absent,
    /// A fact showed that it was there in time after all: the absence counts no more.
    AbsenceTakenBack,
    /// A vehicle was warned that its call is near.
    Warned,
    /// Calls were paused.
    Paused,
    /// Calls go on.
    Resumed,
    /// The entry time that was announced to a vehicle changed enough to be told anew: read its predicted entry (clause 13).
    Reannounced,
    /// Something else, such as new rules, a petition that was filed, or a payment: read again what you need.
    Other,
}

/// A change at a checkpoint. It names no plate and no person: those who may see them read the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueChange {
    /// Its position in the checkpoint's journal. Each is told once, in order.
    #[schema(minimum = 1)]
    pub position: i64,
    /// What kind of change.
    pub kind: QueueChangeKind,
    /// What was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventKind>,
    /// The booking that it is about, if it is known to be about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<Uuid>,
    /// When it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<DateTime<Utc>>,
}

/// A page of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueChanges {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The changes that the reader may see, in the order in which they were recorded.
    pub items: Vec<QueueChange>,
    /// The position up to which everything was looked at: go on from here.
    #[schema(minimum = 0)]
    pub next: i64,
}
