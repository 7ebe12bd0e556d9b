//! The SQL of notices: writing them and reading them back. That of the workers is in [`super::lanes`].

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::notices as wire;
use uuid::Uuid;

use super::model::{
    Addressee, AnyNotice, DeliveryState, Notice, NoticeId, NoticeKind, OutboxStanding, PermitNotice,
    Recipient,
};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::outages::{OutageId, Told};
use crate::parties::SystemId;
use crate::permits::RequestId;

#[derive(QueryableByName)]
pub(super) struct NoticeRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = SqlUuid)]
    outage_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    permit_request_id: Option<Uuid>,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Jsonb)]
    told: serde_json::Value,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl NoticeRow {
    pub(super) fn read(self) -> Result<AnyNotice> {
        let Self { id, position, outage_id, permit_request_id, number, kind, told, created_at } = self;
        let (id, kind) = (NoticeId(id), known(NoticeKind::ALL, NoticeKind::as_str, &kind)?);
        Ok(match permit_request_id {
            None => AnyNotice::Outage(Notice {
                id,
                position,
                outage_id: OutageId(outage_id),
                number,
                kind,
                created_at,
                told: read_told(told)?,
            }),
            Some(request) => AnyNotice::Permit(PermitNotice {
                id,
                position,
                request: RequestId(request),
                number,
                kind,
                created_at,
                told: serde_json::from_value(told).map_err(|error| stored_badly(&error.to_string()))?,
            }),
        })
    }
}

pub(super) fn read_told(told: serde_json::Value) -> Result<Told> {
    serde_json::from_value(told).map_err(|error| stored_badly(&error.to_string()))
}

fn known<T: Copy, const N: usize>(all: [T; N], word: impl Fn(T) -> &'static str, stored: &str) -> Result<T> {
    all.into_iter().find(|known| word(*known) == stored).ok_or_else(|| stored_badly(stored))
}

fn stored_badly(what: &str) -> Error {
    Error::Internal(format!("a notice is stored badly: {what}"))
}

/// Makes sure that there is a lane to these recipients.
pub(super) async fn open_lanes(
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

fn names(recipients: &[Addressee]) -> Vec<String> {
    recipients.iter().map(|recipient| recipient.key().into_owned()).collect()
}

/// Those of whom there is one a notice, as the records name them. What else is there is a subscriber.
fn fixed() -> Vec<&'static str> {
    Recipient::FIXED.map(Recipient::as_str).to_vec()
}

fn addressee(key: &str) -> Result<Addressee> {
    Addressee::of_key(key).ok_or_else(|| stored_badly(key))
}

/// The number that the next notice of a permit has. Its request is locked.
pub(super) async fn next_number(connection: &mut Connection, request: RequestId) -> Result<i32> {
    #[derive(QueryableByName)]
    struct Next {
        #[diesel(sql_type = Integer)]
        number: i32,
    }
    let next: Next =
        Statement::new("SELECT coalesce(max(number), 0) + 1 AS number FROM notices WHERE outage_id = ?")
            .bind::<SqlUuid, _>(request.0)
            .get_result(connection)
            .await?;
    Ok(next.number)
}

/// The next place in the feed. Nobody else gets one before this transaction ends.
pub(super) async fn draw_position(connection: &mut Connection) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Drawn {
        #[diesel(sql_type = BigInt)]
        last_position: i64,
    }
    let drawn: Drawn =
        Statement::new("UPDATE notice_journal SET last_position = last_position + 1 RETURNING last_position")
            .get_result(connection)
            .await?;
    Ok(drawn.last_position)
}

/// Writes a notice and owes it to these recipients from now on; to the press office from `review_until`, where that is given.
pub(super) async fn insert(
    connection: &mut Connection,
    notice: &AnyNotice,
    recipients: &[Addressee],
    caused_by: SystemId,
    review_until: Option<DateTime<Utc>>,
) -> Result<()> {
    let (told, kind, created_at, request) = match notice {
        AnyNotice::Outage(notice) => {
            (serde_json::to_value(&notice.told), notice.kind, notice.created_at, None)
        }
        AnyNotice::Permit(notice) => {
            (serde_json::to_value(&notice.told), notice.kind, notice.created_at, Some(notice.request.0))
        }
    };
    let told = told.map_err(|error| Error::Internal(error.to_string()))?;
    let (lane, number) = notice.place();
    Statement::new(
        "INSERT INTO notices (id, position, outage_id, permit_request_id, number, kind, told, created_at, caused_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<SqlUuid, _>(notice.id().0)
    .bind::<BigInt, _>(notice.position())
    .bind::<SqlUuid, _>(lane)
    .bind::<Nullable<SqlUuid>, _>(request)
    .bind::<Integer, _>(number)
    .bind::<Text, _>(kind.as_str())
    .bind::<Jsonb, _>(told)
    .bind::<Timestamptz, _>(created_at)
    .bind::<SqlUuid, _>(caused_by.0)
    .execute(connection)
    .await?;
    Statement::new(
        "INSERT INTO notice_deliveries (recipient, outage_id, number, state, due_at, review_until)
         SELECT recipient, ?, ?, 'pending', coalesce(review_until, ?), review_until
         FROM unnest(?) AS recipient, LATERAL (SELECT CASE recipient WHEN 'press_office' THEN ? END AS review_until) AS review",
    )
    .bind::<SqlUuid, _>(lane)
    .bind::<Integer, _>(number)
    .bind::<Timestamptz, _>(created_at)
    .bind::<Array<Text>, _>(names(recipients))
    .bind::<Nullable<Timestamptz>, _>(review_until)
    .execute(connection)
    .await?;
    Ok(())
}

/// Wakes the workers of all replicas, once this transaction is committed. They listen by [`super::lanes::LISTEN`].
pub(super) async fn wake_workers(connection: &mut Connection) -> Result<()> {
    Statement::new("NOTIFY kordon_notices").execute(connection).await?;
    Ok(())
}

pub(super) async fn one(connection: &mut Connection, id: NoticeId) -> Result<Option<AnyNotice>> {
    let row: Option<NoticeRow> = Statement::new(
        "SELECT id, position, outage_id, permit_request_id, number, kind, told, created_at FROM notices WHERE id = ?",
    )
    .bind::<SqlUuid, _>(id.0)
    .get_result(connection)
    .await
    .optional()?;
    row.map(NoticeRow::read).transpose()
}

pub(super) async fn after(connection: &mut Connection, position: i64, limit: i64) -> Result<Vec<AnyNotice>> {
    let rows: Vec<NoticeRow> = Statement::new(
        "SELECT id, position, outage_id, permit_request_id, number, kind, told, created_at FROM notices
         WHERE position > ? ORDER BY position LIMIT ?",
    )
    .bind::<BigInt, _>(position)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?;
    rows.into_iter().map(NoticeRow::read).collect()
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
pub(super) async fn deliveries(
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

pub(super) async fn outbox(connection: &mut Connection, now: DateTime<Utc>) -> Result<Vec<OutboxStanding>> {
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
