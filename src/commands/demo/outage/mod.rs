//! An incident of ETS, from a trader's call to the closed tickets: telephone, mail, an outage and its
//! notices, a continuity permit and its end, the ten days after which a ticket closes by itself. Everything
//! is done through the HTTP API by the systems that may do it, at times of the scenario's own clock, which
//! stands still in between; the timers of the hub look when the scenario lets them. What has to come of it is
//! written here by hand from Order 926, not taken from the hub's code.
//!
//! - [`time`]: the clock. [`stage`]: what all acts need. [`messages`]: the mails and CD070C that left the
//!   hub.
//! - [`call`], [`mail`], [`outages`], [`permit`], [`border`], [`ending`]: the acts.

mod border;
mod call;
mod ending;
mod mail;
mod messages;
mod outages;
mod permit;
mod stage;
pub(super) mod time;

use std::path::Path;

use kordon_hub::Database;

use self::stage::Stage;
use self::time::StillTime;
use super::compared::Compared;
use super::systems::client::Door;

/// A Monday in November, 9:40 in Kyiv: ETS fails.
pub(super) const BEGINS: &str = "2026-11-23T07:40:00Z";

/// Plays the incident on a hub that keeps its notices and letters below `data`, and tells what was played
/// beside what the hub says.
pub(super) async fn play(
    door: &Door,
    time: &StillTime,
    database: &Database,
    data: &Path,
) -> anyhow::Result<Vec<Compared>> {
    let mut stage = Stage::new(door, time, database, data);
    let called = call::register(&mut stage).await?;
    mail::add_to_the_call(&mut stage, &called).await?;
    call::pass_and_confirm(&mut stage, &called).await?;
    let outage = outages::declare(&mut stage).await?;
    call::wait_for_the_change(&mut stage, &called).await?;
    let consulted = mail::consult(&mut stage).await?;
    let request = permit::request(&mut stage).await?;
    permit::decide(&mut stage, &request, &outage).await?;
    let permit = permit::tell(&mut stage, &request, &outage).await?;
    permit::check(&mut stage, &permit).await?;
    permit::use_it(&mut stage, &request, &permit).await?;
    border::come_with(&mut stage, &permit).await?;
    permit::warn(&mut stage, &permit).await?;
    permit::expire(&mut stage, &permit, &outage).await?;
    outages::recover(&mut stage, &outage).await?;
    ending::report(&mut stage, &request, &permit).await?;
    ending::answer(&mut stage, &called, &consulted).await?;
    ending::close(&mut stage, &called, &consulted).await?;
    ending::look_back(&mut stage).await?;
    Ok(stage.compared)
}
