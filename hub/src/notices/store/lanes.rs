//! The SQL of the workers: which lane is next, what is sent, and how it went.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::notices::{NoticeRow, read_told};
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::notices::model::{Addressee, AnyNotice, AttemptOutcome, DeliveryState, Notice, Recipient};
use crate::outages::Told;
use crate::permits::RequestId;

/// What a worker says to hear of new notices.
pub(in crate::notices) const LISTEN: &str = "LISTEN kordon_notices";

/// Wakes the workers of all replicas, once this transaction is committed. They listen by [`LISTEN`].
pub(in crate::notices) async fn wake_workers(connection: &mut Connection) -> Result<()> {
    Statement::new("NOTIFY kordon_notices").execute(connection).await?;
    Ok(())
}

/// Locks a lane whose next notice is due and that no other worker has locked. A notice waits for the earlier
/// ones of its lane, however long they take.
pub(in crate::notices) async fn lock_due_lane(
    connection: &mut Connection,
    recipient: &Addressee,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>> {
    #[derive(QueryableByName)]
    struct Lane {
        #[diesel(sql_type = SqlUuid)]
        outage_id: Uuid,
    }
    // NO KEY: a change of the outage writes deliveries of this lane meanwhile and must not wait for the
    // recipient.
    let lane: Option<Lane> = Statement::new(
        "SELECT lane.outage_id
         FROM notice_deliveries AS head
         JOIN notice_lanes AS lane ON lane.recipient = head.recipient AND lane.outage_id = head.outage_id
         WHERE head.recipient = ? AND head.state = 'pending' AND head.due_at <= ?
           AND NOT EXISTS (
               SELECT FROM notice_deliveries AS earlier
               WHERE earlier.recipient = head.recipient AND earlier.outage_id = head.outage_id
                 AND earlier.number < head.number AND earlier.state = 'pending')
         ORDER BY head.due_at, head.outage_id
         LIMIT 1
         FOR NO KEY UPDATE OF lane SKIP LOCKED",
    )
    .bind::<Text, _>(&*recipient.key())
    .bind::<Timestamptz, _>(now)
    .get_result(connection)
    .await
    .optional()?;
    Ok(lane.map(|lane| lane.outage_id))
}

/// The first notice of a lane that its recipient has not taken yet, locked: its text does not change while it
/// is sent.
pub(in crate::notices) struct Head {
    pub(in crate::notices) notice: AnyNotice,
    pub(in crate::notices) attempts: i32,
    pub(in crate::notices) due_at: DateTime<Utc>,
}

pub(in crate::notices) async fn head(
    connection: &mut Connection,
    recipient: &Addressee,
    lane: Uuid,
) -> Result<Option<Head>> {
    #[derive(QueryableByName)]
    struct HeadRow {
        #[diesel(embed)]
        notice: NoticeRow,
        #[diesel(sql_type = Integer)]
        attempts: i32,
        #[diesel(sql_type = Timestamptz)]
        due_at: DateTime<Utc>,
    }
    let row: Option<HeadRow> = Statement::new(
        "SELECT notices.id, position, notices.outage_id, permit_request_id, notices.number, kind, told, created_at,
                attempts, due_at
         FROM notice_deliveries AS delivery
         JOIN notices ON notices.outage_id = delivery.outage_id AND notices.number = delivery.number
         WHERE recipient = ? AND delivery.outage_id = ? AND state = 'pending'
         ORDER BY delivery.number LIMIT 1
         FOR NO KEY UPDATE OF delivery",
    )
    .bind::<Text, _>(&*recipient.key())
    .bind::<SqlUuid, _>(lane)
    .get_result(connection)
    .await
    .optional()?;
    row.map(|HeadRow { notice, attempts, due_at }| Ok(Head { notice: notice.read()?, attempts, due_at }))
        .transpose()
}

/// The outage as the recipient last took it before a notice.
pub(in crate::notices) async fn taken_before(
    connection: &mut Connection,
    recipient: &Addressee,
    notice: &Notice,
) -> Result<Option<Told>> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = Jsonb)]
        told: serde_json::Value,
    }
    let taken: Option<Taken> = Statement::new(
        "SELECT told FROM notice_deliveries AS delivery
         JOIN notices ON notices.outage_id = delivery.outage_id AND notices.number = delivery.number
         WHERE recipient = ? AND delivery.outage_id = ? AND delivery.number < ? AND state = 'delivered'
         ORDER BY delivery.number DESC LIMIT 1",
    )
    .bind::<Text, _>(&*recipient.key())
    .bind::<SqlUuid, _>(notice.outage_id.0)
    .bind::<Integer, _>(notice.number)
    .get_result(connection)
    .await
    .optional()?;
    taken.map(|taken| read_told(taken.told)).transpose()
}

