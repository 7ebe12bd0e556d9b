//! Line 1 enters what an office wrote or telephoned (Order 926, section II, clause 2; section III, clause 6):
//! as of the moment when it was received, and so that the office sees it.

use chrono::{DateTime, Utc};
use kordon_schemas::messages::MessageTicketIn;
use kordon_schemas::permits::PermitRequestIn;
use kordon_schemas::support::{Priority, TicketStatus};
use kordon_schemas::tickets::{TicketKind, TicketPriorityIn, UserKind};
use kordon_schemas::{Fault, ProblemCode};
use uuid::Uuid;

use super::checks::Checked;
use super::model::Request;
use super::store;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;
use crate::support::mail::{MessageId, registering};
use crate::support::tickets::acting::{Wish, done_by, standing_of};
use crate::support::tickets::reading::of_itself;
use crate::support::tickets::{Registered, Ticket, line_of};

/// The faults of what only line 1 gives.
pub(super) fn faults(actor: &Actor, asked: &PermitRequestIn) -> Vec<Fault> {
    let is_line = line_of(actor.role).is_some();
    let given = [("/message", asked.message.is_some()), ("/customs_edrpou", asked.customs_edrpou.is_some())];
    let by_others = given.into_iter().filter(|(_, given)| *given && !is_line);
    let mut faults: Vec<Fault> =
        by_others.map(|(path, _)| Fault::new(path, "is entered by line 1 only: leave it out")).collect();
    if asked.message.is_some() && asked.call.is_some() {
        let detail = "came by telephone, and `message` by mail: leave one of the two out";
        faults.push(Fault::new("/call", detail));
    }
    faults
}

/// The ticket of a mail that asks for a permit: the one that it became by itself, or one that is registered
/// from it now. The request was received when the mail was. Entered again, it is the same request.
pub(super) async fn mailed(
    connection: &mut Connection,
    actor: &Actor,
    message: Uuid,
    (asked, checked): (&PermitRequestIn, &Checked),
    now: DateTime<Utc>,
) -> Result<Registered> {
    let message = MessageId(message);
    let Some(id) = registering::registered_from(connection, message).await? else {
        let substance = Some(asked.substance.clone()).filter(|substance| !substance.trim().is_empty());
        let filed = MessageTicketIn { kind: TicketKind::Incident, user: asked.user.clone(), substance };
        let ticket = registering::register_within(connection, actor, message, &filed, now).await?;
        return Ok(Registered { ticket, repeated: false });
    };
    let settled = |detail: String| Err(Error::refused(ProblemCode::MessageSettled, detail));
    // Who closes the ticket waits here, and finds the request, or was faster.
    let status = standing_of(connection, id).await?.status;
    let ticket = of_itself(connection, id).await?;
    if let Some(request) = store::of_ticket(connection, id).await? {
        return if is_same(&request, asked, checked) {
            Ok(Registered { ticket, repeated: true })
        } else {
            settled(format!(
                "the message is permit request {} already, which says something else",
                request.id
            ))
        };
    }
    if ticket.user.kind != UserKind::CustomsOfficial {
        let detail =
            "was registered for somebody who is no customs official: the departure office makes the request";
        return Err(Error::fault("/message", detail));
    }
    match status {
        TicketStatus::Resolved | TicketStatus::Closed => {
            let number = &ticket.registration_number;
            settled(format!("ticket {number} of the message is {status}: open it again first"))
        }
        TicketStatus::New | TicketStatus::InProgress | TicketStatus::Extended | TicketStatus::Deferred => {
            Ok(Registered { ticket, repeated: false })
        }
    }
}

/// Whether this was asked for. Data to withdraw may be added to a request, and says nothing of it.
fn is_same(request: &Request, asked: &PermitRequestIn, checked: &Checked) -> bool {
    // The database keeps microseconds.
    let same = |kept: DateTime<Utc>, given: DateTime<Utc>| {
        kept.timestamp_micros().abs_diff(given.timestamp_micros()) <= 1
    };
    request.asks == asked.asks
        && request.office == asked.office
        && request.customs == asked.customs_edrpou
        && request.trader == checked.trader
        && request.systems == checked.systems
        && same(request.began_at, asked.began_at)
        && same(request.agreed_until, asked.agreed_until)
        && request.checks == checked.checks
        && request.seen_by_office == asked.seen_by_office
}

/// A mail does not say how urgent it is; a request for a permit is critical.
pub(super) async fn make_critical(
    connection: &mut Connection,
    actor: &Actor,
    ticket: &Ticket,
    now: DateTime<Utc>,
) -> Result<()> {
    if ticket.standing.priority == Priority::Critical {
        return Ok(());
    }
    let reason = "A request for a continuity permit: line 2 decides within 4 hours (H4.5)".to_owned();
    let critical = TicketPriorityIn { priority: Priority::Critical, reason };
    done_by(connection, actor, ticket.id, ticket.version, Wish::Prioritise(&critical), now).await.map(drop)
}
