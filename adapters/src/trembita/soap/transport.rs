//! From the bytes of an exchange to a message with its attachments, and what of HTTP the protocol restricts.

use std::borrow::Cow;

use super::faults::{FaultCode, Refusal};
use super::message::{self, Envelope, Message, Tree};
use super::multipart::{self, Part};
use super::{Limits, charset};

/// Which side of an exchange is read. They differ in what a body without a message is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A request.
    Request,
    /// What a service answered.
    Answer,
}

/// What an exchange brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received<'body> {
    /// The message or fault.
    pub envelope: Envelope,
    /// The bytes of the message with its byte order mark: what a request's hash is computed from.
    pub message: &'body [u8],
    /// The other parts.
    pub attachments: Vec<Part<'body>>,
}

/// What an exchange brought, its message not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived<'body> {
    /// The message, decoded. Its tree is [`message::tree`].
    pub text: Cow<'body, str>,
    /// The bytes of the message with its byte order mark.
    pub message: &'body [u8],
    /// The other parts.
    pub attachments: Vec<Part<'body>>,
}

/// Takes the body of an exchange apart.
///
/// # Errors
/// The first fault.
pub fn take_apart<'body>(
    side: Side,
    content_type: Option<&str>,
    body: &'body [u8],
    limits: &Limits,
) -> Result<Arrived<'body>, Refusal> {
    if body.len() > limits.exchange_bytes {
        return Err(too_large(limits.exchange_bytes));
    }
    let content_type = ContentType::read(content_type.unwrap_or_default())?;
    let (own, message, attachments) = match content_type.media.as_str() {
        "text/xml" => (content_type, body, Vec::new()),
        "multipart/related" => attached(side, content_type, body, limits)?,
        other => return Err(wrong_type(format!("{other:?} is neither text/xml nor multipart/related"))),
    };
    if message.len() > limits.message_bytes {
        return Err(too_large(limits.message_bytes));
    }
    let text = charset::decode(message, own.charset.as_deref())
        .map_err(|fault| Refusal::new(FaultCode::InvalidXml, fault))?;
    Ok(Arrived { text, message, attachments })
}

/// Reads the message of a request from its tree.
///
/// # Errors
/// The first fault. A fault that stands where a request should is refused with its own code.
pub fn request(tree: &Tree<'_>) -> Result<Message, Refusal> {
    match Envelope::of(tree)? {
        Envelope::Message(message) => Ok(*message),
        Envelope::Fault(fault) => Err(fault.as_request()),
    }
}

/// Reads the body of an exchange.
///
/// # Errors
/// As [`take_apart`], [`message::tree`] and, for a request, [`request`].
pub fn receive<'body>(
    side: Side,
    content_type: Option<&str>,
    body: &'body [u8],
    limits: &Limits,
) -> Result<Received<'body>, Refusal> {
    let Arrived { text, message, attachments } = take_apart(side, content_type, body, limits)?;
    let tree = message::tree(&text, limits)?;
    let envelope = match side {
        Side::Request => Envelope::Message(Box::new(request(&tree)?)),
        Side::Answer => Envelope::of(&tree)?,
    };
    Ok(Received { envelope, message, attachments })
}

/// The message of an exchange and what went beside it, byte for byte and whatever they hold: what is kept as
/// evidence. A body that can't be taken apart is the message as a whole.
#[must_use]
pub fn taken_apart<'body>(
    content_type: Option<&str>,
    body: &'body [u8],
) -> (&'body [u8], Option<Part<'body>>) {
    let names_one = |own: &&str| own.as_bytes().windows(8).any(|word| word.eq_ignore_ascii_case(b"boundary"));
    let boundary = content_type.filter(names_one).and_then(|own| ContentType::read(own).ok()?.boundary);
    let parts = boundary.and_then(|boundary| multipart::parts(body, &boundary, 2).ok()).unwrap_or_default();
    let mut parts = parts.into_iter();
    match parts.next() {
        Some(first) => (first.content, parts.next()),
        None => (body, None),
    }
}

