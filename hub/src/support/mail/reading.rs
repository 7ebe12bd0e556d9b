//! Messages as the support service reads them: what was not registered is line 1's (line 2's out of hours),
//! what belongs to a ticket is for whoever sees the ticket.

use chrono::{DateTime, Utc};
use kordon_schemas::messages::{Correspondence, Message, MessagePage};

use super::model::MessageId;
use super::{store, unknown, with_attachments};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{Actor, Role};
use crate::support::letters;
use crate::support::tickets::{TicketId, reading};

/// The most messages on a page.
pub const LARGEST_PAGE: i64 = 100;

/// The most messages of a ticket that are shown.
const SHOWN: i64 = 100;

/// A message with the list of what hung on it.
///
/// # Errors
/// [`Error::NotFound`] also when the actor does not see it.
pub async fn get(
    connection: &mut Connection,
    actor: &Actor,
    id: MessageId,
    now: DateTime<Utc>,
) -> Result<Message> {
    let message = store::one(connection, id).await?.ok_or_else(|| unknown(id))?;
    check_sees(connection, actor, &message, id, now).await?;
    let mut messages = with_attachments(connection, vec![message]).await?;
    messages.pop().ok_or_else(|| unknown(id))
}

/// The bytes of an attachment, as they came.
///
/// # Errors
/// [`Error::NotFound`] also when it was not kept, or the actor does not see the message.
pub async fn attachment(
    connection: &mut Connection,
    actor: &Actor,
    id: MessageId,
    number: i32,
    now: DateTime<Utc>,
) -> Result<Vec<u8>> {
    let message = store::one(connection, id).await?.ok_or_else(|| unknown(id))?;
    check_sees(connection, actor, &message, id, now).await?;
    store::content(connection, id, number)
        .await?
        .ok_or_else(|| Error::NotFound { what: "attachment", id: number.to_string() })
}

/// What was not registered because something is missing, the oldest first.
///
/// # Errors
/// When the database is away.
pub async fn incomplete(
    connection: &mut Connection,
    after: Option<MessageId>,
    limit: i64,
) -> Result<MessagePage> {
    let limit = limit.clamp(1, LARGEST_PAGE);
    let mut messages = store::incomplete(connection, after, limit + 1).await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = messages.len() > size;
    messages.truncate(size);
    let items: Vec<_> = messages.into_iter().map(|message| message.received).collect();
    let next = items.last().map(|message| message.id).filter(|_| more);
    Ok(MessagePage { items, next })
}

/// What the user of a ticket wrote by mail, and what they were told.
///
/// # Errors
/// [`Error::NotFound`] also when the actor does not see the ticket.
pub async fn correspondence(
    connection: &mut Connection,
    actor: &Actor,
    id: TicketId,
    now: DateTime<Utc>,
) -> Result<Correspondence> {
    let (ticket, _) = reading::get(connection, actor, id, now).await?;
    let messages = store::of_ticket(connection, ticket.id, SHOWN).await?;
    let messages = with_attachments(connection, messages).await?;
    let letters = letters::of_ticket(connection, ticket.id).await?;
    Ok(Correspondence {
        ticket: ticket.id.0,
        messages,
        letters: letters.iter().map(letters::Letter::seen).collect(),
    })
}

async fn check_sees(
    connection: &mut Connection,
    actor: &Actor,
    message: &Message,
    id: MessageId,
    now: DateTime<Utc>,
) -> Result<()> {
    match message.received.ticket {
        Some(ticket) => {
            let unseen = |error| if matches!(error, Error::NotFound { .. }) { unknown(id) } else { error };
            reading::get(connection, actor, TicketId(ticket), now).await.map(|_| ()).map_err(unseen)
        }
        None if [Role::SupportLine1, Role::SupportLine2].contains(&actor.role) => Ok(()),
        None => Err(unknown(id)),
    }
}
