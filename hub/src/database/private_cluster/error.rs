//! Why a private server can't be had. Each text says what the person at the keyboard can do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why the private PostgreSQL can't be started, reached or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The hub is root, and others may write in the folder.
    #[error(
        "the hub was started by root and others may write in {}: give root the folder (`chown root`, `chmod go-w`), \
         or start the hub under the account that owns it",
        .folder.display()
    )]
    ForeignFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// No server binaries on this machine.
    #[error(
        "no PostgreSQL server is installed here (looked in {looked_in}): install one with \
         `apt-get install postgresql-15`, or set DATABASE_URL to a database that you run"
    )]
    BinariesMissing {
        /// Where `initdb` and `postgres` were looked for.
        looked_in: String,
    },
    /// Server binaries of a major version that the hub doesn't support.
    #[error(
        "the PostgreSQL server in {} is version {major}, the hub needs {oldest} or newer: install one with \
         `apt-get install postgresql-15`, or set DATABASE_URL to a database that you run",
        .binaries.display()
    )]
    BinariesTooOld {
        /// The folder of the binaries.
        binaries: PathBuf,
        /// Their major version.
        major: u32,
        /// The oldest major version that the hub supports.
        oldest: u32,
    },
    /// The data was written by another major version than the installed one.
    #[error(
        "the database in {} was made by PostgreSQL {data}, and only version {binaries} is installed: install it \
         with `apt-get install postgresql-{data}`, or move the data over with pg_upgrade",
        .folder.display()
    )]
    OtherMajor {
        /// The data folder.
        folder: PathBuf,
        /// The major version that wrote the data.
        data: u32,
        /// The major version of the binaries.
        binaries: u32,
    },
    /// Another hub has the folder open.
    #[error(
        "another hub holds the folder {} ({holder}): stop it, or give this hub a data folder of its own",
        .folder.display()
    )]
    FolderHeld {
        /// The data folder.
        folder: PathBuf,
        /// The process that holds it, as its lock file names it.
        holder: String,
    },
    /// The hub runs as root and there is no account to run the server under.
    #[error(
        "PostgreSQL does not run as root and this machine has no account {account:?} to run it under: create it \
         with `adduser --system {account}`, or start the hub under an ordinary account"
    )]
    AccountMissing {
        /// The account that was looked for.
        account: String,
    },
    /// The data belongs to another account than the server would run under.
    #[error(
        "{} belongs to the account {owner}, not to {account}: run this as {owner} or as root, or name another \
         data folder",
        .path.display()
    )]
    OtherOwner {
        /// The folder of the data.
        path: PathBuf,
        /// Who owns it, by name or number.
        owner: String,
        /// The account that the server would run under.
        account: String,
    },
    /// `initdb`, or the creation of the database after it, failed.
    #[error("the database could not be made with {}; it said: {said}", .program.display())]
    InitialisationFailed {
        /// The program that failed.
        program: PathBuf,
        /// What it wrote.
        said: String,
    },
    /// The server ended instead of accepting connections.
    #[error("the PostgreSQL server did not start; the end of its log {} says: {tail}", .log.display())]
    StartFailed {
        /// The server's log.
        log: PathBuf,
        /// The last lines of this start.
        tail: String,
    },
    /// The server lives but does not accept connections in time.
    #[error(
        "the PostgreSQL server did not accept connections within {} s; the end of its log {} says: {tail}",
        .waited.as_secs(), .log.display()
    )]
    StartTooSlow {
        /// How long it was given.
        waited: Duration,
        /// The server's log.
        log: PathBuf,
        /// The last lines of this start.
        tail: String,
    },
    /// Processes of a server that was killed still work on the data.
    #[error(
        "processes of an earlier server still work on {} after {} s: end the `postgres: kordon` processes of this \
         folder, or wait for them, then start again",
        .folder.display(), .waited.as_secs()
    )]
    LeftoverProcesses {
        /// The data folder.
        folder: PathBuf,
        /// How long they were waited for.
        waited: Duration,
    },
    /// A server that was left behind does not end.
    #[error(
        "the PostgreSQL server with process id {process}, left behind in {}, does not end: end it with \
         `kill -9 {process}`, then start again",
        .folder.display()
    )]
    OrphanStays {
        /// The data folder.
        folder: PathBuf,
        /// The process id of the server.
        process: i32,
    },
    /// No folder has a path short enough for a socket.
    #[error(
        "the path {} is too long for a unix socket, and so is the folder for temporary files: set TMPDIR to a \
         folder with a short path",
        .path.display()
    )]
    SocketPathTooLong {
        /// The folder that was last tried.
        path: PathBuf,
    },
    /// There is no server to attach to.
    #[error("no PostgreSQL server runs in {}: start the hub on this folder first", .folder.display())]
    NotRunning {
        /// The data folder.
        folder: PathBuf,
    },
    /// The system refused something.
    #[error("{doing} {}: {source}", .path.display())]
    Io {
        /// What was done, as the beginning of a sentence.
        doing: &'static str,
        /// The file, folder or program that it was done to.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ClusterError {
    /// For `map_err`: the system refused `doing` something to `path`.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
