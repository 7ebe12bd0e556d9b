//! How much more time a pause gives to those who were called. Pauses of a lane and of the whole checkpoint
//! may overlap; what counts is the stretch in which the lane stood under any of them. It is given back once,
//! whole, when the last of them ends, so that each instant of it counts once. Until then nobody of the lane
//! is found absent.

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
    /// `None`: it lasts.
    end: Option<End>,
}

impl Stretch {
    /// Whether the lane stands.
    pub(super) const fn lasts(self) -> bool {
        self.end.is_none()
    }

    /// The deadline of a call that has more time by this stretch; while it lasts, by what it has taken until
    /// `now`. None: the call's time was over before, or it was given afterwards. A call of within the stretch
    /// has as much more as was left of it.
    pub(super) fn deadline_of(self, call: CallWindow, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let CallWindow { called_at, deadline_at } = call;
        let until = self.end.map_or(now, |end| end.at);
        let stood = until - self.from.max(called_at);
        (deadline_at > self.from && stood > TimeDelta::zero()).then(|| deadline_at + stood)
    }

    /// The stretch by itself and a pause that overlaps with it.
    fn with(self, pause: &Span) -> Self {
        let end = self
            .end
            .zip(pause.end)
            .map(|(own, other)| End { position: own.position.max(other.position), at: own.at.max(other.at) });
        Self { from: self.from.min(pause.paused_at), end }
    }
}

/// The stretches of a lane, the first first. `pauses`, in any order, are all that they may consist of.
///
/// Which pauses overlap is read from their positions: of two that meet at one instant, the journal knows
/// which came first.
pub(super) fn of_lane(lane: &str, pauses: &[Span]) -> Vec<Stretch> {
    let mut own: Vec<&Span> = pauses.iter().filter(|pause| pause.covers(lane)).collect();
    own.sort_unstable_by_key(|pause| pause.position);
    let mut stretches: Vec<Stretch> = Vec::with_capacity(own.len());
    for pause in own {
        let stretch = Stretch { from: pause.paused_at, end: pause.end };
        match stretches.last_mut() {
            Some(last) if last.end.is_none_or(|end| end.position > pause.position) => {
                *last = last.with(pause)
            }
            // The one before reaches into this one only where clocks differ.
            Some(Stretch { end: Some(before), .. }) => {
                let from = stretch.from.max(before.at);
                stretches.push(Stretch { from, ..stretch });
            }
            Some(Stretch { end: None, .. }) | None => stretches.push(stretch),
        }
    }
    stretches
}

/// The stretch of a lane that ended with the pause at a position, which is the last that ended. None when
/// that pause was not one of the lane, or when the lane is paused still.
pub(super) fn ended_with(position: i64, lane: &str, pauses: &[Span]) -> Option<Stretch> {
    let mut own = pauses.iter().filter(|pause| pause.covers(lane));
    let ended = own.find(|pause| pause.position == position)?.end?;
    of_lane(lane, pauses)
        .pop()
        .filter(|stretch| stretch.end.is_some_and(|end| end.position == ended.position))
}

/// When a call that is handed in after pauses of its lane has to be obeyed by: with the time in which the
/// lane stood since, as if it had been known when they ended. What lasts is given when it ends.
pub(super) fn after_those_over(call: CallWindow, lane: &str, pauses: &[Span]) -> CallWindow {
    let over = of_lane(lane, pauses).into_iter().filter(|stretch| !stretch.lasts());
    over.fold(call, |call, stretch| match stretch.deadline_of(call, call.deadline_at) {
        Some(deadline_at) => CallWindow { deadline_at, ..call },
        None => call,
    })
}

#[cfg(test)]
mod tests;
