//! Reads a mail as it came (RFC 5322, MIME; Order 926, section II and section III, clauses 6 and 7): who
//! writes, what it answers, its text, what hangs on it. Nothing is unpacked, fetched or run: an archive is
//! bytes, and so is a mail within a mail.
//!
//! `mail-parser` reads heads, `parts` takes mails apart, `bodies` tells text from files, `charsets`, `flowed`
//! and `html` make texts of bytes, `reports` reads what mail servers tell.

use kordon_hub::support::mail::model::LONGEST_TEXT;
use kordon_hub::support::mail::{Attachment, Mail, ReadMail, Signs};
use mail_parser::{Addr, HeaderName, HeaderValue, Message};

use super::bodies::{Leaf, Sorted, sorted};
use super::charsets::text_of;
use super::flowed::unflowed;
use super::html::text_of_html;
use super::parts::{KeepsSpaces, Part, PartHead, decoded, head_and_below, parse_head, readable_mail_head};
use super::reports::not_delivered;

/// The most bodies of a mail that are read; mail programs write one or two.
const MOST_BODIES: usize = 20;

/// Reads mail.
#[derive(Debug, Clone, Copy, Default)]
pub struct MailReader;

impl ReadMail for MailReader {
    fn read(&self, raw: &[u8]) -> Option<Mail> {
        let (head, below) = head_and_below(raw);
        let head = readable_mail_head(head);
        let message = parse_head(&head)?;
        let whole = Part::of(&message, below);
        let from = sender(&message);
        let is_report = whole.head.is("multipart", "report");
        let Sorted { bodies, attached } = sorted(&whole, true);
        Some(Mail {
            sender: from.and_then(|from| from.address()).map(ToOwned::to_owned),
            sender_name: from
                .and_then(|from| from.name())
                .filter(|name| !name.contains(char::REPLACEMENT_CHARACTER))
                .map(ToOwned::to_owned),
            message_id: message.message_id().map(ToOwned::to_owned),
            refers_to: references(&message),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: text(&bodies),
            signs: signs(&message, is_report),
            not_delivered: is_report.then(|| not_delivered(&whole)).flatten(),
            attachments: attached.into_iter().map(attachment).collect(),
            too_large: false,
            digest: openssl::sha::sha256(raw),
        })
    }
}

/// Who writes: of what `From` holds the first that is an address, since names with a comma in them look like
/// several. Of two such fields nobody knows which one others believed.
fn sender<'m>(message: &'m Message<'_>) -> Option<&'m Addr<'m>> {
    let fields = message.headers().iter().filter(|header| header.name == HeaderName::From).count();
    let is_address = |of: &&Addr<'_>| of.address().is_some_and(|address| address.contains('@'));
    message.from().filter(|_| fields == 1).and_then(|from| from.iter().find(is_address))
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
    whole.replace("\r\n", "\n").replace('\r', "\n")
}

/// The text of a body, without its formatting.
fn body(head: &PartHead, bytes: &[u8]) -> String {
    let text = text_of(head, bytes);
    match head.flowed {
        _ if head.is("text", "html") => text_of_html(&text),
        Some(KeepsSpaces(keeps_spaces)) => unflowed(&text, keeps_spaces),
        None => text,
    }
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
