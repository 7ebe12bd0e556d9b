//! Reading through the door, one request after the other, as a person at line 1 asks.

use std::time::Instant;

use anyhow::ensure;

use crate::hub::HubProcess;
use crate::ledger::Ledger;
use crate::times::Times;

/// Requests of each kind.
const REQUESTS: usize = 200;

/// How long each kind took.
pub(super) struct Read {
    pub(super) daily_control: Times,
    pub(super) ticket: Times,
    pub(super) deadlines: Times,
    pub(super) overdue: Times,
    pub(super) own: Times,
}

/// Reads the daily control, tickets, their deadlines, and lists.
pub(super) async fn run(hub: &HubProcess, ledger: &Ledger) -> anyhow::Result<Read> {
    // By number, far apart: what is read is not what was read before.
    let ids = ledger
        .texts("SELECT id::text FROM tickets WHERE registration_number LIKE '%777' ORDER BY id")
        .await?;
    ensure!(ids.len() >= REQUESTS, "there are {} tickets to read", ids.len());
    let of =
        |what: &str| -> Vec<String> { ids.iter().map(|id| format!("/api/v1/tickets/{id}{what}")).collect() };
    let same = |address: &str| vec![address.to_owned()];
    let line_1 = "support_line_1";
    Ok(Read {
        daily_control: ask(hub, line_1, &same("/api/v1/daily-control")).await?,
        ticket: ask(hub, line_1, &of("")).await?,
        deadlines: ask(hub, line_1, &of("/deadlines")).await?,
        overdue: ask(hub, line_1, &same("/api/v1/tickets?state=overdue")).await?,
        own: ask(hub, "trader", &same("/api/v1/tickets")).await?,
    })
}

async fn ask(hub: &HubProcess, role: &str, addresses: &[String]) -> anyhow::Result<Times> {
    let client = reqwest::Client::new();
    let token = hub.token(role)?;
    let mut took = Vec::with_capacity(REQUESTS);
    for address in addresses.iter().cycle().take(REQUESTS) {
        let url = format!("http://{}{address}", hub.address);
        let began = Instant::now();
        let request = client.get(url).bearer_auth(token).header("Kordon-Purpose", "a measurement");
        let answer = request.send().await?;
        ensure!(answer.status().is_success(), "{address} is not shown: {}", answer.text().await?);
        answer.bytes().await?;
        took.push(began.elapsed());
    }
    Ok(Times::of(took))
}
