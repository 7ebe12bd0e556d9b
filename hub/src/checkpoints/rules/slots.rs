//! The grid of slots (clause 3): instants, made from local time. See
//! `docs/decisions/0030-slots-over-clock-changes.md`.
//!
//! Slots of up to an hour follow each other in real time from midnight of Kyiv; as clocks change by whole
//! hours, the slots of the hour that is missing do not exist and those of the hour that comes twice exist
//! twice. Slots of several hours keep their local bounds: in these two nights one of them is an hour shorter
//! or longer.

use chrono::{
    DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Europe::Kyiv;
use kordon_schemas::rules::{LaneRules, SlotRules};

use super::hours::{self, HourCapacity};

const HOUR: u16 = 60;
const DAY: u16 = 24 * HOUR;

/// A slot: from its beginning until just before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends and the next begins.
    pub ends_at: DateTime<Utc>,
}

/// Why a slot cannot be booked. The text is for the one who asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlotFault {
    /// The lane has none.
    #[error("the lane {lane} has no slots to book; book in the live queue")]
    NoSlots {
        /// The lane.
        lane: String,
    },
    /// The offset that was written is not the one of Kyiv, on a day when clocks change.
    #[error(
        "is a time that the clocks of Kyiv do not show: they change that day and stand at {offset} by then; \
         write it with that offset, or in UTC: {instant}"
    )]
    ClockChange {
        /// The offset of Kyiv at that moment.
        offset: FixedOffset,
        /// The moment that was written, in UTC.
        instant: String,
    },
    /// No slot begins then.
    #[error("no slot begins then; of those around it one begins at {before}, the next at {after}")]
    OffGrid {
        /// When the slot that the moment lies in begins.
        before: String,
        /// When the next begins.
        after: String,
    },
    /// It has begun.
    #[error("lies in the past: the slot began already")]
    Past,
    /// It is further ahead than may be booked.
    #[error("is beyond the horizon: slots are booked at most {days} days ahead")]
    BeyondHorizon {
        /// How many days.
        days: u16,
    },
    /// The lane is closed.
    #[error("the lane {lane} is closed at that hour")]
    Closed {
        /// The lane.
        lane: String,
    },
}

/// The slot of the grid that a moment lies in. Every moment lies in exactly one.
#[must_use]
pub fn slot_at(length_minutes: u16, moment: DateTime<Utc>) -> Slot {
    let length = length_minutes.clamp(1, DAY);
    if length > HOUR {
        return of_hours(length, moment);
    }
    let local = moment.with_timezone(&Kyiv);
    let into = TimeDelta::minutes(i64::from(local.minute()) % i64::from(length))
        + TimeDelta::seconds(i64::from(local.second()))
        + TimeDelta::nanoseconds(i64::from(local.nanosecond() % 1_000_000_000));
    let starts_at = moment - into;
    Slot { starts_at, ends_at: starts_at + TimeDelta::minutes(i64::from(length)) }
}

