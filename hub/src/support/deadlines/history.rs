//! What happened to a ticket, as its clocks need it.

use chrono::{DateTime, Utc};
use kordon_schemas::support::{ExtensionGround, Line, Priority, TicketStatus};

/// Where a ticket stood from a moment on. A move, a re-assignment and a change of priority each make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Since when.
    pub at: DateTime<Utc>,
    /// Its status.
    pub status: TicketStatus,
    /// Which line had it.
    pub line: Line,
    /// How urgent it was.
    pub priority: Priority,
}

/// A later deadline, given on stated grounds (H3.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    /// When it was given.
    pub at: DateTime<Utc>,
    /// By which line.
    pub by: Line,
    /// Why.
    pub ground: ExtensionGround,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// The entries of a ticket in the order of time, from its registration on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    first: Entry,
    later: Vec<Entry>,
    extensions: Vec<Extension>,
}

/// Why a history makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the entry at {at} comes before the one recorded earlier")]
pub struct OutOfOrder {
    /// The moment that goes back.
    pub at: DateTime<Utc>,
}

impl History {
    /// A ticket that was registered.
    #[must_use]
    pub const fn registered(first: Entry) -> Self {
        Self { first, later: Vec::new(), extensions: Vec::new() }
    }

    /// The history with one more entry. One that changes nothing changes no clock.
    ///
    /// # Errors
    /// [`OutOfOrder`] when it lies before the last one.
    pub fn then(mut self, entry: Entry) -> Result<Self, OutOfOrder> {
        if entry.at < self.last().at {
            return Err(OutOfOrder { at: entry.at });
        }
        self.later.push(entry);
        Ok(self)
    }

    /// The history with a deadline that was extended.
    #[must_use]
    pub fn extended(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    /// The entries, the oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// The extensions, in the order in which they were given.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// When the ticket was registered.
    #[must_use]
    pub const fn registered_at(&self) -> DateTime<Utc> {
        self.first.at
    }

    /// Where the ticket stands.
    #[must_use]
    pub fn last(&self) -> &Entry {
        self.later.last().unwrap_or(&self.first)
    }

    /// How urgent the ticket was at a moment.
    #[must_use]
    pub fn priority_at(&self, moment: DateTime<Utc>) -> Priority {
        self.entries().take_while(|entry| entry.at <= moment).last().unwrap_or(&self.first).priority
    }
}
