//! Messages that their sender signs, for those who ask without a security server. The signature
//! authenticates: its certificate is bound to a system as that of a connection is, and whether a system signs
//! is a policy of the system. Every answer to a signed message is signed.
//!
//! - `beside`: where signatures are made, of these answers and of all others.
//! - `http`: requests of REST (RFC 9421).
//! - [`settings`]: whose certificates are believed, and for how long a message is taken.

pub(crate) mod beside;
pub(crate) mod http;
pub mod settings;

use std::sync::Arc;

use actix_web::{HttpMessage, HttpRequest, web};
use chrono::{DateTime, Utc};
use kordon_adapters::keys::{KeyRing, Signer};
use kordon_adapters::trembita::security::{Authorities, BelievedCertificate, Reason, Refusal, Window};
use kordon_hub::parties::Actor;
use kordon_hub::parties::authentication::VerifiedCertificate;
use kordon_hub::{Error, Result};

pub use settings::SignatureSettings;

use crate::Hub;
use crate::limits;
use crate::problem::Failure;
use crate::trembita::SOAP_ADDRESS;

/// By which way a signed message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// WS-Security.
    Soap,
    /// RFC 9421.
    Http,
    /// XAdES, in a document of the exchange.
    Document,
}

impl Way {
    /// Its name in the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Soap => "soap",
            Self::Http => "http",
            Self::Document => "document",
        }
    }
}

/// Whose signatures are believed, and with which key the hub signs.
#[derive(Debug)]
pub struct Signatures {
    /// Whose certificates are believed.
    pub authorities: Authorities,
    /// For how long a message is taken.
    pub window: Window,
    /// The hosts that the hub is asked as, with their ports where these are not the usual ones; empty: any.
    pub hosts: Vec<String>,
    /// With what the hub signs its answers.
    pub keys: KeyRing,
}

/// Who signed a request. It is noted when the signature was verified, and by nothing else.
#[derive(Debug, Clone)]
pub(crate) struct SignedBy(pub(crate) VerifiedCertificate);

impl SignedBy {
    /// Who signed a request, if it was signed.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }
}

/// Whether a request may bring a signature. Whether it does is seen when it is read, and counted then.
pub(crate) fn brings_signature(request: &HttpRequest) -> bool {
    let is_set = request.app_data::<web::Data<Signatures>>().is_some();
    is_set && (request.path() == SOAP_ADDRESS || request.headers().contains_key("signature-input"))
}

/// Why a signed message is not taken.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// Its signature is not good.
    Refused(Refusal),
    /// The hub can't tell now.
    Failed(Error),
}

impl From<Refusal> for NotTaken {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for NotTaken {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Signatures {
    /// The signatures that a server was set up for, if it was.
    pub(crate) fn of(request: &HttpRequest) -> Option<web::Data<Self>> {
        request.app_data::<web::Data<Self>>().cloned()
    }

    /// The key that signs now.
    ///
    /// # Errors
    /// [`Error::Internal`] when no certificate holds.
    pub(crate) fn key(&self, now: DateTime<Utc>) -> Result<Arc<dyn Signer>> {
        self.keys.signing(now).cloned()
    }

    /// Takes a message whose signature holds: finds who it is from, and notes that it came, so that it is not
    /// taken again.
    pub(crate) async fn take(
        &self,
        hub: &Hub,
        http: &HttpRequest,
        taken: &Taken<'_>,
    ) -> std::result::Result<Arc<Actor>, NotTaken> {
        let Taken { signer, created, digest, is_of } = taken;
        let certificate = &signer.verified;
        let now = hub.clock.now();
        let actor = hub.authentication.by_signature(certificate, now).await?;
        let actor = actor.ok_or_else(|| {
            let cause =
                format!("the certificate {} is bound to no system that signs", certificate.fingerprint);
            Refusal::new(Reason::Unbound, cause)
        })?;
        if let Some(member) = is_of {
            let named = hub.authentication.by_member(member, now).await?;
            if named.is_none_or(|named| named.system != actor.system) {
                let cause = format!("the client {member} is not bound to the system {}", actor.system);
                return Err(Refusal::new(Reason::Client, cause).into());
            }
        }
        if !hub.signed_messages.receive(digest, self.window.ends(*created)).await? {
            return Err(Refusal::new(Reason::Replayed, "this very message was received before").into());
        }
        http.extensions_mut().insert(SignedBy(certificate.clone()));
        Ok(actor)
    }
}

/// What of a message decides whether it is taken.
pub(crate) struct Taken<'message> {
    /// Whose signature holds.
    pub(crate) signer: &'message BelievedCertificate,
    /// When it was made.
    pub(crate) created: DateTime<Utc>,
    /// What tells the message from every other.
    pub(crate) digest: &'message [u8; 32],
    /// The member that it names as its client, which has to be of the same system.
    pub(crate) is_of: Option<&'message kordon_hub::parties::Member>,
}

/// Counts and logs a refusal; who is refused too often is told so instead.
pub(crate) fn note_refusal(
    hub: &Hub,
    http: &HttpRequest,
    way: Way,
    refusal: &Refusal,
) -> std::result::Result<(), Failure> {
    let reason = refusal.reason.as_str();
    tracing::info!(way = way.as_str(), reason, cause = refusal.cause, "a signed message was refused");
    hub.metrics.count_signature(way, reason);
    limits::count_stranger(http, hub.clock.now())
}
