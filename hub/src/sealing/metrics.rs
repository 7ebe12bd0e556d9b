//! What sealing tells Prometheus of what one replica did. What is owed is asked of the database at each
//! scrape ([`super::standing`]), because every replica would tell the same.

use prometheus::{Gauge, IntCounterVec, Opts, Registry};

/// A step of sealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Signing.
    Seal,
    /// Time-stamping.
    Stamp,
    /// Packing archives.
    Archive,
    /// Removing what is past its time.
    Remove,
}

impl Step {
    const ALL: [Self; 4] = [Self::Seal, Self::Stamp, Self::Archive, Self::Remove];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Stamp => "stamp",
            Self::Archive => "archive",
            Self::Remove => "remove",
        }
    }
}

/// The counters of one replica.
#[derive(Debug, Clone)]
pub struct SealingMetrics {
    done: IntCounterVec,
    failures: IntCounterVec,
    keys: Gauge,
}

impl SealingMetrics {
    /// Adds the counters to `registry`.
    ///
    /// # Errors
    /// When they are in it already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let done = IntCounterVec::new(
            Opts::new(
                "kordon_evidence_done_total",
                "Messages signed, signatures stamped, messages archived and removed, by step",
            ),
            &["step"],
        )?;
        let failures = IntCounterVec::new(
            Opts::new(
                "kordon_evidence_failures_total",
                "Steps of sealing that failed and are tried again, by step",
            ),
            &["step"],
        )?;
        for step in Step::ALL {
            done.with_label_values(&[step.as_str()]);
            failures.with_label_values(&[step.as_str()]);
        }
        let keys = Gauge::new(
            "kordon_evidence_key_seconds",
            "Seconds until the last certificate of the sealing keys ends; 0 when none holds",
        )?;
        registry.register(Box::new(keys.clone()))?;
        registry.register(Box::new(done.clone()))?;
        registry.register(Box::new(failures.clone()))?;
        Ok(Self { done, failures, keys })
    }

    pub(super) fn count(&self, step: Step, done: usize) {
        self.done.with_label_values(&[step.as_str()]).inc_by(u64::try_from(done).unwrap_or(u64::MAX));
    }

    /// Notes for how many seconds the keys last.
    pub(super) fn note_keys(&self, seconds: f64) {
        self.keys.set(seconds);
    }

    pub(super) fn count_failure(&self, step: Step) {
        self.failures.with_label_values(&[step.as_str()]).inc();
    }
}
