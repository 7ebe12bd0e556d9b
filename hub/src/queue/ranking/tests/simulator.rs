//! A small simulator: vehicles come to the zone, a place comes free every few minutes, the next is called;
//! some stretches are paused. What happened is kept, and can be played again.

use super::*;

/// Somebody who comes to the zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comes {
    /// When, in minutes.
    pub(super) at: i64,
    /// Booked in a slot that begins so many minutes after 12:00.
    pub(super) slot: Option<i64>,
    /// Or in a class; one that is out of the rules is the live queue.
    pub(super) class: usize,
}

/// A call as it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Called {
    pub(super) at: i64,
    pub(super) place: Place,
    pub(super) by: ChosenBy,
    /// The credits before and after.
    pub(super) before: StoredTurns,
    pub(super) after: StoredTurns,
}

/// How long slots are, in minutes.
pub(super) const SLOT: i64 = 30;

pub(super) struct Day<'a> {
    pub(super) merge: &'a Merge,
    pub(super) comes: &'a [Comes],
    /// A place comes free so often, in minutes.
    pub(super) every: i64,
    /// The lane is paused from and until, in minutes.
    pub(super) paused: (i64, i64),
    /// How long it lasts, in minutes.
    pub(super) lasts: i64,
}

impl Day<'_> {
    pub(super) fn places(&self) -> Vec<(i64, Place)> {
        self.comes
            .iter()
            .enumerate()
            .map(|(number, comes)| {
                let class = format!("class-{}", comes.class);
                let queued = match comes.slot {
                    Some(from) => slot(from, from + SLOT),
                    None => Queued::Priority { class: &class },
                };
                let number = u128::try_from(number).unwrap();
                (comes.at, self.merge.place(id(number), queued, noon(comes.at), Some(noon(comes.at))))
            })
            .collect()
    }

    /// Plays the day, one line kept from call to call.
    pub(super) fn play(&self) -> Vec<Called> {
        let mut coming = self.places();
        coming.sort_unstable();
        let mut coming = coming.into_iter().peekable();
        let (mut line, mut turns) = (Line::empty(self.merge), Turns::none(self.merge));
        let mut called = Vec::new();
        for at in 0..self.lasts {
            while let Some((_, place)) = coming.next_if(|(comes_at, _)| *comes_at <= at) {
                line.add(place);
            }
            if at % self.every == 0 && !(self.paused.0..self.paused.1).contains(&at) {
                let before = turns.stored(self.merge);
                if let Some(Chosen { place, by }) = line.next(self.merge, &mut turns, noon(at)) {
                    called.push(Called { at, place, by, before, after: turns.stored(self.merge) });
                }
            }
        }
        called
    }
}
