//! What the support service costs when its database is full: 1,100,000 tickets, a million of which close by
//! themselves.
//!
//! - [`fill`]: the tickets. [`reading`]: the daily control, a ticket, the lists, through the door.
//!   [`looking`]: what the timer has to do.
//! - [`computing`]: deadlines from histories, without a database.

mod computing;
mod fill;
mod looking;
mod reading;
mod results;

use std::path::Path;

use crate::hub::HubProcess;
use crate::ledger::Ledger;
use crate::machine::Machine;
use crate::say;

/// Tickets whose users were told the result: each closes by itself at its own moment, if nobody objects.
pub(crate) const CLOSING: i64 = 1_000_000;

/// Tickets that are being worked on.
pub(crate) const OPEN: i64 = 100_000;

/// All that was measured.
struct Measured {
    filled: fill::Filled,
    read: reading::Read,
    looked: looking::Looked,
    computed: computing::Computed,
}

/// Computes deadlines, starts a hub in `data`, fills its tickets, measures, and writes `SUPPORT.md` and
/// `support.json` into `results`.
pub(crate) async fn run(kordon: &Path, data: &Path, results: &Path) -> anyhow::Result<()> {
    say("computing deadlines …");
    let computed = computing::run()?;
    let hub_data = data.join("hub");
    let hub = HubProcess::start(kordon, &hub_data).await?;
    let ledger = Ledger::open(&hub_data).await?;
    let postgresql = ledger.version().await?;
    say("filling the tickets …");
    let filled = fill::run(&ledger).await?;
    say("reading …");
    let read = reading::run(&hub, &ledger).await?;
    say("looking what is due …");
    let looked = looking::run(&ledger).await?;
    hub.stop().await?;
    let measured = Measured { filled, read, looked, computed };
    let report = results::Report::of(measured, &Machine::look(&postgresql));
    say(&report.table());
    report.write(results)
}
