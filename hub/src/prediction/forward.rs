//! Works one lane forward: who enters when, if things go on as measured. The rule that merges the queues is
//! the one that calls ([`crate::queue::ranking`]), so a forecast and a call can only differ by what happens
//! meanwhile.
//!
//! What happens meanwhile enters as expectations. Vehicles that are still to join are added at their measured
//! rate, so priority vehicles and those with slots pass whoever waits now. A vehicle that may cancel or not
//! come takes that much less of the capacity. Capacity is vehicles an hour by hour of the clock, from the
//! hour in which now lies; closed hours have none.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::calendar::{HOURS_OF_WEEK, after, hours_between, into_hour};
use crate::queue::BookingId;
use crate::queue::ranking::{Contender, Line, Merge, Place, Standing, Turns};

/// Nothing is forecast further ahead, in hours: 45 days.
pub const FURTHEST_HOURS: f64 = 1080.0;

/// The booking of a vehicle that is only expected. Real ids are UUIDv7.
const EXPECTED: BookingId = BookingId(Uuid::nil());

/// What is lost between a booking and an entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Losses {
    /// Cancellations per waiting vehicle and hour.
    pub cancelled_per_hour: f64,
    /// The part of the called, 0 to 1, that do not come.
    pub absent_share: f64,
    /// The part of the called, 0 to 1, that do not come and whose booking ends. Who is put back into the
    /// queue is counted as joining then, and not when it joined first: of those that are still to join these
    /// alone are lost.
    pub ended_share: f64,
}

/// How many of the called did not come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Missed {
    /// Those whose booking ended.
    pub ended: f64,
    /// Those that were put back into the queue.
    pub put_back: f64,
}

impl Losses {
    /// The most cancellations per hour that are believed: beyond, a queue would melt away before it moves.
    const MOST_CANCELLED_PER_HOUR: f64 = 0.1;

    /// From what was counted. Where little was, close to nothing is lost.
    #[must_use]
    pub fn measured(cancelled: f64, vehicle_hours: f64, missed: Missed, called: f64) -> Self {
        /// Losses are shrunk as if this much had been seen without any.
        const PRIOR_VEHICLE_HOURS: f64 = 500.0;
        const PRIOR_CALLS: f64 = 50.0;
        let Missed { ended, put_back } = missed;
        let share = |absent: f64| (absent / (called + PRIOR_CALLS)).clamp(0.0, 0.9);
        Self {
            cancelled_per_hour: (cancelled / (vehicle_hours + PRIOR_VEHICLE_HOURS))
                .clamp(0.0, Self::MOST_CANCELLED_PER_HOUR),
            absent_share: share(ended + put_back),
            ended_share: share(ended),
        }
    }

    /// How likely a vehicle still comes that was called so many hours ago: nearly all come in about the time
    /// of the way, so who has not come much later is likely one of those who never do.
    #[must_use]
    pub fn still_coming(&self, hours_since_call: f64, way_hours: f64) -> f64 {
        let late = (hours_since_call - way_hours).max(0.0);
        let coming = (1.0 - self.absent_share) * (-late / (way_hours / 2.0).max(0.1)).exp();
        let total = coming + self.absent_share;
        if total > 0.0 { coming / total } else { 0.0 }
    }

    /// How much of a place a vehicle that waits now will take when its turn comes in `hours`.
    fn taken(&self, hours: f64) -> f64 {
        (-self.cancelled_per_hour * hours).exp() * (1.0 - self.absent_share)
    }
}

/// Vehicles that are expected to join.
#[derive(Debug, Clone, PartialEq)]
pub struct Newcomers {
    /// Which turns they take; none: they come with slots, and the rates are of slots' beginnings.
    pub contender: Option<Contender>,
    /// Vehicles an hour, by hour of the clock from that in which now lies; the last week goes on.
    pub per_hour: Vec<f64>,
}

/// What is known of a lane at a moment.
#[derive(Debug, Clone)]
pub struct Outlook<'a> {
    /// The moment.
    pub now: DateTime<Utc>,
    /// How the queues are merged.
    pub merge: &'a Merge,
    /// Whose turn it is.
    pub turns: &'a Turns,
    /// Who waits, called vehicles not among them.
    pub line: Line,
    /// How many of the called are expected to enter still: they do so before all others.
    pub on_the_way: f64,
    /// Vehicles let in an hour, by hour of the clock from that in which now lies; the last week goes on.
    pub entries_per_hour: &'a [f64],
    /// Who is expected to join.
    pub newcomers: &'a [Newcomers],
    /// What is lost.
    pub losses: Losses,
}

/// When a vehicle is expected to enter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// The vehicle.
    pub booking: BookingId,
    /// Its place among those not called, from 1.
    pub place: u32,
    /// Hours from now.
    pub hours: f64,
}

