//! When it is said aloud that a key is about to end.

use chrono::{DateTime, TimeDelta, Utc};

/// The days before the end of a certificate at which it is said aloud.
pub const WARNED_DAYS: [i64; 3] = [30, 14, 7];

/// The step of warning at which a certificate is: the fewest of the [`WARNED_DAYS`] that are left at most. 0
/// when it has ended. None when there is time.
#[must_use]
pub fn warning(until: DateTime<Utc>, now: DateTime<Utc>) -> Option<i64> {
    if until < now {
        return Some(0);
    }
    WARNED_DAYS.into_iter().filter(|days| until - now <= TimeDelta::days(*days)).min()
}
