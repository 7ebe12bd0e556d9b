//! What a played day consists of, as data: who is on the road, what happens, who says so when, and what has
//! to be answered.
//!
//! Two clocks. What happens before a vehicle is called lies in the last 24 hours, at its own time. A call is
//! dated by the hub itself, so it is made now, and what happens after it is dated from that moment on: a
//! minute of the day takes a millisecond there, and a vehicle's way from its zone across the border takes
//! less than half a second.

mod deeds;
mod events;

use chrono::{DateTime, TimeDelta, Utc};

pub(crate) use deeds::{Act, Calling, Deed, OutageAct, Script, Trespass};
pub(crate) use events::{Event, Expected, Form, Item, Manner, Parcel, Subject};

/// Seconds of an hour.
pub(crate) const HOUR: i64 = 3_600;

/// Seconds of the day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// The rounds in which the day is played: one an hour, and one after midnight for what comes late.
pub(crate) const ROUNDS: usize = 25;

/// The last round.
pub(crate) const LAST_ROUND: usize = ROUNDS - 1;

/// A checkpoint of the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Its code.
    pub(crate) code: &'static str,
    /// Its name in the table.
    pub(crate) name: &'static str,
    /// Its waiting zone.
    pub(crate) zone: &'static str,
    /// The letters that plates begin with here.
    pub(crate) region: &'static str,
}

/// The checkpoints of the demonstration: to Poland, Hungary and Romania.
pub(crate) const CHECKPOINTS: [Checkpoint; 3] = [
    Checkpoint { code: "UA209030", name: "Krakivets", zone: "KRAKIVETS-1", region: "BC" },
    Checkpoint { code: "UA305060", name: "Chop (Tysa)", zone: "TYSA-2", region: "AO" },
    Checkpoint { code: "UA408050", name: "Porubne", zone: "PORUBNE-1", region: "CE" },
];

/// A moment of the played day, in seconds since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(super) i64);

impl Moment {
    /// The moment that is so many seconds later.
    pub(crate) const fn after(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The round in which a prompt system tells what happens at this moment. What happens in the last five
    /// minutes of an hour is told in the next one: those minutes are the calls'.
    pub(crate) fn round(self) -> usize {
        usize::try_from((self.0 + HOUR / 12).div_euclid(HOUR)).unwrap_or_default().min(LAST_ROUND)
    }
}

/// When something happens. Everything after a call is later than everything of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum When {
    /// At a moment of the day.
    OfDay(Moment),
    /// So many seconds of the day after the vehicle was called.
    AfterCall(i64),
}

impl When {
    /// The instant, once it is known when the vehicle was called.
    pub(crate) fn instant(
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
pub(crate) enum System {
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
pub(crate) struct Post {
    /// Where, by its place in [`CHECKPOINTS`].
    pub(crate) checkpoint: usize,
    /// Which.
    pub(crate) system: System,
}

/// A vehicle with a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vehicle {
    /// Where, by its place in [`CHECKPOINTS`].
    pub(crate) checkpoint: usize,
    /// The booking's id in the operator's system.
    pub(crate) reference: String,
    /// The plate as it is booked.
    pub(crate) plate: String,
    /// Who drives.
    pub(crate) driver: Option<String>,
    /// When it is booked.
    pub(crate) booked: Moment,
}
