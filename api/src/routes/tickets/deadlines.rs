//! `GET /api/v1/tickets/{ticket}/deadlines`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::support::tickets::reading;
use kordon_schemas::tickets::TicketDeadlines;

use super::ticket_in;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::rights::permissions::ReadTickets;
use crate::rights::{Granted, names};

/// Shows the deadlines of a ticket.
///
/// Of each of the four clocks that started: when it is due, and step by step how that was reached, with nights, breaks, holidays
/// and the times in which the clock stood still, and why.
#[utoipa::path(
    operation_id = "show_deadlines", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadTickets>()))),
    params(("ticket" = Uuid, Path, description = "The ticket's id.")),
    responses((status = 200, description = "The deadlines.", body = TicketDeadlines), OfReads)
)]
#[get("/tickets/{ticket}/deadlines")]
pub(crate) async fn show_deadlines(
    granted: Granted<ReadTickets>,
    _: AcceptsJson,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = ticket_in(&path)?;
    let mut connection = hub.database.connection().await?;
    let deadlines = reading::deadlines_of(&mut connection, &granted.actor, id, hub.clock.now()).await?;
    Ok(HttpResponse::Ok().json(deadlines))
}
