//! `GET /api/v1/permit-requests`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::permits::RequestId;
use kordon_hub::permits::reading::{LARGEST_PAGE, list};
use kordon_schemas::permits::{PermitRequestPage, PermitRequestState};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::query::{Limit, Query, next_page};
use crate::rights::permissions::ReadPermits;
use crate::rights::{Granted, names};

/// Which requests to list.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only requests that stand so.
    #[param(inline)]
    state: Option<PermitRequestState>,
    /// Only requests after this one: `next` of the page before.
    after: Option<Uuid>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 100, default = 50)]
    limit: Limit<LARGEST_PAGE, 50>,
}

/// Lists requests for permits.
///
/// By the time until which they are to be decided. Lines 1 and 2 see all, an office those that its system filed, a trader its own.
#[utoipa::path(
    operation_id = "list_permit_requests", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadPermits>()))),
    params(Filter),
    responses((status = 200, description = "A page of requests, without personal data.", body = PermitRequestPage), OfReads)
)]
#[get("/permit-requests")]
pub(crate) async fn list_permit_requests(
    granted: Granted<ReadPermits>,
    _: AcceptsJson,
    filter: Query<Filter>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Filter { state, after, limit: Limit(limit) }) = filter;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let page = list(&mut connection, &granted.actor, state, after.map(RequestId), limit, now).await?;
    let mut response = HttpResponse::Ok();
    if let Some(next) = page.next {
        response.insert_header(next_page(&request, next));
    }
    Ok(response.json(page))
}
