//! From what was counted in a lane to a forecast for everyone who waits there. Pure: the service and the
//! back-test hand in the same.

use chrono::{DateTime, Utc};

use super::calendar::{hour_of, hours_from, into_hour};
use super::forward::{self, Forecast, Losses, Newcomers, Outlook};
use super::throughput::{Basis, MeasuredHour, Memory, Plan, Rate};
use crate::queue::ranking::{Line, Merge, Turns};

/// How far ahead rates are worked out hour by hour; beyond, the last week goes on.
const HOURS_AHEAD: usize = 15 * 24;

/// What was counted in a lane over the last weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneHistory {
    /// Entries, exposed while the lane was open, not paused, and somebody waited.
    pub entries: Vec<MeasuredHour>,
    /// Who joined, by contender in the order of the merge rules, the live queue last.
    pub joined: Vec<Vec<MeasuredHour>>,
    /// Vehicles whose slots began in each hour.
    pub slots: Vec<MeasuredHour>,
    /// How many hours before its slot each of these was booked, in ascending order.
    pub slot_leads: Vec<f64>,
    /// What is lost between booking and entry.
    pub losses: Losses,
    /// The part of the opening hours, 0 to 1, in which the lane was not paused.
    pub open_share: f64,
}

/// A lane at a moment.
#[derive(Debug, Clone)]
pub struct LaneNow<'a> {
    /// The moment.
    pub now: DateTime<Utc>,
    /// How the queues are merged.
    pub merge: &'a Merge,
    /// Whose turn it is.
    pub turns: &'a Turns,
    /// Who waits, but for those that were passed over.
    pub line: Line,
    /// How many hours ago each of those was called that have not entered. Hours in which the lane was paused
    /// do not count: the called have them back.
    pub called_hours_ago: &'a [f64],
    /// The rules' capacity by hour of the week; none: they name none.
    pub plan: Option<&'a Plan>,
}

/// The forecasts of a lane and what they rest on.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneForecast {
    /// Of everyone who waits and enters within [`forward::FURTHEST_HOURS`], in the order of entry.
    pub forecasts: Vec<Forecast>,
    /// What the throughput rests on.
    pub basis: Basis,
}

/// Forecasts the entry of everyone who waits in a lane. `None` when its throughput is neither measured nor
/// planned.
#[must_use]
pub fn forecast(lane: LaneNow<'_>, history: &LaneHistory) -> Option<LaneForecast> {
    let LaneNow { now, merge, turns, line, called_hours_ago, plan } = lane;
    let LaneHistory { entries, joined, slots, slot_leads, losses, open_share } = history;
    let throughput = Rate::measure(entries, plan, Memory::THROUGHPUT)?;
    let entries_per_hour = less_pauses(ahead(&throughput, now), *open_share, now);
    let mut newcomers: Vec<Newcomers> = merge
        .contenders()
        .zip(joined)
        .filter_map(|(contender, hours)| {
            let rate = Rate::measure(hours, None, Memory::ARRIVALS)?;
            Some(Newcomers { contender: Some(contender), per_hour: ahead(&rate, now) })
        })
        .collect();
    if let Some(rate) = Rate::measure(slots, None, Memory::ARRIVALS) {
        newcomers.push(Newcomers { contender: None, per_hour: unsold(ahead(&rate, now), slot_leads, now) });
    }
    let way_hours = merge.lead().as_seconds_f64() / 3600.0;
    let on_the_way = called_hours_ago.iter().map(|hours| losses.still_coming(*hours, way_hours)).sum();
    let outlook = Outlook {
        now,
        merge,
        turns,
        line,
        on_the_way,
        entries_per_hour: &entries_per_hour,
        newcomers: &newcomers,
        losses: *losses,
    };
    Some(LaneForecast { forecasts: forward::work_forward(outlook), basis: throughput.basis() })
}

/// What is expected by hour of the clock, from the hour in which now lies: a lane opens and closes by the
/// clock.
fn ahead(rate: &Rate, now: DateTime<Utc>) -> Vec<f64> {
    let mut hours_ahead = -1.0 - into_hour(now);
    hours_from(hour_of(now))
        .take(HOURS_AHEAD)
        .map(|hour| {
            hours_ahead += 1.0;
            rate.expected(hour, hours_ahead)
        })
        .collect()
}

/// A pause that nobody foresees is expected from an hour from now on: that there is none now is known.
fn less_pauses(mut per_hour: Vec<f64>, open_share: f64, now: DateTime<Utc>) -> Vec<f64> {
    let share = open_share.clamp(0.05, 1.0);
    let known_open = into_hour(now);
    // The hour from now ends within the second hour of the clock.
    let second = share.mul_add(1.0 - known_open, known_open);
    for (rate, share) in per_hour.iter_mut().zip([1.0, second].into_iter().chain(std::iter::repeat(share))) {
        *rate *= share;
    }
    per_hour
}

/// What is expected for slots, less what is booked by now: of each hour, the share that is usually booked
/// later than this.
#[expect(clippy::cast_precision_loss, reason = "nobody sells 2^52 places")]
fn unsold(mut per_hour: Vec<f64>, slot_leads: &[f64], now: DateTime<Utc>) -> Vec<f64> {
    let now = into_hour(now);
    let mut ends = 1.0;
    for rate in &mut per_hour {
        // From now to the middle of the hour, or of what is left of it.
        let begins_in = f64::midpoint(now.max(ends - 1.0), ends) - now;
        let later = slot_leads.partition_point(|lead| *lead < begins_in);
        *rate *= later as f64 / (slot_leads.len() as f64).max(1.0);
        ends += 1.0;
    }
    per_hour
}

#[cfg(test)]
mod tests;
