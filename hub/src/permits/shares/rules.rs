//! The share of uses, and what a stated total must be. No clock, no I/O.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use kordon_schemas::continuity::{
    ContinuityShare, ContinuityUse, ContinuityUsePage, DeclarationTotal, DeclarationTotalIn,
};
use kordon_schemas::{Edrpou, Fault};

use crate::fees::rules::day_of;

/// The share of a year's declarations beyond which peers review an authorisation (Transit Manual, part V: 2 %
/// for failures of the trader's own systems).
pub const LIMIT_PERCENT: i64 = 2;

/// The most declarations of a trader in a year. Beyond it, a slip is likelier.
const MOST_DECLARATIONS: i64 = 100_000_000;

/// The longest source, in characters.
const LONGEST_SOURCE: usize = 200;

/// What was counted of a trader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Its code.
    pub trader: Edrpou,
    /// Its name.
    pub name: Option<String>,
    /// Requests of the year.
    pub requests: i64,
    /// Refused ones.
    pub refused: i64,
    /// Permits.
    pub permits: i64,
    /// All uses.
    pub all: Uses,
    /// Those of the trader's own link.
    pub own_link: Uses,
    /// What was stated.
    pub total: Option<DeclarationTotal>,
}

/// Uses of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uses {
    /// In the whole year.
    pub in_year: i64,
    /// By the last day of the stated total.
    pub counted: i64,
}

/// The first day of a year and of the next; `None` for a year that is none of the hub's.
#[must_use]
pub fn bounds_of(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    let first = |year| NaiveDate::from_ymd_opt(year, 1, 1);
    (2000..=2199).contains(&year).then(|| first(year).zip(first(year + 1))).flatten()
}

/// Checks a statement at `now`; the source without space around.
///
/// # Errors
/// Every fault.
pub fn check(
    stated: &DeclarationTotalIn,
    year: i32,
    now: DateTime<Utc>,
) -> Result<DeclarationTotalIn, Vec<Fault>> {
    let DeclarationTotalIn { declarations, counted_until, source } = stated;
    let mut faults = Vec::new();
    if bounds_of(year).is_none() {
        faults.push(Fault::new("path:year", "is 2000 to 2199"));
    } else if counted_until.year() != year {
        faults.push(Fault::new("/counted_until", format!("is no day of {year}")));
    } else if *counted_until > day_of(now) {
        faults.push(Fault::new("/counted_until", "lies ahead"));
    }
    if !(1..=MOST_DECLARATIONS).contains(declarations) {
        faults.push(Fault::new("/declarations", format!("is 1 to {MOST_DECLARATIONS}")));
    }
    let source = source.trim();
    let unreadable = source.chars().any(char::is_control);
    if source.is_empty() || source.chars().count() > LONGEST_SOURCE || unreadable {
        let detail = format!("has 1 to {LONGEST_SOURCE} characters, and no control characters");
        faults.push(Fault::new("/source", detail));
    }
    if faults.is_empty() {
        Ok(DeclarationTotalIn { source: source.to_owned(), ..stated.clone() })
    } else {
        Err(faults)
    }
}

/// Whether a statement says what was stated before.
#[must_use]
pub fn says_the_same(before: &DeclarationTotal, stated: &DeclarationTotalIn) -> bool {
    let DeclarationTotal { declarations, counted_until, source, stated_at: _ } = before;
    (*declarations, *counted_until, source) == (stated.declarations, stated.counted_until, &stated.source)
}

/// Uses beside the total that they are held against.
#[must_use]
pub fn share(uses: Uses, total: Option<i64>) -> ContinuityShare {
    let Uses { in_year, counted } = uses;
    let total = total.filter(|total| *total > 0);
    ContinuityShare {
        uses: in_year,
        share_percent: total.map(|total| percent(counted, total)),
        beyond_limit: total.map(|total| counted * 100 > total * LIMIT_PERCENT),
    }
}

/// A part of a whole in percent with two digits, half a hundredth rounded up.
fn percent(part: i64, whole: i64) -> String {
    let hundredths = (part * 20_000 + whole) / (whole * 2);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The page that a reader gets.
#[must_use]
pub fn page(year: i32, counted: Vec<Counted>, next: Option<Edrpou>) -> ContinuityUsePage {
    let seen = |counted: Counted| {
        let Counted { trader, name, requests, refused, permits, all, own_link, total } = counted;
        let declarations = total.as_ref().map(|total| total.declarations);
        ContinuityUse {
            trader_edrpou: trader,
            trader_name: name,
            requests,
            refused,
            permits,
            all: share(all, declarations),
            own_link: share(own_link, declarations),
            total,
        }
    };
    ContinuityUsePage {
        year,
        limit_percent: format!("{LIMIT_PERCENT}.00"),
        items: counted.into_iter().map(seen).collect(),
        next,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(counted: i64, total: Option<i64>) -> (Option<String>, Option<bool>) {
        let ContinuityShare { uses: _, share_percent, beyond_limit } =
            share(Uses { in_year: counted, counted }, total);
        (share_percent, beyond_limit)
    }

    #[test]
    fn two_percent_are_within_the_limit_and_one_more_is_not() {
        assert_eq!(told(20, Some(1_000)), (Some("2.00".into()), Some(false)));
        assert_eq!(told(21, Some(1_000)), (Some("2.10".into()), Some(true)));
        // 2.001 %: it is told as 2.00, and judged by the numbers.
        assert_eq!(told(2_001, Some(100_000)), (Some("2.00".into()), Some(true)));
    }

    #[test]
    fn without_a_total_there_is_no_share() {
        assert_eq!(told(7, None), (None, None));
    }

    #[test]
    fn uses_after_the_last_counted_day_are_shown_and_not_held_against_the_total() {
        let share = share(Uses { in_year: 30, counted: 10 }, Some(1_000));
        assert_eq!(
            (share.uses, share.share_percent.as_deref(), share.beyond_limit),
            (30, Some("1.00"), Some(false))
        );
    }

    #[test]
    fn a_statement_is_of_its_year_and_not_ahead() {
        let now = "2026-11-23T22:30:00Z".parse().unwrap();
        let stated = |day: &str, declarations| DeclarationTotalIn {
            declarations,
            counted_until: day.parse().unwrap(),
            source: " ЕТС ".into(),
        };
        let faults = |stated: &DeclarationTotalIn, year| {
            let faults = check(stated, year, now).err().unwrap_or_default();
            faults.into_iter().map(|fault| format!("{} {}", fault.path, fault.detail)).collect::<Vec<_>>()
        };
        // In Kyiv it is the 24th already.
        assert_eq!(check(&stated("2026-11-24", 5), 2026, now).unwrap().source, "ЕТС");
        assert_eq!(faults(&stated("2026-11-25", 5), 2026), ["/counted_until lies ahead"]);
        assert_eq!(
            faults(&stated("2025-12-31", 0), 2026),
            ["/counted_until is no day of 2026", "/declarations is 1 to 100000000"]
        );
        assert_eq!(faults(&stated("2026-11-24", 5), 1999), ["path:year is 2000 to 2199"]);
    }

    proptest! {
        #[test]
        fn a_share_is_that_of_the_numbers(part in 0i64..1_000_000, whole in 1i64..100_000_000) {
            let (told, beyond) = told(part, Some(whole));
            let share = 100.0 * part as f64 / whole as f64;
            let told: f64 = told.unwrap().parse().unwrap();
            prop_assert!((told - share).abs() <= 0.005_000_1, "{told} {share}");
            prop_assert_eq!(beyond.unwrap(), share > 2.0);
        }
    }
}
