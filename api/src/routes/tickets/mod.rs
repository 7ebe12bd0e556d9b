//! `/api/v1/tickets`: the tickets of the transit support service (Order 926, sections II and III).

pub(crate) mod deadlines;
pub(crate) mod extensions;
pub(crate) mod list;
pub(crate) mod moves;
pub(crate) mod priorities;
pub(crate) mod register;
pub(crate) mod show;
pub(crate) mod tellings;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use kordon_hub::parties::Actor;
use kordon_hub::support::tickets::acting::{Wish, act};
use kordon_hub::support::tickets::{Ticket, TicketId};
use uuid::Uuid;

use crate::Hub;
use crate::conditional::{IfMatch, Tag};
use crate::problem::{Failure, Result};

/// The ticket that an address names.
fn ticket_in(path: &str) -> Result<TicketId> {
    path.parse::<Uuid>().map(TicketId).map_err(|_| Failure::malformed("path:ticket", "is a UUID"))
}

/// Where a ticket stands, with its version as its `ETag`.
fn answer(status: StatusCode, ticket: &Ticket) -> HttpResponse {
    Tag(ticket.version.to_string()).mark(HttpResponse::build(status).json(ticket.summary()))
}

/// Does something with the ticket that an address names.
async fn done(
    hub: &Hub,
    actor: &Actor,
    path: &str,
    version: IfMatch,
    wish: Wish<'_>,
) -> Result<HttpResponse> {
    let id = ticket_in(path)?;
    let mut connection = hub.database.connection().await?;
    let ticket = act(&mut connection, actor, id, version.0, wish, hub.clock.now()).await?;
    Ok(answer(StatusCode::OK, &ticket))
}
