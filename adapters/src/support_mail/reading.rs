//! Reads a mail as it came (RFC 5322, MIME; Order 926, section II and section III, clauses 6 and 7): who writes, what it answers, its text, what hangs
//! on it. Nothing is unpacked, fetched or run: an archive is bytes, and so is a mail within a mail.
//!
//! `mail-parser` reads heads and charsets, `parts` takes mails apart, `bodies` tells text from files, `reports` reads what mail servers tell.

use encoding_rs::WINDOWS_1251;
use kordon_hub::support::mail::model::LONGEST_TEXT;
use kordon_hub::support::mail::{Attachment, Mail, ReadMail, Signs};
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::{HeaderName, HeaderValue, Message};

use super::bodies::{Leaf, Sorted, is_untold, sorted};
use super::html::text_of_html;
use super::parts::{Encoding, Part, PartHead, decoded, head_and_below, parse_head};
use super::reports::not_delivered;

/// The most bodies of a mail that are read; mail programs write one or two.
const MOST_BODIES: usize = 20;

/// Reads mail.
#[derive(Debug, Clone, Copy, Default)]
pub struct MailReader;

impl ReadMail for MailReader {
    fn read(&self, raw: &[u8]) -> Option<Mail> {
        let (head, below) = head_and_below(raw);
        let message = parse_head(head)?;
        let whole = Part::of(&message, below);
        let from = message.from().and_then(|from| from.first());
        let is_report = whole.head.is("multipart", "report");
        let Sorted { bodies, attached } = sorted(&whole, true);
        Some(Mail {
            sender: from.and_then(|from| from.address()).map(ToOwned::to_owned),
            sender_name: from.and_then(|from| from.name()).map(ToOwned::to_owned),
            message_id: message.message_id().map(ToOwned::to_owned),
            refers_to: references(&message),
            subject: subject(&message, head),
            text: text(&bodies),
            signs: signs(&message, is_report),
            not_delivered: is_report.then(|| not_delivered(&whole)).flatten(),
            attachments: attached.into_iter().map(attachment).collect(),
            digest: openssl::sha::sha256(raw),
        })
    }
}

/// What the mail answers, the nearest first.
fn references(message: &Message<'_>) -> Vec<String> {
    let ids = |value: &HeaderValue<'_>| -> Vec<String> {
        match (value.as_text_list(), value.as_text()) {
            (Some(ids), _) => ids.iter().map(ToString::to_string).collect(),
            (None, Some(id)) => vec![id.to_owned()],
            (None, None) => Vec::new(),
        }
    };
    let mut named = ids(message.in_reply_to());
    named.extend(ids(message.references()).into_iter().rev());
    named
}

/// The subject. One that was sent as bare bytes, without a word on its charset, was written in windows-1251.
fn subject(message: &Message<'_>, head: &[u8]) -> String {
    let decoded = message.subject().unwrap_or_default();
    if !decoded.contains(char::REPLACEMENT_CHARACTER) {
        return decoded.to_owned();
    }
    let header = message.headers().iter().find(|header| header.name == HeaderName::Subject);
    let bytes =
        header.and_then(|header| head.get(header.offset_start() as usize..header.offset_end() as usize));
    bytes.map_or_else(|| decoded.to_owned(), |bytes| WINDOWS_1251.decode(bytes).0.into_owned())
}

/// All text of the mail, HTML without its formatting.
fn text(bodies: &[Leaf<'_, '_>]) -> String {
    let mut whole = String::new();
    for (head, bytes) in bodies.iter().take(MOST_BODIES) {
        if !whole.is_empty() {
            whole.push_str("\n\n");
        }
        whole.push_str(&body(head, bytes));
        if whole.len() > 4 * LONGEST_TEXT {
            break;
        }
    }
    whole.replace("\r\n", "\n")
}

/// The text of a body. One that was sent as it is and says nothing of its charset, or a thing that it is not, is taken for what old programs write.
fn body(head: &PartHead, bytes: &[u8]) -> String {
    let bytes = decoded(head.encoding, bytes);
    if is_untold(head) {
        return of_no_charset(&bytes);
    }
    let charset = head.charset.as_deref();
    let text = match charset.and_then(|charset| charset_decoder(charset.as_bytes())) {
        Some(decode) => decode(&bytes),
        None => String::from_utf8_lossy(&bytes).into_owned(),
    };
    if head.is("text", "html") {
        return text_of_html(&text);
    }
    let is_unsaid = charset.is_none_or(|charset| charset.eq_ignore_ascii_case("us-ascii"));
    let is_wrong = text.contains(char::REPLACEMENT_CHARACTER);
    if head.encoding == Encoding::Plain && (is_unsaid || is_wrong) { of_no_charset(&bytes) } else { text }
}

/// The text of bytes of which nobody said what they are: UTF-8, or the charset that old Ukrainian programs write.
fn of_no_charset(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| WINDOWS_1251.decode(bytes).0.into_owned(), ToOwned::to_owned)
}

/// What the head says of who wrote the mail.
fn signs(message: &Message<'_>, is_report: bool) -> Signs {
    let mut signs = Signs { bounce: is_report, ..Signs::default() };
    for (name, value) in message.headers_raw() {
        let (name, value) = (name.to_ascii_lowercase(), value.trim().to_ascii_lowercase());
        match (name.as_str(), value.as_str()) {
            ("return-path", "<>") => signs.bounce = true,
            ("auto-submitted", value) if first_word(value) != "no" => signs.automatic = true,
            ("x-autoreply" | "x-autorespond", _) => signs.automatic = true,
            ("precedence", "auto_reply" | "junk") => signs.automatic = true,
            ("precedence", "bulk" | "list") => signs.mailing_list = true,
            (list, _) if list.starts_with("list-") => signs.mailing_list = true,
            _ => {}
        }
    }
    signs
}

/// The word before a parameter or a comment.
fn first_word(value: &str) -> &str {
    let is_end = |of: char| of.is_whitespace() || [';', '('].contains(&of);
    value.split(is_end).next().unwrap_or_default()
}

fn attachment((head, bytes): Leaf<'_, '_>) -> Attachment {
    let told = head.media_type.as_ref();
    Attachment {
        name: head.name.clone(),
        media_type: told.map_or_else(
            || "application/octet-stream".to_owned(),
            |(kind, subtype)| format!("{kind}/{subtype}"),
        ),
        content: decoded(head.encoding, bytes).into_owned(),
    }
}
