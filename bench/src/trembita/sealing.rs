//! Whether sealing keeps up with what is exchanged, on the machine that exchanges it.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::asking::Asker;
use super::messages::{USUAL, Way};
use super::site::Site;
use crate::ledger::Ledger;

/// How long archives may take until they hold what is verified. One is made a second.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often is looked.
const LOOK: Duration = Duration::from_millis(100);

/// What was sealed while members asked as fast as the door took it.
pub(super) struct Sealed {
    /// Exchanges.
    pub(super) exchanges: i64,
    /// From the first question until the last of them was sealed.
    pub(super) took: Duration,
    /// How long the last of them waited after the last answer.
    pub(super) behind: Duration,
}

/// Asks for some seconds and waits until all of it is sealed.
pub(super) async fn run(site: &Site, asker: &Asker, seconds: u32) -> anyhow::Result<Sealed> {
    let messages = site.messages(Way::Json, USUAL)?;
    let before = exchanges(&site.ledger).await?;
    let begun = Instant::now();
    asker.rate(&messages, Way::Json, seconds).await?;
    let behind = all_sealed(&site.ledger).await?;
    Ok(Sealed { exchanges: exchanges(&site.ledger).await? - before, took: begun.elapsed(), behind })
}

async fn exchanges(ledger: &Ledger) -> anyhow::Result<i64> {
    ledger.count("SELECT count(*) FROM evidence_messages WHERE part = 'request'").await
}

/// Waits until nothing is left to be sealed, and says for how long.
pub(super) async fn all_sealed(ledger: &Ledger) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    while ledger.count("SELECT count(*) FROM evidence_messages WHERE signature_id IS NULL").await? > 0 {
        tokio::time::sleep(LOOK).await;
    }
    Ok(begun.elapsed())
}

/// Waits until the archives hold so many containers.
pub(super) async fn archived(ledger: &Ledger, containers: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    let held = "SELECT coalesce(sum(containers), 0)::bigint FROM evidence_archives";
    while usize::try_from(ledger.count(held).await?)? < containers {
        ensure!(begun.elapsed() < PATIENCE, "the archives do not fill");
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}
