//! How asking fails. What matters to whoever asked: whether the act may have been carried out all the same.

use crate::trembita::soap::faults::{FaultCode, Origin, Refusal, SoapFault};
use crate::trembita::soap::request_hash::HashFault;

/// Why there is no answer that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallFault {
    /// The question can't be sent as it is; nothing was.
    #[error("the question can't be sent: {0}")]
    Question(String),
    /// No connection was made; nothing was sent.
    #[error("the security server was not reached: {0}")]
    NotReached(String),
    /// It was sent, and no whole answer came.
    #[error("no answer came: {0}")]
    NoAnswer(String),
    /// The answer is larger than the settings take.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// It leads elsewhere, where nobody goes.
    #[error("the answer leads elsewhere (HTTP {0}); it is not followed")]
    Redirected(u16),
    /// An error of HTTP that says nothing in the protocol's words.
    #[error("HTTP {status}: {beginning}")]
    Http {
        /// The status.
        status: u16,
        /// How the text begins.
        beginning: String,
    },
    /// The answer is no message of the protocol.
    #[error("the answer can't be read: {}", .0.text)]
    Unreadable(Refusal),
    /// The answer is not to this question: these are not as they were asked.
    #[error("the answer is to another question: {} differ", .0.join(", "))]
    Mismatch(Vec<&'static str>),
    /// The hash of the request does not prove it.
    #[error(transparent)]
    Hash(#[from] HashFault),
    /// The protocol's own fault, by whoever on the way raised it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A fault of a security server, or of the service behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{written}: {text}")]
pub struct Fault {
    /// Who is at fault, if the code says so.
    pub origin: Option<Origin>,
    /// What is wrong.
    pub code: FaultCode,
    /// The code as it was written.
    pub written: String,
    /// What is wrong, in words.
    pub text: String,
    /// An id to look for in the log of whoever raised it.
    pub detail: Option<String>,
}

impl Fault {
    /// A fault of its parts.
    #[must_use]
    pub fn of(written: &str, text: impl Into<String>, detail: Option<String>) -> Self {
        let (origin, code) = FaultCode::understood(written);
        let detail = detail.filter(|detail| !detail.trim().is_empty());
        Self { origin, code, written: written.to_owned(), text: text.into(), detail }
    }
}

impl From<SoapFault> for Fault {
    fn from(fault: SoapFault) -> Self {
        let SoapFault { code, string, actor: _, detail } = fault;
        Self::of(&code, string, detail)
    }
}

impl CallFault {
    /// Whether the service may have done what was asked, though no answer counts. An act is not asked again
    /// on the mere hope that it was not.
    #[must_use]
    pub fn may_have_been_done(&self) -> bool {
        match self {
            Self::Question(_) | Self::NotReached(_) => false,
            Self::NoAnswer(_)
            | Self::TooLarge(_)
            | Self::Redirected(_)
            | Self::Http { .. }
            | Self::Unreadable(_)
            | Self::Mismatch(_)
            | Self::Hash(_) => true,
            // Whoever refuses a question has not passed it on, unless it says that the service itself failed
            // at it.
            Self::Fault(fault) => !matches!(
                (fault.origin, &fault.code),
                (Some(Origin::Client), _)
                    | (
                        Some(Origin::ClientProxy | Origin::ServerProxy),
                        FaultCode::AccessDenied
                            | FaultCode::UnknownMember
                            | FaultCode::UnknownService
                            | FaultCode::ServiceDisabled
                            | FaultCode::ServiceType
                            | FaultCode::MaintenanceMode
                            | FaultCode::OutdatedGlobalConf
                            | FaultCode::SslAuthenticationFailed
                    )
            ),
        }
    }
}
