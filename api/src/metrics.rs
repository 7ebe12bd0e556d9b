//! What the hub counts and measures, for Prometheus.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use kordon_hub::notices::OutboxStanding;
use kordon_hub::sealing;
use kordon_hub::support::letters;
use kordon_hub::{Database, Error};
use prometheus::process_collector::ProcessCollector;
use prometheus::{
    Encoder, Gauge, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Registry, TextEncoder, register_gauge_vec_with_registry, register_gauge_with_registry,
    register_histogram_vec_with_registry, register_int_counter_vec_with_registry,
    register_int_counter_with_registry, register_int_gauge_vec_with_registry,
    register_int_gauge_with_registry,
};

use crate::signatures::Way;

/// The hub's metrics and their registry.
#[derive(Debug, Clone)]
pub struct Metrics {
    /// The registry, for those who have metrics of their own.
    pub registry: Registry,
    requests: HistogramVec,
    polls_repeated: IntCounter,
    connections: IntGaugeVec,
    waiting: IntGauge,
    outbox: IntGaugeVec,
    outbox_age: GaugeVec,
    /// The recipients that the two before name.
    told_of: Arc<Mutex<BTreeSet<String>>>,
    letters: IntGaugeVec,
    letters_age: Gauge,
    exchanges: IntCounterVec,
    evidence: IntGaugeVec,
    evidence_age: GaugeVec,
    signatures: IntCounterVec,
}

/// How an exchange over the SOAP door of Trembita ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeOutcome {
    /// With what was asked for.
    Answered,
    /// With a problem of the question.
    Problem,
    /// With a fault of SOAP.
    Fault,
}

impl ExchangeOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Problem => "problem",
            Self::Fault => "fault",
        }
    }
}

fn defect(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("metrics: {error}"))
}

impl Metrics {
    /// Registers the metrics of the door and the process.
    ///
    /// # Errors
    /// [`Error::Internal`] when they cannot be registered.
    pub fn register(registry: &Registry) -> Result<Self, Error> {
        Self::registered(registry).map_err(defect)
    }

