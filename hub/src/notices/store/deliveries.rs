//! The SQL of deliveries: to whom a notice is owed, and how far that has come.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::notices as wire;
use uuid::Uuid;

use super::{known, names, stored_badly};
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::notices::model::{Addressee, DeliveryState, OutboxStanding, Recipient};

/// Makes sure that there is a lane to these recipients.
pub(in crate::notices) async fn open_lanes(
    connection: &mut Connection,
    lane: Uuid,
    recipients: &[Addressee],
) -> Result<()> {
    Statement::new(
        "INSERT INTO notice_lanes (recipient, outage_id) SELECT recipient, ? FROM unnest(?) AS recipient
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(lane)
    .bind::<Array<Text>, _>(names(recipients))
    .execute(connection)
    .await?;
    Ok(())
}

/// Those of whom there is one a notice, as the records name them. What else is there is a subscriber.
fn fixed() -> Vec<&'static str> {
    Recipient::FIXED.map(Recipient::as_str).to_vec()
}

fn addressee(key: &str) -> Result<Addressee> {
    Addressee::of_key(key).ok_or_else(|| stored_badly(key))
}

#[derive(QueryableByName)]
struct DeliveryRow {
    #[diesel(sql_type = Text)]
    recipient: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Timestamptz)]
    due_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    settled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Jsonb)]
    attempts: serde_json::Value,
}

/// The deliveries of a notice, each with its latest attempts, oldest first.
pub(in crate::notices) async fn deliveries(
    connection: &mut Connection,
    (lane, number): (Uuid, i32),
    shown_attempts: i64,
) -> Result<Vec<wire::Delivery>> {
    let rows: Vec<DeliveryRow> = Statement::new(
        "SELECT recipient, state, due_at, settled_at, latest.attempts
         FROM notice_deliveries AS delivery
         CROSS JOIN LATERAL (
             SELECT coalesce(jsonb_agg(shown ORDER BY shown.number), '[]') AS attempts
             FROM (
                 SELECT attempt AS number, at, outcome, detail, duration_ms
                 FROM delivery_attempts
                 WHERE recipient = delivery.recipient AND outage_id = delivery.outage_id
                   AND number = delivery.number
                 ORDER BY attempt DESC LIMIT ?
             ) AS shown
         ) AS latest
         WHERE outage_id = ? AND number = ? AND (recipient = ANY (?) OR starts_with(recipient, 'trembita:'))
         ORDER BY recipient DESC",
    )
    .bind::<BigInt, _>(shown_attempts)
    .bind::<SqlUuid, _>(lane)
    .bind::<Integer, _>(number)
    .bind::<Array<Text>, _>(fixed())
    .load(connection)
    .await?;
    rows.into_iter().map(DeliveryRow::read).collect()
}

impl DeliveryRow {
    fn read(self) -> Result<wire::Delivery> {
        let Self { recipient, state, due_at, settled_at, attempts } = self;
        let (recipient, subscriber) = addressee(&recipient)?.on_the_wire();
        Ok(wire::Delivery {
            recipient,
            subscriber,
            state: known(DeliveryState::ALL, DeliveryState::as_str, &state)?,
            next_attempt_at: settled_at.is_none().then_some(due_at),
            settled_at,
            attempts: serde_json::from_value(attempts).map_err(|error| stored_badly(&error.to_string()))?,
        })
    }
}

/// What each recipient is still owed.
pub(in crate::notices) async fn outbox(
    connection: &mut Connection,
    now: DateTime<Utc>,
) -> Result<Vec<OutboxStanding>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        recipient: String,
        #[diesel(sql_type = BigInt)]
        pending: i64,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        oldest_pending_at: Option<DateTime<Utc>>,
        #[diesel(sql_type = BigInt)]
        failed: i64,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT recipient, owed.pending, owed.oldest_pending_at,
                (SELECT count(*) FROM notice_deliveries AS delivery
                 WHERE delivery.recipient = recipient.recipient AND state = 'failed' AND settled_at > ?) AS failed
         FROM (SELECT unnest(?) AS recipient
               UNION ALL SELECT 'trembita:' || name FROM notice_subscribers WHERE is_open) AS recipient
         CROSS JOIN LATERAL (
             SELECT count(*) AS pending, min(created_at) AS oldest_pending_at
             FROM notice_deliveries AS delivery
             JOIN notices ON notices.outage_id = delivery.outage_id AND notices.number = delivery.number
             WHERE delivery.recipient = recipient.recipient AND state = 'pending'
         ) AS owed",
    )
    .bind::<Timestamptz, _>(now - TimeDelta::days(30))
    .bind::<Array<Text>, _>(fixed())
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { recipient, pending, oldest_pending_at, failed }| {
            let recipient = addressee(&recipient)?;
            Ok(OutboxStanding { recipient, pending, oldest_pending_at, failed })
        })
        .collect()
}
