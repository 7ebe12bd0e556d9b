//! Messages of exchanges, and the signatures and time-stamps over them.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::parties::SystemId;

/// What a message is in its exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What was asked.
    Request,
    /// What was answered.
    Response,
    /// What was told without having been asked.
    Notice,
}

impl Part {
    /// Its name in the database and in names of files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Notice => "notice",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::Request, Self::Response, Self::Notice].into_iter().find(|part| part.as_str() == name)
    }
}

/// Bytes with their media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// As they came or went.
    pub bytes: Vec<u8>,
    /// The media type, without parameters.
    pub media_type: String,
}

/// One message as it came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is in its exchange.
    pub part: Part,
    /// The message of SOAP, or the head of one of HTTP.
    pub message: Content,
    /// The body of a message of HTTP, or what went beside the message of SOAP.
    pub attachment: Option<Content>,
}

/// An exchange with its messages, to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The hub's own id of it.
    pub id: Uuid,
    /// The id that the client gave. Of a longer one the first 200 characters are kept, of an empty one the
    /// hub's own id.
    pub query_id: Option<String>,
    /// Who asked, or who is told.
    pub client: String,
    /// The system that asked, if it is known.
    pub system: Option<SystemId>,
    /// The messages, each part at most once.
    pub messages: Vec<Message>,
}

/// A message that waits for a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsealed {
    /// Its id.
    pub id: Uuid,
    /// SHA-512 of the message.
    pub message_digest: Vec<u8>,
    /// The media type of the message.
    pub message_type: String,
    /// SHA-512 of the attachment.
    pub attachment_digest: Option<Vec<u8>>,
    /// The media type of the attachment.
    pub attachment_type: Option<String>,
}

/// A signature over one message or many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `META-INF/signatures.xml`.
    pub signatures: Vec<u8>,
    /// `sig-hashchainresult.xml`, when it covers many.
    pub chain_result: Option<Vec<u8>>,
    /// The messages that it covers, each with its `sig-hashchain.xml` when there are many.
    pub messages: Vec<(Uuid, Option<Vec<u8>>)>,
}

/// A signature that waits for a time-stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unstamped {
    /// Its id.
    pub id: Uuid,
    /// `META-INF/signatures.xml`.
    pub signatures: Vec<u8>,
}

/// A signature with its time-stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// The id of the signature.
    pub id: Uuid,
    /// When it was there, by the authority.
    pub at: DateTime<Utc>,
    /// The time-stamp itself.
    pub stamp: Stamp,
}

/// Where a time-stamp stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stamp {
    /// Of one signature, within it: the new `META-INF/signatures.xml`.
    Within(Vec<u8>),
    /// Of many signatures, beside them.
    Batch(StampFiles),
}

/// The files of a time-stamp over many signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampFiles {
    /// `META-INF/timestamp.tst`.
    pub token: Vec<u8>,
    /// `ts-hashchain.xml`.
    pub chain: Vec<u8>,
    /// `ts-hashchainresult.xml`.
    pub chain_result: Vec<u8>,
}

/// All that goes into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The id of the message.
    pub id: Uuid,
    /// The id that the client gave the exchange.
    pub query_id: String,
    /// What the message is in it.
    pub part: Part,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The message.
    pub message: Content,
    /// What went beside it.
    pub attachment: Option<Content>,
    /// `META-INF/signatures.xml`.
    pub signatures: Vec<u8>,
    /// `sig-hashchain.xml` and `sig-hashchainresult.xml`.
    pub chain: Option<(Vec<u8>, Vec<u8>)>,
    /// The time-stamp, when it stands beside.
    pub stamp: Option<StampFiles>,
}

/// What is owed at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SealingBacklog {
    /// Messages without a signature.
    pub unsealed: i64,
    /// Since when the oldest of them waits.
    pub oldest_unsealed: Option<DateTime<Utc>>,
    /// Signatures without a time-stamp.
    pub unstamped: i64,
    /// Since when the oldest of them waits.
    pub oldest_unstamped: Option<DateTime<Utc>>,
    /// Messages in no archive.
    pub unarchived: i64,
}

/// The windows and limits of sealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Whether signatures are time-stamped.
    pub stamps: bool,
    /// How long a signature waits at most for others to share a time-stamp with.
    pub stamp_every: TimeDelta,
    /// How long after a failure the authority is left alone.
    pub stamp_again: TimeDelta,
    /// How old what is neither signed nor stamped may become before exchanges are refused.
    pub refuse_after: TimeDelta,
    /// How often an archive is made.
    pub archive_every: TimeDelta,
    /// Bytes of the containers of one archive, at most by one container more.
    pub archive_bytes: usize,
    /// How long messages are kept in the database after they are in an archive.
    pub keep_messages: TimeDelta,
    /// How long the files of archives are kept; for ever when none.
    pub keep_archives: Option<TimeDelta>,
}

/// The archive before, which the next one is chained to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// Counts the archives from 1.
    pub number: i64,
    /// The name of its file.
    pub file_name: String,
    /// Its last digest, hexadecimal.
    pub last_digest: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

/// An archive that was packed and is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The name of its file.
    pub file_name: String,
    /// Its last digest, hexadecimal.
    pub last_digest: String,
    /// Bytes of the file.
    pub bytes: usize,
}
