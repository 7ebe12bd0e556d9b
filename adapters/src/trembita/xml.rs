//! XML that strangers sent, read within bounds. The tree is built by `roxmltree`, which refuses document type
//! declarations and so knows no entities but the five of XML; what it does not bound (depth, attributes) is
//! counted beforehand, in one pass that builds nothing.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use roxmltree::{Document, Node, ParsingOptions};

/// How much one document may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Elements within elements.
    pub(crate) depth: usize,
    /// Attributes of one element, namespace declarations among them.
    pub(crate) attributes: usize,
    /// Elements, texts, comments and instructions altogether.
    pub(crate) nodes: u32,
}

/// Why a document was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum XmlFault {
    /// It declares a document type.
    #[error("a document type declaration is not allowed")]
    Doctype,
    /// It holds more of something than the bounds say.
    #[error("more than {limit} {what}")]
    TooMuch {
        /// The bound.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
    /// It is not well-formed.
    #[error("not well-formed XML: {0}")]
    Malformed(String),
}

/// Builds the tree of a document that keeps the bounds.
pub(crate) fn parse<'input>(text: &'input str, bounds: &Bounds) -> Result<Document<'input>, XmlFault> {
    if !is_small(text, bounds) {
        measure(text, bounds)?;
    }
    parse_again(text, bounds)
}

/// Whether a document is so small that it keeps the bounds of [`measure`] whatever it holds: elements are
/// within each other only if there are so many, and an attribute has an equals sign. Most messages are.
fn is_small(text: &str, bounds: &Bounds) -> bool {
    let bytes = text.as_bytes();
    let equals = bytes.iter().filter(|byte| **byte == b'=').count();
    let starts =
        bytes.windows(2).filter(|pair| pair.first() == Some(&b'<') && pair.last() != Some(&b'/')).count();
    starts <= bounds.depth && equals <= bounds.attributes.min(NAMESPACES)
}

/// The same for a text whose depth and attributes were measured before.
pub(crate) fn parse_again<'input>(text: &'input str, bounds: &Bounds) -> Result<Document<'input>, XmlFault> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: bounds.nodes, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        if matches!(error, roxmltree::Error::DtdDetected) {
            XmlFault::Doctype
        } else if matches!(error, roxmltree::Error::NodesLimitReached) {
            XmlFault::TooMuch { limit: usize::try_from(bounds.nodes).unwrap_or(usize::MAX), what: "nodes" }
        } else {
            XmlFault::Malformed(error.to_string())
        }
    })
}

/// Namespaces that hold at one place.
const NAMESPACES: usize = 256;

/// Namespaces that hold, summed over the elements that declare any: the tree keeps a list of its own for each
/// of those.
const NAMESPACE_LISTS: usize = 1_000_000;

/// Counts depth, attributes and namespaces without building anything.
fn measure(text: &str, bounds: &Bounds) -> Result<(), XmlFault> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    // For each open element how many namespaces hold in it.
    let mut open: Vec<usize> = Vec::new();
    let mut lists = 0;
    loop {
        match reader.read_event().map_err(|error| XmlFault::Malformed(error.to_string()))? {
            Event::Start(start) => {
                if open.len() == bounds.depth {
                    return Err(XmlFault::TooMuch {
                        limit: bounds.depth,
                        what: "elements within each other",
                    });
                }
                let held = measure_attributes(&start, bounds, open.last().copied(), &mut lists)?;
                open.push(held);
            }
            Event::Empty(start) => {
                measure_attributes(&start, bounds, open.last().copied(), &mut lists)?;
            }
            Event::End(_) => {
                open.pop();
            }
            Event::DocType(_) => return Err(XmlFault::Doctype),
            Event::Eof => return Ok(()),
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

/// Counts the attributes of an element; returns how many namespaces hold in it.
fn measure_attributes(
    start: &BytesStart<'_>,
    bounds: &Bounds,
    outside: Option<usize>,
    lists: &mut usize,
) -> Result<usize, XmlFault> {
    let (mut attributes, mut declarations) = (0, 0);
    // Unchecked, because the check for doubles compares each with each; `roxmltree` checks them once they are
    // known to be few.
    for attribute in start.attributes().with_checks(false) {
        attributes += 1;
        if attributes > bounds.attributes {
            return Err(XmlFault::TooMuch { limit: bounds.attributes, what: "attributes of one element" });
        }
        // One that can't be read is counted as what costs more; the tree will not be built with it.
        if attribute.map_or(true, |own| own.key.as_ref().starts_with("xmlns")) {
            declarations += 1;
        }
    }
    let held = outside.unwrap_or_default() + declarations;
    if held > NAMESPACES {
        return Err(XmlFault::TooMuch { limit: NAMESPACES, what: "namespaces at one place" });
    }
    if declarations > 0 {
        *lists += held;
    }
    if *lists > NAMESPACE_LISTS {
        return Err(XmlFault::TooMuch { limit: NAMESPACE_LISTS, what: "namespaces" });
    }
    Ok(held)
}

/// The text of an element, with CDATA sections, without comments. None if it has child elements.
pub(crate) fn text_of(element: Node<'_, '_>) -> Option<String> {
    let mut text = String::new();
    for child in element.children() {
        if child.is_element() {
            return None;
        }
        if child.is_text() {
            text.push_str(child.text().unwrap_or_default());
        }
    }
    Some(text)
}

/// The child elements.
pub(crate) fn elements<'a, 'input: 'a>(parent: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    parent.children().filter(Node::is_element)
}

/// Text as it may stand between tags and in attributes.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped
}

