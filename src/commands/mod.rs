//! The commands, one file each.

mod credential;
mod demo;
mod evidence;
mod migrate;
mod openapi;
mod party;
mod samples;
mod serve;
mod trembita;

use std::io::Write;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::hub::Site;
use crate::settings::Settings;

/// One database with typed doors for the border-crossing queue and the transit support service.
#[derive(Debug, Parser)]
#[command(name = "kordon", version, about)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Where the hub is.
#[derive(Debug, clap::Args)]
struct Place {
    /// The data folder: the private database, and the notices that go to folders.
    #[arg(long, global = true, env = "KORDON_DATA", default_value = "data")]
    data: PathBuf,
    /// A settings file (TOML).
    #[arg(long, global = true, env = "KORDON_CONFIG")]
    config: Option<PathBuf>,
    /// The PostgreSQL to use instead of the private one.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The folder of the PostgreSQL programs, if it is not found by itself.
    #[arg(long, global = true, env = "KORDON_PG_BIN")]
    pg_bin: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the hub.
    Serve(serve::Serve),
    /// Brings the database to this program's schema and reference data, then ends.
    Migrate,
    /// Prints the contract (OpenAPI 3.1).
    Openapi,
    /// Registers and lists organisations and their systems.
    #[command(subcommand)]
    Party(party::Party),
    /// Issues and revokes what systems prove themselves with.
    #[command(subcommand)]
    Credential(credential::Credential),
    /// Verifies signed containers and archives of exchanges over Trembita.
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// Asks services of other members of Trembita through the security server.
    #[command(subcommand)]
    Trembita(trembita::Trembita),
    /// Plays a scenario against a running hub, or one of its own, and checks what it then says.
    Demo(demo::Demo),
}

impl Place {
    fn settings(&self) -> anyhow::Result<Settings> {
        Settings::read(self.config.as_deref())
    }

    fn site(self) -> Site {
        let Self { data, config: _, database_url, pg_bin } = self;
        Site { data, postgresql: pg_bin, database_url }
    }
}

/// Carries a command out.
pub(crate) fn run(line: CommandLine) -> anyhow::Result<()> {
    let CommandLine { place, command } = line;
    match command {
        Command::Serve(serve) => serve.run(place),
        Command::Migrate => migrate::run(place),
        Command::Openapi => openapi::run(),
        Command::Party(party) => party.run(place),
        Command::Credential(credential) => credential.run(place),
        Command::Evidence(evidence) => evidence.run(),
        Command::Trembita(trembita) => trembita.run(&place),
        Command::Demo(demo) => demo.run(place),
    }
}

/// That a command ends with a code of its own.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The code; its command says what it means.
    pub(crate) code: u8,
    text: String,
}

impl Ended {
    /// An end with what is said about it.
    pub(crate) fn with(code: u8, text: impl Into<String>) -> anyhow::Error {
        Self { code, text: text.into() }.into()
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Ended {}

/// Says something to the person at the terminal.
pub(crate) fn say(text: &str) {
    // A terminal that went away is no reason to stop.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Says what went wrong.
pub(crate) fn say_error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// The runtime that the hub's own tasks run on.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .thread_name("kordon-hub")
        .build()
}
