//! `POST /api/v1/tickets/{ticket}/extensions`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::support::tickets::acting::Wish;
use kordon_schemas::tickets::{TicketExtensionIn, TicketSummary};

use super::done;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::conditional::IfMatch;
use crate::openapi::OfTicketActs;
use crate::problem::Result;
use crate::rights::permissions::HandleTickets;
use crate::rights::{Granted, names};

/// Extends a deadline.
///
/// Line 1 when it needs information from the user, line 2 when software must be changed or a contractor involved. The user is to be told.
#[utoipa::path(
    operation_id = "extend_deadline", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<HandleTickets>()))),
    params(
        ("ticket" = Uuid, Path, description = "The ticket's id."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"2\"", description = "The `ETag` of the version that this is meant for.")
    ),
    request_body(content = TicketExtensionIn, description = "The ground, until when, and why."),
    responses((status = 200, description = "Where the ticket stands now.", body = TicketSummary), OfTicketActs)
)]
#[post("/tickets/{ticket}/extensions")]
pub(crate) async fn extend_deadline(
    granted: Granted<HandleTickets>,
    _: AcceptsJson,
    path: web::Path<String>,
    version: IfMatch,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: TicketExtensionIn = body.json()?;
    done(&hub, &granted.actor, &path, version, Wish::Extend(&asked)).await
}
