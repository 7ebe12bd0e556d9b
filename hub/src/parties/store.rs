//! The SQL of parties.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::{CheckpointCode, Edrpou};
use uuid::Uuid;

use super::model::{
    Actor, Credential, CredentialId, CredentialKind, NewSystem, Organisation, OrganisationId, Role, Scope,
    SignaturePolicy, System, SystemId, Zone,
};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result, violates};

#[derive(QueryableByName)]
struct OrganisationRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
}

pub(super) async fn find_or_add_organisation(
    connection: &mut Connection,
    edrpou: &Edrpou,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Organisation> {
    // The no-op update makes the row come back when it was there already.
    let row: OrganisationRow = Statement::new(
        "INSERT INTO organisations (id, edrpou, name, registered_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (edrpou) DO UPDATE SET edrpou = excluded.edrpou
         RETURNING id, name",
    )
    .bind::<SqlUuid, _>(OrganisationId::new().0)
    .bind::<Text, _>(edrpou.as_str())
    .bind::<Text, _>(name)
    .bind::<Timestamptz, _>(now)
    .get_result(connection)
    .await?;
    Ok(Organisation { id: OrganisationId(row.id), edrpou: edrpou.clone(), name: row.name })
}

pub(super) async fn require_checkpoints(
    connection: &mut Connection,
    wanted: &[CheckpointCode],
) -> Result<()> {
    #[derive(QueryableByName)]
    struct Missing {
        #[diesel(sql_type = Text)]
        checkpoint: String,
    }
    let codes: Vec<&str> = wanted.iter().map(CheckpointCode::as_str).collect();
    let missing: Vec<Missing> = Statement::new(
        "SELECT wanted AS checkpoint FROM unnest(?) AS wanted
         WHERE NOT EXISTS (SELECT FROM checkpoints WHERE checkpoints.checkpoint = wanted)",
    )
    .bind::<Array<Text>, _>(codes)
    .load(connection)
    .await?;
    match missing.into_iter().next() {
        Some(Missing { checkpoint }) => Err(Error::NotFound { what: "checkpoint", id: checkpoint }),
        None => Ok(()),
    }
}

pub(super) async fn add_system(
    connection: &mut Connection,
    organisation: Organisation,
    new: NewSystem,
    now: DateTime<Utc>,
) -> Result<System> {
    let NewSystem { edrpou: _, organisation_name: _, name, role, scope } = new;
    let id = SystemId::new();
    let checkpoints =
        scope.checkpoints.as_ref().map(|codes| codes.iter().map(CheckpointCode::as_str).collect::<Vec<_>>());
    let zones =
        scope.zones.as_ref().map(|zones| zones.iter().map(|zone| zone.0.as_str()).collect::<Vec<_>>());
    Statement::new(
        "INSERT INTO systems (id, organisation_id, name, role, checkpoints, zones, registered_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<SqlUuid, _>(organisation.id.0)
    .bind::<Text, _>(&name)
    .bind::<Text, _>(role.as_str())
    .bind::<Nullable<Array<Text>>, _>(checkpoints)
    .bind::<Nullable<Array<Text>>, _>(zones)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await
    .map_err(|error| {
        if violates(&error, "systems_organisation_id_name_key") {
            Error::fault("system", format!("{} has a system of this name already", organisation.edrpou))
        } else {
            error.into()
        }
    })?;
    Ok(System { id, organisation, name, role, scope, signatures: SignaturePolicy::default() })
}

#[derive(QueryableByName)]
struct SystemRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    organisation_id: Uuid,
    #[diesel(sql_type = Text)]
    edrpou: String,
    #[diesel(sql_type = Text)]
    organisation_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    checkpoints: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    zones: Option<Vec<String>>,
    #[diesel(sql_type = Text)]
    signatures: String,
}

pub(super) async fn systems(connection: &mut Connection) -> Result<Vec<System>> {
    let rows: Vec<SystemRow> = Statement::new(
        "SELECT systems.id, organisation_id, edrpou, organisations.name AS organisation_name,
                systems.name, role, checkpoints, zones, signatures
         FROM systems JOIN organisations ON organisations.id = organisation_id
         ORDER BY edrpou, systems.name",
    )
    .load(connection)
    .await?;
    rows.into_iter().map(SystemRow::read).collect()
}

impl SystemRow {
    fn read(self) -> Result<System> {
        let Self {
            id,
            organisation_id,
            edrpou,
            organisation_name,
            name,
            role,
            checkpoints,
            zones,
            signatures,
        } = self;
        Ok(System {
            id: SystemId(id),
            organisation: Organisation {
                id: OrganisationId(organisation_id),
                edrpou: Edrpou::parse(&edrpou).map_err(stored_badly)?,
                name: organisation_name,
            },
            name,
            role: stored_role(&role)?,
            scope: stored_scope(checkpoints, zones)?,
            signatures: stored_policy(&signatures)?,
        })
    }
}

/// The code of the organisation that a system is of.
pub(super) async fn edrpou_of(connection: &mut Connection, system: SystemId) -> Result<Option<Edrpou>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        edrpou: String,
    }
    let row: Option<Row> = Statement::new(
        "SELECT edrpou FROM systems JOIN organisations ON organisations.id = organisation_id WHERE systems.id = ?",
    )
    .bind::<SqlUuid, _>(system.0)
    .get_result(connection)
    .await
    .optional()?;
    row.map(|row| Edrpou::parse(&row.edrpou).map_err(stored_badly)).transpose()
}

