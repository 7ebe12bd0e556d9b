//! What the doors of Trembita cost: SOAP beside JSON, signed messages beside what the signatures alone cost,
//! sealing and verifying.
//!
//! - [`site`]: keys, a hub that trusts this machine as a security server or takes signatures, a member and a
//!   partner. [`messages`]: one act, asked in each way.
//! - [`asking`]: wrk, which sends them, and one connection that sends them one by one. [`limit`]: what
//!   `openssl speed` reaches, with keys of each [`key_size`].
//! - [`sealing`]: whether the evidence keeps up. [`verifying`]: containers by the thousand.

mod asking;
mod key_size;
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
use key_size::KeySize;
use messages::Way;
use site::{Door, Site};

/// Rounds of what is compared.
const ROUNDS: usize = 5;

/// All that was measured.
struct Measured {
    rounds: Vec<Round>,
    /// Partners, by the size of their keys.
    signed: Vec<(KeySize, Vec<Signed>)>,
    /// One by one, by JSON and by SOAP.
    alone: (Times, Times),
    sealed: sealing::Sealed,
    verified: verifying::Verified,
}

/// Members in one round, in messages a second.
struct Round {
    /// JSON of a member, its exchange recorded as evidence like that of SOAP.
    json: f64,
    /// SOAP of a member.
    soap: f64,
}

/// Partners in one round, in messages a second.
struct Signed {
    /// SOAP of a partner that signs, answered with a signature.
    soap: f64,
    /// Verifying one signature and making one, on all cores.
    limit: f64,
}

/// Starts hubs in `data`, measures, and writes `TREMBITA.md` and `trembita.json` into `results`.
pub(crate) async fn run(kordon: &Path, data: &Path, seconds: u32, results: &Path) -> anyhow::Result<()> {
    say("making keys …");
    let mut signed = Vec::with_capacity(KeySize::ALL.len());
    for size in KeySize::ALL {
        signed.push((size, of_partners(kordon, data, size, seconds).await?));
    }
    let site = Site::start(kordon, data, Door::Members).await?;
    let asker = Asker::prepare(data, &site.hub.address)?;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 1..=ROUNDS {
        say(&format!("asking as members, round {round} of {ROUNDS} …"));
        rounds.push(one_round(&site, &asker, round, seconds).await?);
    }
    say("asking one by one …");
    let alone = asker.alone(&site).await?;
    say("sealing what is exchanged …");
    let sealed = sealing::run(&site, &asker, seconds).await?;
    sealing::archived(&site.ledger, verifying::CONTAINERS).await?;
    let authority = site.sealing_certificate().await?;
    let machine = Machine::look(&site.ledger.version().await?);
    let archives = site.archives();
    site.hub.stop().await?;
    say("verifying containers …");
    let verified = verifying::run(&archives, &authority)?;
    let report = results::Report::of(Measured { rounds, signed, alone, sealed, verified }, &machine, seconds);
    say(&report.table());
    report.write(results)
}

/// Each way pays for the evidence of its own exchanges: what is left to be sealed is sealed before the next
/// begins. Neither is always the first, because the tables of the evidence grow.
async fn one_round(site: &Site, asker: &Asker, round: usize, seconds: u32) -> anyhow::Result<Round> {
    let ask = async |way: Way| {
        let rate = asker.rate(&site.messages(way, messages::USUAL)?, way, seconds).await?;
        site.settle().await?;
        anyhow::Ok(rate)
    };
    let soap_first = if round.is_multiple_of(2) { Some(ask(Way::Soap).await?) } else { None };
    let json = ask(Way::Json).await?;
    let soap = match soap_first {
        Some(soap) => soap,
        None => ask(Way::Soap).await?,
    };
    Ok(Round { json, soap })
}

/// On a hub that trusts no security server: where one is trusted, nobody looks at a signature.
async fn of_partners(kordon: &Path, data: &Path, size: KeySize, seconds: u32) -> anyhow::Result<Vec<Signed>> {
    let site = Site::start(kordon, data, Door::Partners(size)).await?;
    let asker = Asker::prepare(data, &site.hub.address)?;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 1..=ROUNDS {
        say(&format!("asking as partners with keys of {} bits, round {round} of {ROUNDS} …", size.bits()));
        let limit = limit::of_rsa(size).await?;
        // So many that they last, also where the limit was measured while something else ran.
        let enough = messages::as_many_as(1.5 * limit * f64::from(seconds + 1));
        let soap = asker.rate(&site.messages(Way::Signed, enough)?, Way::Signed, seconds).await?;
        site.settle().await?;
        rounds.push(Signed { soap, limit });
    }
    site.hub.stop().await?;
    Ok(rounds)
}
