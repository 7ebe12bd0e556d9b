//! Calls, why each was given, and the pauses in which none is (clauses 3, 13, 34).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::QueueKind;
use crate::codes::CheckpointCode;

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

/// Who paused calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PausedBy {
    /// The border guard, who alone lets them go on.
    BorderGuard,
    /// The operator of the queue.
    QueueOperator,
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
    /// Who paused them.
    pub paused_by: PausedBy,
    /// Its position in the checkpoint's journal.
    #[schema(minimum = 1)]
    pub position: i64,
    /// Since when.
    pub paused_at: DateTime<Utc>,
    /// Until when, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
}

/// The pauses of a checkpoint that last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PauseList {
    /// That of the whole checkpoint first, then by lane. Empty: calls go on.
    pub items: Vec<Pause>,
}
