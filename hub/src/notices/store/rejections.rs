//! The SQL of rejections, and of the deliveries that fail by them.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::notices::{Rejection, RejectionKind};

use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::notices::model::NoticeId;
use crate::notices::rejections::Rejected;

/// Locks the delivery of a notice to DG TAXUD until the end of the transaction. A worker that is sending it
/// holds it for longer than a lock is waited for: then the sender is told that the hub is not available, and
/// sends the rejection again.
pub(in crate::notices) async fn lock_delivery(connection: &mut Connection, id: NoticeId) -> Result<()> {
    Statement::new(
        "SELECT delivery.number
         FROM notice_deliveries AS delivery
         JOIN notices ON notices.outage_id = delivery.outage_id AND notices.number = delivery.number
         WHERE notices.id = ? AND recipient = 'taxud'
         FOR NO KEY UPDATE OF delivery",
    )
    .bind::<SqlUuid, _>(id.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes a rejection. One that was written before stays as it is.
pub(in crate::notices) async fn insert(
    connection: &mut Connection,
    id: NoticeId,
    rejected: &Rejected,
    now: DateTime<Utc>,
) -> Result<()> {
    let Rejected { identification, kind, of: _, faults } = rejected;
    let faults = serde_json::to_value(faults).map_err(|error| Error::Internal(error.to_string()))?;
    Statement::new(
        "INSERT INTO notice_rejections (identification, notice_id, kind, received_at, faults)
         VALUES (?, ?, ?, ?, ?) ON CONFLICT (identification) DO NOTHING",
    )
    .bind::<Text, _>(identification.as_str())
    .bind::<SqlUuid, _>(id.0)
    .bind::<Text, _>(kind.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<Jsonb, _>(faults)
    .execute(connection)
    .await?;
    Ok(())
}

/// Has the delivery of a notice to DG TAXUD failed, if it was taken.
pub(in crate::notices) async fn fail_delivered(connection: &mut Connection, id: NoticeId) -> Result<()> {
    Statement::new(
        "UPDATE notice_deliveries AS delivery SET state = 'failed'
         FROM notices
         WHERE notices.id = ? AND delivery.outage_id = notices.outage_id AND delivery.number = notices.number
           AND recipient = 'taxud' AND state = 'delivered'",
    )
    .bind::<SqlUuid, _>(id.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// How a notice was rejected, in order.
pub(in crate::notices) async fn of(connection: &mut Connection, id: NoticeId) -> Result<Vec<Rejection>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        identification: String,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Timestamptz)]
        received_at: DateTime<Utc>,
        #[diesel(sql_type = Jsonb)]
        faults: serde_json::Value,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT identification, kind, received_at, faults FROM notice_rejections WHERE notice_id = ?
         ORDER BY received_at, identification",
    )
    .bind::<SqlUuid, _>(id.0)
    .load(connection)
    .await?;
    let stored_badly = |what: &str| Error::stored_badly("a rejection", what);
    rows.into_iter()
        .map(|Row { identification, kind, received_at, faults }| {
            Ok(Rejection {
                identification,
                kind: RejectionKind::from_word(&kind).ok_or_else(|| stored_badly(&kind))?,
                received_at,
                faults: serde_json::from_value(faults).map_err(|error| stored_badly(&error.to_string()))?,
            })
        })
        .collect()
}
