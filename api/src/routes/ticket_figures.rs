//! `GET /api/v1/ticket-figures`: the figures of the support service (Order 926, section III, clause 2, items
//! 8 and 9).

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use kordon_hub::support::control::figures;
use kordon_schemas::control::TicketFigureReport;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsTable;
use crate::openapi::OfPeriods;
use crate::problem::Result;
use crate::query::Query;
use crate::rights::permissions::ReadTicketFigures;
use crate::rights::{Granted, names};

/// Of which period.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Period {
    /// The first day, in Kyiv.
    #[serde(deserialize_with = "kordon_schemas::day::read")]
    from: NaiveDate,
    /// The last day, in Kyiv: at most 366 days.
    #[serde(deserialize_with = "kordon_schemas::day::read")]
    to: NaiveDate,
}

/// Shows the figures of tickets.
///
/// Of those that were registered in a period: counts, times and the shares in time, by kind, channel, priority and the furthest line that had
/// them. No personal data. With `Accept: text/csv` they are a table.
#[utoipa::path(
    operation_id = "show_ticket_figures", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadTicketFigures>()))),
    params(Period),
    responses(
        (status = 200, description = "The figures.", content((TicketFigureReport = "application/json"), (String = "text/csv"))),
        OfPeriods
    )
)]
#[get("/ticket-figures")]
pub(crate) async fn show_ticket_figures(
    _granted: Granted<ReadTicketFigures>,
    accepts: AcceptsTable,
    period: Query<Period>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Period { from, to }) = period;
    let mut connection = hub.database.connection().await?;
    Ok(accepts.0.answer(&figures(&mut connection, from, to).await?))
}
