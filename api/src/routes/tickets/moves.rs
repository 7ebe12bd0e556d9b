//! `POST /api/v1/tickets/{ticket}/moves`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::support::tickets::acting::Wish;
use kordon_schemas::tickets::{TicketMoveIn, TicketSummary};

use super::done;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::conditional::IfMatch;
use crate::openapi::OfTicketActs;
use crate::problem::Result;
use crate::rights::permissions::MoveTickets;
use crate::rights::{Granted, names};

/// Moves a ticket.
///
/// To another status, or from one line to another. Users confirm a result by `closed`, or object to it by `in_progress` with the reason.
/// Lines 1 and 2 name the official to whom they assign it (Order 926, III.9, III.12). The moves that exist, who may make them and which need
/// a reason are in the guide of the support service.
#[utoipa::path(
    operation_id = "move_ticket", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<MoveTickets>()))),
    params(
        ("ticket" = Uuid, Path, description = "The ticket's id."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"1\"", description = "The `ETag` of the version that this is meant for.")
    ),
    request_body(content = TicketMoveIn, description = "Where to, to which line and official, and why."),
    responses((status = 200, description = "Where the ticket stands now.", body = TicketSummary), OfTicketActs)
)]
#[post("/tickets/{ticket}/moves")]
pub(crate) async fn move_ticket(
    granted: Granted<MoveTickets>,
    _: AcceptsJson,
    path: web::Path<String>,
    version: IfMatch,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: TicketMoveIn = body.json()?;
    done(&hub, &granted.actor, &path, version, Wish::Move(&asked)).await
}
