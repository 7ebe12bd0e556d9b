//! What follows when a permit or a request ends: the ticket is closed, the Fallback flag of the outage is
//! lowered when no other permit rests on it.

use chrono::{DateTime, Utc};
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::support::{Line, TicketStatus};
use kordon_schemas::tickets::TicketMoveIn;

use super::announcing::announce;
use super::model::Request;
use super::store;
use crate::database::Connection;
use crate::error::Result;
use crate::outages;
use crate::parties::{Actor, SystemId};
use crate::support::statuses::Mover;
use crate::support::tickets::acting::{move_along, standing_of};
use crate::support::tickets::line_of;

/// Closes the ticket of a request (H4.8, H4.9), by way of "resolved" where it is not yet.
pub(super) async fn close_ticket(
    connection: &mut Connection,
    actor: &Actor,
    request: &Request,
    reason: Option<String>,
    now: DateTime<Utc>,
) -> Result<()> {
    let ticket = request.ticket;
    let status = standing_of(connection, ticket).await?.status;
    if status != TicketStatus::Resolved && status != TicketStatus::Closed {
        let resolve = TicketMoveIn { to: TicketStatus::Resolved, line: None, reason, official: None };
        let by = Some(actor).filter(|actor| line_of(actor.role).is_some());
        move_along(connection, ticket, Mover::Line(Line::First), by, &resolve, now).await?;
    }
    let close = TicketMoveIn { to: TicketStatus::Closed, line: None, reason: None, official: None };
    move_along(connection, ticket, Mover::PermitRequest, Some(actor), &close, now).await
}

/// Tells that the 24 hours of a permit are over. Nobody does it; in the records it is an act of the line that
/// gave the permit. Call it once a permit, last in the transaction that notes it.
pub(super) async fn tell_expiry(
    connection: &mut Connection,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(by) = request.decision.as_ref().map(|decision| decision.by) else { return Ok(()) };
    lower_fallback(connection, request, by, now).await?;
    announce(connection, request, NoticeKind::PermitExpired, by, now).await
}

/// Lowers the Fallback flag of the outage that an ended permit rested on, if it was raised for a permit and
/// no other one rests on it. What line 1 said of the outage by itself stays as it is.
pub(super) async fn lower_fallback(
    connection: &mut Connection,
    request: &Request,
    by: SystemId,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(outage) = request.permit.as_ref().and_then(|permit| permit.outage) else { return Ok(()) };
    // Of two permits that end at once the second waits here, and finds that the first one rests no more.
    outages::locked(connection, outage).await?;
    if !store::others_rest_on(connection, outage, request.id, now).await? {
        outages::lower_fallback(connection, outage, by, now).await?;
    }
    Ok(())
}
