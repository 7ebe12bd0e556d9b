//! Messages of X-Road's message protocol 4.0 (SOAP 1.1), which UXP uses unchanged. Served are the doors that
//! answer members of Trembita and the client that asks them; nothing here knows HTTP beyond the names of its
//! fields.
//!
//! - [`transport`]: from the bytes of an exchange to a message and its attachments; what of HTTP the protocol
//!   restricts.
//! - [`message`]: the message itself, checked in the order in which X-Road checks.
//! - [`header`], [`identifiers`]: who asks whom for what.
//! - [`multipart`], [`attachments`]: what goes beside a message (SwA, MTOM), read and written.
//! - [`faults`]: codes in both spellings, faults read and written.
//! - [`echo`]: an answer that carries the headers of its request, byte for byte.
//! - [`question`]: what a request asks of a service.
//! - [`wsdl`], [`metaservices`]: the description of the services, and who may use which.
//! - [`request_hash`]: the hash of the request that a security server puts into the answer.
//!
//! Faults are raised as X-Road raises them: doubled headers, object types, the version and a second child of
//! the Body where they stand in the document; what is missing, and a wrapper that does not fit, at its end. A
//! message that is not well-formed is refused as such whatever else is wrong with it, because it is read
//! whole before it is judged.

pub mod attachments;
pub(in crate::trembita) mod charset;
pub mod echo;
pub mod faults;
pub mod header;
pub mod identifiers;
pub mod message;
pub mod metaservices;
pub mod multipart;
pub mod question;
pub mod request_hash;
pub mod transport;
pub mod wsdl;

use super::xml::Bounds;

/// SOAP 1.1.
pub const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The headers of the protocol.
pub const XROAD: &str = "http://x-road.eu/xsd/xroad.xsd";

/// The parts of identifiers.
pub const IDENTIFIERS: &str = "http://x-road.eu/xsd/identifiers";

/// The third party on whose behalf is asked.
pub const REPRESENTATION: &str = "http://x-road.eu/xsd/representation.xsd";

/// How much one exchange may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the body of HTTP: the message with its attachments.
    pub exchange_bytes: usize,
    /// Bytes of the SOAP message.
    pub message_bytes: usize,
    /// Parts beside the SOAP message.
    pub attachments: usize,
    /// Elements within elements.
    pub depth: usize,
    /// Elements, texts and comments of the message.
    pub nodes: u32,
}

impl Default for Limits {
    /// 10 MiB altogether, as X-Road's message log by default takes no more; 2 MiB of XML.
    fn default() -> Self {
        Self { exchange_bytes: 10 << 20, message_bytes: 2 << 20, attachments: 100, depth: 64, nodes: 200_000 }
    }
}

impl Limits {
    pub(in crate::trembita) fn bounds(&self) -> Bounds {
        Bounds { depth: self.depth, attributes: 128, nodes: self.nodes }
    }
}
