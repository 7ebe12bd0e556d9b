//! Parsing an XML document within bounds.
//!
//! roxmltree holds to the letter of XML 1.0 and refuses document types, but a document of two megabytes can make it work for minutes:
//! attributes are compared pair by pair, and an element that declares a namespace copies all that it inherits. So a tokenizer runs
//! ahead and counts.

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
/// Most namespace declarations: two for each of a thousand events, and some.
const MOST_DECLARATIONS: usize = 2_100;

/// Parses a document.
///
/// # Errors
/// A [`Problem`]: `malformed_xml` with line and column, `too_deep`, or `too_large`.
pub(super) fn parse(text: &str) -> Result<Document<'_>, Box<Problem>> {
    run_ahead(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, entity_resolver: None };
    Document::parse_with_options(text, options).map_err(|fault| not_well_formed(text, &fault))
}

/// What was counted of a document so far.
#[derive(Default)]
struct Counts {
    depth: usize,
    declarations: usize,
}

fn run_ahead(text: &str) -> Result<(), Box<Problem>> {
    let mut reader = Reader::from_str(text);
    // Names are compared by the parser itself.
    reader.config_mut().check_end_names = false;
    let mut counts = Counts::default();
    loop {
        let begins_at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                count_tag(&mut counts, &tag, text, begins_at)?;
                if counts.depth == DEEPEST {
                    return Err(too_deep(Place::of(text, begins_at)));
                }
                counts.depth += 1;
            }
            Ok(Event::Empty(tag)) => count_tag(&mut counts, &tag, text, begins_at)?,
            Ok(Event::End(_)) => counts.depth = counts.depth.saturating_sub(1),
            Ok(Event::DocType(_)) => {
                let detail = "a document type (DTD) is not taken: leave `<!DOCTYPE …>` out";
                return Err(malformed(ProblemCode::MalformedXml, Place::of(text, begins_at), detail));
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(
                Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::GeneralRef(_),
            ) => {}
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

fn count_tag(
    counts: &mut Counts,
    tag: &BytesStart<'_>,
    text: &str,
    begins_at: usize,
) -> Result<(), Box<Problem>> {
    counts.declarations += tag.matches("xmlns").count();
    let detail = if tag.len() > LONGEST_TAG {
        format!("a start tag has more than {LONGEST_TAG} bytes; the elements of the hub have no attributes")
    } else if counts.declarations > MOST_DECLARATIONS {
        format!(
            "the document declares namespaces more than {MOST_DECLARATIONS} times; once at its root is enough"
        )
    } else {
        return Ok(());
    };
    Err(too_large(Place::of(text, begins_at), detail))
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
        let declarations: String = (0..1_000).map(|number| format!("<a xmlns:p{number}='u'/>")).collect();
        let begun = Instant::now();
        for slow in [
            format!("<a{attributes}/>"),
            format!("<a>{}</a>", declarations.repeat(40)),
            format!("<a>{}</a>", "<b/>".repeat(500_000)),
            "<a>".repeat(700_000),
        ] {
            let problem = parse(&slow).unwrap_err();
            assert!(matches!(problem.code, ProblemCode::TooLarge | ProblemCode::TooDeep), "{problem:?}");
        }
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
