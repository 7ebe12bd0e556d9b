//! The list of the gate for the hours when the line is down: who may enter a checkpoint (Resolution 1393,
//! clause 31). It travels as the content of a CMS signature.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::CheckpointCode;
use crate::queue::QueueKind;

/// A called vehicle on the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdmittedVehicle {
    /// The booking.
    pub booking: Uuid,
    /// The plate as it was written.
    pub plate: String,
    /// Which queue it was booked in.
    pub queue: QueueKind,
    /// Until when it may enter.
    pub deadline_at: DateTime<Utc>,
}

/// A vehicle on the list that is not called yet and is expected to be within its hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExpectedVehicle {
    /// Its turn, counted from 1, after all who are called.
    #[schema(minimum = 1)]
    pub turn: u32,
    /// The booking.
    pub booking: Uuid,
    /// The plate as it was written.
    pub plate: String,
    /// Which queue it was booked in.
    pub queue: QueueKind,
    /// When its slot begins, if it has booked one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_starts_at: Option<DateTime<Utc>>,
}

/// Who may enter a checkpoint in the next hours. No names: at the gate the plate decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdmissionList {
    /// The list's own id. A gate that has two of one checkpoint goes by the one with the later `position`.
    pub id: Uuid,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The position in the checkpoint's journal up to which this is true.
    #[schema(minimum = 0)]
    pub position: i64,
    /// When it was made.
    pub issued_at: DateTime<Utc>,
    /// Until when it may be gone by.
    pub valid_until: DateTime<Utc>,
    /// The vehicles that were called and may enter until their deadline, in the order of their calls.
    pub called: Vec<AdmittedVehicle>,
    /// The vehicles that are expected to be called until `valid_until`, in the order of their turns.
    pub expected: Vec<ExpectedVehicle>,
}
