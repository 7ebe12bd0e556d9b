//! The exchange of XML documents: what a system hands in as a document with a header, and how that is
//! acknowledged. For those who work in batches and in XML alone, as the systems of customs do.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::{CheckpointCode, Edrpou};
use crate::events::{EventIn, Outcome};
use crate::notices::NoticeKind;
use crate::permits::{DataNumberKind, PermitReportIn, PermitUse, UseCorrectionIn};
use crate::problem::ProblemCode;
use crate::support::words;
use crate::text::Bilingual;

words!(
    /// What a document is about. Each kind is an operation of the contract, with its rights and rules.
    DocumentKind {
        /// Checkpoint events (`record_events`).
        CheckpointEvents = "checkpoint_events",
        /// The uses of a permit, or why there was none (`report_permit`).
        PermitReport = "permit_report",
        /// Transit data to withdraw from NCTS (`state_withdrawal`).
        Withdrawal = "withdrawal",
    }
);

/// A document that a system hands in. As XML it may hold, as its last element, one enveloped XAdES signature over the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeDocument {
    /// Who sends what, when.
    pub header: DocumentHeader,
    /// What is sent: one element, named as the kind.
    pub content: DocumentContent,
}

/// The head of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentHeader {
    /// The EDRPOU code of the organisation that sends it: that of the system that hands it in.
    pub sender: Edrpou,
    /// The document's id in the system that sends it. The same id always stands for the same bytes.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", example = "LVIV-2026-11-22-000017")]
    pub id: String,
    /// What it is about.
    pub kind: DocumentKind,
    /// When it was made (RFC 3339 with offset): at most 120 seconds in the future and 30 days in the past.
    #[serde(deserialize_with = "crate::instant::read")]
    pub created_at: DateTime<Utc>,
}

/// What a document holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentContent {
    /// Checkpoint events.
    CheckpointEvents(CheckpointEvents),
    /// The uses of a permit, or why there was none.
    PermitReport(ReportOfPermit),
    /// Transit data to withdraw from NCTS.
    Withdrawal(StatedWithdrawal),
}

impl DocumentContent {
    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> DocumentKind {
        match self {
            Self::CheckpointEvents(_) => DocumentKind::CheckpointEvents,
            Self::PermitReport(_) => DocumentKind::PermitReport,
            Self::Withdrawal(_) => DocumentKind::Withdrawal,
        }
    }
}

/// Checkpoint events of one checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckpointEvents {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The events: each is judged by itself, and one that is refused does not hold up the others.
    #[schema(min_items = 1, max_items = 1000)]
    pub events: Vec<EventIn>,
}

/// The uses of a permit, or why there was none (H4.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportOfPermit {
    /// The number of the permit.
    #[schema(
        pattern = "^UA-BCP-[0-9]{8}-[0-9]{4}-[0-9]{3,6}-[0-9]$",
        example = "UA-BCP-20261122-0001-001-7"
    )]
    pub permit: String,
    /// The uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 500)]
    pub uses: Vec<PermitUse>,
    /// Uses that were reported with a wrong number or day. They are corrected before the others are added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 500)]
    pub corrections: Vec<UseCorrectionIn>,
    /// Why the permit was not used; then it is complete, and there are no uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub not_used_because: Option<String>,
    /// Whether this is all. It ends the permit and closes the ticket.
    pub complete: bool,
}

impl ReportOfPermit {
    /// The number of the permit, and the report as the operation takes it.
    #[must_use]
    pub fn into_parts(self) -> (String, PermitReportIn) {
        let Self { permit, uses, corrections, not_used_because, complete } = self;
        (permit, PermitReportIn { uses, corrections, not_used_because, complete })
    }
}

/// Transit data that must be withdrawn from NCTS, or was (H4.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatedWithdrawal {
    /// The request whose procedure it belongs to.
    pub request: Uuid,
    /// Which number the data has.
    pub kind: DataNumberKind,
    /// The LRN or MRN.
    #[schema(min_length = 1, max_length = 22, example = "26UA408050000042L4")]
    pub number: String,
    /// When it was withdrawn; left out: it still must be.
    #[serde(
        default,
        deserialize_with = "crate::instant::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub withdrawn_at: Option<DateTime<Utc>>,
}

words!(
    /// What became of a document.
    DocumentOutcome {
        /// All of it took effect.
        Accepted = "accepted",
        /// Some of its events were refused; the others took effect.
        AcceptedInPart = "accepted_in_part",
        /// Nothing of it took effect.
        Refused = "refused",
    }
);

/// What the hub says of a document. Signed with XAdES, as a document of the hub is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// The id of the document. Left out: none could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// What it is about, if that could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DocumentKind>,
    /// SHA-256 of the bytes that came, in lower-case hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// SHA-256 of the certificate whose signature over the document holds. Left out: there was no signature that holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub signed_by: Option<String>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// Whether the document is recorded. If so, its id is taken; if not, mend it and send it again.
    pub recorded: bool,
    /// What became of it.
    pub outcome: DocumentOutcome,
    /// One entry for each of its events, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<AcknowledgedEvent>,
    /// All that is wrong with it, with its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<DocumentFault>,
}

/// What became of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgedEvent {
    /// The event's id, as far as it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Its position in the checkpoint's journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// The crossing that it was placed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossing: Option<Uuid>,
}

/// Something that is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentFault {
    /// The stable code. Programs decide by it.
    pub code: ProblemCode,
    /// What the code means.
    pub title: Bilingual,
    /// What is wrong here and what to change.
    pub detail: String,
    /// The place, as far as it has one.
    #[serde(flatten)]
    pub place: DocumentPlace,
}

impl DocumentFault {
    /// A fault at a place.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>, place: DocumentPlace) -> Self {
        let title = Bilingual { uk: code.title_uk().to_owned(), en: code.title_en().to_owned() };
        Self { code, title, detail: detail.into(), place }
    }
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct DocumentPlace {
    /// The XPath of the element, by names without prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "/exchange_document/content/checkpoint_events/events/event[2]/kind")]
    pub path: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub line: Option<u32>,
    /// The column, from 1, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub column: Option<u32>,
}

words!(
    /// What a document of the hub is.
    OutgoingKind {
        /// The acknowledgement of a document that the system handed in.
        Acknowledgement = "acknowledgement",
        /// A notice of an outage or a permit.
        Notice = "notice",
    }
);

/// A document of the hub that waits in the inbox of a system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InboxEntry {
    /// What it is.
    pub kind: OutgoingKind,
    /// Of an acknowledgement the id of the acknowledged document; of a notice its own.
    pub id: String,
    /// Where it is fetched.
    #[schema(example = "/api/v1/exchange/documents/LVIV-2026-11-22-000017/acknowledgement")]
    pub address: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Of an acknowledgement: what became of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<DocumentOutcome>,
    /// Of a notice: what it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeKind>,
}

/// A page of an inbox: acknowledgements first, then notices, each in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    /// The documents after the given place.
    pub items: Vec<InboxEntry>,
    /// Give it as `after` to read on, also when there was nothing new.
    #[schema(pattern = "^[0-9]{1,18}-[0-9]{1,18}$", example = "12-41")]
    pub next: String,
}