/// Works the lane forward until everyone who waits has entered, or [`FURTHEST_HOURS`] are over: those left
/// have no forecast. In the order of entry.
#[must_use]
pub fn work_forward(outlook: Outlook<'_>) -> Vec<Forecast> {
    let Outlook { now, merge, turns, mut line, on_the_way, entries_per_hour, newcomers, losses } = outlook;
    let mut turns = turns.clone();
    let mut left = line.len();
    let mut forecasts = Vec::with_capacity(left);
    let mut gate = Pace::new(entries_per_hour, now);
    let mut streams: Vec<Stream<'_>> = newcomers.iter().map(|each| Stream::of(each, now)).collect();
    if !gate.advance(on_the_way) {
        return forecasts;
    }
    // Whoever is still to be called has the way before them, however few are on it.
    gate.wait_until(merge.lead().as_seconds_f64() / 3600.0);
    while left > 0 && gate.open() {
        let at = after(now, gate.hours());
        for stream in &mut streams {
            stream.join(&mut line, now, at);
        }
        // A slot counts as long before as the way takes; what is worked out here is the entry, at its end.
        let Some(chosen) = line.next(merge, &mut turns, at - merge.lead()) else {
            let Some(counts_from) = line.next_slot_counts_from(merge) else { break };
            let opens = hours_between(now, counts_from + merge.lead());
            // Where rounding left nothing to do, a second is enough to get on.
            gate.wait_until(opens.max(gate.hours() + 1.0 / 3600.0));
            continue;
        };
        let Place { booking, .. } = chosen.place;
        let expected = booking == EXPECTED;
        let begun = gate.hours();
        let share = if expected { 1.0 - losses.ended_share } else { losses.taken(begun) };
        gate.advance(share);
        if !expected {
            left -= 1;
            let place = u32::try_from(forecasts.len() + 1).unwrap_or(u32::MAX);
            forecasts.push(Forecast { booking, place, hours: begun });
        }
    }
    forecasts
}

/// Somebody is served along rates by hour.
struct Pace<'a> {
    per_hour: &'a [f64],
    /// How far now lies in its hour of the clock.
    begun_at: f64,
    /// Where it is, in hours since the hour of the clock began in which now lies: so the ends of hours are
    /// whole numbers.
    clock: f64,
}

impl<'a> Pace<'a> {
    fn new(per_hour: &'a [f64], now: DateTime<Utc>) -> Self {
        let begun_at = into_hour(now);
        Self { per_hour, begun_at, clock: begun_at }
    }

    /// Where it is, in hours from now.
    fn hours(&self) -> f64 {
        self.clock - self.begun_at
    }

    /// Goes on to so many hours from now, if it is not there yet.
    fn wait_until(&mut self, hours: f64) {
        self.clock = self.clock.max(self.begun_at + hours);
    }

    /// The rate of an hour of the clock. After the last hour that is given, the last week goes on; where less
    /// than a week is given, the last day.
    fn rate(&self, hour: usize) -> f64 {
        let given = self.per_hour.len();
        let goes_on = if given < HOURS_OF_WEEK { 24 } else { HOURS_OF_WEEK };
        let index = match (hour.checked_sub(given), given.checked_sub(goes_on)) {
            (None, _) => hour,
            (Some(_), None) => given.saturating_sub(1),
            (Some(beyond), Some(before)) => before + beyond % goes_on,
        };
        self.per_hour.get(index).copied().unwrap_or_default().max(0.0)
    }

    /// Goes on until so many vehicles were served, and tells whether that comes to an end in time.
    fn advance(&mut self, vehicles: f64) -> bool {
        let mut left = vehicles;
        while left > 0.0 {
            if self.hours() > FURTHEST_HOURS {
                return false;
            }
            let (hour, ends) = self.hour();
            let rate = self.rate(hour);
            let served = rate * (ends - self.clock);
            if served >= left {
                self.clock = (self.clock + left / rate).min(ends);
                return true;
            }
            left -= served;
            self.clock = ends;
        }
        true
    }

    /// Goes on to the next hour that lets somebody in, and tells whether there is one in time.
    fn open(&mut self) -> bool {
        while self.hours() <= FURTHEST_HOURS {
            let (hour, ends) = self.hour();
            if self.rate(hour) > 0.0 {
                return true;
            }
            self.clock = ends;
        }
        false
    }

    /// The hour of the clock that it is at, and when that ends.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "0 to FURTHEST_HOURS and an hour"
    )]
    fn hour(&self) -> (usize, f64) {
        let hour = self.clock as usize;
        (hour, (hour + 1) as f64)
    }
}

/// Those who join one queue, one after the other, as their rate adds up: the first when half a one is due.
struct Stream<'a> {
    contender: Option<Contender>,
    pace: Pace<'a>,
    more: bool,
}

impl<'a> Stream<'a> {
    fn of(newcomers: &'a Newcomers, now: DateTime<Utc>) -> Self {
        let mut pace = Pace::new(&newcomers.per_hour, now);
        let more = pace.advance(0.5);
        Self { contender: newcomers.contender, pace, more }
    }

    fn join(&mut self, line: &mut Line, now: DateTime<Utc>, until: DateTime<Utc>) {
        while self.more {
            let since = after(now, self.pace.hours());
            if since > until {
                return;
            }
            let standing = match self.contender {
                Some(contender) => Standing::Turn(contender),
                None => Standing::Slot { starts_at: since },
            };
            line.add(Place {
                standing,
                since: since.max(now + TimeDelta::milliseconds(1)),
                booking: EXPECTED,
            });
            self.more = self.pace.advance(1.0);
        }
    }
}

#[cfg(test)]
mod tests;
