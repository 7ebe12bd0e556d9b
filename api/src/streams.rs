//! Streams that are open: so many for each system, for so long, and none any more when the hub drains.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::parties::SystemId;
use kordon_schemas::ProblemCode;
use serde::Deserialize;
use tokio::sync::watch;

use crate::problem::{Failure, Result};

/// How much may be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StreamSettings {
    /// Streams that one system may have open at once, at each replica.
    pub per_system: usize,
    /// How long a stream is kept open, in seconds. Its client then comes back and goes on where it was.
    pub longest_seconds: u32,
    /// After how many seconds without a change a stream looks by itself, whether its rights still hold, and
    /// says that it is alive.
    pub heartbeat_seconds: u32,
}

impl Default for StreamSettings {
    /// Eight streams for an hour each. A proxy gives up on what is silent for a minute; the heartbeat is well
    /// within.
    fn default() -> Self {
        Self { per_system: 8, longest_seconds: 3_600, heartbeat_seconds: 15 }
    }
}

/// The streams that are open.
#[derive(Debug)]
pub struct Streams {
    settings: StreamSettings,
    open: Mutex<HashMap<SystemId, usize>>,
    closing: watch::Sender<bool>,
}

impl Streams {
    /// None is open yet.
    #[must_use]
    pub fn new(settings: StreamSettings) -> Self {
        Self { settings, open: Mutex::new(HashMap::new()), closing: watch::Sender::new(false) }
    }

    /// Ends every stream, and lets no more begin.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Becomes true when the streams are to end.
    #[must_use]
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// The longest silence of a stream.
    #[must_use]
    pub fn heartbeat(&self) -> Duration {
        Duration::from_secs(self.settings.heartbeat_seconds.max(1).into())
    }

    /// Until when a stream that begins now is kept open.
    #[must_use]
    pub fn until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::seconds(self.settings.longest_seconds.into())
    }

    fn change(&self, system: SystemId, change: impl FnOnce(&mut usize) -> bool) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(system).or_default();
        let changed = change(count);
        if *count == 0 {
            open.remove(&system);
        }
        changed
    }
}

/// A place among the open streams of a system. It is given back when this is dropped.
#[derive(Debug)]
pub struct Place {
    streams: web::Data<Streams>,
    system: SystemId,
}

impl Place {
    /// Takes one.
    ///
    /// # Errors
    /// [`ProblemCode::TooManyRequests`] when the system has as many open as it may.
    pub fn take(streams: web::Data<Streams>, system: SystemId) -> Result<Self> {
        let most = streams.settings.per_system;
        let taken = streams.change(system, |open| {
            let is_free = *open < most;
            *open += usize::from(is_free);
            is_free
        });
        if taken {
            Ok(Self { streams, system })
        } else {
            let detail = format!("this system has {most} streams open, which is all that it may");
            Err(Failure::new(ProblemCode::TooManyRequests, detail))
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.streams.change(self.system, |open| {
            *open = open.saturating_sub(1);
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_has_so_many_places_and_gets_them_back() {
        let settings = StreamSettings { per_system: 2, ..StreamSettings::default() };
        let streams = web::Data::new(Streams::new(settings));
        let (one, other) = (SystemId::new(), SystemId::new());
        let first = Place::take(streams.clone(), one).unwrap();
        let _second = Place::take(streams.clone(), one).unwrap();
        assert_eq!(Place::take(streams.clone(), one).unwrap_err().0.code, ProblemCode::TooManyRequests);
        let _of_another = Place::take(streams.clone(), other).unwrap();
        drop(first);
        Place::take(streams.clone(), one).unwrap();
    }
}
