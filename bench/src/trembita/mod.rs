//! What the doors of Trembita cost: SOAP beside JSON, signed messages beside what the signatures alone cost, sealing and verifying.
//!
//! - [`site`]: keys, a hub that trusts this machine as a security server, a member and a partner. [`messages`]: one act, asked in each way.
//! - [`asking`]: wrk, which sends them, and one connection that sends them one by one. [`limit`]: what `openssl speed` reaches.
//! - [`sealing`]: whether the evidence keeps up. [`verifying`]: containers by the thousand.

mod asking;
mod limit;
mod messages;
mod results;
mod sealing;
mod site;
mod verifying;

use std::path::Path;

use crate::machine::Machine;
use crate::say;
use crate::times::Times;

use asking::Asker;
use messages::Way;

/// Rounds of what is compared.
const ROUNDS: usize = 3;

/// All that was measured.
struct Measured {
    rounds: Vec<Round>,
    /// One by one, by JSON and by SOAP.
    alone: (Times, Times),
    sealed: sealing::Sealed,
    verified: verifying::Verified,
}

/// What was compared in one round, each in messages a second.
struct Round {
    /// JSON of a member, its exchange recorded as evidence like that of SOAP.
    json: f64,
    /// SOAP of a member.
    soap: f64,
    /// SOAP of a partner that signs, answered with a signature.
    signed: f64,
    /// Verifying one signature and making one, on all cores.
    limit: f64,
}

/// Starts a hub in `data`, measures, and writes `TREMBITA.md` and `trembita.json` into `results`.
pub(crate) async fn run(kordon: &Path, data: &Path, seconds: u32, results: &Path) -> anyhow::Result<()> {
    say("making keys …");
    let site = site::Site::start(kordon, data).await?;
    let asker = Asker::prepare(data, &site.hub.address)?;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 1..=ROUNDS {
        say(&format!("asking, round {round} of {ROUNDS} …"));
        rounds.push(one_round(&site, &asker, seconds).await?);
    }
    say("asking one by one …");
    let alone = asker.alone(&site).await?;
    say("sealing what is exchanged …");
    let sealed = sealing::run(&site, &asker, seconds).await?;
    let authority = site.sealing_certificate().await?;
    let machine = Machine::look(&site.ledger.version().await?);
    let archives = site.archives();
    site.hub.stop().await?;
    say("verifying containers …");
    let verified = verifying::run(&archives, &authority)?;
    let report = results::Report::of(Measured { rounds, alone, sealed, verified }, &machine, seconds);
    say(&report.table());
    report.write(results)
}

async fn one_round(site: &site::Site, asker: &Asker, seconds: u32) -> anyhow::Result<Round> {
    let limit = limit::of_rsa().await?;
    let json = asker.rate(&site.messages(Way::Json, messages::USUAL)?, Way::Json, seconds).await?;
    let soap = asker.rate(&site.messages(Way::Soap, messages::USUAL)?, Way::Soap, seconds).await?;
    // So many that they last: more than the limit is not sent.
    let enough = messages::as_many_as(limit * f64::from(seconds + 1));
    let signed = asker.rate(&site.messages(Way::Signed, enough)?, Way::Signed, seconds).await?;
    site.settle().await?;
    Ok(Round { json, soap, signed, limit })
}
