//! The peer: pgbench, which inserts the row of an event into the hub's own table, one row a transaction,
//! prepared.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tokio::process::Command;

/// pgbench, ready to run.
pub(crate) struct Peer {
    script: PathBuf,
    url: String,
}

/// What pgbench says of its run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inserted {
    /// Transactions, which are rows.
    pub(crate) rows: u64,
    /// Rows a second, the time to connect left out.
    pub(crate) rate: f64,
    /// The mean time of a transaction in milliseconds.
    pub(crate) mean_ms: f64,
}

impl Peer {
    /// Writes the script into `folder`.
    pub(crate) fn prepare(folder: &Path, url: &str) -> anyhow::Result<Self> {
        let script = folder.join("insert.sql");
        std::fs::write(&script, include_str!("../insert.sql"))?;
        Ok(Self { script, url: url.to_owned() })
    }

    /// Inserts for some seconds.
    pub(crate) async fn run(&self, seconds: u32) -> anyhow::Result<Inserted> {
        let output = Command::new("pgbench")
            .kill_on_drop(true)
            .args(["--no-vacuum", "--protocol", "prepared", "--client", "16", "--jobs", "2"])
            .args(["--time", &seconds.to_string(), "--file"])
            .arg(&self.script)
            .arg(&self.url)
            .output()
            .await
            .context("pgbench does not start; it comes with the PostgreSQL server")?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
        let number = |field: &str| -> anyhow::Result<f64> {
            let rest = text.lines().find_map(|line| line.strip_prefix(field));
            let word = rest.and_then(|rest| rest.split_whitespace().next());
            let word = word.with_context(|| format!("pgbench does not say `{field}`: {text}"))?;
            word.parse().with_context(|| format!("pgbench says `{field}{word}`"))
        };
        let rows = number("number of transactions actually processed: ")?.to_string().parse()?;
        Ok(Inserted { rows, rate: number("tps = ")?, mean_ms: number("latency average = ")? })
    }
}
