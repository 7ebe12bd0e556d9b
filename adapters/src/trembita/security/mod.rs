//! Message signatures of those who ask without a security server: WS-Security 1.1 with its X.509 token
//! profile. The signature is in the message, so it proves who asks whatever the message passes through, and
//! the answer is signed in the same way.
//!
//! - [`mod@verify`]: what a signed message has to be. The elements that are verified are the elements that
//!   are used.
//! - [`sign`]: signing a message: an answer of the hub, or a question of its own.
//! - [`enveloped`]: signatures over whole documents, which need no envelope of SOAP.
//! - [`authorities`]: whose certificates are believed, and which of them were revoked.
//! - [`refusal`]: why a message is refused, and what its sender is told of it.
//!
//! The profile is narrow. One Security header; in it one X.509 v3 certificate, one Timestamp, one Signature,
//! nothing else. The Signature covers the Body, the Timestamp and every other header, each by its `wsu:Id`,
//! each in exclusive canonical form without comments, with no other transform. RSA (PKCS#1 1.5 or PSS) and
//! ECDSA with SHA-256 or longer.

pub mod authorities;
pub mod enveloped;
mod ids;
pub mod refusal;
pub mod sign;
mod timestamp;
pub mod verify;

pub use authorities::{Authorities, BelievedCertificate};
pub use refusal::{Reason, Refusal};
pub use timestamp::Window;
pub use verify::{Signed, verify};

use roxmltree::Node;

use super::soap::{Limits, SOAP};
use super::xml::elements;

/// The elements of WS-Security.
pub const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

/// Its ids and time-stamps.
pub const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// What version 1.1 adds.
pub const WSSE11: &str = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";

/// A certificate as token.
const X509V3: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";

/// How it is written.
const BASE64: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// Exclusive canonical XML.
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// How much a canonical form may hold: as much as a message, and again for the namespaces that are written
/// anew.
const fn largest_form(limits: &Limits) -> usize {
    2 * limits.message_bytes
}

/// The Header and the Body of an envelope by their places, as the reader of messages takes them.
fn header_and_body<'a, 'input>(
    envelope: Node<'a, 'input>,
) -> (Option<Node<'a, 'input>>, Option<Node<'a, 'input>>) {
    let child = |name: &'static str| {
        let mut found = elements(envelope).filter(move |child| child.has_tag_name((SOAP, name)));
        found.next().filter(|_| found.next().is_none())
    };
    (child("Header"), child("Body"))
}

fn is_security(element: Node<'_, '_>) -> bool {
    element.has_tag_name((WSSE, "Security"))
}
