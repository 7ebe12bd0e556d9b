//! The rate of the new day is asked for when the day begins in Kyiv, not when the first driver books (Q37):
//! so a bank that is away at that moment is asked again before anybody needs the rate.

use std::time::Duration;

use chrono::NaiveDate;
use tokio::sync::watch;

use super::rates::Rates;
use super::{rules, store};
use crate::clock::Clock;
use crate::database::Database;
use crate::error::Result;

/// How often it looks whether a day has begun, and asks again for a rate that was not to be had.
const EVERY: Duration = Duration::from_secs(60);

/// Runs until `stop` says so. Failures are logged; the next round tries again.
pub async fn run(database: Database, rates: Rates, clock: Clock, mut stop: watch::Receiver<bool>) {
    let mut known = None;
    loop {
        match look(&database, &rates, &clock, known).await {
            Ok(day) => known = day,
            Err(error) => tracing::warn!(%error, "the rate of the day could not be had; it is tried again"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
    }
}

/// Asks for the rate of this day in Kyiv, unless it is the `known` one. A hub without tariffs needs no rate,
/// and asks nobody. Returns the day whose rate is known by now.
///
/// # Errors
/// When the rate cannot be had, or the database is away.
pub async fn look(
    database: &Database,
    rates: &Rates,
    clock: &Clock,
    known: Option<NaiveDate>,
) -> Result<Option<NaiveDate>> {
    let now = clock.now();
    let day = rules::day_of(now);
    if known == Some(day) || !store::any_tariff(&mut *database.connection().await?).await? {
        return Ok(known);
    }
    rates.euro(database, day, now).await?;
    Ok(Some(day))
}
