//! The official rate of a day (Q37): asked once of who publishes it, kept with its day and source, never
//! changed and never taken from another day.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kordon_schemas::fees::OfficialRate;
use kordon_schemas::{Currency, ProblemCode, Rate};
use tokio::sync::Mutex;

use super::store;
use crate::database::Database;
use crate::error::{Error, Result};

/// After a failure, how long the publisher is left alone. Requests meanwhile are told at once instead of
/// waiting for it, and it is not asked by each of them while it is down.
const QUIET: TimeDelta = TimeDelta::seconds(15);

/// A rate as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Hryvnias for one unit.
    pub rate: Rate,
    /// Who published it: 1 to 100 characters.
    pub source: String,
}

/// Why a rate cannot be had. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RateFault {
    /// The publisher was not reached, or not in time, or answered with a failure.
    #[error("the publisher of rates is away: {0}")]
    Away(String),
    /// The publisher answered that there is no rate of that day.
    #[error("there is no rate of that day yet")]
    NotPublished,
    /// The publisher's answer is not what was asked for.
    #[error("the publisher's answer is refused: {0}")]
    Refused(String),
}

/// Who publishes official rates: the port that an adapter fills.
#[async_trait]
pub trait ExchangeRates: Send + Sync {
    /// The rate in force at 00:00 in Kyiv of `day`. An implementation gives the rate of that very day or a
    /// fault.
    async fn official(&self, currency: Currency, day: NaiveDate) -> Result<Published, RateFault>;
}

/// The official rates of the euro, as far as the hub knows them, and the way to the others.
#[derive(Clone)]
pub struct Rates {
    publisher: Arc<dyn ExchangeRates>,
    /// The days whose rate could not be had, and until when nobody asks for them. The lock is held while one
    /// is asked for, so that many requests for a new day are one question.
    quiet: Arc<Mutex<BTreeMap<NaiveDate, DateTime<Utc>>>>,
}

impl Rates {
    /// Rates as `publisher` gives them.
    #[must_use]
    pub fn new(publisher: impl ExchangeRates + 'static) -> Self {
        Self { publisher: Arc::new(publisher), quiet: Arc::default() }
    }

    /// The rate of the euro in force at 00:00 in Kyiv of `day`. No connection is held while the publisher is
    /// asked.
    ///
    /// # Errors
    /// [`ProblemCode::RateUnavailable`] when the publisher does not give it.
    pub async fn euro(
        &self,
        database: &Database,
        day: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<OfficialRate> {
        if let Some(known) = known(database, day).await? {
            return Ok(known);
        }
        let mut quiet = self.quiet.lock().await;
        // Somebody may have asked while this one waited.
        if let Some(known) = known(database, day).await? {
            return Ok(known);
        }
        quiet.retain(|_, until| now < *until);
        if quiet.contains_key(&day) {
            return Err(unavailable(day));
        }
        match self.publisher.official(Currency::Euro, day).await {
            Ok(Published { rate, source }) => {
                let fetched = OfficialRate { currency: Currency::Euro, day, rate, source, fetched_at: now };
                store::keep_rate(&mut *database.connection().await?, &fetched).await
            }
            Err(fault) => {
                tracing::error!(%day, %fault, "no official rate");
                quiet.insert(day, now + QUIET);
                Err(unavailable(day))
            }
        }
    }
}

async fn known(database: &Database, day: NaiveDate) -> Result<Option<OfficialRate>> {
    store::rate(&mut *database.connection().await?, Currency::Euro, day).await
}

fn unavailable(day: NaiveDate) -> Error {
    let detail = format!("the National Bank's rate in force at 00:00 of {day} cannot be had now");
    Error::refused(ProblemCode::RateUnavailable, detail)
}

impl fmt::Debug for Rates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Rates")
    }
}
