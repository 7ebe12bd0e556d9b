//! The clock of the scenario: it stands still until the play goes on, so that what the hub says of times is
//! known beforehand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context;
use chrono::{DateTime, Utc};
use kordon_hub::Clock;

/// A time that stands still until it is set; clones are the same time.
#[derive(Debug, Clone)]
pub(crate) struct StillTime {
    /// Microseconds since 1970.
    micros: Arc<AtomicI64>,
}

impl StillTime {
    /// A time that stands at a moment.
    ///
    /// # Errors
    /// When that is no moment.
    pub(crate) fn at(moment: &str) -> anyhow::Result<Self> {
        Ok(Self { micros: Arc::new(AtomicI64::new(read(moment)?.timestamp_micros())) })
    }

    /// The time now.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.micros.load(Ordering::SeqCst)).unwrap_or_default()
    }

    /// Sets it.
    pub(crate) fn set(&self, moment: &str) -> anyhow::Result<()> {
        self.micros.store(read(moment)?.timestamp_micros(), Ordering::SeqCst);
        Ok(())
    }

    /// The clock of a hub that goes by it.
    pub(crate) fn clock(&self) -> Clock {
        let time = self.clone();
        Clock::of(move || time.now())
    }
}

fn read(moment: &str) -> anyhow::Result<DateTime<Utc>> {
    moment.parse().with_context(|| format!("{moment} is no moment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_still_until_it_is_set() {
        let time = StillTime::at("2026-11-23T07:40:00Z").unwrap();
        let clock = time.clock();
        assert_eq!(clock.now(), clock.now());
        time.set("2026-12-04T11:45:00Z").unwrap();
        assert_eq!(clock.now().to_rfc3339(), "2026-12-04T11:45:00+00:00");
        assert!(time.set("tomorrow").is_err());
    }
}
