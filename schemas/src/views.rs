//! What each right sees of a waiting queue, and no more (Resolution 1393, clauses 23, 25, 33): a zone its own
//! vehicles, the police those that were directed, a holder their own booking, everybody the board.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::CheckpointCode;
use crate::crossings::Stage;
use crate::money::Money;
use crate::prediction::PredictedEntry;
use crate::queue::{CallRule, QueueKind};
use crate::text::Bilingual;

/// A vehicle of a waiting zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ZoneEntry {
    /// The booking.
    pub booking: Uuid,
    /// The plate as it was written.
    pub plate: String,
    /// Which queue it was booked in.
    pub queue: QueueKind,
    /// Where it stands.
    pub stage: Stage,
    /// When it arrived at the zone, the last time. None: it is booked for the zone and not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_arrived_at: Option<DateTime<Utc>>,
    /// Until when the fee covers its wait for the call: for 24 hours from when it first came to a waiting zone; who leaves and comes
    /// back has no others (clauses 14, 35). None: it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered_until: Option<DateTime<Utc>>,
    /// When it was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<DateTime<Utc>>,
    /// Until when it has to be at the checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<DateTime<Utc>>,
}

/// The vehicles of one waiting zone that have not entered the checkpoint: those that arrived there last, by arrival, then those
/// that are booked for it, by booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ZoneQueue {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The waiting zone.
    pub zone: String,
    /// The position in the checkpoint's journal up to which this is true.
    #[schema(minimum = 0)]
    pub position: i64,
    /// The vehicles.
    pub entries: Vec<ZoneEntry>,
}

/// A vehicle that was directed to the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DirectedVehicle {
    /// The plate as it was written.
    pub plate: String,
    /// When it was called.
    pub called_at: DateTime<Utc>,
    /// Whether it has left its zone.
    pub zone_left: bool,
}

/// The vehicles that were directed to the checkpoint and have not entered, in the order of their calls (clause 33).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DirectedVehicles {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The position in the checkpoint's journal up to which this is true.
    #[schema(minimum = 0)]
    pub position: i64,
    /// The vehicles.
    pub entries: Vec<DirectedVehicle>,
}

/// A vehicle on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardEntry {
    /// The end of its plate, after `…`.
    pub plate: String,
}

/// The board of a checkpoint, for everybody: who is called and who is next, with shortened plates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Board {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// When anything about the checkpoint was last recorded: the age of the data. None: nothing ever was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<DateTime<Utc>>,
    /// Those that were called last, at most 50, the latest first.
    #[schema(max_items = 50)]
    pub called: Vec<BoardEntry>,
    /// Those that are next, at most 20, in their order.
    #[schema(max_items = 20)]
    pub next: Vec<BoardEntry>,
}

/// Where the holder of a booking is to go now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Direction {
    /// To a waiting zone.
    Zone {
        /// Which one. None: any zone of the checkpoint.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<String>,
    },
    /// Stay in the waiting zone until the call.
    Stay,
    /// To the checkpoint, until the deadline.
    Checkpoint,
    /// On: the vehicle has entered, or its booking has ended.
    On,
}

/// What is known of the fee of a booking. Unknown is a word, never a zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "knowledge")]
pub enum FeeKnowledge {
    /// The hub has no record of a payment; the queue operator knows.
    NotRecorded,
    /// It was paid.
    Paid {
        /// What was paid.
        paid: Money,
        /// What of it was given back.
        refunded: Money,
    },
}

/// A booking as its holder sees it (clause 25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MyBooking {
    /// The booking's id.
    pub booking: Uuid,
    /// The reference that the operator gave it.
    pub reference: String,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The checkpoint's name.
    pub checkpoint_name: Bilingual,
    /// The plate as it was written.
    pub plate: String,
    /// Where the vehicle stands.
    pub stage: Stage,
    /// Its place, counted from 1, while it waits for its call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub place: Option<u32>,
    /// When it was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<DateTime<Utc>>,
    /// Until when it has to be at the checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<DateTime<Utc>>,
    /// When it was told that its call nears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_at: Option<DateTime<Utc>>,
    /// Why it was called when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<MyCall>,
    /// Where to go now.
    pub direction: Direction,
    /// When it is expected to enter, while it waits and is not called; or why nobody can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicted_entry: Option<PredictedEntry>,
    /// What it costs.
    pub fee: FeeKnowledge,
    /// When anything about the checkpoint was last recorded: the age of the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<DateTime<Utc>>,
}

/// Why a vehicle was called when it was, as its holder is told: nothing of the others who stood there but how many they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MyCall {
    /// Its place among those of its lane in a zone, counted from 1.
    #[schema(minimum = 1)]
    pub place: u32,
    /// How many they were.
    #[schema(minimum = 1)]
    pub waiting: u32,
    /// The rule that put it first.
    pub rule: CallRule,
    /// The reason that was given for a call out of order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A secret for the holder of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HolderSecret {
    /// The booking.
    pub booking: Uuid,
    /// The reference that the holder names with it.
    pub reference: String,
    /// The secret. It is shown this once.
    pub holder_secret: String,
}
