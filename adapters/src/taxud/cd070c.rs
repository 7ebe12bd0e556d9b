//! CD070C as XML. Only the root is in the namespace, its children are in none; moments are UTC and say no
//! zone.

use std::io;

use chrono::{DateTime, Utc};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::message::{Message, MessageAction, MessageUnavailability};

/// The namespace of NCTS messages.
pub(super) const NAMESPACE: &str = "http://ncts.dgtaxud.ec";

type Xml = Writer<Vec<u8>>;

impl Message {
    /// The message in UTF-8.
    ///
    /// # Errors
    /// When it can't be written; memory always can.
    pub fn to_xml(&self) -> io::Result<Vec<u8>> {
        let Self { phase, sender, recipient, prepared_at, identification, country, actions } = self;
        let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        xml.create_element("ncts:CD070C")
            .with_attribute(("xmlns:ncts", NAMESPACE))
            .with_attribute(("PhaseID", phase.as_str()))
            .write_inner_content(|xml| {
                leaf(xml, "messageSender", sender)?;
                leaf(xml, "messageRecipient", recipient)?;
                leaf(xml, "preparationDateAndTime", &moment(*prepared_at))?;
                leaf(xml, "messageIdentification", identification)?;
                leaf(xml, "messageType", "CD070C")?;
                xml.create_element("Country").write_inner_content(|xml| {
                    leaf(xml, "country", country)?;
                    actions.iter().zip(1..).try_for_each(|(action, number)| write_action(xml, action, number))
                })?;
                Ok(())
            })?;
        let mut bytes = xml.into_inner();
        bytes.push(b'\n');
        Ok(bytes)
    }
}

fn write_action(xml: &mut Xml, action: &MessageAction, number: u32) -> io::Result<()> {
    let MessageAction { operation, unavailabilities } = action;
    xml.create_element("Action").write_inner_content(|xml| {
        leaf(xml, "sequenceNumber", &number.to_string())?;
        leaf(xml, "operation", operation)?;
        unavailabilities
            .iter()
            .zip(1..)
            .try_for_each(|(unavailability, number)| write_unavailability(xml, unavailability, number))
    })?;
    Ok(())
}

fn write_unavailability(
    xml: &mut Xml,
    unavailability: &MessageUnavailability,
    number: u32,
) -> io::Result<()> {
    let MessageUnavailability {
        kind,
        functionality,
        starts_at,
        ends_at,
        explanation,
        text,
        fallback_allowed,
    } = unavailability;
    let (flag, fallback_text) = if *fallback_allowed {
        ("1", "Business continuity procedure allowed")
    } else {
        ("0", "Business continuity procedure not allowed")
    };
    xml.create_element("Unavailability").write_inner_content(|xml| {
        leaf(xml, "sequenceNumber", &number.to_string())?;
        leaf(xml, "type", kind)?;
        leaf(xml, "functionality", &functionality.to_string())?;
        leaf(xml, "startDateAndTime", &moment(*starts_at))?;
        if let Some(ends_at) = ends_at {
            leaf(xml, "endDateAndTime", &moment(*ends_at))?;
        }
        leaf(xml, "explanation", explanation)?;
        leaf(xml, "text", text)?;
        xml.create_element("Fallback").write_inner_content(|xml| {
            leaf(xml, "flag", flag)?;
            leaf(xml, "text", fallback_text)
        })?;
        Ok(())
    })?;
    Ok(())
}

fn leaf(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(text))?;
    Ok(())
}

/// `DateTimeType` of NCTS: "time zone although not included UTC is implied".
fn moment(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%S").to_string()
}
