//! Reading: whole queues, and the answer that nothing changed, beside a handler that does nothing.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::bare::Bare;
use crate::hub::HubProcess;
use crate::wrk::{REPORT, Seen, Wrk};

/// Connections that read whole queues, each with one request under way: one for each core of a small machine.
const READERS: u32 = 2;

/// Connections that ask whether anything changed.
const ASKERS: u32 = 256;

/// The hub and the bare handler in one round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beside {
    /// Answers a second of the hub.
    pub(crate) hub: f64,
    /// Answers a second of the bare handler.
    pub(crate) bare: f64,
}

/// wrk, ready to read.
pub(super) struct Reader<'a> {
    script: PathBuf,
    hub: &'a HubProcess,
    checkpoints: &'a [String],
    full_bytes: u64,
}

impl<'a> Reader<'a> {
    /// Ready to read, with a script in `folder`.
    pub(super) async fn prepare(
        folder: &Path,
        hub: &'a HubProcess,
        checkpoints: &'a [String],
    ) -> anyhow::Result<Self> {
        let script = folder.join("queue.lua");
        let mut reader = Self { script, hub, checkpoints, full_bytes: 0 };
        reader.note_tags().await?;
        Ok(reader)
    }

    /// Reads each queue once for its size and its tag, and writes the script.
    async fn note_tags(&mut self) -> anyhow::Result<()> {
        let Self { script, hub, checkpoints, full_bytes } = self;
        let token = hub.token("border_guard")?;
        let client = reqwest::Client::new();
        let mut text = format!("{REPORT}\ntoken = '{token}'\nqueues = {{\n");
        for checkpoint in *checkpoints {
            let path = format!("/api/v1/checkpoints/{checkpoint}/queue");
            let answer =
                client.get(format!("http://{}{path}", hub.address)).bearer_auth(token).send().await?;
            ensure!(answer.status().is_success(), "the queue of {checkpoint} is not shown");
            let tag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).context("no ETag")?;
            text.push_str(&format!("{{'{path}', '{tag}'}},\n"));
            *full_bytes = (*full_bytes).max(u64::try_from(answer.bytes().await?.len())?);
        }
        text.push_str("}\n");
        text.push_str(include_str!("../../queue.lua"));
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(script)?;
        Ok(file.write_all(text.as_bytes())?)
    }

    /// The size of the largest queue in JSON.
    pub(super) const fn full_bytes(&self) -> u64 {
        self.full_bytes
    }

    /// Reads whole queues for some seconds.
    pub(super) async fn full(&self, seconds: u32) -> anyhow::Result<Seen> {
        self.run(&self.hub.address, READERS, seconds, "200").await
    }

    /// Asks both whether anything changed, one after the other.
    pub(super) async fn not_modified(&mut self, bare: &Bare, seconds: u32) -> anyhow::Result<Beside> {
        let bare = self.run(&bare.address, ASKERS, seconds, "304").await?.rate();
        within_a_minute(seconds).await;
        self.note_tags().await?;
        let hub = self.run(&self.hub.address, ASKERS, seconds, "304").await?.rate();
        Ok(Beside { hub, bare })
    }

    async fn run(&self, address: &str, connections: u32, seconds: u32, status: &str) -> anyhow::Result<Seen> {
        let seen =
            Wrk { script: &self.script, address, connections, seconds }.run(&[status.as_ref()]).await?;
        seen.all_succeeded()?;
        Ok(seen)
    }
}

/// A tag holds for the minute of the clock. What would not end within this one begins with the next.
async fn within_a_minute(seconds: u32) {
    let passed = chrono::Utc::now().timestamp().rem_euclid(60).unsigned_abs();
    if passed + u64::from(seconds) + 5 > 60 {
        tokio::time::sleep(std::time::Duration::from_secs(61 - passed)).await;
    }
}
