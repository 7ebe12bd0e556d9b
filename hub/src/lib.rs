//! The rules and the records of the hub: one module a concept.
//!
//! A concept is a folder that reads the same everywhere: `mod.rs` says what it is and holds the service,
//! `model.rs` the types, `rules.rs` pure functions of (state, input, now), `store.rs` every SQL statement.
//! The hub knows no HTTP, no XML and no SMTP; where it needs the outside it defines a port that
//! `kordon-adapters` fills.

pub mod checkpoints;
pub mod clock;
pub mod crossings;
pub mod database;
pub mod error;
pub mod evidence;
pub mod exchange;
pub mod fees;
pub mod figures;
pub mod notices;
pub mod outages;
pub mod parties;
pub mod permits;
pub mod prediction;
pub mod queue;
mod repeats;
pub mod sealing;
pub mod signing;
pub mod support;

pub use clock::Clock;
pub use database::Database;
pub use error::{Error, Result};
