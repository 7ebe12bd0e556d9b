//! Line 1 registers a message whose sender did not give all that is needed, once it found it out (H2.2,
//! H3.2).

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::ProblemCode;
use kordon_schemas::messages::{MessageOutcome, MessageTicketIn};
use kordon_schemas::tickets::{TicketIn, TicketUser};

use super::contact_data::Given;
use super::model::MessageId;
use super::store::Waiting;
use super::{registration, store, unknown};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;
use crate::support::letters::{self, Answers};
use crate::support::tickets::contact::{LONGEST_SUBSTANCE, check};
use crate::support::tickets::{Mailed, Ticket, TicketId, register_mailed};

/// Registers a ticket from a message with what it completes, and tells the user by mail.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] naming all that is missing or wrong; [`Error::Refused`] with
/// `message_settled` when the message became something already.
pub async fn register(
    connection: &mut Connection,
    actor: &Actor,
    id: MessageId,
    filed: &MessageTicketIn,
    now: DateTime<Utc>,
) -> Result<Ticket> {
    connection.transaction(async |connection| register_within(connection, actor, id, filed, now).await).await
}

/// The same within the caller's transaction.
///
/// # Errors
/// As [`register`].
pub(crate) async fn register_within(
    connection: &mut Connection,
    actor: &Actor,
    id: MessageId,
    filed: &MessageTicketIn,
    now: DateTime<Utc>,
) -> Result<Ticket> {
    let Thread { message, received_at, all, written } = thread(connection, id).await?;
    let MessageTicketIn { kind, user, substance } = filed;
    let email = user.email.clone().or_else(|| Some(message.sender.clone()));
    let ticket = TicketIn {
        kind: *kind,
        user: TicketUser { email, ..user.clone() },
        substance: substance.clone().unwrap_or(written),
        call: None,
    };
    let checked = check(&ticket, now).map_err(Error::Invalid)?;
    let digest = message
        .digest
        .try_into()
        .map_err(|_| Error::stored_badly("a message", format_args!("the digest of {id}")))?;
    let mailed = Mailed { kind: *kind, checked, received_at, digest };
    let ticket = register_mailed(connection, actor, mailed, now).await?;
    store::registered(connection, &all, ticket.id).await?;
    let answers = Answers { subject: message.subject, message_id: Some(message.message_id) };
    let content = registration(&ticket, 0);
    letters::to_user(connection, &ticket, content, Some(answers), Some(actor.system), now).await?;
    Ok(ticket)
}

/// The ticket that was registered from a message, locked; `None` when it waits to become one. What came to
/// nothing, or answers a ticket, is refused when it is registered.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn registered_from(connection: &mut Connection, id: MessageId) -> Result<Option<TicketId>> {
    // What is locked is not registered by somebody else at this moment.
    store::lock_with_earlier(connection, id).await?;
    let message = store::one(connection, id).await?.ok_or_else(|| unknown(id))?.received;
    Ok(message.ticket.filter(|_| message.outcome == MessageOutcome::Registered).map(TicketId))
}

/// What one ticket is registered from.
struct Thread {
    /// The message that line 1 registers.
    message: Waiting,
    /// When the first was received: what was completed counts from then.
    received_at: DateTime<Utc>,
    /// It, and what it completes and waits too.
    all: Vec<MessageId>,
    /// The matter in the words of all of them.
    written: String,
}

/// Locks a message with what it completes. What became a ticket of its own before is left to that.
async fn thread(connection: &mut Connection, id: MessageId) -> Result<Thread> {
    let mut chain = store::lock_with_earlier(connection, id).await?;
    let message = chain.pop().ok_or_else(|| unknown(id))?;
    if message.outcome != MessageOutcome::Incomplete {
        let detail = format!("the message is {} already", message.outcome);
        return Err(Error::refused(ProblemCode::MessageSettled, detail));
    }
    chain.retain(|earlier| earlier.outcome == MessageOutcome::Incomplete);
    let first = chain.first().unwrap_or(&message);
    let (received_at, subject) = (first.received_at, first.subject.as_str());
    let whole = || chain.iter().chain([&message]);
    let given = whole().map(|one| Given::read(&one.subject, &one.text)).fold(Given::default(), Given::then);
    let written = given.substance(subject, LONGEST_SUBSTANCE);
    let all = whole().map(|one| one.id).collect();
    Ok(Thread { received_at, all, written, message })
}
