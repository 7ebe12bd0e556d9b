//! Whole queues, written once for all who read them. A board, a zone and a hundred carriers' systems poll the
//! same queue; what stands at one position of the journal never changes, so it is read and written once and
//! handed to each of them.
//!
//! Whoever gets a whole queue from here has shown the right to read all of it, and a board is for everybody:
//! what else differs by right must not be kept here.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use kordon_hub::{Error, Result};
use kordon_schemas::CheckpointCode;
use moka::future::Cache;
use moka::policy::EvictionPolicy;

use crate::answer::Form;

/// How much is kept, in bytes: some thirty queues of four thousand vehicles.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// How long a queue that nobody reads is kept.
const KEPT_UNREAD: Duration = Duration::from_secs(30);

/// Which view of a queue is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// All of it, for those with the right.
    Whole,
    /// The board, for everybody.
    Board,
}

/// Which queue, as of when, in which form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which view of it.
    pub view: View,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The one lane that is shown, if not all are.
    pub lane: Option<String>,
    /// The position in its journal that the reader knows to be reached: what is kept is at least as new.
    pub position: i64,
    /// The minute, counted from 1970: the order follows the clock where slots begin.
    pub minute: i64,
    /// JSON or XML.
    pub form: Form,
}

/// A queue as it was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The position that it is true up to.
    pub position: i64,
    /// The text.
    pub body: Bytes,
}

/// The queues that were last shown.
#[derive(Debug, Clone)]
pub struct Shown(Cache<Key, Written>);

impl Default for Shown {
    fn default() -> Self {
        let weight = |_: &Key, written: &Written| u32::try_from(written.body.len()).unwrap_or(u32::MAX);
        let cache = Cache::builder().weigher(weight).max_capacity(MOST_BYTES).time_to_idle(KEPT_UNREAD);
        // The oldest goes first, however often it was read: it is never asked for again once its position has
        // passed.
        Self(cache.eviction_policy(EvictionPolicy::lru()).build())
    }
}

impl Shown {
    /// What is kept under `key`; else what `write` gives, which everyone who asks meanwhile waits for.
    ///
    /// # Errors
    /// As `write`.
    ///
    /// It is a box, so that those who are told that nothing has changed do not carry what would be needed to
    /// read and write it all.
    pub fn at<'a>(
        &'a self,
        key: Key,
        write: impl Future<Output = Result<Written>> + 'a,
    ) -> Pin<Box<dyn Future<Output = Result<Written>> + 'a>> {
        Box::pin(async move { self.0.try_get_with(key, write).await.map_err(Arc::<Error>::unwrap_or_clone) })
    }
}
