//! The exchange of documents, for systems that work in batches and in XML: customs and departure offices
//! (Resolution 1393, clauses 23 and 32; Order 926, section IV, clause 8).
//!
//! A document is an act of the contract in another wrapping: the same rules, the same services. What it adds
//! is a record of the document itself, written in the transaction of its effect, and an acknowledgement that
//! says what became of it. The same bytes under the same id are answered with the same acknowledgement and
//! have no second effect.
//!
//! - [`model`]: a document that came, what it asks for, how it is kept.
//! - [`rules`]: who may send what when; what became of it, in words and places.
//! - [`mod@receive`]: the record and the effect, one transaction.
//! - [`inbox`]: what waits for a system.

pub mod inbox;
pub mod model;
pub mod receive;
pub mod rules;
mod store;

pub use model::{Act, DocumentSignature, Incoming, Kept, RefusedEvent};
pub use receive::{acknowledgement, keep_writing, known, receive, sender};
