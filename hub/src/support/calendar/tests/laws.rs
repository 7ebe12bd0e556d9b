//! Laws that hold for every calendar, every start and every amount.

use proptest::collection::btree_set;
use proptest::option;
use proptest::prelude::*;

use super::*;

/// Weekly hours of up to two periods a day, to the quarter of an hour; Monday is always worked.
fn calendar() -> impl Strategy<Value = Calendar> {
    let day = || {
        btree_set(0_u32..=96, 4).prop_map(|quarters| {
            let times: Vec<String> = quarters
                .iter()
                .map(|quarter| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15))
                .collect();
            vec![period(&times[0], &times[1]), period(&times[2], &times[3])]
        })
    };
    let others = proptest::collection::vec(option::of(day()), 6);
    (day(), others).prop_map(|(monday, others)| {
        let weekdays = [Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
        let listed = weekdays.into_iter().zip(others).filter_map(|(weekday, hours)| Some((weekday, hours?)));
        Calendar::new(Kyiv, listed.chain([(Weekday::Mon, monday)])).unwrap()
    })
}

/// A minute of three years with six changes of the clocks.
fn start() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..3 * 365 * 1_440).prop_map(|minute| kyiv("2026-01-01 00:00") + minutes(minute))
}

/// A minute within two days of a change of the clocks.
fn near_a_change() -> impl Strategy<Value = DateTime<Utc>> {
    let change = prop::sample::select(vec!["2026-03-29 02:00", "2026-10-25 02:00", "2027-03-28 02:00"]);
    (change, -2_880_i64..2_880).prop_map(|(change, minute)| kyiv(change) + minutes(minute))
}

/// Whether the wall clock of Kyiv shows a working minute: looked up, not counted.
fn shows_a_working_minute(calendar: &Calendar, moment: DateTime<Utc>) -> bool {
    use chrono::{Datelike, Timelike};
    let local = moment.with_timezone(&Kyiv);
    let second = local.num_seconds_from_midnight();
    let works = |period: &Period| (period.opens()..period.closes()).contains(&second);
    calendar.weekday(local.weekday()).periods().iter().any(works)
}

/// Zones whose clocks are changed at midnight, by half an hour, for a month of fasting, or once by a whole
/// day.
fn zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Kyiv,
        chrono_tz::America::Sao_Paulo,
        chrono_tz::Australia::Lord_Howe,
        chrono_tz::Africa::Casablanca,
        chrono_tz::Africa::Cairo,
        chrono_tz::Pacific::Apia,
        chrono_tz::Asia::Kathmandu,
    ])
}

proptest! {
    #[test]
    fn what_lies_between_is_the_sum_of_its_stretches(
        calendar in calendar(), zone in zone(), days_off in btree_set(0_u64..4_000, 0..40), from in 0_i64..3_000 * 1_440,
        length in 0_i64..1_000 * 1_440,
    ) {
        let begins = date("2008-01-01");
        let calendar = Calendar { zone, ..calendar };
        let calendar = days_off.into_iter().fold(calendar, |calendar, day| {
            calendar.except(begins + chrono::Days::new(day), day_off(long_ago()))
        });
        let from = begins.and_time(chrono::NaiveTime::MIN).and_utc() + minutes(from);
        let until = from + minutes(length);
        let calendar = calendar.as_known();
        let inside = calendar.spans_from(from).unwrap().take_while(|span| span.from < until);
        let sum: TimeDelta = inside.map(|span| span.until.min(until) - span.from).sum();
        prop_assert_eq!(calendar.within(from, until).unwrap(), sum);
    }

    #[test]
    fn what_is_added_lies_between(calendar in calendar(), start in start(), amount in 0_i64..20_000) {
        let calendar = calendar.as_known();
        let due = calendar.add(start, minutes(amount)).unwrap();
        prop_assert_eq!(calendar.within(start, due).unwrap(), minutes(amount));
    }

    #[test]
    fn a_sum_is_added_at_once_or_in_parts(
        calendar in calendar(), start in start(), first in 1_i64..5_000, second in 1_i64..5_000,
    ) {
        let calendar = calendar.as_known();
        let in_parts = calendar.add(calendar.add(start, minutes(first)).unwrap(), minutes(second)).unwrap();
        prop_assert_eq!(calendar.add(start, minutes(first + second)).unwrap(), in_parts);
    }

    #[test]
    fn what_is_added_and_taken_leads_back(calendar in calendar(), start in start(), amount in 1_i64..5_000) {
        let calendar = calendar.as_known();
        let due = calendar.add(start, minutes(amount)).unwrap();
        let back = calendar.subtract(due, minutes(amount)).unwrap();
        prop_assert_eq!(back, calendar.next_opening(start).unwrap());
    }

    #[test]
    fn a_holiday_never_makes_a_due_time_earlier(
        calendar in calendar(), start in start(), amount in 0_i64..10_000, holiday in 0_u64..1_200,
    ) {
        let day = date("2026-01-01") + chrono::Days::new(holiday);
        let with_holiday = calendar.clone().except(day, day_off(long_ago()));
        let before = calendar.as_known().add(start, minutes(amount)).unwrap();
        let after = with_holiday.as_known().add(start, minutes(amount)).unwrap();
        prop_assert!(after >= before);
    }

    #[test]
    fn deadline_never_falls_in_closed_time_except_exactly_at_closing(
        calendar in calendar(), start in start(), amount in 1_i64..10_000,
    ) {
        let due = calendar.as_known().add(start, minutes(amount)).unwrap();
        // The minute before it is a working one; the deadline itself may be the closing.
        prop_assert!(shows_a_working_minute(&calendar, due - TimeDelta::seconds(1)));
    }

    #[test]
    fn counting_minute_by_minute_gives_the_same(
        calendar in calendar(), start in near_a_change(), length in 0_i64..2_880,
    ) {
        let by_hand = (0..length).filter(|minute| shows_a_working_minute(&calendar, start + minutes(*minute)));
        let counted = calendar.as_known().within(start, start + minutes(length)).unwrap();
        prop_assert_eq!(counted.num_minutes(), i64::try_from(by_hand.count()).unwrap());
    }
}
