//! Who a system acts for.

use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::parties::SystemId;

/// The code of the organisation that a system belongs to.
pub(in crate::permits) async fn edrpou_of(
    connection: &mut Connection,
    system: SystemId,
) -> Result<Option<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        edrpou: String,
    }
    let row: Option<Row> = Statement::new(
        "SELECT edrpou FROM systems JOIN organisations ON organisations.id = organisation_id WHERE systems.id = ?",
    )
    .bind::<SqlUuid, _>(system.0)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|row| row.edrpou))
}
