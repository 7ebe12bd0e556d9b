//! XML of containers: namespaces, bounds, base64 as it is found in the wild.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};

use crate::trembita::xml::{self, Bounds, elements, text_of};

/// XML signatures.
pub(in crate::trembita) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// XAdES.
pub(in crate::trembita) const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

const BOUNDS: Bounds = Bounds { depth: 64, attributes: 64, nodes: 100_000 };

/// Reads a file of a container.
pub(in crate::trembita) fn parse(text: &str) -> Result<Document<'_>, String> {
    xml::parse(text.strip_prefix('\u{feff}').unwrap_or(text), &BOUNDS).map_err(|fault| fault.to_string())
}

/// The bytes that an element holds in base64, whatever white space and references to it stand between.
pub(in crate::trembita) fn decoded(element: Node<'_, '_>) -> Option<Vec<u8>> {
    let text: String =
        text_of(element)?.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}

/// The only child of that name. None if there is none or another.
pub(in crate::trembita) fn only<'a, 'input: 'a>(
    parent: Node<'a, 'input>,
    namespace: &'static str,
    name: &'static str,
) -> Option<Node<'a, 'input>> {
    let mut found = elements(parent).filter(|child| child.has_tag_name((namespace, name)));
    found.next().filter(|_| found.next().is_none())
}

/// What stands at the end of a path of only children, all of XAdES.
pub(in crate::trembita) fn down<'a, 'input: 'a>(
    from: Node<'a, 'input>,
    path: &[&'static str],
) -> Option<Node<'a, 'input>> {
    path.iter().try_fold(from, |node, name| only(node, XADES, name))
}
