//! The SQL of permits as documents of a crossing.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use uuid::Uuid;

use crate::crossings::Position;
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::parties::SystemId;

/// Adds a permit to a crossing, whose checkpoint's journal is locked; `false` when it is there.
pub(crate) async fn insert(
    connection: &mut Connection,
    (checkpoint, crossing): (&CheckpointCode, Uuid),
    number: &str,
    (position, stated_by): (Position, SystemId),
    now: DateTime<Utc>,
) -> Result<bool> {
    let added = Statement::new(
        "INSERT INTO crossing_permits (checkpoint, crossing_id, permit_number, position, stated_at, stated_by)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(crossing)
    .bind::<Text, _>(number)
    .bind::<BigInt, _>(position.0)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(stated_by.0)
    .execute(connection)
    .await?;
    Ok(added == 1)
}

/// The numbers of a crossing's permits.
pub(in crate::permits) async fn of(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    crossing: Uuid,
) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        permit_number: String,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT permit_number FROM crossing_permits WHERE checkpoint = ? AND crossing_id = ? ORDER BY permit_number",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(crossing)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.permit_number).collect())
}
