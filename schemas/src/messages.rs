//! What users write to the support service by mail, and what they are told (Order 926, section II; section
//! III, clauses 6, 7, 13, 14). JSON only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Fault;
use crate::support::words;
use crate::tickets::{TicketChannel, TicketKind, TicketSummary, TicketUser};

words!(
    /// What became of a message.
    MessageOutcome {
        /// A ticket was registered from it.
        Registered = "registered",
        /// It belongs to a ticket that there is.
        Reply = "reply",
        /// Something is missing: no ticket was registered, and the sender is told what.
        Incomplete = "incomplete",
        /// No person wrote it, or it is our own: nothing follows from it.
        Ignored = "ignored",
    }
);

words!(
    /// Why nothing follows from a message.
    IgnoredBecause {
        /// It has no sender who could be answered.
        NoSender = "no_sender",
        /// A machine answered by itself.
        Automatic = "automatic",
        /// It came over a mailing list.
        MailingList = "mailing_list",
        /// It tells that a mail did not arrive.
        Bounce = "bounce",
        /// It is a mail of the support service that came back.
        OwnMail = "own_mail",
    }
);

/// What became of a message that was handed in. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceivedMessage {
    /// The message's id.
    pub id: Uuid,
    /// What became of it.
    pub outcome: MessageOutcome,
    /// Why nothing follows from it; `null` unless it was ignored.
    pub ignored_because: Option<IgnoredBecause>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The ticket that was registered from it, or that it belongs to.
    pub ticket: Option<Uuid>,
    /// What is missing or wrong, by its place in a ticket, when nothing was registered.
    pub missing: Vec<Fault>,
    /// How many attachments were kept.
    #[schema(minimum = 0)]
    pub attachments_kept: i64,
    /// How many were beyond the limits, and not kept.
    #[schema(minimum = 0)]
    pub attachments_not_kept: i64,
}

/// A page of messages, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessagePage {
    /// The messages of this page.
    pub items: Vec<ReceivedMessage>,
    /// Give it as `after` to get the next page; `null` on the last one.
    pub next: Option<Uuid>,
}

/// Something that hung on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageAttachment {
    /// Its number within the message, from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// Its name, as the sender gave it, without a folder.
    pub name: String,
    /// Its media type, as the sender gave it. Nobody has looked whether that is true.
    pub media_type: String,
    /// Its size in bytes.
    #[schema(minimum = 0)]
    pub size: i64,
    /// Whether it was kept. What is beyond the limits is not.
    pub kept: bool,
}

/// A whole message. Personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// What became of it.
    #[serde(flatten)]
    pub received: ReceivedMessage,
    /// The address that it came from.
    pub sender: String,
    /// The name that the sender goes by.
    pub sender_name: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Its text, without formatting.
    pub text: String,
    /// What hung on it.
    pub attachments: Vec<MessageAttachment>,
}

/// A ticket from a message whose sender did not give all that is needed: line 1 found it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageTicketIn {
    /// What it is about.
    pub kind: TicketKind,
    /// Who asks. Without an e-mail address, the one that the message came from.
    pub user: TicketUser,
    /// The matter itself. Left out: the text of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10000)]
    pub substance: Option<String>,
}

words!(
    /// What a letter tells its user.
    LetterKind {
        /// The registration, with number, date and time (H3.6).
        Registration = "registration",
        /// What is missing, and that nothing was registered (H3.7).
        Incomplete = "incomplete",
        /// A question: more information is needed (H3.2).
        Question = "question",
        /// That a deadline was extended (H3.13).
        Extension = "extension",
        /// The answer (H3.14).
        Result = "result",
    }
);

words!(
    /// How far a letter got.
    LetterState {
        /// It is on its way, and tried again until it is taken.
        Pending = "pending",
        /// It was taken by the mail server, or told by a channel that is read here.
        Delivered = "delivered",
        /// The mail server refused it for good, or it came back: tell the user another way.
        Failed = "failed",
    }
);

words!(
    /// What line 1 writes to a user.
    AnswerKind {
        /// A question: more information is needed.
        Question = "question",
        /// The answer to the matter; the ticket is resolved.
        Result = "result",
    }
);

/// What line 1 writes to a user, through the channel of the ticket (H3.14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerIn {
    /// What it is.
    pub kind: AnswerKind,
    /// The words.
    #[schema(min_length = 1, max_length = 10000)]
    pub text: String,
    /// The published article that says the same, to be linked (H3.15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<Uuid>,
}

/// Something that a user was or is to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Letter {
    /// The letter's id; before the `@` of its Message-ID when it is a mail.
    pub id: Uuid,
    /// What it tells.
    pub kind: LetterKind,
    /// The channel of the ticket.
    pub channel: TicketChannel,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// How far it got.
    pub state: LetterState,
    /// When it was taken or refused; `null`: neither yet.
    pub settled_at: Option<DateTime<Utc>>,
    /// How often it was tried.
    #[schema(minimum = 0)]
    pub attempts: i32,
    /// What the mail server said at the last attempt.
    pub detail: Option<String>,
    /// The words of line 1; `null` of what the hub words by itself.
    pub text: Option<String>,
    /// The article that is linked; `null`: none.
    pub article: Option<Uuid>,
}

/// What a user wrote about a ticket and what they were told. Personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Correspondence {
    /// The ticket.
    pub ticket: Uuid,
    /// What the user wrote by mail, the oldest first; at most the last hundred.
    pub messages: Vec<Message>,
    /// What the user was told, the oldest first; at most the last hundred.
    pub letters: Vec<Letter>,
}

/// A letter that was written, and where the ticket stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Answered {
    /// The letter.
    pub letter: Letter,
    /// Where the ticket stands.
    pub ticket: TicketSummary,
}
