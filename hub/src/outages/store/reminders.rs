//! The SQL of what is reminded of: windows that begin soon, and ends that have passed (Order 926, section
//! III, clause 16).

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{BigInt, Integer, Interval, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::outages::model::{Outage, OutageId};
use crate::outages::rules::{REMINDED_BEFORE, TOLD_ON_FOR};
use crate::parties::SystemId;

/// Planned windows that begin after `now` and by `until`, and of whose start nobody was reminded.
pub(in crate::outages) async fn to_remind_of_start(
    connection: &mut Connection,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<OutageId>> {
    let statement = Statement::new(
        "SELECT id FROM outages
         WHERE recovered_at IS NULL AND cancelled_at IS NULL AND kind = 'planned' AND starts_at > ? AND starts_at <= ?
           AND changed_at < starts_at - ? AND reminded_of_start IS DISTINCT FROM starts_at
         ORDER BY id LIMIT ?",
    );
    let statement = statement.bind::<Timestamptz, _>(now).bind::<Timestamptz, _>(until);
    let statement = statement.bind::<Interval, _>(REMINDED_BEFORE);
    ids(connection, statement.bind::<BigInt, _>(limit)).await
}

/// Open outages whose end has passed, which nobody was told: the expected one, and of planned work each that
/// was told in its place.
pub(in crate::outages) async fn to_remind_of_end(
    connection: &mut Connection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<OutageId>> {
    let statement = Statement::new(
        "SELECT id FROM outages
         WHERE recovered_at IS NULL AND cancelled_at IS NULL AND expected_end_at <= ?
           AND (reminded_of_end IS NULL OR reminded_of_end < expected_end_at
                OR (kind = 'planned' AND reminded_of_end <= ?))
         ORDER BY id LIMIT ?",
    );
    let statement = statement.bind::<Timestamptz, _>(now).bind::<Timestamptz, _>(now - TOLD_ON_FOR);
    ids(connection, statement.bind::<BigInt, _>(limit)).await
}

/// Notes that the start of an outage, or that an end of it which `passed`, was reminded of, under a version
/// of its own. Who declared it; `None` when another replica has noted the same.
pub(in crate::outages) async fn note_reminder(
    connection: &mut Connection,
    outage: &Outage,
    passed: Option<DateTime<Utc>>,
) -> Result<Option<SystemId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        declared_by: Uuid,
    }
    let statement = match passed {
        None => Statement::new(
            "UPDATE outages SET version = ?, changed_at = ?, reminded_of_start = starts_at
             WHERE id = ? AND reminded_of_start IS DISTINCT FROM starts_at RETURNING declared_by",
        )
        .bind::<Integer, _>(outage.version)
        .bind::<Timestamptz, _>(outage.changed_at)
        .bind::<SqlUuid, _>(outage.id.0),
        Some(passed) => Statement::new(
            "UPDATE outages SET version = ?, changed_at = ?, reminded_of_end = ?
             WHERE id = ? AND (reminded_of_end IS NULL OR reminded_of_end < ?) RETURNING declared_by",
        )
        .bind::<Integer, _>(outage.version)
        .bind::<Timestamptz, _>(outage.changed_at)
        .bind::<Timestamptz, _>(passed)
        .bind::<SqlUuid, _>(outage.id.0)
        .bind::<Timestamptz, _>(passed),
    };
    let row: Option<Row> = statement.get_result(connection).await.optional()?;
    Ok(row.map(|row| SystemId(row.declared_by)))
}

async fn ids(connection: &mut Connection, statement: Statement<'_>) -> Result<Vec<OutageId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows: Vec<Row> = statement.load(connection).await?;
    Ok(rows.into_iter().map(|row| OutageId(row.id)).collect())
}
