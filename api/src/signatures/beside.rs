//! Signatures are made beside the threads that answer. One with an RSA key of 4,096 bits takes five milliseconds of a processor, one in a
//! hardware module its way there and back; on the thread of a door all others would wait for it whose connections are there: the gate, the
//! polls, and whoever only has to be told that his message is committed.

use std::sync::LazyLock;

use kordon_hub::{Error, Result};
use tokio::sync::Semaphore;

/// As many at once as there are processors: more would only take time from each other.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// Signs on a thread beside those that answer, in its turn.
///
/// # Errors
/// What `signing` fails with; [`Error::Internal`] when it did not end.
pub(crate) async fn sign<T: Send + 'static>(
    signing: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let ended = |error: &dyn std::fmt::Display| Error::Internal(format!("a signature was not made: {error}"));
    let _turn = TURNS.acquire().await.map_err(|closed| ended(&closed))?;
    tokio::task::spawn_blocking(signing).await.map_err(|error| ended(&error))?
}
