//! What a booking of a day costs (Q37).

use chrono::{DateTime, Days, NaiveDate, Utc};
use kordon_schemas::fees::{FeeQuote, OfficialRate, Tariff};
use kordon_schemas::{CheckpointCode, Currency, Fault};

use super::model::Shares;
use super::rates::Rates;
use super::{rules, tariff};
use crate::database::Database;
use crate::error::{Error, Result};

/// How far back a quote may be asked for, in days: disputes about a fee come late.
const LONGEST_AGO: u64 = 366;

/// A fee as it is worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) tariff: Tariff,
    pub(super) rate: OfficialRate,
    pub(super) uah: Shares,
}

/// Quotes the fee of bookings of a day; of today in Kyiv when none is named.
///
/// # Errors
/// [`Error::Invalid`] for a day after tomorrow or more than a year ago; `no_tariff`, `rate_unavailable`.
pub async fn quote(
    database: &Database,
    rates: &Rates,
    checkpoint: &CheckpointCode,
    day: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<FeeQuote> {
    let today = rules::day_of(now);
    let day = day.unwrap_or(today);
    let (earliest, latest) =
        (today.checked_sub_days(Days::new(LONGEST_AGO)), today.checked_add_days(Days::new(1)));
    if earliest.is_none_or(|earliest| day < earliest) || latest.is_none_or(|latest| day > latest) {
        let fault = Fault::new("query:day", "is between a year ago and tomorrow, in Kyiv");
        return Err(Error::Invalid(vec![fault]));
    }
    let Due { tariff, rate, uah } = due(database, rates, checkpoint, day, now).await?;
    Ok(FeeQuote {
        checkpoint: checkpoint.clone(),
        day,
        tariff_version: tariff.version,
        eur: tariff.eur,
        rate,
        uah: uah.told_in(Currency::Hryvnia),
        covers_hours: rules::COVERED_HOURS,
    })
}

/// The fee of bookings of a day, by the tariff and the rate of that day.
pub(super) async fn due(
    database: &Database,
    rates: &Rates,
    checkpoint: &CheckpointCode,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Due> {
    let tariff = tariff::of_day(&mut *database.connection().await?, checkpoint, day).await?;
    let rate = rates.euro(database, day, now).await?;
    let eur = Shares { operator: tariff.eur.operator_share.amount, zone: tariff.eur.zone_share.amount };
    let uah = rules::convert(eur, rate.rate)
        .ok_or_else(|| Error::Internal(format!("the rate {} of {day} is beyond reason", rate.rate)))?;
    Ok(Due { tariff, rate, uah })
}
