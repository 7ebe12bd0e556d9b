//! `GET /api/v1/ticket-messages/{message}`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::evidence::{self, Reading};
use kordon_hub::support::mail::reading;
use kordon_schemas::messages::Message;

use super::message_in;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfPersonalReads;
use crate::problem::Result;
use crate::rights::permissions::ReadTickets;
use crate::rights::{Granted, Purposeful, names};

/// Shows a message.
///
/// With its text and the list of what hung on it. What belongs to a ticket is shown to those who see the ticket; what was not
/// registered to lines 1 and 2. It is personal data, so the read is recorded with its purpose.
#[utoipa::path(
    operation_id = "show_message", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadTickets>()))),
    params(
        ("message" = Uuid, Path, description = "The message's id."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses((status = 200, description = "The message.", body = Message), OfPersonalReads)
)]
#[get("/ticket-messages/{message}")]
pub(crate) async fn show_message(
    granted: Granted<ReadTickets>,
    _: AcceptsJson,
    purposeful: Purposeful,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = message_in(&path)?;
    let mut connection = hub.database.connection().await?;
    let message = reading::get(&mut connection, &granted.actor, id, hub.clock.now()).await?;
    let read = Reading {
        actor: &granted.actor,
        operation: "show_message",
        purpose: &purposeful.purpose,
        checkpoint: None,
        records: vec![id.0],
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, read, hub.clock.now()).await?;
    Ok(HttpResponse::Ok().json(message))
}
