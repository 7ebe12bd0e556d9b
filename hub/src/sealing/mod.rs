//! Sealing: what is exchanged with members of Trembita, and what is told by notices, is kept byte for byte,
//! signed, time-stamped and packed into archives, so that each side can prove later what was said (Resolution
//! 1393, clause 23).
//!
//! A message is recorded before its answer leaves: what was acknowledged is recorded. Signatures and
//! time-stamps come later, by tasks of their own, any number of them over any number of replicas.
//!
//! - [`model`]: messages, signatures, time-stamps, archives.
//! - [`recorder`]: takes exchanges from the doors, and knows when to refuse them.
//! - [`worker`]: signs, stamps, packs and removes.
//! - [`port`]: what adapters fill.
//! - [`rules`]: when it is said aloud that a key is about to end.
//! - `key_watch`: says it.
//! - [`metrics`]: what it tells Prometheus.

mod key_watch;
pub mod metrics;
pub mod model;
pub mod port;
pub mod recorder;
pub mod rules;
mod store;
pub mod worker;

pub use metrics::SealingMetrics;
pub use model::{Content, Exchange, Message, Part, Sealed, SealingBacklog, Windows};
pub use port::Sealer;
pub use recorder::ExchangeRecorder;

use crate::database::Connection;
use crate::error::Result;
use crate::parties::{Actor, Role};
use chrono::{DateTime, Utc};

/// The most messages that are handed out for one id: ten exchanges.
const HANDED_OUT: i64 = 20;

/// Bytes of messages beyond which no more are handed out for one id. One exchange has never so many.
const HANDED_OUT_BYTES: i64 = 48 << 20;

/// Records an exchange within a transaction of the caller's.
///
/// # Errors
/// When the database is away.
pub async fn record(connection: &mut Connection, exchange: &Exchange, now: DateTime<Utc>) -> Result<()> {
    store::insert(connection, std::slice::from_ref(exchange), now).await
}

/// The sealed messages of the exchanges with that id which `actor` may have: its own, as the system that
/// asked; all, as the administrator. The newest exchange first, and of each the request before the response.
///
/// # Errors
/// When the database is away.
pub async fn of_query(connection: &mut Connection, actor: &Actor, query_id: &str) -> Result<Vec<Sealed>> {
    let system = (actor.role != Role::Administrator).then_some(actor.system);
    store::sealed_of_query(connection, query_id, system, HANDED_OUT, HANDED_OUT_BYTES).await
}

/// What is owed at the moment, for the metrics and the alarm.
///
/// # Errors
/// When the database is away.
pub async fn standing(connection: &mut Connection) -> Result<SealingBacklog> {
    store::standing(connection).await
}
