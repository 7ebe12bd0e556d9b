//! The hash of a request that the provider's security server puts into the answer and the client's checks.
//! Which algorithm it is says its URI; Trembita of the first generation uses GOST 34.311-95, X-Road SHA-512.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::{MessageDigest, hash};
use roxmltree::Node;

use super::faults::{FaultCode, Refusal};
use super::header::RequestHash;
use super::message::{self, Message};
use super::transport::request;
use super::{Limits, XROAD};
use crate::trembita::evidence::algorithms::Digest;
use crate::trembita::xml::{elements, escaped};

/// An algorithm of request hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512, X-Road's.
    Sha512,
}

impl HashAlgorithm {
    /// The algorithm of a URI. None if it is unknown, or too weak to prove anything.
    #[must_use]
    pub fn of(uri: &str) -> Option<Self> {
        match uri {
            "http://www.w3.org/2001/04/xmlenc#sha256" => Some(Self::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Some(Self::Sha384),
            "http://www.w3.org/2001/04/xmlenc#sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Its URI.
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
            Self::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
            Self::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
        }
    }

    /// The hash of the bytes of a request, base64.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn of_request(self, bytes: &[u8]) -> Result<RequestHash, Refusal> {
        let digest = match self {
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        };
        let value = hash(digest, bytes).map_err(|error| Refusal::new(FaultCode::InternalError, error))?;
        Ok(RequestHash { algorithm: self.uri().to_owned(), value: STANDARD.encode(value) })
    }
}

/// Why the hash of a request does not prove that an answer is to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashFault {
    /// The URI is of no algorithm that is known here.
    #[error("the algorithm {0:?} of the request hash is not known")]
    Unknown(String),
    /// The algorithm proves nothing any more.
    #[error("the algorithm {0:?} of the request hash is too weak")]
    Weak(String),
    /// It is not base64.
    #[error("the request hash is not base64")]
    Unreadable,
    /// It is the hash of another request.
    #[error("the request hash is that of another request")]
    Differs,
    /// The answer brings none, and one is demanded.
    #[error("the answer brings no request hash")]
    Missing,
}

impl RequestHash {
    /// Checks it against the bytes of the request that was sent: the message, without attachments.
    ///
    /// # Errors
    /// [`HashFault`].
    pub fn verify(&self, request: &[u8]) -> Result<(), HashFault> {
        let digest =
            Digest::of_uri(&self.algorithm).ok_or_else(|| HashFault::Unknown(self.algorithm.clone()))?;
        if !digest.is_strong() {
            return Err(HashFault::Weak(self.algorithm.clone()));
        }
        let value: String = self.value.chars().filter(|sign| !sign.is_whitespace()).collect();
        let value = STANDARD.decode(value).map_err(|_| HashFault::Unreadable)?;
        if digest.of(request).is_some_and(|own| own == value) { Ok(()) } else { Err(HashFault::Differs) }
    }
}

impl Message {
    /// The message with this request hash directly after its id, with the id's prefix and the white space
    /// before it; one that it brought is dropped.
    ///
    /// # Errors
    /// When the message can't be read again, which it was once.
    pub fn with_request_hash(&self, hash: &RequestHash, limits: &Limits) -> Result<Self, Refusal> {
        let text = {
            let document = self.document(limits)?;
            let header = elements(document.root_element()).next();
            let own = |name: &'static str| {
                header.and_then(|header| elements(header).find(|child| child.has_tag_name((XROAD, name))))
            };
            let id = own("id").ok_or_else(|| Refusal::new(FaultCode::MissingHeaderField, "no id"))?;
            let mut edits = vec![(id.range().end..id.range().end, element(id, hash, &self.text))];
            if let Some(former) = own("requestHash") {
                let start = former.range().start;
                let start = start.saturating_sub(white_space_before(former, &self.text).len());
                edits.push((start..former.range().end, String::new()));
            }
            // From the end, so that the ranges before stay true.
            edits.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
            let mut text = self.text.clone();
            for (range, replacement) in edits {
                text.replace_range(range, &replacement);
            }
            text
        };
        request(&message::tree(&text, limits)?)
    }
}

fn element(id: Node<'_, '_>, hash: &RequestHash, text: &str) -> String {
    let tag = text.get(id.range()).unwrap_or_default();
    let name = tag.trim_start_matches('<').split(|end: char| end.is_whitespace() || matches!(end, '>' | '/'));
    let prefix = name.into_iter().next().and_then(|name| name.strip_suffix("id")).unwrap_or_default();
    format!(
        "{space}<{prefix}requestHash algorithmId=\"{algorithm}\">{value}</{prefix}requestHash>",
        space = white_space_before(id, text),
        algorithm = escaped(&hash.algorithm),
        value = escaped(&hash.value),
    )
}

/// As it stands in the text: the tree has line ends in one form only.
fn white_space_before<'text>(element: Node<'_, '_>, text: &'text str) -> &'text str {
    element
        .prev_sibling()
        .filter(Node::is_text)
        .and_then(|before| text.get(before.range()))
        .filter(|text| text.chars().all(char::is_whitespace))
        .unwrap_or_default()
}
