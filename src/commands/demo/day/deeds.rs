//! What the systems do, also what they must not.

use kordon_schemas::ProblemCode;
use kordon_schemas::events::Outcome;

use super::{Expected, Parcel, Post, Vehicle};

/// A call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Calling {
    /// The vehicle.
    pub(crate) vehicle: usize,
    /// Its place among those that wait in the zone, from 1.
    pub(crate) place: u32,
    /// How many wait in the zone.
    pub(crate) waiting: u32,
    /// Why it goes before others, if it does.
    pub(crate) reason: Option<&'static str>,
}

/// What the first line does about an outage of ETS. There is one outage a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutageAct {
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
pub(crate) enum Trespass {
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
    /// The queue operator places what the border guard stated.
    PlacedByOther { vehicle: usize },
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
    pub(crate) const fn code(self) -> ProblemCode {
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
            Self::PlacedByOther { .. } => ProblemCode::KindNotAllowed,
            Self::PlacedAlready { .. } => ProblemCode::AlreadyPlaced,
            Self::NoVersion => ProblemCode::PreconditionRequired,
            Self::OldVersion => ProblemCode::PreconditionFailed,
            Self::OutageOver => ProblemCode::OutageOver,
        }
    }
}

/// What a post does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Deed {
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
    pub(crate) const fn booked(&self) -> Option<usize> {
        if let Self::Book { vehicle } = self { Some(*vehicle) } else { None }
    }

    /// The events that it states.
    pub(crate) const fn parcel(&self) -> Option<&Parcel> {
        if let Self::State(parcel) = self { Some(parcel) } else { None }
    }

    /// The call that it makes.
    pub(crate) const fn calling(&self) -> Option<&Calling> {
        if let Self::Call(calling) = self { Some(calling) } else { None }
    }

    /// The event that it places, and in which vehicle's crossing.
    pub(crate) fn placement(&self) -> Option<(&str, usize)> {
        if let Self::Place { event, vehicle } = self { Some((event, *vehicle)) } else { None }
    }

    /// What it tells of the outage, for the one who watches.
    pub(crate) const fn outage(&self) -> Option<&'static str> {
        if let Self::Outage(act) = self { act.in_words() } else { None }
    }

    /// Whether it is done when all else of the round has been answered: calls depend on who is known to wait.
    pub(crate) const fn waits_for_the_round(&self) -> bool {
        match self {
            Self::Call(_)
            | Self::Trespass(
                Trespass::NotFirst { .. }
                | Trespass::CalledAlready { .. }
                | Trespass::PlacedByOther { .. }
                | Trespass::PlacedAlready { .. },
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
    pub(crate) fn changes_a_checkpoint(&self) -> bool {
        match self {
            Self::Book { .. } | Self::Call(_) | Self::Place { .. } => true,
            Self::State(parcel) => parcel.items.iter().any(|item| match item.expected {
                Expected::Is(Outcome::Duplicate | Outcome::Refused) | Expected::Refused(_) => false,
                Expected::Is(Outcome::Recorded | Outcome::Unmatched | Outcome::Contradictory)
                | Expected::RecordedOrUnmatched
                | Expected::UnmatchedOrContradictory => true,
            }),
            Self::BookAgain { .. } | Self::Outage(_) | Self::Trespass(_) => false,
        }
    }
}

/// Something that a post does in a round.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Act {
    pub(crate) round: usize,
    pub(crate) post: Post,
    pub(crate) deed: Deed,
}

/// The whole day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Script {
    /// What the ids of this run begin with, so that a day can be played again.
    pub(crate) label: String,
    pub(crate) vehicles: Vec<Vehicle>,
    /// In order of rounds, and within a round and post in the order in which they are done.
    pub(crate) acts: Vec<Act>,
}
