//! Waiting for what the hub does by itself: a notice, a call, a prediction. It is asked over and over, as
//! whoever looks at it from outside must.

use std::time::{Duration, Instant};

/// How long it may take before the play goes on without it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two looks.
const POLL: Duration = Duration::from_millis(100);

/// Waits until `done` says so, or patience ends: then it is false, and the table tells what was not done.
pub(super) async fn until(done: impl AsyncFn() -> anyhow::Result<bool>) -> anyhow::Result<bool> {
    let began = Instant::now();
    while !done().await? {
        if began.elapsed() > PATIENCE {
            return Ok(false);
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(true)
}
