//! `POST /api/v1/ticket-messages/{message}/ticket`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::support::mail::registering;
use kordon_schemas::messages::MessageTicketIn;
use kordon_schemas::tickets::TicketSummary;

use super::message_in;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfMessages;
use crate::problem::Result;
use crate::rights::permissions::RegisterMail;
use crate::rights::{Granted, names};
use crate::routes::tickets::answer;

/// Registers a message.
///
/// Line 1 found out what was missing. What is still missing is named member by member, and nothing is registered; else the user is told
/// the number by mail.
#[utoipa::path(
    operation_id = "register_message", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<RegisterMail>()))),
    params(("message" = Uuid, Path, description = "The message's id.")),
    request_body(content = MessageTicketIn, description = "Who asks, and what the matter is."),
    responses((status = 201, description = "The ticket is registered under its number.", body = TicketSummary), OfMessages)
)]
#[post("/ticket-messages/{message}/ticket")]
pub(crate) async fn register_message(
    granted: Granted<RegisterMail>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = message_in(&path)?;
    let filed: MessageTicketIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let ticket = registering::register(&mut connection, &granted.actor, id, &filed, hub.clock.now()).await?;
    Ok(answer(StatusCode::CREATED, &ticket))
}
