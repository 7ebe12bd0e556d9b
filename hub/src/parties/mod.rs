//! Who may speak to the hub: organisations, their systems, the role each system acts in, and what it proves
//! itself with.
//!
//! Serves every door: a request without an actor ends before it reaches a rule (Resolution 1393, clause 23;
//! Order 926, section III). One system has one role; an organisation with two duties has two systems.
//!
//! - [`model`]: organisations, systems, roles, scopes, credentials, the [`Actor`].
//! - [`member`]: members of Trembita, told by security servers that the hub trusts.
//! - [`signed_messages`]: messages that a system signed, so that none is taken twice.
//! - [`token`]: bearer tokens: how one is made, and what is kept of it.
//! - [`authentication`]: from a credential to an actor, with a short memory.

pub mod authentication;
pub mod member;
pub mod model;
pub mod signed_messages;
mod store;
pub mod token;

use chrono::{DateTime, Utc};
use kordon_schemas::{CheckpointCode, Edrpou, Fault};

pub use authentication::Authentication;
pub use member::Member;
pub use model::{
    Actor, Credential, CredentialId, CredentialKind, NewSystem, Organisation, OrganisationId, Role, Scope,
    SignaturePolicy, System, SystemId, Zone,
};
pub use token::Token;

use crate::database::Connection;
use crate::error::{Error, Result};

/// How long a credential is good for when nobody says otherwise.
pub const DEFAULT_VALIDITY: chrono::TimeDelta = chrono::TimeDelta::days(365);

