//! The SQL of tellings whose moments were corrected.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::permits::TellingCorrection;

use super::word;
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::parties::SystemId;
use crate::permits::model::{RequestId, ToldParty};

/// Adds a correction: of whom, from which moment to which. The request is locked.
pub(in crate::permits) async fn add_correction(
    connection: &mut Connection,
    id: RequestId,
    (of, before, at): (ToldParty, DateTime<Utc>, DateTime<Utc>),
    reason: &str,
    by: SystemId,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "INSERT INTO permit_telling_corrections (request_id, number, party, told_at_before, told_at, reason, corrected_by, corrected_at)
         SELECT ?, 1 + count(*), ?, ?, ?, ?, ?, ? FROM permit_telling_corrections WHERE request_id = ?",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<Text, _>(of.as_str())
    .bind::<Timestamptz, _>(before)
    .bind::<Timestamptz, _>(at)
    .bind::<Text, _>(reason)
    .bind::<SqlUuid, _>(by.0)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(id.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// The corrections of a request, in order.
pub(in crate::permits) async fn corrections(
    connection: &mut Connection,
    id: RequestId,
) -> Result<Vec<TellingCorrection>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        party: String,
        #[diesel(sql_type = Timestamptz)]
        told_at_before: DateTime<Utc>,
        #[diesel(sql_type = Timestamptz)]
        told_at: DateTime<Utc>,
        #[diesel(sql_type = Text)]
        reason: String,
        #[diesel(sql_type = Timestamptz)]
        corrected_at: DateTime<Utc>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT party, told_at_before, told_at, reason, corrected_at FROM permit_telling_corrections
         WHERE request_id = ? ORDER BY number",
    )
    .bind::<SqlUuid, _>(id.0)
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { party, told_at_before, told_at, reason, corrected_at }| {
            let of = word(&party, ToldParty::from_word)?;
            Ok(TellingCorrection { of, told_at_before, told_at, reason, corrected_at })
        })
        .collect()
}
