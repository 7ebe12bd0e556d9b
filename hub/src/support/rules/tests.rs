//! The data that is built in, checked against the law that it rests on, and what is refused.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::*;
use crate::support::calendar::tests::{date, kyiv, minutes};

fn read_with(change: impl Fn(&mut Files<'_>)) -> std::result::Result<SupportRules, Fault> {
    let mut files = BUILT_IN;
    change(&mut files);
    SupportRules::read(&files)
}

/// Working minutes of line 1 on a day, as they are known now.
fn worked_on(rules: &SupportRules, day: &str) -> i64 {
    let from = kyiv(&format!("{day} 00:00"));
    let line_1 = rules.calendars.get(CalendarName::Line1).as_known();
    line_1.within(from, from + minutes(1_440)).unwrap().num_minutes()
}

/// Each listed date and its kind.
fn listed() -> BTreeMap<NaiveDate, String> {
    let rows = BUILT_IN.public_holidays.lines().filter(|line| line.starts_with("20"));
    rows.map(|row| {
        let mut columns = row.split(',');
        (date(columns.next().unwrap()), columns.next().unwrap().to_owned())
    })
    .collect()
}

/// Easter by the Julian reckoning, by the algorithm of Meeus; 13 days until 2099.
fn easter(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 4, year % 7, year % 19);
    let d = (19 * c + 15) % 30;
    let e = (2 * a + 4 * b - d + 34) % 7;
    let day = u32::try_from(d + e + 114).unwrap();
    NaiveDate::from_ymd_opt(year, day / 31, day % 31 + 1).unwrap() + Days::new(13)
}

#[test]
fn the_files_that_are_built_in_are_read() {
    assert!(built_in().is_ok());
}

