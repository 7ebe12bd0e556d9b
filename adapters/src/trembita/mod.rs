//! What is spoken over Trembita: the message protocol of X-Road 4.0, as UXP uses it too, and the evidence
//! that exchanges leave.
//!
//! - [`consumer`]: services of other members, asked through a security server.
//! - [`evidence`]: verifying the containers and archives that exchanges leave.
//! - [`services`]: what the hub provides to members.
//! - [`shapes`]: messages that the contract has as JSON only, as XML.
//! - [`rest`]: the headers of REST, X-Road's and UXP's, and the hash of a request.
//! - [`security`]: signatures of messages, for those who ask without a security server.
//! - [`soap`]: reading SOAP messages, with or without attachments, and answering with the same headers.

pub mod consumer;
pub mod evidence;
pub mod rest;
pub mod security;
pub mod services;
pub mod shapes;
pub mod soap;
pub(crate) mod xml;

pub use xml::escaped;
