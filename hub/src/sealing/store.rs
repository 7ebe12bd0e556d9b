//! The SQL of sealing.

mod archives;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use openssl::sha::sha512;
use uuid::Uuid;

use super::model::{
    Content, Exchange, Part, Sealed, SealingBacklog, Signature, Stamp, StampFiles, Stamped, Unsealed,
    Unstamped,
};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::SystemId;

pub(super) use self::archives::{
    Waiting, delete_messages, insert_archive, last_archive, lock_archives, note_removed, old_archives,
    to_archive,
};

/// The most characters of a text that a client gives and that is kept.
const KEPT: usize = 200;

/// Records exchanges, all or none. One that is recorded already stays as it is.
pub(super) async fn insert(
    connection: &mut Connection,
    exchanges: &[Exchange],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut rows = Rows::default();
    for exchange in exchanges {
        rows.push(exchange);
    }
    let count = rows.ids.len();
    let Rows {
        ids,
        exchanges,
        parts,
        query_ids,
        clients,
        systems,
        messages,
        message_types,
        attachments,
        attachment_types,
        message_digests,
        attachment_digests,
    } = rows;
    if count == 0 {
        return Ok(());
    }
    Statement::new(
        "INSERT INTO evidence_messages (id, exchange_id, part, recorded_at, query_id, client, system_id, message, message_type,
                                        attachment, attachment_type, message_digest, attachment_digest)
         SELECT id, exchange_id, part, ?, query_id, client, system_id, message, message_type, attachment, attachment_type,
                message_digest, attachment_digest
         FROM UNNEST(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
              AS new (id, exchange_id, part, query_id, client, system_id, message, message_type, attachment, attachment_type,
                      message_digest, attachment_digest)
         ON CONFLICT ON CONSTRAINT evidence_messages_once DO NOTHING",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<SqlUuid>, _>(exchanges)
    .bind::<Array<Text>, _>(parts)
    .bind::<Array<Text>, _>(query_ids)
    .bind::<Array<Text>, _>(clients)
    .bind::<Array<Nullable<SqlUuid>>, _>(systems)
    .bind::<Array<Binary>, _>(messages)
    .bind::<Array<Text>, _>(message_types)
    .bind::<Array<Nullable<Binary>>, _>(attachments)
    .bind::<Array<Nullable<Text>>, _>(attachment_types)
    .bind::<Array<Binary>, _>(message_digests)
    .bind::<Array<Nullable<Binary>>, _>(attachment_digests)
    .execute(connection)
    .await?;
    Ok(())
}

/// Columns of messages, one value a message.
#[derive(Default)]
struct Rows<'a> {
    ids: Vec<Uuid>,
    exchanges: Vec<Uuid>,
    parts: Vec<&'static str>,
    query_ids: Vec<String>,
    clients: Vec<String>,
    systems: Vec<Option<Uuid>>,
    messages: Vec<&'a [u8]>,
    message_types: Vec<String>,
    attachments: Vec<Option<&'a [u8]>>,
    attachment_types: Vec<Option<String>>,
    message_digests: Vec<Vec<u8>>,
    attachment_digests: Vec<Option<Vec<u8>>>,
}

impl<'a> Rows<'a> {
    fn push(&mut self, exchange: &'a Exchange) {
        let Exchange { id, query_id, client, system, messages } = exchange;
        let given = query_id.as_deref().map(|given| kept(given, KEPT)).filter(|given| !given.is_empty());
        let query_id = given.unwrap_or_else(|| id.to_string());
        for message in messages {
            let attachment = message.attachment.as_ref();
            self.ids.push(Uuid::now_v7());
            self.exchanges.push(*id);
            self.parts.push(message.part.as_str());
            self.query_ids.push(query_id.clone());
            self.clients
                .push(Some(kept(client, 1000)).filter(|kept| !kept.is_empty()).unwrap_or_else(|| "-".into()));
            self.systems.push(system.map(|system| system.0));
            self.messages.push(&message.message.bytes);
            self.message_types.push(media_type(&message.message));
            self.attachments.push(attachment.map(|content| content.bytes.as_slice()));
            self.attachment_types.push(attachment.map(media_type));
            self.message_digests.push(sha512(&message.message.bytes).to_vec());
            self.attachment_digests.push(attachment.map(|content| sha512(&content.bytes).to_vec()));
        }
    }
}

fn kept(text: &str, most: usize) -> String {
    text.chars().filter(|character| !character.is_control()).take(most).collect()
}

fn media_type(content: &Content) -> String {
    let kept = kept(&content.media_type, KEPT);
    if kept.is_empty() { "application/octet-stream".to_owned() } else { kept }
}

