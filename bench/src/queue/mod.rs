//! What reading and deciding costs when every queue is long: twenty checkpoints with four thousand waiting
//! vehicles each.
//!
//! - [`waiting`]: books the vehicles and has them arrive. [`reading`]: the whole queue, and the answer that
//!   nothing changed, beside a [`bare`] handler. [`deciding`]: calls, and admission at the gate beside a load
//!   of events. [`replay`]: every crossing from its facts again.

mod bare;
mod deciding;
mod reading;
mod replay;
mod results;
mod waiting;

use std::path::Path;

use crate::hub::HubProcess;
use crate::ledger::Ledger;
use crate::load::Generator;
use crate::machine::Machine;
use crate::times::Times;
use crate::wrk::Seen;
use crate::{say, vehicles};

/// Checkpoints with a long queue.
const CHECKPOINTS: usize = 20;

/// Vehicles that wait at each.
const WAITING: usize = 4_000;

/// Rounds of the two that are compared.
const ROUNDS: usize = 5;

/// All that was measured.
struct Measured {
    full: Seen,
    full_bytes: u64,
    not_modified: Vec<reading::Beside>,
    calls: Times,
    gate: Times,
    gate_events: f64,
    replay: replay::Replayed,
}

/// Starts a hub in `data`, fills its queues, measures, and writes `QUEUE.md` and `queue.json` into `results`.
pub(crate) async fn run(kordon: &Path, data: &Path, seconds: u32, results: &Path) -> anyhow::Result<()> {
    let hub_data = data.join("hub");
    let hub = HubProcess::start(kordon, &hub_data).await?;
    let ledger = Ledger::open(&hub_data).await?;
    let postgresql = ledger.version().await?;
    say("booking the vehicles …");
    let all = vehicles::checkpoints(&hub).await?;
    let (long, others) = all.split_at(CHECKPOINTS.min(all.len()));
    let waiting = waiting::fill(&hub, long, WAITING).await?;
    let moving = vehicles::book(&hub, others, waiting).await?;
    ledger.analyze().await?;
    let mut generator = Generator::prepare(data, &hub, &moving)?;

    say("reading whole queues …");
    let mut reader = reading::Reader::prepare(data, &hub, long).await?;
    let full = reader.full(seconds).await?;
    say("asking whether anything changed, beside a bare handler …");
    let bare = bare::Bare::start()?;
    let mut not_modified = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        not_modified.push(reader.not_modified(&bare, seconds).await?);
    }
    drop(bare);
    say("calling …");
    let calls = deciding::call(&hub, long).await?;
    say("at the gate, beside a load of events …");
    let (gate, gate_events) = deciding::admit(&hub, long, &mut generator, seconds).await?;
    say("replaying a million events …");
    let replay = replay::run(&hub_data, &ledger, &mut generator).await?;
    let full_bytes = reader.full_bytes();
    hub.stop().await?;

    let measured = Measured { full, full_bytes, not_modified, calls, gate, gate_events, replay };
    let report = results::Report::of(&measured, &Machine::look(&postgresql), seconds);
    say(&report.table());
    report.write(results)
}
