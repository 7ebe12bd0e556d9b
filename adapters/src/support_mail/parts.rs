//! Takes a mail apart into its parts (MIME, RFC 2046), for [`super::reading`] (Order 926, section III, clause
//! 7: what hangs on a request).
//!
//! `mail-parser` reads heads; it does not take mails apart here, because what a stranger sends made it do so
//! without end, in many times the memory of the mail, or stop the program (decision 60). A mail within a mail
//! is bytes. Each byte is looked at once a level, and levels and parts are counted.

use std::borrow::Cow;
use std::ops::ControlFlow;

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};
use mail_parser::{Message, MessageParser, MimeHeaders};
use quoted_printable::ParseMode;

use super::charsets::of_no_charset;

/// The most parts of a mail; one with more is not taken apart.
const MOST_PARTS: usize = 300;

/// The most levels of parts within parts. Mail programs make four; what lies deeper is read as text.
const MOST_LEVELS: usize = 20;

/// The most bytes of the head of a mail that are read. Undoing its words may take the square of their length.
const LONGEST_HEAD: usize = 64 * 1024;

/// The most bytes of the head of a part that are read; there may be hundreds of them.
const LONGEST_PART_HEAD: usize = 8 * 1024;

/// A part of a mail, or the mail itself.
#[derive(Debug)]
pub(super) struct Part<'r> {
    /// What its head says of it.
    pub(super) head: PartHead,
    /// What it holds.
    pub(super) within: Within<'r>,
}

/// What a part holds.
#[derive(Debug)]
pub(super) enum Within<'r> {
    /// Bytes in their transfer encoding.
    Bytes(&'r [u8]),
    /// Other parts, in order.
    Parts(Vec<Part<'r>>),
}

/// What the head of a part says (RFC 2045, 2183).
#[derive(Debug, Default)]
pub(super) struct PartHead {
    /// Type and subtype in lower case; `None` if it says nothing, or nothing that can be understood.
    pub(super) media_type: Option<(String, String)>,
    /// The charset of its text.
    pub(super) charset: Option<String>,
    /// Whether its lines flow (RFC 3676), and if so, whether the spaces at their ends count.
    pub(super) flowed: Option<KeepsSpaces>,
    /// The name of its file.
    pub(super) name: Option<String>,
    /// Whether it says how it is to be shown, and if so, whether apart from the text.
    pub(super) is_attached: Option<bool>,
    /// How it is encoded.
    pub(super) encoding: Encoding,
    /// What its parts begin with.
    boundary: Option<String>,
}

/// Whether the space at the end of a line that goes on stands between words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeepsSpaces(pub(super) bool);

/// A transfer encoding (RFC 2045, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// 7bit, 8bit or binary, said or unsaid; and what nobody knows, for which nothing can be undone.
    #[default]
    Plain,
    /// Base64.
    Base64,
    /// Quoted-printable.
    QuotedPrintable,
}

impl PartHead {
    fn of(message: &Message<'_>) -> Self {
        let kind = message.content_type();
        let attribute = |name| kind.and_then(|kind| kind.attribute(name)).map(ToOwned::to_owned);
        let is = |name, value: &str| attribute(name).is_some_and(|own| own.eq_ignore_ascii_case(value));
        let shown = message.content_disposition();
        Self {
            media_type: kind.and_then(|kind| {
                // Programs forget the semicolon before a parameter.
                let subtype = kind.subtype()?.split_ascii_whitespace().next()?;
                Some((kind.ctype().to_ascii_lowercase(), subtype.to_ascii_lowercase()))
            }),
            charset: attribute("charset"),
            flowed: is("format", "flowed").then(|| KeepsSpaces(!is("delsp", "yes"))),
            name: message.attachment_name().map(ToOwned::to_owned),
            is_attached: shown.map(mail_parser::ContentType::is_attachment),
            encoding: message.content_transfer_encoding().map(Encoding::named).unwrap_or_default(),
            boundary: attribute("boundary").filter(|boundary| !boundary.is_empty()),
        }
    }

