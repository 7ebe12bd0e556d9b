//! The facts about notices and their deliveries.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use kordon_schemas::notices as wire;
pub use kordon_schemas::notices::{AttemptOutcome, DeliveryState, NoticeKind, Recipient, ToldPermit};
use kordon_schemas::press_texts::PressTexts;
use uuid::Uuid;

use super::subscribers::SubscriberName;
use crate::outages::{OutageId, Told};
use crate::permits::RequestId;

/// The id of a notice, a UUIDv7. It is the same at every attempt, so a recipient knows a repeat when it sees
/// one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoticeId(pub Uuid);

impl NoticeId {
    /// A new id.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for NoticeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Whom a notice is sent to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Addressee {
    /// One of those whom the order names.
    Fixed(Recipient),
    /// A subscriber.
    Subscriber(SubscriberName),
}

/// What stands before the name of a subscriber in the records.
const SUBSCRIBER: &str = "trembita:";

impl Addressee {
    /// The word for it in the records, the log and the metrics.
    #[must_use]
    pub fn key(&self) -> Cow<'static, str> {
        match self {
            Self::Fixed(recipient) => Cow::Borrowed(recipient.as_str()),
            Self::Subscriber(name) => Cow::Owned(format!("{SUBSCRIBER}{name}")),
        }
    }

    /// Reads such a word.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        match key.strip_prefix(SUBSCRIBER) {
            Some(name) => SubscriberName::parse(name).map(Self::Subscriber),
            None => Recipient::FIXED.into_iter().find(|own| own.as_str() == key).map(Self::Fixed),
        }
    }

    /// As it stands on the wire.
    #[must_use]
    pub fn on_the_wire(self) -> (Recipient, Option<String>) {
        match self {
            Self::Fixed(recipient) => (recipient, None),
            Self::Subscriber(name) => (Recipient::Trembita, Some(name.to_string())),
        }
    }
}

impl From<Recipient> for Addressee {
    fn from(recipient: Recipient) -> Self {
        Self::Fixed(recipient)
    }
}

/// A notice: one change of an outage, and the whole outage as told then. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// Its place in the feed of all notices, from 1 without gaps.
    pub position: i64,
    /// The outage that it tells of.
    pub outage_id: OutageId,
    /// Counts the notices of that outage, from 1.
    pub number: i32,
    /// What happened to the outage.
    pub kind: NoticeKind,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// The outage as told.
    pub told: Told,
}

/// A notice of a permit: what happened to it, and the permit as told then, without the trader. It never
/// changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermitNotice {
    /// Its id.
    pub id: NoticeId,
    /// Its place in the feed of all notices.
    pub position: i64,
    /// The request whose permit it tells of.
    pub request: RequestId,
    /// Counts the notices of that permit, from 1.
    pub number: i32,
    /// What happened to the permit.
    pub kind: NoticeKind,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// The permit as told.
    pub told: ToldPermit,
}

/// A notice of either kind, as it stands in the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AnyNotice {
    /// Of an outage.
    Outage(Notice),
    /// Of a permit.
    Permit(PermitNotice),
}

impl AnyNotice {
    /// The lane that it goes in, and its number there.
    pub(super) const fn place(&self) -> (Uuid, i32) {
        match self {
            Self::Outage(notice) => (notice.outage_id.0, notice.number),
            Self::Permit(notice) => (notice.request.0, notice.number),
        }
    }

    pub(super) const fn id(&self) -> NoticeId {
        match self {
            Self::Outage(notice) => notice.id,
            Self::Permit(notice) => notice.id,
        }
    }

    pub(super) const fn position(&self) -> i64 {
        match self {
            Self::Outage(notice) => notice.position,
            Self::Permit(notice) => notice.position,
        }
    }
}

impl From<Notice> for wire::Notice {
    fn from(notice: Notice) -> Self {
        let Notice { id, position, outage_id, number, kind, created_at, told } = notice;
        Self {
            id: id.0,
            position,
            outage_id: Some(outage_id.0),
            permit_request_id: None,
            number,
            kind,
            created_at,
            outage: Some(told),
            permit: None,
        }
    }
}

impl From<PermitNotice> for wire::Notice {
    fn from(notice: PermitNotice) -> Self {
        let PermitNotice { id, position, request, number, kind, created_at, told } = notice;
        Self {
            id: id.0,
            position,
            outage_id: None,
            permit_request_id: Some(request.0),
            number,
            kind,
            created_at,
            outage: None,
            permit: Some(told),
        }
    }
}

impl From<AnyNotice> for wire::Notice {
    fn from(notice: AnyNotice) -> Self {
        match notice {
            AnyNotice::Outage(notice) => notice.into(),
            AnyNotice::Permit(notice) => notice.into(),
        }
    }
}

/// What a channel is handed: a notice, and what its recipient knows already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// The notice to deliver.
    pub notice: Notice,
    /// The outage as this recipient was last told, that is as in the latest earlier notice that it took;
    /// `None` when it has taken none.
    pub previous: Option<Told>,
    /// The words that a person put for the press office; `None`: those of the template.
    pub press_text: Option<PressTexts>,
    /// Counts the attempts for this notice and recipient, from 1.
    pub attempt: i32,
}

/// What a channel is handed of a permit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermitDispatch {
    /// The notice to deliver.
    pub notice: PermitNotice,
    /// The e-mail address of a departure office or a trader. Personal data: it is in no record of attempts.
    pub address: Option<String>,
    /// Counts the attempts for this notice and recipient, from 1.
    pub attempt: i32,
}

/// What a recipient is still owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxStanding {
    /// To whom.
    pub recipient: Addressee,
    /// Deliveries not yet taken.
    pub pending: i64,
    /// When the oldest of them was recorded.
    pub oldest_pending_at: Option<DateTime<Utc>>,
    /// Deliveries of the last 30 days that were refused for good. An alarm stands on this number, and it has
    /// to end.
    pub failed: i64,
}
