//! `GET /api/v1/tickets/{ticket}`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::evidence::{self, Reading};
use kordon_hub::support::tickets::reading;
use kordon_schemas::tickets::Ticket;

use super::ticket_in;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::conditional::Tag;
use crate::openapi::OfPersonalReads;
use crate::problem::Result;
use crate::rights::permissions::ReadTickets;
use crate::rights::{Granted, Purposeful, names};

/// Shows a ticket.
///
/// With the contact data of its user, the official who is responsible, and all that was done with it. These are personal data, so the
/// read is recorded with its purpose. The `ETag` is the ticket's version, for `If-Match` of what is done with it.
#[utoipa::path(
    operation_id = "show_ticket", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadTickets>()))),
    params(
        ("ticket" = Uuid, Path, description = "The ticket's id."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses((status = 200, description = "The ticket.", body = Ticket), OfPersonalReads)
)]
#[get("/tickets/{ticket}")]
pub(crate) async fn show_ticket(
    granted: Granted<ReadTickets>,
    _: AcceptsJson,
    purposeful: Purposeful,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = ticket_in(&path)?;
    let mut connection = hub.database.connection().await?;
    let (ticket, acts) = reading::get(&mut connection, &granted.actor, id, hub.clock.now()).await?;
    let read = Reading {
        actor: &granted.actor,
        operation: "show_ticket",
        purpose: &purposeful.purpose,
        checkpoint: None,
        records: vec![id.0],
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, read, hub.clock.now()).await?;
    Ok(Tag(ticket.version.to_string()).mark(HttpResponse::Ok().json(reading::seen(&ticket, &acts))))
}
