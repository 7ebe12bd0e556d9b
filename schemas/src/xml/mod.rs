//! The XML forms of the messages: how they are written, and the schemas that describe them.
//!
//! Members are elements with the names that they have in JSON. A root, and an entry of a list, is named after
//! what it is, in snake_case: `<queue>` has `<entries>`, and in it each is a `<queue_entry>`. A member that
//! is absent in JSON is absent here. There are no attributes. Problems have the XML form and the namespace
//! that RFC 9457 gives them in its appendix B.
//!
//! Reading is in [`crate::read`].

mod crossings;
mod events;
mod exchange;
mod outages;
mod problem;
mod queue;
#[cfg(test)]
mod tests;
mod writer;

pub use writer::{Elements, ToXml, XmlText};

/// The namespace of every message of the hub but problems.
pub const NAMESPACE: &str = "urn:kordon:exchange:1";

/// The namespace of a problem (RFC 9457, appendix B, which keeps the name that RFC 7807 gave it).
pub const PROBLEM_NAMESPACE: &str = "urn:ietf:rfc:7807";

/// The XML Schemas, as file name and content. They refer to each other by file name; `kordon.xsd` includes all.
pub const XSDS: &[(&str, &str)] = &[
    ("kordon.xsd", include_str!("../../xsd/kordon.xsd")),
    ("common.xsd", include_str!("../../xsd/common.xsd")),
    ("events.xsd", include_str!("../../xsd/events.xsd")),
    ("recorded-events.xsd", include_str!("../../xsd/recorded-events.xsd")),
    ("queue.xsd", include_str!("../../xsd/queue.xsd")),
    ("admission.xsd", include_str!("../../xsd/admission.xsd")),
    ("crossings.xsd", include_str!("../../xsd/crossings.xsd")),
    ("outages.xsd", include_str!("../../xsd/outages.xsd")),
    ("notices.xsd", include_str!("../../xsd/notices.xsd")),
    ("exchange.xsd", include_str!("../../xsd/exchange.xsd")),
    ("problem.xsd", include_str!("../../xsd/problem.xsd")),
];
