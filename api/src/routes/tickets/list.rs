//! `GET /api/v1/tickets`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::support::tickets::TicketId;
use kordon_hub::support::tickets::reading::{LARGEST_PAGE, list};
use kordon_schemas::tickets::{TicketDue, TicketPage};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::query::{Limit, Query, next_page};
use crate::rights::permissions::ReadTickets;
use crate::rights::{Granted, names};

/// Which tickets to list.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only tickets that stand so now.
    #[param(inline)]
    state: Option<TicketDue>,
    /// Only tickets after this one: `next` of the page before.
    after: Option<Uuid>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 100, default = 50)]
    limit: Limit<LARGEST_PAGE, 50>,
}

/// Lists tickets by deadline.
///
/// What is due first comes first, what has no deadline now last. Line 1 sees all open tickets, lines 2 and 3 the open ones that they
/// have (line 2 also new critical ones, and every new one while line 1 does not work), users their own.
#[utoipa::path(
    operation_id = "list_tickets", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadTickets>()))),
    params(Filter),
    responses((status = 200, description = "A page of tickets, without personal data.", body = TicketPage), OfReads)
)]
#[get("/tickets")]
pub(crate) async fn list_tickets(
    granted: Granted<ReadTickets>,
    _: AcceptsJson,
    filter: Query<Filter>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Filter { state, after, limit: Limit(limit) }) = filter;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let page = list(&mut connection, &granted.actor, state, after.map(TicketId), limit, now).await?;
    let mut response = HttpResponse::Ok();
    if let Some(next) = page.next {
        response.insert_header(next_page(&request, next));
    }
    Ok(response.json(page))
}
