//! The SQL of journals: locking them, moving them on, and announcing that to those who follow a checkpoint's
//! changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use kordon_schemas::CheckpointCode;

use crate::crossings::model::Position;
use crate::database::{Connection, Statement};
use crate::error::Result;

/// Locks the journals of the checkpoints, always in the order of their codes so that two replicas never wait
/// for each other, and tells the last position of each.
pub(in crate::crossings) async fn lock_journals(
    mut connection: &Connection,
    checkpoints: &[&str],
) -> Result<BTreeMap<String, i64>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        checkpoint: String,
        #[diesel(sql_type = BigInt)]
        last_position: i64,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT checkpoint, last_position FROM checkpoint_journals
         WHERE checkpoint = ANY(?) ORDER BY checkpoint FOR UPDATE",
    )
    .bind::<Array<Text>, _>(checkpoints)
    .load(&mut connection)
    .await?;
    Ok(rows.into_iter().map(|Row { checkpoint, last_position }| (checkpoint, last_position)).collect())
}

/// Writes the last position of a journal back and, when the transaction is committed, announces the
/// checkpoint to those who follow its changes. For acts of people and timers, which are rare: an announcement
/// takes a lock of the whole database while it commits.
pub(in crate::crossings) async fn advance_journal(
    mut connection: &Connection,
    checkpoint: &CheckpointCode,
    last: Position,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "WITH advanced AS (
             UPDATE checkpoint_journals SET last_position = ?, changed_at = ? WHERE checkpoint = ? RETURNING checkpoint)
         SELECT pg_notify('kordon_journals', checkpoint) FROM advanced",
    )
    .bind::<BigInt, _>(last.0)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// Writes the last positions back and announces nothing: the recorder does that once its batch is committed.
pub(in crate::crossings) async fn advance_journals_silently(
    mut connection: &Connection,
    last_positions: &BTreeMap<impl AsRef<str>, i64>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (checkpoints, positions): (Vec<&str>, Vec<i64>) =
        last_positions.iter().map(|(checkpoint, position)| (checkpoint.as_ref(), *position)).unzip();
    Statement::new(
        "UPDATE checkpoint_journals AS journal SET last_position = new.last_position, changed_at = ?
         FROM unnest(?, ?) AS new (checkpoint, last_position)
         WHERE journal.checkpoint = new.checkpoint",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<BigInt>, _>(positions)
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// From here on, what is committed on this connection does not wait for the disk.
pub(in crate::crossings) async fn commit_without_disk(connection: &mut Connection) -> Result<()> {
    Ok(connection.batch_execute("SET synchronous_commit = off").await?)
}

/// Announces that something was recorded at these checkpoints.
pub(in crate::crossings) async fn announce(
    connection: &mut Connection,
    checkpoints: &BTreeSet<CheckpointCode>,
) -> Result<()> {
    let names: Vec<&str> = checkpoints.iter().map(CheckpointCode::as_str).collect();
    Statement::new("SELECT pg_notify('kordon_journals', ?)")
        .bind::<Text, _>(names.join(","))
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct JournalPosition {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = BigInt)]
    last_position: i64,
}

/// Where every journal stands. Nothing is locked.
pub(in crate::crossings) async fn journal_positions(
    connection: &mut Connection,
) -> Result<HashMap<String, i64>> {
    let rows: Vec<JournalPosition> =
        Statement::new("SELECT checkpoint, last_position FROM checkpoint_journals").load(connection).await?;
    let of = |JournalPosition { checkpoint, last_position }| (checkpoint, last_position);
    Ok(rows.into_iter().map(of).collect())
}
