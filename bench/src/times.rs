//! How long requests took.

use std::time::Duration;

/// How long requests took, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// Half took at most this.
    pub(crate) p50_ms: f64,
    /// 99 of 100 took at most this.
    pub(crate) p99_ms: f64,
}

impl Times {
    /// Of each that was taken.
    pub(crate) fn of(mut took: Vec<Duration>) -> Self {
        took.sort();
        let at = |percent: usize| {
            let index = (took.len() * percent).div_ceil(100).saturating_sub(1);
            took.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
        };
        Self { p50_ms: at(50), p99_ms: at(99) }
    }
}
