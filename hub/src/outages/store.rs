//! The SQL of outages. That of what is reminded of is in `reminders`.

mod reminders;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use kordon_schemas::Bilingual;
use kordon_schemas::outages::OutageDirection;
use uuid::Uuid;

use super::model::{
    AffectedSystem, Functionality, Outage, OutageId, OutageKind, OutageLevel, OutageScope, Told,
};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::SystemId;
pub(super) use reminders::{note_reminder, to_remind_of_end, to_remind_of_start};

/// A read of outages: every column that makes one, and what follows the table's name.
macro_rules! select_outages {
    ($rest:literal) => {
        concat!(
            "SELECT id, version, kind, affected_systems, starts_at, expected_end_at, recovered_at, cancelled_at,
                    fallback_allowed, text_uk, text_en, declared_at, changed_at, content_digest, level, country,
                    direction, began_at, functionalities
             FROM outages ",
            $rest
        )
    };
}

#[derive(QueryableByName)]
struct OutageRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Array<Text>)]
    affected_systems: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expected_end_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    recovered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    cancelled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    fallback_allowed: bool,
    #[diesel(sql_type = Text)]
    text_uk: String,
    #[diesel(sql_type = Text)]
    text_en: String,
    #[diesel(sql_type = Timestamptz)]
    declared_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    changed_at: DateTime<Utc>,
    #[diesel(sql_type = Binary)]
    content_digest: Vec<u8>,
    #[diesel(sql_type = Text)]
    level: String,
    #[diesel(sql_type = Nullable<Text>)]
    country: Option<String>,
    #[diesel(sql_type = Text)]
    direction: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    began_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Array<Text>)]
    functionalities: Vec<String>,
}

impl OutageRow {
    fn read(self) -> Result<(Outage, Vec<u8>)> {
        let Self {
            id,
            version,
            kind,
            affected_systems,
            starts_at,
            expected_end_at,
            recovered_at,
            cancelled_at,
            fallback_allowed,
            text_uk,
            text_en,
            declared_at,
            changed_at,
            content_digest,
            level,
            country,
            direction,
            began_at,
            functionalities,
        } = self;
        let scope = OutageScope {
            level: OutageLevel::from_word(&level).ok_or_else(|| stored_badly(&level))?,
            country,
            direction: OutageDirection::from_word(&direction).ok_or_else(|| stored_badly(&direction))?,
        };
        let outage = Outage {
            id: OutageId(id),
            version,
            kind: OutageKind::ALL
                .into_iter()
                .find(|known| known.as_str() == kind)
                .ok_or_else(|| stored_badly(&kind))?,
            affected_systems: affected_systems
                .iter()
                .map(|name| system(name))
                .collect::<Result<BTreeSet<_>>>()?,
            functionalities: functionalities
                .iter()
                .map(|code| Functionality::parse(code).ok_or_else(|| stored_badly(code)))
                .collect::<Result<_>>()?,
            scope,
            starts_at,
            began_at,
            expected_end_at,
            recovered_at,
            cancelled_at,
            fallback_allowed,
            text: Bilingual { uk: text_uk, en: text_en },
            declared_at,
            changed_at,
        };
        Ok((outage, content_digest))
    }
}

fn system(name: &str) -> Result<AffectedSystem> {
    AffectedSystem::ALL.into_iter().find(|known| known.as_str() == name).ok_or_else(|| stored_badly(name))
}

fn stored_badly(word: &str) -> Error {
    Error::stored_badly("an outage", word)
}

fn names(systems: &BTreeSet<AffectedSystem>) -> Vec<&'static str> {
    systems.iter().map(|system| system.as_str()).collect()
}

fn letters(functionalities: &BTreeSet<Functionality>) -> Vec<String> {
    functionalities.iter().map(|code| code.letter().to_string()).collect()
}

/// Adds an outage; `false` when the declarer has used the key before.
pub(super) async fn insert(
    connection: &mut Connection,
    outage: &Outage,
    declared_by: SystemId,
    key: Option<&str>,
    content_digest: [u8; 32],
) -> Result<bool> {
    let added = Statement::new(
        "INSERT INTO outages (id, version, kind, affected_systems, starts_at, expected_end_at, fallback_allowed,
                              text_uk, text_en, declared_by, declared_at, changed_at, idempotency_key, content_digest,
                              level, country, direction, functionalities)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (declared_by, idempotency_key) DO NOTHING",
    )
    .bind::<SqlUuid, _>(outage.id.0)
    .bind::<Integer, _>(outage.version)
    .bind::<Text, _>(outage.kind.as_str())
    .bind::<Array<Text>, _>(names(&outage.affected_systems))
    .bind::<Timestamptz, _>(outage.starts_at)
    .bind::<Nullable<Timestamptz>, _>(outage.expected_end_at)
    .bind::<Bool, _>(outage.fallback_allowed)
    .bind::<Text, _>(&outage.text.uk)
    .bind::<Text, _>(&outage.text.en)
    .bind::<SqlUuid, _>(declared_by.0)
    .bind::<Timestamptz, _>(outage.declared_at)
    .bind::<Timestamptz, _>(outage.changed_at)
    .bind::<Nullable<Text>, _>(key)
    .bind::<Binary, _>(content_digest.to_vec())
    .bind::<Text, _>(outage.scope.level.as_str())
    .bind::<Nullable<Text>, _>(outage.scope.country.as_deref())
    .bind::<Text, _>(outage.scope.direction.as_str())
    .bind::<Array<Text>, _>(letters(&outage.functionalities))
    .execute(connection)
    .await?;
    Ok(added == 1)
}

