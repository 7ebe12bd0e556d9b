//! What a played day consists of, as data: who is on the road, what happens, who says so when, and what has to be answered.
//!
//! Two clocks. What happens before a vehicle is called lies in the last 24 hours, at its own time. A call is dated by the hub
//! itself, so it is made now, and what happens after it is dated from that moment on: a minute of the day takes a
//! millisecond there, and a vehicle's way from its zone across the border takes less than half a second.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::ProblemCode;
use kordon_schemas::events::{EventKind, Outcome};

/// Seconds of an hour.
pub(super) const HOUR: i64 = 3_600;

/// Seconds of the day.
pub(super) const DAY: i64 = 24 * HOUR;

/// The rounds in which the day is played: one an hour, and one after midnight for what comes late.
pub(super) const ROUNDS: usize = 25;

/// The last round.
pub(super) const LAST_ROUND: usize = ROUNDS - 1;

/// A checkpoint of the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// Its code.
    pub(super) code: &'static str,
    /// Its name in the table.
    pub(super) name: &'static str,
    /// Its waiting zone.
    pub(super) zone: &'static str,
    /// The letters that plates begin with here.
    pub(super) region: &'static str,
}

/// The checkpoints of the demonstration: to Poland, Hungary and Romania.
pub(super) const CHECKPOINTS: [Checkpoint; 3] = [
    Checkpoint { code: "UA209030", name: "Krakivets", zone: "KRAKIVETS-1", region: "BC" },
    Checkpoint { code: "UA305060", name: "Chop (Tysa)", zone: "TYSA-2", region: "AO" },
    Checkpoint { code: "UA408050", name: "Porubne", zone: "PORUBNE-1", region: "CE" },
];

/// A moment of the played day, in seconds since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) i64);

impl Moment {
    /// The moment that is so many seconds later.
    pub(super) const fn after(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The round in which a prompt system tells what happens at this moment. What happens in the last five minutes of an
    /// hour is told in the next one: those minutes are the calls'.
    pub(super) fn round(self) -> usize {
        usize::try_from((self.0 + HOUR / 12).div_euclid(HOUR)).unwrap_or_default().min(LAST_ROUND)
    }
}

/// When something happens. Everything after a call is later than everything of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    /// At a moment of the day.
    OfDay(Moment),
    /// So many seconds of the day after the vehicle was called.
    AfterCall(i64),
}

impl When {
    /// The instant, once it is known when the vehicle was called.
    pub(super) fn instant(
        self,
        day_began: DateTime<Utc>,
        called_at: Option<DateTime<Utc>>,
    ) -> Option<DateTime<Utc>> {
        match self {
            Self::OfDay(Moment(seconds)) => Some(day_began + TimeDelta::seconds(seconds)),
            // A minute of the day takes a millisecond.
            Self::AfterCall(seconds) => Some(called_at? + TimeDelta::microseconds(seconds * 1_000 / 60)),
        }
    }
}

/// A system that takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum System {
    /// Books and calls.
    QueueOperator,
    /// Sees vehicles come and go in the zone.
    ZoneOperator,
    /// At the gates of the checkpoint.
    BorderGuard,
    /// In the customs control area.
    Customs,
    /// Declares outages.
    SupportLine,
}

/// A system at a checkpoint. Everything that one post sends is sent in order; posts send at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Post {
    /// Where, by its place in [`CHECKPOINTS`].
    pub(super) checkpoint: usize,
    /// Which.
    pub(super) system: System,
}

/// A vehicle with a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vehicle {
    /// Where, by its place in [`CHECKPOINTS`].
    pub(super) checkpoint: usize,
    /// The booking's id in the operator's system.
    pub(super) reference: String,
    /// The plate as it is booked.
    pub(super) plate: String,
    /// Who drives.
    pub(super) driver: Option<String>,
    /// When it is booked.
    pub(super) booked: Moment,
}

/// Which vehicle an event is about, in truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
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
pub(super) struct Event {
    pub(super) id: String,
    pub(super) kind: EventKind,
    pub(super) subject: Subject,
    /// The plate as this system writes it.
    pub(super) plate: Option<String>,
    pub(super) when: When,
    pub(super) zone: Option<&'static str>,
    pub(super) confidence: Option<&'static str>,
    pub(super) reason: Option<&'static str>,
    pub(super) voids: Option<String>,
}

/// What the hub has to answer to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// This.
    Is(Outcome),
    /// Recorded, or unmatched if the event overtakes the booking, which is sent at the same time.
    RecordedOrUnmatched,
    /// Refused, with this code.
    Refused(ProblemCode),
}

/// An event on its way, with what has to be answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) event: Event,
    pub(super) expected: Expected,
}

/// In which form a request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Xml,
    /// XML in windows-1251.
    XmlWindows1251,
}

/// How a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// One event.
    Single,
    /// One event, sent twice at the same moment over two connections. One of the two is the duplicate.
    Twice,
    /// A list.
    List,
}

/// A request that states events.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parcel {
    pub(super) form: Form,
    pub(super) manner: Manner,
    pub(super) items: Vec<Item>,
}

/// A call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Calling {
    /// The vehicle.
    pub(super) vehicle: usize,
    /// Its place among those that wait in the zone, from 1.
    pub(super) place: u32,
    /// How many wait in the zone.
    pub(super) waiting: u32,
    /// Why it goes before others, if it does.
    pub(super) reason: Option<&'static str>,
}

/// What the first line does about an outage of ETS. There is one outage a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutageAct {
    Declare,
    /// The same again, as after a lost answer.
    DeclareAgain,
    /// It takes longer, and transit may run on paper.
    Change,
    Recover,
}

