//! Continuity permits: leave to use paper declarations for 24 hours when ETS, or a system or link that it
//! needs, fails (Order 926, section IV).
//!
//! Whom it serves: departure offices, which ask on behalf of a trader and accept the declarations; traders;
//! line 2, which confirms or refutes the failure within 4 hours; line 1, which tells both; any office that is
//! shown a stamped declaration.
//!
//! A request is registered as a ticket at the same moment, and the ticket follows it: line 1 passes it to
//! line 2, the decision hands it back, it is resolved when both were told, and closed by the report of the
//! office or the refusal (H4.8, H4.9).
//!
//! - [`model`]: a request with its decision, its permit and who was told.
//! - [`rules`]: the moves of a request and of a permit, and when a permit is valid. `checks` holds what must
//!   be given.
//! - [`number`]: the number of a permit.
//! - [`filing`], [`deciding`], [`telling`], [`using`]: the acts, in their order. `entering`: what line 1
//!   files of a mail.
//! - `ending`: what follows when a permit ends; [`timer`] ends those whose time is over.
//! - `announcing`: the notices of it.
//! - `references`: permits as documents of a crossing.
//! - [`shares`]: how often traders use them.
//! - [`reading`]: requests and permits; who sees what; the check.

mod announcing;
mod checks;
pub mod deciding;
mod ending;
mod entering;
pub mod filing;
pub mod model;
pub mod number;
pub mod reading;
pub(crate) mod references;
pub mod rules;
pub mod shares;
mod store;
pub mod telling;
pub mod timer;
pub mod using;

use chrono::{DateTime, Utc};
use kordon_schemas::ProblemCode;

pub use model::{Permit, Request, RequestId};

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{self, Actor, Role};
use crate::support::tickets::TicketId;
use model::PermitRequestState;
use rules::MoveRefusal;

/// The request of a ticket that is not over, if the ticket has one.
pub(crate) async fn unsettled_of(connection: &mut Connection, ticket: TicketId) -> Result<Option<RequestId>> {
    let request = store::of_ticket(connection, ticket).await?;
    Ok(request.filter(|request| request.state != PermitRequestState::Closed).map(|request| request.id))
}

/// Until when line 2 decides on the request of a ticket, while it is undecided (H4.5).
pub(crate) async fn decide_by_of(
    connection: &mut Connection,
    ticket: TicketId,
) -> Result<Option<DateTime<Utc>>> {
    let request = store::of_ticket(connection, ticket).await?;
    let undecided = request.filter(|request| request.state == PermitRequestState::Open);
    Ok(undecided.map(|request| rules::decide_by(request.received_at)))
}

/// A request, locked, if the actor sees it.
async fn locked(connection: &mut Connection, actor: &Actor, id: RequestId) -> Result<Request> {
    let request = store::locked(connection, id).await?.ok_or_else(|| unknown(id))?;
    if sees(connection, actor, &request).await? { Ok(request) } else { Err(unknown(id)) }
}

/// The request behind the number of a permit, locked, if the actor sees it.
async fn locked_by_number(connection: &mut Connection, actor: &Actor, number: &str) -> Result<Request> {
    let read = number::read(number).ok_or_else(misread)?;
    let found = store::by_number(connection, read).await?.ok_or_else(|| no_permit(number))?;
    let request = store::locked(connection, found.id).await?.ok_or_else(|| no_permit(number))?;
    if sees(connection, actor, &request).await? { Ok(request) } else { Err(no_permit(number)) }
}

/// Whether an actor sees a request: lines 1 and 2 every one, an office those that its system filed and those
/// that line 1 filed for it, a trader those for its own legal entity.
async fn sees(connection: &mut Connection, actor: &Actor, request: &Request) -> Result<bool> {
    Ok(match actor.role {
        Role::SupportLine1 | Role::SupportLine2 => true,
        Role::DepartureOffice => {
            request.filed_by == actor.system
                || (request.customs.is_some()
                    && parties::edrpou_of(connection, actor.system).await? == request.customs)
        }
        Role::Trader => {
            let own = parties::edrpou_of(connection, actor.system).await?;
            own.is_some() && own.as_ref() == request.trader.code.legal_entity()
        }
        Role::SupportLine3
        | Role::BorderGuard
        | Role::Customs
        | Role::QueueOperator
        | Role::ZoneOperator
        | Role::Police
        | Role::Ministry
        | Role::PressOffice
        | Role::Taxud
        | Role::Administrator => false,
    })
}

fn unknown(id: RequestId) -> Error {
    Error::NotFound { what: "permit request", id: id.to_string() }
}

fn no_permit(number: &str) -> Error {
    Error::NotFound { what: "permit", id: number.to_owned() }
}

fn misread() -> Error {
    Error::fault("path:number", "is no number of a permit: its check digit is wrong; read it again")
}

fn refused(refusal: &MoveRefusal) -> Error {
    move_refused(refusal.to_string())
}

fn move_refused(detail: impl Into<String>) -> Error {
    Error::refused(ProblemCode::PermitMoveRefused, detail)
}
