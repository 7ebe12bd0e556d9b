//! `POST /api/v1/tickets/{ticket}/priorities`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::support::tickets::acting::Wish;
use kordon_schemas::tickets::{TicketPriorityIn, TicketSummary};

use super::done;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::conditional::IfMatch;
use crate::openapi::OfTicketActs;
use crate::problem::Result;
use crate::rights::permissions::HandleTickets;
use crate::rights::{Granted, names};

/// Changes the priority of a ticket.
///
/// Its deadlines are measured by the new priority from the beginning; what was stood still stays so.
#[utoipa::path(
    operation_id = "prioritise_ticket", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<HandleTickets>()))),
    params(
        ("ticket" = Uuid, Path, description = "The ticket's id."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"2\"", description = "The `ETag` of the version that this is meant for.")
    ),
    request_body(content = TicketPriorityIn, description = "The new priority, and why."),
    responses((status = 200, description = "Where the ticket stands now.", body = TicketSummary), OfTicketActs)
)]
#[post("/tickets/{ticket}/priorities")]
pub(crate) async fn prioritise_ticket(
    granted: Granted<HandleTickets>,
    _: AcceptsJson,
    path: web::Path<String>,
    version: IfMatch,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: TicketPriorityIn = body.json()?;
    done(&hub, &granted.actor, &path, version, Wish::Prioritise(&asked)).await
}
