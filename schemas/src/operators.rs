//! Who runs the queue of a checkpoint (Resolution 1393, clause 23).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::codes::{CheckpointCode, Edrpou};
use crate::rules::RulesDecision;

/// Hands the queue of a checkpoint to an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorIn {
    /// The organisation. It is registered.
    pub organisation: Edrpou,
    /// From when it runs the queue. Not before now, and after the last hand-over.
    #[serde(deserialize_with = "crate::instant::read")]
    pub operates_from: DateTime<Utc>,
    /// The decision that it rests on.
    pub decision: RulesDecision,
}

/// An operator of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Operator {
    /// The organisation.
    pub organisation: Edrpou,
    /// Its name.
    pub name: String,
    /// From when it runs the queue.
    pub operates_from: DateTime<Utc>,
    /// Until when: the next hand-over. None: no end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operates_until: Option<DateTime<Utc>>,
    /// The decision that it rests on.
    pub decision: RulesDecision,
}

/// The operators of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Operators {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// Who runs the queue now. None: nobody is recorded, and every queue operator whose scope reaches the checkpoint may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Operator>,
    /// Every hand-over, the latest first.
    pub items: Vec<Operator>,
}
