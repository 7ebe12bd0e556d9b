//! The SQL of permits that end: those the timer looks for, and those that still rest on an outage (Order 926,
//! section IV, clause 7).

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::outages::OutageId;
use crate::permits::model::RequestId;

/// The permits that end by `until` and of which that was not told, the earliest first.
pub(in crate::permits) async fn to_expire(
    connection: &mut Connection,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<RequestId>> {
    let statement = Statement::new(
        "SELECT id FROM permit_requests
         WHERE valid_until IS NOT NULL AND revoked_at IS NULL AND closed_at IS NULL AND expiry_noted_at IS NULL
           AND valid_until <= ?
         ORDER BY valid_until LIMIT ?",
    );
    ids(connection, statement.bind::<Timestamptz, _>(until).bind::<BigInt, _>(limit)).await
}

/// The permits that end by `until` and of which nobody was warned, the earliest first.
pub(in crate::permits) async fn to_warn(
    connection: &mut Connection,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<RequestId>> {
    let statement = Statement::new(
        "SELECT id FROM permit_requests
         WHERE valid_until IS NOT NULL AND revoked_at IS NULL AND closed_at IS NULL AND expiry_noted_at IS NULL
           AND warned_at IS NULL AND valid_until <= ?
         ORDER BY valid_until LIMIT ?",
    );
    ids(connection, statement.bind::<Timestamptz, _>(until).bind::<BigInt, _>(limit)).await
}

async fn ids(connection: &mut Connection, statement: Statement<'_>) -> Result<Vec<RequestId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows: Vec<Row> = statement.load(connection).await?;
    Ok(rows.into_iter().map(|row| RequestId(row.id)).collect())
}

/// Whether, but for one request, a permit rests on an outage that is neither taken back, nor over, nor
/// expired at `now`.
pub(in crate::permits) async fn others_rest_on(
    connection: &mut Connection,
    outage: OutageId,
    but: RequestId,
    now: DateTime<Utc>,
) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        rests: bool,
    }
    let row: Row = Statement::new(
        "SELECT EXISTS (
             SELECT FROM permit_requests
             WHERE outage_id = ? AND id <> ? AND valid_until > ? AND revoked_at IS NULL AND closed_at IS NULL
         ) AS rests",
    )
    .bind::<SqlUuid, _>(outage.0)
    .bind::<SqlUuid, _>(but.0)
    .bind::<Timestamptz, _>(now)
    .get_result(connection)
    .await?;
    Ok(row.rests)
}