fn stored_policy(name: &str) -> Result<SignaturePolicy> {
    SignaturePolicy::from_name(name).ok_or_else(|| stored_badly(format!("signatures {name}")))
}

fn stored_badly(error: impl std::fmt::Display) -> Error {
    Error::stored_badly("a party", error)
}

fn stored_role(name: &str) -> Result<Role> {
    Role::from_name(name).ok_or_else(|| stored_badly(format!("role {name}")))
}

fn stored_scope(checkpoints: Option<Vec<String>>, zones: Option<Vec<String>>) -> Result<Scope> {
    let checkpoints = checkpoints
        .map(|codes| codes.iter().map(|code| CheckpointCode::parse(code)).collect::<Result<Vec<_>, _>>())
        .transpose()
        .map_err(stored_badly)?;
    Ok(Scope { checkpoints, zones: zones.map(|zones| zones.into_iter().map(Zone).collect()) })
}

pub(super) async fn add_credential(
    connection: &mut Connection,
    credential: &Credential,
    identifier: &str,
) -> Result<()> {
    let Credential { id, system, kind, issued_at, expires_at, revoked_at: _ } = credential;
    Statement::new(
        "INSERT INTO credentials (id, system_id, kind, identifier, issued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<SqlUuid, _>(system.0)
    .bind::<Text, _>(kind.as_str())
    .bind::<Text, _>(identifier)
    .bind::<Timestamptz, _>(issued_at)
    .bind::<Timestamptz, _>(expires_at)
    .execute(connection)
    .await
    .map_err(|error| {
        if violates(&error, "credentials_system_id_fkey") {
            Error::NotFound { what: "system", id: system.to_string() }
        } else if violates(&error, "credentials_in_use") {
            let what = if *kind == CredentialKind::TrembitaMember { "member" } else { "certificate" };
            Error::fault(what, "is bound to a system already; revoke that credential first")
        } else {
            error.into()
        }
    })?;
    Ok(())
}

#[derive(QueryableByName)]
struct CredentialRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    system_id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Timestamptz)]
    issued_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    revoked_at: Option<DateTime<Utc>>,
}

pub(super) async fn credentials(connection: &mut Connection) -> Result<Vec<Credential>> {
    let rows: Vec<CredentialRow> = Statement::new(
        "SELECT id, system_id, kind, issued_at, expires_at, revoked_at FROM credentials ORDER BY issued_at, id",
    )
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|CredentialRow { id, system_id, kind, issued_at, expires_at, revoked_at }| {
            let kind = match kind.as_str() {
                "token" => CredentialKind::Token,
                "certificate_fingerprint" => CredentialKind::CertificateFingerprint,
                "certificate_subject" => CredentialKind::CertificateSubject,
                "trembita_member" => CredentialKind::TrembitaMember,
                other => return Err(stored_badly(format!("credential kind {other}"))),
            };
            Ok(Credential {
                id: CredentialId(id),
                system: SystemId(system_id),
                kind,
                issued_at,
                expires_at,
                revoked_at,
            })
        })
        .collect()
}

