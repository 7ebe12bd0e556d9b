//! A departure office files its request (H4.2, H4.3): the ticket and the request are one transaction.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::ProblemCode;
use kordon_schemas::permits::{DataToWithdraw, PermitRequestIn};
use kordon_schemas::support::Priority;
use kordon_schemas::tickets::{TicketIn, TicketKind};

use super::model::{PermitAsk, PermitRequestState, Request, RequestId, Told};
use super::{checks, entering, locked, rules, store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;
use crate::repeats;
use crate::support::tickets::acting::due_again;
use crate::support::tickets::{self, Filing, Registered, Ticket, contact};

/// What became of a request that was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The request.
    pub request: Request,
    /// Whether it had been filed before, under the same idempotency key.
    pub repeated: bool,
}

/// Files a request. Its ticket is critical from the beginning, so that line 2's duty sees it when line 1 does
/// not work: the four hours run by the clock. What came by mail was received when the mail was, and the mail
/// stands in place of a key.
///
/// # Errors
/// [`Error::Invalid`] naming all that is missing or wrong; [`Error::Refused`] with `permit_twin` when the
/// trader has a request or a permit for this incident at this office, with `message_settled` when the mail
/// became something else, with `idempotency_conflict` when the key stands for something else;
/// [`Error::NotFound`] for a mail that is none.
pub async fn file(
    connection: &mut Connection,
    actor: &Actor,
    asked: &PermitRequestIn,
    key: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Filed> {
    let ticket = TicketIn {
        kind: TicketKind::Incident,
        user: asked.user.clone(),
        substance: asked.substance.clone(),
        call: asked.call.clone(),
    };
    let checked = checked(actor, asked, &ticket, now)?;
    let filing = Filing { key, digest: repeats::digest(asked)?, priority: Priority::Critical };
    connection
        .transaction(async |connection| {
            let Registered { ticket, repeated } = match asked.message {
                Some(message) => entering::mailed(connection, actor, message, (asked, &checked), now).await?,
                None => tickets::register_as(connection, actor, &ticket, filing, now).await?,
            };
            if repeated {
                let request = store::of_ticket(connection, ticket.id).await?;
                let request = request.ok_or_else(|| {
                    let detail = format!("the key stands for ticket {}", ticket.registration_number);
                    Error::refused(ProblemCode::IdempotencyConflict, detail)
                })?;
                return Ok(Filed { request, repeated: true });
            }
            let (request, to_withdraw) = new_request(actor, asked, checked, &ticket);
            check_alone(connection, &request, now).await?;
            if !store::insert(connection, &request).await? {
                return Err(Error::refused(
                    ProblemCode::PermitTwin,
                    "the same request was filed at this moment; follow that one",
                ));
            }
            store::state_data(connection, request.id, &to_withdraw, actor.system).await?;
            if asked.message.is_some() {
                entering::make_critical(connection, actor, &ticket, now).await?;
            }
            due_again(connection, ticket.id, now).await?;
            Ok(Filed { request, repeated: false })
        })
        .await
}

/// What a request holds, or every fault of it.
fn checked(
    actor: &Actor,
    asked: &PermitRequestIn,
    ticket: &TicketIn,
    now: DateTime<Utc>,
) -> Result<checks::Checked> {
    let mut faults = entering::faults(actor, asked);
    // What a mail lacks is looked for when its ticket is registered: the mail has the address, and may have
    // the matter.
    if asked.message.is_none() {
        faults.extend(contact::check(ticket, now).err().unwrap_or_default());
    }
    match checks::request(asked, now) {
        Ok(checked) if faults.is_empty() => Ok(checked),
        Ok(_) => Err(Error::Invalid(faults)),
        Err(others) => {
            faults.extend(others);
            Err(Error::Invalid(faults))
        }
    }
}

/// The request of a ticket that was registered for it, and which data it is about.
fn new_request(
    actor: &Actor,
    asked: &PermitRequestIn,
    checked: checks::Checked,
    ticket: &Ticket,
) -> (Request, Vec<DataToWithdraw>) {
    let checks::Checked { trader, systems, checks, to_withdraw } = checked;
    let request = Request {
        id: RequestId::new(),
        ticket: ticket.id,
        asks: asked.asks,
        state: PermitRequestState::Open,
        office: asked.office.clone(),
        trader,
        systems,
        began_at: asked.began_at,
        agreed_until: asked.agreed_until,
        checks,
        seen_by_office: asked.seen_by_office,
        filed_by: actor.system,
        customs: asked.customs_edrpou.clone(),
        received_at: ticket.received_at,
        decision: None,
        confirmed: None,
        told: Told::default(),
        permit: None,
        closed_at: None,
    };
    (request, to_withdraw)
}

/// Refuses what is asked twice for one incident: while the same request is undecided, or a permit stands that
/// has more than four hours left.
async fn check_alone(connection: &mut Connection, request: &Request, now: DateTime<Utc>) -> Result<()> {
    let twin = |detail: String| Err(Error::refused(ProblemCode::PermitTwin, detail));
    for other in store::standing(connection, &request.office, &request.trader.code).await? {
        let undecided = other.state == PermitRequestState::Open && other.asks == request.asks;
        let solving = other.state == PermitRequestState::Confirmed && request.asks == PermitAsk::Solve;
        if undecided || solving {
            return twin(format!("request {} of this trader at this office is {}", other.id, other.state));
        }
        if let Some(permit) = &other.permit
            && rules::blocks_another(permit, now)
        {
            let state = rules::state(permit, now);
            let again = permit.valid.map_or_else(String::new, |valid| {
                format!(
                    "; the next may be asked for from {}",
                    (valid.until - rules::RENEWABLE_BEFORE).to_rfc3339()
                )
            });
            return twin(format!("permit {} of this trader at this office is {state}{again}", permit.number));
        }
    }
    Ok(())
}

/// States transit data of a request that must be withdrawn from NCTS, or was.
///
/// # Errors
/// [`Error::NotFound`] also when the actor does not see the request; [`Error::Invalid`] naming each fault.
pub async fn state_data(
    connection: &mut Connection,
    actor: &Actor,
    id: RequestId,
    data: &DataToWithdraw,
    now: DateTime<Utc>,
) -> Result<Request> {
    let faults = checks::withdrawal(data, now);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    connection
        .transaction(async |connection| {
            let request = locked(connection, actor, id).await?;
            store::state_data(connection, id, std::slice::from_ref(data), actor.system).await?;
            Ok(request)
        })
        .await
}
