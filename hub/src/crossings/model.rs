//! The facts about crossings, and the projection that is kept of each. What follows from them is in
//! [`super::rules`].

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use kordon_schemas::events::EventKind;
use kordon_schemas::{CheckpointCode, Plate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::parties::SystemId;

/// A crossing's id, which is also its booking's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CrossingId(pub Uuid);

impl fmt::Display for CrossingId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A place in a checkpoint's journal, counted from 1, without gaps and in the order of commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub i64);

/// What a system states, checked against its role and the clock. See [`super::rules::state`].
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The system that states it.
    pub system: SystemId,
    /// Its id in that system.
    pub event_id: String,
    /// What happened.
    pub kind: EventKind,
    /// To which vehicle; none for a void.
    pub plate: Option<Plate>,
    /// In which waiting zone.
    pub zone: Option<String>,
    /// How sure a camera was, from 0 to 1.
    pub confidence: Option<f32>,
    /// The reason given.
    pub reason: Option<String>,
    /// The event of the same system that it voids.
    pub voids: Option<String>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// SHA-256 over all of the above and the checkpoint: whether a repeat says the same.
    pub digest: [u8; 32],
}

/// When a fact happened and where it stands in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// When it happened. Earlier facts are smaller; of two at the same moment, the one recorded first.
    pub at: DateTime<Utc>,
    /// Where it stands in the journal.
    pub position: Position,
}

/// The earliest and the latest fact of one kind in a crossing. Both are needed: a vehicle may go in and out
/// of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The earliest.
    pub first: Mark,
    /// The latest.
    pub last: Mark,
}

/// What the facts of a crossing come to. Facts may come in any order and give the same progress.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    spans: BTreeMap<EventKind, Span>,
}

impl Progress {
    /// The facts of every kind that is known.
    #[must_use]
    pub const fn spans(&self) -> &BTreeMap<EventKind, Span> {
        &self.spans
    }

    /// The facts of a kind.
    #[must_use]
    pub fn span(&self, kind: EventKind) -> Option<Span> {
        self.spans.get(&kind).copied()
    }

    /// The earliest fact of a kind.
    #[must_use]
    pub fn first(&self, kind: EventKind) -> Option<Mark> {
        self.span(kind).map(|span| span.first)
    }

    /// Adds a fact, and tells whether that changed anything.
    pub fn add(&mut self, kind: EventKind, mark: Mark) -> bool {
        let before = self.span(kind);
        let after = match before {
            None => Span { first: mark, last: mark },
            Some(Span { first, last }) => Span { first: first.min(mark), last: last.max(mark) },
        };
        self.spans.insert(kind, after);
        before != Some(after)
    }
}

/// When a vehicle was called, and until when it has to be at the checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallWindow {
    /// When it was called.
    pub called_at: DateTime<Utc>,
    /// Until when it may enter.
    pub deadline_at: DateTime<Utc>,
}

/// One vehicle's way through a checkpoint, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// Its id.
    pub id: CrossingId,
    /// When its place was booked.
    pub booked_at: DateTime<Utc>,
    /// Its call.
    pub call: Option<CallWindow>,
    /// When its booking ended without entry.
    pub ended_at: Option<DateTime<Utc>>,
    /// What its facts come to.
    pub progress: Progress,
}