    /// Whether its media type is this.
    pub(super) fn is(&self, kind: &str, subtype: &str) -> bool {
        self.media_type.as_ref().is_some_and(|(own, sub)| own == kind && sub == subtype)
    }

    /// Whether it should hold other parts.
    pub(super) fn is_multipart(&self) -> bool {
        self.media_type.as_ref().is_some_and(|(kind, _)| kind == "multipart")
    }
}

impl Encoding {
    fn named(name: &str) -> Self {
        match name.trim().to_ascii_lowercase().as_str() {
            "base64" => Self::Base64,
            "quoted-printable" => Self::QuotedPrintable,
            _ => Self::Plain,
        }
    }
}

impl<'r> Part<'r> {
    /// The mail of this head and these bytes below it, taken apart; with more parts than anybody writes it
    /// stays whole.
    pub(super) fn of(message: &Message<'_>, below: &'r [u8]) -> Self {
        let mut left = MOST_PARTS;
        match Self::taken_apart(PartHead::of(message), below, MOST_LEVELS, &mut left) {
            ControlFlow::Continue(part) => part,
            ControlFlow::Break(TooMany) => {
                tracing::warn!(
                    bytes = below.len(),
                    "a mail has more than {MOST_PARTS} parts: it is read as text"
                );
                Self { head: PartHead::of(message), within: Within::Bytes(below) }
            }
        }
    }

    fn taken_apart(
        head: PartHead,
        below: &'r [u8],
        levels: usize,
        left: &mut usize,
    ) -> ControlFlow<TooMany, Self> {
        let boundary = head.boundary.as_deref().filter(|_| head.is_multipart() && levels > 0);
        let pieces = boundary.map_or_else(Vec::new, |boundary| between(below, boundary, *left + 1));
        if pieces.is_empty() {
            return ControlFlow::Continue(Self { head, within: Within::Bytes(below) });
        }
        let Some(still) = left.checked_sub(pieces.len()) else { return ControlFlow::Break(TooMany) };
        *left = still;
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let (own_head, below) = part_head_and_below(piece);
            let own_head = readable_head(own_head, LONGEST_PART_HEAD);
            let mut own = parse_head(&own_head).map(|message| PartHead::of(&message)).unwrap_or_default();
            // RFC 2046, section 5.1.5: what a digest holds is mails.
            if head.is("multipart", "digest") && own.media_type.is_none() {
                own.media_type = Some(("message".to_owned(), "rfc822".to_owned()));
            }
            parts.push(Self::taken_apart(own, below, levels - 1, left)?);
        }
        ControlFlow::Continue(Self { head, within: Within::Parts(parts) })
    }

    /// The parts that hold no others, in order.
    pub(super) fn leaves(&self) -> Vec<(&PartHead, &'r [u8])> {
        match &self.within {
            Within::Bytes(bytes) => vec![(&self.head, bytes)],
            Within::Parts(parts) => parts.iter().flat_map(Self::leaves).collect(),
        }
    }
}

/// There are more parts than anybody writes.
struct TooMany;

/// The head of a mail, read; `None` if there is none.
pub(super) fn parse_head(head: &[u8]) -> Option<Message<'_>> {
    let message = MessageParser::new().with_minimal_headers().with_message_ids().parse_headers(head)?;
    // Without a field it is no head.
    (!message.headers().is_empty()).then_some(message)
}

/// As much of the head of a mail as is read.
pub(super) fn readable_mail_head(head: &[u8]) -> Cow<'_, [u8]> {
    readable_head(head, LONGEST_HEAD)
}

/// So much of a head, in whole lines. Bare bytes in it are of the charset that old programs write, unless
/// they are UTF-8.
fn readable_head(head: &[u8], longest: usize) -> Cow<'_, [u8]> {
    let whole_lines =
        |start: &[u8]| start.iter().rposition(|byte| *byte == b'\n').map_or(start.len(), |end| end + 1);
    let read = head.get(..longest).map_or(head.len(), whole_lines);
    let read = head.get(..read).unwrap_or(head);
    if std::str::from_utf8(read).is_ok() {
        Cow::Borrowed(read)
    } else {
        Cow::Owned(of_no_charset(read).into_bytes())
    }
}

