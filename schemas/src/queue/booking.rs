//! Booking a vehicle into one of the three queues (clauses 3, 22, 34).

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::bookings::{BookedSlot, Vehicle, read_optional_local};
use crate::codes::CheckpointCode;
use crate::plate::Plate;

/// Which of the three queues a place is booked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueKind {
    /// Called at the time that was booked.
    PreBooked,
    /// Called at the nearest free crossing time.
    Live,
    /// Called before others, as the law has it.
    Priority,
}

impl QueueKind {
    /// Every queue.
    pub const ALL: [Self; 3] = [Self::PreBooked, Self::Live, Self::Priority];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreBooked => "pre_booked",
            Self::Live => "live",
            Self::Priority => "priority",
        }
    }

    /// The queue of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Through which channel a place was booked (clause 34).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The operator's web site or application.
    Web,
    /// The operator's call centre.
    CallCentre,
    /// A terminal.
    Terminal,
    /// On site, at the waiting zone.
    OnSite,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 4] = [Self::Web, Self::CallCentre, Self::Terminal, Self::OnSite];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::CallCentre => "call_centre",
            Self::Terminal => "terminal",
            Self::OnSite => "on_site",
        }
    }
}

/// The driver, as far as the gate needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Driver {
    /// Name and surname as in the travel document.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
}

/// Books a vehicle into the waiting queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reference": "KR-2026-118812", "plate": "AA 1234 BB", "queue": "live", "channel": "web"}))]
pub struct BookingIn {
    /// The booking's id in the operator's system. The same again is the same booking.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]{1,100}$")]
    pub reference: String,
    /// The vehicle.
    pub plate: Plate,
    /// Its trailer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailer_plate: Option<Plate>,
    /// Which queue.
    pub queue: QueueKind,
    /// Through which channel.
    pub channel: Channel,
    /// Who drives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<Driver>,
    /// When the operator booked it, if that was before now: at most 7 days ago.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::instant::read_optional"
    )]
    pub booked_at: Option<DateTime<Utc>>,
    /// What is known of the vehicle. Needed where the lanes of the checkpoint differ by vehicle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<Vehicle>,
    /// When the slot begins: for the pre-booked queue, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "read_optional_local")]
    pub slot_starts_at: Option<DateTime<FixedOffset>>,
    /// The waiting zone, where the user chooses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Z0-9-]{1,40}$")]
    pub zone: Option<String>,
    /// What the rules of the checkpoint ask for, by their `data_schema`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<serde_json::Value>,
    /// The granted petition: for the priority queue, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub petition: Option<Uuid>,
}

/// A booking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Booking {
    /// The booking's id, which is also its crossing's.
    pub id: Uuid,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The id in the operator's system.
    pub reference: String,
    /// The plate as it was written.
    pub plate: String,
    /// Which queue.
    pub queue: QueueKind,
    /// When it was booked.
    pub booked_at: DateTime<Utc>,
    /// The lane of its vehicle.
    pub lane: String,
    /// Its slot, if it is pre-booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<BookedSlot>,
    /// Its class, if it is in the priority queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<String>,
    /// Its waiting zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The version of the checkpoint's rules that it was made under.
    pub rules_version: i32,
    /// What the holder of the booking proves themselves with at `GET /api/v1/my-booking`, beside the reference. It is shown this
    /// once, when the booking is made; hand it on and do not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder_secret: Option<String>,
}
