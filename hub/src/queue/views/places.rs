//! The places in a queue, worked out once for all holders who ask while it stays as it is (Q25). Thousands ask
//! each for one place, and to know one is to rank all.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kordon_schemas::CheckpointCode;
use moka::future::Cache;
use moka::policy::EvictionPolicy;
use uuid::Uuid;

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::queue::read;

/// How many places are kept: as many as a hundred queues of four thousand vehicles have.
const MOST: u64 = 400_000;

/// How long the places of a queue are kept for which nobody asks.
const KEPT_UNREAD: Duration = Duration::from_secs(30);

/// Which queue, as of when.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    checkpoint: CheckpointCode,
    /// The position in its journal that is known to be reached: what is kept is at least as new.
    position: i64,
    /// The order follows the clock where slots begin.
    minute: DateTime<Utc>,
}

/// The places of those who wait in a queue, by booking.
#[derive(Debug)]
pub struct Placed {
    /// Who was called has none.
    pub(super) places: HashMap<Uuid, u32>,
    /// When the queue changed last, if ever.
    pub(super) changed_at: Option<DateTime<Utc>>,
}

/// The places that were last asked for.
#[derive(Debug, Clone)]
pub struct Places(Cache<Key, Arc<Placed>>);

impl Default for Places {
    fn default() -> Self {
        let weight = |_: &Key, placed: &Arc<Placed>| {
            u32::try_from(placed.places.len()).unwrap_or(u32::MAX).saturating_add(1)
        };
        let cache = Cache::builder().weigher(weight).max_capacity(MOST).time_to_idle(KEPT_UNREAD);
        // The oldest goes first: it is never asked for again once its position has passed.
        Self(cache.eviction_policy(EvictionPolicy::lru()).build())
    }
}

impl Places {
    /// The places of a queue that has reached a position, at `now`. Who asks while they are worked out waits
    /// for them.
    ///
    /// # Errors
    /// As [`read::queue`].
    pub async fn of(
        &self,
        connection: &mut Connection,
        checkpoint: &CheckpointCode,
        position: i64,
        now: DateTime<Utc>,
    ) -> Result<Arc<Placed>> {
        let key = Key { checkpoint: checkpoint.clone(), position, minute: read::minute(now) };
        let placed = self.0.try_get_with(key, async {
            let queue = read::queue(connection, checkpoint, None, now).await?;
            let places =
                queue.entries.iter().filter_map(|entry| entry.place.map(|place| (entry.booking, place)));
            Ok(Arc::new(Placed { places: places.collect(), changed_at: queue.changed_at }))
        });
        placed.await.map_err(Arc::<Error>::unwrap_or_clone)
    }
}