/// The e-mail address that the office or the trader of a request gave.
pub(in crate::notices) async fn address(
    connection: &mut Connection,
    recipient: &Addressee,
    request: RequestId,
) -> Result<Option<String>> {
    #[derive(QueryableByName)]
    struct Address {
        #[diesel(sql_type = Nullable<Text>)]
        address: Option<String>,
    }
    let statement = match recipient {
        Addressee::Fixed(Recipient::DepartureOffice) => Statement::new(
            "SELECT contact ->> 'email' AS address FROM tickets
             JOIN permit_requests ON ticket_id = tickets.id WHERE permit_requests.id = ?",
        ),
        Addressee::Fixed(Recipient::Trader) => {
            Statement::new("SELECT trader_contact ->> 'email' AS address FROM permit_requests WHERE id = ?")
        }
        Addressee::Fixed(Recipient::Taxud | Recipient::PressOffice | Recipient::Trembita)
        | Addressee::Subscriber(_) => return Ok(None),
    };
    let found: Option<Address> =
        statement.bind::<SqlUuid, _>(request.0).get_result(connection).await.optional()?;
    Ok(found.and_then(|found| found.address))
}

/// An attempt, and where it leaves the delivery.
pub(in crate::notices) struct Attempt<'a> {
    pub(in crate::notices) recipient: &'a Addressee,
    pub(in crate::notices) number: i32,
    pub(in crate::notices) at: DateTime<Utc>,
    pub(in crate::notices) outcome: AttemptOutcome,
    pub(in crate::notices) detail: &'a str,
    pub(in crate::notices) duration_ms: i32,
    pub(in crate::notices) state: DeliveryState,
    pub(in crate::notices) due_at: DateTime<Utc>,
    pub(in crate::notices) settled_at: Option<DateTime<Utc>>,
}

/// Writes how an attempt went. What DG TAXUD took but has rejected by now has failed: the rejection may have
/// come after an earlier attempt whose answer was lost. Its delivery is locked since [`head`], so no
/// rejection comes in between.
pub(in crate::notices) async fn record_attempt(
    connection: &mut Connection,
    (lane, number): (Uuid, i32),
    attempt: &Attempt<'_>,
) -> Result<()> {
    Statement::new(
        "INSERT INTO delivery_attempts (recipient, outage_id, number, attempt, at, outcome, detail, duration_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(&*attempt.recipient.key())
    .bind::<SqlUuid, _>(lane)
    .bind::<Integer, _>(number)
    .bind::<Integer, _>(attempt.number)
    .bind::<Timestamptz, _>(attempt.at)
    .bind::<Text, _>(attempt.outcome.as_str())
    .bind::<Text, _>(attempt.detail)
    .bind::<Integer, _>(attempt.duration_ms)
    .execute(connection)
    .await?;
    Statement::new(
        "UPDATE notice_deliveries AS delivery
         SET attempts = ?, due_at = ?, settled_at = ?,
             state = CASE WHEN ? = 'delivered' AND recipient = 'taxud' AND EXISTS (
                              SELECT FROM notice_rejections AS rejection JOIN notices ON notices.id = rejection.notice_id
                              WHERE notices.outage_id = delivery.outage_id AND notices.number = delivery.number)
                          THEN 'failed' ELSE ? END
         WHERE recipient = ? AND outage_id = ? AND number = ?",
    )
    .bind::<Integer, _>(attempt.number)
    .bind::<Timestamptz, _>(attempt.due_at)
    .bind::<Nullable<Timestamptz>, _>(attempt.settled_at)
    .bind::<Text, _>(attempt.state.as_str())
    .bind::<Text, _>(attempt.state.as_str())
    .bind::<Text, _>(&*attempt.recipient.key())
    .bind::<SqlUuid, _>(lane)
    .bind::<Integer, _>(number)
    .execute(connection)
    .await?;
    Ok(())
}

/// When the next notice to a recipient is due, also if another worker has it in its hands.
pub(in crate::notices) async fn next_due(
    connection: &mut Connection,
    recipient: &Addressee,
) -> Result<Option<DateTime<Utc>>> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        due_at: Option<DateTime<Utc>>,
    }
    let due: Due = Statement::new(
        "SELECT min(due_at) AS due_at FROM notice_deliveries AS head
         WHERE recipient = ? AND state = 'pending'
           AND NOT EXISTS (
               SELECT FROM notice_deliveries AS earlier
               WHERE earlier.recipient = head.recipient AND earlier.outage_id = head.outage_id
                 AND earlier.number < head.number AND earlier.state = 'pending')",
    )
    .bind::<Text, _>(&*recipient.key())
    .get_result(connection)
    .await?;
    Ok(due.due_at)
}