/// What stands above the first empty line, and what below it.
pub(super) fn head_and_below(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut head = 0;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if matches!(line, b"\n" | b"\r\n") {
            let (above, below) = raw.split_at(head);
            return (above, below.get(line.len()..).unwrap_or_default());
        }
        head += line.len();
    }
    (raw, b"")
}

/// The head of a part, and what stands below it. Programs forget the empty line, so a line that is neither a
/// field nor goes one on ends the head, too.
fn part_head_and_below(piece: &[u8]) -> (&[u8], &[u8]) {
    let mut head = 0;
    for line in piece.split_inclusive(|byte| *byte == b'\n') {
        let goes_on = head > 0 && (line.starts_with(b" ") || line.starts_with(b"\t"));
        if matches!(line, b"\n" | b"\r\n") {
            return head_and_below(piece);
        }
        if !goes_on && !is_field(line) {
            return piece.split_at(head);
        }
        head += line.len();
    }
    (piece, b"")
}

/// Whether a line is a field of a head (RFC 5322, section 2.2).
fn is_field(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_name = !name.trim_ascii().is_empty() && name.trim_ascii_end().iter().all(u8::is_ascii_graphic);
    is_name && name.len() < line.len()
}

/// What stands between the lines of a boundary, and behind the last if none says that it is the last (RFC
/// 2046, section 5.1.1); at most so many. Old programs give parts within parts the same boundary, so more may
/// follow a last one.
fn between<'r>(bytes: &'r [u8], boundary: &str, most: usize) -> Vec<&'r [u8]> {
    let mut pieces = Vec::new();
    let mut begins = None;
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let here = at;
        at += line.len();
        let Some(behind) = line.strip_prefix(b"--").and_then(|own| own.strip_prefix(boundary.as_bytes()))
        else {
            continue;
        };
        let is_last = match behind.trim_ascii_end() {
            b"" => false,
            b"--" => true,
            _ => continue,
        };
        pieces.extend(begins.and_then(|begins| bytes.get(begins..here)).map(without_line_end));
        begins = (!is_last).then_some(at);
        if pieces.len() == most {
            return pieces;
        }
    }
    pieces.extend(begins.and_then(|begins| bytes.get(begins..)));
    pieces
}

/// The line end before a boundary belongs to the boundary.
fn without_line_end(piece: &[u8]) -> &[u8] {
    let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
    piece.strip_suffix(b"\r").unwrap_or(piece)
}

/// Bytes without their transfer encoding; as they are where nothing of it can be undone.
pub(super) fn decoded(encoding: Encoding, bytes: &[u8]) -> Cow<'_, [u8]> {
    let decoded = match encoding {
        Encoding::Base64 => of_base64(bytes),
        Encoding::QuotedPrintable => quoted_printable::decode(bytes, ParseMode::Robust).ok(),
        Encoding::Plain => None,
    };
    decoded.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

/// The bytes of base64. What is outside its alphabet is no part of it (RFC 2045, section 6.8); what servers
/// write below it, as words in a line, ends it.
fn of_base64(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_of_it = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let has_words = |line: &[u8]| line.trim_ascii().iter().any(u8::is_ascii_whitespace);
    let lines = bytes.split(|byte| *byte == b'\n').take_while(|line| !has_words(line));
    let mut written: Vec<u8> = Vec::with_capacity(bytes.len());
    for line in lines {
        written.extend(line.iter().take_while(|byte| **byte != b'=').filter(|byte| is_of_it(byte)));
        if line.contains(&b'=') {
            break;
        }
    }
    // Of four characters that are not whole, one says nothing.
    if written.len() % 4 == 1 {
        written.pop();
    }
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let undone = GeneralPurpose::new(&alphabet::STANDARD, lenient).decode(&written).ok()?;
    (!undone.is_empty() || bytes.trim_ascii().is_empty()).then_some(undone)
}