/// Registers a system, and its organisation if it is new. An organisation that is known keeps its name.
///
/// # Errors
/// [`Error::Invalid`] when a name is empty or too long, the organisation has a system of that name already,
/// or a zone operator has no zones; [`Error::NotFound`] for a checkpoint that does not exist.
pub async fn add_system(connection: &mut Connection, new: NewSystem, now: DateTime<Utc>) -> Result<System> {
    let mut faults = Vec::new();
    for (path, text, longest) in [("organisation", &new.organisation_name, 200), ("system", &new.name, 100)] {
        if text.trim().is_empty() || text.chars().count() > longest {
            faults.push(Fault::new(path, format!("has 1 to {longest} characters")));
        }
    }
    // Its right is "its own zones" (Q23): without any named it would be all of them.
    if new.role == Role::ZoneOperator && new.scope.zones.as_ref().is_none_or(Vec::is_empty) {
        faults.push(Fault::new("zones", "a zone operator names its waiting zones, one or more"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    if let Some(checkpoints) = &new.scope.checkpoints {
        store::require_checkpoints(connection, checkpoints).await?;
    }
    let organisation =
        store::find_or_add_organisation(connection, &new.edrpou, &new.organisation_name, now).await?;
    store::add_system(connection, organisation, new, now).await
}

/// Every system with its organisation and credentials, by organisation and name.
///
/// # Errors
/// When the database is away.
pub async fn list(connection: &mut Connection) -> Result<Vec<(System, Vec<Credential>)>> {
    let systems = store::systems(connection).await?;
    let mut credentials = store::credentials(connection).await?;
    Ok(systems
        .into_iter()
        .map(|system| {
            let own = credentials.extract_if(.., |credential| credential.system == system.id).collect();
            (system, own)
        })
        .collect())
}

/// The code of the organisation that a system is of; none when there is no such system.
///
/// # Errors
/// When the database is away.
pub(crate) async fn edrpou_of(connection: &mut Connection, system: SystemId) -> Result<Option<Edrpou>> {
    store::edrpou_of(connection, system).await
}

/// Issues a bearer token. It is shown once, here; the hub keeps only its hash.
///
/// # Errors
/// [`Error::NotFound`] when there is no such system, [`Error::Invalid`] when it would have expired already.
pub async fn issue_token(
    connection: &mut Connection,
    system: SystemId,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(CredentialId, Token)> {
    let token = Token::draw()?;
    let id = bind(connection, system, CredentialKind::Token, token.hash(), expires_at, now).await?;
    Ok((id, token))
}

/// Binds a client certificate to a system: by its fingerprint (SHA-256 over DER, lower-case hex) or by its
/// subject, as `/C=UA/O=…/CN=…` in the certificate's order. The certificate itself must come from an
/// authority that the hub is configured to trust.
///
/// # Errors
/// [`Error::NotFound`] when there is no such system; [`Error::Invalid`] when the certificate is bound
/// already.
pub async fn bind_certificate(
    connection: &mut Connection,
    system: SystemId,
    kind: CredentialKind,
    identifier: String,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<CredentialId> {
    bind(connection, system, kind, identifier, expires_at, now).await
}

/// Binds a client certificate by its fingerprint, and keeps it: a signature over HTTP names the certificate
/// and does not bring it.
///
/// # Errors
/// As [`bind_certificate`].
pub async fn bind_whole_certificate(
    connection: &mut Connection,
    system: SystemId,
    fingerprint: String,
    certificate: &[u8],
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<CredentialId> {
    let kind = CredentialKind::CertificateFingerprint;
    let id = bind(connection, system, kind, fingerprint, expires_at, now).await?;
    store::keep_certificate(connection, id, certificate).await?;
    Ok(id)
}

/// Sets whether a system signs its messages. Doors know it within [`authentication::MEMORY`].
///
/// # Errors
/// [`Error::NotFound`] when there is no such system.
pub async fn set_signatures(
    connection: &mut Connection,
    system: SystemId,
    signatures: SignaturePolicy,
) -> Result<()> {
    store::set_signatures(connection, system, signatures).await
}

/// Binds a member of Trembita to a system: on a connection from a security server that the hub trusts, the
/// member is this system.
///
/// # Errors
/// As [`bind_certificate`].
pub async fn bind_member(
    connection: &mut Connection,
    system: SystemId,
    member: &Member,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<CredentialId> {
    bind(connection, system, CredentialKind::TrembitaMember, member.to_string(), expires_at, now).await
}

async fn bind(
    connection: &mut Connection,
    system: SystemId,
    kind: CredentialKind,
    identifier: String,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<CredentialId> {
    if expires_at <= now {
        return Err(Error::fault("expires", "lies in the past"));
    }
    let credential =
        Credential { id: CredentialId::new(), system, kind, issued_at: now, expires_at, revoked_at: None };
    store::add_credential(connection, &credential, &identifier).await?;
    Ok(credential.id)
}

/// Revokes a credential. Doors forget it within [`authentication::MEMORY`].
///
/// # Errors
/// [`Error::NotFound`] when there is no such credential or it is revoked already.
pub async fn revoke(connection: &mut Connection, credential: CredentialId, now: DateTime<Utc>) -> Result<()> {
    store::revoke(connection, credential, now).await
}

/// Whether any system is registered: a hub without one has just been set up.
///
/// # Errors
/// When the database is away.
pub async fn any(connection: &mut Connection) -> Result<bool> {
    store::any(connection).await
}

/// The waiting zones of the sample zone operator: those of the demonstration, the guides, the bench and the
/// tests of the contract.
const SAMPLE_ZONES: [&str; 6] = ["KRAKIVETS-1", "TYSA-2", "PORUBNE-1", "RAVA-1", "SEED-1", "ZONE-1"];

/// What a sample organisation looks like: enough of each role to try every act of the contract.
#[must_use]
pub fn sample(role: Role, edrpou: Edrpou, organisation: &str) -> NewSystem {
    NewSystem {
        edrpou,
        organisation_name: organisation.to_owned(),
        name: format!("sample-{}", role.as_str().replace('_', "-")),
        role,
        scope: Scope {
            checkpoints: None,
            zones: (role == Role::ZoneOperator).then(|| SAMPLE_ZONES.map(|zone| Zone(zone.into())).to_vec()),
        },
    }
}

/// Whether `actor` may act at `checkpoint`.
#[must_use]
pub fn reaches(actor: &Actor, checkpoint: &CheckpointCode) -> bool {
    actor.scope.checkpoints.as_ref().is_none_or(|own| own.contains(checkpoint))
}

/// Whether `actor` is of `zone`. A system that names no zones is of none.
#[must_use]
pub fn is_of_zone(actor: &Actor, zone: &str) -> bool {
    actor.scope.zones.as_ref().is_some_and(|own| own.iter().any(|known| known.0 == zone))
}
