//! The HTTP door: routes, rights, problems and the contract. No rule and no SQL here.
//!
//! A handler translates HTTP and nothing else: it names the right it needs by an extractor, reads the body,
//! calls one service of the hub, and answers. To add an operation see `CONTRIBUTING.md`.
//!
//! - `routes`: one file an act; the folders mirror the addresses.
//! - [`rights`]: who may do what, as types.
//! - [`problem`]: failures as RFC 9457 problems, JSON or XML.
//! - [`openapi`]: the contract, collected from the routes.
//! - `receiving`: the body of a request, within bounds, for every door; [`body`] reads it.
//! - [`shown`]: whole queues, written once for all who read them.
//! - `polls`: whoever asks again what has just been answered "nothing has changed".
//! - [`limits`], [`streams`]: how often one may ask, and how much one may follow.
//! - [`signatures`]: messages that their sender signs.
//! - [`trembita`]: members of Trembita, who ask through a security server by REST and SOAP.
//! - [`server`]: listening, TLS, client certificates, draining.

pub mod answer;
pub mod body;
pub mod conditional;
pub mod limits;
pub mod metrics;
pub mod openapi;
pub(crate) mod polls;
pub mod problem;
pub mod query;
mod receiving;
pub mod request;
pub mod rights;
pub(crate) mod routes;
pub mod server;
pub mod shown;
pub mod signatures;
pub mod streams;
pub mod trembita;

use std::collections::HashSet;
use std::sync::Arc;

use kordon_adapters::keys::KeyRing;
use kordon_hub::crossings::{JournalPositions, Recorder};
use kordon_hub::fees::Rates;
use kordon_hub::figures::OpenDataDesk;
use kordon_hub::parties::Authentication;
use kordon_hub::parties::signed_messages::SignedMessages;
use kordon_hub::queue::feed::Listener;
use kordon_hub::queue::views::places::Places;
use kordon_hub::sealing::ExchangeRecorder;
use kordon_hub::signing::Signer;
use kordon_hub::support::mail::ReadMail;
use kordon_hub::{Clock, Database};
use kordon_schemas::CheckpointCode;

/// What tells how a process is, whatever parts of a hub it plays.
#[derive(Debug, Clone)]
pub struct Vitals {
    /// The database.
    pub database: Database,
    /// What time it is.
    pub clock: Clock,
    /// What is counted and measured.
    pub metrics: metrics::Metrics,
    /// Whether signatures over exchanges are time-stamped.
    pub stamps: bool,
}

/// What every handler reaches.
#[derive(Debug, Clone)]
pub struct Hub {
    /// The database.
    pub database: Database,
    /// What time it is.
    pub clock: Clock,
    /// Who is asking.
    pub authentication: Authentication,
    /// Records checkpoint events.
    pub recorder: Recorder,
    /// Where the journals stand.
    pub positions: JournalPositions,
    /// Queues as they were last shown.
    pub shown: shown::Shown,
    /// Places as they were last asked for by holders.
    pub places: Places,
    /// The checkpoints of the reference data. A new edition comes with a new program, so they hold for its
    /// life.
    pub checkpoints: Arc<HashSet<CheckpointCode>>,
    /// The official rates that fees are worked out by.
    pub rates: Rates,
    /// Hands out open data.
    pub open_data: OpenDataDesk,
    /// Wakes those who follow a checkpoint's changes.
    pub listener: Listener,
    /// Records exchanges with members of Trembita.
    pub exchanges: ExchangeRecorder,
    /// Takes note of signed messages, so that none is taken twice.
    pub signed_messages: SignedMessages,
    /// The keys that exchanges are sealed with.
    pub sealing_keys: KeyRing,
    /// Signs in the name of the hub.
    pub signer: Arc<dyn Signer>,
    /// Reads mail to the support service.
    pub mail_reader: Arc<dyn ReadMail>,
    /// How many characters of a plate a board shows.
    pub board_plate_characters: usize,
    /// What is counted and measured.
    pub metrics: metrics::Metrics,
}

impl Hub {
    /// The hub as the handlers of one thread reach it.
    pub(crate) fn on_this_thread(&self) -> Self {
        Self { recorder: self.recorder.at_home(), ..self.clone() }
    }
}
