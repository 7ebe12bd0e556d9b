//! How much more time a pause gives to those who were called. Pauses of a lane and of the whole checkpoint may overlap; what counts
//! is the stretch in which the lane stood under any of them. It is given back once, whole, when the last of them ends, so that each
//! instant of it counts once. Until then nobody of the lane is found absent.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};

use crate::crossings::model::CallWindow;

/// The end of a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// Its position in the journal.
    pub(super) position: i64,
    /// When it was.
    pub(super) at: DateTime<Utc>,
}

/// A pause from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// The lane. `None`: all of the checkpoint.
    pub(super) lane: Option<String>,
    /// Its position in the journal.
    pub(super) position: i64,
    /// When it began.
    pub(super) paused_at: DateTime<Utc>,
    /// Its end. `None`: it lasts.
    pub(super) end: Option<End>,
}

impl Span {
    fn covers(&self, lane: &str) -> bool {
        self.lane.as_deref().is_none_or(|paused| paused == lane)
    }
}

/// A time in which a lane was paused, by one pause or by several that overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Stretch {
    /// The deadline of a call that has more time by this stretch. None: its time was over before, or it was called afterwards. A
    /// call of within the stretch has as much more as was left of it.
    pub(super) fn deadline_of(self, call: CallWindow) -> Option<DateTime<Utc>> {
        let CallWindow { called_at, deadline_at } = call;
        let stood = self.until - self.from.max(called_at);
        (deadline_at > self.from && stood > TimeDelta::zero()).then(|| deadline_at + stood)
    }
}

/// The stretch of a lane that ended with the pause at a position, which is the last that ended. None when that pause was not one of
/// the lane, or when the lane is paused still. `pauses`, in any order, are all that stretch may consist of.
///
/// Which pauses overlap is read from their positions: of two that meet at one instant, the journal knows which came first.
pub(super) fn ended_with(position: i64, lane: &str, pauses: &[Span]) -> Option<Stretch> {
    let mut ended = Vec::with_capacity(pauses.len());
    for pause in pauses.iter().filter(|pause| pause.covers(lane)) {
        // One that lasts goes on with the stretch.
        ended.push((pause.end?, pause));
    }
    ended.sort_unstable_by_key(|(end, _)| Reverse(end.position));
    let mut ended = ended.into_iter();
    let (end, last) = ended.next().filter(|(_, last)| last.position == position)?;
    let mut begun = last.position;
    let mut stretch = Stretch { from: last.paused_at, until: end.at };
    for (end, pause) in ended {
        if end.position > begun {
            begun = begun.min(pause.position);
            stretch.from = stretch.from.min(pause.paused_at);
            stretch.until = stretch.until.max(end.at);
        } else {
            // Of a stretch before, which was given back. It reaches into this one only where clocks differ.
            stretch.from = stretch.from.max(end.at);
        }
    }
    (stretch.from < stretch.until).then_some(stretch)
}

#[cfg(test)]
mod tests;
