//! Documents of the exchange, read from XML. What stands in the root is a header, a content, and at most one
//! signature, which others judge. Events are read one by one; all else is right or refused whole.

use std::collections::HashMap;

use roxmltree::{Node, NodeId};
use serde::Deserialize;

use super::place::Places;
use super::xml::{place_of, read_event, root_of};
use super::xml_members::{Members, is_white, strange_attribute};
use super::{RefusedItem, check_count, decode_xml, invalid, xml_document};
use crate::characters::clipped;
use crate::codes::CheckpointCode;
use crate::events::EventIn;
use crate::exchange::{DocumentHeader, DocumentKind, DocumentPlace, ReportOfPermit, StatedWithdrawal};
use crate::permits::{PermitUse, UseCorrectionIn};
use crate::problem::{Fault, Problem};
use crate::xml::NAMESPACE;

/// The namespace of XML signatures.
const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Uses in one report.
const MOST_USES: usize = 500;

/// A document that was read.
#[derive(Debug)]
pub struct ReadDocument {
    /// Who sends what, when.
    pub header: DocumentHeader,
    /// What is sent.
    pub content: ReadContent,
}

/// What a document holds.
#[derive(Debug)]
pub enum ReadContent {
    /// Checkpoint events, each read by itself.
    CheckpointEvents {
        /// Where.
        checkpoint: CheckpointCode,
        /// Each event that passed its check, or why it is refused.
        items: Vec<Result<EventIn, Box<RefusedItem>>>,
    },
    /// The uses of a permit.
    PermitReport(ReportOfPermit),
    /// Transit data to withdraw.
    Withdrawal(StatedWithdrawal),
}

/// The text of a document: what is verified and what is read.
///
/// # Errors
/// As [`decode_xml`].
pub fn decode_document(body: &[u8], charset: Option<&str>) -> Result<String, Box<Problem>> {
    decode_xml(body, charset).map(std::borrow::Cow::into_owned)
}

/// Reads `<exchange_document>` from its text.
///
/// # Errors
/// A [`Problem`] with the place of each fault: `malformed_xml`, `too_deep`, `too_large`, or `invalid`.
pub fn read_exchange_document(text: &str) -> Result<ReadDocument, Box<Problem>> {
    const ROOT: &str = "exchange_document";
    let document = xml_document::parse(text)?;
    let places = Places::new(text);
    let root = root_of(&document, &[ROOT], &places)?;
    let [header, content] = parts_of(root, &places)?;
    let path = "exchange_document/header";
    let members = Members::of(header, path, &places).map_err(invalid)?;
    let header: DocumentHeader = members.read().map_err(invalid)?;
    if !is_document_id(&header.id) {
        let detail = "has 1 to 64 letters of ASCII, digits, dots, dashes and underscores, and begins with a letter or a digit";
        return Err(invalid(vec![members.fault(Some("id"), detail)]));
    }
    let fault = |at: Node<'_, '_>, detail: &str| {
        let place = place_of(at, &places);
        invalid(vec![Fault::new(format!("exchange_document/content ({place})"), detail)])
    };
    check_frame(content, "exchange_document/content", &places)?;
    let mut held = content.children().filter(Node::is_element);
    let (Some(own), None) = (held.next(), held.next()) else {
        return Err(fault(content, "holds one element, named as the kind of the document"));
    };
    let name = own.tag_name();
    if name.namespace() != Some(NAMESPACE) || name.name() != header.kind.as_str() {
        let detail = format!(
            "the document is of kind `{}`, so this must be that element of the namespace `{NAMESPACE}`; it is `{}`",
            header.kind,
            clipped(name.name(), 40)
        );
        return Err(fault(own, &detail));
    }
    let content = match header.kind {
        DocumentKind::CheckpointEvents => checkpoint_events(own, text)?,
        DocumentKind::PermitReport => permit_report(own, &places)?,
        DocumentKind::Withdrawal => {
            let path = "exchange_document/content/withdrawal";
            let members = Members::of(own, path, &places).map_err(invalid)?;
            ReadContent::Withdrawal(members.read().map_err(invalid)?)
        }
    };
    Ok(ReadDocument { header, content })
}

/// Whether a text may be the id of a document.
#[must_use]
pub fn is_document_id(id: &str) -> bool {
    let mut bytes = id.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphanumeric())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        && id.len() <= 64
}

