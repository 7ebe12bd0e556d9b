//! The facts about letters.

use std::fmt;

use chrono::{DateTime, Utc};
use kordon_schemas::Fault;
use kordon_schemas::articles::ArticleTitle;
use kordon_schemas::messages::{LetterKind, LetterState};
use kordon_schemas::tickets::{TellingOf, TicketChannel, TicketKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::support::mail::MessageId;
use crate::support::tickets::TicketId;

/// The id of a letter, a UUIDv7; of a mail it stands before the `@` of the Message-ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LetterId(pub Uuid);

impl LetterId {
    /// A new id.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for LetterId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A ticket.
    Ticket(TicketId),
    /// A message that was not registered.
    Message(MessageId),
}

/// What a letter tells. An adapter words it; the words of line 1 go as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tells", rename_all = "snake_case")]
pub enum Content {
    /// The registration (H3.6).
    Registration {
        /// The number.
        number: String,
        /// The date and time.
        registered_at: DateTime<Utc>,
        /// What it is about.
        kind: TicketKind,
        /// How many attachments were not kept. Their names are a stranger's words, and the letter may go to
        /// another one.
        #[serde(deserialize_with = "how_many")]
        not_kept: usize,
    },
    /// What is missing (H3.7).
    Incomplete {
        /// What, by its place in a ticket.
        missing: Vec<Fault>,
        /// When the message was received.
        received_at: DateTime<Utc>,
    },
    /// A question of line 1 (H3.2).
    Question {
        /// The number of the ticket.
        number: String,
        /// The words.
        text: String,
    },
    /// A longer term (H3.13).
    Extension {
        /// The number of the ticket.
        number: String,
        /// Until when; `None`: for as long as the matter waits.
        until: Option<DateTime<Utc>>,
        /// Why.
        reason: String,
    },
    /// The answer (H3.14).
    Result {
        /// The number of the ticket.
        number: String,
        /// The words.
        text: String,
        /// The article that says the same (H3.15).
        #[serde(default)]
        article: Option<Linked>,
    },
}

/// A number; of letters that were written with names instead, how many these are.
fn how_many<'de, D: serde::Deserializer<'de>>(written: D) -> Result<usize, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(usize),
        Names(Vec<String>),
    }
    Ok(match Written::deserialize(written)? {
        Written::Number(number) => number,
        Written::Names(names) => names.len(),
    })
}

impl Content {
    /// What kind of letter it is.
    #[must_use]
    pub const fn kind(&self) -> LetterKind {
        match self {
            Self::Registration { .. } => LetterKind::Registration,
            Self::Incomplete { .. } => LetterKind::Incomplete,
            Self::Question { .. } => LetterKind::Question,
            Self::Extension { .. } => LetterKind::Extension,
            Self::Result { .. } => LetterKind::Result,
        }
    }

    /// What the user has been told once the letter has arrived, as the ticket records it.
    #[must_use]
    pub const fn tells(&self) -> Option<TellingOf> {
        match self {
            Self::Registration { .. } => Some(TellingOf::Registration),
            Self::Extension { .. } => Some(TellingOf::Extension),
            Self::Result { .. } => Some(TellingOf::Result),
            Self::Incomplete { .. } | Self::Question { .. } => None,
        }
    }

    /// The article that it links, if it does.
    #[must_use]
    pub const fn article(&self) -> Option<&Linked> {
        match self {
            Self::Result { article, .. } => article.as_ref(),
            Self::Registration { .. }
            | Self::Incomplete { .. }
            | Self::Question { .. }
            | Self::Extension { .. } => None,
        }
    }

    /// The words of line 1, if it has any.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Question { text, .. } | Self::Result { text, .. } => Some(text),
            Self::Registration { .. } | Self::Incomplete { .. } | Self::Extension { .. } => None,
        }
    }
}

/// An article that a letter links, as it was published then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// Its id.
    pub id: Uuid,
    /// Its title.
    pub title: ArticleTitle,
}

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its id.
    pub id: LetterId,
    /// What it is about.
    pub about: About,
    /// The channel of the ticket.
    pub channel: TicketChannel,
    /// The address, of a mail. Personal data.
    pub recipient: Option<String>,
    /// The subject of what it answers.
    pub subject: String,
    /// The Message-ID of what it answers, without angle brackets.
    pub in_reply_to: Option<String>,
    /// What it tells.
    pub content: Content,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// How far it got.
    pub state: LetterState,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next, while it is on its way.
    pub due_at: DateTime<Utc>,
    /// When it was taken or refused.
    pub settled_at: Option<DateTime<Utc>>,
    /// What the mail server said at the last attempt.
    pub detail: Option<String>,
}

impl Letter {
    /// The letter, as a reader gets it.
    #[must_use]
    pub fn seen(&self) -> kordon_schemas::messages::Letter {
        kordon_schemas::messages::Letter {
            id: self.id.0,
            kind: self.content.kind(),
            channel: self.channel,
            created_at: self.created_at,
            state: self.state,
            settled_at: self.settled_at,
            attempts: self.attempts,
            detail: self.detail.clone(),
            text: self.content.text().map(ToOwned::to_owned),
            article: self.content.article().map(|article| article.id),
        }
    }

    /// What it is about, as one id.
    pub(super) const fn thread(&self) -> Uuid {
        match self.about {
            About::Ticket(ticket) => ticket.0,
            About::Message(message) => message.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_was_written_with_names_of_attachments_is_read_with_their_number() {
        for (written, number) in [("[\"a.zip\", \"b.zip\"]", 2), ("3", 3), ("[]", 0)] {
            let letter = format!(
                "{{\"tells\": \"registration\", \"number\": \"2026-000017\", \"registered_at\": \"2026-11-23T08:00:00Z\",
                  \"kind\": \"incident\", \"not_kept\": {written}}}"
            );
            let content: Content = serde_json::from_str(&letter).unwrap();
            assert!(
                matches!(content, Content::Registration { not_kept, .. } if not_kept == number),
                "{written}"
            );
        }
    }
}
