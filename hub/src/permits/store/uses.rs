//! The SQL of the uses of a permit and of the transit data to withdraw.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::permits::DataNumberKind;

use super::word;
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::parties::SystemId;
use crate::permits::model::{DataToWithdraw, PermitUse, RequestId};

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

pub(in crate::permits) async fn uses(connection: &mut Connection, id: RequestId) -> Result<Vec<PermitUse>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        registration_number: String,
        #[diesel(sql_type = Date)]
        released_on: NaiveDate,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT registration_number, released_on FROM permit_uses WHERE request_id = ?
         ORDER BY released_on, registration_number",
    )
    .bind::<SqlUuid, _>(id.0)
    .load(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|Row { registration_number, released_on }| PermitUse { registration_number, released_on })
        .collect())
}
