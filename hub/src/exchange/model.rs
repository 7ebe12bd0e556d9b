//! Documents: the facts.

use chrono::{DateTime, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::exchange::{Acknowledgement, DocumentFault, DocumentHeader};
use kordon_schemas::permits::{DataToWithdraw, PermitReportIn};
use kordon_schemas::read::DocumentPlaces;

use crate::crossings::Fact;
use crate::permits::RequestId;

/// A document that came and can be read.
#[derive(Debug)]
pub struct Incoming {
    /// Who sends what, when.
    pub header: DocumentHeader,
    /// The document, byte for byte.
    pub content: Vec<u8>,
    /// The charset that its wrapping named.
    pub charset: Option<String>,
    /// The signature over it, which holds.
    pub signature: Option<DocumentSignature>,
    /// What it asks for.
    pub act: Act,
    /// Where its elements stand.
    pub places: DocumentPlaces,
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSignature {
    /// SHA-256 of the certificate (DER), lower-case hex.
    pub certificate: String,
    /// When it was made, as the signer says.
    pub signed_at: DateTime<Utc>,
}

/// What a document asks for. The right to it was asked for before.
#[derive(Debug)]
pub enum Act {
    /// To record events.
    Events {
        /// Where. It exists.
        checkpoint: CheckpointCode,
        /// What each event states, or why it is refused.
        items: Vec<Result<Fact, RefusedEvent>>,
    },
    /// To record the uses of a permit.
    PermitReport {
        /// Its number.
        permit: String,
        /// The uses, or why there was none.
        report: PermitReportIn,
    },
    /// To record transit data to withdraw.
    Withdrawal {
        /// The request that it belongs to.
        request: RequestId,
        /// Its number, and when it was withdrawn.
        data: DataToWithdraw,
    },
}

/// An event that states nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedEvent {
    /// Its id, where one could be read.
    pub id: Option<String>,
    /// Why.
    pub faults: Vec<DocumentFault>,
}

/// What is kept of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What became of it.
    pub acknowledgement: Acknowledgement,
    /// The acknowledgement as it was first given out; none until then.
    pub written: Option<Vec<u8>>,
    /// Whether it came for the first time.
    pub is_new: bool,
}
