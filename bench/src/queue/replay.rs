//! Replay: what every crossing comes to, from its facts, compared with what is kept.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use kordon_hub::checkpoints;
use kordon_hub::crossings::rebuild;
use kordon_hub::database::private_cluster::PrivateCluster;
use kordon_hub::database::{Database, DatabaseSettings};

use crate::ledger::Ledger;
use crate::load::{Generator, Load};

/// Events that are replayed.
const EVENTS: u64 = 1_000_000;

/// How they come in.
const FILLING: Load = Load { connections: 16, events: 100 };

/// Seconds between two counts while they come in.
const STEP: u32 = 10;

/// What was replayed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replayed {
    /// How many events.
    pub(crate) events: u64,
    /// How long it took.
    pub(crate) took: Duration,
}

/// Lets events in until there are a million, then replays them all.
pub(super) async fn run(data: &Path, ledger: &Ledger, generator: &mut Generator) -> anyhow::Result<Replayed> {
    let events = loop {
        let (events, _) = ledger.count_events().await?;
        if events >= EVENTS {
            break events;
        }
        generator.run(FILLING, STEP).await?;
        ledger.settle().await?;
    };
    ledger.analyze().await?;
    let database = Database::open(DatabaseSettings::new(PrivateCluster::attach(&data.join("database"))?))?;
    let mut connection = database.connection().await?;
    let all = checkpoints::checkpoints(&mut connection).await?.items;
    let began = Instant::now();
    for checkpoint in all {
        let different = rebuild::verify(&mut connection, &checkpoint.checkpoint).await?;
        ensure!(different.is_empty(), "{} crossings differ from their facts", different.len());
    }
    Ok(Replayed { events, took: began.elapsed() })
}
