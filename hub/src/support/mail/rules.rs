//! What a mail becomes: a ticket, a reply to one, a word that something is missing, or nothing. Pure: no
//! clock, no I/O.

use chrono::{DateTime, Utc};
use kordon_schemas::Fault;
use kordon_schemas::messages::IgnoredBecause;
use kordon_schemas::tickets::{TicketIn, TicketKind};
use uuid::Uuid;

use super::contact_data::Given;
use super::model::{Mail, MessageId};
use crate::support::letters::LetterId;
use crate::support::tickets::TicketId;
use crate::support::tickets::contact::{Checked, LONGEST_SUBSTANCE, check, no_address};

/// The most letters a day that tell one address what is missing. Beyond them, two machines write to each
/// other.
pub const MOST_TOLD_A_DAY: i64 = 5;

/// The most letters a day that tell one address of registrations by mail: more than an office asks for, and
/// few enough for whoever never wrote, when somebody writes in another's name.
pub const MOST_REGISTRATIONS_A_DAY: i64 = 50;

/// The place of the fault of a mail that is too large: all of it.
pub const TOO_LARGE: &str = "/";

/// What is known of what a mail refers to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailContext {
    /// It is one of our own letters.
    pub own: bool,
    /// The letter of ours of which it tells that it did not arrive.
    pub came_back: Option<LetterId>,
    /// The ticket that it refers to, when its sender is a party of it.
    pub ticket: Option<TicketId>,
    /// What the sender wrote before and was told to complete, the oldest first.
    pub earlier: Vec<Earlier>,
}

/// A message of the same sender that was not registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its id.
    pub id: MessageId,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// What a mail becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Becomes {
    /// Nothing follows from it.
    Nothing(IgnoredBecause),
    /// A letter of ours came back.
    CameBack(LetterId),
    /// It belongs to a ticket.
    Reply(TicketId),
    /// All that a ticket needs is there.
    Ticket {
        /// What it is about.
        kind: TicketKind,
        /// Who asks, and the matter.
        checked: Box<Checked>,
    },
    /// Something is missing or wrong.
    Incomplete(Vec<Fault>),
}

/// Decides what a mail becomes at `now`.
#[must_use]
pub fn becomes(mail: &Mail, known: &MailContext, now: DateTime<Utc>) -> Becomes {
    if known.own {
        return Becomes::Nothing(IgnoredBecause::OwnMail);
    }
    if let Some(letter) = known.came_back {
        return Becomes::CameBack(letter);
    }
    match (mail.signs.because(), known.ticket) {
        // A party may write by way of a list: what it says of its own ticket counts (III.9), and is answered
        // by a person.
        (Some(IgnoredBecause::MailingList), Some(ticket)) => return Becomes::Reply(ticket),
        (Some(because), _) => return Becomes::Nothing(because),
        (None, _) => {}
    }
    let Some(sender) = mail.sender.as_deref().filter(|sender| no_address(sender).is_none()) else {
        return Becomes::Nothing(IgnoredBecause::NoSender);
    };
    if let Some(ticket) = known.ticket {
        return Becomes::Reply(ticket);
    }
    if mail.too_large {
        return Becomes::Incomplete(vec![Fault::new(TOO_LARGE, "is larger than is taken, and was not read")]);
    }
    let earlier = known.earlier.iter().map(|earlier| Given::read(&earlier.subject, &earlier.text));
    let now_given = Given::read(&mail.subject, &mail.text);
    let given = earlier.chain([now_given]).fold(Given::default(), Given::then);
    let subject = known.earlier.first().map_or(mail.subject.as_str(), |first| first.subject.as_str());
    let filed = TicketIn {
        kind: given.kind(),
        user: given.user(sender, mail.sender_name.as_deref()),
        substance: given.substance(subject, LONGEST_SUBSTANCE),
        call: None,
    };
    match check(&filed, now) {
        Ok(checked) => Becomes::Ticket { kind: filed.kind, checked: Box::new(checked) },
        Err(faults) => Becomes::Incomplete(faults),
    }
}

/// The registration numbers that a subject names, as the hub writes them: `2026-000017`.
#[must_use]
pub fn numbers_in(subject: &str) -> Vec<String> {
    let numbers = subject.split(|character: char| !character.is_ascii_digit() && character != '-');
    numbers
        .filter(|word| {
            word.split_once('-').is_some_and(|(year, number)| {
                year.len() == 4
                    && (6..=18).contains(&number.len())
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            })
        })
        .take(5)
        .map(ToOwned::to_owned)
        .collect()
}

/// The letters of ours that a Message-ID may be: their ids stand before the `@`.
#[must_use]
pub fn letter_in(message_id: &str) -> Option<Uuid> {
    let (local, _) = message_id.split_once('@')?;
    (local.len() == 36).then(|| local.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
