//! The order of the queue and the next call: pure functions of who waits and what time it is.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::{BookingIn, CallExplanation, CallRule};
use kordon_schemas::{Fault, ProblemCode};

use super::model::{BookingId, Waiting};
use crate::error::{Error, Result};

/// The version of these rules. It is kept with every booking and call that they decide.
pub const VERSION: i32 = 1;

/// How long a called vehicle has to reach the checkpoint.
pub const CALL_VALIDITY: TimeDelta = TimeDelta::hours(4);

/// How far ahead of the hub's clock an operator's clock may be.
const FUTURE_TOLERANCE: TimeDelta = TimeDelta::seconds(120);

/// How late an operator may hand in a booking that it took while it was cut off.
const OLDEST_BOOKING: TimeDelta = TimeDelta::days(7);

/// When the place counts as booked. A booking may be handed in late, but not ahead of time.
///
/// # Errors
/// Every fault of the booking at once.
pub fn booked_at(booking: &BookingIn, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let mut faults = Vec::new();
    if !is_reference(&booking.reference) {
        faults.push(Fault::new("/reference", "has 1 to 100 printable ASCII characters without spaces"));
    }
    if let Some(driver) = &booking.driver
        && !is_text(&driver.name, 200)
    {
        faults.push(Fault::new("/driver/name", "has 1 to 200 characters and no control characters"));
    }
    let booked_at = booking.booked_at.map_or(now, |at| at.trunc_subsecs(6));
    if booked_at > now + FUTURE_TOLERANCE {
        faults.push(Fault::new("/booked_at", "lies in the future"));
    } else if booked_at < now - OLDEST_BOOKING {
        faults.push(Fault::new("/booked_at", "is more than 7 days ago"));
    }
    if faults.is_empty() { Ok(booked_at) } else { Err(Error::Invalid(faults)) }
}

fn is_reference(reference: &str) -> bool {
    (1..=100).contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a text for people has 1 to `longest` characters, something to see, and no control characters.
#[must_use]
pub fn is_text(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control)
}

/// Puts the waiting into the queue's order: by booking, and of two at the same moment by id, which is drawn in time order.
pub fn order(waiting: &mut [Waiting]) {
    waiting.sort_by_key(|each| (each.booked_at, each.booking));
}

/// Decides whom to call: the first in order of those in a waiting zone, or `wanted`, who needs a reason to go before others.
/// `waiting` is in the queue's order.
///
/// # Errors
/// [`ProblemCode::NotCallable`] when nobody waits in a zone or `wanted` was called already or does not wait here,
/// [`ProblemCode::NotFirst`] when `wanted` has no reason to go first.
pub fn choose(
    waiting: &[Waiting],
    wanted: Option<BookingId>,
    reason: Option<&str>,
) -> Result<(BookingId, CallExplanation)> {
    let in_zone: Vec<&Waiting> = waiting.iter().filter(|each| each.stage == Stage::ZoneArrived).collect();
    let waiting_in_zone = count(in_zone.len());
    let first = in_zone.first().map(|first| first.booking);
    let first_booked = |booking| {
        (booking, CallExplanation { place: 1, waiting: waiting_in_zone, rule: CallRule::FirstBooked })
    };
    let Some(wanted) = wanted else {
        return first
            .map(first_booked)
            .ok_or_else(|| Error::refused(ProblemCode::NotCallable, "nobody waits in a waiting zone"));
    };
    let Some(chosen) = waiting.iter().find(|each| each.booking == wanted) else {
        return Err(Error::refused(
            ProblemCode::NotCallable,
            "the vehicle does not wait for this checkpoint",
        ));
    };
    let why_not_first = match chosen.stage {
        Stage::ZoneArrived if first == Some(wanted) => return Ok(first_booked(wanted)),
        Stage::ZoneArrived => "another vehicle in the zone was booked before this one",
        Stage::Booked => "the vehicle is not in a waiting zone",
        // What a missed call costs is for the checkpoint's rules; that the vehicle can be called again is not.
        Stage::Called | Stage::ZoneLeft if chosen.call_lapsed => "the vehicle missed its call",
        Stage::Called
        | Stage::ZoneLeft
        | Stage::CheckpointEntered
        | Stage::Controls
        | Stage::CheckpointLeft => {
            return Err(Error::refused(ProblemCode::NotCallable, "the vehicle was called already"));
        }
    };
    if reason.is_none() {
        return Err(Error::refused(ProblemCode::NotFirst, why_not_first));
    }
    let place = in_zone.iter().position(|each| each.booking == wanted);
    let (place, waiting) = match place {
        Some(before) => (count(before) + 1, waiting_in_zone),
        None => (waiting_in_zone + 1, waiting_in_zone + 1),
    };
    Ok((wanted, CallExplanation { place, waiting, rule: CallRule::OutOfOrder }))
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
