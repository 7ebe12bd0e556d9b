//! The SQL of archives: what waits for one, what is in which, what is past its days.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::sealing::model::{Packed, Previous};

/// Serializes those who make archives: one at a time, over all replicas. False if another is at it.
pub(in crate::sealing) async fn lock_archives(connection: &mut Connection) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        locked: bool,
    }
    let row: Row = Statement::new(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('evidence_archives', 0)) AS locked",
    )
    .get_result(connection)
    .await?;
    Ok(row.locked)
}

/// The archive that was made last.
pub(in crate::sealing) async fn last_archive(connection: &mut Connection) -> Result<Option<Previous>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
        #[diesel(sql_type = Text)]
        file_name: String,
        #[diesel(sql_type = Text)]
        last_digest: String,
        #[diesel(sql_type = Timestamptz)]
        made_at: DateTime<Utc>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT number, file_name, last_digest, made_at FROM evidence_archives ORDER BY number DESC LIMIT 1",
    )
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|Row { number, file_name, last_digest, made_at }| Previous {
        number,
        file_name,
        last_digest,
        made_at,
    }))
}

/// A message that waits for an archive.
pub(in crate::sealing) struct Waiting {
    pub(in crate::sealing) id: Uuid,
    pub(in crate::sealing) recorded_at: DateTime<Utc>,
    /// Bytes of it and its signature.
    pub(in crate::sealing) size: usize,
}

/// The next messages that are sealed, stamped if `stamps`, and in no archive; the oldest first.
pub(in crate::sealing) async fn to_archive(
    connection: &mut Connection,
    stamps: bool,
    most: i64,
) -> Result<Vec<Waiting>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Timestamptz)]
        recorded_at: DateTime<Utc>,
        #[diesel(sql_type = Integer)]
        size: i32,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT message.id, recorded_at,
                octet_length(message) + coalesce(octet_length(attachment), 0) + octet_length(signatures) AS size
         FROM evidence_messages AS message
         JOIN evidence_signatures AS signature ON signature.id = message.signature_id
         WHERE archive_number IS NULL AND signature_id IS NOT NULL AND (stamped_at IS NOT NULL OR NOT ?)
         ORDER BY recorded_at, message.id LIMIT ?",
    )
    .bind::<diesel::sql_types::Bool, _>(stamps)
    .bind::<BigInt, _>(most)
    .load(connection)
    .await?;
    let read = |Row { id, recorded_at, size }| Waiting {
        id,
        recorded_at,
        size: usize::try_from(size).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Keeps what was packed, and notes at its messages where they are.
pub(in crate::sealing) async fn insert_archive(
    connection: &mut Connection,
    number: i64,
    packed: &Packed,
    messages: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    let Packed { file_name, last_digest, bytes } = packed;
    Statement::new(
        "INSERT INTO evidence_archives (number, file_name, last_digest, containers, bytes, made_at)
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind::<BigInt, _>(number)
    .bind::<Text, _>(file_name)
    .bind::<Text, _>(last_digest)
    .bind::<Integer, _>(i32::try_from(messages.len()).unwrap_or(i32::MAX))
    .bind::<BigInt, _>(i64::try_from(*bytes).unwrap_or(i64::MAX))
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Statement::new("UPDATE evidence_messages SET archive_number = ? WHERE id = ANY (?)")
        .bind::<BigInt, _>(number)
        .bind::<Array<SqlUuid>, _>(messages)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes messages that are in an archive and older than `before`, and signatures that cover no message any
/// more.
pub(in crate::sealing) async fn delete_messages(
    connection: &mut Connection,
    before: DateTime<Utc>,
    most: i64,
) -> Result<usize> {
    let removed = Statement::new(
        "WITH gone AS (
             DELETE FROM evidence_messages WHERE id IN (
                 SELECT id FROM evidence_messages
                 WHERE recorded_at < ? AND archive_number IS NOT NULL
                 ORDER BY recorded_at LIMIT ? FOR UPDATE SKIP LOCKED)
             RETURNING id, signature_id)
         DELETE FROM evidence_signatures AS signature USING (SELECT DISTINCT signature_id FROM gone) AS of
         WHERE signature.id = of.signature_id AND NOT EXISTS (
             SELECT FROM evidence_messages AS left_over
             WHERE left_over.signature_id = signature.id AND left_over.id NOT IN (SELECT id FROM gone))",
    );
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let due: Row = Statement::new(
        "SELECT count(*) AS count FROM (
             SELECT FROM evidence_messages WHERE recorded_at < ? AND archive_number IS NOT NULL LIMIT ?) AS due",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(most)
    .get_result(connection)
    .await?;
    if due.count == 0 {
        return Ok(0);
    }
    removed.bind::<Timestamptz, _>(before).bind::<BigInt, _>(most).execute(connection).await?;
    Ok(usize::try_from(due.count).unwrap_or_default())
}

/// Archives older than `before` whose files are still there.
pub(in crate::sealing) async fn old_archives(
    connection: &mut Connection,
    before: DateTime<Utc>,
) -> Result<Vec<(i64, String)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
        #[diesel(sql_type = Text)]
        file_name: String,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT number, file_name FROM evidence_archives WHERE made_at < ? AND removed_at IS NULL ORDER BY number",
    )
    .bind::<Timestamptz, _>(before)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|Row { number, file_name }| (number, file_name)).collect())
}

/// Notes that the file of an archive was removed.
pub(in crate::sealing) async fn note_removed(
    connection: &mut Connection,
    number: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new("UPDATE evidence_archives SET removed_at = ? WHERE number = ?")
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(number)
        .execute(connection)
        .await?;
    Ok(())
}
