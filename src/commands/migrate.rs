//! `kordon migrate`: schema and reference data, for sites that do it before the new program starts.

use kordon_hub::Clock;

use super::{Place, runtime, say};
use crate::hub::prepare;

/// Migrates.
pub(super) fn run(place: Place) -> anyhow::Result<()> {
    let settings = place.settings()?;
    let (cluster, database) = place.site().reach_database(&settings)?;
    runtime()?.block_on(prepare(database, &Clock::system()))?;
    say("the database has this program's schema and reference data");
    drop(cluster);
    Ok(())
}
