//! The time of the played day: the machine's, put on as the play needs it. The hub of the demonstration's own
//! goes by it, as any hub goes by the clock that it is given.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use kordon_hub::Clock;

/// A time that can be put on; clones are the same time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Time {
    /// By how many milliseconds it is ahead of the machine's.
    ahead: Arc<AtomicI64>,
}

impl Time {
    /// The time now.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        (Utc::now() + TimeDelta::milliseconds(self.ahead.load(Ordering::SeqCst))).trunc_subsecs(6)
    }

    /// Puts it on.
    pub(crate) fn put_on(&self, by: TimeDelta) {
        self.ahead.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }

    /// The clock of a hub that goes by it.
    pub(crate) fn clock(&self) -> Clock {
        let time = self.clone();
        Clock::of(move || time.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_by_the_time_as_it_is_put_on() {
        let time = Time::default();
        let (clock, before) = (time.clock(), Utc::now());
        time.put_on(TimeDelta::hours(2));
        assert!(clock.now() >= before + TimeDelta::hours(2));
        assert!(clock.now() < before + TimeDelta::hours(3));
    }
}
