//! What a booking must hold, and the stay in a zone: pure functions of what is known and what time it is.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use kordon_schemas::Fault;
use kordon_schemas::events::EventKind;
use kordon_schemas::queue::BookingIn;

use crate::crossings::model::Progress;
use crate::error::{Error, Result};

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

/// Whether an operator's reference has 1 to 100 printable ASCII characters without spaces.
#[must_use]
pub fn is_reference(reference: &str) -> bool {
    (1..=100).contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a text for people has 1 to `longest` characters, something to see, and no control characters.
#[must_use]
pub fn is_text(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control)
}

/// The stay in a waiting zone that the fee covers (clauses 14, 35).
const COVERED_STAY: TimeDelta = TimeDelta::hours(24);

/// Until when the fee covers the wait of a vehicle for its call, if it came to a zone. Counted from when it
/// first came: who leaves and comes back has no other 24 hours.
#[must_use]
pub fn covered_until(progress: &Progress) -> Option<DateTime<Utc>> {
    progress.first(EventKind::ZoneArrived).map(|arrived| arrived.at + COVERED_STAY)
}

/// How long a vehicle has waited for its call beyond what the fee covers, in seconds. None: not beyond.
#[must_use]
pub fn overstay_seconds(progress: &Progress, until: DateTime<Utc>) -> Option<i64> {
    covered_until(progress).map(|covered| (until - covered).num_seconds()).filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests;
