//! Line 1 tells the office and the trader of the decision (H4.6, H4.9). When the later of the two was told, a permit is in force, and a
//! refusal is over.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::permits::PermitTellingIn;
use kordon_schemas::support::{Line, TicketStatus};
use kordon_schemas::tickets::TicketMoveIn;

use super::announcing::announce;
use super::model::{PermitRequestState, Request, RequestId, ToldParty};
use super::rules::{self, PermitAct, RequestAct, permit_after, request_after};
use super::{ending, locked, move_refused, refused, store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::outages;
use crate::parties::Actor;
use crate::support::statuses::Mover;
use crate::support::tickets::acting::move_along;

/// Records that one of the two was told. Each is told once: the moment counts for the 24 hours, and is not changed.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Refused`] with `permit_move_refused` when there is nothing to tell, or this one was told;
/// [`Error::Invalid`] for a moment that cannot be.
pub async fn tell(
    connection: &mut Connection,
    actor: &Actor,
    id: RequestId,
    telling: &PermitTellingIn,
    now: DateTime<Utc>,
) -> Result<Request> {
    connection
        .transaction(async |connection| {
            let mut request = locked(connection, actor, id).await?;
            let at = moment(&request, telling, now)?;
            request.told = request.told.with(telling.of, at);
            if request.told.both().is_some() {
                match request.permit {
                    Some(_) => put_in_force(connection, actor, &mut request, now).await?,
                    None => end_refusal(connection, actor, &mut request, now).await?,
                }
            } else {
                store::update(connection, &request).await?;
            }
            Ok(request)
        })
        .await
}

/// When somebody was told, as far as that can be.
fn moment(request: &Request, telling: &PermitTellingIn, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let PermitTellingIn { of, told_at } = telling;
    let decided_at = match (&request.decision, request.state) {
        (Some(decision), PermitRequestState::Permitted | PermitRequestState::Refused) => decision.at,
        _ => return Err(move_refused(format!("the request is {}: there is nothing to tell", request.state))),
    };
    if let Some(before) = request.told.of(*of) {
        let party = match of {
            ToldParty::DepartureOffice => "the departure office",
            ToldParty::Trader => "the trader",
        };
        return Err(move_refused(format!("{party} was told at {}", before.to_rfc3339())));
    }
    if let Some(permit) = &request.permit {
        permit_after(rules::state(permit, now), PermitAct::ComeIntoForce)
            .map_err(|refusal| refused(&refusal))?;
    }
    match told_at {
        Some(at) if *at > now => Err(Error::fault("/told_at", "lies ahead")),
        Some(at) if *at < decided_at => Err(Error::fault("/told_at", "is before the decision")),
        Some(at) => Ok(*at),
        None => Ok(now.max(decided_at)),
    }
}

async fn put_in_force(
    connection: &mut Connection,
    actor: &Actor,
    request: &mut Request,
    now: DateTime<Utc>,
) -> Result<()> {
    let told = request.told;
    let Some(permit) = &mut request.permit else { return Ok(()) };
    permit.valid = rules::validity(told);
    if let Some(outage) = permit.outage {
        permit.raised_fallback = outages::set_fallback(connection, outage, true, actor.system, now).await?;
    }
    let until = permit.valid.map(|valid| valid.until.to_rfc3339()).unwrap_or_default();
    let solved = format!("Permit {} is in force until {until}", permit.number);
    store::update(connection, request).await?;
    move_to(connection, actor, request, TicketStatus::Resolved, Some(solved), now).await?;
    announce(connection, request, NoticeKind::PermitIssued, actor.system, now).await
}

async fn end_refusal(
    connection: &mut Connection,
    actor: &Actor,
    request: &mut Request,
    now: DateTime<Utc>,
) -> Result<()> {
    request.state = request_after(request.state, RequestAct::Close).map_err(|refusal| refused(&refusal))?;
    request.closed_at = Some(now);
    store::update(connection, request).await?;
    let told = Some("The use of the procedure is refused; both were told".to_owned());
    ending::close_ticket(connection, actor, request, told, now).await
}

/// Line 1 moves the ticket of a request.
async fn move_to(
    connection: &mut Connection,
    actor: &Actor,
    request: &Request,
    to: TicketStatus,
    reason: Option<String>,
    now: DateTime<Utc>,
) -> Result<()> {
    let asked = TicketMoveIn { to, line: None, reason };
    move_along(connection, request.ticket, Mover::Line(Line::First), Some(actor.system), &asked, now).await
}
