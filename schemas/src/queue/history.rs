//! What became of a booking besides its changes: the calls that were given to it, and that its vehicle did
//! not come (clauses 11, 22).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CallKind;
use crate::rules::Consequence;

/// A call of a booking. Why it was given stands at `GET /api/v1/checkpoints/{checkpoint}/calls/{position}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GivenCall {
    /// Its position in the checkpoint's journal.
    #[schema(minimum = 1)]
    pub position: i64,
    /// Who gave it.
    pub kind: CallKind,
    /// When.
    pub called_at: DateTime<Utc>,
    /// Until when the vehicle could enter, with the time of pauses.
    pub deadline_at: DateTime<Utc>,
    /// When it was found that the vehicle had not come. None: it came, or still may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_at: Option<DateTime<Utc>>,
}

/// Where a vehicle did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbsentFrom {
    /// Its waiting zone.
    Zone,
    /// The checkpoint.
    Checkpoint,
}

impl AbsentFrom {
    /// Its name on the wire, in the database and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Checkpoint => "checkpoint",
        }
    }

    /// The place of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Zone, Self::Checkpoint].into_iter().find(|place| place.as_str() == name)
    }
}

/// That a vehicle did not come, or came and was not let in, and what followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecidedAbsence {
    /// Its position in the checkpoint's journal.
    #[schema(minimum = 1)]
    pub position: i64,
    /// Where it did not come.
    pub place: AbsentFrom,
    /// Whether it was at the gate in time and was not let in. It lost its call then and is no no-show, and `consequence` is `back_to_queue`.
    pub was_refused: bool,
    /// By when it had to.
    pub due_at: DateTime<Utc>,
    /// When that was found.
    pub decided_at: DateTime<Utc>,
    /// What followed.
    pub consequence: Consequence,
    /// The version of the rules that say so.
    #[schema(minimum = 1)]
    pub rules_version: i32,
    /// Whether it was taken back: a fact that was told later shows that the vehicle had come in time.
    pub taken_back: bool,
}
