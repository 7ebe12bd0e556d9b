//! Reading the data files row by row, strictly.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Europe::Kyiv;
use serde::de::DeserializeOwned;

use crate::support::calendar::{CalendarFault, instant_of};

/// Why a data file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {detail}")]
pub struct Fault {
    /// The file.
    pub file: &'static str,
    /// What is wrong.
    pub detail: String,
}

impl Fault {
    pub(super) fn new(file: &'static str, detail: impl ToString) -> Self {
        Self { file, detail: detail.to_string() }
    }

    pub(super) fn of_calendar(file: &'static str) -> impl Fn(CalendarFault) -> Self {
        move |fault| Self::new(file, fault)
    }
}

/// The rows of a file; lines that begin with `#` are comments.
pub(super) fn rows<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<Vec<T>, Fault> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().map_err(|error| Fault::new(file, error))
}

/// When a day begins in Kyiv.
pub(super) fn beginning_of(day: NaiveDate) -> DateTime<Utc> {
    instant_of(Kyiv, day.and_time(NaiveTime::MIN))
}
