//! Looking what is due among a million deadlines, as the timer does on a connection of the hub's own kind.

use std::time::Instant;

use anyhow::ensure;
use chrono::{TimeDelta, Utc};
use kordon_hub::Database;
use kordon_hub::database::DatabaseSettings;
use kordon_hub::support::tickets::acting::due_to_close;

use crate::ledger::Ledger;
use crate::times::Times;

/// Looks of each kind.
const LOOKS: usize = 200;

/// As many as the timer takes at once.
const AT_ONCE: i64 = 500;

/// How long a look took.
pub(super) struct Looked {
    /// Nothing is due.
    pub(super) nothing: Times,
    /// More is due than is taken at once.
    pub(super) much: Times,
}

/// Looks now, when nothing is due, and as it will be in two days, when much is.
pub(super) async fn run(ledger: &Ledger) -> anyhow::Result<Looked> {
    let database = Database::open(DatabaseSettings::new(ledger.url()))?;
    let mut connection = database.connection().await?;
    let mut kinds = Vec::new();
    for (ahead, due) in [(TimeDelta::zero(), 0), (TimeDelta::days(2), AT_ONCE)] {
        let now = Utc::now() + ahead;
        let mut took = Vec::with_capacity(LOOKS);
        for _ in 0..LOOKS {
            let began = Instant::now();
            let found = due_to_close(&mut connection, now, AT_ONCE).await?;
            took.push(began.elapsed());
            ensure!(i64::try_from(found.len())? == due, "{} tickets are due, not {due}", found.len());
        }
        kinds.push(Times::of(took));
    }
    let [nothing, much] = kinds.as_slice() else { anyhow::bail!("two kinds of looks were measured") };
    Ok(Looked { nothing: *nothing, much: *much })
}
