//! Reading the bank's answer.

use chrono::NaiveDate;
use kordon_hub::fees::RateFault;
use kordon_schemas::{Currency, Rate};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A row of the answer. It has other members, which may change.
#[derive(Deserialize)]
struct Row<'answer> {
    #[serde(borrow)]
    rate: &'answer RawValue,
    cc: String,
    exchangedate: String,
}

/// The rate in an answer, if it is the one that was asked for.
pub(super) fn rate(body: &[u8], currency: Currency, day: NaiveDate) -> Result<Rate, RateFault> {
    let refused = |why: String| RateFault::Refused(why);
    let rows: Vec<Row<'_>> = serde_json::from_slice(body).map_err(|error| refused(error.to_string()))?;
    let row = match rows.as_slice() {
        [] => return Err(RateFault::NotPublished),
        [row] => row,
        several => return Err(refused(format!("it has {} rates", several.len()))),
    };
    if row.cc != currency.code() {
        return Err(refused(format!("it is of {}, not of {currency}", short(&row.cc))));
    }
    if row.exchangedate != day.format("%d.%m.%Y").to_string() {
        return Err(refused(format!("it is of {}, not of {day}", short(&row.exchangedate))));
    }
    // The text of the number as it was written: a float would be another number.
    Rate::parse(row.rate.get()).map_err(|fault| refused(format!("{}: {fault}", short(row.rate.get()))))
}

/// The beginning of what the bank said, for the log.
fn short(said: &str) -> String {
    said.chars().take(40).collect()
}
