//! The hours of one day, by the wall clock: periods from opening to closing, with the breaks between them.

use chrono::TimeDelta;

use super::CalendarFault;

/// Seconds of a day on which the clocks are not changed.
const DAY: u32 = 86_400;

/// From an opening to a closing by the wall clock of one day, in whole minutes. It ends before its closing
/// time shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    opens: u32,
    closes: u32,
}

impl Period {
    /// A period from `opens` to `closes`, both `HH:MM`; `24:00` is the end of the day.
    ///
    /// # Errors
    /// [`CalendarFault::NoTimeOfDay`], or [`CalendarFault::NoLength`] when it ends when or before it begins.
    pub fn parse(opens: &str, closes: &str) -> Result<Self, CalendarFault> {
        let (opens, closes) = (time_of_day(opens)?, time_of_day(closes)?);
        if opens < closes { Ok(Self { opens, closes }) } else { Err(CalendarFault::NoLength) }
    }

    /// Its opening, in seconds after midnight by the wall clock.
    #[must_use]
    pub const fn opens(self) -> u32 {
        self.opens
    }

    /// Its closing, in seconds after midnight by the wall clock, at most 86,400.
    #[must_use]
    pub const fn closes(self) -> u32 {
        self.closes
    }
}

/// The periods of a day, in order and apart from each other. None: a day off.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DayHours(Vec<Period>);

impl DayHours {
    /// A day off.
    pub const CLOSED: Self = Self(Vec::new());

    /// The hours that consist of `periods`, in any order. Periods that touch become one.
    ///
    /// # Errors
    /// [`CalendarFault::Overlap`] when two of them share a moment.
    pub fn new(mut periods: Vec<Period>) -> Result<Self, CalendarFault> {
        periods.sort_by_key(|period| period.opens);
        let mut joined: Vec<Period> = Vec::with_capacity(periods.len());
        for period in periods {
            match joined.last_mut() {
                Some(last) if period.opens < last.closes => return Err(CalendarFault::Overlap),
                Some(last) if period.opens == last.closes => last.closes = period.closes,
                Some(_) | None => joined.push(period),
            }
        }
        Ok(Self(joined))
    }

    /// The whole day, from midnight to midnight.
    #[must_use]
    pub fn whole_day() -> Self {
        Self(vec![Period { opens: 0, closes: DAY }])
    }

    /// These hours without a break.
    #[must_use]
    pub fn without(&self, pause: Period) -> Self {
        let sides = |period: &Period| {
            let before = Period { opens: period.opens, closes: period.closes.min(pause.opens) };
            let after = Period { opens: period.opens.max(pause.closes), closes: period.closes };
            [before, after]
        };
        let left = |side: &Period| side.opens < side.closes;
        Self(self.0.iter().flat_map(sides).filter(left).collect())
    }

    /// Whether nobody works on that day.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.0.is_empty()
    }

    /// The working time of a day on which the clocks are not changed.
    pub(super) fn length(&self) -> TimeDelta {
        self.0.iter().map(|period| TimeDelta::seconds(i64::from(period.closes - period.opens))).sum()
    }

    /// The periods, in order.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.0
    }
}

fn time_of_day(text: &str) -> Result<u32, CalendarFault> {
    let fault = || CalendarFault::NoTimeOfDay(text.chars().take(20).collect());
    let (hours, minutes) = text.split_once(':').ok_or_else(fault)?;
    let number = |digits: &str| match digits.len() {
        2 if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse::<u32>().ok(),
        _ => None,
    };
    let (hours, minutes) = number(hours).zip(number(minutes)).ok_or_else(fault)?;
    let seconds = hours * 3_600 + minutes * 60;
    if minutes < 60 && seconds <= DAY { Ok(seconds) } else { Err(fault()) }
}
