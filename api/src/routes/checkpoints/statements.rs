//! `GET /api/v1/checkpoints/{checkpoint}/statements`.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use kordon_hub::fees::statement;
use kordon_schemas::CheckpointCode;
use kordon_schemas::fees::Statement;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsTable;
use crate::openapi::OfPeriods;
use crate::problem::Result;
use crate::query::Query;
use crate::rights::permissions::ReadStatements;
use crate::rights::{GrantedAt, names};

/// Which day to state.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfDay {
    /// The day, in Kyiv: today or before.
    #[serde(deserialize_with = "kordon_schemas::day::read")]
    day: NaiveDate,
}

/// Shows the statement of a day.
///
/// What was recorded of fees on a day of Kyiv, from the ledger: an operator sees what its organisation took, its own share and those
/// of the zones; a waiting zone sees its own share. A line stands in the statement of the day on which it was recorded, so a day that
/// is `closed` stays as it is. With `Accept: text/csv` it is a table, one row a line.
#[utoipa::path(
    operation_id = "show_statement", tag = "fees",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadStatements>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."), OfDay),
    responses(
        (status = 200, description = "The statement.", content((Statement = "application/json"), (String = "text/csv"))),
        OfPeriods
    )
)]
#[get("/checkpoints/{checkpoint}/statements")]
pub(crate) async fn show_statement(
    granted: GrantedAt<ReadStatements>,
    accepts: AcceptsTable,
    query: Query<OfDay>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(OfDay { day }) = query;
    let mut connection = hub.database.connection().await?;
    let statement =
        statement::statement(&mut connection, &granted.actor, &granted.checkpoint, day, hub.clock.now())
            .await?;
    Ok(accepts.0.answer(&statement))
}