pub(super) async fn revoke(
    connection: &mut Connection,
    credential: CredentialId,
    now: DateTime<Utc>,
) -> Result<()> {
    let revoked = Statement::new("UPDATE credentials SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(credential.0)
        .execute(connection)
        .await?;
    if revoked == 0 {
        return Err(Error::NotFound { what: "credential in use", id: credential.to_string() });
    }
    Ok(())
}

#[derive(QueryableByName)]
struct ActorRow {
    #[diesel(sql_type = SqlUuid)]
    system_id: Uuid,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    checkpoints: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    zones: Option<Vec<String>>,
    #[diesel(sql_type = Text)]
    signatures: String,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
}

/// Who stands behind a credential.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) actor: Arc<Actor>,
    pub(super) signatures: SignaturePolicy,
    /// Until when the credential is good.
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) async fn find_actor(
    connection: &mut Connection,
    kind: CredentialKind,
    identifier: &str,
) -> Result<Option<Bound>> {
    let row: Option<ActorRow> = Statement::new(
        "SELECT system_id, role, checkpoints, zones, signatures, expires_at
         FROM credentials JOIN systems ON systems.id = system_id
         WHERE kind = ? AND identifier = ? AND revoked_at IS NULL",
    )
    .bind::<Text, _>(kind.as_str())
    .bind::<Text, _>(identifier)
    .get_result(connection)
    .await
    .optional()?;
    row.map(|ActorRow { system_id, role, checkpoints, zones, signatures, expires_at }| {
        let actor = Actor {
            system: SystemId(system_id),
            role: stored_role(&role)?,
            scope: stored_scope(checkpoints, zones)?,
        };
        Ok(Bound { actor: Arc::new(actor), signatures: stored_policy(&signatures)?, expires_at })
    })
    .transpose()
}

pub(super) async fn set_signatures(
    connection: &mut Connection,
    system: SystemId,
    signatures: SignaturePolicy,
) -> Result<()> {
    let changed = Statement::new("UPDATE systems SET signatures = ? WHERE id = ?")
        .bind::<Text, _>(signatures.as_str())
        .bind::<SqlUuid, _>(system.0)
        .execute(connection)
        .await?;
    if changed == 0 {
        return Err(Error::NotFound { what: "system", id: system.to_string() });
    }
    Ok(())
}

pub(super) async fn keep_certificate(
    connection: &mut Connection,
    credential: CredentialId,
    certificate: &[u8],
) -> Result<()> {
    Statement::new("UPDATE credentials SET certificate = ? WHERE id = ?")
        .bind::<Binary, _>(certificate)
        .bind::<SqlUuid, _>(credential.0)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn find_certificate(
    connection: &mut Connection,
    fingerprint: &str,
) -> Result<Option<Vec<u8>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Binary)]
        certificate: Vec<u8>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT certificate FROM credentials
         WHERE kind = 'certificate_fingerprint' AND identifier = ? AND revoked_at IS NULL AND certificate IS NOT NULL",
    )
    .bind::<Text, _>(fingerprint)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|Row { certificate }| certificate))
}

/// Adds messages, each once, and returns the digests of those that were not there. They come in the order of
/// their digests: of two hubs that add the same ones, one waits for the other and never each for the other.
pub(super) async fn add_signed_messages(
    connection: &mut Connection,
    messages: &BTreeMap<&[u8; 32], DateTime<Utc>>,
) -> Result<Vec<Vec<u8>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Binary)]
        digest: Vec<u8>,
    }
    let digests: Vec<&[u8]> = messages.keys().map(|digest| digest.as_slice()).collect();
    let ends: Vec<DateTime<Utc>> = messages.values().copied().collect();
    let added: Vec<Row> = Statement::new(
        "INSERT INTO signed_messages (digest, known_until) SELECT UNNEST(?), UNNEST(?)
         ON CONFLICT (digest) DO NOTHING RETURNING digest",
    )
    .bind::<Array<Binary>, _>(digests)
    .bind::<Array<Timestamptz>, _>(ends)
    .load(connection)
    .await?;
    Ok(added.into_iter().map(|Row { digest }| digest).collect())
}

pub(super) async fn forget_signed_messages(connection: &mut Connection, now: DateTime<Utc>) -> Result<usize> {
    let forgotten = Statement::new("DELETE FROM signed_messages WHERE known_until < ?")
        .bind::<Timestamptz, _>(now)
        .execute(connection)
        .await?;
    Ok(forgotten)
}

pub(super) async fn any(connection: &mut Connection) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let Count { count } =
        Statement::new("SELECT count(*) AS count FROM systems").get_result(connection).await?;
    Ok(count > 0)
}
