//! The waiting queue of a checkpoint: bookings, calls, the list at the gate, admission (Resolution 1393, clauses 3, 13, 24, 31).

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::bookings::{BookedSlot, Vehicle, read_optional_local};
use crate::codes::CheckpointCode;
use crate::crossings::Stage;
use crate::outages::OutageKind;
use crate::plate::Plate;

/// Which of the three queues a place is booked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
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
    #[schema(min_length = 1, max_length = 50)]
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

/// Calls a vehicle from its waiting zone to the checkpoint: the first in order, or the one that is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct CallIn {
    /// The lane whose next vehicle is called. Needed where the checkpoint has several and no booking is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 40)]
    pub lane: Option<String>,
    /// The booking to call. None: the first in order of those in a waiting zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<Uuid>,
    /// Why this one goes before others. It is kept with the call and needed when another stands first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
    /// The call's id in the operator's system. The same again is the same call: a request that is sent again calls nobody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]{1,100}$")]
    pub reference: Option<String>,
    /// When another queue system called the vehicle, whose call is handed in: at most 7 days ago. It then names the booking and
    /// a reference, and who stood first is that system's decision.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::instant::read_optional"
    )]
    pub called_at: Option<DateTime<Utc>>,
}

/// Why a vehicle was called when it was: enough to come to the same call again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallExplanation {
    /// The vehicle's place among those of its lane that waited in a zone.
    #[schema(minimum = 1)]
    pub place: u32,
    /// How many of its lane waited in a zone.
    #[schema(minimum = 1)]
    pub waiting: u32,
    /// The rule that decided.
    pub rule: CallRule,
    /// The first of each queue and class as they stood, the called one among them, unless it was called out of order.
    #[serde(default)]
    pub stood: Vec<Stood>,
    /// The credits of the turns before this call: who has most when all have gained their weight takes the turn.
    #[serde(default)]
    pub turns: Vec<TurnCredit>,
}

/// A vehicle that waited when another, or itself, was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stood {
    /// Its booking.
    pub booking: Uuid,
    /// The queue that it stood in. A pre-booked vehicle that came after its slot stands in the live queue.
    pub queue: QueueKind,
    /// Its class, in the priority queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<String>,
    /// When its slot begins, if it is to be called in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_starts_at: Option<DateTime<Utc>>,
    /// Since when it stood there.
    pub since: DateTime<Utc>,
}

/// The credit of a class of the priority queue, or of the live queue, in the turns by weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TurnCredit {
    /// The class. None: the live queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<String>,
    /// Its weight.
    pub weight: i32,
    /// Its credit.
    pub credit: i32,
}

/// The rule by which a vehicle was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallRule {
    /// Its slot had begun, and of those whose slot had begun it was the first.
    Slot,
    /// It was the turn of its class, or of the live queue, and there it was the first.
    Turn,
    /// The operator called it before others, for the reason given.
    OutOfOrder,
    /// Another queue system had called it.
    HandedIn,
}

/// Who gave a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// The queue operator, by the hub.
    Operator,
    /// The hub itself, by the capacity of the lane.
    Automatic,
    /// Another queue system, which handed it in.
    HandedIn,
}

impl CallKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Operator, Self::Automatic, Self::HandedIn];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Automatic => "automatic",
            Self::HandedIn => "handed_in",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
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
    /// The lane.
    pub lane: String,
    /// Who gave it.
    pub kind: CallKind,
    /// Its id in the operator's system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Why it went before others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was called.
    pub called_at: DateTime<Utc>,
    /// Until when the vehicle has to be at the checkpoint.
    pub deadline_at: DateTime<Utc>,
    /// The entry that the call was for, by the capacity of the lane or the way to the checkpoint.
    pub entry_expected_at: DateTime<Utc>,
    /// Why it was this one.
    pub explanation: CallExplanation,
    /// The version of the rules that decided.
    pub rules_version: i32,
}

/// Pauses the calls of a lane, or of the whole checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseIn {
    /// The lane. None: all of the checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 40)]
    pub lane: Option<String>,
    /// Why. It is shown with the queue.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A pause: while it lasts nobody is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pause {
    /// Its id.
    pub id: Uuid,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The lane. None: all of the checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
    /// Why.
    pub reason: String,
    /// Its position in the checkpoint's journal.
    #[schema(minimum = 1)]
    pub position: i64,
    /// Since when.
    pub paused_at: DateTime<Utc>,
    /// Until when, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
}

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
    /// When it arrived at a waiting zone.
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