/// Locks messages that wait for a signature and that nobody else has locked, the oldest first.
pub(super) async fn lock_unsealed(connection: &mut Connection, most: i64) -> Result<Vec<Unsealed>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Binary)]
        message_digest: Vec<u8>,
        #[diesel(sql_type = Text)]
        message_type: String,
        #[diesel(sql_type = Nullable<Binary>)]
        attachment_digest: Option<Vec<u8>>,
        #[diesel(sql_type = Nullable<Text>)]
        attachment_type: Option<String>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT id, message_digest, message_type, attachment_digest, attachment_type FROM evidence_messages
         WHERE signature_id IS NULL ORDER BY recorded_at LIMIT ? FOR UPDATE SKIP LOCKED",
    )
    .bind::<BigInt, _>(most)
    .load(connection)
    .await?;
    let read = |Row { id, message_digest, message_type, attachment_digest, attachment_type }| Unsealed {
        id,
        message_digest,
        message_type,
        attachment_digest,
        attachment_type,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Keeps signatures, and notes at their messages that they are signed.
pub(super) async fn insert_signatures(
    connection: &mut Connection,
    signatures: &[Signature],
    now: DateTime<Utc>,
) -> Result<()> {
    let ids: Vec<Uuid> = signatures.iter().map(|_| Uuid::now_v7()).collect();
    let files: Vec<&[u8]> = signatures.iter().map(|own| own.signatures.as_slice()).collect();
    let results: Vec<Option<&[u8]>> = signatures.iter().map(|own| own.chain_result.as_deref()).collect();
    Statement::new(
        "INSERT INTO evidence_signatures (id, signed_at, signatures, chain_result)
         SELECT id, ?, signatures, chain_result FROM UNNEST(?, ?, ?) AS new (id, signatures, chain_result)",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<SqlUuid>, _>(&ids)
    .bind::<Array<Binary>, _>(files)
    .bind::<Array<Nullable<Binary>>, _>(results)
    .execute(connection)
    .await?;
    let (mut messages, mut signed_by, mut chains) = (Vec::new(), Vec::new(), Vec::new());
    for (id, signature) in ids.iter().zip(signatures) {
        for (message, chain) in &signature.messages {
            messages.push(*message);
            signed_by.push(*id);
            chains.push(chain.as_deref());
        }
    }
    Statement::new(
        "UPDATE evidence_messages SET signature_id = new.signature_id, chain = new.chain
         FROM UNNEST(?, ?, ?) AS new (id, signature_id, chain) WHERE evidence_messages.id = new.id",
    )
    .bind::<Array<SqlUuid>, _>(messages)
    .bind::<Array<SqlUuid>, _>(signed_by)
    .bind::<Array<Nullable<Binary>>, _>(chains)
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks signatures that wait for a time-stamp and that nobody else has locked, the oldest first.
pub(super) async fn lock_unstamped(connection: &mut Connection, most: i64) -> Result<Vec<Unstamped>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Binary)]
        signatures: Vec<u8>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT id, signatures FROM evidence_signatures WHERE stamped_at IS NULL
         ORDER BY signed_at LIMIT ? FOR UPDATE SKIP LOCKED",
    )
    .bind::<BigInt, _>(most)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|Row { id, signatures }| Unstamped { id, signatures }).collect())
}

/// Keeps time-stamps. A clock that is behind the authority's does no harm: what is signed later is stamped
/// later.
pub(super) async fn update_stamped(connection: &mut Connection, stamped: &[Stamped]) -> Result<()> {
    let (mut ids, mut times) = (Vec::new(), Vec::new());
    let (mut signatures, mut tokens, mut chains, mut results) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Stamped { id, at, stamp } in stamped {
        ids.push(*id);
        times.push(*at);
        let (within, files) = match stamp {
            Stamp::Within(signatures) => (Some(signatures.as_slice()), None),
            Stamp::Batch(files) => (None, Some(files)),
        };
        signatures.push(within);
        tokens.push(files.map(|files| files.token.as_slice()));
        chains.push(files.map(|files| files.chain.as_slice()));
        results.push(files.map(|files| files.chain_result.as_slice()));
    }
    Statement::new(
        "UPDATE evidence_signatures
         SET stamped_at = greatest(new.at, signed_at), signatures = coalesce(new.signatures, evidence_signatures.signatures),
             stamp = new.token, stamp_chain = new.chain, stamp_chain_result = new.result
         FROM UNNEST(?, ?, ?, ?, ?, ?) AS new (id, at, signatures, token, chain, result)
         WHERE evidence_signatures.id = new.id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Timestamptz>, _>(times)
    .bind::<Array<Nullable<Binary>>, _>(signatures)
    .bind::<Array<Nullable<Binary>>, _>(tokens)
    .bind::<Array<Nullable<Binary>>, _>(chains)
    .bind::<Array<Nullable<Binary>>, _>(results)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct SealedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    query_id: String,
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Binary)]
    message: Vec<u8>,
    #[diesel(sql_type = Text)]
    message_type: String,
    #[diesel(sql_type = Nullable<Binary>)]
    attachment: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    attachment_type: Option<String>,
    #[diesel(sql_type = Binary)]
    signatures: Vec<u8>,
    #[diesel(sql_type = Nullable<Binary>)]
    chain: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    chain_result: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    stamp: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    stamp_chain: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    stamp_chain_result: Option<Vec<u8>>,
}

