//! Reads a mail as it came (RFC 5322, MIME) with `mail-parser`: heads, parts, charsets, broken structure. Nothing is
//! unpacked, fetched or run: an archive is bytes.
//!
//! Mails within mails have no end by themselves, and the library follows them: each one that is encoded (which RFC 2046, 5.2.1, forbids) is copied and read by
//! itself, as deep as somebody made it. So it is never told of transfer encodings, which are undone here, and a mail with more heads, parts or lines of
//! heads than anybody writes is not taken apart at all: each part and each line costs it many times its bytes.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::WINDOWS_1251;
use kordon_hub::support::mail::model::LONGEST_TEXT;
use kordon_hub::support::mail::{Attachment, Mail, NotDelivered, ReadMail, Signs};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::html::text_of_html;

/// The most bodies of a mail that are read; mail programs write one or two.
const MOST_BODIES: usize = 20;

/// The most bytes of a part of a report that are looked at; the head of a mail is shorter.
const LONGEST_REPORT: usize = 64 * 1024;

/// The most heads of parts that a mail is taken apart for. Each mail within a mail has one, and is read within the one around it.
const MOST_HEADS: usize = 300;

/// The most places of `--` of a mail that is taken apart: every part begins with one, and six hundred lines of dashes have fewer.
const MOST_DASHES: usize = 50_000;

/// The most lines with a colon of a mail that is taken apart: every line of a head has one.
const MOST_NAMED_LINES: usize = 200_000;

/// The most bytes of the head that are read of a mail that is not taken apart.
const LONGEST_HEAD: usize = 256 * 1024;

/// The type of a mail within that came encoded: as long as the shortest that it stands in the place of.
const CLOSED: &str = "message/opaque";

/// The most mails within that are closed.
const MOST_CLOSED: usize = 20;

/// Reads mail.
#[derive(Debug, Clone, Copy, Default)]
pub struct MailReader;

impl ReadMail for MailReader {
    fn read(&self, raw: &[u8]) -> Option<Mail> {
        let digest = openssl::sha::sha256(raw);
        let raw = &*with_closed_mails(raw);
        if !can_be_taken_apart(raw) {
            tracing::warn!(
                bytes = raw.len(),
                "a mail has more parts or heads than anybody writes: it is read as text"
            );
        }
        let message = taken_apart(raw)?;
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
            not_delivered: is_report(&message).then(|| not_delivered(&message, raw)).flatten(),
            attachments: message
                .attachments()
                .filter(|part| !is_untold(part) && !holds_parts(part))
                .map(|part| attachment(part, raw))
                .collect(),
            digest,
        })
    }
}

/// The mail with its parts; of one with too many heads or parts its own head alone, as far as it is read.
fn taken_apart(raw: &[u8]) -> Option<Message<'_>> {
    let parser = MessageParser::new()
        .with_minimal_headers()
        .with_message_ids()
        .ignore_header(HeaderName::ContentTransferEncoding);
    if can_be_taken_apart(raw) { parser.parse(raw) } else { parser.parse_headers(start_of_head(raw)) }
}

/// Whether the library takes the mail apart in memory of its size.
fn can_be_taken_apart(raw: &[u8]) -> bool {
    let name = b"content-type";
    let heads = raw.windows(name.len()).filter(|own| own.eq_ignore_ascii_case(name)).take(MOST_HEADS + 1);
    let dashes = raw.windows(2).filter(|own| own == b"--").take(MOST_DASHES + 1);
    let named =
        raw.split(|byte| *byte == b'\n').filter(|line| line.contains(&b':')).take(MOST_NAMED_LINES + 1);
    heads.count() <= MOST_HEADS && dashes.count() <= MOST_DASHES && named.count() <= MOST_NAMED_LINES
}

/// The lines at the start of a mail that are read for its head.
fn start_of_head(raw: &[u8]) -> &[u8] {
    let Some(start) = raw.get(..LONGEST_HEAD) else { return raw };
    let whole_lines = start.iter().rposition(|byte| *byte == b'\n').map_or(start.len(), |end| end + 1);
    start.get(..whole_lines).unwrap_or(start)
}

/// The mail in which each mail within that came encoded is closed: of a type that the library does not look into, whose head it would seek in the
/// encoded bytes. A mail may have so many of them.
fn with_closed_mails(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut closed = Cow::Borrowed(raw);
    for _ in 0..MOST_CLOSED {
        let Some(value) = encoded_mail(&closed) else { break };
        let Some(value) = closed.to_mut().get_mut(value) else { break };
        value.iter_mut().filter(|byte| !b"\r\n".contains(byte)).for_each(|byte| *byte = b' ');
        if let Some(start) = value.get_mut(..CLOSED.len()) {
            start.copy_from_slice(CLOSED.as_bytes());
        }
    }
    closed
}

/// Where the type of the first mail within stands that came encoded.
fn encoded_mail(raw: &[u8]) -> Option<Range<usize>> {
    let message = taken_apart(raw)?;
    let mut within: Vec<&Message<'_>> = vec![&message];
    while let Some(message) = within.pop() {
        for part in &message.parts {
            let is_mail = part.content_type().is_some_and(|own| {
                own.ctype() == "message"
                    && own.subtype().is_some_and(|sub| ["rfc822", "global"].contains(&sub))
            });
            if is_mail && ["base64", "quoted-printable"].contains(&encoding(part, raw).as_str()) {
                let value = part.headers.iter().rev().find(|own| own.name == HeaderName::ContentType)?;
                return Some(value.offset_start() as usize..value.offset_end() as usize);
            }
            if let PartType::Message(own) = &part.body {
                within.push(own);
            }
        }
    }
    None
}

