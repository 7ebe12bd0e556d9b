//! Mail to the support service: what users write, and what becomes of it (Order 926, section II, clauses 2
//! and 3; section III, clauses 6 and 7).
//!
//! Whom it serves: users who write instead of filing by the web module, and line 1, which registers what they
//! write.
//!
//! A mail is handed in over the door or fetched from a mailbox; either way it is recorded once, whatever
//! becomes of it, in one transaction with the ticket and the letter that follow from it.
//!
//! - [`model`]: a mail, and the port that reads one. - [`rules`]: what it becomes. - [`contact_data`]: who
//!   asks, read from its text.
//! - [`reading`]: messages as line 1 reads them. - [`registering`]: line 1 registers what lacked something.

pub mod contact_data;
pub mod metrics;
pub mod model;
pub mod polling;
pub mod reading;
pub mod registering;
pub mod rules;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::Fault;
use kordon_schemas::messages::{IgnoredBecause, Message, MessageOutcome, ReceivedMessage};
use kordon_schemas::tickets::TicketKind;
use uuid::Uuid;

pub use model::{Attachment, Mail, MessageId, NotDelivered, ReadMail, Signs};

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{Actor, SystemId};
use crate::support::letters::{self, Answers, Content, Unregistered};
use crate::support::tickets::{Mailed, Ticket, TicketId, contact, note_written, register_mailed};
use model::{
    LONGEST_ADDRESS, LONGEST_BECAUSE, LONGEST_MESSAGE_ID, LONGEST_NAME, LONGEST_SUBJECT, LONGEST_TEXT,
    MOST_ATTACHED_BYTES, MOST_ATTACHMENTS, in_a_line, readable,
};
use rules::{
    Becomes, MOST_REGISTRATIONS_A_DAY, MOST_TOLD_A_DAY, MailContext, becomes, letter_in, numbers_in,
};
use store::Named;

/// How long ago a mail may have been received when it is handed in. Line 2 forwards what came out of hours
/// within days.
const LONGEST_AGO: TimeDelta = TimeDelta::days(30);

/// By how much the clock of a mail server may be ahead of ours.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// What became of a mail that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message.
    pub message: ReceivedMessage,
    /// Whether it had been recorded before.
    pub repeated: bool,
}

/// A message as it is recorded.
struct Kept<'m> {
    id: MessageId,
    sender: &'m str,
    message_id: String,
    digest: [u8; 32],
    received_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    handed_in_by: SystemId,
    outcome: MessageOutcome,
    ignored_because: Option<IgnoredBecause>,
    ticket: Option<TicketId>,
    completes: Option<MessageId>,
    sender_name: Option<&'m str>,
    subject: &'m str,
    text: &'m str,
    missing: Vec<Fault>,
}

