//! What the hub counts and measures, for Prometheus.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use kordon_hub::notices::OutboxStanding;
use kordon_hub::sealing;
use kordon_hub::support::letters;
use kordon_hub::{Database, Error};
use prometheus::core::Collector;
use prometheus::{
    Encoder, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
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
    pub fn register(registry: Registry) -> Result<Self, Error> {
        let requests = HistogramVec::new(
            HistogramOpts::new(
                "kordon_requests_seconds",
                "Requests by operation, method and status, with their time",
            )
            .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]),
            &["operation", "method", "status"],
        )
        .map_err(defect)?;
        let polls_repeated = IntCounter::new(
            "kordon_polls_repeated_total",
            "Polls that were answered again as they had been a moment ago: nothing has changed",
        )
        .map_err(defect)?;
        let connections = IntGaugeVec::new(
            Opts::new("kordon_database_connections", "Connections of the database pool, by state"),
            &["state"],
        )
        .map_err(defect)?;
        let waiting =
            IntGauge::new("kordon_database_waiting", "Requests that wait for a connection of the pool")
                .map_err(defect)?;
        let outbox = IntGaugeVec::new(
            Opts::new(
                "kordon_outbox_notices",
                "Notices that a recipient has not taken, by recipient and state",
            ),
            &["recipient", "state"],
        )
        .map_err(defect)?;
        let outbox_age = GaugeVec::new(
            Opts::new(
                "kordon_outbox_oldest_seconds",
                "Age of the oldest notice that a recipient has not taken",
            ),
            &["recipient"],
        )
        .map_err(defect)?;
        let letters = IntGaugeVec::new(
            Opts::new(
                "kordon_letters",
                "Letters to users that are on their way, or were refused for good in the last 30 days, by state",
            ),
            &["state"],
        )
        .map_err(defect)?;
        let letters_age =
            Gauge::new("kordon_letters_oldest_seconds", "Age of the oldest letter that is on its way")
                .map_err(defect)?;
        let exchanges = IntCounterVec::new(
            Opts::new("kordon_trembita_exchanges_total", "Exchanges over SOAP, by service and outcome"),
            &["service", "outcome"],
        )
        .map_err(defect)?;
        let evidence = IntGaugeVec::new(
            Opts::new(
                "kordon_evidence_waiting",
                "Messages without a signature, signatures without a time-stamp, messages in no archive, by what they wait for",
            ),
            &["for"],
        )
        .map_err(defect)?;
        let evidence_age = GaugeVec::new(
            Opts::new(
                "kordon_evidence_oldest_seconds",
                "Age of the oldest message without a signature, and of the oldest signature without a time-stamp",
            ),
            &["for"],
        )
        .map_err(defect)?;
        let signatures = IntCounterVec::new(
            Opts::new(
                "kordon_signatures_total",
                "Signed messages, by way and outcome: taken, or the reason of the refusal",
            ),
            &["way", "outcome"],
        )
        .map_err(defect)?;
        let process = prometheus::process_collector::ProcessCollector::for_self();
        let collectors: [Box<dyn Collector>; 13] = [
            Box::new(evidence.clone()),
            Box::new(evidence_age.clone()),
            Box::new(exchanges.clone()),
            Box::new(signatures.clone()),
            Box::new(requests.clone()),
            Box::new(polls_repeated.clone()),
            Box::new(connections.clone()),
            Box::new(waiting.clone()),
            Box::new(outbox.clone()),
            Box::new(outbox_age.clone()),
            Box::new(letters.clone()),
            Box::new(letters_age.clone()),
            Box::new(process),
        ];
        for collector in collectors {
            registry.register(collector).map_err(defect)?;
        }
        Ok(Self {
            registry,
            requests,
            polls_repeated,
            connections,
            waiting,
            outbox,
            outbox_age,
            told_of: Arc::default(),
            letters,
            letters_age,
            exchanges,
            evidence,
            evidence_age,
            signatures,
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
    pub fn note_letters(&self, standing: &letters::Standing, now: DateTime<Utc>) {
        let letters::Standing { pending, failed, oldest_pending_at } = standing;
        self.letters.with_label_values(&["pending"]).set(*pending);
        self.letters.with_label_values(&["failed"]).set(*failed);
        self.letters_age.set(oldest_pending_at.map_or(0.0, |oldest| (now - oldest).as_seconds_f64()));
    }

    /// Notes what of the evidence of exchanges is owed at `now`. Time-stamps are owed only where there is an
    /// authority.
    pub fn note_evidence(&self, standing: &sealing::Standing, stamps: bool, now: DateTime<Utc>) {
        let sealing::Standing { unsealed, oldest_unsealed, unstamped, oldest_unstamped, unarchived } =
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
