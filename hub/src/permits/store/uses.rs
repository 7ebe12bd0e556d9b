//! The SQL of the uses of a permit and of the transit data to withdraw.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::permits::{DataNumberKind, UseCorrection};
use uuid::Uuid;

use super::word;
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::parties::SystemId;
use crate::permits::model::{DataToWithdraw, PermitUse, Reported, RequestId};
use crate::permits::rules::corrections::UseChange;

#[derive(QueryableByName)]
struct DataRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    withdrawn_at: Option<DateTime<Utc>>,
}

/// States transit data that is to be withdrawn, or was. What was withdrawn stays so.
pub(in crate::permits) async fn state_data(
    connection: &mut Connection,
    id: RequestId,
    data: &[DataToWithdraw],
    stated_by: SystemId,
) -> Result<()> {
    if data.is_empty() {
        return Ok(());
    }
    Statement::new(
        "INSERT INTO permit_withdrawals (request_id, kind, number, stated_by, withdrawn_at)
         SELECT ?, kind, number, ?, withdrawn_at FROM unnest(?, ?, ?) AS stated (kind, number, withdrawn_at)
         ON CONFLICT (request_id, kind, number) DO UPDATE
         SET withdrawn_at = coalesce(permit_withdrawals.withdrawn_at, excluded.withdrawn_at)",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<SqlUuid, _>(stated_by.0)
    .bind::<Array<Text>, _>(data.iter().map(|item| item.kind.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(data.iter().map(|item| item.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(data.iter().map(|item| item.withdrawn_at).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

pub(in crate::permits) async fn data(
    connection: &mut Connection,
    id: RequestId,
) -> Result<Vec<DataToWithdraw>> {
    let rows: Vec<DataRow> = Statement::new(
        "SELECT kind, number, withdrawn_at FROM permit_withdrawals WHERE request_id = ? ORDER BY kind, number",
    )
    .bind::<SqlUuid, _>(id.0)
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|DataRow { kind, number, withdrawn_at }| {
            Ok(DataToWithdraw { kind: word(&kind, DataNumberKind::from_word)?, number, withdrawn_at })
        })
        .collect()
}

/// Adds uses of a permit; how many of them had not been reported before.
pub(in crate::permits) async fn add_uses(
    connection: &mut Connection,
    id: RequestId,
    uses: &[PermitUse],
    reported_by: SystemId,
    now: DateTime<Utc>,
) -> Result<usize> {
    let added = Statement::new(
        "INSERT INTO permit_uses (request_id, registration_number, released_on, reported_at, reported_by)
         SELECT ?, registration_number, released_on, ?, ? FROM unnest(?, ?) AS stated (registration_number, released_on)
         ON CONFLICT (request_id, registration_number) DO NOTHING",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(reported_by.0)
    .bind::<Array<Text>, _>(uses.iter().map(|used| used.registration_number.as_str()).collect::<Vec<_>>())
    .bind::<Array<Date>, _>(uses.iter().map(|used| used.released_on).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(added)
}

/// The uses of a permit, by the day of release.
pub(in crate::permits) async fn uses(connection: &mut Connection, id: RequestId) -> Result<Vec<Reported>> {
    Ok(uses_of(connection, &[id]).await?.into_iter().map(|(_, reported)| reported).collect())
}

/// The uses of several permits, each with its request, by the day of release.
pub(in crate::permits) async fn uses_of(
    connection: &mut Connection,
    ids: &[RequestId],
) -> Result<Vec<(RequestId, Reported)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        request_id: Uuid,
        #[diesel(sql_type = Text)]
        registration_number: String,
        #[diesel(sql_type = Date)]
        released_on: NaiveDate,
        #[diesel(sql_type = Timestamptz)]
        reported_at: DateTime<Utc>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT request_id, registration_number, released_on, reported_at FROM permit_uses WHERE request_id = ANY (?)
         ORDER BY released_on, registration_number",
    )
    .bind::<Array<SqlUuid>, _>(ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .load(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|Row { request_id, registration_number, released_on, reported_at }| {
            let used = PermitUse { registration_number, released_on };
            (RequestId(request_id), Reported { used, at: reported_at })
        })
        .collect())
}

/// Puts another use in the place of one, or nothing, and keeps what was reported before. The request is locked.
pub(in crate::permits) async fn correct_use(
    connection: &mut Connection,
    id: RequestId,
    UseChange { before, after, reason }: &UseChange,
    by: SystemId,
    now: DateTime<Utc>,
) -> Result<()> {
    match after {
        Some(after) => Statement::new(
            "UPDATE permit_uses SET registration_number = ?, released_on = ? WHERE request_id = ? AND registration_number = ?",
        )
        .bind::<Text, _>(&after.registration_number)
        .bind::<Date, _>(after.released_on),
        None => Statement::new("DELETE FROM permit_uses WHERE request_id = ? AND registration_number = ?"),
    }
    .bind::<SqlUuid, _>(id.0)
    .bind::<Text, _>(&before.registration_number)
    .execute(connection)
    .await?;
    Statement::new(
        "INSERT INTO permit_use_corrections (request_id, number, registration_number_before, released_on_before,
                                             registration_number, released_on, reason, corrected_by, corrected_at)
         SELECT ?, 1 + count(*), ?, ?, ?, ?, ?, ?, ? FROM permit_use_corrections WHERE request_id = ?",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<Text, _>(&before.registration_number)
    .bind::<Date, _>(before.released_on)
    .bind::<Nullable<Text>, _>(after.as_ref().map(|after| after.registration_number.as_str()))
    .bind::<Nullable<Date>, _>(after.as_ref().map(|after| after.released_on))
    .bind::<Text, _>(reason)
    .bind::<SqlUuid, _>(by.0)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(id.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// The uses of a permit that were corrected, in order.
pub(in crate::permits) async fn use_corrections(
    connection: &mut Connection,
    id: RequestId,
) -> Result<Vec<UseCorrection>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        registration_number_before: String,
        #[diesel(sql_type = Date)]
        released_on_before: NaiveDate,
        #[diesel(sql_type = Nullable<Text>)]
        registration_number: Option<String>,
        #[diesel(sql_type = Nullable<Date>)]
        released_on: Option<NaiveDate>,
        #[diesel(sql_type = Text)]
        reason: String,
        #[diesel(sql_type = Timestamptz)]
        corrected_at: DateTime<Utc>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT registration_number_before, released_on_before, registration_number, released_on, reason, corrected_at
         FROM permit_use_corrections WHERE request_id = ? ORDER BY number",
    )
    .bind::<SqlUuid, _>(id.0)
    .load(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| UseCorrection {
            before: PermitUse {
                registration_number: row.registration_number_before,
                released_on: row.released_on_before,
            },
            after: row
                .registration_number
                .zip(row.released_on)
                .map(|(registration_number, released_on)| PermitUse { registration_number, released_on }),
            reason: row.reason,
            corrected_at: row.corrected_at,
        })
        .collect())
}
