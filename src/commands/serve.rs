//! `kordon serve`: the hub, until it is told to end.

use std::net::SocketAddr;
use std::path::Path;

use clap::Args;
use kordon_hub::Clock;
use kordon_hub::database::private_cluster::{ClusterState, PrivateCluster};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::{Place, runtime, samples, say};
use crate::hub::{PartPlayed, Serving, prepare};

/// Runs the hub.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen; port 0 takes a free one.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// On first start, registers one sample system per role and keeps their tokens in the data folder.
    #[arg(long)]
    sample_parties: bool,
    /// The parts of a hub that this process plays, with commas between; all by default. Without `api` it
    /// shows health and metrics alone.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = PartPlayed::ALL)]
    roles: Vec<PartPlayed>,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT, then drains.
    pub(super) fn run(self, place: Place) -> anyhow::Result<()> {
        start_log("info");
        let Self { listen, sample_parties, roles } = self;
        let mut settings = place.settings()?;
        if let Some(listen) = listen {
            settings.listen = listen;
        }
        if settings.tls.is_none() && !settings.listen.ip().is_loopback() {
            tracing::warn!(listen = %settings.listen, "tokens travel in the clear: set `tls`, or let a proxy on this machine speak TLS");
        }
        let site = place.site();
        std::fs::create_dir_all(&site.data)?;
        let data = site.data.canonicalize()?;
        let site = crate::hub::Site { data: data.clone(), ..site };
        let runtime = runtime()?;
        // Before the database is started, so that whoever ends the hub meanwhile ends it in order.
        let mut ends = runtime.block_on(async { Ends::listen() })?;
        let (cluster, database) = site.open_database(&settings)?;
        runtime.block_on(async {
            let clock = Clock::system();
            let database = prepare(database, &clock).await?;
            let samples = if sample_parties {
                Some(samples::ensure(&database, &data, clock.now()).await?)
            } else {
                None
            };
            let mut serving = Serving::start(database, clock, &data, &settings, &roles).await?;
            announce(serving.url(), roles.contains(&PartPlayed::Api), &data, samples.as_ref());
            let ended = tokio::select! {
                () = ends.next() => Ok(()),
                reason = given_up(cluster.as_ref()) => Err(anyhow::anyhow!("the private PostgreSQL does not stay up: {reason}")),
                broken = serving.broken() => Err(anyhow::anyhow!("{broken}; the log says why")),
            };
            tracing::info!("draining");
            tokio::select! {
                drained = serving.drain() => drained?,
                () = ends.next() => anyhow::bail!("ended at once, as asked twice"),
            }
            ended
        })?;
        drop(cluster);
        Ok(())
    }
}

/// The signals that end a hub: the first lets it finish what was begun, the second does not.
struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Ends {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Waits until the private database, if there is one, can't be kept running. Whoever started the hub then
/// starts it anew, or looks into the log.
async fn given_up(cluster: Option<&PrivateCluster>) -> String {
    if let Some(cluster) = cluster {
        let mut states = cluster.states();
        loop {
            if let ClusterState::GivenUp { reason } = &*states.borrow_and_update() {
                return reason.to_string();
            }
            if states.changed().await.is_err() {
                break;
            }
        }
    }
    std::future::pending().await
}

fn announce(url: Option<&str>, is_door: bool, data: &Path, samples: Option<&samples::Samples>) {
    if let Some(url) = url {
        say(&format!("listening on {url}"));
        if is_door {
            say(&format!("documentation  {url}/docs/"));
        }
    }
    say(&format!("data folder    {}", data.display()));
    if let (Some(url), Some(samples)) = (url, samples) {
        say(&samples.introduction(url));
    }
}

/// The log goes to standard error, one JSON object a line. `RUST_LOG` sets what is in it, `otherwise` when it
/// is unset.
pub(super) fn start_log(otherwise: &str) {
    let wanted = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(otherwise));
    let lines = tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr);
    // A second start in one process keeps the first log.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(wanted.and(filter_fn(holds_no_values))))
        .try_init();
}

/// Keeps the database driver's debug lines out, whatever `RUST_LOG` says: they hold the values of every
/// statement, which are plates, names and the hashes of credentials.
fn holds_no_values(line: &Metadata<'_>) -> bool {
    !line.target().starts_with("tokio_postgres") || *line.level() <= Level::INFO
}
