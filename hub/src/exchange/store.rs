//! Every SQL statement of the exchange.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::exchange::{Acknowledgement, DocumentOutcome, InboxEntry, OutgoingKind};
use openssl::sha::sha256;

use super::model::{Incoming, Kept};
use super::rules::kind_of;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::SystemId;

fn stored_badly(what: impl std::fmt::Display) -> Error {
    Error::stored_badly("a document", what)
}

#[derive(QueryableByName)]
struct KeptRow {
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
    #[diesel(sql_type = Jsonb)]
    acknowledgement: serde_json::Value,
    #[diesel(sql_type = Nullable<Binary>)]
    acknowledged_as: Option<Vec<u8>>,
}

/// A document of a system, with the digest of its content.
pub(super) async fn find(
    connection: &mut Connection,
    system: SystemId,
    id: &str,
) -> Result<Option<([u8; 32], Kept)>> {
    let rows: Vec<KeptRow> = Statement::new(
        "SELECT digest, acknowledgement, acknowledged_as FROM exchange_documents WHERE system_id = ? AND document_id = ?",
    )
    .bind::<SqlUuid, _>(system.0)
    .bind::<Text, _>(id)
    .load(connection)
    .await?;
    rows.into_iter()
        .next()
        .map(|KeptRow { digest, acknowledgement, acknowledged_as }| {
            let digest = digest.try_into().map_err(|_| stored_badly("the length of a digest"))?;
            let acknowledgement: Acknowledgement =
                serde_json::from_value(acknowledgement).map_err(stored_badly)?;
            Ok((digest, Kept { acknowledgement, written: acknowledged_as, is_new: false }))
        })
        .transpose()
}

/// Records a document, unless its id is taken: then nothing is written, and it returns false. It locks the
/// inbox of the system until the transaction ends, so call it last.
pub(super) async fn insert(
    connection: &mut Connection,
    system: SystemId,
    incoming: &Incoming,
    said: &Acknowledgement,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Incoming { header, content, charset, signature, act, places: _ } = incoming;
    let position = draw_position(connection, system).await?;
    let said_as = serde_json::to_value(said).map_err(stored_badly)?;
    let written = Statement::new(
        "INSERT INTO exchange_documents (system_id, document_id, position, kind, digest, content, charset, signed_by, signed_at,
                                         created_at, received_at, outcome, acknowledgement)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (system_id, document_id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(system.0)
    .bind::<Text, _>(header.id.as_str())
    .bind::<BigInt, _>(position)
    .bind::<Text, _>(kind_of(act).as_str())
    .bind::<Binary, _>(sha256(content).to_vec())
    .bind::<Binary, _>(content.as_slice())
    .bind::<Nullable<Text>, _>(charset.as_deref())
    .bind::<Nullable<Text>, _>(signature.as_ref().map(|signature| signature.certificate.as_str()))
    .bind::<Nullable<Timestamptz>, _>(signature.as_ref().map(|signature| signature.signed_at))
    .bind::<Timestamptz, _>(header.created_at)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(said.outcome.as_str())
    .bind::<Jsonb, _>(said_as)
    .execute(connection)
    .await?;
    Ok(written == 1)
}

#[derive(QueryableByName)]
struct PositionRow {
    #[diesel(sql_type = BigInt)]
    last_position: i64,
}

async fn draw_position(connection: &mut Connection, system: SystemId) -> Result<i64> {
    let row: PositionRow = Statement::new(
        "INSERT INTO exchange_inboxes (system_id, last_position) VALUES (?, 1)
         ON CONFLICT (system_id) DO UPDATE SET last_position = exchange_inboxes.last_position + 1
         RETURNING last_position",
    )
    .bind::<SqlUuid, _>(system.0)
    .get_result(connection)
    .await?;
    Ok(row.last_position)
}

#[derive(QueryableByName)]
struct WrittenRow {
    #[diesel(sql_type = Binary)]
    acknowledged_as: Vec<u8>,
}

pub(super) async fn keep_writing(
    connection: &mut Connection,
    system: SystemId,
    id: &str,
    written: &[u8],
) -> Result<Vec<u8>> {
    let row: WrittenRow = Statement::new(
        "UPDATE exchange_documents SET acknowledged_as = coalesce(acknowledged_as, ?)
         WHERE system_id = ? AND document_id = ? RETURNING acknowledged_as",
    )
    .bind::<Binary, _>(written)
    .bind::<SqlUuid, _>(system.0)
    .bind::<Text, _>(id)
    .get_result(connection)
    .await?;
    Ok(row.acknowledged_as)
}

#[derive(QueryableByName)]
struct AcknowledgedRow {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Text)]
    document_id: String,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    outcome: String,
}

/// The acknowledgements of a system after a position, in order, each with its position; without their
/// addresses.
pub(super) async fn acknowledged(
    connection: &mut Connection,
    system: SystemId,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, InboxEntry)>> {
    let rows: Vec<AcknowledgedRow> = Statement::new(
        "SELECT position, document_id, received_at, outcome FROM exchange_documents
         WHERE system_id = ? AND position > ? ORDER BY position LIMIT ?",
    )
    .bind::<SqlUuid, _>(system.0)
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|AcknowledgedRow { position, document_id, received_at, outcome }| {
            let outcome = DocumentOutcome::from_word(&outcome).ok_or_else(|| stored_badly(&outcome))?;
            let entry = InboxEntry {
                kind: OutgoingKind::Acknowledgement,
                id: document_id,
                address: String::new(),
                made_at: received_at,
                outcome: Some(outcome),
                notice: None,
            };
            Ok((position, entry))
        })
        .collect()
}
