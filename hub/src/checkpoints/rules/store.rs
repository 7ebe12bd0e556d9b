//! The SQL of rules. Rows never change.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use kordon_schemas::rules::{Rules, RulesDecision, RulesVersion, RulesVersionEntry};

use super::RulesInForce;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::Actor;

fn read_rules(written: &str) -> Result<Rules> {
    serde_json::from_str(written).map_err(|error| Error::stored_badly("a version of the rules", error))
}

/// The newest version whose day has come. None: the default.
pub(super) async fn in_force(
    mut connection: &Connection,
    checkpoint: &CheckpointCode,
    at: DateTime<Utc>,
) -> Result<Option<RulesInForce>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        version: i32,
        #[diesel(sql_type = Text)]
        rules: String,
    }
    let row: Option<Row> = Statement::new(
        "SELECT version, rules::text AS rules FROM checkpoint_rules
         WHERE checkpoint = ? AND applies_from <= ? ORDER BY version DESC LIMIT 1",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(at)
    .get_result(&mut connection)
    .await
    .optional()?;
    row.map(|Row { version, rules }| Ok(RulesInForce { version, rules: read_rules(&rules)? })).transpose()
}

pub(super) async fn version(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    version: i32,
) -> Result<Option<RulesVersion>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Timestamptz)]
        applies_from: DateTime<Utc>,
        #[diesel(sql_type = Text)]
        decision_reference: String,
        #[diesel(sql_type = Date)]
        decided_on: NaiveDate,
        #[diesel(sql_type = Text)]
        rules: String,
    }
    let row: Option<Row> = Statement::new(
        "SELECT applies_from, decision_reference, decided_on, rules::text AS rules FROM checkpoint_rules
         WHERE checkpoint = ? AND version = ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Integer, _>(version)
    .get_result(connection)
    .await
    .optional()?;
    row.map(|Row { applies_from, decision_reference, decided_on, rules }| {
        Ok(RulesVersion {
            checkpoint: checkpoint.clone(),
            version,
            applies_from: Some(applies_from),
            decision: Some(RulesDecision { reference: decision_reference, decided_on }),
            rules: read_rules(&rules)?,
        })
    })
    .transpose()
}

/// When a version newer than the one in force at a moment comes into force.
pub(super) async fn next_change(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    version: i32,
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        next: Option<DateTime<Utc>>,
    }
    let row: Row = Statement::new(
        "SELECT min(applies_from) AS next FROM checkpoint_rules
         WHERE checkpoint = ? AND version > ? AND applies_from > ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Integer, _>(version)
    .bind::<Timestamptz, _>(after)
    .get_result(connection)
    .await?;
    Ok(row.next)
}

/// The number of the newest version that is stored.
pub(super) async fn newest(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<Option<i32>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Integer>)]
        newest: Option<i32>,
    }
    let row: Row = Statement::new("SELECT max(version) AS newest FROM checkpoint_rules WHERE checkpoint = ?")
        .bind::<Text, _>(checkpoint.as_str())
        .get_result(connection)
        .await?;
    Ok(row.newest)
}

pub(super) async fn versions(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    before: Option<i32>,
    limit: usize,
) -> Result<Vec<RulesVersionEntry>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        version: i32,
        #[diesel(sql_type = Timestamptz)]
        applies_from: DateTime<Utc>,
        #[diesel(sql_type = Text)]
        decision_reference: String,
        #[diesel(sql_type = Date)]
        decided_on: NaiveDate,
        #[diesel(sql_type = Timestamptz)]
        put_at: DateTime<Utc>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT version, applies_from, decision_reference, decided_on, put_at FROM checkpoint_rules
         WHERE checkpoint = ? AND version < ? ORDER BY version DESC LIMIT ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Integer, _>(before.unwrap_or(i32::MAX))
    .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
    .load(connection)
    .await?;
    let entry = |Row { version, applies_from, decision_reference, decided_on, put_at }| RulesVersionEntry {
        version,
        applies_from: Some(applies_from),
        decision: Some(RulesDecision { reference: decision_reference, decided_on }),
        put_at: Some(put_at),
    };
    Ok(rows.into_iter().map(entry).collect())
}

pub(super) async fn insert(
    connection: &mut Connection,
    actor: &Actor,
    version: &RulesVersion,
    now: DateTime<Utc>,
) -> Result<()> {
    let RulesVersion { checkpoint, version, applies_from, decision, rules } = version;
    let rules = serde_json::to_string(rules).map_err(|error| Error::Internal(error.to_string()))?;
    Statement::new(
        "INSERT INTO checkpoint_rules (checkpoint, version, applies_from, decision_reference, decided_on, rules, put_by,
                                       put_at)
         VALUES (?, ?, ?, ?, ?, ?::text::jsonb, ?, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Integer, _>(version)
    .bind::<Nullable<Timestamptz>, _>(applies_from)
    .bind::<Nullable<Text>, _>(decision.as_ref().map(|decision| decision.reference.as_str()))
    .bind::<Nullable<Date>, _>(decision.as_ref().map(|decision| decision.decided_on))
    .bind::<Text, _>(rules)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(())
}
