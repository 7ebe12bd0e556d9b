//! The rules of merging, made ready for many decisions, and where a booking stands by them.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::rules::{CallRules, MergeRules};

use crate::queue::model::BookingId;

/// One of those that take turns: a class of the priority queue, in the order of the rules, or the live queue,
/// which comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Contender(pub(super) usize);

/// Which queue a booking is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued<'a> {
    /// Called in its slot.
    PreBooked {
        /// When its slot begins.
        slot_starts_at: DateTime<Utc>,
        /// When its slot ends.
        slot_ends_at: DateTime<Utc>,
    },
    /// Called at the nearest free time.
    Live,
    /// Put first by the law, in a class of the checkpoint's rules.
    Priority {
        /// The class's code.
        class: &'a str,
    },
}

/// Where a booking stands by the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// Before all others, from this moment on.
    Slot {
        /// When its slot begins.
        starts_at: DateTime<Utc>,
    },
    /// It waits for a turn of its class, or of the live queue.
    Turn(Contender),
}

/// A vehicle's place in the line of its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Where it stands.
    pub standing: Standing,
    /// Since when it stands there.
    pub since: DateTime<Utc>,
    /// Its booking.
    pub booking: BookingId,
}

/// The rules of merging of a checkpoint, made ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The classes' codes, in the order of their turns.
    classes: Vec<String>,
    /// The weights, of the live queue last.
    weights: Vec<i32>,
    /// All weights together: the turns of a round.
    round: i32,
    /// How long before its slot a pre-booked vehicle may be called.
    lead: TimeDelta,
}

impl Merge {
    /// Makes the rules ready.
    #[must_use]
    pub fn of(merge: &MergeRules, call: &CallRules) -> Self {
        let weights: Vec<i32> = merge
            .classes
            .iter()
            .map(|class| i32::from(class.weight))
            .chain(std::iter::once(i32::from(merge.live_weight)))
            .collect();
        Self {
            classes: merge.classes.iter().map(|class| class.class.clone()).collect(),
            round: weights.iter().sum(),
            weights,
            lead: TimeDelta::minutes(i64::from(call.lead_minutes)),
        }
    }

    /// Where a booking stands. `queued_at`: since when it is in its queue; `zone_arrived_at`: when it came to
    /// a waiting zone, if it has. A class that the rules do not know (any more) stands in the live queue.
    #[must_use]
    pub fn place(
        &self,
        booking: BookingId,
        queued: Queued<'_>,
        queued_at: DateTime<Utc>,
        zone_arrived_at: Option<DateTime<Utc>>,
    ) -> Place {
        let (standing, since) = match queued {
            Queued::PreBooked { slot_starts_at, slot_ends_at } => {
                match zone_arrived_at.filter(|arrived| *arrived >= slot_ends_at) {
                    Some(late) => (Standing::Turn(self.live()), late.max(queued_at)),
                    None => (Standing::Slot { starts_at: slot_starts_at }, queued_at),
                }
            }
            Queued::Live => (Standing::Turn(self.live()), queued_at),
            Queued::Priority { class } => {
                (Standing::Turn(self.class(class).unwrap_or_else(|| self.live())), queued_at)
            }
        };
        Place { standing, since, booking }
    }

    /// The live queue.
    #[must_use]
    pub fn live(&self) -> Contender {
        Contender(self.classes.len())
    }

    /// The class of that code, if the rules know it.
    #[must_use]
    pub fn class(&self, code: &str) -> Option<Contender> {
        self.classes.iter().position(|known| known == code).map(Contender)
    }

    /// The code of a class; none of the live queue.
    #[must_use]
    pub fn code(&self, contender: Contender) -> Option<&str> {
        self.classes.get(contender.0).map(String::as_str)
    }

    /// Everyone who takes turns, in the order in which the first turns of equal credit go.
    pub fn contenders(&self) -> impl Iterator<Item = Contender> + use<> {
        (0..self.weights.len()).map(Contender)
    }

    /// The weight of one of them.
    #[must_use]
    pub fn weight(&self, contender: Contender) -> i32 {
        self.weights.get(contender.0).copied().unwrap_or_default()
    }

    /// The turns of a round: all weights together.
    #[must_use]
    pub const fn round(&self) -> i32 {
        self.round
    }

    /// How long before its slot a pre-booked vehicle may be called.
    #[must_use]
    pub const fn lead(&self) -> TimeDelta {
        self.lead
    }

    /// With which turn, counted from when it became first of its class, a vehicle is called at the latest: `4
    /// n W / w + 1`.
    ///
    /// Credits stay within `2 W`. While it waits it gains `w` a turn, and what the others have together falls
    /// by `w`, whoever of them waits. After `2 W / w` turns it has no debt. From then on the turn goes to
    /// somebody who had more than `-W`, so the others have more than `-2 (n - 1) W` together; they began with
    /// `2 (n - 1) W` at most.
    #[must_use]
    pub fn longest_wait(&self, contender: Contender) -> i32 {
        let weight = self.weight(contender).max(1);
        let contenders = i32::try_from(self.weights.len()).unwrap_or(i32::MAX);
        (4 * contenders * self.round).div_euclid(weight) + 1
    }
}