/// The header and the content, in this order; a signature may follow.
fn parts_of<'a, 'input>(
    root: Node<'a, 'input>,
    places: &Places<'_>,
) -> Result<[Node<'a, 'input>; 2], Box<Problem>> {
    check_frame(root, "exchange_document", places)?;
    let parts: Vec<_> = root.children().filter(Node::is_element).collect();
    let named = |part: &Node<'_, '_>, name: &str| part.has_tag_name((NAMESPACE, name));
    let signature = |part: &Node<'_, '_>| part.has_tag_name((SIGNATURES, "Signature"));
    match parts.as_slice() {
        [header, content] if named(header, "header") && named(content, "content") => Ok([*header, *content]),
        [header, content, last]
            if named(header, "header") && named(content, "content") && signature(last) =>
        {
            Ok([*header, *content])
        }
        _ => {
            let expected = |index: usize, part: &Node<'_, '_>| match index {
                0 => named(part, "header"),
                1 => named(part, "content"),
                2 => signature(part),
                _ => false,
            };
            let strange = parts.iter().enumerate().find(|(index, part)| !expected(*index, part));
            let at = strange.map_or(root, |(_, part)| *part);
            let detail = format!(
                "holds `header`, then `content`, both of the namespace `{NAMESPACE}`, then at most one `Signature`, and nothing else"
            );
            Err(invalid(vec![Fault::new(format!("exchange_document ({})", place_of(at, places)), detail)]))
        }
    }
}

