//! The PostgreSQL servers of the tests: one that all share, and one of a test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use kordon_hub::database::private_cluster::{
    ClusterError, ClusterOptions, Durability, PrivateCluster, ServerBinaries,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::database;

/// Enough for every test of a run to hold a few, in as many processes as the machine has processors.
const SHARED_CONNECTIONS: u16 = 400;
/// How long the shared server may take to end politely.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// The server that all tests of a working copy share. Whoever comes first starts it; it is left running for
/// the next.
#[derive(Debug)]
pub struct SharedCluster;

impl SharedCluster {
    /// Its folder: the one that the variable `KORDON_TEST_CLUSTER` names, or else `test-cluster` in cargo's
    /// target folder. In memory (`/dev/shm/…`) a database is made three times as fast as on a disk.
    #[must_use]
    pub fn folder() -> PathBuf {
        if let Some(folder) = std::env::var_os("KORDON_TEST_CLUSTER") {
            return PathBuf::from(folder);
        }
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
        target.join("test-cluster")
    }

    /// The URL of its first database, which nobody writes to. Starts the server if it does not run.
    ///
    /// # Errors
    /// When no server can be started, which says what to do about it.
    pub fn url() -> anyhow::Result<String> {
        static KNOWN: Mutex<Option<String>> = Mutex::new(None);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(url) = known.as_ref() {
            return Ok(url.clone());
        }
        let url = match PrivateCluster::attach(&Self::folder()) {
            Err(ClusterError::NotRunning { .. }) => Self::start()?,
            running_or_unreadable => running_or_unreadable?,
        };
        Ok(known.insert(url).clone())
    }

    fn start() -> anyhow::Result<String> {
        let folder = Self::folder();
        let options = ClusterOptions {
            durability: Durability::Fast,
            max_connections: SHARED_CONNECTIONS,
            stop_limit: STOP_LIMIT,
            ..ClusterOptions::default()
        };
        let start = || PrivateCluster::start_detached(&folder, ServerBinaries::find(None)?, options.clone());
        let url = match start() {
            // Without durability, a machine that lost its power may leave data that can't be read any more.
            Err(ClusterError::StartFailed { .. }) => {
                fs::remove_dir_all(folder.join("postgres"))?;
                start()?
            }
            started => started?,
        };
        // Whoever reaches the socket may come in: an exchange of passwords costs more than most tests do. The
        // folder of the socket is closed to others.
        fs::write(folder.join("postgres/pg_hba.conf"), "local all all trust\n")?;
        database::reload(&url)?;
        database::remove_stale(&url)?;
        Ok(url)
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_running() -> bool {
        PrivateCluster::attach(&Self::folder()).is_ok()
    }

    /// Ends it. Says whether it ran.
    ///
    /// # Errors
    /// When it does not end, or somebody starts it right now.
    pub fn stop() -> anyhow::Result<bool> {
        Ok(PrivateCluster::stop_detached(&Self::folder(), STOP_LIMIT)?)
    }
}

/// The folder of the workspace, which this crate lies two folders below.
pub(crate) fn workspace() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// A server of a test's own in a folder of its own, durable as in operation, for tests that kill it. Making
/// one takes a second or two.
#[derive(Debug)]
pub struct TestCluster {
    // Dropped in this order: the server ends before its folder goes.
    cluster: Option<PrivateCluster>,
    folder: TempDir,
}

impl TestCluster {
    /// Makes and starts one. Blocks.
    ///
    /// # Errors
    /// When no server can be started, which says what to do about it.
    pub fn own() -> anyhow::Result<Self> {
        let mut made = Self { cluster: None, folder: tempfile::Builder::new().prefix("kordon").tempdir()? };
        made.start()?;
        Ok(made)
    }

    /// The data folder, for a hub that is to find its server here after [`Self::stop`].
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The running server.
    ///
    /// # Errors
    /// After [`Self::stop`].
    pub fn cluster(&self) -> anyhow::Result<&PrivateCluster> {
        self.cluster.as_ref().context("the test stopped its server")
    }

    /// Starts the server again after [`Self::stop`]. Blocks.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start(&mut self) -> anyhow::Result<()> {
        if self.cluster.is_none() {
            let binaries = ServerBinaries::find(None)?;
            self.cluster = Some(PrivateCluster::start(self.folder(), binaries, ClusterOptions::default())?);
        }
        Ok(())
    }

    /// Stops the server and leaves its folder. Blocks.
    pub fn stop(&mut self) {
        self.cluster = None;
    }

    /// The process id of the server in a data folder, ours or that of a hub under test.
    ///
    /// # Errors
    /// When no server has started there.
    pub fn server_process(folder: &Path) -> anyhow::Result<i32> {
        let note = folder.join("postgres/postmaster.pid");
        let text = fs::read_to_string(&note).with_context(|| format!("reading {}", note.display()))?;
        Ok(text.lines().next().context("the server has noted no process id")?.trim().parse()?)
    }

    /// Kills the server in a data folder as `kill -9` does; the hub that watches it starts it again.
    ///
    /// # Errors
    /// When no server runs there.
    pub fn kill_server(folder: &Path) -> anyhow::Result<()> {
        Ok(kill(Pid::from_raw(Self::server_process(folder)?), Signal::SIGKILL)?)
    }
}
