//! Who stands in a waiting queue: the facts.

use std::fmt;

use uuid::Uuid;

/// A booking's id, which is also its crossing's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BookingId(pub Uuid);

impl fmt::Display for BookingId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
