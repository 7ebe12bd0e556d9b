//! What DG TAXUD did not accept: CD906C and CD917C, tied to the notice whose message they name.
//!
//! A rejected notice was not taken: its delivery has failed for good, like one that was refused at the door. So the alarm on failed
//! deliveries rings, and what is told next differs from what was taken last, not from what was rejected.
//!
//! A rejection may come before the hub has recorded that the notice was sent, or after an attempt whose answer was lost. So whoever
//! records one locks the delivery, and waits for a worker that has it in hand; and an attempt that ends after a rejection of its notice
//! was recorded leaves it failed.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use kordon_schemas::notices::{NoticeWithDeliveries, Rejection, RejectionFault, RejectionKind};
use uuid::Uuid;

use super::model::{NoticeId, Recipient};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};

/// The most faults of a rejection that are kept.
pub const MOST_FAULTS: usize = 100;

/// A rejection, as it was read from its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The identification of the rejection itself.
    pub identification: String,
    /// By which message.
    pub kind: RejectionKind,
    /// The identification of the message that is rejected.
    pub of: String,
    /// What is wrong with that, at most [`MOST_FAULTS`].
    pub faults: Vec<RejectionFault>,
}

/// Records a rejection and shows the notice that it is about. The same rejection again is the same.
///
/// # Errors
/// [`Error::Invalid`] when it names no message of this hub.
pub async fn record(
    connection: &mut Connection,
    rejected: &Rejected,
    now: DateTime<Utc>,
) -> Result<NoticeWithDeliveries> {
    let unknown = || Error::fault("correlationIdentifier", "names no message that this hub has sent");
    let id = notice_of(&rejected.of).ok_or_else(unknown)?;
    match super::get(connection, id).await {
        Ok(known) if known.deliveries.iter().any(|delivery| delivery.recipient == Recipient::Taxud) => {}
        Ok(_) | Err(Error::NotFound { .. }) => return Err(unknown()),
        Err(other) => return Err(other),
    }
    let faults =
        serde_json::to_value(&rejected.faults).map_err(|error| Error::Internal(error.to_string()))?;
    let (kind, fault_count) = (rejected.kind.as_str(), rejected.faults.len());
    tracing::error!(notice = %id, kind, fault_count, "DG TAXUD rejected a notice; a person must look");
    connection
        .transaction(async |connection| {
            lock_delivery(connection, id).await?;
            Statement::new(
                "INSERT INTO notice_rejections (identification, notice_id, kind, received_at, faults)
                 VALUES (?, ?, ?, ?, ?) ON CONFLICT (identification) DO NOTHING",
            )
            .bind::<Text, _>(rejected.identification.as_str())
            .bind::<SqlUuid, _>(id.0)
            .bind::<Text, _>(rejected.kind.as_str())
            .bind::<Timestamptz, _>(now)
            .bind::<Jsonb, _>(faults)
            .execute(connection)
            .await?;
            // Only what is settled: a notice that is still on its way fails when its next attempt is recorded.
            Statement::new(
                "UPDATE notice_deliveries AS delivery SET state = 'failed'
                 FROM notices
                 WHERE notices.id = ? AND delivery.outage_id = notices.outage_id AND delivery.number = notices.number
                   AND recipient = 'taxud' AND state = 'delivered'",
            )
            .bind::<SqlUuid, _>(id.0)
            .execute(connection)
            .await?;
            super::get(connection, id).await
        })
        .await
}

/// Locks the delivery of a notice to DG TAXUD until the end of the transaction. A worker that is sending it holds it for longer than a
/// lock is waited for: then the sender is told that the hub is not available, and sends the rejection again.
async fn lock_delivery(connection: &mut Connection, id: NoticeId) -> Result<()> {
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

/// The notice whose id stands in the identification of a message: after the two letters of the country, in hexadecimal digits.
fn notice_of(identification: &str) -> Option<NoticeId> {
    let (_, id) = identification.split_at_checked(2)?;
    (id.len() == 32).then(|| Uuid::try_parse(id).ok()).flatten().map(NoticeId)
}

/// How a notice was rejected, in order.
pub(super) async fn of(connection: &mut Connection, id: NoticeId) -> Result<Vec<Rejection>> {
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
    let stored_badly = |what: &str| Error::Internal(format!("a rejection is stored badly: {what}"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_found_in_the_identification_of_its_message() {
        let id = Uuid::from_u128(0x019a_9d2e_7c00_7000_8000_0000_0000_00a1);
        assert_eq!(notice_of(&format!("UA{}", id.simple())), Some(NoticeId(id)));
        for odd in ["", "UA", "UA123", "UA019a9d2e-7c00-7000-8000-0000000000a1", "їx", &"й".repeat(17)] {
            assert_eq!(notice_of(odd), None, "{odd}");
        }
    }
}