impl SealedRow {
    fn read(self) -> Result<Sealed> {
        let part = Part::parse(&self.part)
            .ok_or_else(|| Error::Internal(format!("{:?} is no part of an exchange", self.part)))?;
        let attachment = self
            .attachment
            .zip(self.attachment_type)
            .map(|(bytes, media_type)| Content { bytes, media_type });
        let stamp = self
            .stamp
            .zip(self.stamp_chain)
            .zip(self.stamp_chain_result)
            .map(|((token, chain), chain_result)| StampFiles { token, chain, chain_result });
        Ok(Sealed {
            id: self.id,
            query_id: self.query_id,
            part,
            recorded_at: self.recorded_at,
            message: Content { bytes: self.message, media_type: self.message_type },
            attachment,
            signatures: self.signatures,
            chain: self.chain.zip(self.chain_result),
            stamp,
        })
    }
}

/// The sealed messages of an id, of one system or of all: the newest, until there are so many of them or so
/// many bytes.
pub(super) async fn sealed_of_query(
    connection: &mut Connection,
    query_id: &str,
    system: Option<SystemId>,
    most: i64,
    most_bytes: i64,
) -> Result<Vec<Sealed>> {
    let rows: Vec<SealedRow> = Statement::new(
        "SELECT message.id, query_id, part, recorded_at, message, message_type, attachment, attachment_type,
                signatures, chain, chain_result, stamp, stamp_chain, stamp_chain_result
         FROM (SELECT id AS of, sum(octet_length(message) + coalesce(octet_length(attachment), 0))
                                OVER (ORDER BY recorded_at DESC, exchange_id, part
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
               FROM evidence_messages
               WHERE query_id = ? AND (CAST(? AS uuid) IS NULL OR system_id = ?) AND signature_id IS NOT NULL
               ORDER BY recorded_at DESC, exchange_id, part LIMIT ?) AS newest
         JOIN evidence_messages AS message ON message.id = newest.of
         JOIN evidence_signatures AS signature ON signature.id = message.signature_id
         WHERE coalesce(bytes_before, 0) < ?
         ORDER BY recorded_at DESC, exchange_id, part",
    )
    .bind::<Text, _>(query_id)
    .bind::<Nullable<SqlUuid>, _>(system.map(|system| system.0))
    .bind::<Nullable<SqlUuid>, _>(system.map(|system| system.0))
    .bind::<BigInt, _>(most)
    .bind::<BigInt, _>(most_bytes)
    .load(connection)
    .await?;
    rows.into_iter().map(SealedRow::read).collect()
}

/// Sealed messages by their ids, the oldest first.
pub(super) async fn sealed(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Sealed>> {
    let rows: Vec<SealedRow> = Statement::new(
        "SELECT message.id, query_id, part, recorded_at, message, message_type, attachment, attachment_type,
                signatures, chain, chain_result, stamp, stamp_chain, stamp_chain_result
         FROM evidence_messages AS message
         JOIN evidence_signatures AS signature ON signature.id = message.signature_id
         WHERE message.id = ANY (?) ORDER BY recorded_at, message.id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .load(connection)
    .await?;
    rows.into_iter().map(SealedRow::read).collect()
}

/// Since when the oldest waits, without counting.
pub(super) async fn oldest(connection: &mut Connection) -> Result<SealingBacklog> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        oldest_unsealed: Option<DateTime<Utc>>,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        oldest_unstamped: Option<DateTime<Utc>>,
    }
    let row: Row = Statement::new(
        "SELECT (SELECT min(recorded_at) FROM evidence_messages WHERE signature_id IS NULL) AS oldest_unsealed,
                (SELECT min(signed_at) FROM evidence_signatures WHERE stamped_at IS NULL) AS oldest_unstamped",
    )
    .get_result(connection)
    .await?;
    let Row { oldest_unsealed, oldest_unstamped } = row;
    Ok(SealingBacklog { oldest_unsealed, oldest_unstamped, ..SealingBacklog::default() })
}

/// What is owed at the moment.
pub(super) async fn standing(connection: &mut Connection) -> Result<SealingBacklog> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        unsealed: i64,
        #[diesel(sql_type = BigInt)]
        unstamped: i64,
        #[diesel(sql_type = BigInt)]
        sealed: i64,
    }
    let SealingBacklog { oldest_unsealed, oldest_unstamped, .. } = oldest(connection).await?;
    let row: Row = Statement::new(
        "SELECT (SELECT count(*) FROM evidence_messages WHERE signature_id IS NULL) AS unsealed,
                (SELECT count(*) FROM evidence_signatures WHERE stamped_at IS NULL) AS unstamped,
                (SELECT count(*) FROM evidence_messages
                 WHERE archive_number IS NULL AND signature_id IS NOT NULL) AS sealed",
    )
    .get_result(connection)
    .await?;
    let Row { unsealed, unstamped, sealed } = row;
    // What has no signature is in no archive either.
    Ok(SealingBacklog {
        unsealed,
        oldest_unsealed,
        unstamped,
        oldest_unstamped,
        unarchived: unsealed + sealed,
    })
}
