//! The generator: wrk with a Lua script that writes every event anew.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::hub::HubProcess;
use crate::vehicles::Vehicle;

/// How the events are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    /// Connections, each with one request under way.
    pub(crate) connections: u32,
    /// Events of one request.
    pub(crate) events: u32,
}

/// What wrk saw.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Sent {
    requests: u64,
    failed: u64,
    /// How long it sent.
    pub(crate) seconds: f64,
    /// The time that half of the requests took at most, in milliseconds.
    pub(crate) p50_ms: f64,
    /// The time that 99 of 100 requests took at most, in milliseconds.
    pub(crate) p99_ms: f64,
}

impl Sent {
    /// Events a second that were answered.
    #[expect(clippy::cast_precision_loss, reason = "a count of events is far below 2^52")]
    pub(crate) fn rate(&self, load: Load) -> f64 {
        (self.requests * u64::from(load.events)) as f64 / self.seconds
    }

    /// Checks that every request succeeded and that `recorded` is what they stated: all that was answered, and beyond it at
    /// most what was under way when wrk stopped.
    pub(crate) fn agrees(&self, load: Load, recorded: u64) -> anyhow::Result<()> {
        ensure!(self.failed == 0, "{} of {} requests failed", self.failed, self.requests);
        let answered = self.requests * u64::from(load.events);
        let under_way = u64::from(load.connections) * u64::from(load.events);
        ensure!(
            (answered..=answered + under_way).contains(&recorded),
            "{answered} events were answered, but {recorded} are recorded"
        );
        Ok(())
    }
}

/// wrk, ready to run.
pub(crate) struct Generator {
    script: PathBuf,
    url: String,
    runs: u32,
}

impl Generator {
    /// Writes the script, with the tokens and vehicles in front, into `folder`.
    pub(crate) fn prepare(folder: &Path, hub: &HubProcess, vehicles: &[Vehicle]) -> anyhow::Result<Self> {
        let script = folder.join("events.lua");
        let mut text = format!("address = '{}'\ntokens = {{}}\nvehicles = {{\n", hub.address);
        for Vehicle { checkpoint, plate } in vehicles {
            text.push_str(&format!("{{'{checkpoint}', '{plate}'}},\n"));
        }
        text.push_str("}\n");
        for (role, token) in &hub.tokens {
            text.push_str(&format!("tokens.{role} = '{token}'\n"));
        }
        text.push_str(include_str!("../events.lua"));
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&script)?;
        file.write_all(text.as_bytes())?;
        Ok(Self { script, url: format!("http://{}", hub.address), runs: 0 })
    }

    /// Sends events for some seconds.
    pub(crate) async fn run(&mut self, load: Load, seconds: u32) -> anyhow::Result<Sent> {
        self.runs += 1;
        let output = Command::new("wrk")
            .kill_on_drop(true)
            .args(["--threads", "2", "--timeout", "20s", "--latency"])
            .args(["--connections", &load.connections.to_string()])
            .args(["--duration", &format!("{seconds}s")])
            .arg("--script")
            .arg(&self.script)
            .arg(&self.url)
            .args(["--", &format!("bench-{}", self.runs), &load.events.to_string()])
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
