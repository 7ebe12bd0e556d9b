//! Reading what others send: JSON and XML, decided before anything is recorded.
//!
//! A document that cannot be read is refused whole, with its line and column. In a list of events each is
//! read by itself: one that is not as the contract has it is refused alone, with its place, and the others go
//! on. Size is bounded before (the body limit of the hub), count and depth here. Both encodings end in the
//! same types through the same derived readers, so that a fact is the same fact whichever way it came.
//!
//! As XML only what authorities send in volume is read: events, the question at the gate, and documents of
//! the exchange. Everything else is JSON.

mod complaint;
mod json;
mod json_guard;
mod json_strictly;
mod place;
mod xml;
mod xml_decode;
mod xml_document;
mod xml_exchange;
mod xml_members;

pub use json::{read_events_json, read_json};
pub use xml::{read_admission_xml, read_events_xml};
pub use xml_decode::decode_xml;
pub use xml_exchange::{
    DocumentPlaces, ReadContent, ReadDocument, decode_document, is_document_id, read_exchange_document,
};

use crate::characters::clipped;
use crate::events::{EventIn, MOST_EVENTS};
use crate::events_check::is_event_id;
use crate::problem::{Fault, Problem, ProblemCode};

/// The deepest nesting of a document that is read. No message of the hub needs half of it.
pub const DEEPEST: usize = 32;

/// The longest piece of what was sent that an answer repeats, in characters.
const LONGEST_ECHO: usize = 400;

/// The events of one request, in the order in which they were sent.
#[derive(Debug)]
pub struct ReadEvents {
    /// Whether the body was one event and not a list: then the answer is one too.
    pub single: bool,
    /// Each event that passed [`EventIn::check`], or why it is refused. One to [`MOST_EVENTS`].
    pub items: Vec<Result<EventIn, Box<RefusedItem>>>,
}

/// An event that is not as the contract has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedItem {
    /// Its id, where one could be read.
    pub id: Option<String>,
    /// What is wrong with it: code `invalid`, with the places.
    pub problem: Problem,
}

impl RefusedItem {
    /// A refused event; what stands in the place of its id is named only if it can be one.
    fn new(id: Option<String>, faults: Vec<Fault>) -> Box<Self> {
        Box::new(Self { id: id.filter(|id| is_event_id(id)), problem: *invalid(faults) })
    }
}

/// The problem of a document or an item that can be read but is not as the contract has it.
fn invalid(faults: Vec<Fault>) -> Box<Problem> {
    let told = |fault: &Fault| match fault.path.as_str() {
        "" => fault.detail.clone(),
        path => format!("{path}: {}", fault.detail),
    };
    let detail = match faults.as_slice() {
        [] => "The request is not as the contract has it.".to_owned(),
        [only] => told(only),
        [first, others @ ..] => format!("{}; and {} more, see `faults`.", told(first), others.len()),
    };
    Box::new(Problem::new(ProblemCode::Invalid, detail).with_faults(faults))
}

/// Refuses a list without events, and one with too many.
fn check_count(count: usize, path: &str) -> Result<(), Box<Problem>> {
    if count == 0 {
        Err(invalid(vec![Fault::new(path, "the list holds no event: send at least one")]))
    } else if count > MOST_EVENTS {
        let detail = format!(
            "the list holds {count} events; one request takes at most {MOST_EVENTS}: send several requests"
        );
        let faults = vec![Fault::new(path, detail.as_str())];
        Err(Box::new(Problem::new(ProblemCode::TooLarge, detail).with_faults(faults)))
    } else {
        Ok(())
    }
}

/// The problem of a document that is nested too deeply.
fn too_deep(place: place::Place) -> Box<Problem> {
    let detail = format!("The document is nested more than {DEEPEST} levels deep.");
    let faults = vec![Fault::new(place.to_string(), format!("level {} begins here", DEEPEST + 1))];
    Box::new(Problem::new(ProblemCode::TooDeep, detail).with_faults(faults))
}

/// The problem of a document that cannot be read from `place` on.
fn malformed(code: ProblemCode, place: place::Place, detail: &str) -> Box<Problem> {
    let detail = clipped(detail, LONGEST_ECHO);
    let place::Place { line, column } = place;
    let faults = vec![Fault::new(place.to_string(), detail.as_str())];
    Box::new(Problem::new(code, format!("Line {line}, column {column}: {detail}")).with_faults(faults))
}

#[cfg(test)]
mod tests;
