//! Messages made here, one per kind. All that a test does not change is that of a whole request.

use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::faults::{Dialect, Origin, Refusal};
use kordon_adapters::trembita::soap::message::{Envelope, Message};
use kordon_adapters::trembita::soap::transport::{Received, Side, receive};

pub(super) const XML: &str = "text/xml; charset=UTF-8";

pub(super) const CLIENT: &str = concat!(
    r#"<xro:client iden:objectType="SUBSYSTEM"><iden:xRoadInstance>SEVDEIR-TEST</iden:xRoadInstance>"#,
    "<iden:memberClass>GOV</iden:memberClass><iden:memberCode>00000088</iden:memberCode>",
    "<iden:subsystemCode>17_carrier_cons</iden:subsystemCode></xro:client>"
);

pub(super) const SERVICE: &str = concat!(
    r#"<xro:service iden:objectType="SERVICE"><iden:xRoadInstance>SEVDEIR-TEST</iden:xRoadInstance>"#,
    "<iden:memberClass>GOV</iden:memberClass><iden:memberCode>00000099</iden:memberCode>",
    "<iden:subsystemCode>99_queue_prod</iden:subsystemCode><iden:serviceCode>GetQueue_v1</iden:serviceCode></xro:service>"
);

pub(super) const ID: &str = "<xro:id>7ef7045f-d886-4b32-8142-a40958a3ae8e</xro:id>";
pub(super) const USER: &str = "<xro:userId>UA3184710691</xro:userId>";
pub(super) const VERSION: &str = "<xro:protocolVersion>4.0</xro:protocolVersion>";
pub(super) const BODY: &str =
    r#"<q:GetQueue_v1 xmlns:q="urn:queue"><q:checkpoint>UA209140</q:checkpoint></q:GetQueue_v1>"#;

/// A message with these headers and this body.
pub(super) fn message(headers: &[&str], body: &str) -> String {
    envelope(&format!(
        "<soapenv:Header>\n{}\n</soapenv:Header>\n<soapenv:Body>{body}</soapenv:Body>",
        headers.join("\n")
    ))
}

/// An envelope with this content.
pub(super) fn envelope(content: &str) -> String {
    format!(
        concat!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" ",
            "xmlns:xro=\"http://x-road.eu/xsd/xroad.xsd\" xmlns:iden=\"http://x-road.eu/xsd/identifiers\" ",
            "xmlns:repr=\"http://x-road.eu/xsd/representation.xsd\">{}</soapenv:Envelope>"
        ),
        content
    )
}

/// The whole request.
pub(super) fn request() -> String {
    message(&[CLIENT, SERVICE, USER, ID, VERSION], BODY)
}

/// Reads a request.
pub(super) fn asked(body: &[u8]) -> Result<Received<'_>, Refusal> {
    receive(Side::Request, Some(XML), body, &Limits::default())
}

/// The message of a request that is right.
pub(super) fn read(text: &str) -> Message {
    let received = asked(text.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}: {text}"));
    whole(received.envelope)
}

/// The message, where no fault may be.
pub(super) fn whole(envelope: Envelope) -> Message {
    match envelope {
        Envelope::Message(message) => *message,
        Envelope::Fault(fault) => panic!("a fault: {fault:?}"),
    }
}

/// The code with which a request is refused.
pub(super) fn refused(text: &str) -> String {
    match asked(text.as_bytes()) {
        Ok(_) => "taken".to_owned(),
        Err(refusal) => refusal.full_code(Origin::Client, Dialect::Camel),
    }
}
