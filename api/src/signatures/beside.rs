//! Signatures are made beside the threads that answer. One with an RSA key of 4,096 bits takes five
//! milliseconds of a processor, one in a hardware module its way there and back; on the thread of a door all
//! others would wait for it whose connections are there: the gate, the polls, and whoever only has to be told
//! that his message is committed.

use std::io;
use std::sync::LazyLock;

use kordon_hub::{Error, Result};
use tokio::runtime::{Builder, Runtime};
use tokio::task::AbortHandle;

/// The threads that sign. As many as there are processors: more would only take time from each other. They
/// have a queue of their own, so one that has signed begins the next signature without waiting for anybody to
/// be told.
static SIGNING: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Builder::new_current_thread().max_blocking_threads(processors).thread_name("signing").build()
});

/// Signs on a thread beside those that answer, in its turn.
///
/// # Errors
/// What `signing` fails with; [`Error::Internal`] when it did not end.
pub(crate) async fn sign<T: Send + 'static>(
    signing: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let ended = |error: &dyn std::fmt::Display| Error::Internal(format!("a signature was not made: {error}"));
    let threads = SIGNING.as_ref().map_err(|error| ended(error))?;
    let signed = threads.spawn_blocking(signing);
    let _wanted = Wanted(signed.abort_handle());
    signed.await.map_err(|error| ended(&error))?
}

/// A signature that somebody waits for: once nobody does, it is not begun any more.
struct Wanted(AbortHandle);

impl Drop for Wanted {
    fn drop(&mut self) {
        let Self(signing) = self;
        signing.abort();
    }
}
