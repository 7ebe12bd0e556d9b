//! The waiting queue of a checkpoint: bookings, calls, the list at the gate, admission (Resolution 1393, clauses 3, 13, 24, 31).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::CheckpointCode;
use crate::crossings::Stage;
use crate::plate::Plate;

/// Which of the three queues a place is booked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueKind {
    /// Called at the nearest free crossing time.
    Live,
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
    /// The version of the checkpoint's rules that it was made under.
    pub rules_version: i32,
    /// What the holder of the booking proves themselves with at `GET /api/v1/my-booking`, beside the reference. It is shown this
    /// once, when the booking is made; hand it on and do not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder_secret: Option<String>,
}

/// Calls a vehicle from its waiting zone to the checkpoint: the first in order, or the one that is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct CallIn {
    /// The booking to call. None: the first in order of those in a waiting zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<Uuid>,
    /// Why this one goes before others. It is kept with the call and needed when another stands first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}

/// Why a vehicle was called when it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallExplanation {
    /// The vehicle's place among those that waited in a zone.
    #[schema(minimum = 1)]
    pub place: u32,
    /// How many waited in a zone.
    #[schema(minimum = 1)]
    pub waiting: u32,
    /// The rule that decided.
    pub rule: CallRule,
}

/// The rule by which a vehicle was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallRule {
    /// It was booked before all others that waited in a zone.
    FirstBooked,
    /// The operator called it before others, for the reason given.
    OutOfOrder,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Call {
    /// Its position in the checkpoint's journal.
    #[schema(minimum = 1)]
    pub position: i64,
    /// The booking that was called.
    pub booking: Uuid,
    /// The plate as it was written.
    pub plate: String,
    /// When it was called.
    pub called_at: DateTime<Utc>,
    /// Until when the vehicle has to be at the checkpoint.
    pub deadline_at: DateTime<Utc>,
    /// Why it was this one.
    pub explanation: CallExplanation,
    /// The version of the rules that decided.
    pub rules_version: i32,
}

/// A vehicle in the waiting queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QueueEntry {
    /// Its place, counted from 1, among those not called yet. A called vehicle has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub place: Option<u32>,
    /// The booking.
    pub booking: Uuid,
    /// The plate as it was written.
    pub plate: String,
    /// Which queue it was booked in.
    pub queue: QueueKind,
    /// Where it stands.
    pub stage: Stage,
    /// When it was booked.
    pub booked_at: DateTime<Utc>,
    /// When it arrived at a waiting zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_arrived_at: Option<DateTime<Utc>>,
    /// When it was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<DateTime<Utc>>,
    /// Until when it has to be at the checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<DateTime<Utc>>,
    /// Whether facts about it contradict each other.
    pub contradictory: bool,
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
    /// Vehicles not called yet.
    pub waiting: u32,
    /// Vehicles called and not entered yet.
    pub called: u32,
    /// The vehicles.
    pub entries: Vec<QueueEntry>,
}

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
