//! `GET /api/v1/outages`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::outages::{self, LARGEST_PAGE, OutageId};
use kordon_schemas::outages::OutagePage;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::Hub;
use crate::answer::Accepts;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::query::{Limit, Query, add_header, next_page};
use crate::rights::permissions::ReadOutages;
use crate::rights::{Granted, names};

/// Which outages to list.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only outages that are neither recovered nor withdrawn.
    #[serde(default)]
    #[param(default = false)]
    open: bool,
    /// Only outages declared before this one: `next` of the page before.
    after: Option<Uuid>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 100, default = 50)]
    limit: Limit<LARGEST_PAGE, 50>,
}

/// Lists outages.
///
/// The latest declared first.
#[utoipa::path(
    operation_id = "list_outages", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadOutages>()))),
    params(Filter),
    responses(
        (status = 200, description = "A page of outages.", content((OutagePage = "application/json"), (OutagePage = "application/xml"))),
        OfReads
    )
)]
#[get("/outages")]
pub(crate) async fn list_outages(
    _: Granted<ReadOutages>,
    accepts: Accepts,
    filter: Query<Filter>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Filter { open, after, limit: Limit(limit) }) = filter;
    let mut connection = hub.database.connection().await?;
    let page = outages::list(&mut connection, open, after.map(OutageId), limit).await?;
    let page = page.seen_at(hub.clock.now());
    let mut response = accepts.0.answer(StatusCode::OK, &page)?;
    if let Some(next) = page.next {
        add_header(&mut response, next_page(&request, next));
    }
    Ok(response)
}
