//! REST through a security server: who asks, in the headers of X-Road (`X-Road-Client`, …) and of UXP
//! (`Uxp-Client`, …), and the hash by which X-Road's servers prove a request. Nothing here decides whether
//! the connection may name a member.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kordon_hub::parties::Member;
use openssl::hash::{Hasher, MessageDigest};

/// A request of a member, as its headers say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRequest {
    /// Who asks.
    pub client: Member,
    /// The id of the message.
    pub id: Option<String>,
    /// The person at whose wish it is asked.
    pub user_id: Option<String>,
    /// The case or document that is the cause.
    pub issue: Option<String>,
    /// The ids of the purposes.
    pub purpose: Option<String>,
    /// The person whose data is asked for.
    pub subject: Option<String>,
    /// The headers that come back with the answer, as they came.
    pub echoed: Vec<(&'static str, String)>,
}

/// What is wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{header}: {fault}")]
pub struct HeaderFault {
    /// Which header.
    pub header: &'static str,
    /// What is wrong with it.
    pub fault: String,
}

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Client,
    Id,
    User,
    Issue,
    Purpose,
    Subject,
    /// Nothing that the hub needs.
    Other,
}

/// The headers of both dialects. Of each that says who asks for what, one may stand: a server that lets two
/// through has proved the last of them only.
const HEADERS: [(&str, Says, bool); 17] = [
    ("X-Road-Client", Says::Client, true),
    ("X-Road-Service", Says::Other, true),
    ("X-Road-Id", Says::Id, true),
    ("X-Road-Request-Id", Says::Other, true),
    ("X-Road-UserId", Says::User, false),
    ("X-Road-Issue", Says::Issue, false),
    ("X-Road-Represented-Party", Says::Other, false),
    ("X-Road-Security-Server", Says::Other, false),
    ("Uxp-Client", Says::Client, true),
    ("Uxp-Service", Says::Other, true),
    ("Uxp-QueryID", Says::Id, true),
    ("Uxp-Transaction-Id", Says::Other, true),
    ("Uxp-UserId", Says::User, false),
    ("Uxp-Issue", Says::Issue, false),
    ("Uxp-Purpose-Ids", Says::Purpose, false),
    ("Uxp-Subject-Id", Says::Subject, false),
    ("X-Road-Request-Hash", Says::Other, false),
];

/// The most characters of a header.
const LONGEST: usize = 1_000;

impl MemberRequest {
    /// Reads the headers of a request, which `values` gives by name, all values of it. None if neither
    /// dialect names a client.
    ///
    /// # Errors
    /// A header that stands twice, the same in both dialects, or one that can't be read.
    pub fn read<'a, V>(values: impl Fn(&'static str) -> V) -> Result<Option<Self>, HeaderFault>
    where
        V: Iterator<Item = &'a [u8]>,
    {
        let mut client: Option<Member> = None;
        let (mut id, mut user_id, mut issue, mut purpose, mut subject) = (None, None, None, None, None);
        let mut echoed = Vec::new();
        for (header, says, is_echoed) in HEADERS {
            let fault = |fault: &str| HeaderFault { header, fault: fault.to_owned() };
            let mut own = values(header);
            let Some(value) = own.next() else { continue };
            if own.next().is_some() {
                return Err(fault("stands twice"));
            }
            let text = std::str::from_utf8(value).map_err(|_| fault("is not UTF-8"))?.trim();
            if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
                return Err(fault("is longer than 1000 characters, or holds control characters"));
            }
            let place = match says {
                Says::Client => {
                    let member = Member::parse(text).ok_or_else(|| {
                        fault("is INSTANCE/CLASS/CODE[/SUBSYSTEM], each part percent-encoded")
                    })?;
                    if client.replace(member).is_some() {
                        return Err(fault("stands beside the client of the other dialect"));
                    }
                    None
                }
                Says::Id => Some(&mut id),
                Says::User => Some(&mut user_id),
                Says::Issue => Some(&mut issue),
                Says::Purpose => Some(&mut purpose),
                Says::Subject => Some(&mut subject),
                Says::Other => None,
            };
            if let Some(place) = place
                && place.replace(text.to_owned()).is_some()
            {
                return Err(fault("stands beside the same of the other dialect"));
            }
            if is_echoed {
                echoed.push((header, text.to_owned()));
            }
        }
        Ok(client.map(|client| Self { client, id, user_id, issue, purpose, subject, echoed }))
    }
}

/// Headers that belong to one connection, not to a message, by X-Road's list.
pub const OF_CONNECTION: [&str; 13] = [
    "transfer-encoding",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "upgrade",
    "connection",
    "user-agent",
    "host",
    "content-length",
    "server",
    "expect",
];

/// Headers that the client's security server sets anew. Like those of a connection they are no part of the
/// hash of a request.
const SET_ANEW: [&str; 2] = ["x-road-request-id", "x-road-request-hash"];

/// The `X-Road-Request-Hash` of a request, base64: SHA-512 over the request line and the headers in their
/// order, and if there is a body, SHA-512 over that hash and the body's. `target` is path and query as they
/// were sent; `request_id` is what the client's security server gives the request, `made_id` the id of the
/// message if that server made it.
///
/// It is for whoever holds the bytes of a request as the client's security server sent them: the consumer,
/// and whoever looks into its evidence. A hub behind the provider's server sees another address and other
/// headers; that server writes the header.
///
/// # Errors
/// When the cryptographic library fails.
pub fn request_hash<'a>(
    method: &str,
    target: &str,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    (request_id, made_id): (&str, Option<&str>),
    body: Option<&[u8]>,
) -> Result<String, openssl::error::ErrorStack> {
    let mut head = Hasher::new(MessageDigest::sha512())?;
    head.update(format!("{method}\r\n{target}\r\n").as_bytes())?;
    for (name, value) in headers {
        let mut left_out = OF_CONNECTION.iter().chain(&SET_ANEW);
        if !left_out.any(|left_out| name.eq_ignore_ascii_case(left_out)) {
            head.update(format!("{name}:{value}\r\n").as_bytes())?;
        }
    }
    head.update(format!("x-road-request-id:{request_id}\r\n").as_bytes())?;
    if let Some(made_id) = made_id {
        head.update(format!("x-road-id:{made_id}\r\n").as_bytes())?;
    }
    let head = head.finish()?;
    let Some(body) = body else { return Ok(STANDARD.encode(head)) };
    let mut whole = Hasher::new(MessageDigest::sha512())?;
    whole.update(&head)?;
    whole.update(&openssl::hash::hash(MessageDigest::sha512(), body)?)?;
    Ok(STANDARD.encode(whole.finish()?))
}
