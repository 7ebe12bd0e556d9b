//! The SQL of reviews: which texts wait, and what a person put.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::notices::DeliveryState;
use kordon_schemas::press_texts::{PressText, PressTexts};

use super::rules::is_under_review;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::notices::model::{Notice, NoticeId};
use crate::outages::OutageId;
use crate::parties::SystemId;

/// Where the delivery of a notice to the press office stands.
pub(super) struct ReviewedDelivery {
    pub(super) delivery: DeliveryState,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) attempts: i32,
}

impl ReviewedDelivery {
    pub(super) fn is_under_review(&self, now: DateTime<Utc>) -> bool {
        is_under_review(self.delivery, self.until, now)
    }
}

#[derive(QueryableByName)]
struct StandingRow {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    review_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
}

impl StandingRow {
    fn read(self) -> Result<ReviewedDelivery> {
        let Self { state, review_until, attempts } = self;
        let delivery = DeliveryState::ALL.into_iter().find(|known| known.as_str() == state);
        let delivery = delivery.ok_or_else(|| Error::stored_badly("a delivery", state))?;
        Ok(ReviewedDelivery { delivery, until: review_until, attempts })
    }
}

pub(super) async fn standing(connection: &mut Connection, notice: &Notice) -> Result<ReviewedDelivery> {
    let row: StandingRow = Statement::new(
        "SELECT state, review_until, attempts FROM notice_deliveries
         WHERE recipient = 'press_office' AND outage_id = ? AND number = ?",
    )
    .bind::<SqlUuid, _>(notice.outage_id.0)
    .bind::<Integer, _>(notice.number)
    .get_result(connection)
    .await?;
    row.read()
}

/// As [`standing`], locked; `None` while a worker has the notice in its hands.
pub(super) async fn locked(connection: &mut Connection, notice: &Notice) -> Result<Option<ReviewedDelivery>> {
    let row: Option<StandingRow> = Statement::new(
        "SELECT state, review_until, attempts FROM notice_deliveries
         WHERE recipient = 'press_office' AND outage_id = ? AND number = ?
         FOR NO KEY UPDATE SKIP LOCKED",
    )
    .bind::<SqlUuid, _>(notice.outage_id.0)
    .bind::<Integer, _>(notice.number)
    .get_result(connection)
    .await
    .optional()?;
    row.map(StandingRow::read).transpose()
}

/// Has the texts of an outage wait no longer: those up to that of one notice, which go before it, or all of
/// them.
pub(super) async fn end(
    connection: &mut Connection,
    outage: OutageId,
    up_to: Option<i32>,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE notice_deliveries SET due_at = ?, review_until = NULL
         WHERE recipient = 'press_office' AND outage_id = ? AND number <= coalesce(?, number)
           AND state = 'pending' AND review_until > ?",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(outage.0)
    .bind::<Nullable<Integer>, _>(up_to)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Has the texts of an outage wait until then at the longest.
pub(super) async fn shorten(
    connection: &mut Connection,
    outage: OutageId,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE notice_deliveries SET due_at = least(due_at, ?), review_until = ?
         WHERE recipient = 'press_office' AND outage_id = ? AND state = 'pending' AND review_until > ? AND review_until > ?",
    )
    .bind::<Timestamptz, _>(until)
    .bind::<Timestamptz, _>(until)
    .bind::<SqlUuid, _>(outage.0)
    .bind::<Timestamptz, _>(until)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Replaces the words of a notice.
pub(super) async fn put(
    connection: &mut Connection,
    id: NoticeId,
    texts: &PressTexts,
    by: SystemId,
    now: DateTime<Utc>,
) -> Result<()> {
    let PressTexts { uk, en } = texts;
    Statement::new(
        "INSERT INTO press_texts (notice_id, title_uk, body_uk, title_en, body_en, edited_at, edited_by)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (notice_id) DO UPDATE
         SET title_uk = excluded.title_uk, body_uk = excluded.body_uk, title_en = excluded.title_en,
             body_en = excluded.body_en, edited_at = excluded.edited_at, edited_by = excluded.edited_by",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<Text, _>(uk.title.as_str())
    .bind::<Text, _>(uk.body.as_str())
    .bind::<Text, _>(en.title.as_str())
    .bind::<Text, _>(en.body.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(by.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// What a person put for a notice, and when.
pub(super) async fn edited(
    connection: &mut Connection,
    id: NoticeId,
) -> Result<Option<(PressTexts, DateTime<Utc>)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        title_uk: String,
        #[diesel(sql_type = Text)]
        body_uk: String,
        #[diesel(sql_type = Text)]
        title_en: String,
        #[diesel(sql_type = Text)]
        body_en: String,
        #[diesel(sql_type = Timestamptz)]
        edited_at: DateTime<Utc>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT title_uk, body_uk, title_en, body_en, edited_at FROM press_texts WHERE notice_id = ?",
    )
    .bind::<SqlUuid, _>(id.0)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|Row { title_uk, body_uk, title_en, body_en, edited_at }| {
        let uk = PressText { title: title_uk, body: body_uk };
        let en = PressText { title: title_en, body: body_en };
        (PressTexts { uk, en }, edited_at)
    }))
}
