//! `GET /api/v1/ticket-messages`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::support::mail::MessageId;
use kordon_hub::support::mail::reading::{LARGEST_PAGE, incomplete};
use kordon_schemas::messages::MessagePage;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::query::{Limit, Query, next_page};
use crate::rights::permissions::HandInMail;
use crate::rights::{Granted, names};

/// Which messages to list.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only messages after this one: `next` of the page before.
    after: Option<Uuid>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 100, default = 50)]
    limit: Limit<LARGEST_PAGE, 50>,
}

/// Lists what was not registered.
///
/// Messages in which something is missing, the oldest first, without personal data. Line 1 finds out what is missing and registers
/// them, or waits for the sender.
#[utoipa::path(
    operation_id = "list_messages", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<HandInMail>()))),
    params(Filter),
    responses((status = 200, description = "A page of messages.", body = MessagePage), OfReads)
)]
#[get("/ticket-messages")]
pub(crate) async fn list_messages(
    _granted: Granted<HandInMail>,
    _: AcceptsJson,
    filter: Query<Filter>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Filter { after, limit: Limit(limit) }) = filter;
    let mut connection = hub.database.connection().await?;
    let page = incomplete(&mut connection, after.map(MessageId), limit).await?;
    let mut response = HttpResponse::Ok();
    if let Some(next) = page.next {
        response.insert_header(next_page(&request, next));
    }
    Ok(response.json(page))
}
