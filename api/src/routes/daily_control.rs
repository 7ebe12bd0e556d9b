//! `GET /api/v1/daily-control`: what line 1 watches each day (Order 926, section III, clause 2).

use actix_web::{HttpResponse, get, web};
use kordon_hub::support::control::{LARGEST_LIST, daily_control};
use kordon_schemas::control::DailyControl;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::query::{Limit, Query};
use crate::rights::permissions::ControlTickets;
use crate::rights::{Granted, names};

/// How much of it.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Extent {
    /// At most so many tickets a list.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 100, default = 20)]
    limit: Limit<LARGEST_LIST, 20>,
}

/// Shows the daily control.
///
/// What is overdue, not assigned in time, due today, written by its user and not read, resolved and not told, and waiting; of each ticket whom it
/// waits for. No personal data.
#[utoipa::path(
    operation_id = "show_daily_control", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ControlTickets>()))),
    params(Extent),
    responses((status = 200, description = "The lists.", body = DailyControl), OfReads)
)]
#[get("/daily-control")]
pub(crate) async fn show_daily_control(
    _granted: Granted<ControlTickets>,
    _: AcceptsJson,
    extent: Query<Extent>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Extent { limit: Limit(limit) }) = extent;
    let mut connection = hub.database.connection().await?;
    Ok(HttpResponse::Ok().json(daily_control(&mut connection, limit, hub.clock.now()).await?))
}