/// The slots that begin in `from..to`, in order.
pub fn slots_between(
    length_minutes: u16,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> impl Iterator<Item = Slot> {
    let first = slot_at(length_minutes, from);
    let next = move |slot: &Slot| Some(slot_at(length_minutes, slot.ends_at));
    std::iter::successors(Some(first), next)
        .skip_while(move |slot| slot.starts_at < from)
        .take_while(move |slot| slot.starts_at < to)
}

fn of_hours(length: u16, moment: DateTime<Utc>) -> Slot {
    let date = moment.with_timezone(&Kyiv).date_naive();
    let tomorrow = date.checked_add_days(Days::new(1)).unwrap_or(date);
    let bounds = (0..DAY / length)
        .map(|index| first_instant(date, index * length / HOUR))
        .chain([first_instant(tomorrow, 0)]);
    let mut slot = Slot { starts_at: moment, ends_at: moment };
    for bound in bounds {
        if bound <= moment {
            slot.starts_at = bound;
        } else {
            slot.ends_at = bound;
            break;
        }
    }
    slot
}

/// When the clocks of Kyiv first show an hour of a day. An hour that is missing is taken for the end of the
/// gap.
fn first_instant(date: NaiveDate, hour: u16) -> DateTime<Utc> {
    let mut local: NaiveDateTime = date.and_time(chrono::NaiveTime::MIN) + TimeDelta::hours(i64::from(hour));
    loop {
        if let Some(instant) = Kyiv.from_local_datetime(&local).earliest() {
            return instant.to_utc();
        }
        local += TimeDelta::minutes(15);
    }
}

/// How many vehicles a lane lets in during a slot. None: it is closed in some of it, or no limit is known.
#[must_use]
pub fn capacity(lane: &LaneRules, slot: Slot) -> Option<u32> {
    let length = u32::try_from((slot.ends_at - slot.starts_at).num_minutes()).ok()?;
    let vehicles = |moment| match hours::at(lane, moment) {
        HourCapacity::Vehicles(vehicles) => Some(u32::from(vehicles)),
        HourCapacity::Unknown | HourCapacity::Closed => None,
    };
    if length <= u32::from(HOUR) {
        return Some(vehicles(slot.starts_at)? * length / u32::from(HOUR));
    }
    (0..length / u32::from(HOUR))
        .map(|hour| vehicles(slot.starts_at + TimeDelta::hours(i64::from(hour))))
        .sum()
}

/// How many places a slot of a lane has: what the rules say, and never more than are let in. None: it is
/// closed.
#[must_use]
pub fn places(lane: &LaneRules, rules: SlotRules, slot: Slot) -> Option<u32> {
    Some(capacity(lane, slot)?.min(u32::from(rules.places))).filter(|places| *places > 0)
}

/// The slot that begins when `asked` says, if it is one of the lane and may be booked now; with its places.
///
/// # Errors
/// Why not.
pub fn bookable(
    lane: &LaneRules,
    horizon_days: u16,
    asked: DateTime<FixedOffset>,
    now: DateTime<Utc>,
) -> Result<(Slot, u32), SlotFault> {
    let Some(rules) = lane.slots else { return Err(SlotFault::NoSlots { lane: lane.lane.clone() }) };
    let starts_at = asked.to_utc();
    let told = |moment: DateTime<Utc>| {
        let local = moment.with_timezone(&Kyiv);
        local.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    };
    if let Some(offset) = mistaken_offset(asked) {
        let instant = starts_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        return Err(SlotFault::ClockChange { offset, instant });
    }
    let slot = slot_at(rules.length_minutes, starts_at);
    if slot.starts_at != starts_at {
        return Err(SlotFault::OffGrid { before: told(slot.starts_at), after: told(slot.ends_at) });
    }
    if starts_at <= now {
        return Err(SlotFault::Past);
    }
    if starts_at > now + TimeDelta::days(i64::from(horizon_days)) {
        return Err(SlotFault::BeyondHorizon { days: horizon_days });
    }
    match places(lane, rules, slot) {
        Some(places) => Ok((slot, places)),
        None => Err(SlotFault::Closed { lane: lane.lane.clone() }),
    }
}

/// The offset that the clocks of Kyiv stand at, where the one that was written is the one of Kyiv before or
/// after a change of that day: then nobody can tell which hour is meant.
fn mistaken_offset(asked: DateTime<FixedOffset>) -> Option<FixedOffset> {
    let local = asked.with_timezone(&Kyiv);
    let actual = local.offset().fix();
    let written = *asked.offset();
    let offset_at = |date: NaiveDate| first_instant(date, 0).with_timezone(&Kyiv).offset().fix();
    let today = local.date_naive();
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    let of_the_day = [offset_at(today), offset_at(tomorrow)];
    (of_the_day[0] != of_the_day[1] && written != actual && of_the_day.contains(&written)).then_some(actual)
}

#[cfg(test)]
mod tests;
