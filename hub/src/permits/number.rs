//! The number of a permit: its own series, which nobody can take for an MRN.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Kyiv;
use kordon_schemas::declarations::check_digit;

/// What every number begins with.
const PREFIX: &str = "UA-BCP-";

/// The number of the permit given at `at` as the `count`th of its day in Kyiv, from 1:
/// `UA-BCP-20261123-1140-001-0`. The last digit follows from the rest, so that a number that was misread on a
/// paper is found out.
#[must_use]
pub fn number(at: DateTime<Utc>, count: i32) -> String {
    let moment = at.with_timezone(&Kyiv).format("%Y%m%d-%H%M");
    let body = format!("{PREFIX}{moment}-{count:03}");
    format!("{body}-{}", check_digit(&body))
}

/// Reads a number as somebody wrote it; `None` when it has another form or its last digit is wrong.
#[must_use]
pub fn read(written: &str) -> Option<&str> {
    let (body, digit) = written.rsplit_once('-')?;
    let mut parts = body.strip_prefix(PREFIX)?.split('-');
    let lengths = [(8, 8), (4, 4), (3, 6)];
    let formed = lengths.iter().all(|(least, most)| {
        parts.next().is_some_and(|part| {
            (*least..=*most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    });
    let right = digit.len() == 1 && digit.parse() == Ok(check_digit(body));
    (formed && parts.next().is_none() && right).then_some(written)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kordon_schemas::declarations::looks_like_mrn;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_day_and_the_hour_are_those_of_kyiv() {
        assert_eq!(number("2026-11-23T09:40:59Z".parse().unwrap(), 1), "UA-BCP-20261123-1140-001-0");
        assert!(number("2026-07-31T21:05:00Z".parse().unwrap(), 12).starts_with("UA-BCP-20260801-0005-012-"));
    }

    #[test]
    fn a_misread_number_is_found_out() {
        let right = "UA-BCP-20261123-1140-001-0";
        assert_eq!(read(right), Some(right));
        for wrong in [
            "UA-BCP-20261123-1140-001-1",
            "UA-BCP-20261123-1140-002-0",
            "UA-BCP-20261132-1140-001-0",
            "",
            "UA-BCP-8",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_number_is_read_again_and_none_looks_like_an_mrn(
            seconds in 0i64..4_000_000_000, count in 1i32..=999_999,
        ) {
            let at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(seconds);
            let number = number(at, count);
            prop_assert_eq!(read(&number), Some(number.as_str()));
            prop_assert!(!looks_like_mrn(&number));
        }

        #[test]
        fn whatever_is_written_is_read_without_a_panic(written in "\\PC{0,40}") {
            let _ = read(&written);
        }
    }
}
