//! Instants as they come in: RFC 3339 with an offset, kept in UTC to the microsecond.
//!
//! Every message and both encodings read their times here, so that the same moment is the same value
//! whichever way it came. The database keeps microseconds; what is finer is cut off at the door, so that a
//! fact in memory and the same fact read back agree.

use std::fmt;

use chrono::{DateTime, Datelike, SubsecRound, Utc};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// Why a time was not taken. The text is for the one who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InstantFault {
    /// The offset from UTC is missing.
    #[error(
        "the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can \
         tell which moment is meant, least of all in the night when clocks change"
    )]
    Offset,
    /// The second 60.
    #[error("the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0")]
    LeapSecond,
    /// Before the year 1 or after the year 9999.
    #[error("the year must be 0001 to 9999, counted in UTC")]
    Year,
    /// Well written, but there is no such date, time of day or offset.
    #[error("there is no such date, time of day or offset")]
    Unreal,
    /// Not written as RFC 3339 has it.
    #[error("a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00")]
    Form,
}

/// Reads an instant.
///
/// # Errors
/// [`InstantFault`] when it is not a full RFC 3339 date and time with offset, names a leap second, or lies outside the years 1
/// to 9999.
pub fn parse(text: &str) -> Result<DateTime<Utc>, InstantFault> {
    let stated = DateTime::parse_from_rfc3339(text).map_err(|_| why_not(text))?;
    // chrono is more generous than the RFC: a space for the `T`, a minus sign from beyond ASCII.
    if !text.is_ascii() || text.as_bytes().get(10) == Some(&b' ') {
        return Err(InstantFault::Form);
    }
    // chrono keeps a leap second as a second with more than 10^9 nanoseconds.
    if stated.timestamp_subsec_nanos() >= 1_000_000_000 {
        return Err(InstantFault::LeapSecond);
    }
    let instant = stated.to_utc().trunc_subsecs(6);
    if (1..=9999).contains(&instant.year()) { Ok(instant) } else { Err(InstantFault::Year) }
}

/// Tells what is wrong with a text that is no instant.
fn why_not(text: &str) -> InstantFault {
    let Some((to_the_second, rest)) = text.split_at_checked(19) else { return InstantFault::Form };
    if !has_shape(to_the_second, "0000-00-00T00:00:00") {
        return InstantFault::Form;
    }
    let offset = match rest.strip_prefix('.') {
        Some(fraction) if fraction.starts_with(|c: char| c.is_ascii_digit()) => {
            fraction.trim_start_matches(|c: char| c.is_ascii_digit())
        }
        Some(_) => return InstantFault::Form,
        None => rest,
    };
    if offset.is_empty() {
        InstantFault::Offset
    } else if has_shape(offset, "Z") || has_shape(offset, "+00:00") || has_shape(offset, "-00:00") {
        InstantFault::Unreal
    } else {
        InstantFault::Form
    }
}

/// Whether the text has a digit wherever the shape has one, and the shape's own character, in either case, elsewhere.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            other => byte.eq_ignore_ascii_case(&other),
        })
}

/// An instant as it comes in, for serde.
struct Instant(DateTime<Utc>);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(InstantVisitor)
    }
}

struct InstantVisitor;

impl Visitor<'_> for InstantVisitor {
    type Value = Instant;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a time as RFC 3339 has it, with its offset")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Instant, E> {
        parse(text).map(Instant).map_err(E::custom)
    }
}

/// Reads the instant of a member: `#[serde(deserialize_with = "crate::instant::read")]`.
///
/// # Errors
/// The text of an [`InstantFault`].
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    Instant::deserialize(deserializer).map(|Instant(instant)| instant)
}

/// Reads the instant of a member that may be absent; the member needs `#[serde(default)]` too.
///
/// # Errors
/// The text of an [`InstantFault`].
pub fn read_optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(Option::<Instant>::deserialize(deserializer)?.map(|Instant(instant)| instant))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_moment_in_many_writings_is_one_value() {
        let moment = parse("2026-11-21T12:03:20.25Z").unwrap();
        for text in [
            "2026-11-21T14:03:20.25+02:00",
            "2026-11-21T12:03:20.250-00:00",
            "2026-11-21t12:03:20.250000999z",
            "2026-11-22T12:02:20.25+23:59",
        ] {
            assert_eq!(parse(text), Ok(moment), "{text}");
        }
    }

    #[test]
    fn a_time_without_offset_is_refused_as_such() {
        for text in ["2026-11-21T14:03:20", "2026-11-21T14:03:20.5", "2026-11-21t14:03:20"] {
            assert_eq!(parse(text), Err(InstantFault::Offset), "{text}");
        }
    }

    #[test]
    fn leap_seconds_and_years_that_cannot_be_written_are_refused() {
        assert_eq!(parse("2016-12-31T23:59:60Z"), Err(InstantFault::LeapSecond));
        assert_eq!(parse("0000-06-01T00:00:00Z"), Err(InstantFault::Year));
        assert_eq!(parse("0001-01-01T00:00:00+00:01"), Err(InstantFault::Year));
        assert_eq!(parse("9999-12-31T23:59:59-00:01"), Err(InstantFault::Year));
        assert!(parse("9999-12-31T23:59:59.999999Z").is_ok());
    }

    #[test]
    fn what_does_not_exist_is_told_from_what_is_badly_written() {
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T10:00:00+24:00",
        ] {
            assert_eq!(parse(text), Err(InstantFault::Unreal), "{text}");
        }
        for text in [
            "",
            "now",
            "2026-11-21",
            "2026-11-21 14:03:20Z",
            "2026-11-21T14:03Z",
            "2026-11-21T14:03:20+0200",
            "2026-11-21T14:03:20.Z",
            "2026-11-21T14:03:20 +02:00",
            "2026-11-21T14:03:20−02:00",
            "+12026-11-21T14:03:20Z",
            "2026-11-21T14:03:20Z ",
            "２026-11-21T14:03:20Z",
        ] {
            assert_eq!(parse(text), Err(InstantFault::Form), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fail(text in "\\PC{0,40}|[0-9T:.Z+-]{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_read_can_be_written_and_read_again(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000) {
            let instant = DateTime::from_timestamp_micros(micros).unwrap();
            prop_assert_eq!(parse(serde_json::to_value(instant).unwrap().as_str().unwrap()), Ok(instant));
        }
    }
}
