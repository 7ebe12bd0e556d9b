//! Why a signed message is refused. The sender is told enough to mend the form of its message, and of what it
//! can't mend (a value that does not hold, a certificate that is not believed) no more than that: the exact
//! cause is for the log.

use crate::trembita::xml::escaped;

use super::{WSSE, WSU};

/// Why, for the log and the metrics. The list is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// There is no signature where one is required.
    Missing,
    /// The Security header is not as the profile has it.
    Structure,
    /// The token is no X.509 v3 certificate.
    Token,
    /// An algorithm or transform that is not allowed, SHA-1 among them.
    Algorithm,
    /// An Id stands twice.
    Ambiguous,
    /// Something is signed that is not acted on.
    Reference,
    /// Something that is acted on is not signed.
    Unsigned,
    /// A digest or the signature does not hold.
    Value,
    /// The certificate leads to no authority that is trusted for signatures.
    Untrusted,
    /// The certificate has ended or has not begun.
    Expired,
    /// The certificate was revoked, or no current list says that it was not.
    Revoked,
    /// The certificate is bound to no system, or its system does not sign messages.
    Unbound,
    /// The message names a client that is another system.
    Client,
    /// Created too long ago or in the future, or expired.
    Stale,
    /// It was received before.
    Replayed,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Missing,
        Self::Structure,
        Self::Token,
        Self::Algorithm,
        Self::Ambiguous,
        Self::Reference,
        Self::Unsigned,
        Self::Value,
        Self::Untrusted,
        Self::Expired,
        Self::Revoked,
        Self::Unbound,
        Self::Client,
        Self::Stale,
        Self::Replayed,
    ];

    /// Its name in the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Structure => "structure",
            Self::Token => "token",
            Self::Algorithm => "algorithm",
            Self::Ambiguous => "ambiguous",
            Self::Reference => "reference",
            Self::Unsigned => "unsigned",
            Self::Value => "value",
            Self::Untrusted => "untrusted",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Unbound => "unbound",
            Self::Client => "client",
            Self::Stale => "stale",
            Self::Replayed => "replayed",
        }
    }

    /// The code of the fault (WS-Security 1.1, 12).
    #[must_use]
    pub const fn fault_code(self) -> &'static str {
        match self {
            Self::Missing
            | Self::Structure
            | Self::Ambiguous
            | Self::Reference
            | Self::Unsigned
            | Self::Replayed => "wsse:InvalidSecurity",
            Self::Token => "wsse:UnsupportedSecurityToken",
            Self::Algorithm => "wsse:UnsupportedAlgorithm",
            Self::Value => "wsse:FailedCheck",
            Self::Untrusted | Self::Expired | Self::Revoked | Self::Unbound | Self::Client => {
                "wsse:FailedAuthentication"
            }
            Self::Stale => "wsu:MessageExpired",
        }
    }

    /// What the sender is told where the exact cause is not for it.
    const fn public(self) -> Option<&'static str> {
        match self {
            Self::Value => Some("the signature does not hold"),
            Self::Untrusted | Self::Expired | Self::Revoked | Self::Unbound | Self::Client => {
                Some("the certificate of the signature stands for no system that may ask here")
            }
            Self::Missing
            | Self::Structure
            | Self::Token
            | Self::Algorithm
            | Self::Ambiguous
            | Self::Reference
            | Self::Unsigned
            | Self::Stale
            | Self::Replayed => None,
        }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {cause}", .reason.as_str())]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The exact cause, for the log.
    pub cause: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(reason: Reason, cause: impl ToString) -> Self {
        Self { reason, cause: cause.to_string() }
    }

    /// What the sender is told.
    #[must_use]
    pub fn told(&self) -> &str {
        self.reason.public().unwrap_or(&self.cause)
    }

    /// The fault as an envelope. `detail` is an id to look for in the log.
    #[must_use]
    pub fn envelope(&self, detail: &str) -> String {
        format!(
            concat!(
                r#"<?xml version="1.0" encoding="UTF-8"?>"#,
                r#"<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsse="{wsse}" xmlns:wsu="{wsu}">"#,
                "<SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring><faultactor/>",
                "<detail><faultDetail>{detail}</faultDetail></detail></SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"
            ),
            wsse = WSSE,
            wsu = WSU,
            code = self.reason.fault_code(),
            text = escaped(self.told()),
            detail = escaped(detail),
        )
    }
}