/// Why the transaction was given up, and with it what it did: the number that a ticket had drawn is free
/// again.
enum NotReceived {
    Repeated,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for NotReceived {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Records a mail that was received at `received_at` and does what follows from it: a ticket is registered, a
/// reply is put to its ticket, or the sender is told what is missing. The same mail again is answered as the
/// first time.
///
/// # Errors
/// [`Error::Invalid`] when it is said to have been received at no time that can be.
pub async fn receive(
    connection: &mut Connection,
    actor: &Actor,
    mail: &Mail,
    received_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Received> {
    if received_at > now + CLOCK_TOLERANCE {
        return Err(Error::fault("query:received_at", "lies ahead"));
    }
    if received_at < now - LONGEST_AGO {
        return Err(Error::fault("query:received_at", "is more than 30 days ago"));
    }
    let mail = tidy(mail);
    let (sender, message_id) = identity(&mail);
    if let Some(message) = store::by_message_id(connection, &sender, &message_id).await? {
        return Ok(Received { message: message.received, repeated: true });
    }
    let received_at = received_at.min(now);
    let arrival = Arrival { actor, mail: &mail, sender: &sender, message_id: &message_id, received_at, now };
    match connection.transaction(async |connection| arrival.record(connection).await).await {
        Ok(message) => Ok(Received { message, repeated: false }),
        Err(NotReceived::Failed(error)) => Err(error),
        // Another replica or request was faster with the same mail; it has been committed by now.
        Err(NotReceived::Repeated) => match store::by_message_id(connection, &sender, &message_id).await? {
            Some(message) => Ok(Received { message: message.received, repeated: true }),
            None => Err(Error::Internal("a message was neither recorded nor a repeat".into())),
        },
    }
}

/// An attachment, the name that it goes by, and whether it is kept.
type Judged<'m> = (&'m Attachment, String, bool);

struct Arrival<'m> {
    actor: &'m Actor,
    mail: &'m Mail,
    sender: &'m str,
    message_id: &'m str,
    received_at: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl Arrival<'_> {
    async fn record(&self, connection: &mut Connection) -> Result<ReceivedMessage, NotReceived> {
        let known = self.known(connection).await?;
        let attachments = kept(&self.mail.attachments);
        match becomes(self.mail, &known, self.now) {
            Becomes::Nothing(because) => self.ignored(connection, because, known.ticket).await,
            Becomes::CameBack(letter) => {
                let report = self.mail.not_delivered.as_ref();
                let because = report.map_or("", |report| report.because.as_str());
                let ticket = letters::came_back(connection, letter, because, self.now).await?;
                self.ignored(connection, IgnoredBecause::Bounce, ticket).await
            }
            Becomes::Reply(ticket) => {
                let message = Kept { ticket: Some(ticket), ..self.kept(MessageOutcome::Reply) };
                note_written(connection, ticket, self.received_at, self.now).await?;
                self.insert(connection, &message, &attachments).await
            }
            Becomes::Ticket { kind, checked } => {
                self.registered(connection, &known, kind, *checked, &attachments).await
            }
            Becomes::Incomplete(missing) => self.incomplete(connection, &known, missing, &attachments).await,
        }
    }

    /// Nobody needs to keep what a machine wrote; that it came is enough to know it again.
    async fn ignored(
        &self,
        connection: &mut Connection,
        because: IgnoredBecause,
        ticket: Option<TicketId>,
    ) -> Result<ReceivedMessage, NotReceived> {
        let message = Kept {
            ignored_because: Some(because),
            ticket,
            sender_name: None,
            subject: "",
            text: "",
            ..self.kept(MessageOutcome::Ignored)
        };
        self.insert(connection, &message, &[]).await
    }

    /// Registers a ticket of a mail that has all it needs, with those that it completes, and tells its
    /// sender.
    async fn registered(
        &self,
        connection: &mut Connection,
        known: &MailContext,
        kind: TicketKind,
        checked: contact::Checked,
        attachments: &[Judged<'_>],
    ) -> Result<ReceivedMessage, NotReceived> {
        // What was completed counts from when it first came.
        let first = known.earlier.first().map_or(self.received_at, |first| first.received_at);
        let mailed = Mailed { kind, checked, received_at: first, digest: self.mail.digest };
        let ticket = register_mailed(connection, self.actor, mailed, self.now).await?;
        let message = Kept {
            ticket: Some(ticket.id),
            completes: known.earlier.last().map(|earlier| earlier.id),
            ..self.kept(MessageOutcome::Registered)
        };
        let received = self.insert(connection, &message, attachments).await?;
        let earlier: Vec<MessageId> = known.earlier.iter().map(|earlier| earlier.id).collect();
        store::registered(connection, &earlier, ticket.id).await?;
        let told = letters::registered_lately(connection, self.sender, self.now).await?;
        if told < MOST_REGISTRATIONS_A_DAY {
            let content = registration(&ticket, not_kept(attachments));
            let by = Some(self.actor.system);
            letters::to_user(connection, &ticket, content, Some(self.answers()), by, self.now).await?;
        } else {
            tracing::warn!(ticket = %ticket.id, "its sender was told of registrations often enough today");
        }
        Ok(received)
    }

    /// Keeps a mail that lacks something, and tells its sender what.
    async fn incomplete(
        &self,
        connection: &mut Connection,
        known: &MailContext,
        missing: Vec<Fault>,
        attachments: &[Judged<'_>],
    ) -> Result<ReceivedMessage, NotReceived> {
        let message = Kept {
            missing: missing.clone(),
            completes: known.earlier.last().map(|earlier| earlier.id),
            ..self.kept(MessageOutcome::Incomplete)
        };
        let received = self.insert(connection, &message, attachments).await?;
        let content = Content::Incomplete { missing, received_at: self.received_at };
        let unregistered = Unregistered {
            message: message.id,
            sender: self.sender,
            answers: self.answers(),
            most_a_day: MOST_TOLD_A_DAY,
        };
        letters::to_sender(connection, unregistered, content, self.actor.system, self.now).await?;
        Ok(received)
    }

    /// What is known of what the mail refers to.
    async fn known(&self, connection: &mut Connection) -> Result<MailContext> {
        let Self { mail, sender, .. } = *self;
        if let Some(letter) = letter_in(self.message_id)
            && store::is_letter(connection, letter).await?
        {
            return Ok(MailContext { own: true, ..MailContext::default() });
        }
        if let Some(report) = &mail.not_delivered {
            let ids: Vec<Uuid> = report.message_ids.iter().filter_map(|id| letter_in(id)).collect();
            let came_back = letters::sent_to(connection, &ids, &report.recipients).await?;
            return Ok(MailContext { came_back, ..MailContext::default() });
        }
        if sender.is_empty() {
            return Ok(MailContext::default());
        }
        let letters: Vec<Uuid> = mail.refers_to.iter().filter_map(|id| letter_in(id)).collect();
        let numbers = numbers_in(&mail.subject);
        if letters.is_empty() && mail.refers_to.is_empty() && numbers.is_empty() {
            return Ok(MailContext::default());
        }
        // Locked before anything is decided: line 1 may register one of them at this moment, or another mail
        // complete it. What became of them meanwhile shows in the ticket.
        let earlier = store::lock_earlier(connection, sender, &letters, &mail.refers_to).await?;
        let of_earlier: Vec<Uuid> = earlier.iter().map(|earlier| earlier.id.0).collect();
        let named = Named { letters: &letters, message_ids: &mail.refers_to, messages: &of_earlier };
        let ticket = store::referred(connection, sender, named, &numbers).await?;
        let earlier = if ticket.is_some() { Vec::new() } else { earlier };
        Ok(MailContext { own: false, came_back: None, ticket, earlier })
    }

    fn kept(&self, outcome: MessageOutcome) -> Kept<'_> {
        Kept {
            id: MessageId::new(),
            sender: self.sender,
            message_id: self.message_id.to_owned(),
            digest: self.mail.digest,
            received_at: self.received_at,
            recorded_at: self.now,
            handed_in_by: self.actor.system,
            outcome,
            ignored_because: None,
            ticket: None,
            completes: None,
            sender_name: self.mail.sender_name.as_deref(),
            subject: &self.mail.subject,
            text: &self.mail.text,
            missing: Vec::new(),
        }
    }

    fn answers(&self) -> Answers {
        Answers { subject: self.mail.subject.clone(), message_id: self.mail.message_id.clone() }
    }

    async fn insert(
        &self,
        connection: &mut Connection,
        message: &Kept<'_>,
        attachments: &[Judged<'_>],
    ) -> Result<ReceivedMessage, NotReceived> {
        if !store::insert(connection, message).await? {
            return Err(NotReceived::Repeated);
        }
        store::insert_attachments(connection, message.id, attachments).await?;
        let kept = attachments.iter().filter(|(.., kept)| *kept).count();
        Ok(ReceivedMessage {
            id: message.id.0,
            outcome: message.outcome,
            ignored_because: message.ignored_because,
            received_at: message.received_at,
            recorded_at: message.recorded_at,
            ticket: message.ticket.map(|ticket| ticket.0),
            missing: message.missing.clone(),
            attachments_kept: i64::try_from(kept).unwrap_or(i64::MAX),
            attachments_not_kept: i64::try_from(attachments.len() - kept).unwrap_or(i64::MAX),
        })
    }
}

/// What the letter about a registration tells.
fn registration(ticket: &Ticket, not_kept: usize) -> Content {
    Content::Registration {
        number: ticket.registration_number.clone(),
        registered_at: ticket.registered_at,
        kind: ticket.kind,
        not_kept,
    }
}

/// Who sent a mail and under which Message-ID it is known; one made of its content when it has none that can
/// be believed.
fn identity(mail: &Mail) -> (String, String) {
    let sender = mail.sender.clone().unwrap_or_default();
    let message_id = match &mail.message_id {
        Some(id) if !id.is_empty() && id.len() <= LONGEST_MESSAGE_ID => id.clone(),
        Some(_) | None => format!("sha256:{}", hex::encode(mail.digest)),
    };
    (sender, message_id)
}

/// A mail within the bounds of what is kept, without what no database can hold.
fn tidy(mail: &Mail) -> Mail {
    let sender = mail.sender.as_deref().map(|sender| readable(sender.trim(), LONGEST_ADDRESS).to_lowercase());
    Mail {
        sender: sender.filter(|sender| sender.len() <= LONGEST_ADDRESS && !sender.is_empty()),
        sender_name: mail
            .sender_name
            .as_deref()
            .map(|name| in_a_line(name, LONGEST_NAME))
            .filter(|name| !name.is_empty()),
        message_id: mail.message_id.as_deref().map(|id| readable(id, LONGEST_MESSAGE_ID + 1)),
        refers_to: mail
            .refers_to
            .iter()
            .take(model::MOST_REFERENCES)
            .map(|id| readable(id, LONGEST_MESSAGE_ID))
            .collect(),
        subject: in_a_line(&mail.subject, LONGEST_SUBJECT),
        text: readable(&mail.text, LONGEST_TEXT),
        signs: mail.signs,
        not_delivered: mail.not_delivered.as_ref().map(|report| NotDelivered {
            message_ids: report
                .message_ids
                .iter()
                .take(model::MOST_REFERENCES)
                .map(|id| readable(id, LONGEST_MESSAGE_ID))
                .collect(),
            recipients: report
                .recipients
                .iter()
                .take(model::MOST_REFERENCES)
                .map(|address| readable(address, LONGEST_ADDRESS))
                .collect(),
            because: in_a_line(&report.because, LONGEST_BECAUSE),
        }),
        attachments: mail
            .attachments
            .iter()
            .take(MOST_ATTACHMENTS * 10)
            .map(|attachment| Attachment { media_type: media_type(attachment), ..attachment.clone() })
            .collect(),
        too_large: mail.too_large,
        digest: mail.digest,
    }
}

/// The media type of an attachment in a line; of one that names none that can be read, that of any bytes.
fn media_type(attachment: &Attachment) -> String {
    let told = in_a_line(&attachment.media_type, LONGEST_NAME);
    if told.is_empty() { "application/octet-stream".to_owned() } else { told }
}

/// The attachments with their names, and whether each is kept: the first ones within the limits.
fn kept(attachments: &[Attachment]) -> Vec<Judged<'_>> {
    let mut bytes = 0_usize;
    let mut number = 0_usize;
    attachments
        .iter()
        .map(|attachment| {
            number += 1;
            let fits = bytes.saturating_add(attachment.content.len()) <= MOST_ATTACHED_BYTES
                && number <= MOST_ATTACHMENTS;
            if fits {
                bytes = bytes.saturating_add(attachment.content.len());
            }
            (attachment, name_of(attachment, number), fits)
        })
        .collect()
}

/// The name of a file without a folder, or its number.
fn name_of(attachment: &Attachment, number: usize) -> String {
    let given = attachment.name.as_deref().unwrap_or_default();
    let file = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = in_a_line(file, LONGEST_NAME);
    if name.is_empty() || name.chars().all(|character| character == '.') {
        format!("attachment-{number}")
    } else {
        name
    }
}

/// How many of them are not kept.
fn not_kept(attachments: &[Judged<'_>]) -> usize {
    attachments.iter().filter(|(.., kept)| !kept).count()
}

/// Puts attachments to their messages.
async fn with_attachments(connection: &mut Connection, mut messages: Vec<Message>) -> Result<Vec<Message>> {
    let ids: Vec<Uuid> = messages.iter().map(|message| message.received.id).collect();
    let attachments = store::attachments(connection, &ids).await?;
    for message in &mut messages {
        let own = attachments.iter().filter(|(of, _)| *of == message.received.id);
        message.attachments = own.map(|(_, attachment)| attachment.clone()).collect();
    }
    Ok(messages)
}

fn unknown(id: MessageId) -> Error {
    Error::NotFound { what: "message", id: id.to_string() }
}

#[cfg(test)]
mod tests;
