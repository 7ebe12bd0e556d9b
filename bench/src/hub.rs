//! The hub's process: started as anyone would start it, watched from outside.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long the hub may take until it listens: its first start makes a database.
const START_LIMIT: Duration = Duration::from_secs(120);

/// A data folder that is deleted in the end.
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// Makes it. Others may pass through: the database runs under an account of its own when this runs as
    /// root.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        DirBuilder::new()
            .mode(0o711)
            .create(path)
            .with_context(|| format!("the folder {} cannot be made", path.display()))?;
        Ok(Self(path.canonicalize()?))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A hub that listens.
pub(crate) struct HubProcess {
    child: Child,
    process: Pid,
    /// Where it listens: host and port.
    pub(crate) address: String,
    /// A token for each role.
    pub(crate) tokens: BTreeMap<String, String>,
}

/// Resident memory in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Now.
    pub(crate) resident: u64,
    /// The most that it ever was.
    pub(crate) peak: u64,
}

impl HubProcess {
    /// Starts a hub on a free port with its private database in `data`, with default settings but the limit
    /// of requests.
    pub(crate) async fn start(kordon: &Path, data: &Path) -> anyhow::Result<Self> {
        Self::start_with(kordon, data, &[]).await
    }

    /// The same with settings, by their variables.
    pub(crate) async fn start_with(
        kordon: &Path,
        data: &Path,
        settings: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(kordon)
            .arg("--data")
            .arg(data)
            .args(["serve", "--listen", "127.0.0.1:0", "--sample-parties"])
            .env_remove("DATABASE_URL")
            .env_remove("KORDON_CONFIG")
            // Three systems send what thousands send elsewhere: the limit of a system is not what is
            // measured.
            .env("KORDON_LIMITS__SYSTEM", "{requests=1000000000,seconds=60}")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} does not start", kordon.display()))?;
        let process = child.id().and_then(|id| i32::try_from(id).ok()).context("the hub ended at once")?;
        let stdout = child.stdout.take().context("the hub has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(address) = line.strip_prefix("listening on http://") {
                    return Ok(address.to_owned());
                }
            }
            anyhow::bail!("the hub ended before it listened; its reason stands above")
        };
        let address =
            tokio::time::timeout(START_LIMIT, listening).await.context("the hub does not listen")??;
        // Reads on, so that the hub never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let tokens = serde_json::from_slice(&std::fs::read(data.join("sample-credentials.json"))?)?;
        Ok(Self { child, process: Pid::from_raw(process), address, tokens })
    }

    /// The token of the sample system with this role.
    pub(crate) fn token(&self, role: &str) -> anyhow::Result<&str> {
        self.tokens.get(role).map(String::as_str).with_context(|| format!("there is no token of a {role}"))
    }

    /// The hub's own memory, without its database.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process))?;
        let kibibytes = |field: &str| -> anyhow::Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(field)).context("no such field")?;
            let number = line.trim_start_matches(':').trim().trim_end_matches(" kB");
            Ok(number.parse::<u64>()? * 1024)
        };
        Ok(Memory { resident: kibibytes("VmRSS")?, peak: kibibytes("VmHWM")? })
    }

    /// Lets it finish and end, and its database with it.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        kill(self.process, Signal::SIGTERM)?;
        let status = self.child.wait().await?;
        ensure!(status.success(), "the hub ended badly: {status}");
        Ok(())
    }
}

impl Drop for HubProcess {
    /// After a failure: it is told to end, and ends its database.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill(self.process, Signal::SIGTERM);
            while matches!(self.child.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}
