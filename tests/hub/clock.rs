//! A clock that stands still until the test moves it.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::Clock;

/// When each test begins.
const NOON: &str = "2026-11-21T12:00:00Z";

/// The clock of a test; clones show the same time.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<Mutex<DateTime<Utc>>>);

impl TestClock {
    pub(super) fn at_noon() -> Self {
        Self(Arc::new(Mutex::new(NOON.parse().unwrap())))
    }

    /// The time now.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    /// Moves it to a moment.
    pub(crate) fn set(&self, now: &str) {
        *self.0.lock().unwrap() = now.parse().unwrap();
    }

    /// Moves it on.
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }

    /// The same clock as the hub reads it.
    pub(crate) fn of_hub(&self) -> Clock {
        let own = self.clone();
        Clock::of(move || own.now())
    }
}
