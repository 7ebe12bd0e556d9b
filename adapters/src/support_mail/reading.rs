//! Reads a mail as it came (RFC 5322, MIME) with `mail-parser`: charsets, transfer encodings, broken structure. Nothing is
//! unpacked, fetched or run: an archive is bytes.

use encoding_rs::WINDOWS_1251;
use kordon_hub::support::mail::model::LONGEST_TEXT;
use kordon_hub::support::mail::{Attachment, Mail, NotDelivered, ReadMail, Signs};
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// The most bodies of a mail that are read; mail programs write one or two.
const MOST_BODIES: usize = 20;

/// The most bytes of a part of a report that are looked at; the head of a mail is shorter.
const LONGEST_REPORT: usize = 64 * 1024;

/// Reads mail.
#[derive(Debug, Clone, Copy, Default)]
pub struct MailReader;

impl ReadMail for MailReader {
    fn read(&self, raw: &[u8]) -> Option<Mail> {
        let message = MessageParser::default().parse(raw)?;
        // Without a head it is no mail, only text.
        if message.headers().is_empty() {
            return None;
        }
        let from = message.from().and_then(|from| from.first());
        Some(Mail {
            sender: from.and_then(|from| from.address()).map(ToOwned::to_owned),
            sender_name: from.and_then(|from| from.name()).map(ToOwned::to_owned),
            message_id: message.message_id().map(ToOwned::to_owned),
            refers_to: references(&message),
            subject: subject(&message, raw),
            text: text(&message, raw),
            signs: signs(&message),
            not_delivered: is_report(&message).then(|| not_delivered(&message)).flatten(),
            attachments: message
                .attachments()
                .filter(|part| !is_untold(part) && !holds_parts(part))
                .map(attachment)
                .collect(),
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
fn subject(message: &Message<'_>, raw: &[u8]) -> String {
    let decoded = message.subject().unwrap_or_default();
    if !decoded.contains(char::REPLACEMENT_CHARACTER) {
        return decoded.to_owned();
    }
    let header = message.headers().iter().find(|header| header.name == HeaderName::Subject);
    let bytes =
        header.and_then(|header| raw.get(header.offset_start() as usize..header.offset_end() as usize));
    bytes.map_or_else(|| decoded.to_owned(), |bytes| WINDOWS_1251.decode(bytes).0.into_owned())
}

/// All text of the mail, HTML without its formatting. Of one whose parts cannot be told apart, what stands under its head.
fn text(message: &Message<'_>, raw: &[u8]) -> String {
    let mut whole = String::new();
    for number in 0..message.text_body_count().min(MOST_BODIES) {
        let Some(body) = message.body_text(number) else { continue };
        let part = message.text_part(u32::try_from(number).unwrap_or(u32::MAX));
        if !whole.is_empty() {
            whole.push_str("\n\n");
        }
        match part.and_then(|part| bare_bytes(part, raw, &body)) {
            Some(bytes) => whole.push_str(&of_no_charset(bytes)),
            None => whole.push_str(&body),
        }
        if whole.len() > 4 * LONGEST_TEXT {
            break;
        }
    }
    for part in message.attachments().filter(|part| is_untold(part)).take(MOST_BODIES) {
        whole.push_str(&of_no_charset(part.contents().get(..4 * LONGEST_TEXT).unwrap_or(part.contents())));
    }
    if whole.trim().is_empty() && message.attachments().all(holds_parts) {
        let under = under_head(raw);
        whole = of_no_charset(under.get(..4 * LONGEST_TEXT).unwrap_or(under));
    }
    whole.replace("\r\n", "\n")
}

/// Whether a part says nothing of what it is, or nothing that can be understood: then it is text (RFC 2046, section 5.1), also where the mail breaks off in it.
fn is_untold(part: &MessagePart<'_>) -> bool {
    let told = part.content_type().is_some_and(|content_type| content_type.subtype().is_some());
    !told && part.content_disposition().is_none()
}

/// Whether a part should hold others. One that is an attachment by itself is one whose parts cannot be told apart.
fn holds_parts(part: &MessagePart<'_>) -> bool {
    part.content_type().is_some_and(|content_type| content_type.ctype().eq_ignore_ascii_case("multipart"))
}

/// What stands behind the first empty line.
fn under_head(raw: &[u8]) -> &[u8] {
    let behind =
        |blank: &[u8]| raw.windows(blank.len()).position(|at| at == blank).map(|at| at + blank.len());
    let begins = [behind(b"\r\n\r\n"), behind(b"\n\n")].into_iter().flatten().min();
    begins.and_then(|begins| raw.get(begins..)).unwrap_or_default()
}

/// The bytes of a text that was sent as it is and says nothing of its charset, or a thing that it is not.
fn bare_bytes<'r>(part: &MessagePart<'_>, raw: &'r [u8], body: &str) -> Option<&'r [u8]> {
    let encoding = part.content_transfer_encoding().unwrap_or("8bit").to_ascii_lowercase();
    let plain =
        matches!(part.body, PartType::Text(_)) && ["7bit", "8bit", "binary"].contains(&encoding.as_str());
    let charset = part.content_type().and_then(|content_type| content_type.attribute("charset"));
    let untold = charset.is_none_or(|charset| charset.eq_ignore_ascii_case("us-ascii"));
    let wrong = body.contains(char::REPLACEMENT_CHARACTER);
    (plain && (untold || wrong))
        .then(|| raw.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize))
        .flatten()
}

/// The text of bytes of which nobody said what they are: UTF-8, or the charset that old Ukrainian programs write.
fn of_no_charset(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| WINDOWS_1251.decode(bytes).0.into_owned(), ToOwned::to_owned)
}

/// What the head says of who wrote the mail.
fn signs(message: &Message<'_>) -> Signs {
    let mut signs = Signs::default();
    for (name, value) in message.headers_raw() {
        let (name, value) = (name.to_ascii_lowercase(), value.trim().to_ascii_lowercase());
        match (name.as_str(), value.as_str()) {
            ("return-path", "<>") => signs.bounce = true,
            ("auto-submitted", value) if value != "no" && !value.starts_with("no;") => signs.automatic = true,
            ("x-autoreply" | "x-autorespond", _) => signs.automatic = true,
            ("precedence", "auto_reply" | "junk") => signs.automatic = true,
            ("precedence", "bulk" | "list") => signs.mailing_list = true,
            ("feedback-id", _) => signs.mailing_list = true,
            (list, _) if list.starts_with("list-") => signs.mailing_list = true,
            _ => {}
        }
    }
    signs.bounce |= is_report(message);
    signs
}

fn is_report(message: &Message<'_>) -> bool {
    message.content_type().is_some_and(|content_type| {
        content_type.ctype().eq_ignore_ascii_case("multipart")
            && content_type.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
    })
}

/// What a report tells of a mail that did not arrive for good; `None` when it is only late, or the report is of something else.
fn not_delivered(message: &Message<'_>) -> Option<NotDelivered> {
    let mut report = NotDelivered::default();
    let mut failed = false;
    for part in message.parts.iter().take(MOST_BODIES) {
        let Some(kind) = part.content_type() else { continue };
        let (kind, subtype) = (kind.ctype().to_ascii_lowercase(), kind.subtype().unwrap_or_default());
        let content =
            String::from_utf8_lossy(part.contents().get(..LONGEST_REPORT).unwrap_or(part.contents()));
        match (kind.as_str(), subtype.to_ascii_lowercase().as_str()) {
            ("message", "delivery-status" | "global-delivery-status") => {
                failed |= field(&content, "Action").any(|action| action.eq_ignore_ascii_case("failed"));
                let address = |value: String| value.rsplit(';').next().unwrap_or_default().trim().to_owned();
                report.recipients.extend(field(&content, "Original-Recipient").map(&address));
                report.recipients.extend(field(&content, "Final-Recipient").map(&address));
                let said = ["Status", "Diagnostic-Code"].map(|name| field(&content, name).next());
                report.because = said.into_iter().flatten().collect::<Vec<_>>().join(", ");
            }
            // The mail itself, or its head.
            ("message", "rfc822" | "global") | ("text", "rfc822-headers") => {
                let head = content.split("\r\n\r\n").next().unwrap_or_default();
                let head = head.split("\n\n").next().unwrap_or_default();
                let ids = field(head, "Message-ID").map(|id| id.trim_matches(['<', '>']).to_owned());
                report.message_ids.extend(ids);
            }
            _ => {}
        }
    }
    failed.then_some(report)
}

/// The values of a field, each in one line; a value may go on in lines that begin with a space.
fn field<'t>(text: &'t str, name: &str) -> impl Iterator<Item = String> + use<'t> {
    let name = format!("{}:", name.to_ascii_lowercase());
    let mut values: Vec<String> = Vec::new();
    let mut within = false;
    for line in text.lines() {
        if line.starts_with([' ', '\t']) {
            if let (true, Some(value)) = (within, values.last_mut()) {
                value.push(' ');
                value.push_str(line.trim());
            }
            continue;
        }
        within = line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(&name));
        if within {
            values.push(line.get(name.len()..).unwrap_or_default().trim().to_owned());
        }
    }
    values.into_iter().map(|value| value.trim().to_owned())
}

fn attachment(part: &MessagePart<'_>) -> Attachment {
    let media_type = part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |content_type| match content_type.subtype() {
            Some(subtype) => format!("{}/{subtype}", content_type.ctype()),
            None => content_type.ctype().to_owned(),
        },
    );
    Attachment {
        name: part.attachment_name().map(ToOwned::to_owned),
        media_type,
        content: part.contents().to_vec(),
    }
}