impl OutageAct {
    const fn in_words(self) -> Option<&'static str> {
        match self {
            Self::Declare => Some("declared unavailable"),
            Self::DeclareAgain => None,
            Self::Change => Some("takes longer, paper declarations are allowed"),
            Self::Recover => Some("available again"),
        }
    }
}

/// A request that has to be refused as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trespass {
    /// Half a JSON document.
    BrokenJson,
    /// XML with a document type.
    DocumentType,
    /// The press office states an event.
    StatedByPressOffice,
    /// Nobody knows who asks.
    NoToken,
    /// A checkpoint that there is not.
    UnknownCheckpoint,
    /// Who is called, without a purpose.
    NoPurpose,
    /// A vehicle that waits is booked once more.
    BookedElsewhere { vehicle: usize },
    /// The reference of a booking for another vehicle.
    ReferenceTaken { vehicle: usize },
    /// A call before others, without a reason.
    NotFirst { vehicle: usize },
    /// A second call.
    CalledAlready { vehicle: usize },
    /// Placed once more.
    PlacedAlready { vehicle: usize },
    /// A change of the outage that names no version.
    NoVersion,
    /// A change of the outage for a version that it had.
    OldVersion,
    /// A change of the outage when it is over.
    OutageOver,
}

impl Trespass {
    /// The code that it has to be refused with.
    pub(super) const fn code(self) -> ProblemCode {
        match self {
            Self::BrokenJson => ProblemCode::MalformedJson,
            Self::DocumentType => ProblemCode::MalformedXml,
            Self::StatedByPressOffice => ProblemCode::Forbidden,
            Self::NoToken => ProblemCode::Unauthenticated,
            Self::UnknownCheckpoint => ProblemCode::NotFound,
            Self::NoPurpose => ProblemCode::PurposeRequired,
            Self::BookedElsewhere { .. } => ProblemCode::AlreadyBooked,
            Self::ReferenceTaken { .. } => ProblemCode::IdempotencyConflict,
            Self::NotFirst { .. } => ProblemCode::NotFirst,
            Self::CalledAlready { .. } => ProblemCode::NotCallable,
            Self::PlacedAlready { .. } => ProblemCode::AlreadyPlaced,
            Self::NoVersion => ProblemCode::PreconditionRequired,
            Self::OldVersion => ProblemCode::PreconditionFailed,
            Self::OutageOver => ProblemCode::OutageOver,
        }
    }
}

/// What a post does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    /// Books a vehicle, by its number.
    Book { vehicle: usize },
    /// Sends a booking again, as after a lost answer.
    BookAgain { vehicle: usize },
    /// States events.
    State(Parcel),
    /// Calls a vehicle.
    Call(Calling),
    /// Places an unmatched event in the crossing of a vehicle.
    Place { event: String, vehicle: usize },
    /// Tells of the outage.
    Outage(OutageAct),
    /// Does what it must not.
    Trespass(Trespass),
}

impl Deed {
    /// The vehicle that it books.
    pub(super) const fn booked(&self) -> Option<usize> {
        if let Self::Book { vehicle } = self { Some(*vehicle) } else { None }
    }

    /// The events that it states.
    pub(super) const fn parcel(&self) -> Option<&Parcel> {
        if let Self::State(parcel) = self { Some(parcel) } else { None }
    }

    /// The call that it makes.
    pub(super) const fn calling(&self) -> Option<&Calling> {
        if let Self::Call(calling) = self { Some(calling) } else { None }
    }

    /// The event that it places, and in which vehicle's crossing.
    pub(super) fn placement(&self) -> Option<(&str, usize)> {
        if let Self::Place { event, vehicle } = self { Some((event, *vehicle)) } else { None }
    }

    /// What it tells of the outage, for the one who watches.
    pub(super) const fn outage(&self) -> Option<&'static str> {
        if let Self::Outage(act) = self { act.in_words() } else { None }
    }

    /// Whether it is done when all else of the round has been answered: calls depend on who is known to wait.
    pub(super) const fn waits_for_the_round(&self) -> bool {
        match self {
            Self::Call(_)
            | Self::Trespass(
                Trespass::NotFirst { .. } | Trespass::CalledAlready { .. } | Trespass::PlacedAlready { .. },
            ) => true,
            Self::Book { .. }
            | Self::BookAgain { .. }
            | Self::State(_)
            | Self::Place { .. }
            | Self::Outage(_)
            | Self::Trespass(_) => false,
        }
    }

    /// Whether it changes anything at its checkpoint.
    pub(super) fn changes_a_checkpoint(&self) -> bool {
        match self {
            Self::Book { .. } | Self::Call(_) | Self::Place { .. } => true,
            Self::State(parcel) => parcel.items.iter().any(|item| match item.expected {
                Expected::Is(Outcome::Duplicate | Outcome::Refused) | Expected::Refused(_) => false,
                Expected::Is(Outcome::Recorded | Outcome::Unmatched | Outcome::Contradictory)
                | Expected::RecordedOrUnmatched => true,
            }),
            Self::BookAgain { .. } | Self::Outage(_) | Self::Trespass(_) => false,
        }
    }
}

/// Something that a post does in a round.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Act {
    pub(super) round: usize,
    pub(super) post: Post,
    pub(super) deed: Deed,
}

/// The whole day.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Script {
    /// What the ids of this run begin with, so that a day can be played again.
    pub(super) label: String,
    pub(super) vehicles: Vec<Vehicle>,
    /// In order of rounds, and within a round and post in the order in which they are done.
    pub(super) acts: Vec<Act>,
}