#[test]
fn the_public_holidays_are_those_of_the_labour_code() {
    let fixed = [(1, 1), (3, 8), (5, 1), (5, 8), (6, 28), (7, 15), (8, 24), (10, 1), (12, 25)];
    let mut expected: BTreeMap<NaiveDate, String> = BTreeMap::new();
    for year in 2025..=2028 {
        let dates = fixed.iter().map(|(month, day)| NaiveDate::from_ymd_opt(year, *month, *day).unwrap());
        let mut holidays: Vec<NaiveDate> =
            dates.chain([easter(year), easter(year) + Days::new(49)]).collect();
        holidays.sort_unstable();
        expected.extend(holidays.iter().map(|holiday| (*holiday, "holiday".to_owned())));
        for holiday in holidays.iter().filter(|holiday| is_weekend(**holiday)) {
            let free = |day: &NaiveDate| is_weekend(*day) || expected.contains_key(day);
            let moved = holiday.iter_days().find(|day| !free(day)).unwrap();
            expected.insert(moved, "moved_day_off".to_owned());
        }
    }
    assert_eq!(listed(), expected);
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[test]
fn under_martial_law_a_public_holiday_is_worked() {
    let rules = built_in().unwrap();
    assert_eq!(worked_on(rules, "2026-08-24"), 495);
    assert_eq!(worked_on(rules, "2026-04-13"), 495, "nor is the day after Easter off");
    assert_eq!(worked_on(rules, "2026-03-08"), 0, "a Sunday stays one");
    let reason = rules.calendars.get(CalendarName::Line1).as_known().exception_at(kyiv("2026-08-24 10:00"));
    assert!(reason.unwrap().unwrap().contains("Law 2136-IX"));
}

#[test]
fn when_martial_law_ends_holidays_are_days_off_from_the_day_of_the_decision_on() {
    let ended = format!("{}2027-05-01,days_off,2027-04-20,the law that ends it\n", BUILT_IN.holiday_regimes);
    let files = Files { holiday_regimes: &ended, ..BUILT_IN };
    let rules = SupportRules::read(&files).unwrap();
    assert_eq!(worked_on(&rules, "2027-06-28"), 0);
    assert_eq!(worked_on(&rules, "2027-03-08"), 495, "a day before the end");
    let line_1 = rules.calendars.get(CalendarName::Line1);
    let opening =
        |known: &str| line_1.as_known_at(kyiv(known)).next_opening(kyiv("2027-06-28 09:00")).unwrap();
    assert_eq!(opening("2027-04-19 12:00"), kyiv("2027-06-28 09:00"), "nobody knew it then");
    assert_eq!(opening("2027-04-20 12:00"), kyiv("2027-06-29 09:00"));
}

#[test]
fn without_martial_law_the_days_before_it_were_off() {
    let peace = BUILT_IN.holiday_regimes.lines().filter(|line| !line.contains("2136"));
    let peace: String = peace.map(|line| format!("{line}\n")).collect();
    let rules = SupportRules::read(&Files { holiday_regimes: &peace, ..BUILT_IN }).unwrap();
    for (day, off) in [("2026-08-24", 0), ("2026-04-13", 0), ("2026-08-25", 495), ("2027-05-04", 0)] {
        assert_eq!(worked_on(&rules, day), off, "{day}");
    }
}

#[test]
fn a_moved_working_day_has_the_hours_of_the_day_it_stands_for() {
    let holidays = format!(
        "{}2026-09-12,working_day,Fri,Робочий за 11.09,Worked for 2026-09-11,2026-01-15,a recommendation\n",
        BUILT_IN.public_holidays
    );
    let rules = SupportRules::read(&Files { public_holidays: &holidays, ..BUILT_IN }).unwrap();
    assert_eq!(worked_on(&rules, "2026-09-12"), 420);
}

#[test]
fn a_one_off_change_concerns_one_line_on_one_day() {
    let changes = format!(
        "{}line_1,2026-09-07,10:00,12:00,2026-09-01T09:00:00Z,move to new rooms\n\
         line_1,2026-09-07,14:00,15:00,2026-09-01T09:00:00Z,move to new rooms\n\
         line_1,2026-09-08,,,2026-09-01T09:00:00Z,no power\n",
        BUILT_IN.one_off_changes
    );
    let rules = SupportRules::read(&Files { one_off_changes: &changes, ..BUILT_IN }).unwrap();
    assert_eq!(worked_on(&rules, "2026-09-07"), 180);
    assert_eq!(worked_on(&rules, "2026-09-08"), 0);
    let line_2 = rules.calendars.get(CalendarName::Line2).as_known();
    assert_eq!(line_2.next_opening(kyiv("2026-09-08 09:00")).unwrap(), kyiv("2026-09-08 09:00"));
}

#[test]
fn the_duty_never_rests() {
    let all_day = built_in().unwrap().calendars.get(CalendarName::AllDay);
    let (from, until) = (kyiv("2026-01-01 00:00"), kyiv("2027-01-01 00:00"));
    assert_eq!(all_day.as_known().within(from, until).unwrap(), until - from);
}

#[test]
fn what_is_wrong_in_a_file_is_named() {
    let told = |result: std::result::Result<SupportRules, Fault>| result.unwrap_err().to_string();
    let refused = |name: &str, text: String| {
        told(read_with(|files| {
            let text: &'static str = Box::leak(text.clone().into_boxed_str());
            match name {
                "hours" => files.working_hours = text,
                "times" => files.handling_times = text,
                "versions" => files.handling_versions = text,
                "holidays" => files.public_holidays = text,
                _ => files.one_off_changes = text,
            }
        }))
    };
    let without_line_3: String = BUILT_IN
        .working_hours
        .lines()
        .filter(|line| !line.starts_with("line_3"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(refused("hours", without_line_3), "working-hours.csv: the calendar never opens");
    let all_day = format!("{}all_day,Mon,09:00,10:00\n", BUILT_IN.working_hours);
    assert_eq!(refused("hours", all_day), "working-hours.csv: all_day is always open");
    let gap = BUILT_IN.handling_times.replace("1,line_2,high,360,line_2\n", "");
    assert_eq!(refused("times", gap), "handling-times.csv: version 1 has no time for line_2, high");
    let half = BUILT_IN.handling_times.replace("2,assignment,low,480,line_1\n", "");
    assert_eq!(refused("times", half), "handling-times.csv: version 2 has no time for assignment, low");
    let never = BUILT_IN.handling_times.replace("high,360", "high,0");
    assert!(refused("times", never).contains("1 to 525600 minutes"));
    let unknown = format!("{}3,ticket,high,60,line_1\n", BUILT_IN.handling_times);
    assert_eq!(refused("times", unknown), "handling-versions.csv: version 3 is missing");
    let nothing = "version,in_force_from,while_extended,while_deferred,line_2_while_extended,source\n";
    assert!(refused("versions", nothing.to_owned()).starts_with("handling-versions.csv"));
    let half = format!("{}line_1,2026-09-07,10:00,,2026-09-01T09:00:00Z,half\n", BUILT_IN.one_off_changes);
    assert!(refused("changes", half).contains("a period has both times"));
    let whose = format!("{}2026-09-12,working_day,,a,b,2026-01-15,c\n", BUILT_IN.public_holidays);
    assert!(refused("holidays", whose).contains("needs `hours_of`"));
}
