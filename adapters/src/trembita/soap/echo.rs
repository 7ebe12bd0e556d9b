//! Answers that carry the headers of their request, byte for byte and in their order: a member's security
//! server compares them.

use super::SOAP;
use super::message::Message;

impl Message {
    /// An envelope in UTF-8 whose Header is the request's, without the signature of it, and whose Body holds
    /// `body`, an element that declares its own namespaces. Prefixes of the request hold in the Header alone,
    /// so that they can't change what the Body says.
    #[must_use]
    pub fn answer(&self, body: &str) -> String {
        format!(
            concat!(
                r#"<?xml version="1.0" encoding="UTF-8"?>"#,
                r#"<{soap}:Envelope xmlns:{soap}="{uri}"><{soap}:Header{declarations}>{header}</{soap}:Header>"#,
                "<{soap}:Body>{body}</{soap}:Body></{soap}:Envelope>"
            ),
            soap = self.free_prefix,
            uri = SOAP,
            declarations = self.header_declarations,
            header = self.header_without_signatures(),
            body = body,
        )
    }
}
