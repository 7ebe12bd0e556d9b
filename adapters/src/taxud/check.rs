//! The judge of every CD070C before it leaves. By construction there is nothing to find; if there is, a
//! person learns it here, with the rule's name, and not by a rejection from Brussels.

use std::collections::BTreeSet;

use kordon_schemas::notices::UNAVAILABILITY_XSD;
use uppsala::XsdValidator;

use super::message::Message;

/// The schema, and the rules of the message that no schema can express.
pub struct Check {
    schema: XsdValidator,
}

impl Check {
    /// Reads the schema.
    ///
    /// # Errors
    /// When the schema can't be read, in words.
    pub fn new() -> Result<Self, String> {
        let schema = uppsala::parse(UNAVAILABILITY_XSD).map_err(|error| error.to_string())?;
        Ok(Self { schema: XsdValidator::from_schema(&schema).map_err(|error| error.to_string())? })
    }

    /// Lets a message pass.
    ///
    /// # Errors
    /// The first rule that it breaks, in words.
    pub fn pass(&self, message: &Message, xml: &[u8]) -> Result<(), String> {
        rules(message)?;
        self.schema(xml)
    }

    /// Whether the bytes are valid against the schema.
    ///
    /// # Errors
    /// The first fault, with its place.
    pub fn schema(&self, xml: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(xml).map_err(|error| format!("the message is not UTF-8: {error}"))?;
        let document =
            uppsala::parse(text).map_err(|error| format!("the message is not well-formed: {error}"))?;
        match self.schema.validate(&document).first() {
            None => Ok(()),
            Some(fault) => Err(format!("the message breaks its schema: {fault}")),
        }
    }
}

/// The rules of CD070C that its schema does not hold, by their names in the DDNTA.
fn rules(message: &Message) -> Result<(), String> {
    let broken = |rule: &str, detail: &str| Err(format!("the message breaks {rule}: {detail}"));
    if !(1..=9).contains(&message.actions.len()) {
        return broken("its structure", "it has 1 to 9 actions");
    }
    let mut kinds = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for action in &message.actions {
        if !(1..=99).contains(&action.unavailabilities.len()) {
            return broken("its structure", "an action has 1 to 99 unavailabilities");
        }
        for unavailability in &action.unavailabilities {
            kinds.insert(unavailability.kind);
            if unavailability.kind == "S" && unavailability.ends_at.is_none() {
                return broken("C0400", "a scheduled unavailability has an end");
            }
            if unavailability.ends_at.is_some_and(|end| end <= unavailability.starts_at) {
                return broken("R0519", "an unavailability ends after it starts");
            }
            if !keys.insert(unavailability.key()) {
                return broken("R0518", "functionality, start and type are unique");
            }
        }
    }
    if kinds.len() > 1 {
        return broken("R0516", "all unavailabilities of a message have one type");
    }
    Ok(())
}
