//! From a credential to an actor. The answer is remembered for a few seconds, so that a thousand events a second do not ask
//! the database a thousand times who sent them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::future::Cache;

use super::model::{Actor, CredentialKind};
use super::{Member, Token, store};
use crate::database::Database;
use crate::error::{Error, Result};

/// How long an answer is remembered: a revoked credential stops working within this time.
pub const MEMORY: Duration = Duration::from_secs(5);

/// Answers remembered at once. Unknown credentials are remembered too, so this bounds what a guesser can fill.
const CAPACITY: u64 = 10_000;

/// A client certificate that the TLS layer has verified against the configured authorities.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifiedCertificate {
    /// SHA-256 over the DER form, lower-case hex.
    pub fingerprint: String,
    /// Its subject, as `/C=UA/O=…/CN=…`.
    pub subject: String,
}

/// Who stands behind a credential, and until when it is good.
type Known = Option<(Arc<Actor>, DateTime<Utc>)>;

/// Finds the actor behind a credential.
#[derive(Clone)]
pub struct Authentication {
    database: Database,
    memory: Cache<(CredentialKind, String), Known>,
}

impl Authentication {
    /// Authentication against the credentials in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, memory: Cache::builder().max_capacity(CAPACITY).time_to_live(MEMORY).build() }
    }

    /// The actor behind a bearer token.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database is away and the answer is not remembered.
    pub async fn by_token(&self, token: &Token, now: DateTime<Utc>) -> Result<Option<Arc<Actor>>> {
        self.by(CredentialKind::Token, token.hash(), now).await
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
        let VerifiedCertificate { fingerprint, subject } = certificate;
        match self.by(CredentialKind::CertificateFingerprint, fingerprint.clone(), now).await? {
            Some(actor) => Ok(Some(actor)),
            None => self.by(CredentialKind::CertificateSubject, subject.clone(), now).await,
        }
    }

    /// The actor behind a member of Trembita. Whether the connection may name one is decided before.
    ///
    /// # Errors
    /// As [`Self::by_token`].
    pub async fn by_member(&self, member: &Member, now: DateTime<Utc>) -> Result<Option<Arc<Actor>>> {
        self.by(CredentialKind::TrembitaMember, member.to_string(), now).await
    }

    async fn by(
        &self,
        kind: CredentialKind,
        identifier: String,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Actor>>> {
        let key = (kind, identifier);
        let known = match self.memory.get(&key).await {
            Some(known) => known,
            None => Box::pin(self.look_up(key)).await?,
        };
        Ok(known.filter(|(_, expires_at)| now < *expires_at).map(|(actor, _)| actor))
    }

    /// Asks the database once for all who want to know the same.
    async fn look_up(&self, key: (CredentialKind, String)) -> Result<Known> {
        let (kind, identifier) = &key;
        let found = async {
            let mut connection = self.database.connection().await?;
            store::find_actor(&mut connection, *kind, identifier).await
        };
        let known = self.memory.try_get_with_by_ref(&key, found).await;
        known.map_err(|error: Arc<Error>| Error::Unavailable(error.to_string()))
    }
}

impl std::fmt::Debug for Authentication {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Authentication")
    }
}
