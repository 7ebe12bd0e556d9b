//! How many vehicles a lane lets in at an hour, by the clocks of Kyiv.

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Europe::Kyiv;
use kordon_schemas::rules::{LaneRules, Weekday};

/// The weekdays in the order of the calendar.
pub(super) const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// What a lane lets in during an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HourCapacity {
    /// No limit is known.
    Unknown,
    /// Nobody: the lane is closed.
    Closed,
    /// At most so many vehicles an hour.
    Vehicles(u16),
}

/// What a lane lets in during an hour of a weekday.
#[must_use]
pub fn of_hour(lane: &LaneRules, weekday: Weekday, hour: u8) -> HourCapacity {
    if lane.capacity.is_empty() {
        return HourCapacity::Unknown;
    }
    let window = lane.capacity.iter().find(|window| {
        window.weekdays.contains(&weekday) && (window.from_hour..window.to_hour).contains(&hour)
    });
    window.map_or(HourCapacity::Closed, |window| HourCapacity::Vehicles(window.vehicles_per_hour))
}

/// What a lane lets in during the hour of a moment.
#[must_use]
pub fn at(lane: &LaneRules, moment: DateTime<Utc>) -> HourCapacity {
    let local = moment.with_timezone(&Kyiv);
    let hour = u8::try_from(local.hour()).unwrap_or_default();
    of_hour(lane, weekday(local.weekday()), hour)
}

const fn weekday(day: chrono::Weekday) -> Weekday {
    match day {
        chrono::Weekday::Mon => Weekday::Monday,
        chrono::Weekday::Tue => Weekday::Tuesday,
        chrono::Weekday::Wed => Weekday::Wednesday,
        chrono::Weekday::Thu => Weekday::Thursday,
        chrono::Weekday::Fri => Weekday::Friday,
        chrono::Weekday::Sat => Weekday::Saturday,
        chrono::Weekday::Sun => Weekday::Sunday,
    }
}
