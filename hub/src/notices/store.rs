//! The SQL of notices and their deliveries.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::notices as wire;
use uuid::Uuid;

use super::model::{AttemptOutcome, DeliveryState, Notice, NoticeId, NoticeKind, OutboxStanding, Recipient};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::outages::{OutageId, Told};
use crate::parties::SystemId;

/// What a worker says to hear of new notices. The channel's name stands here and in [`wake_workers`].
pub(super) const LISTEN: &str = "LISTEN kordon_notices";

#[derive(QueryableByName)]
struct NoticeRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = SqlUuid)]
    outage_id: Uuid,
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
    fn read(self) -> Result<Notice> {
        let Self { id, position, outage_id, number, kind, told, created_at } = self;
        Ok(Notice {
            id: NoticeId(id),
            position,
            outage_id: OutageId(outage_id),
            number,
            kind: known(NoticeKind::ALL, NoticeKind::as_str, &kind)?,
            created_at,
            told: read_told(told)?,
        })
    }
}

fn read_told(told: serde_json::Value) -> Result<Told> {
    serde_json::from_value(told).map_err(|error| stored_badly(&error.to_string()))
}

fn known<T: Copy, const N: usize>(all: [T; N], word: impl Fn(T) -> &'static str, stored: &str) -> Result<T> {
    all.into_iter().find(|known| word(*known) == stored).ok_or_else(|| stored_badly(stored))
}

fn stored_badly(what: &str) -> Error {
    Error::Internal(format!("a notice is stored badly: {what}"))
}

/// Makes sure that the outage has a lane to every recipient.
pub(super) async fn open_lanes(connection: &mut Connection, outage: OutageId) -> Result<()> {
    Statement::new(
        "INSERT INTO notice_lanes (recipient, outage_id) SELECT recipient, ? FROM unnest(?) AS recipient
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(outage.0)
    .bind::<Array<Text>, _>(Recipient::ALL.map(Recipient::as_str).to_vec())
    .execute(connection)
    .await?;
    Ok(())
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

/// Writes a notice and owes it to everybody from now on.
pub(super) async fn insert(connection: &mut Connection, notice: &Notice, caused_by: SystemId) -> Result<()> {
    let told = serde_json::to_value(&notice.told).map_err(|error| Error::Internal(error.to_string()))?;
    Statement::new(
        "INSERT INTO notices (id, position, outage_id, number, kind, told, created_at, caused_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<SqlUuid, _>(notice.id.0)
    .bind::<BigInt, _>(notice.position)
    .bind::<SqlUuid, _>(notice.outage_id.0)
    .bind::<Integer, _>(notice.number)
    .bind::<Text, _>(notice.kind.as_str())
    .bind::<Jsonb, _>(told)
    .bind::<Timestamptz, _>(notice.created_at)
    .bind::<SqlUuid, _>(caused_by.0)
    .execute(connection)
    .await?;
    Statement::new(
        "INSERT INTO notice_deliveries (recipient, outage_id, number, state, due_at)
         SELECT recipient, ?, ?, 'pending', ? FROM unnest(?) AS recipient",
    )
    .bind::<SqlUuid, _>(notice.outage_id.0)
    .bind::<Integer, _>(notice.number)
    .bind::<Timestamptz, _>(notice.created_at)
    .bind::<Array<Text>, _>(Recipient::ALL.map(Recipient::as_str).to_vec())
    .execute(connection)
    .await?;
    Ok(())
}

/// Wakes the workers of all replicas, once this transaction is committed.
pub(super) async fn wake_workers(connection: &mut Connection) -> Result<()> {
    Statement::new("NOTIFY kordon_notices").execute(connection).await?;
    Ok(())
}

pub(super) async fn one(connection: &mut Connection, id: NoticeId) -> Result<Option<Notice>> {
    let row: Option<NoticeRow> = Statement::new(
        "SELECT id, position, outage_id, number, kind, told, created_at FROM notices WHERE id = ?",
    )
    .bind::<SqlUuid, _>(id.0)
    .get_result(connection)
    .await
    .optional()?;
    row.map(NoticeRow::read).transpose()
}

pub(super) async fn after(connection: &mut Connection, position: i64, limit: i64) -> Result<Vec<Notice>> {
    let rows: Vec<NoticeRow> = Statement::new(
        "SELECT id, position, outage_id, number, kind, told, created_at FROM notices
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
    notice: &Notice,
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
         WHERE outage_id = ? AND number = ? AND recipient = ANY (?)
         ORDER BY recipient DESC",
    )
    .bind::<BigInt, _>(shown_attempts)
    .bind::<SqlUuid, _>(notice.outage_id.0)
    .bind::<Integer, _>(notice.number)
    .bind::<Array<Text>, _>(Recipient::ALL.map(Recipient::as_str).to_vec())
    .load(connection)
    .await?;
    rows.into_iter().map(DeliveryRow::read).collect()
}

impl DeliveryRow {
    fn read(self) -> Result<wire::Delivery> {
        let Self { recipient, state, due_at, settled_at, attempts } = self;
        Ok(wire::Delivery {
            recipient: known(Recipient::ALL, Recipient::as_str, &recipient)?,
            state: known(DeliveryState::ALL, DeliveryState::as_str, &state)?,
            next_attempt_at: settled_at.is_none().then_some(due_at),
            settled_at,
            attempts: serde_json::from_value(attempts).map_err(|error| stored_badly(&error.to_string()))?,
        })
    }
}

/// Locks a lane whose next notice is due and that no other worker has locked. A notice waits for the earlier ones of its
/// lane, however long they take.
pub(super) async fn lock_due_lane(
    connection: &mut Connection,
    recipient: Recipient,
    now: DateTime<Utc>,
) -> Result<Option<OutageId>> {
    #[derive(QueryableByName)]
    struct Lane {
        #[diesel(sql_type = SqlUuid)]
        outage_id: Uuid,
    }
    // NO KEY: a change of the outage writes deliveries of this lane meanwhile and must not wait for the recipient.
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
    .bind::<Text, _>(recipient.as_str())
    .bind::<Timestamptz, _>(now)
    .get_result(connection)
    .await
    .optional()?;
    Ok(lane.map(|lane| OutageId(lane.outage_id)))
}

/// The first notice of a lane that its recipient has not taken yet.
pub(super) struct Head {
    pub(super) notice: Notice,
    pub(super) attempts: i32,
    pub(super) due_at: DateTime<Utc>,
}

pub(super) async fn head(
    connection: &mut Connection,
    recipient: Recipient,
    outage: OutageId,
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
        "SELECT notices.id, position, notices.outage_id, notices.number, kind, told, created_at, attempts, due_at
         FROM notice_deliveries AS delivery
         JOIN notices ON notices.outage_id = delivery.outage_id AND notices.number = delivery.number
         WHERE recipient = ? AND delivery.outage_id = ? AND state = 'pending'
         ORDER BY delivery.number LIMIT 1",
    )
    .bind::<Text, _>(recipient.as_str())
    .bind::<SqlUuid, _>(outage.0)
    .get_result(connection)
    .await
    .optional()?;
    row.map(|HeadRow { notice, attempts, due_at }| Ok(Head { notice: notice.read()?, attempts, due_at }))
        .transpose()
}

/// The outage as the recipient last took it.
pub(super) async fn last_taken(
    connection: &mut Connection,
    recipient: Recipient,
    outage: OutageId,
) -> Result<Option<Told>> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = Jsonb)]
        told: serde_json::Value,
    }
    let taken: Option<Taken> = Statement::new(
        "SELECT told FROM notice_deliveries AS delivery
         JOIN notices ON notices.outage_id = delivery.outage_id AND notices.number = delivery.number
         WHERE recipient = ? AND delivery.outage_id = ? AND state = 'delivered'
         ORDER BY delivery.number DESC LIMIT 1",
    )
    .bind::<Text, _>(recipient.as_str())
    .bind::<SqlUuid, _>(outage.0)
    .get_result(connection)
    .await
    .optional()?;
    taken.map(|taken| read_told(taken.told)).transpose()
}

