//! Answers that carry the headers of their request, byte for byte and in their order: a member's security server compares them.

use std::fmt::Write;

use super::SOAP;
use super::message::Message;
use crate::trembita::xml::escaped;

impl Message {
    /// An envelope in UTF-8 whose Header is the request's, without the signature of it, and whose Body holds `body`, an element that declares its own
    /// namespaces. Prefixes of the request hold in the Header alone, so that they can't change what the Body says.
    #[must_use]
    pub fn answer(&self, body: &str) -> String {
        let soap = self.free_prefix();
        let mut declarations = String::new();
        for namespace in &self.header_namespaces {
            let _ = match &namespace.prefix {
                Some(prefix) => write!(declarations, " xmlns:{prefix}=\"{}\"", escaped(&namespace.uri)),
                None => write!(declarations, " xmlns=\"{}\"", escaped(&namespace.uri)),
            };
        }
        format!(
            concat!(
                r#"<?xml version="1.0" encoding="UTF-8"?>"#,
                r#"<{soap}:Envelope xmlns:{soap}="{uri}"><{soap}:Header{declarations}>{header}</{soap}:Header>"#,
                "<{soap}:Body>{body}</{soap}:Body></{soap}:Envelope>"
            ),
            soap = soap,
            uri = SOAP,
            declarations = declarations,
            header = self.header_without_signatures(),
            body = body,
        )
    }

    /// A prefix for the envelope that the headers do not use for something else.
    fn free_prefix(&self) -> String {
        let taken = |prefix: &str| {
            self.header_namespaces.iter().any(|own| own.prefix.as_deref() == Some(prefix) && own.uri != SOAP)
        };
        let mut prefix = "soapenv".to_owned();
        while taken(&prefix) {
            prefix.push('_');
        }
        prefix
    }
}
