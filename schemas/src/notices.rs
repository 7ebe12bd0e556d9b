//! Notices on the wire: what the hub told of an outage, in which order, and to whom each was delivered. JSON
//! only. The form in which DG TAXUD gets them (CD070C) is [`UNAVAILABILITY_XSD`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::OfficeReference;
use crate::outages::{AffectedSystem, Functionality, OutageKind, OutageScope};
use crate::support::words;
use crate::text::Bilingual;

/// The schema of CD070C, CD071C and CD971C: the unavailability messages of the common domain.
pub const UNAVAILABILITY_XSD: &str = include_str!("../xsd/unavailability.xsd");

/// What happened to the outage or the permit that a notice tells of.
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
    /// A reminder: the planned window begins within a day.
    StartsSoon,
    /// A reminder: the expected end has passed, and it is not over.
    Overran,
    /// A permit came into force.
    PermitIssued,
    /// The 24 hours of a permit were corrected.
    PermitCorrected,
    /// A permit ends within two hours.
    PermitExpiring,
    /// A permit is over.
    PermitExpired,
    /// A permit was taken back.
    PermitRevoked,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Declared,
        Self::Changed,
        Self::Recovered,
        Self::Cancelled,
        Self::StartsSoon,
        Self::Overran,
        Self::PermitIssued,
        Self::PermitCorrected,
        Self::PermitExpiring,
        Self::PermitExpired,
        Self::PermitRevoked,
    ];

    /// Whether it tells of a permit, not of an outage.
    #[must_use]
    pub const fn is_of_permit(self) -> bool {
        match self {
            Self::Declared
            | Self::Changed
            | Self::Recovered
            | Self::Cancelled
            | Self::StartsSoon
            | Self::Overran => false,
            Self::PermitIssued
            | Self::PermitCorrected
            | Self::PermitExpiring
            | Self::PermitExpired
            | Self::PermitRevoked => true,
        }
    }

    /// The word for it on the wire and in the records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Changed => "changed",
            Self::Recovered => "recovered",
            Self::Cancelled => "cancelled",
            Self::StartsSoon => "starts_soon",
            Self::Overran => "overran",
            Self::PermitIssued => "permit_issued",
            Self::PermitCorrected => "permit_corrected",
            Self::PermitExpiring => "permit_expiring",
            Self::PermitExpired => "permit_expired",
            Self::PermitRevoked => "permit_revoked",
        }
    }
}

/// Who is sent notices (H3.16): of outages the first two, of permits the press office and, by e-mail where they gave an address, the
/// next two. DG TAXUD learns of permits by the Fallback flag of their outage. Subscribers are sent what they are set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// DG TAXUD's central services, as CD070C.
    Taxud,
    /// The press office, which publishes it, by e-mail.
    PressOffice,
    /// The departure office that asked for a permit, by e-mail.
    DepartureOffice,
    /// The trader of a permit, by e-mail.
    Trader,
    /// A subscriber: a member of Trembita, through the security server.
    Trembita,
}

impl Recipient {
    /// Everyone who is sent a notice.
    pub const ALL: [Self; 5] =
        [Self::Taxud, Self::PressOffice, Self::DepartureOffice, Self::Trader, Self::Trembita];

    /// Those of whom there is one a notice.
    pub const FIXED: [Self; 4] = [Self::Taxud, Self::PressOffice, Self::DepartureOffice, Self::Trader];

    /// The word for it on the wire and in the records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taxud => "taxud",
            Self::PressOffice => "press_office",
            Self::DepartureOffice => "departure_office",
            Self::Trader => "trader",
            Self::Trembita => "trembita",
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
    /// Which business functionalities of NCTS are unavailable (CL168). Left out: all that the systems serve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 52)]
    pub functionalities: Vec<Functionality>,
    /// Whose outage it is, and where it is felt. Left out: Ukraine's own, in both directions.
    #[serde(default, skip_serializing_if = "OutageScope::is_usual")]
    #[schema(required = false)]
    pub scope: OutageScope,
    /// When it begins or began; of a planned window as planned.
    pub starts_at: DateTime<Utc>,
    /// When a planned window really began. Left out: as planned, or nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_at: Option<DateTime<Utc>>,
    /// When it is expected to be over; `null` when nobody knows.
    pub expected_end_at: Option<DateTime<Utc>>,
    /// The moment of this notice, when the outage ran beyond its expected end then. Left out: it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub overdue_at: Option<DateTime<Utc>>,
    /// When the systems were available again.
    pub recovered_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Whether transit may run on paper meanwhile.
    pub fallback_allowed: bool,
    /// What is told to people.
    pub text: Bilingual,
}

