//! Line 1 tells the office and the trader of the decision (H4.6, H4.9). When the later of the two was told, a
//! permit is in force, and a refusal is over.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::permits::PermitTellingIn;
use kordon_schemas::support::{Line, TicketStatus};
use kordon_schemas::tickets::TicketMoveIn;

use super::announcing::announce;
use super::model::{PermitRequestState, PermitState, Request, RequestId, ToldParty};
use super::rules::{self, PermitAct, RequestAct, permit_after, request_after};
use super::{checks, ending, locked, move_refused, refused, store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::outages;
use crate::parties::Actor;
use crate::support::statuses::Mover;
use crate::support::tickets::acting::move_along;

/// Records that one of the two was told. Each is told once: the moment counts for the 24 hours. One that was
/// recorded wrongly is corrected with a reason; what was recorded stays visible.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Refused`] with `permit_move_refused` when there is nothing to tell, this one
/// was told, or the incident was solved before; [`Error::Invalid`] for a moment that cannot be.
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
            if let (Some(before), Some(reason)) = (request.told.of(telling.of), &telling.corrects) {
                let reason = checks::correction(reason)?;
                correct(connection, actor, &mut request, (telling.of, before, at), &reason, now).await?;
                return Ok(request);
            }
            request.told = request.told.with(telling.of, at);
            check_not_solved(connection, &request).await?;
            match (request.told.both(), request.state) {
                (Some(_), PermitRequestState::Permitted) => {
                    put_in_force(connection, actor, &mut request, now).await?;
                }
                (Some(_), PermitRequestState::Refused) => {
                    end_refusal(connection, actor, &mut request, now).await?;
                }
                (None, PermitRequestState::Permitted | PermitRequestState::Refused)
                | (
                    _,
                    PermitRequestState::Open | PermitRequestState::Confirmed | PermitRequestState::Closed,
                ) => store::update(connection, &request).await?,
            }
            Ok(request)
        })
        .await
}

/// When somebody was told, as far as that can be.
fn moment(request: &Request, telling: &PermitTellingIn, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let PermitTellingIn { of, told_at, corrects } = telling;
    let decided_at = match (&request.decision, request.state) {
        (Some(decision), PermitRequestState::Permitted | PermitRequestState::Refused) => decision.at,
        _ => return Err(move_refused(format!("the request is {}: there is nothing to tell", request.state))),
    };
    let party = match of {
        ToldParty::DepartureOffice => "the departure office",
        ToldParty::Trader => "the trader",
    };
    match (request.told.of(*of), corrects) {
        (Some(before), None) => {
            return Err(move_refused(format!("{party} was told at {}", before.to_rfc3339())));
        }
        (None, Some(_)) => {
            return Err(move_refused(format!("{party} was not told: there is nothing to correct")));
        }
        (Some(_), Some(_)) if told_at.is_none() => {
            return Err(Error::fault("/told_at", "is missing: a correction says when it was"));
        }
        (Some(before), Some(_)) if *told_at == Some(before) => {
            return Err(Error::fault("/told_at", "is the moment that is recorded"));
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    if let (Some(permit), PermitRequestState::Permitted) = (&request.permit, request.state) {
        let state = rules::state(permit, now);
        // A permit that is over is over; its moments are those by which it was used.
        let corrected = corrects.is_some() && state == PermitState::InForce;
        if !corrected {
            permit_after(state, PermitAct::ComeIntoForce).map_err(|refusal| refused(&refusal))?;
        }
    }
    match told_at {
        Some(at) if *at > now => Err(Error::fault("/told_at", "lies ahead")),
        Some(at) if *at < decided_at => Err(Error::fault("/told_at", "is before the decision")),
        Some(at) => Ok(*at),
        None => Ok(now.max(decided_at)),
    }
}

/// Nobody is told of a permit for an incident that was solved by then: it is refused (H4.9). What was told in
/// time may be recorded later.
async fn check_not_solved(connection: &mut Connection, request: &Request) -> Result<()> {
    let (Some(id), PermitRequestState::Permitted) =
        (request.permit.as_ref().and_then(|permit| permit.outage), request.state)
    else {
        return Ok(());
    };
    // Who says that the incident is solved waits here, or is waited for.
    let outage = outages::locked(connection, id).await?;
    if !rules::is_too_late(&outage, request.told) {
        return Ok(());
    }
    let over = match outage.recovered_at {
        Some(at) => format!("is over since {}", at.to_rfc3339()),
        None => "was withdrawn".to_owned(),
    };
    let detail = format!(
        "outage {id} {over}: the incident was solved before both were told; line_2 refuses on the ground `solved` (H4.9), \
         or a permit that is in force is revoked"
    );
    Err(move_refused(detail))
}

/// Puts another moment in the place of one, and its 24 hours in the place of those that followed from it.
/// Whoever was told of these hears of it.
async fn correct(
    connection: &mut Connection,
    actor: &Actor,
    request: &mut Request,
    (of, before, at): (ToldParty, DateTime<Utc>, DateTime<Utc>),
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    request.told = request.told.with(of, at);
    check_not_solved(connection, request).await?;
    let told = request.told;
    let uses = store::uses(connection, request.id).await?;
    let mut moved = false;
    if let Some(permit) = &mut request.permit
        && permit.valid.is_some()
    {
        let valid = rules::validity(told);
        checks::not_before(&uses, valid)?;
        moved = permit.valid != valid;
        permit.valid = valid;
        if valid.is_some_and(|valid| now < valid.until - rules::WARNED_BEFORE) {
            permit.warned_at = None;
        }
    }
    store::add_correction(connection, request.id, (of, before, at), reason, actor.system, now).await?;
    store::update(connection, request).await?;
    if moved {
        announce(connection, request, NoticeKind::PermitCorrected, actor.system, now).await
    } else {
        Ok(())
    }
}

/// Both were told. Where that is recorded only after the 24 hours, they are kept, and nobody is told that a
/// permit is in force which is over.
async fn put_in_force(
    connection: &mut Connection,
    actor: &Actor,
    request: &mut Request,
    now: DateTime<Utc>,
) -> Result<()> {
    let told = request.told;
    let Some(permit) = &mut request.permit else { return Ok(()) };
    permit.valid = rules::validity(told);
    let is_over = rules::state(permit, now) == PermitState::Expired;
    if is_over {
        permit.expiry_noted_at = Some(now);
    } else if let Some(outage) = permit.outage {
        permit.raised_fallback = outages::raise_fallback(connection, outage, actor.system, now).await?;
    }
    let until = permit.valid.map(|valid| valid.until.to_rfc3339()).unwrap_or_default();
    let stands = if is_over { "was" } else { "is" };
    let solved = format!("Permit {} {stands} in force until {until}", permit.number);
    store::update(connection, request).await?;
    move_to(connection, actor, request, TicketStatus::Resolved, Some(solved), now).await?;
    if is_over {
        return Ok(());
    }
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
    let asked = TicketMoveIn { to, line: None, reason, official: None };
    move_along(connection, request.ticket, Mover::Line(Line::First), Some(actor), &asked, now).await
}
