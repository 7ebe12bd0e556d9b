//! Days of the calendar, as systems write them: `2026-11-21`. Which moments a day holds is for the hub: it is
//! Kyiv's.

use chrono::NaiveDate;
use serde::de::{Deserialize, Deserializer, Error};

/// Reads a day.
#[must_use]
pub fn parse(text: &str) -> Option<NaiveDate> {
    // chrono is more generous: `2026-1-5`, `+2026-11-21`.
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// Reads the day of a member: `#[serde(deserialize_with = "crate::day::read")]`.
///
/// # Errors
/// When it is not a day as it is written here, or there is no such day.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom("is a day of the calendar, written as 2026-11-21"))
}

/// Reads the day of a member that may be absent; the member needs `#[serde(default)]` too.
///
/// # Errors
/// As [`read`].
pub fn read_optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| {
        parse(&text).ok_or_else(|| D::Error::custom("is a day of the calendar, written as 2026-11-21"))
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_one_way() {
        assert_eq!(parse("2026-11-21"), NaiveDate::from_ymd_opt(2026, 11, 21));
        for text in
            ["", "2026-1-5", "2026-02-29", "+2026-11-21", "21.11.2026", "2026-11-21T00:00:00Z", "２026-11-21"]
        {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
