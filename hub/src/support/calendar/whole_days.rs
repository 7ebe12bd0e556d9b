//! The working time of many whole days, without looking at each of them: a ticket that was open for two years
//! is counted in weeks.

use std::ops::Range;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::Calendar;
use super::local::is_steady;

impl Calendar {
    /// The working time of the local days from the first of `days` to the one before its end, as the calendar
    /// was known at `moment`. `day_itself` gives that of a day about which the clocks are changed.
    pub(super) fn whole_days(
        &self,
        days: Range<NaiveDate>,
        moment: Option<DateTime<Utc>>,
        day_itself: impl Fn(NaiveDate) -> TimeDelta,
    ) -> TimeDelta {
        let (mut date, mut worked) = (days.start, TimeDelta::zero());
        while date < days.end {
            let week = date.checked_add_days(Days::new(7)).filter(|week| *week <= days.end);
            if let Some(week) = week.filter(|week| self.is_usual(date..*week)) {
                worked += self.usual_week();
                date = week;
                continue;
            }
            let Some(next) = date.succ_opt() else { break };
            worked += if is_steady(self.zone, &(date..next)) {
                self.hours(date, moment).0.length()
            } else {
                day_itself(date)
            };
            date = next;
        }
        worked
    }

    /// Whether days have the hours of their weekdays and the length that days have.
    fn is_usual(&self, days: Range<NaiveDate>) -> bool {
        is_steady(self.zone, &days) && self.exceptions.range(days).next().is_none()
    }

    fn usual_week(&self) -> TimeDelta {
        self.week.iter().map(super::DayHours::length).sum()
    }
}
