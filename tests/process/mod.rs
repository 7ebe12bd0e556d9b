//! The real program as a process of its own, for what only a process shows: signals, exit codes, logs, sudden
//! death.

mod client;
mod hub;
mod journal;
mod log;
mod site;

use std::time::{Duration, Instant};

pub(crate) use client::Client;
pub(crate) use hub::HubProcess;
pub(crate) use journal::{HeldJournal, event};
pub(crate) use site::{Said, Site};

/// Nothing that a process is waited for takes longer, on a machine that does ten other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait before asking again.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);

/// Asks until there is an answer. Only for what nobody tells: that a session waits for a lock, that a door is
/// shut, that evidence is stamped. Whatever is said, in a log, on a channel or in a stream, is awaited there.
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(PAUSE).await;
    }
}
