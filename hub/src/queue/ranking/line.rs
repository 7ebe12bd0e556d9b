//! Who waits in a lane, and who is next.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::merge::{Contender, Merge, Place, Standing};
use super::turns::Turns;
use crate::queue::model::BookingId;

/// Which rule put a vehicle first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChosenBy {
    /// Its slot has begun.
    Slot,
    /// It was the turn of its class, or of the live queue.
    Turn(Contender),
}

/// Who is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// Its place.
    pub place: Place,
    /// Why.
    pub by: ChosenBy,
}

type Slot = (DateTime<Utc>, DateTime<Utc>, BookingId);
type Since = (DateTime<Utc>, BookingId);

/// The vehicles of a lane that can be called, each queue in its order. Cheap to copy; taking the first is
/// constant, adding one that came last nearly so.
#[derive(Debug, Clone)]
pub struct Line {
    slots: VecDeque<Slot>,
    turns: Vec<VecDeque<Since>>,
}

impl Line {
    /// Nobody waits.
    #[must_use]
    pub fn empty(merge: &Merge) -> Self {
        Self { slots: VecDeque::new(), turns: merge.contenders().map(|_| VecDeque::new()).collect() }
    }

    /// A line of those who stand at `places`, handed in in any order.
    #[must_use]
    pub fn of(merge: &Merge, places: impl IntoIterator<Item = Place>) -> Self {
        let mut line = Self::empty(merge);
        for Place { standing, since, booking } in places {
            match standing {
                Standing::Slot { starts_at } => line.slots.push_back((starts_at, since, booking)),
                Standing::Turn(contender) => {
                    if let Some(queue) = line.turns.get_mut(contender.0) {
                        queue.push_back((since, booking));
                    }
                }
            }
        }
        line.slots.make_contiguous().sort_unstable();
        for queue in &mut line.turns {
            queue.make_contiguous().sort_unstable();
        }
        line
    }

    /// Adds one.
    pub fn add(&mut self, place: Place) {
        let Place { standing, since, booking } = place;
        match standing {
            Standing::Slot { starts_at } => insert(&mut self.slots, (starts_at, since, booking)),
            Standing::Turn(contender) => {
                if let Some(queue) = self.turns.get_mut(contender.0) {
                    insert(queue, (since, booking));
                }
            }
        }
    }

    /// Takes one out, and tells whether it was there.
    pub fn remove(&mut self, place: Place) -> bool {
        let Place { standing, since, booking } = place;
        match standing {
            Standing::Slot { starts_at } => take_out(&mut self.slots, &(starts_at, since, booking)),
            Standing::Turn(contender) => {
                self.turns.get_mut(contender.0).is_some_and(|queue| take_out(queue, &(since, booking)))
            }
        }
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len() + self.turns.iter().map(VecDeque::len).sum::<usize>()
    }

    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.turns.iter().all(VecDeque::is_empty)
    }

    /// The first pre-booked vehicles, by slot.
    pub fn slots(&self) -> impl Iterator<Item = Place> + '_ {
        self.slots.iter().map(|&slot| by_slot(slot))
    }

    /// Those who wait for a turn of one contender, in their order.
    pub fn waiting(&self, contender: Contender) -> impl Iterator<Item = Place> + '_ {
        self.turns.get(contender.0).into_iter().flatten().map(move |&since| by_turn(contender, since))
    }

    /// Takes out who is to be called next at `now`, and gives the turn where it was a turn. None: nobody can
    /// be called now.
    pub fn next(&mut self, merge: &Merge, turns: &mut Turns, now: DateTime<Utc>) -> Option<Chosen> {
        if let Some(&(starts_at, ..)) = self.slots.front()
            && starts_at - merge.lead() <= now
        {
            return self.slots.pop_front().map(|slot| Chosen { place: by_slot(slot), by: ChosenBy::Slot });
        }
        let waits = |contender: Contender| self.turns.get(contender.0).is_some_and(|queue| !queue.is_empty());
        let contender = turns.take(merge, waits)?;
        let first = self.turns.get_mut(contender.0)?.pop_front()?;
        Some(Chosen { place: by_turn(contender, first), by: ChosenBy::Turn(contender) })
    }

    /// When the next slot begins to count, if somebody waits for one.
    #[must_use]
    pub fn next_slot_counts_from(&self, merge: &Merge) -> Option<DateTime<Utc>> {
        self.slots.front().map(|(starts_at, ..)| *starts_at - merge.lead())
    }

    /// Everyone in the order in which they would be called if nobody else came. `after` says when the call
    /// that follows one at a given moment can be given: by the capacity, or by what was measured. Where no
    /// capacity is known, time stands still: those whose slots lie ahead come after everyone who takes turns.
    #[must_use]
    pub fn rank(
        mut self,
        merge: &Merge,
        turns: &Turns,
        now: DateTime<Utc>,
        mut after: impl FnMut(DateTime<Utc>) -> DateTime<Utc>,
    ) -> Vec<Place> {
        let mut turns = turns.clone();
        let mut order = Vec::with_capacity(self.len());
        let mut at = now;
        loop {
            if let Some(chosen) = self.next(merge, &mut turns, at) {
                order.push(chosen.place);
                at = at.max(after(at));
            } else if let Some(counts_from) = self.next_slot_counts_from(merge) {
                at = counts_from;
            } else {
                return order;
            }
        }
    }
}

fn by_slot((starts_at, since, booking): Slot) -> Place {
    Place { standing: Standing::Slot { starts_at }, since, booking }
}

fn by_turn(contender: Contender, (since, booking): Since) -> Place {
    Place { standing: Standing::Turn(contender), since, booking }
}

fn insert<T: Ord>(queue: &mut VecDeque<T>, new: T) {
    if queue.back().is_none_or(|last| *last <= new) {
        queue.push_back(new);
    } else {
        let at = queue.partition_point(|each| *each < new);
        queue.insert(at, new);
    }
}

fn take_out<T: Ord>(queue: &mut VecDeque<T>, wanted: &T) -> bool {
    queue.binary_search(wanted).ok().and_then(|at| queue.remove(at)).is_some()
}
