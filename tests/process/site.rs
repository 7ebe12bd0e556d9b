//! A data folder and a database, on which the program is run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use kordon_hub::database::private_cluster::PrivateCluster;
use kordon_testing::TestDatabase;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::{HubProcess, PATIENCE};

/// A place to run the program at. What is left running there is ended when the value is dropped.
pub(crate) struct Site {
    folder: TempDir,
    database: Option<TestDatabase>,
}

/// What a command said before it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) succeeded: bool,
    /// What it ended with, unless it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) error: String,
}

impl Site {
    /// With a private PostgreSQL in the data folder, as without any settings.
    pub(crate) fn private() -> Self {
        Self { folder: tempfile::Builder::new().prefix("kordon").tempdir().unwrap(), database: None }
    }

    /// With a database in the server that the tests share.
    pub(crate) async fn shared() -> Self {
        let mut site = Self::private();
        site.database = Some(TestDatabase::fresh().await);
        site
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of the private PostgreSQL.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.data().join("database")
    }

    /// A file beside the data folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The URL of the database, private or not. The private one has to run.
    pub(crate) fn database_url(&self) -> String {
        match &self.database {
            Some(database) => database.url(),
            None => PrivateCluster::attach(&self.cluster()).unwrap(),
        }
    }

    /// The program with `arguments`, as a shell without any settings would start it here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kordon"));
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"KORDON_") {
                command.env_remove(name);
            }
        }
        command.env_remove("DATABASE_URL").env_remove("RUST_LOG").env("KORDON_DATA", self.data());
        if let Some(database) = &self.database {
            command.env("DATABASE_URL", database.url());
        }
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said::by(&mut self.command(arguments))
    }

    /// Runs a command that has to succeed and tells what it printed.
    pub(crate) fn tell(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert!(said.succeeded, "kordon {}: {}", arguments.join(" "), said.error);
        said.output.trim_end().to_owned()
    }

    /// Starts a hub with one sample system per role and waits until it listens.
    pub(crate) fn serve(&self) -> HubProcess {
        HubProcess::start(self, self.serving())
    }

    /// The command of [`Self::serve`], for tests that add to it.
    pub(crate) fn serving(&self) -> Command {
        self.command(&["serve", "--listen", "127.0.0.1:0", "--sample-parties"])
    }

    /// What every hub of this site has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    pub(super) fn log_file(&self) -> PathBuf {
        self.file("hub.log")
    }

    /// The token of the sample system in a role.
    pub(crate) fn token(&self, role: &str) -> String {
        let file = self.data().join("sample-credentials.json");
        let tokens: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        tokens[role].as_str().unwrap().to_owned()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if self.database.is_none() {
            // The server of a killed hub outlives it; a folder that was never used has none.
            let _none_left =
                PrivateCluster::stop_detached(Path::new(&self.cluster()), Duration::from_secs(10));
        }
    }
}

impl Said {
    /// What `command` says before it ends, which it has to do by itself.
    pub(crate) fn by(command: &mut Command) -> Self {
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let id = Pid::from_raw(process.id().try_into().unwrap());
        let (tell, told) = mpsc::channel();
        let waiting = thread::spawn(move || tell.send(process.wait_with_output().unwrap()));
        let output = told.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            kill(id, Signal::SIGTERM).unwrap();
            panic!("{command:?} does not end: {:?}", told.recv_timeout(PATIENCE));
        });
        waiting.join().unwrap().unwrap();
        Self {
            succeeded: output.status.success(),
            code: output.status.code(),
            output: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
