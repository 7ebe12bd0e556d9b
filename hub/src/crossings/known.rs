//! What is known under an event's key: nothing, the event, or that it was voided before it came. It is how an
//! event that is sent again is told from another one. Serves those whose line broke before the answer came
//! (Resolution 1393, clause 23).

use std::borrow::Cow;

use kordon_schemas::ProblemCode;
use kordon_schemas::events::{EventKind, Outcome};

use super::model::{CrossingId, Fact, Position};
use super::record::Recorded;
use super::store;
use crate::error::{Error, Result};

/// What is known under an event's key, from the database or from earlier in this batch.
pub(super) struct KnownEvent<'a> {
    /// Where and how it stands; none when only a void of it is known.
    pub(super) standing: Option<StandingEvent<'a>>,
    /// The checkpoint at which it was voided before it came. At another, that void means nothing.
    pub(super) voided_at: Option<String>,
}

/// An event that is recorded.
pub(super) struct StandingEvent<'a> {
    pub(super) checkpoint: Cow<'a, str>,
    pub(super) position: Position,
    pub(super) digest: [u8; 32],
    pub(super) kind: EventKind,
    pub(super) crossing: Option<CrossingId>,
}

impl KnownEvent<'_> {
    pub(super) fn read(key: store::Key) -> Result<Self> {
        let store::Key {
            system_id: _,
            event_id: _,
            position,
            checkpoint,
            digest,
            voided_by,
            kind,
            crossing_id,
        } = key;
        let voided_at = voided_by.map(|_| checkpoint.clone());
        let standing = match (position, digest, kind) {
            (Some(position), Some(digest), Some(kind)) => Some(StandingEvent {
                checkpoint: checkpoint.into(),
                position: Position(position),
                digest: digest.try_into().map_err(|_| Error::stored_badly("an event's digest", "length"))?,
                kind: store::stored_kind(&kind)?,
                crossing: crossing_id.map(CrossingId),
            }),
            (None, None, None) => None,
            _ => return Err(Error::stored_badly("an event's key", "half of it is missing")),
        };
        Ok(Self { standing, voided_at })
    }
}

impl StandingEvent<'_> {
    /// The same id again: a duplicate when it says the same, a conflict otherwise.
    pub(super) fn repeated(&self, fact: &Fact) -> Recorded {
        if self.digest == fact.digest {
            Recorded {
                outcome: Outcome::Duplicate,
                position: Some(self.position),
                crossing: self.crossing,
                refusal: None,
            }
        } else {
            let Position(position) = self.position;
            Recorded::refused(
                ProblemCode::EventConflict,
                format!(
                    "the id {} stands at position {position} of {} with other content",
                    fact.event_id, self.checkpoint
                ),
            )
        }
    }
}
