//! SOAP messages.

mod answers;
mod fixtures;
mod hostile;
mod messages;
mod variants;
mod wsdl;
mod xroad;
