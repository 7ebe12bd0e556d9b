//! Counting in working time: adding to an instant, taking from it, and what lies between two.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use super::local::{instant_of, stretches};
use super::{Calendar, CalendarFault};

/// How many days a count looks at before it gives up: ten years. No handling time is a tenth of it.
pub const FURTHEST_DAYS: usize = 3_660;

/// The years that calendars know. Far enough on both sides that no sum of a date overflows.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;

/// A calendar as it was known at a moment: exceptions that were decided later are not in it.
#[derive(Debug, Clone, Copy)]
pub struct AsKnown<'c> {
    pub(super) calendar: &'c Calendar,
    pub(super) moment: Option<DateTime<Utc>>,
}

/// A stretch without a break in which a line works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSpan {
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The moment after its last.
    pub until: DateTime<Utc>,
}

impl OpenSpan {
    fn length(self) -> TimeDelta {
        self.until - self.from
    }
}

impl<'c> AsKnown<'c> {
    /// The moment `working` time after `from`. Nothing to add: the next moment at which the line works,
    /// `from` itself if it works then. A sum that is used up exactly at closing ends at closing, not at the
    /// next opening.
    ///
    /// # Errors
    /// [`CalendarFault`] when `working` is negative, or the answer too far away.
    pub fn add(&self, from: DateTime<Utc>, working: TimeDelta) -> Result<DateTime<Utc>, CalendarFault> {
        let mut left = not_negative(working)?;
        for span in self.spans_from(from)? {
            if left <= span.length() {
                return Ok(span.from + left);
            }
            left -= span.length();
        }
        Err(CalendarFault::TooFar)
    }

