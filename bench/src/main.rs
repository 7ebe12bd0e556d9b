//! `make bench`: how many checkpoint events a hub takes in, beside the plain PostgreSQL under it, in one run
//! on one machine.
//!
//! The hub is the real program with its private database, real tokens and all its rules. `README.md` beside
//! this crate says what is measured and how to read it.
//!
//! - [`hub`]: the hub's process. [`ledger`]: its database, to count in. [`vehicles`]: bookings, so that
//!   events match crossings.
//! - [`wrk`]: the generator of load. [`load`]: it, sending events. [`peer`]: pgbench, which inserts the same
//!   rows.
//! - [`queue`]: what reading and deciding costs when queues are long.
//! - [`support`]: what the support service costs when its database is full.
//! - [`trembita`]: what SOAP, signatures and evidence cost.
//! - [`backtest`]: apart from all that, how good the predicted entries are.
//! - [`rounds`]: what is run in which order. [`results`], [`lines`], [`times`]: medians, ratios, targets.
//!   [`machine`]: where it ran.

mod backtest;
mod hub;
mod ledger;
mod lines;
mod load;
mod machine;
mod peer;
mod queue;
mod results;
mod rounds;
mod support;
mod times;
mod trembita;
mod vehicles;
mod wrk;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

/// Measures a hub beside pgbench. Ends with an error only when it could not measure: a target that is missed
/// is said in the table.
#[derive(Debug, Parser)]
#[command(name = "kordon-bench")]
struct Options {
    /// What is measured.
    #[arg(value_enum, default_value_t = What::Events)]
    what: What,
    /// Rounds; each runs everything once, and medians are taken over them.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds that each measurement lasts.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// The hub's program; the one beside this program if it is not named.
    #[arg(long)]
    kordon: Option<PathBuf>,
    /// A folder for the hub's data, on the disk to be measured. It must not exist yet and is deleted at the
    /// end.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The folder that the results are written to.
    #[arg(long, default_value = "bench")]
    results: PathBuf,
    /// With `backtest`: on the worlds that the prediction is tuned on. Shows the tables and writes nothing.
    #[arg(long)]
    training: bool,
}

/// What is measured.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// How many events are taken in, beside pgbench.
    Events,
    /// What reading and deciding costs when queues are long.
    Queue,
    /// What the support service costs when its database is full.
    Support,
    /// What SOAP, signatures and evidence cost.
    Trembita,
    /// How good predicted entries are on simulated checkpoints.
    Backtest,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let measured = match options.what {
        What::Backtest => backtest::run(&options.results, options.training),
        What::Events => measure(&options, Stand::Events),
        What::Queue => measure(&options, Stand::Queue),
        What::Support => measure(&options, Stand::Support),
        What::Trembita => measure(&options, Stand::Trembita),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "kordon-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Says something to the person at the terminal.
fn say(text: &str) {
    // A terminal that went away is no reason to stop.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// What is measured of a hub that serves.
#[derive(Debug, Clone, Copy)]
enum Stand {
    Events,
    Queue,
    Support,
    Trembita,
}

fn measure(options: &Options, stand: Stand) -> anyhow::Result<()> {
    let own = std::env::current_exe()?;
    let kordon = options.kordon.clone().unwrap_or_else(|| own.with_file_name("kordon"));
    anyhow::ensure!(kordon.is_file(), "there is no {}: build it first", kordon.display());
    anyhow::ensure!(options.results.is_dir(), "there is no folder {}", options.results.display());
    let data = match &options.data {
        Some(data) => data.clone(),
        None => own.with_file_name(format!("bench-data-{}", std::process::id())),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = hub::DataFolder::create(&data)?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let measuring = async {
            match stand {
                Stand::Events => events(&kordon, folder.path(), options).await,
                Stand::Queue => queue::run(&kordon, folder.path(), options.seconds, &options.results).await,
                Stand::Support => support::run(&kordon, folder.path(), &options.results).await,
                Stand::Trembita => {
                    trembita::run(&kordon, folder.path(), options.seconds, &options.results).await
                }
            }
        };
        // Dropped when it is not awaited to its end, which ends the hub too.
        tokio::select! {
            measured = measuring => measured,
            _ = terminate.recv() => anyhow::bail!("ended from outside"),
            _ = interrupt.recv() => anyhow::bail!("ended from outside"),
        }
    })
}

async fn events(kordon: &Path, data: &Path, options: &Options) -> anyhow::Result<()> {
    let rounds = rounds::run(kordon, data, options.rounds, options.seconds).await?;
    let report = results::Report::of(&rounds, &machine::Machine::look(&rounds.postgresql), options.seconds);
    say(&report.table());
    report.write(&options.results).context("the results cannot be written")
}
