//! From a credential to an actor. The answer is remembered for a few seconds, so that a thousand events a
//! second do not ask the database a thousand times who sent them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kordon_schemas::ProblemCode;
use moka::future::Cache;

use super::model::{Actor, CredentialKind, SignaturePolicy, SystemId};
use super::store::Bound;
use super::{Member, Token, store};
use crate::database::Database;
use crate::error::{Error, Result};

/// How long an answer is remembered: a revoked credential stops working within this time.
pub const MEMORY: Duration = Duration::from_secs(5);

/// Answers remembered at once. Unknown credentials are remembered too, so this bounds what a guesser can
/// fill.
const CAPACITY: u64 = 10_000;

/// A client certificate that the TLS layer has verified against the configured authorities.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifiedCertificate {
    /// SHA-256 over the DER form, lower-case hex.
    pub fingerprint: String,
    /// Its subject, as `/C=UA/O=…/CN=…`.
    pub subject: String,
}

/// What a system is told that is taken at its signature alone.
const SIGNS: &str = "this system signs its messages, and this one is not signed";

/// What the database said of a credential.
#[derive(Clone)]
struct Answer {
    bound: Option<Bound>,
    /// Until when it is remembered.
    until: Instant,
}

/// Whom a token is remembered to be of, and how long that may be believed without asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remembered {
    /// The system.
    pub system: SystemId,
    /// Until when the answer is remembered: what revokes a token is heard by then.
    pub until: Instant,
    /// Until when the token is good.
    pub expires_at: DateTime<Utc>,
}

/// Finds the actor behind a credential.
#[derive(Clone)]
pub struct Authentication {
    database: Database,
    memory: Cache<(CredentialKind, String), Answer>,
    certificates: Cache<String, Option<Arc<[u8]>>>,
}