/// An attempt, and where it leaves the delivery.
pub(super) struct Attempt<'a> {
    pub(super) recipient: Recipient,
    pub(super) number: i32,
    pub(super) at: DateTime<Utc>,
    pub(super) outcome: AttemptOutcome,
    pub(super) detail: &'a str,
    pub(super) duration_ms: i32,
    pub(super) state: DeliveryState,
    pub(super) due_at: DateTime<Utc>,
    pub(super) settled_at: Option<DateTime<Utc>>,
}

pub(super) async fn record_attempt(
    connection: &mut Connection,
    notice: &Notice,
    attempt: &Attempt<'_>,
) -> Result<()> {
    Statement::new(
        "INSERT INTO delivery_attempts (recipient, outage_id, number, attempt, at, outcome, detail, duration_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(attempt.recipient.as_str())
    .bind::<SqlUuid, _>(notice.outage_id.0)
    .bind::<Integer, _>(notice.number)
    .bind::<Integer, _>(attempt.number)
    .bind::<Timestamptz, _>(attempt.at)
    .bind::<Text, _>(attempt.outcome.as_str())
    .bind::<Text, _>(attempt.detail)
    .bind::<Integer, _>(attempt.duration_ms)
    .execute(connection)
    .await?;
    Statement::new(
        "UPDATE notice_deliveries SET attempts = ?, state = ?, due_at = ?, settled_at = ?
         WHERE recipient = ? AND outage_id = ? AND number = ?",
    )
    .bind::<Integer, _>(attempt.number)
    .bind::<Text, _>(attempt.state.as_str())
    .bind::<Timestamptz, _>(attempt.due_at)
    .bind::<Nullable<Timestamptz>, _>(attempt.settled_at)
    .bind::<Text, _>(attempt.recipient.as_str())
    .bind::<SqlUuid, _>(notice.outage_id.0)
    .bind::<Integer, _>(notice.number)
    .execute(connection)
    .await?;
    Ok(())
}

/// When the next notice to a recipient is due, also if another worker has it in its hands.
pub(super) async fn next_due(
    connection: &mut Connection,
    recipient: Recipient,
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
    .bind::<Text, _>(recipient.as_str())
    .get_result(connection)
    .await?;
    Ok(due.due_at)
}

pub(super) async fn outbox(connection: &mut Connection) -> Result<Vec<OutboxStanding>> {
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
                 WHERE delivery.recipient = recipient.recipient AND state = 'failed') AS failed
         FROM unnest(?) AS recipient (recipient)
         CROSS JOIN LATERAL (
             SELECT count(*) AS pending, min(created_at) AS oldest_pending_at
             FROM notice_deliveries AS delivery
             JOIN notices ON notices.outage_id = delivery.outage_id AND notices.number = delivery.number
             WHERE delivery.recipient = recipient.recipient AND state = 'pending'
         ) AS owed",
    )
    .bind::<Array<Text>, _>(Recipient::ALL.map(Recipient::as_str).to_vec())
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { recipient, pending, oldest_pending_at, failed }| {
            let recipient = known(Recipient::ALL, Recipient::as_str, &recipient)?;
            Ok(OutboxStanding { recipient, pending, oldest_pending_at, failed })
        })
        .collect()
}
