//! The calendars of the lines, put together from weekly hours, public holidays under the regime of their day,
//! and one-off changes.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc, Weekday};
use chrono_tz::Europe::Kyiv;
use serde::Deserialize;

use super::Files;
use super::files::{Fault, beginning_of, rows};
use crate::support::calendar::{Calendar, DayHours, Exception, Period};

const WORKING_HOURS: &str = "working-hours.csv";
const PUBLIC_HOLIDAYS: &str = "public-holidays.csv";
const HOLIDAY_REGIMES: &str = "holiday-regimes.csv";
const ONE_OFF_CHANGES: &str = "one-off-changes.csv";

/// Whose hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarName {
    /// The first line's.
    #[serde(rename = "line_1")]
    Line1,
    /// The second line's.
    #[serde(rename = "line_2")]
    Line2,
    /// The third line's.
    #[serde(rename = "line_3")]
    Line3,
    /// Around the clock, holidays included: the duty for critical incidents.
    AllDay,
}

impl CalendarName {
    /// Its name in the files and in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line1 => "line_1",
            Self::Line2 => "line_2",
            Self::Line3 => "line_3",
            Self::AllDay => "all_day",
        }
    }
}

/// The calendar of each line, and the one that is always open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendars {
    line_1: Calendar,
    line_2: Calendar,
    line_3: Calendar,
    all_day: Calendar,
}

impl Calendars {
    /// The calendar of that name.
    #[must_use]
    pub const fn get(&self, name: CalendarName) -> &Calendar {
        match name {
            CalendarName::Line1 => &self.line_1,
            CalendarName::Line2 => &self.line_2,
            CalendarName::Line3 => &self.line_3,
            CalendarName::AllDay => &self.all_day,
        }
    }

    /// The same calendars with one of them changed.
    #[must_use]
    pub fn with(mut self, name: CalendarName, change: impl FnOnce(Calendar) -> Calendar) -> Self {
        let place = match name {
            CalendarName::Line1 => &mut self.line_1,
            CalendarName::Line2 => &mut self.line_2,
            CalendarName::Line3 => &mut self.line_3,
            CalendarName::AllDay => &mut self.all_day,
        };
        *place = change(place.clone());
        self
    }

