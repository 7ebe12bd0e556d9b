//! What letters tell Prometheus: counts, never whom they are to.

use std::time::Duration;

use kordon_schemas::notices::AttemptOutcome;
use prometheus::{Histogram, HistogramOpts, IntCounterVec, Opts, Registry};

/// The counters of one replica's worker.
#[derive(Debug, Clone)]
pub struct LetterMetrics {
    attempts: IntCounterVec,
    seconds: Histogram,
}

impl LetterMetrics {
    /// Adds the counters to `registry`.
    ///
    /// # Errors
    /// When they are in it already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let attempts = IntCounterVec::new(
            Opts::new("kordon_letter_attempts_total", "Attempts to send a letter to a user, by outcome."),
            &["outcome"],
        )?;
        let seconds = Histogram::with_opts(
            HistogramOpts::new("kordon_letter_attempt_seconds", "How long an attempt to send a letter took.")
                .buckets(vec![0.005, 0.02, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0]),
        )?;
        for outcome in AttemptOutcome::ALL {
            attempts.with_label_values(&[outcome.as_str()]);
        }
        registry.register(Box::new(attempts.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self { attempts, seconds })
    }

    /// Counts an attempt.
    pub(super) fn count(&self, outcome: AttemptOutcome, took: Duration) {
        self.attempts.with_label_values(&[outcome.as_str()]).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}
