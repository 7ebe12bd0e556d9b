//! One act, the question at the gate, as it is asked in each way: by JSON and by SOAP through a security
//! server, by signed SOAP without one.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;

use chrono::Utc;
use kordon_adapters::keys::Signer;
use kordon_adapters::trembita::security::sign;

/// How an act is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By JSON, a member.
    Json,
    /// By SOAP, a member.
    Soap,
    /// By SOAP, a partner that signs. Each message is taken once.
    Signed,
}

/// So many different messages are sent over and over, where they may be.
pub(super) const USUAL: usize = 1_000;

/// The checkpoint that is asked about. No vehicle waits there: what is measured is the way to the answer.
const CHECKPOINT: &str = "UA209030";

/// As many as that, rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of messages is small and not negative"
)]
pub(super) fn as_many_as(number: f64) -> usize {
    number.ceil() as usize
}

/// Writes `count` messages into a file, each a whole HTTP request with its length before it.
pub(super) fn write(
    file: &Path,
    way: Way,
    address: &str,
    asker: &str,
    signer: &dyn Signer,
    count: usize,
) -> anyhow::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(file)?);
    for number in 0..count {
        let message = http(way, address, asker, signer, number)?;
        write!(file, "{}\n{message}\n", message.len())?;
    }
    Ok(file.flush()?)
}

fn http(way: Way, address: &str, asker: &str, signer: &dyn Signer, number: usize) -> anyhow::Result<String> {
    let plate = format!("BN{:04}CH", number % 10_000);
    let (path, headers, body) = match way {
        Way::Json => (
            format!("/api/v1/checkpoints/{CHECKPOINT}/admission"),
            format!(
                "Content-Type: application/json\r\nX-Road-Client: {asker}\r\nX-Road-Id: bench-{number}\r\n"
            ),
            format!("{{\"plate\":\"{plate}\"}}"),
        ),
        Way::Soap => (
            SOAP.to_owned(),
            "Content-Type: text/xml; charset=utf-8\r\n".to_owned(),
            envelope(asker, number, &plate),
        ),
        Way::Signed => (
            SOAP.to_owned(),
            "Content-Type: text/xml; charset=utf-8\r\n".to_owned(),
            sign::sign(&envelope(asker, number, &plate), signer, None, Utc::now())?,
        ),
    };
    let length = body.len();
    Ok(format!("POST {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"))
}

const SOAP: &str = "/trembita/soap";

fn envelope(asker: &str, number: usize, plate: &str) -> String {
    let names = ["xRoadInstance", "memberClass", "memberCode", "subsystemCode"];
    let identifier = |parts: &str| {
        parts.split('/').zip(names).fold(String::new(), |mut text, (part, name)| {
            let _ = write!(text, "<id:{name}>{part}</id:{name}>");
            text
        })
    };
    let (client, service) = (identifier(asker), identifier("UA/GOV/43115923/KORDON"));
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xro=\"http://x-road.eu/xsd/xroad.xsd\" \
         xmlns:id=\"http://x-road.eu/xsd/identifiers\"><s:Header><xro:client id:objectType=\"SUBSYSTEM\">{client}</xro:client>\
         <xro:service id:objectType=\"SERVICE\">{service}<id:serviceCode>CheckAdmission_v1</id:serviceCode></xro:service>\
         <xro:userId>UA1234567890</xro:userId><xro:id>bench-{number}</xro:id><xro:protocolVersion>4.0</xro:protocolVersion>\
         </s:Header><s:Body><t:CheckAdmission_v1 xmlns:t=\"urn:kordon:trembita:1\" xmlns:k=\"urn:kordon:exchange:1\">\
         <t:checkpoint>{CHECKPOINT}</t:checkpoint><k:admission_query><k:plate>{plate}</k:plate></k:admission_query>\
         </t:CheckAdmission_v1></s:Body></s:Envelope>"
    )
}
