//! What is spoken over Trembita: the message protocol of X-Road 4.0, as UXP uses it too, and the evidence that exchanges leave.
//!
//! - [`soap`]: reading SOAP messages, with or without attachments, and answering with the same headers.

pub mod soap;
pub(crate) mod xml;
