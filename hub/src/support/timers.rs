//! The timers of the support service (Order 926): how they run, and what they tell Prometheus: that they
//! look, and what they did. Their acts are few and matter much: a permit that nobody warned of, a ticket that
//! is never closed.

use std::fmt::Display;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus::{GaugeVec, IntCounterVec, Opts, Registry};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::database::{Connection, Database};
use crate::error::{Error, Result};

/// A timer of the support service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SupportTimer {
    /// Reminds of outages.
    Outages,
    /// Warns of permits and tells their end.
    Permits,
    /// Closes tickets.
    Tickets,
}

impl SupportTimer {
    const ALL: [Self; 3] = [Self::Outages, Self::Permits, Self::Tickets];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Outages => "outages",
            Self::Permits => "permits",
            Self::Tickets => "tickets",
        }
    }

    /// What it does.
    const fn acts(self) -> &'static [&'static str] {
        match self {
            Self::Outages => &["reminded_of_start", "told_overrun"],
            Self::Permits => &["warned", "told_expiry"],
            Self::Tickets => &["closed"],
        }
    }
}

/// What one act of a timer came to over all for which its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Acted {
    /// For how many it was done.
    pub done: usize,
    /// For how many it failed.
    pub failed: usize,
}

impl Acted {
    /// Notes what came of one: whether there was anything to do. One that failed for a defect is told and
    /// left for the next round, and holds up none of those behind it.
    ///
    /// # Errors
    /// When the database is away: the round is over.
    pub(crate) fn note(&mut self, id: impl Display, did: Result<bool>) -> Result<()> {
        match did {
            Ok(done) => self.done += usize::from(done),
            Err(away @ Error::Unavailable(_)) => return Err(away),
            Err(defect) => {
                self.failed += 1;
                tracing::error!(%id, %defect, "what a timer had to do failed");
            }
        }
        Ok(())
    }
}

/// Looks every so often until `stop` says so, and counts what `look` did, each act of the timer in its order.
/// A look that fails is told; the next one tries again. One runs in every replica.
pub(crate) async fn run<const ACTS: usize>(
    (timer, every): (SupportTimer, Duration),
    database: Database,
    clock: Clock,
    metrics: SupportTimerMetrics,
    mut stop: watch::Receiver<bool>,
    look: impl AsyncFn(&mut Connection, DateTime<Utc>) -> Result<[Acted; ACTS]>,
) {
    loop {
        let looked = async { look(&mut *database.connection().await?, clock.now()).await };
        match looked.await {
            Ok(acted) => {
                metrics.looked(timer, &acted, clock.now());
                if acted.iter().any(|act| act.done > 0) {
                    tracing::info!(timer = timer.as_str(), acts = ?timer.acts(), ?acted, "a timer acted");
                }
            }
            Err(error) => {
                metrics.failed(timer);
                tracing::warn!(timer = timer.as_str(), %error, "a timer could not look; it is tried again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            // A sender that is gone says so too.
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
    }
}

/// The counters of one replica's timers.
#[derive(Debug, Clone)]
pub struct SupportTimerMetrics {
    rounds: IntCounterVec,
    acts: IntCounterVec,
    last_round: GaugeVec,
}

impl SupportTimerMetrics {
    /// Adds the counters to `registry`.
    ///
    /// # Errors
    /// When they are in it already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let rounds = IntCounterVec::new(
            Opts::new(
                "kordon_support_timer_rounds_total",
                "Rounds of a timer of the support service, by timer and outcome.",
            ),
            &["timer", "outcome"],
        )?;
        let acts = IntCounterVec::new(
            Opts::new("kordon_support_timer_acts_total", "What a timer of the support service did."),
            &["timer", "act"],
        )?;
        let last_round = GaugeVec::new(
            Opts::new(
                "kordon_support_timer_last_round_timestamp_seconds",
                "When a timer of the support service last ended a round in which nothing failed, in seconds since 1970.",
            ),
            &["timer"],
        )?;
        for timer in SupportTimer::ALL {
            for outcome in ["done", "failed"] {
                rounds.with_label_values(&[timer.as_str(), outcome]);
            }
            for act in timer.acts() {
                acts.with_label_values(&[timer.as_str(), act]);
            }
            last_round.with_label_values(&[timer.as_str()]);
        }
        registry.register(Box::new(rounds.clone()))?;
        registry.register(Box::new(acts.clone()))?;
        registry.register(Box::new(last_round.clone()))?;
        Ok(Self { rounds, acts, last_round })
    }

    /// Counts a round that ended at `now`, with what each of its acts came to, in their order. It is done
    /// when none failed: a timer that cannot do what is due has to be looked at as one that does not look.
    fn looked(&self, timer: SupportTimer, acted: &[Acted], now: DateTime<Utc>) {
        for (act, Acted { done, failed: _ }) in timer.acts().iter().zip(acted) {
            let count = u64::try_from(*done).unwrap_or(u64::MAX);
            self.acts.with_label_values(&[timer.as_str(), act]).inc_by(count);
        }
        if acted.iter().any(|act| act.failed > 0) {
            return self.failed(timer);
        }
        self.rounds.with_label_values(&[timer.as_str(), "done"]).inc();
        // A double holds the milliseconds since 1970 exactly.
        self.last_round.with_label_values(&[timer.as_str()]).set(now.timestamp_millis() as f64 / 1_000.0);
    }

    /// Counts a round that failed.
    fn failed(&self, timer: SupportTimer) {
        self.rounds.with_label_values(&[timer.as_str(), "failed"]).inc();
    }
}

#[cfg(test)]
mod tests {
    use prometheus::{Encoder, TextEncoder};

    use super::*;

    #[test]
    fn a_round_tells_when_it_was_and_what_it_did() {
        let registry = Registry::new();
        let metrics = SupportTimerMetrics::register(&registry).unwrap();
        let now = "2026-11-24T08:25:00Z".parse().unwrap();
        let acted = |done, failed| Acted { done, failed };
        metrics.looked(SupportTimer::Permits, &[acted(1, 0), acted(2, 0)], now);
        metrics.looked(SupportTimer::Tickets, &[acted(3, 1)], now);
        metrics.failed(SupportTimer::Outages);
        let mut text = Vec::new();
        TextEncoder::new().encode(&registry.gather(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        for line in [
            r#"kordon_support_timer_rounds_total{outcome="done",timer="permits"} 1"#,
            r#"kordon_support_timer_rounds_total{outcome="failed",timer="tickets"} 1"#,
            r#"kordon_support_timer_acts_total{act="warned",timer="permits"} 1"#,
            r#"kordon_support_timer_acts_total{act="told_expiry",timer="permits"} 2"#,
            r#"kordon_support_timer_acts_total{act="closed",timer="tickets"} 3"#,
            r#"kordon_support_timer_rounds_total{outcome="failed",timer="outages"} 1"#,
            r#"kordon_support_timer_last_round_timestamp_seconds{timer="permits"} 1795508700"#,
            r#"kordon_support_timer_last_round_timestamp_seconds{timer="tickets"} 0"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