/// Refuses attributes, and text between the elements.
fn check_frame(element: Node<'_, '_>, path: &str, places: &Places<'_>) -> Result<(), Box<Problem>> {
    let fault = |at: Node<'_, '_>, detail: &str| {
        invalid(vec![Fault::new(format!("{path} ({})", place_of(at, places)), detail)])
    };
    if let Some(detail) = strange_attribute(element) {
        return Err(fault(element, &detail));
    }
    match element.children().find(|child| child.is_text() && !is_white(*child)) {
        Some(text) => Err(fault(text, "has text between its elements")),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfCheckpoint {
    checkpoint: CheckpointCode,
}

fn checkpoint_events(element: Node<'_, '_>, text: &str) -> Result<ReadContent, Box<Problem>> {
    const PATH: &str = "exchange_document/content/checkpoint_events";
    let places = Places::new(text);
    let (members, nested) = Members::of_but(element, PATH, &places, &["events"]).map_err(invalid)?;
    let OfCheckpoint { checkpoint } = members.read().map_err(invalid)?;
    let [events] = nested.as_slice() else {
        let detail = if nested.is_empty() { "is missing" } else { "is given twice" };
        return Err(invalid(vec![members.fault(Some("events"), detail)]));
    };
    check_frame(*events, &format!("{PATH}/events"), &places)?;
    check_count(events.children().filter(Node::is_element).count(), &format!("{PATH}/events"))?;
    let mut items = Vec::new();
    let mut places = Places::new(text);
    let mut steps = Steps::default();
    for event in events.children().filter(Node::is_element) {
        places.move_to(event.range().start);
        let path = format!("{PATH}/events/{}", steps.to(event));
        items.push(read_event(event, &path, &places));
    }
    Ok(ReadContent::CheckpointEvents { checkpoint, items })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfPermit {
    permit: String,
    #[serde(default)]
    not_used_because: Option<String>,
    complete: bool,
}

fn permit_report(element: Node<'_, '_>, places: &Places<'_>) -> Result<ReadContent, Box<Problem>> {
    const PATH: &str = "exchange_document/content/permit_report";
    let (members, nested) =
        Members::of_but(element, PATH, places, &["uses", "corrections"]).map_err(invalid)?;
    let OfPermit { permit, not_used_because, complete } = members.read().map_err(invalid)?;
    let list = |name: &str| {
        let mut lists = nested.iter().filter(|list| list.tag_name().name() == name);
        match (lists.next(), lists.next()) {
            (list, None) => Ok(list.copied()),
            (_, Some(_)) => Err(invalid(vec![members.fault(Some(name), "is given twice")])),
        }
    };
    let uses = match list("uses")? {
        Some(uses) => entries(uses, &format!("{PATH}/uses"), "permit_use", places, permit_use)?,
        None => Vec::new(),
    };
    let corrections = match list("corrections")? {
        Some(list) => {
            entries(list, &format!("{PATH}/corrections"), "use_correction", places, use_correction)?
        }
        None => Vec::new(),
    };
    Ok(ReadContent::PermitReport(ReportOfPermit { permit, uses, corrections, not_used_because, complete }))
}

/// Reads each entry of a list by itself.
fn entries<T>(
    list: Node<'_, '_>,
    path: &str,
    name: &str,
    places: &Places<'_>,
    read: impl Fn(Node<'_, '_>, &str, &Places<'_>) -> Result<T, Vec<Fault>>,
) -> Result<Vec<T>, Box<Problem>> {
    check_frame(list, path, places)?;
    let mut entries = Vec::new();
    let mut faults = Vec::new();
    let mut steps = Steps::default();
    for (index, element) in list.children().filter(Node::is_element).enumerate() {
        let own = format!("{path}/{}", steps.to(element));
        let place = place_of(element, places);
        if index == MOST_USES {
            let detail = format!("a report holds at most {MOST_USES} of them");
            faults.push(Fault::new(format!("{own} ({place})"), detail));
            break;
        }
        if !element.has_tag_name((NAMESPACE, name)) {
            let detail = format!("must be `{name}` of the namespace `{NAMESPACE}`");
            faults.push(Fault::new(format!("{own} ({place})"), detail));
            continue;
        }
        match read(element, &own, places) {
            Ok(entry) => entries.push(entry),
            Err(own) => faults.extend(own),
        }
    }
    if faults.is_empty() { Ok(entries) } else { Err(invalid(faults)) }
}

fn permit_use(element: Node<'_, '_>, path: &str, places: &Places<'_>) -> Result<PermitUse, Vec<Fault>> {
    Members::of(element, path, places).and_then(|members| members.read())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfCorrection {
    registration_number: String,
    #[serde(default)]
    never_was: bool,
    reason: String,
}

fn use_correction(
    element: Node<'_, '_>,
    path: &str,
    places: &Places<'_>,
) -> Result<UseCorrectionIn, Vec<Fault>> {
    let (members, nested) = Members::of_but(element, path, places, &["to"])?;
    let OfCorrection { registration_number, never_was, reason } = members.read()?;
    let to = match nested.as_slice() {
        [] => None,
        [to] => Some(permit_use(*to, &format!("{path}/to"), places)?),
        _ => return Err(vec![members.fault(Some("to"), "is given twice")]),
    };
    Ok(UseCorrectionIn { registration_number, to, never_was, reason })
}

/// The steps of an XPath to the entries of a list: each is counted among those of its name.
#[derive(Default)]
struct Steps<'a>(HashMap<&'a str, usize>);

impl<'a> Steps<'a> {
    fn to(&mut self, entry: Node<'a, '_>) -> String {
        let name = entry.tag_name().name();
        let count = self.0.entry(name).or_default();
        *count += 1;
        format!("{}[{count}]", clipped(name, 40))
    }
}

/// Finds places in a document, for those who know what is wrong and not where it stands.
#[derive(Debug, Clone, Default)]
pub struct DocumentPlaces {
    /// Line and column of each element, by its path.
    elements: HashMap<String, (u32, u32)>,
    /// The paths of the elements in `events`, in order.
    events: Vec<String>,
}

impl DocumentPlaces {
    /// The places of the header and the content of a document that was read.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut found = Self::default();
        let Ok(document) = xml_document::parse(text) else { return found };
        let mut places = Places::new(text);
        // In the order of the document, so that one pass over the text is enough.
        let mut above: HashMap<NodeId, (String, Steps<'_>)> = HashMap::new();
        for element in document.descendants().filter(Node::is_element) {
            let name = element.tag_name().name();
            let parent = element.parent_element();
            let is_entry = parent
                .is_some_and(|list| matches!(list.tag_name().name(), "events" | "uses" | "corrections"));
            let path = match parent.and_then(|parent| above.get_mut(&parent.id())) {
                Some((path, steps)) if is_entry => format!("{path}/{}", steps.to(element)),
                Some((path, _)) => format!("{path}/{name}"),
                None => format!("/{name}"),
            };
            if parent.is_some_and(|list| list.tag_name().name() == "events") {
                found.events.push(path.clone());
            }
            places.move_to(element.range().start);
            let place = places.of(element.range().start);
            let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
            found.elements.entry(path.clone()).or_insert((number(place.line), number(place.column)));
            above.insert(element.id(), (path, Steps::default()));
            // Who signs looks into a signature by other means.
            if element.tag_name().namespace() == Some(SIGNATURES) {
                break;
            }
        }
        found
    }

    /// The path of what stands in `events` at an index from 0.
    #[must_use]
    pub fn of_event(&self, index: usize) -> &str {
        self.events.get(index).map_or("/exchange_document/content/checkpoint_events/events", String::as_str)
    }

    /// The place of an element by its path, or of the nearest element around it that is there.
    #[must_use]
    pub fn at(&self, path: &str) -> DocumentPlace {
        let mut around = path;
        loop {
            if let Some((line, column)) = self.elements.get(around) {
                return DocumentPlace {
                    path: Some(path.to_owned()),
                    line: Some(*line),
                    column: Some(*column),
                };
            }
            match around.rsplit_once('/') {
                Some((outer, _)) if !outer.is_empty() => around = outer,
                Some(_) | None => {
                    return DocumentPlace { path: Some(path.to_owned()), ..DocumentPlace::default() };
                }
            }
        }
    }

    /// The place that a fault of a reader names: `path (line:column)`, or `line:column` alone.
    #[must_use]
    pub fn told(&self, told: &str) -> DocumentPlace {
        let numbers = |text: &str| {
            let (line, column) = text.split_once(':')?;
            Some((line.parse::<u32>().ok()?, column.parse::<u32>().ok()?))
        };
        let (path, place) = match told.strip_suffix(')').and_then(|told| told.rsplit_once(" (")) {
            Some((path, place)) => (Some(path), numbers(place)),
            None if numbers(told).is_some() => (None, numbers(told)),
            None => (Some(told), None),
        };
        let path =
            path.filter(|path| !path.is_empty()).map(|path| format!("/{}", path.trim_start_matches('/')));
        match (path, place) {
            (path, Some((line, column))) => DocumentPlace { path, line: Some(line), column: Some(column) },
            (Some(path), None) => self.at(&path),
            (None, None) => DocumentPlace::default(),
        }
    }
}

#[cfg(test)]
#[path = "tests/xml_exchange.rs"]
mod tests;
