//! When a line works: weekly hours with breaks, days that differ, a time zone with its clock changes (H3.13).
//!
//! A calendar is data; counting in it is done [as it was known](AsKnown) at a moment, so that a holiday that
//! is decided later moves no deadline that was met before. A calendar that never opens cannot be made, and
//! every count looks at a bounded number of days.

mod arithmetic;
mod hours;
mod local;
#[cfg(test)]
pub(crate) mod tests;
mod whole_days;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;

pub use arithmetic::{AsKnown, FURTHEST_DAYS, OpenSpan};
pub use hours::{DayHours, Period};
pub use local::{days_between, instant_of};

/// What is looked up where nothing is listed.
static DAY_OFF: DayHours = DayHours::CLOSED;

/// Why a calendar cannot be made, or cannot tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    /// No day of the week has hours.
    #[error("the calendar never opens")]
    NeverOpens,
    /// A day is listed without hours.
    #[error("{0} is listed without hours; leave out a day on which nobody works")]
    EmptyDay(Weekday),
    /// A day is listed twice.
    #[error("{0} is listed twice")]
    RepeatedDay(Weekday),
    /// A period that ends when or before it begins.
    #[error("a period of no length")]
    NoLength,
    /// Two periods of a day share a moment.
    #[error("two periods of a day overlap")]
    Overlap,
    /// Not a time of day.
    #[error("`{0}` is no time of day: write HH:MM, up to 24:00")]
    NoTimeOfDay(String),
    /// A negative amount of time.
    #[error("an amount of time is zero or more")]
    Negative,
    /// A moment outside the years that calendars know.
    #[error("the moment lies outside the years 1970 to 2199")]
    OutOfRange,
    /// The answer lies too far away.
    #[error("not reached within {FURTHEST_DAYS} days")]
    TooFar,
}

/// A day that differs from its weekday: a public holiday, a moved working day, a one-off change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The hours of that day; `None`: those of its weekday after all.
    pub hours: Option<DayHours>,
    /// Since when it is known. Of several for one day the one known last holds.
    pub decided_at: DateTime<Utc>,
    /// Why, with its legal basis, for those who ask how a deadline was reached.
    pub reason: String,
}

/// The working hours of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    week: [DayHours; 7],
    exceptions: BTreeMap<NaiveDate, Vec<Exception>>,
}

impl Calendar {
    /// A calendar of weekly hours. Days that are not listed are days off.
    ///
    /// # Errors
    /// [`CalendarFault`] when a day is listed twice or without hours, its periods overlap, or nothing is
    /// listed at all.
    pub fn new(
        zone: Tz,
        days: impl IntoIterator<Item = (Weekday, Vec<Period>)>,
    ) -> Result<Self, CalendarFault> {
        let mut week: [DayHours; 7] = Default::default();
        for (weekday, periods) in days {
            let day = week.get_mut(index(weekday)).ok_or(CalendarFault::RepeatedDay(weekday))?;
            if !day.is_closed() {
                return Err(CalendarFault::RepeatedDay(weekday));
            }
            *day = DayHours::new(periods)?;
            if day.is_closed() {
                return Err(CalendarFault::EmptyDay(weekday));
            }
        }
        if week.iter().all(DayHours::is_closed) {
            return Err(CalendarFault::NeverOpens);
        }
        Ok(Self { zone, week, exceptions: BTreeMap::new() })
    }

    /// A calendar that is always open (24/7).
    #[must_use]
    pub fn all_day(zone: Tz) -> Self {
        let week = std::array::from_fn(|_| DayHours::whole_day());
        Self { zone, week, exceptions: BTreeMap::new() }
    }

    /// The calendar with a day that differs.
    #[must_use]
    pub fn except(mut self, date: NaiveDate, exception: Exception) -> Self {
        let known = self.exceptions.entry(date).or_default();
        let place = known.partition_point(|other| other.decided_at <= exception.decided_at);
        known.insert(place, exception);
        self
    }

    /// The calendar as it was known at `moment`, to count in.
    #[must_use]
    pub const fn as_known_at(&self, moment: DateTime<Utc>) -> AsKnown<'_> {
        AsKnown { calendar: self, moment: Some(moment) }
    }

    /// The calendar with all that is in it, to count in.
    #[must_use]
    pub const fn as_known(&self) -> AsKnown<'_> {
        AsKnown { calendar: self, moment: None }
    }

    /// The time zone of its hours.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// The hours of a weekday.
    #[must_use]
    pub fn weekday(&self, weekday: Weekday) -> &DayHours {
        self.week.get(index(weekday)).unwrap_or(&DAY_OFF)
    }

    fn exception(&self, date: NaiveDate, known_at: Option<DateTime<Utc>>) -> Option<&Exception> {
        let exceptions = self.exceptions.get(&date)?;
        exceptions.iter().rev().find(|exception| known_at.is_none_or(|known| exception.decided_at <= known))
    }

    fn hours(&self, date: NaiveDate, known_at: Option<DateTime<Utc>>) -> (&DayHours, Option<&Exception>) {
        let exception = self.exception(date, known_at);
        let differing = exception.and_then(|exception| exception.hours.as_ref());
        (differing.unwrap_or_else(|| self.weekday(date.weekday())), exception)
    }
}

fn index(weekday: Weekday) -> usize {
    usize::try_from(weekday.num_days_from_monday()).unwrap_or_default()
}
