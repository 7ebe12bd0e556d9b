//! XML bodies: events read one by one, and the question at the gate.

use roxmltree::{Document, Node};

use super::place::{Place, Places};
use super::xml_members::{Members, id_of, is_white, strange_attribute};
use super::{ReadEvents, RefusedItem, check_count, decode_xml, invalid, xml_document};
use crate::characters::clipped;
use crate::events::EventIn;
use crate::problem::{Fault, Problem};
use crate::queue::AdmissionIn;
use crate::xml::NAMESPACE;

/// Reads `<event>`, or `<events>` with up to [`crate::events::MOST_EVENTS`] of them, each by itself. `charset` is that of the
/// `Content-Type`, see [`decode_xml`].
///
/// # Errors
/// A [`Problem`] when nothing of it can be taken: `malformed_xml` with line and column, `unsupported_media_type` for an encoding
/// that is not read, `too_deep`, `too_large`, or `invalid` when the root is another or the list is empty.
pub fn read_events_xml(body: &[u8], charset: Option<&str>) -> Result<ReadEvents, Box<Problem>> {
    let text = decode_xml(body, charset)?;
    let document = xml_document::parse(&text)?;
    let mut places = Places::new(&text);
    let root = root_of(&document, &["event", "events"], &places)?;
    if root.tag_name().name() == "event" {
        let item = read_event(root, "event", &places);
        return Ok(ReadEvents { single: true, items: vec![item] });
    }
    check_list(root, &places)?;
    let mut items = Vec::new();
    for (index, element) in root.children().filter(Node::is_element).enumerate() {
        places.move_to(element.range().start);
        let path = format!("events/{}[{}]", clipped(element.tag_name().name(), 40), index + 1);
        items.push(read_event(element, &path, &places));
    }
    Ok(ReadEvents { single: false, items })
}

/// Reads `<admission_query>`: the question whether a vehicle at the gate may enter.
///
/// # Errors
/// A [`Problem`], as [`read_events_xml`] has them; `invalid` also when the question is not as the contract has it.
pub fn read_admission_xml(body: &[u8], charset: Option<&str>) -> Result<AdmissionIn, Box<Problem>> {
    let text = decode_xml(body, charset)?;
    let document = xml_document::parse(&text)?;
    let places = Places::new(&text);
    let root = root_of(&document, &["admission_query"], &places)?;
    Members::of(root, "admission_query", &places).and_then(|members| members.read()).map_err(invalid)
}

/// The root element, if it is one of those that are expected here.
pub(super) fn root_of<'a, 'input>(
    document: &'a Document<'input>,
    expected: &[&str],
    places: &Places<'_>,
) -> Result<Node<'a, 'input>, Box<Problem>> {
    let root = document.root_element();
    let name = root.tag_name();
    if name.namespace() == Some(NAMESPACE) && expected.contains(&name.name()) {
        return Ok(root);
    }
    let names: Vec<String> = expected.iter().map(|name| format!("`{name}`")).collect();
    let found = match name.namespace() {
        Some(namespace) => format!("of the namespace `{}`", clipped(namespace, 80)),
        None => "of no namespace".to_owned(),
    };
    let detail = format!(
        "the root element must be {} of the namespace `{NAMESPACE}`; it is `{}` {found}",
        names.join(" or "),
        clipped(name.name(), 40)
    );
    Err(invalid(vec![Fault::new(place_of(root, places).to_string(), detail)]))
}

/// Refuses a list that holds anything but a right number of elements.
fn check_list(root: Node<'_, '_>, places: &Places<'_>) -> Result<(), Box<Problem>> {
    let fault = |at: Node<'_, '_>, detail: &str| {
        invalid(vec![Fault::new(format!("events ({})", place_of(at, places)), detail)])
    };
    if let Some(detail) = strange_attribute(root) {
        return Err(fault(root, &detail));
    }
    if let Some(text) = root.children().find(|child| child.is_text() && !is_white(*child)) {
        return Err(fault(text, "has text between its events"));
    }
    check_count(root.children().filter(Node::is_element).count(), "events")
}

/// Reads one event; `path` is where it stands, by the names of the elements.
pub(super) fn read_event(
    element: Node<'_, '_>,
    path: &str,
    places: &Places<'_>,
) -> Result<EventIn, Box<RefusedItem>> {
    let name = element.tag_name();
    if name.name() != "event" || name.namespace() != Some(NAMESPACE) {
        let detail = format!("must be `event` of the namespace `{NAMESPACE}`");
        let place = place_of(element, places);
        return Err(RefusedItem::new(None, vec![Fault::new(format!("{path} ({place})"), detail)]));
    }
    let refused = |faults| RefusedItem::new(id_of(element), faults);
    let members = Members::of(element, path, places).map_err(refused)?;
    let event: EventIn = members.read().map_err(refused)?;
    let faults = event.check();
    if faults.is_empty() {
        return Ok(event);
    }
    let placed = |fault: Fault| members.fault(fault.path.strip_prefix('/'), &fault.detail);
    Err(refused(faults.into_iter().map(placed).collect()))
}

pub(super) fn place_of(node: Node<'_, '_>, places: &Places<'_>) -> Place {
    places.of(node.range().start)
}
