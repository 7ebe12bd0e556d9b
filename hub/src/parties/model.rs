//! Organisations, systems, roles and credentials: the facts.

use std::fmt;

use chrono::{DateTime, Utc};
use kordon_schemas::{CheckpointCode, Edrpou};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[doc = $doc:literal])* $name:ident) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, ordered by time (UUIDv7).
            #[must_use]
            #[expect(clippy::new_without_default, reason = "two defaults would differ")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

id!(
    /// An organisation's id.
    OrganisationId
);
id!(
    /// A system's id.
    SystemId
);
id!(
    /// A credential's id.
    CredentialId
);

/// In which duty a system acts. What a role may do is listed with each operation of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The State Border Guard Service, central and at checkpoints (Q31).
    BorderGuard,
    /// The State Customs Service, central and at checkpoints (Q32).
    Customs,
    /// Runs the queue at a checkpoint (Q34).
    QueueOperator,
    /// Runs a waiting zone (Q23).
    ZoneOperator,
    /// The National Police in the zones (Q33).
    Police,
    /// A ministry that needs figures (Q26 to Q30).
    Ministry,
    /// The support service's first line (H3.2).
    #[serde(rename = "support_line_1")]
    SupportLine1,
    /// The second line (H3.3).
    #[serde(rename = "support_line_2")]
    SupportLine2,
    /// The third line: outside contractors (H3.4).
    #[serde(rename = "support_line_3")]
    SupportLine3,
    /// A customs office where transit declarations are lodged (H4.2).
    DepartureOffice,
    /// A holder of the transit procedure or its representative.
    Trader,
    /// Publishes notices (H3.17).
    PressOffice,
    /// DG TAXUD's side of the exchange (H3.16).
    Taxud,
    /// Runs the hub itself.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 14] = [
        Self::BorderGuard,
        Self::Customs,
        Self::QueueOperator,
        Self::ZoneOperator,
        Self::Police,
        Self::Ministry,
        Self::SupportLine1,
        Self::SupportLine2,
        Self::SupportLine3,
        Self::DepartureOffice,
        Self::Trader,
        Self::PressOffice,
        Self::Taxud,
        Self::Administrator,
    ];

    /// The role's name on the wire, in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BorderGuard => "border_guard",
            Self::Customs => "customs",
            Self::QueueOperator => "queue_operator",
            Self::ZoneOperator => "zone_operator",
            Self::Police => "police",
            Self::Ministry => "ministry",
            Self::SupportLine1 => "support_line_1",
            Self::SupportLine2 => "support_line_2",
            Self::SupportLine3 => "support_line_3",
            Self::DepartureOffice => "departure_office",
            Self::Trader => "trader",
            Self::PressOffice => "press_office",
            Self::Taxud => "taxud",
            Self::Administrator => "administrator",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The code of a waiting zone, as its operator and the checkpoint's rules name it: 1 to 40 capital letters,
/// digits, hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zone(pub String);

/// Where a system may act. `None` sets no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The checkpoints that it is limited to.
    pub checkpoints: Option<Vec<CheckpointCode>>,
    /// The waiting zones that it is limited to.
    pub zones: Option<Vec<Zone>>,
}

/// Who is acting: a system, in its role, within its scope. Every service takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The system.
    pub system: SystemId,
    /// Its role.
    pub role: Role,
    /// Where it may act.
    pub scope: Scope,
}

/// A legal entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its code in the state register.
    pub edrpou: Edrpou,
    /// Its name.
    pub name: String,
}

/// A system of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its id.
    pub id: SystemId,
    /// Whose it is.
    pub organisation: Organisation,
    /// Its name, unique within the organisation.
    pub name: String,
    /// The role it acts in.
    pub role: Role,
    /// Where it may act.
    pub scope: Scope,
    /// Whether it signs its messages.
    pub signatures: SignaturePolicy,
}

/// A system to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSystem {
    /// The code of its organisation.
    pub edrpou: Edrpou,
    /// The organisation's name, used when the organisation is new.
    pub organisation_name: String,
    /// The system's name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Where it may act.
    pub scope: Scope,
}

/// Whether a system signs its messages. It is about those that ask the hub directly: what comes through a
/// security server of Trembita is signed by the security servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SignaturePolicy {
    /// It is not taken at its signature.
    #[default]
    None,
    /// It may sign, and is taken at its signature as at its token or the certificate of its connection.
    Optional,
    /// It is taken at nothing else.
    Required,
}

impl SignaturePolicy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Optional, Self::Required];

    /// Its name in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    /// The policy of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == name)
    }
}

/// What kind of proof a credential is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// A bearer token.
    Token,
    /// A client certificate, by its fingerprint.
    CertificateFingerprint,
    /// Any client certificate with a subject.
    CertificateSubject,
    /// A member of Trembita, by its identifier.
    TrembitaMember,
}

impl CredentialKind {
    /// Its name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::CertificateFingerprint => "certificate_fingerprint",
            Self::CertificateSubject => "certificate_subject",
            Self::TrembitaMember => "trembita_member",
        }
    }
}

/// What a system proves itself with. The proof itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its id, to revoke it by.
    pub id: CredentialId,
    /// Whose it is.
    pub system: SystemId,
    /// What kind of proof.
    pub kind: CredentialKind,
    /// Since when it is good.
    pub issued_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}