    /// The moment `working` time before `until`. Nothing to take: the last moment at or before `until` up to
    /// which the line works.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn subtract(&self, until: DateTime<Utc>, working: TimeDelta) -> Result<DateTime<Utc>, CalendarFault> {
        let mut left = not_negative(working)?;
        let today = self.date_of(until)?;
        let days = std::iter::successors(Some(today), NaiveDate::pred_opt).take(FURTHEST_DAYS);
        for date in days {
            for span in self.spans_on(date).into_iter().rev().filter(|span| span.from < until) {
                let span = OpenSpan { until: span.until.min(until), ..span };
                if left <= span.length() {
                    return Ok(span.until - left);
                }
                left -= span.length();
            }
        }
        Err(CalendarFault::TooFar)
    }

    /// The working time between two moments; none when they are equal or in the wrong order.
    ///
    /// # Errors
    /// [`CalendarFault::TooFar`] when more than ten years lie between them.
    pub fn within(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<TimeDelta, CalendarFault> {
        if from >= until {
            return Ok(TimeDelta::zero());
        }
        let (first, last) = (self.date_of(from)?, self.date_of(until)?);
        if last.signed_duration_since(first).num_days() >= days(FURTHEST_DAYS) {
            return Err(CalendarFault::TooFar);
        }
        let clipped = |date: NaiveDate| -> TimeDelta {
            let spans = self.spans_on(date).into_iter();
            let inside =
                spans.map(|OpenSpan { from: opens, until: closes }| closes.min(until) - opens.max(from));
            inside.filter(|length| *length > TimeDelta::zero()).sum()
        };
        let Some(second) = first.succ_opt().filter(|_| first < last) else { return Ok(clipped(first)) };
        let between = self.calendar.whole_days(second..last, self.moment, clipped);
        Ok(clipped(first) + between + clipped(last))
    }

    /// The next moment at which the line works: `from` itself if it works then.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn next_opening(&self, from: DateTime<Utc>) -> Result<DateTime<Utc>, CalendarFault> {
        self.add(from, TimeDelta::zero())
    }

    /// Whether the line works at that moment.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn is_open(&self, at: DateTime<Utc>) -> Result<bool, CalendarFault> {
        Ok(self.next_opening(at)? == at)
    }

    /// The same time of day so many working days later, or the next moment after it at which the line works.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_days(&self, from: DateTime<Utc>, count: usize) -> Result<DateTime<Utc>, CalendarFault> {
        let later = self.date_of(from)?.iter_days();
        self.next_opening(self.shifted(from, count, later)?)
    }

    /// The same time of day so many working days earlier, or the last moment before it at which the line
    /// works.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn subtract_days(&self, from: DateTime<Utc>, count: usize) -> Result<DateTime<Utc>, CalendarFault> {
        let earlier = std::iter::successors(Some(self.date_of(from)?), NaiveDate::pred_opt);
        self.subtract(self.shifted(from, count, earlier)?, TimeDelta::zero())
    }

    /// When the line ends its work on the local day of a moment; `None` on a day off.
    ///
    /// # Errors
    /// [`CalendarFault::OutOfRange`].
    pub fn closing(&self, at: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, CalendarFault> {
        Ok(self.spans_on(self.date_of(at)?).last().map(|span| span.until))
    }

    /// The stretches in which the line works, from a moment on, for ten years.
    ///
    /// # Errors
    /// [`CalendarFault::OutOfRange`].
    pub fn spans_from(
        &self,
        from: DateTime<Utc>,
    ) -> Result<impl Iterator<Item = OpenSpan> + use<'c>, CalendarFault> {
        let this = *self;
        let days = self.date_of(from)?.iter_days().take(FURTHEST_DAYS);
        let spans = days.flat_map(move |date| this.spans_on(date));
        Ok(spans
            .filter(move |span| span.until > from)
            .map(move |span| OpenSpan { from: span.from.max(from), ..span }))
    }

    /// Why the hours of the local day of a moment are not those of its weekday, or are although it is a
    /// holiday.
    ///
    /// # Errors
    /// [`CalendarFault::OutOfRange`].
    pub fn exception_at(&self, at: DateTime<Utc>) -> Result<Option<&'c str>, CalendarFault> {
        let exception = self.calendar.exception(self.date_of(at)?, self.moment);
        Ok(exception.map(|exception| exception.reason.as_str()))
    }

    /// The stretches of one local day in which the wall clock shows a working hour. An hour that the clocks
    /// jump over is not worked, one that they show twice is worked twice.
    fn spans_on(&self, date: NaiveDate) -> Vec<OpenSpan> {
        let (hours, _) = self.calendar.hours(date, self.moment);
        let mut spans: Vec<OpenSpan> = Vec::with_capacity(hours.periods().len());
        if hours.is_closed() {
            return spans;
        }
        let midnight = date.and_time(chrono::NaiveTime::MIN).and_utc();
        for stretch in stretches(self.calendar.zone, date) {
            let instant = |seconds: u32| midnight + TimeDelta::seconds(i64::from(seconds)) - stretch.ahead;
            for period in hours.periods() {
                let from = instant(period.opens()).max(stretch.from);
                // What lasts to the end of the day lasts to its end, whatever the clock was set to.
                let until = instant(period.closes()).min(stretch.until);
                match spans.last_mut() {
                    _ if from >= until => {}
                    Some(last) if last.until == from => last.until = until,
                    Some(_) | None => spans.push(OpenSpan { from, until }),
                }
            }
        }
        spans
    }

    /// The time of day of `from` on the `count`th working day after the first of `days`.
    fn shifted(
        &self,
        from: DateTime<Utc>,
        count: usize,
        mut days: impl Iterator<Item = NaiveDate>,
    ) -> Result<DateTime<Utc>, CalendarFault> {
        let Some(before) = count.checked_sub(1) else { return Ok(from) };
        days.next();
        let works = |date: &NaiveDate| !self.calendar.hours(*date, self.moment).0.is_closed();
        let date = days.take(FURTHEST_DAYS).filter(works).nth(before).ok_or(CalendarFault::TooFar)?;
        let time = from.with_timezone(&self.calendar.zone).time();
        Ok(instant_of(self.calendar.zone, date.and_time(time)))
    }

    fn date_of(&self, at: DateTime<Utc>) -> Result<NaiveDate, CalendarFault> {
        if !YEARS.contains(&at.year()) {
            return Err(CalendarFault::OutOfRange);
        }
        Ok(at.with_timezone(&self.calendar.zone).date_naive())
    }
}

fn not_negative(working: TimeDelta) -> Result<TimeDelta, CalendarFault> {
    if working < TimeDelta::zero() { Err(CalendarFault::Negative) } else { Ok(working) }
}

fn days(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
