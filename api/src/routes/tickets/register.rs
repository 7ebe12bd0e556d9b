//! `POST /api/v1/tickets`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use kordon_hub::support::tickets::{Registered, register};
use kordon_schemas::tickets::{TicketIn, TicketSummary};

use super::answer;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfTickets;
use crate::problem::{Failure, Result};
use crate::rights::permissions::RegisterTickets;
use crate::rights::{Granted, names};

/// Registers a ticket.
///
/// A trader or a customs office files it by the web module: it is registered at once. Line 1 enters what came by telephone, with
/// the reference of the recording. What is missing is named member by member, and nothing is registered. Give an
/// `Idempotency-Key` to be able to repeat a request whose answer was lost.
#[utoipa::path(
    operation_id = "register_ticket", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<RegisterTickets>()))),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, pattern = "^[!-~]{1,128}$",
        description = "A key of your own, 1 to 128 visible ASCII characters: the same key with the same ticket is the same ticket.")),
    request_body(content = TicketIn, description = "Who asks, and what the matter is."),
    responses(
        (status = 201, description = "The ticket is registered under its number.", body = TicketSummary),
        (status = 200, description = "It was registered before, under the same key.", body = TicketSummary),
        OfTickets
    )
)]
#[post("/tickets")]
pub(crate) async fn register_ticket(
    granted: Granted<RegisterTickets>,
    _: AcceptsJson,
    request: HttpRequest,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let filed: TicketIn = body.json()?;
    let key = match request.headers().get("Idempotency-Key") {
        Some(key) => Some(
            key.to_str()
                .map_err(|_| Failure::malformed("header:Idempotency-Key", "has visible ASCII characters"))?,
        ),
        None => None,
    };
    let mut connection = hub.database.connection().await?;
    let Registered { ticket, repeated } =
        register(&mut connection, &granted.actor, &filed, key, hub.clock.now()).await?;
    Ok(answer(if repeated { StatusCode::OK } else { StatusCode::CREATED }, &ticket))
}