/// Appends text as it may stand between tags and in attributes.
pub(crate) fn push_escaped(escaped: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            // What XML 1.0 has no way to say.
            control if control < ' ' || matches!(control, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('\u{fffd}')
            }
            other => escaped.push(other),
        }
    }
}

/// An element of `text` as a document of its own: with the namespaces that hold where it stands, and with so
/// much white space before it that its lines and columns stay what they are. None if its start tag can't be
/// read, which it was once.
pub(crate) fn standing_alone(element: Node<'_, '_>, text: &str) -> Option<String> {
    let range = element.range();
    let (before, own) = (text.get(..range.start)?, text.get(range)?);
    let mut reader = Reader::from_str(own);
    reader.config_mut().check_end_names = false;
    let (Event::Start(start) | Event::Empty(start)) = reader.read_event().ok()? else { return None };
    let name = start.name().as_ref().len();
    let declared: Vec<String> = start
        .attributes()
        .with_checks(false)
        .filter_map(|attribute| Some(attribute.ok()?.key.as_ref().to_owned()))
        .collect();
    let mut alone = String::with_capacity(text.len());
    for run in before.split_inclusive(['\t', '\n', '\r']) {
        let end = run.trim_end_matches(['\t', '\n', '\r']);
        alone.extend(std::iter::repeat_n(" ", end.chars().count()));
        alone.push_str(run.get(end.len()..)?);
    }
    alone.push_str(own.get(..=name)?);
    for namespace in element.namespaces() {
        let key = match namespace.name() {
            Some("xml") => continue,
            Some(prefix) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        if !declared.contains(&key) {
            alone.push_str(&format!(" {key}=\"{}\"", escaped(namespace.uri())));
        }
    }
    alone.push_str(own.get(name + 1..)?);
    Some(alone)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_small_document_keeps_the_bounds(
            text in "(<[ab]( xmlns:[a-h]=\"\"){0,6}( [a-h]=\"=\"){0,4}/?>|</[ab]>|<!--<a>-->|x){0,40}",
            depth in 1_usize..20,
            attributes in 1_usize..20,
        ) {
            let bounds = Bounds { depth, attributes, nodes: 1_000 };
            let is_too_much = matches!(measure(&text, &bounds), Err(XmlFault::TooMuch { .. }));
            prop_assert!(!(is_small(&text, &bounds) && is_too_much), "{text}");
        }
    }

    #[test]
    fn a_message_of_usual_size_is_small_and_a_deep_one_is_not() {
        let bounds = Bounds { depth: 3, attributes: 2, nodes: 1_000 };
        assert!(is_small("<a b='1' c='2'><b/></a>", &bounds));
        assert!(!is_small("<a><a><a><a/></a></a></a>", &bounds));
        assert!(!is_small("<a b='' c='' d=''/>", &bounds));
    }

    #[test]
    fn an_element_stands_alone_with_its_namespaces_where_it_stood() {
        let text = concat!(
            "<?xml version='1.0'?><a xmlns='urn:d' xmlns:p='urn:p' xmlns:q=\"urn:'q'\">\n  <!-- ї --><p:b x='>'\n ",
            "xmlns:q='urn:other' q:y=''><c/>ї</p:b>\n</a>"
        );
        let document = Document::parse(text).unwrap();
        let element = document.descendants().find(|node| node.has_tag_name(("urn:p", "b"))).unwrap();
        let alone = standing_alone(element, text).unwrap();
        let other = Document::parse(&alone).unwrap();
        let root = other.root_element();
        assert!(root.has_tag_name(("urn:p", "b")));
        assert_eq!(root.attribute(("urn:other", "y")), Some(""));
        assert!(root.first_child().unwrap().has_tag_name(("urn:d", "c")));
        assert_eq!(
            other.text_pos_at(root.range().start),
            document.text_pos_at(element.range().start),
            "line and column are the same"
        );
    }

    #[test]
    fn an_element_without_namespaces_stands_alone_too() {
        let text = "<a><b/></a>";
        let document = Document::parse(text).unwrap();
        let element = document.root_element().first_child().unwrap();
        assert_eq!(standing_alone(element, text).unwrap(), "   <b/>");
    }
}