    fn registered(registry: &Registry) -> prometheus::Result<Self> {
        registry.register(Box::new(ProcessCollector::for_self()))?;
        Ok(Self {
            registry: registry.clone(),
            requests: register_histogram_vec_with_registry!(
                "kordon_requests_seconds",
                "Requests by operation, method and status, with their time",
                &["operation", "method", "status"],
                vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0],
                registry
            )?,
            polls_repeated: register_int_counter_with_registry!(
                "kordon_polls_repeated_total",
                "Polls that were answered again as they had been a moment ago: nothing has changed",
                registry
            )?,
            connections: register_int_gauge_vec_with_registry!(
                "kordon_database_connections",
                "Connections of the database pool, by state",
                &["state"],
                registry
            )?,
            waiting: register_int_gauge_with_registry!(
                "kordon_database_waiting",
                "Requests that wait for a connection of the pool",
                registry
            )?,
            outbox: register_int_gauge_vec_with_registry!(
                "kordon_outbox_notices",
                "Notices that a recipient has not taken, by recipient and state",
                &["recipient", "state"],
                registry
            )?,
            outbox_age: register_gauge_vec_with_registry!(
                "kordon_outbox_oldest_seconds",
                "Age of the oldest notice that a recipient has not taken",
                &["recipient"],
                registry
            )?,
            told_of: Arc::default(),
            letters: register_int_gauge_vec_with_registry!(
                "kordon_letters",
                "Letters to users that are on their way, or were refused for good in the last 30 days, by state",
                &["state"],
                registry
            )?,
            letters_age: register_gauge_with_registry!(
                "kordon_letters_oldest_seconds",
                "Age of the oldest letter that is on its way",
                registry
            )?,
            exchanges: register_int_counter_vec_with_registry!(
                "kordon_trembita_exchanges_total",
                "Exchanges over SOAP, by service and outcome",
                &["service", "outcome"],
                registry
            )?,
            evidence: register_int_gauge_vec_with_registry!(
                "kordon_evidence_waiting",
                "Messages without a signature, signatures without a time-stamp, messages in no archive, by what they wait for",
                &["for"],
                registry
            )?,
            evidence_age: register_gauge_vec_with_registry!(
                "kordon_evidence_oldest_seconds",
                "Age of the oldest message without a signature, and of the oldest signature without a time-stamp",
                &["for"],
                registry
            )?,
            signatures: register_int_counter_vec_with_registry!(
                "kordon_signatures_total",
                "Signed messages, by way and outcome: taken, or the reason of the refusal",
                &["way", "outcome"],
                registry
            )?,
        })
    }

    /// Where requests of an operation that are answered alike are counted, each with its time in seconds.
    #[must_use]
    pub fn requests(&self, operation: &str, method: &str, status: u16) -> Histogram {
        self.requests.with_label_values(&[operation, method, &status.to_string()])
    }

    /// Counts a poll that was answered again as a moment ago.
    pub fn count_repeated_poll(&self) {
        self.polls_repeated.inc();
    }

    /// Counts an exchange over SOAP. `service` is a code of the program's own, never the asker's text.
    pub fn count_exchange(&self, service: &str, outcome: ExchangeOutcome) {
        self.exchanges.with_label_values(&[service, outcome.as_str()]).inc();
    }

    /// Counts a signed message. `outcome` is a word of the program's own: `taken` or a reason.
    pub fn count_signature(&self, way: Way, outcome: &str) {
        self.signatures.with_label_values(&[way.as_str(), outcome]).inc();
    }

    /// Notes what each recipient is still owed at `now`.
    pub fn note_outbox(&self, standings: &[OutboxStanding], now: DateTime<Utc>) {
        for OutboxStanding { recipient, pending, oldest_pending_at, failed } in standings {
            let recipient = &*recipient.key();
            self.outbox.with_label_values(&[recipient, "pending"]).set(*pending);
            self.outbox.with_label_values(&[recipient, "failed"]).set(*failed);
            let age = oldest_pending_at.map_or(0.0, |oldest| (now - oldest).as_seconds_f64());
            self.outbox_age.with_label_values(&[recipient]).set(age);
        }
        // Only behind that, and only those that are gone, as a subscriber may be: whoever reads at the same
        // moment finds all others.
        let named = standings.iter().map(|standing| standing.recipient.key().into_owned()).collect();
        let mut told = self.told_of.lock().unwrap_or_else(PoisonError::into_inner);
        for gone in std::mem::replace(&mut *told, named).difference(&*told) {
            for state in ["pending", "failed"] {
                // It may be gone already.
                let _ = self.outbox.remove_label_values(&[gone, state]);
            }
            let _ = self.outbox_age.remove_label_values(&[gone]);
        }
    }

    /// Notes what is owed to users at `now`.
    pub fn note_letters(&self, standing: &letters::LetterBacklog, now: DateTime<Utc>) {
        let letters::LetterBacklog { pending, failed, oldest_pending_at } = standing;
        self.letters.with_label_values(&["pending"]).set(*pending);
        self.letters.with_label_values(&["failed"]).set(*failed);
        self.letters_age.set(oldest_pending_at.map_or(0.0, |oldest| (now - oldest).as_seconds_f64()));
    }

    /// Notes what of the evidence of exchanges is owed at `now`. Time-stamps are owed only where there is an
    /// authority.
    pub fn note_evidence(&self, standing: &sealing::SealingBacklog, stamps: bool, now: DateTime<Utc>) {
        let sealing::SealingBacklog { unsealed, oldest_unsealed, unstamped, oldest_unstamped, unarchived } =
            standing;
        let age = |oldest: &Option<DateTime<Utc>>| {
            oldest.map_or(0.0, |oldest| (now - oldest).as_seconds_f64().max(0.0))
        };
        self.evidence.with_label_values(&["signature"]).set(*unsealed);
        self.evidence_age.with_label_values(&["signature"]).set(age(oldest_unsealed));
        let (count, oldest) = if stamps { (*unstamped, age(oldest_unstamped)) } else { (0, 0.0) };
        self.evidence.with_label_values(&["time_stamp"]).set(count);
        self.evidence_age.with_label_values(&["time_stamp"]).set(oldest);
        self.evidence.with_label_values(&["archive"]).set(*unarchived);
    }

    /// Everything in the text form of Prometheus.
    ///
    /// # Errors
    /// [`Error::Internal`] when a metric cannot be written.
    pub fn text(&self, database: &Database) -> Result<Vec<u8>, Error> {
        let pool = database.pool_use();
        let used = pool.open.saturating_sub(pool.idle);
        for (state, count) in [("used", used), ("idle", pool.idle), ("limit", pool.limit)] {
            self.connections.with_label_values(&[state]).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        self.waiting.set(i64::try_from(pool.waiting).unwrap_or(i64::MAX));
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).map_err(defect)?;
        Ok(text)
    }
}
