//! What systems state, and what has to be answered.

use kordon_schemas::ProblemCode;
use kordon_schemas::events::{EventKind, Outcome};

use super::When;

/// Which vehicle an event is about, in truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// One with a booking, by its number.
    Vehicle(usize),
    /// One with a booking, by its number, but its plate was misread.
    Misread(usize),
    /// One without a booking.
    Stranger,
    /// None: the event is about another event.
    Event,
}

/// What a system states.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: EventKind,
    pub(crate) subject: Subject,
    /// The plate as this system writes it.
    pub(crate) plate: Option<String>,
    pub(crate) when: When,
    pub(crate) zone: Option<&'static str>,
    pub(crate) confidence: Option<&'static str>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) voids: Option<String>,
}

/// What the hub has to answer to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// This.
    Is(Outcome),
    /// Recorded, or unmatched if the event overtakes the booking, which is sent at the same time.
    RecordedOrUnmatched,
    /// Either: an exit stands that is wrong. What follows it by hours finds no crossing, what follows it
    /// sooner contradicts it.
    UnmatchedOrContradictory,
    /// Refused, with this code.
    Refused(ProblemCode),
}

/// An event on its way, with what has to be answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) event: Event,
    pub(crate) expected: Expected,
}

/// In which form a request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Xml,
    /// XML in windows-1251.
    XmlWindows1251,
}

/// How a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// One event.
    Single,
    /// One event, sent twice at the same moment over two connections. One of the two is the duplicate.
    Twice,
    /// A list.
    List,
}

/// A request that states events.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parcel {
    pub(crate) form: Form,
    pub(crate) manner: Manner,
    pub(crate) items: Vec<Item>,
}
