//! What DG TAXUD sends back when it does not accept a message: CD906C (a rule is broken) and CD917C (the XML
//! is). Read within bounds, like all that comes from outside; what a rejection has besides is not needed and
//! passed over.

use kordon_hub::notices::rejections::{MOST_FAULTS, Rejected};
use kordon_schemas::Fault;
use kordon_schemas::notices::{RejectionFault, RejectionKind};
use roxmltree::Node;

use super::cd070c::NAMESPACE;
use crate::trembita::xml::{Bounds, elements, parse, text_of};

/// A rejection is flat; real ones have four levels.
const BOUNDS: Bounds = Bounds { depth: 16, attributes: 16, nodes: 100_000 };

/// The longest text of a fault that is kept, in characters: as long as the messages have it.
const LONGEST_TEXT: usize = 512;

/// The longest identification of a message.
const LONGEST_IDENTIFICATION: usize = 35;

/// Why a rejection was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// It is no XML, or more than is read.
    #[error("{0}")]
    Malformed(String),
    /// It is not as CD906C and CD917C are.
    #[error("it is no CD906C or CD917C")]
    Wrong(Vec<Fault>),
}

/// Reads a rejection.
///
/// # Errors
/// [`NotRead`], with every place that is missing or wrong.
pub fn read(text: &str) -> Result<Rejected, NotRead> {
    let document = parse(text, &BOUNDS).map_err(|fault| NotRead::Malformed(fault.to_string()))?;
    let root = document.root_element();
    let name = root.tag_name();
    let kind = match (name.namespace(), name.name()) {
        (Some(NAMESPACE), "CD906C") => RejectionKind::Cd906c,
        (Some(NAMESPACE), "CD917C") => RejectionKind::Cd917c,
        _ => {
            let detail = format!("is CD906C or CD917C in the namespace {NAMESPACE}");
            return Err(NotRead::Wrong(vec![Fault::new("/", detail)]));
        }
    };
    let mut faults = Vec::new();
    let mut identification = |member: &str| {
        let found = text_in(root, member).filter(|text| {
            (1..=LONGEST_IDENTIFICATION).contains(&text.chars().count())
                && text.chars().all(|c| c.is_ascii_graphic())
        });
        if found.is_none() {
            faults.push(Fault::new(member, "is missing, or no identification of 1 to 35 characters"));
        }
        found.unwrap_or_default()
    };
    let own = identification("messageIdentification");
    let of = identification("correlationIdentifier");
    let element = match kind {
        RejectionKind::Cd906c => "FunctionalError",
        RejectionKind::Cd917c => "XMLError",
    };
    let errors: Vec<Node<'_, '_>> = elements(root).filter(|node| is(*node, element)).collect();
    if errors.is_empty() {
        faults.push(Fault::new(element, "is missing: a rejection names at least one"));
    }
    let read: Vec<RejectionFault> =
        errors.iter().take(MOST_FAULTS).filter_map(|error| fault_of(kind, *error)).collect();
    if read.len() < errors.len().min(MOST_FAULTS) {
        faults.push(Fault::new(element, "has no errorCode of 1 to 7 characters, or no place"));
    }
    if faults.is_empty() {
        Ok(Rejected { identification: own, kind, of, faults: read })
    } else {
        Err(NotRead::Wrong(faults))
    }
}

fn fault_of(kind: RejectionKind, error: Node<'_, '_>) -> Option<RejectionFault> {
    let code = text_in(error, "errorCode").filter(|code| {
        (1..=7).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })?;
    let pointer = text_in(error, "errorPointer");
    let (place, reason) = match kind {
        RejectionKind::Cd906c => (pointer?, text_in(error, "errorReason")),
        RejectionKind::Cd917c => {
            let line = text_in(error, "errorLineNumber")?;
            let column = text_in(error, "errorColumnNumber")?;
            let place = match pointer {
                Some(pointer) => format!("{line}:{column} {pointer}"),
                None => format!("{line}:{column}"),
            };
            (place, text_in(error, "errorText"))
        }
    };
    let value = text_in(error, "originalAttributeValue");
    Some(RejectionFault { place: clipped(&place), code, reason, value })
}

/// The text of the first child of that name, without space around, as much of it as is kept; `None` when it
/// is empty or not there. Only the root of these messages is in a namespace.
fn text_in(parent: Node<'_, '_>, name: &str) -> Option<String> {
    let found = elements(parent).find(|node| is(*node, name))?;
    text_of(found).map(|text| clipped(text.trim())).filter(|text| !text.is_empty())
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.tag_name().namespace().is_none() && node.tag_name().name() == name
}

fn clipped(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_TEXT).collect()
}