/// Writes what a change may touch.
pub(super) async fn update(connection: &mut Connection, outage: &Outage) -> Result<()> {
    Statement::new(
        "UPDATE outages
         SET version = ?, affected_systems = ?, starts_at = ?, expected_end_at = ?, recovered_at = ?,
             cancelled_at = ?, fallback_allowed = ?, text_uk = ?, text_en = ?, changed_at = ?, began_at = ?,
             functionalities = ?
         WHERE id = ?",
    )
    .bind::<Integer, _>(outage.version)
    .bind::<Array<Text>, _>(names(&outage.affected_systems))
    .bind::<Timestamptz, _>(outage.starts_at)
    .bind::<Nullable<Timestamptz>, _>(outage.expected_end_at)
    .bind::<Nullable<Timestamptz>, _>(outage.recovered_at)
    .bind::<Nullable<Timestamptz>, _>(outage.cancelled_at)
    .bind::<Bool, _>(outage.fallback_allowed)
    .bind::<Text, _>(&outage.text.uk)
    .bind::<Text, _>(&outage.text.en)
    .bind::<Timestamptz, _>(outage.changed_at)
    .bind::<Nullable<Timestamptz>, _>(outage.began_at)
    .bind::<Array<Text>, _>(letters(&outage.functionalities))
    .bind::<SqlUuid, _>(outage.id.0)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct TwinRow {
    #[diesel(sql_type = SqlUuid)]
    outage_id: Uuid,
}

/// Lets one declaration at a time be held against the outages that stand: the row of the journal of notices,
/// which each of them needs at its end anyway. It is taken before any key is.
pub(super) async fn one_at_a_time(connection: &mut Connection) -> Result<()> {
    Statement::new("SELECT FROM notice_journal FOR UPDATE").execute(connection).await?;
    Ok(())
}

/// Takes the keys of an outage that stands. The twin that holds one of them already, if there is one; then
/// the transaction must be given up.
pub(super) async fn claim_unavailabilities(
    connection: &mut Connection,
    outage: &Outage,
) -> Result<Option<OutageId>> {
    let (systems, functionalities) = keys(outage);
    let taken = Statement::new(
        "INSERT INTO outage_unavailabilities (kind, affected_system, functionality, starts_at, outage_id)
         SELECT ?, affected_system, functionality, ?, ? FROM unnest(?, ?) AS wanted (affected_system, functionality)
         ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(outage.kind.as_str())
    .bind::<Timestamptz, _>(outage.begun_at())
    .bind::<SqlUuid, _>(outage.id.0)
    .bind::<Array<Text>, _>(&systems)
    .bind::<Array<Text>, _>(&functionalities)
    .execute(connection)
    .await?;
    if taken == systems.len() {
        return Ok(None);
    }
    let twin: Option<TwinRow> = Statement::new(
        "SELECT outage_id FROM outage_unavailabilities
         JOIN unnest(?, ?) AS wanted (affected_system, functionality) USING (affected_system, functionality)
         WHERE kind = ? AND starts_at = ? AND outage_id <> ?
         ORDER BY affected_system, functionality LIMIT 1",
    )
    .bind::<Array<Text>, _>(&systems)
    .bind::<Array<Text>, _>(&functionalities)
    .bind::<Text, _>(outage.kind.as_str())
    .bind::<Timestamptz, _>(outage.begun_at())
    .bind::<SqlUuid, _>(outage.id.0)
    .get_result(connection)
    .await
    .optional()?;
    // Under the lock of [`one_at_a_time`] none is withdrawn between the two statements.
    twin.map(|twin| Some(OutageId(twin.outage_id))).ok_or_else(|| stored_badly("a key that no outage has"))
}

/// What DG TAXUD will know an outage by, beside kind and start: its functionalities, or its systems where it
/// names none.
fn keys(outage: &Outage) -> (Vec<String>, Vec<String>) {
    let functionalities = letters(&outage.functionalities);
    if functionalities.is_empty() {
        let systems: Vec<String> =
            names(&outage.affected_systems).into_iter().map(ToOwned::to_owned).collect();
        let none = vec![String::new(); systems.len()];
        (systems, none)
    } else {
        (vec![String::new(); functionalities.len()], functionalities)
    }
}

/// The outages of a level that stand, but for one, the earliest declared first.
pub(super) async fn standing(
    connection: &mut Connection,
    level: OutageLevel,
    but: OutageId,
) -> Result<Vec<Outage>> {
    let rows: Vec<OutageRow> = Statement::new(select_outages!(
        "WHERE recovered_at IS NULL AND cancelled_at IS NULL AND level = ? AND id <> ? ORDER BY id"
    ))
    .bind::<Text, _>(level.as_str())
    .bind::<SqlUuid, _>(but.0)
    .load(connection)
    .await?;
    rows.into_iter().map(|row| row.read().map(|(outage, _)| outage)).collect()
}

pub(super) async fn give_up_unavailabilities(connection: &mut Connection, id: OutageId) -> Result<()> {
    Statement::new("DELETE FROM outage_unavailabilities WHERE outage_id = ?")
        .bind::<SqlUuid, _>(id.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// An outage, locked until the end of the transaction: its changes and their notices follow one another.
pub(super) async fn locked(connection: &mut Connection, id: OutageId) -> Result<Option<Outage>> {
    read_one(
        connection,
        Statement::new(select_outages!("WHERE id = ? FOR NO KEY UPDATE")).bind::<SqlUuid, _>(id.0),
    )
    .await
    .map(|found| found.map(|(outage, _)| outage))
}

pub(super) async fn one(connection: &mut Connection, id: OutageId) -> Result<Option<Outage>> {
    read_one(connection, Statement::new(select_outages!("WHERE id = ?")).bind::<SqlUuid, _>(id.0))
        .await
        .map(|found| found.map(|(outage, _)| outage))
}

/// Notes whether the Fallback flag is up because a permit came into force.
pub(super) async fn note_fallback_for_permits(
    connection: &mut Connection,
    id: OutageId,
    for_permits: bool,
) -> Result<()> {
    Statement::new("UPDATE outages SET fallback_for_permits = ? WHERE id = ? AND fallback_for_permits <> ?")
        .bind::<Bool, _>(for_permits)
        .bind::<SqlUuid, _>(id.0)
        .bind::<Bool, _>(for_permits)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether the Fallback flag is up because a permit came into force, and line 1 has said nothing of it since.
pub(super) async fn fallback_is_for_permits(connection: &mut Connection, id: OutageId) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        fallback_for_permits: bool,
    }
    let row: Row = Statement::new("SELECT fallback_for_permits FROM outages WHERE id = ?")
        .bind::<SqlUuid, _>(id.0)
        .get_result(connection)
        .await?;
    Ok(row.fallback_for_permits)
}

/// What a declarer has declared under a key, with the digest of the declaration.
pub(super) async fn by_key(
    connection: &mut Connection,
    declared_by: SystemId,
    key: &str,
) -> Result<Option<(Outage, Vec<u8>)>> {
    let statement = Statement::new(select_outages!("WHERE declared_by = ? AND idempotency_key = ?"))
        .bind::<SqlUuid, _>(declared_by.0)
        .bind::<Text, _>(key);
    read_one(connection, statement).await
}

pub(super) async fn before(
    connection: &mut Connection,
    only_open: bool,
    after: Option<OutageId>,
    limit: i64,
) -> Result<Vec<Outage>> {
    let statement = if only_open {
        Statement::new(select_outages!(
            "WHERE recovered_at IS NULL AND cancelled_at IS NULL AND id < ? ORDER BY id DESC LIMIT ?"
        ))
    } else {
        Statement::new(select_outages!("WHERE id < ? ORDER BY id DESC LIMIT ?"))
    };
    let rows: Vec<OutageRow> = statement
        .bind::<SqlUuid, _>(after.map_or(Uuid::max(), |id| id.0))
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?;
    rows.into_iter().map(|row| row.read().map(|(outage, _)| outage)).collect()
}

/// What was told last, by a moment, of each outage that may have run at that time.
pub(super) async fn last_told(
    connection: &mut Connection,
    by: DateTime<Utc>,
) -> Result<Vec<(OutageId, Told)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Jsonb)]
        told: serde_json::Value,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT outages.id, last.told
         FROM outages
         CROSS JOIN LATERAL (
             SELECT told FROM notices
             WHERE outage_id = outages.id AND created_at <= ? ORDER BY number DESC LIMIT 1
         ) AS last
         WHERE (recovered_at IS NULL AND cancelled_at IS NULL) OR changed_at > ?",
    )
    .bind::<Timestamptz, _>(by)
    .bind::<Timestamptz, _>(by)
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { id, told }| {
            let told = serde_json::from_value(told).map_err(|error| stored_badly(&error.to_string()))?;
            Ok((OutageId(id), told))
        })
        .collect()
}

async fn read_one(
    connection: &mut Connection,
    statement: Statement<'_>,
) -> Result<Option<(Outage, Vec<u8>)>> {
    let row: Option<OutageRow> = statement.get_result(connection).await.optional()?;
    row.map(OutageRow::read).transpose()
}