/// The first part is the message.
fn attached<'body>(
    side: Side,
    whole: ContentType,
    body: &'body [u8],
    limits: &Limits,
) -> Result<(ContentType, &'body [u8], Vec<Part<'body>>), Refusal> {
    let boundary = whole.boundary.ok_or_else(|| wrong_type("multipart/related without a boundary"))?;
    let mut parts = multipart::parts(body, &boundary, limits.attachments + 1)?.into_iter();
    let first = parts.next().ok_or_else(|| {
        let code = match side {
            Side::Request => FaultCode::MissingSoap,
            Side::Answer => FaultCode::InvalidMessage,
        };
        Refusal::new(code, "there is no part between the delimiters that the Content-Type declares")
    })?;
    let mut own = ContentType::read(first.header("Content-Type").unwrap_or_default())?;
    if !matches!(own.media.as_str(), "text/xml" | "application/xop+xml") {
        return Err(wrong_type("the first part is neither text/xml nor application/xop+xml"));
    }
    if let Some(encoding) = first.header("Content-Transfer-Encoding")
        && !["7bit", "8bit", "binary"].iter().any(|plain| encoding.eq_ignore_ascii_case(plain))
    {
        return Err(Refusal::new(FaultCode::InvalidMessage, "the message has to be sent 8bit"));
    }
    own.charset = own.charset.or(whole.charset);
    let attachments: Vec<Part<'_>> = parts.collect();
    if attachments.iter().any(|part| part.header("Content-Type").is_none()) {
        return Err(wrong_type("a part without a Content-Type"));
    }
    Ok((own, first.content, attachments))
}

/// A Content-Type, as far as it matters here.
#[derive(Debug, Default)]
struct ContentType {
    media: String,
    charset: Option<String>,
    boundary: Option<String>,
}

impl ContentType {
    fn read(text: &str) -> Result<Self, Refusal> {
        let mut pieces = pieces(text).into_iter();
        let media = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
        if !media.contains('/') {
            return Err(wrong_type(format!("{text:?} is no Content-Type")));
        }
        let mut read = Self { media, ..Self::default() };
        for piece in pieces {
            let Some((name, value)) = piece.split_once('=') else { continue };
            let value = unquoted(value.trim());
            let place = match name.trim().to_ascii_lowercase().as_str() {
                "charset" => &mut read.charset,
                "boundary" => &mut read.boundary,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(wrong_type(format!("{} stands twice", name.trim())));
            }
        }
        // RFC 2046, 5.1.1: one to seventy characters.
        if read.boundary.as_ref().is_some_and(|boundary| boundary.is_empty() || boundary.len() > 70) {
            return Err(wrong_type("the boundary has to have 1 to 70 characters"));
        }
        Ok(read)
    }
}

/// Splits at semicolons that are not quoted.
fn pieces(text: &str) -> Vec<String> {
    let (mut pieces, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                pieces.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = pieces.last_mut() {
            last.push(character);
        }
    }
    pieces
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.to_owned();
    };
    let (mut plain, mut escaped) = (String::new(), false);
    for character in inner.chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            escaped = false;
            plain.push(character);
        }
    }
    plain
}

/// Checks the method of a request.
///
/// # Errors
/// [`FaultCode::InvalidHttpMethod`] for all but `POST`.
pub fn check_method(method: &str) -> Result<(), Refusal> {
    if method == "POST" {
        return Ok(());
    }
    Err(Refusal::new(FaultCode::InvalidHttpMethod, "a SOAP request is sent with POST"))
}

/// Checks the SOAPAction of a request: none, nothing, or a quoted URI.
///
/// # Errors
/// [`FaultCode::InvalidSoapAction`].
pub fn check_soap_action(action: Option<&str>) -> Result<(), Refusal> {
    let value = action.unwrap_or_default().trim();
    let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
    if value.is_empty() || quoted {
        return Ok(());
    }
    Err(Refusal::new(FaultCode::InvalidSoapAction, "the SOAPAction has to be quoted"))
}

fn wrong_type(text: impl std::fmt::Display) -> Refusal {
    Refusal::new(FaultCode::InvalidContentType, text)
}

fn too_large(limit: usize) -> Refusal {
    Refusal::new(FaultCode::InvalidMessage, format!("larger than {limit} bytes"))
}
