//! The SQL of notices: writing them, each with what it owes, and reading them back.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{known, names, stored_badly};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::notices::model::{Addressee, AnyNotice, Notice, NoticeId, NoticeKind, PermitNotice};
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

/// The number that the next notice of a permit has. Its request is locked.
pub(in crate::notices) async fn next_number(connection: &mut Connection, request: RequestId) -> Result<i32> {
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
pub(in crate::notices) async fn draw_position(connection: &mut Connection) -> Result<i64> {
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

/// Writes a notice and owes it to these recipients from now on; to the press office from `review_until`,
/// where that is given.
pub(in crate::notices) async fn insert(
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

/// A notice.
pub(in crate::notices) async fn one(connection: &mut Connection, id: NoticeId) -> Result<Option<AnyNotice>> {
    let row: Option<NoticeRow> = Statement::new(
        "SELECT id, position, outage_id, permit_request_id, number, kind, told, created_at FROM notices WHERE id = ?",
    )
    .bind::<SqlUuid, _>(id.0)
    .get_result(connection)
    .await
    .optional()?;
    row.map(NoticeRow::read).transpose()
}

/// Notices after a position, in order, at most `limit`.
pub(in crate::notices) async fn after(
    connection: &mut Connection,
    position: i64,
    limit: i64,
) -> Result<Vec<AnyNotice>> {
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
