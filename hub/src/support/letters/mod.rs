//! Letters: what a user is told by the support service, through the channel of the ticket (Order 926, section
//! III, clauses 6, 7, 13, 14).
//!
//! Whom it serves: users, who hear what became of their matter; line 1, which answers and sees what did not
//! arrive.
//!
//! A letter is written in the transaction of what it tells of, and sent by a worker until the mail server
//! takes it, so nothing that was acknowledged is lost. Letters are apart from notices: a notice is public, a
//! letter is to one person and holds personal data, which no notice, feed or metric shows.
//!
//! - [`model`]: letters. - [`answering`]: what line 1 writes. - [`delivery`]: the worker. - [`way`]: the
//!   port.

pub mod answering;
pub mod delivery;
pub mod metrics;
pub mod model;
mod store;
pub mod way;

use chrono::{DateTime, Utc};
use kordon_schemas::messages::LetterState;
use kordon_schemas::tickets::TicketChannel;
use uuid::Uuid;

pub use metrics::LetterMetrics;
pub use model::{About, Content, Letter, LetterId, Linked};
pub use way::LetterWay;

use crate::database::Connection;
use crate::error::Result;
use crate::parties::SystemId;
use crate::support::mail::MessageId;
use crate::support::tickets::acting::bounced;
use crate::support::tickets::{Ticket, TicketId};

/// The longest detail that is kept, in characters.
const LONGEST_DETAIL: usize = 500;

/// The most letters of a ticket that are shown.
const SHOWN: i64 = 100;

/// The mail that a letter answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// Its subject.
    pub subject: String,
    /// Its Message-ID.
    pub message_id: Option<String>,
}

/// Writes a letter to the user of a ticket, in the caller's transaction. By e-mail it is on its way from now
/// on; by the other channels it is told with that. `None` when the ticket came by mail and has no address any
/// more.
///
/// # Errors
/// When the database is away.
pub(crate) async fn to_user(
    connection: &mut Connection,
    ticket: &Ticket,
    content: Content,
    answers: Option<Answers>,
    caused_by: Option<SystemId>,
    now: DateTime<Utc>,
) -> Result<Option<Letter>> {
    let recipient = match ticket.channel {
        TicketChannel::Email => match &ticket.user.email {
            Some(email) => Some(email.clone()),
            None => return Ok(None),
        },
        TicketChannel::WebModule | TicketChannel::Telephone => None,
    };
    let answers = match answers {
        Some(answers) => answers,
        None => store::last_written(connection, ticket.id).await?.unwrap_or_default(),
    };
    let letter = new(About::Ticket(ticket.id), ticket.channel, recipient, answers, content, now);
    store::insert(connection, &letter, caused_by).await?;
    Ok(Some(letter))
}

/// A message that was not registered, and whose sender is told.
#[derive(Debug)]
pub(crate) struct Unregistered<'m> {
    /// The message.
    pub message: MessageId,
    /// Its sender.
    pub sender: &'m str,
    /// What the letter answers.
    pub answers: Answers,
    /// The most letters of this kind that an address gets in a day.
    pub most_a_day: i64,
}

/// Writes a letter to the sender of a message that was not registered, unless that address was told often
/// enough in the last day.
///
/// # Errors
/// When the database is away.
pub(crate) async fn to_sender(
    connection: &mut Connection,
    unregistered: Unregistered<'_>,
    content: Content,
    caused_by: SystemId,
    now: DateTime<Utc>,
) -> Result<()> {
    let Unregistered { message, sender, answers, most_a_day } = unregistered;
    if store::told_lately(connection, sender, now).await? >= most_a_day {
        tracing::warn!(%message, "its sender was told often enough today that something is missing");
        return Ok(());
    }
    let about = About::Message(message);
    let letter = new(about, TicketChannel::Email, Some(sender.to_owned()), answers, content, now);
    store::insert(connection, &letter, Some(caused_by)).await
}

/// How many letters of the last day tell an address that a ticket is registered which came by mail from it.
///
/// # Errors
/// When the database is away.
pub(crate) async fn registered_lately(
    connection: &mut Connection,
    sender: &str,
    now: DateTime<Utc>,
) -> Result<i64> {
    store::registered_lately(connection, sender, now).await
}

/// The letter among these that went to one of these addresses. Who makes a report up has to know both.
///
/// # Errors
/// When the database is away.
pub(crate) async fn sent_to(
    connection: &mut Connection,
    ids: &[Uuid],
    recipients: &[String],
) -> Result<Option<LetterId>> {
    if ids.is_empty() { Ok(None) } else { store::sent_to(connection, ids, recipients).await }
}

/// Notes that a letter came back, in the caller's transaction: it is failed, and its user was not told. The
/// ticket that it was about, if it was about one. One that failed already stays as it is.
///
/// # Errors
/// When the database is away.
pub(crate) async fn came_back(
    connection: &mut Connection,
    id: LetterId,
    because: &str,
    now: DateTime<Utc>,
) -> Result<Option<TicketId>> {
    let Some(letter) = store::locked(connection, id).await? else { return Ok(None) };
    let ticket = match letter.about {
        About::Ticket(ticket) => Some(ticket),
        About::Message(_) => None,
    };
    if letter.state == LetterState::Failed {
        return Ok(ticket);
    }
    let was_told = letter.state == LetterState::Delivered;
    let detail: String = format!("the mail came back: {because}").chars().take(LONGEST_DETAIL).collect();
    let of = letter.content.tells().filter(|_| was_told);
    let failed =
        Letter { state: LetterState::Failed, settled_at: Some(now), detail: Some(detail.clone()), ..letter };
    store::settle(connection, &failed).await?;
    if let (Some(ticket), Some(of)) = (ticket, of) {
        bounced(connection, ticket, of, &detail, now).await?;
    }
    Ok(ticket)
}

fn new(
    about: About,
    channel: TicketChannel,
    recipient: Option<String>,
    answers: Answers,
    content: Content,
    now: DateTime<Utc>,
) -> Letter {
    let (state, settled_at) = match channel {
        TicketChannel::Email => (LetterState::Pending, None),
        TicketChannel::WebModule | TicketChannel::Telephone => (LetterState::Delivered, Some(now)),
    };
    Letter {
        id: LetterId::new(),
        about,
        channel,
        recipient,
        subject: answers.subject,
        in_reply_to: answers.message_id.filter(|id| believable(id)),
        content,
        created_at: now,
        state,
        attempts: 0,
        due_at: now,
        settled_at,
        detail: None,
    }
}

/// Whether a stranger's Message-ID may stand in the head of our mail.
fn believable(message_id: &str) -> bool {
    (1..=250).contains(&message_id.len())
        && message_id.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte))
}

/// What the user of a ticket was told, the oldest first; at most the last hundred.
///
/// # Errors
/// When the database is away.
pub async fn of_ticket(connection: &mut Connection, ticket: TicketId) -> Result<Vec<Letter>> {
    store::of_ticket(connection, ticket, SHOWN).await
}

/// How many letters are on their way, how many were refused for good, and when the oldest on its way was
/// written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetterBacklog {
    /// On their way.
    pub pending: i64,
    /// Refused for good in the last 30 days. An alarm stands on this number.
    pub failed: i64,
    /// When the oldest on its way was written.
    pub oldest_pending_at: Option<DateTime<Utc>>,
}

/// What is owed to users at `now`, for the metrics and the alarm.
///
/// # Errors
/// When the database is away.
pub async fn standing(connection: &mut Connection, now: DateTime<Utc>) -> Result<LetterBacklog> {
    store::standing(connection, now).await
}