/// A permit as a notice tells it, without the trader. A later change never alters what was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ToldPermit {
    /// Its number.
    pub number: String,
    /// The departure office that may accept paper declarations under it.
    pub office: OfficeReference,
    /// The systems whose failure was confirmed, in the order of the list of systems.
    #[schema(min_items = 1, max_items = 4)]
    pub systems: Vec<AffectedSystem>,
    /// The outage that it rests on. Left out: the trader's own link failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<Uuid>,
    /// From when it is or was valid; `null`: it was taken back before both were told, and never was.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when at the latest.
    pub valid_until: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The lines of the stamp.
    pub stamp: Vec<String>,
}

/// One notice of an outage or of a permit.
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
    },
    "permit": null
}))]
pub struct Notice {
    /// The notice's own id (UUIDv7). It stays the same however often the notice is sent.
    pub id: Uuid,
    /// Place in the feed of all notices, counted from 1 without gaps.
    #[schema(minimum = 1)]
    pub position: i64,
    /// The outage that it tells of. Left out: it tells of a permit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage_id: Option<Uuid>,
    /// The request whose permit it tells of. Left out: it tells of an outage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit_request_id: Option<Uuid>,
    /// Counts the notices of that outage or permit, from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// What happened.
    pub kind: NoticeKind,
    /// When the hub recorded it, in the transaction that changed the outage or the permit.
    pub created_at: DateTime<Utc>,
    /// The outage as told.
    pub outage: Option<ToldOutage>,
    /// The permit as told.
    pub permit: Option<ToldPermit>,
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
    /// Which subscriber, as the settings name it. Left out: the recipient is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<String>,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it is tried next, unless an earlier notice of the outage is still on its way; `null` when it is settled.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was delivered or failed.
    pub settled_at: Option<DateTime<Utc>>,
    /// The latest attempts, oldest first, at most 50.
    pub attempts: Vec<DeliveryAttempt>,
}

words!(
    /// Where the press office publishes (H3.17).
    PublicationPlace {
        /// The official portal.
        Portal = "portal",
        /// A social network.
        SocialNetwork = "social_network",
        /// A messenger.
        Messenger = "messenger",
    }
);

/// What the press office published of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// Where.
    pub place: PublicationPlace,
    /// Its address. The same address again replaces what was recorded of it.
    #[schema(
        min_length = 10,
        max_length = 500,
        pattern = "^https?://",
        example = "https://customs.example/news/1542"
    )]
    pub address: String,
    /// What stood over it.
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    /// When.
    #[serde(deserialize_with = "crate::instant::read")]
    pub published_at: DateTime<Utc>,
}

words!(
    /// A message by which DG TAXUD rejects another.
    RejectionKind {
        /// A rule or a condition is broken (functional).
        Cd906c = "cd906c",
        /// The XML is not as its schema has it.
        Cd917c = "cd917c",
    }
);

/// One fault that a rejection names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectionFault {
    /// Where: the XPath, or the line and column.
    pub place: String,
    /// The code of the error (CL180 of a CD906C, CL030 of a CD917C).
    pub code: String,
    /// The rule, or the text of the error.
    pub reason: Option<String>,
    /// The value that was found wrong.
    pub value: Option<String>,
}

/// That DG TAXUD rejected a notice. A person must look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rejection {
    /// The identification of the rejection itself.
    pub identification: String,
    /// By which message.
    pub kind: RejectionKind,
    /// When the hub received it.
    pub received_at: DateTime<Utc>,
    /// Its faults, at most 100.
    pub faults: Vec<RejectionFault>,
}

/// A notice with the state of its deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeWithDeliveries {
    /// The notice.
    #[serde(flatten)]
    pub notice: Notice,
    /// Its deliveries, one a recipient.
    pub deliveries: Vec<Delivery>,
    /// What the press office published of it.
    pub publications: Vec<Publication>,
    /// How DG TAXUD rejected it. Its delivery has failed then.
    pub rejections: Vec<Rejection>,
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
