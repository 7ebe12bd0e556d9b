//! A mail as an adapter read it, and the port that reads. Everything in it was written by a stranger.

use std::fmt;

use kordon_schemas::messages::IgnoredBecause;
use uuid::Uuid;

/// The most attachments of a message that are kept.
pub const MOST_ATTACHMENTS: usize = 20;

/// The most bytes of attachments of a message that are kept.
pub const MOST_ATTACHED_BYTES: usize = 8 * 1024 * 1024;

/// The longest text that is kept, in characters.
pub const LONGEST_TEXT: usize = 100_000;

/// The longest subject that is kept, in characters.
pub const LONGEST_SUBJECT: usize = 500;

/// The longest name of a person or a file that is kept, in characters.
pub const LONGEST_NAME: usize = 200;

/// The longest address that is believed, in bytes (RFC 5321, section 4.5.3.1.3).
pub const LONGEST_ADDRESS: usize = 254;

/// The longest Message-ID that is believed, in bytes (RFC 5322, a line).
pub const LONGEST_MESSAGE_ID: usize = 998;

/// The longest word of a mail server on why a mail did not arrive that is kept, in characters.
pub const LONGEST_BECAUSE: usize = 400;

/// The most references that are looked at. A thread may have more; the latest say enough.
pub const MOST_REFERENCES: usize = 50;

/// The id of a message to the support service, a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub Uuid);

impl MessageId {
    /// A new id.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A mail, as an adapter read it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mail {
    /// The address in `From`, if there is one.
    pub sender: Option<String>,
    /// The name beside it.
    pub sender_name: Option<String>,
    /// Its `Message-ID`, without the angle brackets.
    pub message_id: Option<String>,
    /// What `In-Reply-To` and `References` name, without angle brackets.
    pub refers_to: Vec<String>,
    /// Its subject, decoded.
    pub subject: String,
    /// Its text, decoded, without formatting.
    pub text: String,
    /// What its head says of who wrote it.
    pub signs: Signs,
    /// What it tells of a mail that did not arrive, if it is such a report.
    pub not_delivered: Option<NotDelivered>,
    /// What hangs on it, decoded from its transfer encoding and no further.
    pub attachments: Vec<Attachment>,
    /// Whether it is larger than is taken, so that only its head was read.
    pub too_large: bool,
    /// SHA-256 of the mail as it came.
    pub digest: [u8; 32],
}

/// What a mail server tells of a mail that it could not deliver (RFC 3464). Everything in it may be made up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotDelivered {
    /// The Message-IDs of that mail, as far as the report has them, without angle brackets.
    pub message_ids: Vec<String>,
    /// To whom it did not arrive.
    pub recipients: Vec<String>,
    /// Why, in a line: the status code, and what the server said.
    pub because: String,
}

/// What the head of a mail says of who wrote it: not a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs {
    /// `Return-Path: <>`, or it is a report about a mail (RFC 3464).
    pub bounce: bool,
    /// `Auto-Submitted`, `X-Autoreply`, `Precedence: auto_reply` or `junk` (RFC 3834).
    pub automatic: bool,
    /// `List-…` or `Precedence: bulk` or `list`.
    pub mailing_list: bool,
}

impl Signs {
    /// Why nothing follows from such a mail.
    #[must_use]
    pub const fn because(self) -> Option<IgnoredBecause> {
        let Self { bounce, automatic, mailing_list } = self;
        if bounce {
            Some(IgnoredBecause::Bounce)
        } else if automatic {
            Some(IgnoredBecause::Automatic)
        } else if mailing_list {
            Some(IgnoredBecause::MailingList)
        } else {
            None
        }
    }
}

/// Something that hangs on a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// The port that reads mail. An adapter fills it.
pub trait ReadMail: Send + Sync + fmt::Debug {
    /// Reads a mail as it came (RFC 5322), however broken; `None` when there is not even a head.
    fn read(&self, raw: &[u8]) -> Option<Mail>;
}

/// A text within `longest` characters, without the control characters that no database and no person can
/// read.
#[must_use]
pub fn readable(text: &str, longest: usize) -> String {
    text.chars()
        .filter(|character| *character == '\n' || *character == '\t' || !character.is_control())
        .take(longest)
        .collect()
}

/// The same in one line.
#[must_use]
pub fn in_a_line(text: &str, longest: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    readable(&words.join(" "), longest)
}