impl Authentication {
    /// Authentication against the credentials in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        let memory = Cache::builder().max_capacity(CAPACITY).time_to_live(MEMORY).build();
        let certificates = Cache::builder().max_capacity(CAPACITY).time_to_live(MEMORY).build();
        Self { database, memory, certificates }
    }

    /// The actor behind a bearer token.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database is away and the answer is not remembered; [`Error::Refused`]
    /// when the system is taken at its signature alone.
    pub async fn by_token(&self, token: &Token, now: DateTime<Utc>) -> Result<Option<Arc<Actor>>> {
        unsigned(self.by(CredentialKind::Token, token.hash(), now).await?)
    }

    /// Whom a bearer token is remembered to be of, for those who keep an answer to its holder:
    /// [`Self::by_token`] was asked a moment ago. None when it is not remembered, or would not be taken.
    pub async fn remembered(&self, token: &Token, now: DateTime<Utc>) -> Option<Remembered> {
        let Answer { bound, until } = self.memory.get(&(CredentialKind::Token, token.hash())).await?;
        let Bound { actor, signatures, expires_at } = bound.filter(|bound| now < bound.expires_at)?;
        match signatures {
            SignaturePolicy::Required => None,
            SignaturePolicy::None | SignaturePolicy::Optional => {
                Some(Remembered { system: actor.system, until, expires_at })
            }
        }
    }

    /// The actor behind a verified client certificate: by its fingerprint, else by its subject.
    ///
    /// # Errors
    /// As [`Self::by_token`].
    pub async fn by_certificate(
        &self,
        certificate: &VerifiedCertificate,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Actor>>> {
        unsigned(self.bound_to(certificate, now).await?)
    }

    /// The actor behind a message that was signed with the key of a certificate, if its system signs
    /// messages. Whether the signature holds is decided before. The certificate is found by its fingerprint
    /// alone: those who are believed for signatures may be partners with certificates of their own, and one
    /// that may issue could issue any subject.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database is away and the answer is not remembered.
    pub async fn by_signature(
        &self,
        certificate: &VerifiedCertificate,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Actor>>> {
        let VerifiedCertificate { fingerprint, subject: _ } = certificate;
        let bound = self.by(CredentialKind::CertificateFingerprint, fingerprint.clone(), now).await?;
        Ok(bound.and_then(|bound| match bound.signatures {
            SignaturePolicy::None => None,
            SignaturePolicy::Optional | SignaturePolicy::Required => Some(bound.actor),
        }))
    }

    /// The actor behind a bearer token and whether it signs, for a message that brings its own signature or
    /// is to bring one: whoever calls this judges that.
    ///
    /// # Errors
    /// As [`Self::by_signature`].
    pub async fn sender_by_token(
        &self,
        token: &Token,
        now: DateTime<Utc>,
    ) -> Result<Option<(Arc<Actor>, SignaturePolicy)>> {
        Ok(self.by(CredentialKind::Token, token.hash(), now).await?.map(Bound::sender))
    }

    /// The same behind a certificate.
    ///
    /// # Errors
    /// As [`Self::by_signature`].
    pub async fn sender_by_certificate(
        &self,
        certificate: &VerifiedCertificate,
        now: DateTime<Utc>,
    ) -> Result<Option<(Arc<Actor>, SignaturePolicy)>> {
        Ok(self.bound_to(certificate, now).await?.map(Bound::sender))
    }

    /// The same behind a member of Trembita.
    ///
    /// # Errors
    /// As [`Self::by_signature`].
    pub async fn sender_by_member(
        &self,
        member: &Member,
        now: DateTime<Utc>,
    ) -> Result<Option<(Arc<Actor>, SignaturePolicy)>> {
        let bound = self.by(CredentialKind::TrembitaMember, member.to_string(), now).await?;
        Ok(bound.map(Bound::sender))
    }

    /// The certificate (DER) of a fingerprint, if it was bound with itself.
    ///
    /// # Errors
    /// As [`Self::by_signature`].
    pub async fn certificate(&self, fingerprint: &str) -> Result<Option<Arc<[u8]>>> {
        let database = &self.database;
        let find = async move {
            let mut connection = database.connection().await?;
            let found = store::find_certificate(&mut connection, fingerprint).await?;
            Ok(found.map(Arc::from))
        };
        self.certificates.try_get_with_by_ref(fingerprint, find).await.map_err(Arc::<Error>::unwrap_or_clone)
    }

    async fn bound_to(&self, certificate: &VerifiedCertificate, now: DateTime<Utc>) -> Result<Option<Bound>> {
        let VerifiedCertificate { fingerprint, subject } = certificate;
        match self.by(CredentialKind::CertificateFingerprint, fingerprint.clone(), now).await? {
            Some(bound) => Ok(Some(bound)),
            None => self.by(CredentialKind::CertificateSubject, subject.clone(), now).await,
        }
    }

    /// The actor behind a member of Trembita. Whether the connection may name one is decided before.
    ///
    /// # Errors
    /// As [`Self::by_signature`].
    pub async fn by_member(&self, member: &Member, now: DateTime<Utc>) -> Result<Option<Arc<Actor>>> {
        let bound = self.by(CredentialKind::TrembitaMember, member.to_string(), now).await?;
        Ok(bound.map(|bound| bound.actor))
    }

    async fn by(
        &self,
        kind: CredentialKind,
        identifier: String,
        now: DateTime<Utc>,
    ) -> Result<Option<Bound>> {
        let key = (kind, identifier);
        let known = match self.memory.get(&key).await {
            Some(known) => known,
            None => Box::pin(self.look_up(key)).await?,
        };
        Ok(known.bound.filter(|bound| now < bound.expires_at))
    }

    /// Asks the database once for all who want to know the same.
    async fn look_up(&self, key: (CredentialKind, String)) -> Result<Answer> {
        let (kind, identifier) = &key;
        let found = async {
            // Counted from the question: the token may be revoked while it is answered.
            let until = Instant::now() + MEMORY;
            let mut connection = self.database.connection().await?;
            let bound = store::find_actor(&mut connection, *kind, identifier).await?;
            Ok(Answer { bound, until })
        };
        let known = self.memory.try_get_with_by_ref(&key, found).await;
        known.map_err(Arc::<Error>::unwrap_or_clone)
    }
}

impl Bound {
    /// Who it is, and whether it signs.
    fn sender(self) -> (Arc<Actor>, SignaturePolicy) {
        let Self { actor, signatures, expires_at: _ } = self;
        (actor, signatures)
    }
}

/// The actor of a message that is not signed.
fn unsigned(bound: Option<Bound>) -> Result<Option<Arc<Actor>>> {
    match bound {
        Some(Bound { actor: _, signatures: SignaturePolicy::Required, expires_at: _ }) => {
            Err(Error::refused(ProblemCode::Unauthenticated, SIGNS))
        }
        Some(Bound {
            actor,
            signatures: SignaturePolicy::None | SignaturePolicy::Optional,
            expires_at: _,
        }) => Ok(Some(actor)),
        None => Ok(None),
    }
}

impl std::fmt::Debug for Authentication {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Authentication")
    }
}
