//! The facts about an outage. What follows from them is in [`super::rules`].

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, SubsecRound, Utc};
use kordon_schemas::Bilingual;
pub use kordon_schemas::notices::ToldOutage as Told;
pub use kordon_schemas::outages::{
    AffectedSystem, Functionality, OutageKind, OutageLevel, OutageScope, OutageState,
};
use uuid::Uuid;

/// The id of an outage, a UUIDv7: later ones sort later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutageId(pub Uuid);

impl OutageId {
    /// A new id.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for OutageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An outage of ETS or of a system that it needs (H4.1), planned or not. Its moments are whole seconds,
/// because CD070C carries no fraction of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Its id.
    pub id: OutageId,
    /// Counts its changes, from 1.
    pub version: i32,
    /// Planned or unplanned; never changes.
    pub kind: OutageKind,
    /// What is unavailable; never empty.
    pub affected_systems: BTreeSet<AffectedSystem>,
    /// Which business functionalities are unavailable; empty: all that the systems serve.
    pub functionalities: BTreeSet<Functionality>,
    /// Whose it is, and where it is felt; never changes.
    pub scope: OutageScope,
    /// When it begins or began; of a planned one as planned.
    pub starts_at: DateTime<Utc>,
    /// When a planned one really began, if somebody said so.
    pub began_at: Option<DateTime<Utc>>,
    /// When it is expected to be over; a planned one always has it.
    pub expected_end_at: Option<DateTime<Utc>>,
    /// When the systems were available again.
    pub recovered_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Whether transit may run on paper meanwhile.
    pub fallback_allowed: bool,
    /// What is told to people.
    pub text: Bilingual,
    /// When the declaration was recorded.
    pub declared_at: DateTime<Utc>,
    /// When the latest change was recorded.
    pub changed_at: DateTime<Utc>,
}

impl Outage {
    /// Whether it is neither recovered from nor withdrawn.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.recovered_at.is_none() && self.cancelled_at.is_none()
    }

    /// When it began, as far as anybody said.
    #[must_use]
    pub fn begun_at(&self) -> DateTime<Utc> {
        self.began_at.unwrap_or(self.starts_at)
    }

    /// The outage as a notice at `now` tells it.
    #[must_use]
    pub fn told(&self, now: DateTime<Utc>) -> Told {
        // Work that began after its expected end runs beyond it from its beginning.
        let by = now.trunc_subsecs(0).max(self.begun_at());
        Told {
            overdue_at: super::rules::is_overdue(self, by).then_some(by),
            kind: self.kind,
            affected_systems: self.affected_systems.iter().copied().collect(),
            functionalities: self.functionalities.iter().copied().collect(),
            scope: self.scope.clone(),
            starts_at: self.starts_at,
            began_at: self.began_at,
            expected_end_at: self.expected_end_at,
            recovered_at: self.recovered_at,
            cancelled_at: self.cancelled_at,
            fallback_allowed: self.fallback_allowed,
            text: self.text.clone(),
        }
    }

    /// The outage as a reader gets it at `now`.
    #[must_use]
    pub fn seen_at(&self, now: DateTime<Utc>) -> kordon_schemas::outages::Outage {
        kordon_schemas::outages::Outage {
            id: self.id.0,
            version: self.version,
            kind: self.kind,
            state: super::rules::state(self, now),
            affected_systems: self.affected_systems.iter().copied().collect(),
            functionalities: self.functionalities.iter().copied().collect(),
            scope: self.scope.clone(),
            starts_at: self.starts_at,
            began_at: self.began_at,
            expected_end_at: self.expected_end_at,
            overdue: super::rules::is_overdue(self, now),
            overran_seconds: super::rules::overran_by(self, now).map(|by| by.num_seconds()),
            recovered_at: self.recovered_at,
            cancelled_at: self.cancelled_at,
            fallback_allowed: self.fallback_allowed,
            text: self.text.clone(),
            declared_at: self.declared_at,
            changed_at: self.changed_at,
        }
    }
}
