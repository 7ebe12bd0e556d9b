//! What a verification found: every fault, not the first only, and what could not be verified.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::algorithms::Outcome;
use super::verifier::Judged;

/// What stands at the end of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All was verified and holds.
    Valid,
    /// Nothing wrong was found, and something could not be verified. Never to be taken for valid.
    NotVerified,
    /// Something is wrong.
    Invalid,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Valid => "valid",
            Self::NotVerified => "not verified",
            Self::Invalid => "invalid",
        })
    }
}

/// The kind of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Format {
    /// ASiC-E with XAdES: X-Road, DSS, ours.
    #[serde(rename = "ASiC-E")]
    AsicE,
    /// ASiC-S with CAdES: Trembita.
    #[serde(rename = "ASiC-S")]
    AsicS,
}

/// What is wrong, or not known. The names of X-Road's verifier where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Code {
    /// The file is no archive, or one that tricks its reader.
    ContainerUnsafe,
    /// No `mimetype`.
    AsicMimeTypeNotFound,
    /// A `mimetype` of something else.
    AsicInvalidMimeType,
    /// No message.
    AsicMessageNotFound,
    /// No signature.
    AsicSignatureNotFound,
    /// A hash chain without its result.
    AsicHashChainResultNotFound,
    /// The result of a hash chain without the chain.
    AsicHashChainNotFound,
    /// An empty time-stamp.
    AsicTimestampNotFound,
    /// An empty manifest.
    AsicManifestNotFound,
    /// The signature, a time-stamp or what belongs to them is not built as it should be.
    MalformedSignature,
    /// A hash chain points to what is not there, or its digests are not those of the files.
    #[serde(rename = "MalformedSignature.InvalidHashChainRef")]
    InvalidHashChainRef,
    /// A hash chain does not cover all it should.
    #[serde(rename = "MalformedSignature.HashChainUnusedInputs")]
    HashChainUnusedInputs,
    /// A hash chain is not built as it should be.
    #[serde(rename = "MalformedSignature.MalformedHashChain")]
    MalformedHashChain,
    /// The certificate is not the one that signed, or may not sign.
    IncorrectCertificate,
    /// A digest or the value of a signature does not hold.
    InvalidSignatureValue,
    /// SHA-1, or a key that is too short.
    WeakAlgorithm,
    /// The certificate does not lead to a given root at its time.
    InvalidCertificateChain,
    /// The certificate was revoked, or the answer about it does not hold.
    InvalidRevocation,
    /// Not verified: an algorithm that is not at hand.
    AlgorithmNotVerified,
    /// Not verified: no root was given, or no certificate is there.
    ChainNotVerified,
    /// Not verified: nothing says whether the certificate was revoked.
    RevocationNotVerified,
    /// To be known: a file that no signature covers.
    NotCovered,
    /// To be known: nothing proves when the signature was there.
    NoTimestamp,
    /// To be known: a signature was verified by code that is experimental.
    ExperimentalVerifier,
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidHashChainRef | Self::HashChainUnusedInputs | Self::MalformedHashChain => {
                write!(formatter, "MalformedSignature.{self:?}")
            }
            Self::ContainerUnsafe
            | Self::AsicMimeTypeNotFound
            | Self::AsicInvalidMimeType
            | Self::AsicMessageNotFound
            | Self::AsicSignatureNotFound
            | Self::AsicHashChainResultNotFound
            | Self::AsicHashChainNotFound
            | Self::AsicTimestampNotFound
            | Self::AsicManifestNotFound
            | Self::MalformedSignature
            | Self::IncorrectCertificate
            | Self::InvalidSignatureValue
            | Self::WeakAlgorithm
            | Self::InvalidCertificateChain
            | Self::InvalidRevocation
            | Self::AlgorithmNotVerified
            | Self::ChainNotVerified
            | Self::RevocationNotVerified
            | Self::NotCovered
            | Self::NoTimestamp
            | Self::ExperimentalVerifier => write!(formatter, "{self:?}"),
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is.
    pub code: Code,
    /// Where: a file of the container, or a part of one.
    pub place: String,
    /// In words.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, place, text } = self;
        write!(formatter, "{code}: {place}: {text}")
    }
}

/// One signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// The file that it stands in.
    pub file: String,
    /// Who signed: the subject of the certificate.
    pub signer: Option<String>,
    /// The algorithm, by its URI or OID.
    pub algorithm: Option<String>,
    /// When it was made, by the signer's own word.
    pub signed_at: Option<DateTime<Utc>>,
    /// When it was there, by a time-stamp that holds.
    pub stamped_at: Option<DateTime<Utc>>,
    /// The files that it covers, directly or by a hash chain.
    pub covers: Vec<String>,
}

/// All that a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The kind of the container, if it can be told.
    pub format: Option<Format>,
    /// What is wrong, in the order in which X-Road's verifier looks.
    pub faults: Vec<Finding>,
    /// What could not be verified.
    pub not_verified: Vec<Finding>,
    /// What is to be known besides.
    pub remarks: Vec<Finding>,
    /// The signatures.
    pub signatures: Vec<Signed>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self {
            format: None,
            faults: Vec::new(),
            not_verified: Vec::new(),
            remarks: Vec::new(),
            signatures: Vec::new(),
        }
    }

    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if !self.faults.is_empty() {
            Verdict::Invalid
        } else if self.not_verified.is_empty() && !self.signatures.is_empty() {
            Verdict::Valid
        } else {
            Verdict::NotVerified
        }
    }

    pub(super) fn fault(&mut self, code: Code, place: &str, text: impl fmt::Display) {
        add(&mut self.faults, code, place, text);
    }

    pub(super) fn unverified(&mut self, code: Code, place: &str, text: impl fmt::Display) {
        add(&mut self.not_verified, code, place, text);
    }

    /// Notes what became of a signature's value. `text` says of what it is, or nothing; `wrong` is what a
    /// value that does not hold is called. Returns whether it holds.
    pub(super) fn value(&mut self, judged: Judged, wrong: Code, place: &str, text: &str) -> bool {
        let Judged { outcome, caution } = judged;
        if let Some(caution) = caution {
            self.remark(Code::ExperimentalVerifier, place, format!("{text}{caution}"));
        }
        match outcome {
            Outcome::Holds => return true,
            Outcome::Fails(fault) => self.fault(wrong, place, format!("{text}{fault}")),
            Outcome::Weak(fault) => self.fault(Code::WeakAlgorithm, place, format!("{text}{fault}")),
        }
        false
    }

    pub(super) fn remark(&mut self, code: Code, place: &str, text: impl fmt::Display) {
        add(&mut self.remarks, code, place, text);
    }
}

fn add(findings: &mut Vec<Finding>, code: Code, place: &str, text: impl fmt::Display) {
    let finding = Finding { code, place: place.to_owned(), text: text.to_string() };
    if !findings.contains(&finding) {
        findings.push(finding);
    }
}
