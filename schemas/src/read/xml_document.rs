//! Parsing an XML document within bounds.
//!
//! roxmltree holds to the letter of XML 1.0 and refuses document types, but a document of two megabytes can
//! make it work for minutes: attributes are compared pair by pair, and an element that declares a namespace
//! compares and copies all that it inherits. So a tokenizer runs ahead and counts.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use roxmltree::{Document, ParsingOptions};

use super::place::Place;
use super::{DEEPEST, malformed, too_deep};
use crate::problem::{Fault, Problem, ProblemCode};

/// Most nodes (elements, texts, comments) of a document: a thousand events with eight members, each indented, have 26,000.
const MOST_NODES: u32 = 40_000;
/// The longest start tag, in bytes. No element of the hub has attributes; those of XML Schema and the namespaces fit.
const LONGEST_TAG: usize = 2_048;
/// Most namespace declarations that an element makes or inherits. One is enough; tools that write them are fond of a few more.
const MOST_DECLARATIONS: usize = 32;

/// Parses a document.
///
/// # Errors
/// A [`Problem`]: `malformed_xml` with line and column, `too_deep`, or `too_large`.
pub(super) fn parse(text: &str) -> Result<Document<'_>, Box<Problem>> {
    run_ahead(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, entity_resolver: None };
    Document::parse_with_options(text, options).map_err(|fault| not_well_formed(text, &fault))
}

/// The elements that are open, each with its number of namespace declarations.
#[derive(Default)]
struct Open {
    elements: Vec<usize>,
    declarations: usize,
}

fn run_ahead(text: &str) -> Result<(), Box<Problem>> {
    let mut reader = Reader::from_str(text);
    // Names are compared by the parser itself.
    reader.config_mut().check_end_names = false;
    let mut open = Open::default();
    loop {
        let begins_at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                let declared =
                    open.admit(&tag).map_err(|detail| too_large(Place::of(text, begins_at), detail))?;
                if open.elements.len() == DEEPEST {
                    return Err(too_deep(Place::of(text, begins_at)));
                }
                open.elements.push(declared);
                open.declarations += declared;
            }
            Ok(Event::Empty(tag)) => {
                open.admit(&tag).map_err(|detail| too_large(Place::of(text, begins_at), detail))?;
            }
            Ok(Event::End(_)) => open.declarations -= open.elements.pop().unwrap_or_default(),
            Ok(Event::DocType(_)) => {
                let detail = "a document type (DTD) is not taken: leave `<!DOCTYPE …>` out";
                return Err(malformed(ProblemCode::MalformedXml, Place::of(text, begins_at), detail));
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(Event::Text(_) | Event::CData(_) | Event::GeneralRef(_)) => {}
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => {}
            Err(fault) => {
                let offset = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                return Err(malformed(
                    ProblemCode::MalformedXml,
                    Place::of(text, offset),
                    &fault.to_string(),
                ));
            }
        }
    }
}

impl Open {
    /// The number of namespaces that a tag declares, or why it is too much.
    fn admit(&self, tag: &BytesStart<'_>) -> Result<usize, String> {
        let declared = tag.matches("xmlns").count();
        if tag.len() > LONGEST_TAG {
            Err(format!(
                "a start tag has more than {LONGEST_TAG} bytes; the elements of the hub have no attributes"
            ))
        } else if self.declarations + declared > MOST_DECLARATIONS {
            Err(format!("more than {MOST_DECLARATIONS} namespaces are declared here; one is enough"))
        } else {
            Ok(declared)
        }
    }
}

fn too_large(place: Place, detail: String) -> Box<Problem> {
    let faults = vec![Fault::new(place.to_string(), detail.as_str())];
    Box::new(Problem::new(ProblemCode::TooLarge, detail).with_faults(faults))
}

fn not_well_formed(text: &str, fault: &roxmltree::Error) -> Box<Problem> {
    use roxmltree::Error;
    let pos = fault.pos();
    let told = Place { line: pos.row.try_into().unwrap_or(1), column: pos.col.try_into().unwrap_or(1) };
    // Some faults have no position of their own: those of a document that ends too early are at its end.
    let (place, detail) = if matches!(fault, Error::NodesLimitReached) {
        return too_large(
            Place::end_of(text),
            format!("the document has more than {MOST_NODES} elements, texts and comments"),
        );
    } else if matches!(fault, Error::UnclosedRootNode | Error::UnexpectedEndOfStream) {
        (Place::end_of(text), "the document ends before its root element is closed".to_owned())
    } else if matches!(fault, Error::NoRootNode) {
        (Place::end_of(text), "the document has no element".to_owned())
    } else if let Error::UnknownEntityReference(name, _) = fault {
        (
            told,
            format!(
                "the entity `{name}` is not known: only lt, gt, amp, quot, apos and character numbers are"
            ),
        )
    } else if matches!(fault, Error::UnknownToken(_)) {
        (told, "this stands outside of the one root element".to_owned())
    } else {
        (told, fault.to_string().replace(&format!(" at {pos}"), ""))
    };
    malformed(ProblemCode::MalformedXml, place, &detail)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn depth_is_counted_along_the_way_down_only() {
        let nested = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        assert!(parse(&nested(32)).is_ok());
        assert_eq!(parse(&nested(33)).unwrap_err().code, ProblemCode::TooDeep);
        assert!(parse(&format!("<a>{}</a>", nested(31).repeat(20))).is_ok());
    }

    #[test]
    fn documents_that_are_slow_to_parse_are_refused_before() {
        let attributes: String = (0..200_000).map(|number| format!(" a{number}=''")).collect();
        let declarations =
            |level: usize| (0..60).map(|number| format!(" xmlns:p{level}q{number}='u'")).collect::<String>();
        let inherited: String = (0..31).map(|level| format!("<a{}>", declarations(level))).collect();
        let begun = Instant::now();
        for slow in [
            format!("<a{attributes}/>"),
            format!("{inherited}{}", "<b xmlns:z='z'/>".repeat(20_000)),
            format!("<a>{}</a>", "<b/>".repeat(500_000)),
            "<a>".repeat(700_000),
        ] {
            let problem = parse(&slow).unwrap_err();
            assert!(matches!(problem.code, ProblemCode::TooLarge | ProblemCode::TooDeep), "{problem:?}");
        }
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn every_event_may_declare_its_namespaces_again() {
        let event = "<k:event xmlns:k='urn:kordon:exchange:1' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/>";
        assert!(parse(&format!("<events>{}</events>", event.repeat(1_000))).is_ok());
    }
}
