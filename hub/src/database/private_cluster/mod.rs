//! The hub's own PostgreSQL: with no `DATABASE_URL`, the hub runs a private server from the installed
//! programs, with its data in the hub's data folder. It serves whoever tries the hub out or runs a small
//! site.
//!
//! The server listens on a unix socket only and never runs as root. One hub works on a folder at a time. A
//! server that ends unasked is started again; one that a killed hub left behind is ended and replaced by the
//! next hub. What was committed survives all of these. Everything here blocks and knows Linux (`/proc`).
//!
//! - [`PrivateCluster`]: the running server, for as long as the value lives.
//! - `binaries`: the installed programs. `account`: whom they run as. `folder`: what lies where in the data
//!   folder.
//! - `server`: the process. `supervisor`: the thread that keeps it running.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

mod account;
mod binaries;
mod error;
mod folder;
mod server;
mod supervisor;

use folder::ClusterFolder;
use server::{Postmaster, Server};
use supervisor::Supervisor;

pub use binaries::ServerBinaries;
pub use error::ClusterError;
pub use supervisor::ClusterState;

/// Whether a commit is on the disk when it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// It is: nothing that was answered is lost, whatever ends.
    #[default]
    Durable,
    /// It need not be: for tests, which lose nothing with a database.
    Fast,
}

/// How a private server is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterOptions {
    /// Whether a commit waits for the disk.
    pub durability: Durability,
    /// How many connections the server accepts.
    pub max_connections: u16,
    /// The server's cache in MiB.
    pub shared_buffers_mb: u32,
    /// The account that the server runs under if the hub is root; `postgres` or `nobody` if it is not named.
    pub account: Option<String>,
    /// How long a start may take, including the recovery of what a killed server had not written.
    pub start_limit: Duration,
    /// How long the server may take to end politely before it is ended at once.
    pub stop_limit: Duration,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            durability: Durability::Durable,
            max_connections: 50,
            shared_buffers_mb: 128,
            account: None,
            start_limit: Duration::from_secs(300),
            stop_limit: Duration::from_secs(30),
        }
    }
}

/// A running private server. It is stopped when the value is dropped.
pub struct PrivateCluster {
    folder: PathBuf,
    url: String,
    supervisor: Supervisor,
    /// Released last, when the server has ended.
    _lock: File,
}

impl PrivateCluster {
    /// Starts the server of `folder`, which is made on the first start, and waits until it accepts
    /// connections.
    ///
    /// # Errors
    /// [`ClusterError::FolderHeld`] if another hub works there, and any other [`ClusterError`] but
    /// [`ClusterError::NotRunning`].
    pub fn start(
        folder: &Path,
        binaries: ServerBinaries,
        options: ClusterOptions,
    ) -> Result<Self, ClusterError> {
        let folder = ClusterFolder::create(folder, options.account.as_deref())?;
        let lock = folder.lock()?;
        let server = Server::prepare(folder.clone(), binaries, options)?;
        let supervisor = Supervisor::start(server)?;
        Ok(Self { folder: folder.root().to_owned(), url: folder.url()?, supervisor, _lock: lock })
    }

    /// The URL of the running server of `folder`, whoever started it: for the tools that work beside a hub.
    ///
    /// # Errors
    /// [`ClusterError::NotRunning`], or [`ClusterError::Io`] if the folder can't be read by this account.
    pub fn attach(folder: &Path) -> Result<String, ClusterError> {
        let not_running = || ClusterError::NotRunning { folder: folder.to_owned() };
        if !folder.is_dir() {
            return Err(not_running());
        }
        let opened = ClusterFolder::open(folder, None)?;
        let postmaster = Postmaster::find(&opened)?.filter(|found| found.is_ready(&opened));
        postmaster.map_or_else(|| Err(not_running()), |_ready| opened.url())
    }

    /// Starts the server of `folder` unless it runs, and leaves it running when this process ends, without
    /// anybody to watch it: for tests, whose many processes share one server. Returns its URL.
    ///
    /// # Errors
    /// As [`Self::start`], but waits for whoever holds the folder.
    pub fn start_detached(
        folder: &Path,
        binaries: ServerBinaries,
        options: ClusterOptions,
    ) -> Result<String, ClusterError> {
        let created = ClusterFolder::create(folder, options.account.as_deref())?;
        let _lock = created.lock_when_free()?;
        match Self::attach(folder) {
            Err(ClusterError::NotRunning { .. }) => {}
            running_or_unreadable => return running_or_unreadable,
        }
        let _child = Server::prepare(created.clone(), binaries, options)?.launch(&|| false)?;
        created.url()
    }

    /// Ends the server that [`Self::start_detached`] left running. Says whether there was one.
    ///
    /// # Errors
    /// [`ClusterError::FolderHeld`] if a hub holds the folder, [`ClusterError::OrphanStays`] if the server
    /// does not end.
    pub fn stop_detached(folder: &Path, limit: Duration) -> Result<bool, ClusterError> {
        if !folder.is_dir() {
            return Ok(false);
        }
        let opened = ClusterFolder::open(folder, None)?;
        let _lock = opened.lock()?;
        let Some(postmaster) = Postmaster::find(&opened)? else { return Ok(false) };
        if !postmaster.end(limit) {
            return Err(ClusterError::OrphanStays {
                folder: folder.to_owned(),
                process: postmaster.process_id(),
            });
        }
        opened.release_socket();
        Ok(true)
    }

    /// The URL of the hub's database, for libpq, diesel and `tokio-postgres`. It holds the password: never
    /// log it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How the server is now.
    #[must_use]
    pub fn state(&self) -> ClusterState {
        self.supervisor.state().borrow().clone()
    }

    /// Every change of [`Self::state`], to be waited for.
    #[must_use]
    pub fn states(&self) -> watch::Receiver<ClusterState> {
        self.supervisor.state()
    }

    /// Stops the server and waits until it has ended.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for PrivateCluster {
    fn drop(&mut self) {
        self.supervisor.stop();
    }
}

impl fmt::Debug for PrivateCluster {
    /// Without the URL, which holds the password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, url: _, supervisor, _lock } = self;
        let state = supervisor.state().borrow().clone();
        formatter
            .debug_struct("PrivateCluster")
            .field("folder", folder)
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
