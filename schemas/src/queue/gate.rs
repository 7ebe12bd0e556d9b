//! What the gate needs: who was called, and whether a vehicle may enter (clause 31).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Driver;
use crate::codes::CheckpointCode;
use crate::plate::Plate;

/// A called vehicle, as the border guard at the gate needs it (clause 31).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CallListEntry {
    /// The booking.
    pub booking: Uuid,
    /// The plate as it was written.
    pub plate: String,
    /// The trailer's plate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailer_plate: Option<String>,
    /// Who drives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<Driver>,
    /// When it was called.
    pub called_at: DateTime<Utc>,
    /// Until when it may enter.
    pub deadline_at: DateTime<Utc>,
    /// Whether it has left its zone.
    pub zone_left: bool,
}

/// The vehicles that were directed to the checkpoint and have not entered, in the order of their calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CallList {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The position in the checkpoint's journal up to which this is true.
    #[schema(minimum = 0)]
    pub position: i64,
    /// The vehicles.
    pub entries: Vec<CallListEntry>,
}

/// Asks whether a vehicle at the gate may enter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdmissionIn {
    /// The plate at the gate.
    pub plate: Plate,
}

/// Whether to let a vehicle in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Let it in.
    Admit,
    /// Send it back.
    Refuse,
}

/// Why a vehicle is admitted or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdmissionReason {
    /// It was called and is in time.
    Called,
    /// It has no booking at this checkpoint.
    NotBooked,
    /// It is booked but was not called yet.
    NotCalled,
    /// It was called, but its deadline has passed.
    CallExpired,
    /// It has entered already.
    AlreadyEntered,
}

/// The answer at the gate (clause 31).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Admission {
    /// Admit or refuse.
    pub decision: Decision,
    /// Why.
    pub reason: AdmissionReason,
    /// The booking it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<Uuid>,
    /// Until when it may enter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<DateTime<Utc>>,
}
