//! What is run, in which order: everything once a round, one after the other, so that a slow minute of the
//! machine slows all.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::hub::{HubProcess, Memory};
use crate::ledger::Ledger;
use crate::load::{Generator, Load};
use crate::peer::Peer;
use crate::{say, vehicles};

/// The ways of sending that are measured.
pub(crate) const LOADS: [Load; 4] = [
    Load { connections: 16, events: 1 },
    Load { connections: 64, events: 1 },
    Load { connections: 256, events: 1 },
    Load { connections: 16, events: 100 },
];

/// A rate with the times behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Events a second.
    pub(crate) rate: f64,
    /// Half of the requests took at most this, in milliseconds; of pgbench the mean.
    pub(crate) p50_ms: f64,
    /// 99 of 100 requests took at most this, in milliseconds; pgbench does not tell.
    pub(crate) p99_ms: Option<f64>,
}

/// One round.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    /// pgbench.
    pub(crate) peer: Measured,
    /// The hub, as [`LOADS`].
    pub(crate) loads: Vec<Measured>,
}

/// All that was measured.
pub(crate) struct Rounds {
    /// The rounds.
    pub(crate) rounds: Vec<Round>,
    /// The hub's memory before it had anything to do.
    pub(crate) at_rest: Memory,
    /// The hub's memory in the end.
    pub(crate) in_the_end: Memory,
    /// How many vehicles went their way.
    pub(crate) vehicles: usize,
    /// The version of the database.
    pub(crate) postgresql: String,
}

/// A hub with all that measures it.
struct Stand {
    ledger: Ledger,
    generator: Generator,
    peer: Peer,
    seconds: u32,
}

/// Starts a hub in `data` and measures it.
pub(crate) async fn run(kordon: &Path, data: &Path, rounds: u32, seconds: u32) -> anyhow::Result<Rounds> {
    let hub_data = data.join("hub");
    let hub = HubProcess::start(kordon, &hub_data).await?;
    // What the start has left to do is no part of the rest.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let at_rest = hub.memory()?;
    let ledger = Ledger::open(&hub_data).await?;
    let postgresql = ledger.version().await?;
    say("booking the vehicles …");
    let vehicles = vehicles::book(&hub, &vehicles::checkpoints(&hub).await?, 0).await?;
    let generator = Generator::prepare(data, &hub, &vehicles)?;
    let peer = Peer::prepare(data, ledger.url())?;
    let mut stand = Stand { ledger, generator, peer, seconds };
    say("warming up …");
    for load in LOADS {
        stand.generator.run(load, 2).await?;
    }
    stand.ledger.settle().await?;
    let mut measured = Vec::new();
    for number in 1..=rounds {
        measured.push(stand.round().await.with_context(|| format!("round {number}"))?);
        if let Some(round) = measured.last() {
            say(&format!("round {number} of {rounds}: {}", outline(round)));
        }
    }
    let in_the_end = hub.memory()?;
    hub.stop().await?;
    Ok(Rounds { rounds: measured, at_rest, in_the_end, vehicles: vehicles.len(), postgresql })
}

fn outline(round: &Round) -> String {
    let loads: Vec<String> = round
        .loads
        .iter()
        .map(|load| format!("{:.0} ({:.2})", load.rate, load.rate / round.peer.rate))
        .collect();
    format!("pgbench {:.0}/s, the hub {} events/s", round.peer.rate, loads.join(", "))
}

impl Stand {
    async fn round(&mut self) -> anyhow::Result<Round> {
        let peer = self.measure_peer().await.context("pgbench")?;
        let mut loads = Vec::with_capacity(LOADS.len());
        for load in LOADS {
            let context = || format!("{} connections, {} events a request", load.connections, load.events);
            loads.push(self.measure_hub(load).await.with_context(context)?);
        }
        Ok(Round { peer, loads })
    }

    async fn measure_peer(&self) -> anyhow::Result<Measured> {
        self.ledger.clear_events().await?;
        let inserted = self.peer.run(self.seconds).await?;
        let (rows, _) = self.ledger.count_events().await?;
        ensure!(rows == inserted.rows, "pgbench says {} rows, the table has {rows}", inserted.rows);
        Ok(Measured { rate: inserted.rate, p50_ms: inserted.mean_ms, p99_ms: None })
    }

    async fn measure_hub(&mut self, load: Load) -> anyhow::Result<Measured> {
        self.ledger.clear_events().await?;
        let sent = self.generator.run(load, self.seconds).await?;
        self.ledger.settle().await?;
        let (recorded, unmatched) = self.ledger.count_events().await?;
        load.check(&sent, recorded)?;
        ensure!(unmatched == 0, "{unmatched} of {recorded} events found no crossing");
        #[expect(clippy::cast_precision_loss, reason = "a count of events is far below 2^52")]
        let rate = recorded as f64 / sent.seconds;
        Ok(Measured { rate, p50_ms: sent.p50_ms, p99_ms: Some(sent.p99_ms) })
    }
}
