//! wrk, the generator of load: how it is started, and what it saw.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio::process::Command;

/// What stands before every script.
pub(crate) const REPORT: &str = include_str!("../report.lua");

/// A run of wrk with a script that begins with [`REPORT`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrk<'a> {
    /// The script.
    pub(crate) script: &'a Path,
    /// Host and port.
    pub(crate) address: &'a str,
    /// Connections, each with one request under way.
    pub(crate) connections: u32,
    /// How long it runs.
    pub(crate) seconds: u32,
}

/// What it saw.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Seen {
    /// Requests that were answered.
    pub(crate) requests: u64,
    /// Those that were not answered, or wrongly.
    failed: u64,
    /// How long it ran.
    pub(crate) seconds: f64,
    /// The time that half of the requests took at most, in milliseconds.
    pub(crate) p50_ms: f64,
    /// The time that 99 of 100 requests took at most, in milliseconds.
    pub(crate) p99_ms: f64,
}

impl Wrk<'_> {
    /// Runs it. The script is given `arguments`.
    pub(crate) async fn run(self, arguments: &[&OsStr]) -> anyhow::Result<Seen> {
        let Self { script, address, connections, seconds } = self;
        let output = Command::new("wrk")
            .kill_on_drop(true)
            .args(["--threads", "2", "--timeout", "20s", "--latency"])
            .args(["--connections", &connections.to_string(), "--duration", &format!("{seconds}s")])
            .arg("--script")
            .arg(script)
            .arg(format!("http://{address}"))
            .arg("--")
            .args(arguments)
            .output()
            .await
            .context("wrk does not start; scripts/install.sh bench installs it")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let result = text.lines().find(|line| line.starts_with('{'));
        let result = result.with_context(|| {
            format!("wrk has no result: {text}{}", String::from_utf8_lossy(&output.stderr))
        })?;
        serde_json::from_str(result).context("the result of wrk cannot be read")
    }
}

impl Seen {
    /// Answers a second.
    #[expect(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / self.seconds
    }

    /// Checks that every request succeeded.
    pub(crate) fn all_succeeded(&self) -> anyhow::Result<()> {
        ensure!(self.failed == 0, "{} of {} requests failed", self.failed, self.requests);
        Ok(())
    }
}
