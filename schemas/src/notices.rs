//! Notices on the wire: what the hub told of an outage, in which order, and to whom each was delivered. JSON only.
//! The form in which DG TAXUD gets them (CD070C) is [`UNAVAILABILITY_XSD`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::outages::{AffectedSystem, OutageKind};
use crate::text::Bilingual;

/// The schema of CD070C, CD071C and CD971C: the unavailability messages of the common domain.
pub const UNAVAILABILITY_XSD: &str = include_str!("../xsd/unavailability.xsd");

/// What happened to the outage that a notice tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// It was declared.
    Declared,
    /// Something about it changed.
    Changed,
    /// The systems are available again.
    Recovered,
    /// It was withdrawn.
    Cancelled,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Declared, Self::Changed, Self::Recovered, Self::Cancelled];

    /// The word for it on the wire and in the records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Changed => "changed",
            Self::Recovered => "recovered",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Who is sent every notice (H3.16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// DG TAXUD's central services, as CD070C.
    Taxud,
    /// The press office, which publishes it, by e-mail.
    PressOffice,
}

impl Recipient {
    /// Everyone who is sent a notice.
    pub const ALL: [Self; 2] = [Self::Taxud, Self::PressOffice];

    /// The word for it on the wire and in the records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taxud => "taxud",
            Self::PressOffice => "press_office",
        }
    }
}

/// The whole outage as a notice tells it. A later change never alters what was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ToldOutage {
    /// Planned or unplanned.
    pub kind: OutageKind,
    /// What is unavailable, each system once, in the order of the list of systems.
    #[schema(min_items = 1, max_items = 4)]
    pub affected_systems: Vec<AffectedSystem>,
    /// When it begins or began.
    pub starts_at: DateTime<Utc>,
    /// When it is expected to be over; `null` when nobody knows.
    pub expected_end_at: Option<DateTime<Utc>>,
    /// When the systems were available again.
    pub recovered_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Whether transit may run on paper meanwhile.
    pub fallback_allowed: bool,
    /// What is told to people.
    pub text: Bilingual,
}

/// One notice of an outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "019a9d2e-7c00-7000-8000-0000000000a1",
    "position": 41,
    "outage_id": "019a9d2e-7c00-7000-8000-000000000001",
    "number": 1,
    "kind": "declared",
    "created_at": "2026-11-20T07:05:00Z",
    "outage": {
        "kind": "planned",
        "affected_systems": ["ets"],
        "starts_at": "2026-11-28T18:00:00Z",
        "expected_end_at": "2026-11-28T22:00:00Z",
        "recovered_at": null,
        "cancelled_at": null,
        "fallback_allowed": true,
        "text": {"uk": "Оновлення серверів ЕТС.", "en": "Upgrade of the ETS servers."}
    }
}))]
pub struct Notice {
    /// The notice's own id (UUIDv7). It stays the same however often the notice is sent.
    pub id: Uuid,
    /// Place in the feed of all notices, counted from 1 without gaps.
    #[schema(minimum = 1)]
    pub position: i64,
    /// The outage that it tells of.
    pub outage_id: Uuid,
    /// Counts the notices of that outage, from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// What happened to the outage.
    pub kind: NoticeKind,
    /// When the hub recorded it, in the transaction that changed the outage.
    pub created_at: DateTime<Utc>,
    /// The outage as told.
    pub outage: ToldOutage,
}

/// A stretch of the feed of all notices, in the order in which they were recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeFeed {
    /// The notices after the given position.
    pub items: Vec<Notice>,
    /// Give it as `after` to read on, also when there was nothing new.
    #[schema(minimum = 0)]
    pub next: i64,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not yet taken by the recipient. It is tried until it is.
    Pending,
    /// Taken by the recipient.
    Delivered,
    /// Refused for good: sending it again can't help, a person must look.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The word for it on the wire and in the records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// How one attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The recipient took it.
    Delivered,
    /// It did not get through; it is tried again.
    TransientFault,
    /// It was refused for good.
    PermanentFault,
}

impl AttemptOutcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Delivered, Self::TransientFault, Self::PermanentFault];

    /// The word for it on the wire and in the records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::TransientFault => "transient_fault",
            Self::PermanentFault => "permanent_fault",
        }
    }
}

/// One attempt to deliver a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryAttempt {
    /// Counts the attempts of this delivery, from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// What the recipient or the way to it said, without secrets and addresses of persons.
    pub detail: String,
    /// How long it took, in milliseconds.
    #[schema(minimum = 0)]
    pub duration_ms: i32,
}

/// The way of one notice to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// To whom.
    pub recipient: Recipient,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it is tried next, unless an earlier notice of the outage is still on its way; `null` when it is settled.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was delivered or failed.
    pub settled_at: Option<DateTime<Utc>>,
    /// The latest attempts, oldest first, at most 50.
    pub attempts: Vec<DeliveryAttempt>,
}

/// A notice with the state of its deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeWithDeliveries {
    /// The notice.
    #[serde(flatten)]
    pub notice: Notice,
    /// Its deliveries, one a recipient.
    pub deliveries: Vec<Delivery>,
}

#[cfg(test)]
mod tests {
    use serde_json::to_value;

    use super::*;

    #[test]
    fn the_word_in_the_records_is_the_word_on_the_wire() {
        assert!(OutageKind::ALL.iter().all(|kind| to_value(kind).unwrap() == kind.as_str()));
        assert!(AffectedSystem::ALL.iter().all(|system| to_value(system).unwrap() == system.as_str()));
        assert!(NoticeKind::ALL.iter().all(|kind| to_value(kind).unwrap() == kind.as_str()));
        assert!(Recipient::ALL.iter().all(|recipient| to_value(recipient).unwrap() == recipient.as_str()));
        assert!(DeliveryState::ALL.iter().all(|state| to_value(state).unwrap() == state.as_str()));
        assert!(AttemptOutcome::ALL.iter().all(|outcome| to_value(outcome).unwrap() == outcome.as_str()));
    }
}