    pub(super) fn read(files: &Files<'_>) -> Result<Self, Fault> {
        let hours: Vec<HoursRow> = rows(WORKING_HOURS, files.working_hours)?;
        let holidays: Vec<HolidayRow> = rows(PUBLIC_HOLIDAYS, files.public_holidays)?;
        let regimes: Vec<RegimeRow> = rows(HOLIDAY_REGIMES, files.holiday_regimes)?;
        let changes: Vec<ChangeRow> = rows(ONE_OFF_CHANGES, files.one_off_changes)?;
        if hours.iter().any(|row| row.calendar == CalendarName::AllDay) {
            return Err(Fault::new(WORKING_HOURS, "all_day is always open"));
        }
        let line = |name| {
            let calendar = with_holidays(weekly(name, &hours)?, &holidays, &regimes)?;
            with_changes(calendar, name, &changes)
        };
        Ok(Self {
            line_1: line(CalendarName::Line1)?,
            line_2: line(CalendarName::Line2)?,
            line_3: line(CalendarName::Line3)?,
            all_day: with_changes(Calendar::all_day(Kyiv), CalendarName::AllDay, &changes)?,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursRow {
    calendar: CalendarName,
    weekday: Weekday,
    opens: String,
    closes: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HolidayKind {
    Holiday,
    MovedDayOff,
    WorkingDay,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayRow {
    date: NaiveDate,
    kind: HolidayKind,
    hours_of: Option<Weekday>,
    name_uk: String,
    name_en: String,
    decided_on: NaiveDate,
    basis: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HolidaysAre {
    DaysOff,
    WorkingDays,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegimeRow {
    from: NaiveDate,
    public_holidays_are: HolidaysAre,
    decided_on: NaiveDate,
    basis: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeRow {
    calendar: CalendarName,
    date: NaiveDate,
    opens: Option<String>,
    closes: Option<String>,
    decided_at: DateTime<Utc>,
    reason: String,
}

fn weekly(name: CalendarName, hours: &[HoursRow]) -> Result<Calendar, Fault> {
    let fault = Fault::of_calendar(WORKING_HOURS);
    let mut days: BTreeMap<u32, (Weekday, Vec<Period>)> = BTreeMap::new();
    for row in hours.iter().filter(|row| row.calendar == name) {
        let period = Period::parse(&row.opens, &row.closes).map_err(&fault)?;
        let day = days.entry(row.weekday.num_days_from_monday()).or_insert((row.weekday, Vec::new()));
        day.1.push(period);
    }
    Calendar::new(Kyiv, days.into_values()).map_err(fault)
}

/// Each public holiday under each regime that may hold on its day, with the day since when that is known.
fn with_holidays(
    mut calendar: Calendar,
    holidays: &[HolidayRow],
    regimes: &[RegimeRow],
) -> Result<Calendar, Fault> {
    for holiday in holidays {
        let HolidayRow { date, kind, hours_of, name_uk, name_en, decided_on, basis } = holiday;
        let named = format!("{name_en} ({name_uk}); {basis}");
        if *kind == HolidayKind::WorkingDay {
            let Some(weekday) = hours_of else {
                return Err(Fault::new(PUBLIC_HOLIDAYS, format!("{date}: a working day needs `hours_of`")));
            };
            let hours = Some(calendar.weekday(*weekday).clone());
            let exception = Exception { hours, decided_at: beginning_of(*decided_on), reason: named };
            calendar = calendar.except(*date, exception);
            continue;
        }
        for (regime, known) in regimes_of(*date, regimes) {
            let (hours, reason) = match regime.public_holidays_are {
                HolidaysAre::DaysOff => (Some(DayHours::CLOSED), named.clone()),
                HolidaysAre::WorkingDays => (None, format!("{named}; a working day by {}", regime.basis)),
            };
            let decided_at = beginning_of(known.max(*decided_on));
            calendar = calendar.except(*date, Exception { hours, decided_at, reason });
        }
    }
    Ok(calendar)
}

/// The regimes that held or hold on a day, in the order in which they became known, each with that day: of
/// what is known, the one that begins last holds.
fn regimes_of(date: NaiveDate, regimes: &[RegimeRow]) -> Vec<(&RegimeRow, NaiveDate)> {
    let mut decisions: Vec<&RegimeRow> = regimes.iter().filter(|regime| regime.from <= date).collect();
    decisions.sort_by_key(|regime| (regime.decided_on, regime.from));
    let mut holding: Vec<(&RegimeRow, NaiveDate)> = Vec::new();
    for regime in decisions {
        if holding.last().is_none_or(|(last, _)| last.from <= regime.from) {
            holding.push((regime, regime.decided_on));
        }
    }
    holding
}

/// The rows of one day and one decision.
#[derive(Default)]
struct ChangedDay<'r> {
    periods: Vec<Period>,
    reason: &'r str,
}

fn with_changes(
    mut calendar: Calendar,
    name: CalendarName,
    changes: &[ChangeRow],
) -> Result<Calendar, Fault> {
    let fault = Fault::of_calendar(ONE_OFF_CHANGES);
    let mut days: BTreeMap<(NaiveDate, DateTime<Utc>), ChangedDay<'_>> = BTreeMap::new();
    for row in changes.iter().filter(|row| row.calendar == name) {
        let day = days.entry((row.date, row.decided_at)).or_default();
        day.reason = &row.reason;
        match (&row.opens, &row.closes) {
            (Some(opens), Some(closes)) => day.periods.push(Period::parse(opens, closes).map_err(&fault)?),
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                let detail = format!("{}: a period has both times, a day off none", row.date);
                return Err(Fault::new(ONE_OFF_CHANGES, detail));
            }
        }
    }
    for ((date, decided_at), ChangedDay { periods, reason }) in days {
        let hours = Some(DayHours::new(periods).map_err(&fault)?);
        calendar = calendar.except(date, Exception { hours, decided_at, reason: reason.to_owned() });
    }
    Ok(calendar)
}
