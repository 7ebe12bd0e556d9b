//! Who stands in a waiting queue: the facts.

use std::fmt;

use chrono::{DateTime, Utc};
use kordon_schemas::crossings::Stage;
use uuid::Uuid;

/// A booking's id, which is also its crossing's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BookingId(pub Uuid);

impl fmt::Display for BookingId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A vehicle that has not entered yet, as far as its order is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Its booking.
    pub booking: BookingId,
    /// When it was booked.
    pub booked_at: DateTime<Utc>,
    /// Where it stands: one of the stages before entry.
    pub stage: Stage,
    /// Whether it was called and its time to enter has passed.
    pub call_lapsed: bool,
}
