//! What line 1 writes to a user: questions while the matter is open, the answer once it is resolved (H3.2,
//! H3.14). It goes by the channel of the ticket, and who wrote it is an act of the ticket.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::ProblemCode;
use kordon_schemas::messages::{AnswerIn, AnswerKind, LetterState};
use kordon_schemas::support::TicketStatus;
use uuid::Uuid;

use super::model::{Content, Letter, Linked};
use super::{store, to_user};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;
use crate::support::articles;
use crate::support::tickets::acting::{Wish, done_by, told_by_hub};
use crate::support::tickets::{Ticket, TicketId};

/// The longest answer, in characters.
const LONGEST: usize = 10_000;

/// Writes to the user of a ticket that stands at `version`. By e-mail the user is told when the mail server
/// takes it; by the other channels with this.
///
/// # Errors
/// [`Error::NotFound`] also when the actor does not see the ticket; [`Error::Invalid`]; [`Error::Refused`]
/// with `precondition_failed`, or `ticket_move_refused` when the ticket does not stand so that this can be
/// told.
pub async fn answer(
    connection: &mut Connection,
    actor: &Actor,
    id: TicketId,
    version: i32,
    written: &AnswerIn,
    now: DateTime<Utc>,
) -> Result<(Letter, Ticket)> {
    let AnswerIn { kind, text, article } = written;
    let text = checked(text)?;
    connection
        .transaction(async |connection| {
            let ticket = done_by(connection, actor, id, version, Wish::Answer(*kind), now).await?;
            if *kind == AnswerKind::Result && store::result_pending(connection, id).await? {
                return Err(Error::refused(
                    ProblemCode::TicketMoveRefused,
                    "an answer is on its way to the user already",
                ));
            }
            let number = ticket.registration_number.clone();
            let content = match kind {
                AnswerKind::Question if article.is_some() => {
                    return Err(Error::fault("/article", "is linked in answers only: leave it out"));
                }
                AnswerKind::Question => Content::Question { number, text },
                AnswerKind::Result => {
                    Content::Result { number, text, article: linked(connection, *article).await? }
                }
            };
            let told = content.tells();
            let letter = to_user(connection, &ticket, content, None, Some(actor.system), now).await?;
            let letter = letter.ok_or_else(|| {
                Error::refused(
                    ProblemCode::TicketMoveRefused,
                    "the ticket has no e-mail address to answer to",
                )
            })?;
            let ticket = match (letter.state, told) {
                (LetterState::Delivered, Some(of)) => {
                    told_by_hub(connection, id, of, now).await?.unwrap_or(ticket)
                }
                (LetterState::Delivered | LetterState::Pending | LetterState::Failed, _) => ticket,
            };
            Ok((letter, ticket))
        })
        .await
}

/// Whether a ticket that stands so can be written about, or why not.
///
/// # Errors
/// What stands in the way, for line 1.
pub const fn may_write(kind: AnswerKind, status: TicketStatus) -> Result<(), &'static str> {
    match (kind, status) {
        (AnswerKind::Result, TicketStatus::Resolved)
        | (
            AnswerKind::Question,
            TicketStatus::InProgress | TicketStatus::Extended | TicketStatus::Deferred,
        ) => Ok(()),
        (AnswerKind::Result, _) => Err("the ticket has no result to tell: it is not resolved"),
        (AnswerKind::Question, TicketStatus::New) => Err("a new ticket is taken first"),
        (AnswerKind::Question, TicketStatus::Resolved | TicketStatus::Closed) => {
            Err("the matter is resolved: move the ticket first")
        }
    }
}

/// The article that an answer links.
async fn linked(connection: &mut Connection, article: Option<Uuid>) -> Result<Option<Linked>> {
    let Some(id) = article else { return Ok(None) };
    match articles::get(connection, id, true).await {
        Ok(article) => Ok(Some(Linked { id, title: article.title })),
        Err(Error::NotFound { .. }) => Err(Error::fault("/article", "is no published article")),
        Err(other) => Err(other),
    }
}

fn checked(text: &str) -> Result<String> {
    let length = text.chars().count();
    let readable = !text.chars().any(|character| character.is_control() && !"\n\r\t".contains(character));
    if text.trim().is_empty() || length > LONGEST || !readable {
        return Err(Error::fault(
            "/text",
            format!("has 1 to {LONGEST} characters, none of them for control"),
        ));
    }
    Ok(text.trim().replace("\r\n", "\n"))
}