/// How a part says that it is encoded, in lower case.
fn encoding(part: &MessagePart<'_>, raw: &[u8]) -> String {
    let own = part.headers.iter().rev().find(|own| own.name == HeaderName::ContentTransferEncoding);
    let value = own.and_then(|own| raw.get(own.offset_start() as usize..own.offset_end() as usize));
    String::from_utf8_lossy(value.unwrap_or(b"8bit")).trim().to_ascii_lowercase()
}

/// The content of a part without its transfer encoding; as it is where that is not what it says.
fn content<'r>(part: &MessagePart<'_>, raw: &'r [u8]) -> Cow<'r, [u8]> {
    let bytes = raw.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize).unwrap_or_default();
    let decoded = match encoding(part, raw).as_str() {
        "base64" => base64_decode(bytes),
        "quoted-printable" => quoted_printable_decode(bytes),
        _ => None,
    };
    decoded.map_or(Cow::Borrowed(bytes), Cow::Owned)
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
        let Some(part) = message.text_part(u32::try_from(number).unwrap_or(u32::MAX)) else { continue };
        let Some(body) = body(part, raw) else { continue };
        if !whole.is_empty() {
            whole.push_str("\n\n");
        }
        whole.push_str(&body);
        if whole.len() > 4 * LONGEST_TEXT {
            break;
        }
    }
    for part in message.attachments().filter(|part| is_untold(part)).take(MOST_BODIES) {
        let content = content(part, raw);
        whole.push_str(&of_no_charset(content.get(..4 * LONGEST_TEXT).unwrap_or(&content)));
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

/// The text of a body; none of what is no text. One that was sent as it is and says nothing of its charset, or a thing that it is not, is
/// taken for what old programs write.
fn body(part: &MessagePart<'_>, raw: &[u8]) -> Option<String> {
    let is_html = match part.body {
        PartType::Text(_) => false,
        PartType::Html(_) => true,
        PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Message(_) | PartType::Multipart(_) => {
            return None;
        }
    };
    let bytes = content(part, raw);
    let charset = part.content_type().and_then(|content_type| content_type.attribute("charset"));
    let text = match charset.and_then(|charset| charset_decoder(charset.as_bytes())) {
        Some(decode) => decode(&bytes),
        None => String::from_utf8_lossy(&bytes).into_owned(),
    };
    if is_html {
        return Some(text_of_html(&text));
    }
    let is_plain = ["7bit", "8bit", "binary"].contains(&encoding(part, raw).as_str());
    let is_untold = charset.is_none_or(|charset| charset.eq_ignore_ascii_case("us-ascii"));
    let is_wrong = text.contains(char::REPLACEMENT_CHARACTER);
    Some(if is_plain && (is_untold || is_wrong) { of_no_charset(&bytes) } else { text })
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
            ("auto-submitted", value) if first_word(value) != "no" => signs.automatic = true,
            ("x-autoreply" | "x-autorespond", _) => signs.automatic = true,
            ("precedence", "auto_reply" | "junk") => signs.automatic = true,
            ("precedence", "bulk" | "list") => signs.mailing_list = true,
            (list, _) if list.starts_with("list-") => signs.mailing_list = true,
            _ => {}
        }
    }
    signs.bounce |= is_report(message);
    signs
}

/// The word before a parameter or a comment.
fn first_word(value: &str) -> &str {
    let is_end = |of: char| of.is_whitespace() || [';', '('].contains(&of);
    value.split(is_end).next().unwrap_or_default()
}

fn is_report(message: &Message<'_>) -> bool {
    message.content_type().is_some_and(|content_type| {
        content_type.ctype().eq_ignore_ascii_case("multipart")
            && content_type.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
    })
}

/// What a report tells of a mail that did not arrive for good; `None` when it is only late, or the report is of something else.
fn not_delivered(message: &Message<'_>, raw: &[u8]) -> Option<NotDelivered> {
    let mut report = NotDelivered::default();
    let mut failed = false;
    for part in message.parts.iter().take(MOST_BODIES) {
        let Some(kind) = part.content_type() else { continue };
        let (kind, subtype) = (kind.ctype().to_ascii_lowercase(), kind.subtype().unwrap_or_default());
        let content = content(part, raw);
        let content = String::from_utf8_lossy(content.get(..LONGEST_REPORT).unwrap_or(&content));
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

fn attachment(part: &MessagePart<'_>, raw: &[u8]) -> Attachment {
    let media_type = part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |content_type| match content_type.subtype() {
            Some(subtype) => format!("{}/{subtype}", content_type.ctype()).replace(CLOSED, "message/rfc822"),
            None => content_type.ctype().to_owned(),
        },
    );
    Attachment {
        name: part.attachment_name().map(ToOwned::to_owned),
        media_type,
        content: content(part, raw).into_owned(),
    }
}
