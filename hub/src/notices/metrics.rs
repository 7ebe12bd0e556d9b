//! What deliveries tell Prometheus. How much is owed and for how long is asked of the database at each scrape
//! ([`super::outbox`]), because every replica would tell the same.

use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};

use super::model::{Addressee, AttemptOutcome, Recipient};

/// The counters of one replica's workers.
#[derive(Debug, Clone)]
pub struct DeliveryMetrics {
    attempts: IntCounterVec,
    seconds: HistogramVec,
}

impl DeliveryMetrics {
    /// Adds the counters to `registry`.
    ///
    /// # Errors
    /// When they are in it already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let attempts = IntCounterVec::new(
            Opts::new(
                "kordon_notice_attempts_total",
                "Attempts to deliver a notice, by recipient and outcome.",
            ),
            &["recipient", "outcome"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new(
                "kordon_notice_attempt_seconds",
                "How long an attempt to deliver a notice took.",
            )
            .buckets(vec![0.005, 0.02, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0]),
            &["recipient"],
        )?;
        for recipient in Recipient::FIXED {
            for outcome in AttemptOutcome::ALL {
                attempts.with_label_values(&[recipient.as_str(), outcome.as_str()]);
            }
        }
        registry.register(Box::new(attempts.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self { attempts, seconds })
    }

    /// Counts an attempt.
    pub(super) fn count(&self, recipient: &Addressee, outcome: AttemptOutcome, took: Duration) {
        let recipient = recipient.key();
        self.attempts.with_label_values(&[&recipient, outcome.as_str()]).inc();
        self.seconds.with_label_values(&[&recipient]).observe(took.as_secs_f64());
    }
}
