//! Within which time a ticket of each priority is assigned, and how long each line has for it, by version
//! (H3.12, annex 2).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kordon_schemas::support::{DeadlineClock, Priority};
use serde::Deserialize;

use super::Files;
use super::calendars::CalendarName;
use super::files::{Fault, beginning_of, rows};

const VERSIONS: &str = "handling-versions.csv";
const TIMES: &str = "handling-times.csv";

/// The most minutes of a handling time: a year around the clock. More is a slip, and would not be reached by
/// a count.
const MOST_MINUTES: i64 = 525_600;

/// What a clock does while a ticket waits for something outside its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhileWaiting {
    /// It stands still: the term is extended by the time that this takes (H3.13).
    StandsStill,
    /// It runs on.
    Runs,
}

/// How long, and counted in whose hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The working time; more than none.
    pub time: TimeDelta,
    /// The calendar in which it is counted.
    pub calendar: CalendarName,
}

/// One version of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlingVersion {
    /// Its number.
    pub version: i32,
    /// From when tickets that are registered get it.
    pub in_force_from: DateTime<Utc>,
    /// What the ticket's clock does while the ticket is extended.
    pub while_extended: WhileWaiting,
    /// What the ticket's clock does while the ticket is deferred.
    pub while_deferred: WhileWaiting,
    /// What line 2's clock does while line 2 has the ticket extended.
    pub line_2_while_extended: WhileWaiting,
    /// Where the times come from.
    pub source: String,
    /// None in the versions from before the times of assignment.
    assignment: Option<[Target; 4]>,
    targets: [[Target; 4]; 3],
}

impl HandlingVersion {
    /// How long a clock may run for a ticket of that priority; `None`: the version does not measure by it.
    #[must_use]
    pub fn target(&self, clock: DeadlineClock, priority: Priority) -> Option<Target> {
        let [ticket, line_2, line_3] = &self.targets;
        let [critical, high, normal, low] = match clock {
            DeadlineClock::Assignment => self.assignment.as_ref()?,
            DeadlineClock::Ticket => ticket,
            DeadlineClock::Line2 => line_2,
            DeadlineClock::Line3 => line_3,
        };
        Some(match priority {
            Priority::Critical => *critical,
            Priority::High => *high,
            Priority::Normal => *normal,
            Priority::Low => *low,
        })
    }
}

/// Every version of the table, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlingTimes {
    first: HandlingVersion,
    later: Vec<HandlingVersion>,
}

impl HandlingTimes {
    /// The version for a ticket that is registered at `moment`. Before the first one, the first.
    #[must_use]
    pub fn in_force_at(&self, moment: DateTime<Utc>) -> &HandlingVersion {
        let in_force = |version: &&HandlingVersion| version.in_force_from <= moment;
        self.later.iter().rev().find(in_force).unwrap_or(&self.first)
    }

    /// The version of that number.
    #[must_use]
    pub fn version(&self, number: i32) -> Option<&HandlingVersion> {
        std::iter::once(&self.first).chain(&self.later).find(|version| version.version == number)
    }

    pub(super) fn read(files: &Files<'_>) -> Result<Self, Fault> {
        let versions: Vec<VersionRow> = rows(VERSIONS, files.handling_versions)?;
        let mut times: BTreeMap<(i32, DeadlineClock, Priority), Target> = BTreeMap::new();
        for TimeRow { version, clock, priority, minutes, calendar } in
            rows::<TimeRow>(TIMES, files.handling_times)?
        {
            if !(1..=MOST_MINUTES).contains(&minutes) {
                let detail = format!("version {version}, {clock}, {priority}: 1 to {MOST_MINUTES} minutes");
                return Err(Fault::new(TIMES, detail));
            }
            let target = Target { time: TimeDelta::minutes(minutes), calendar };
            if times.insert((version, clock, priority), target).is_some() {
                return Err(Fault::new(
                    TIMES,
                    format!("version {version}, {clock}, {priority} stands twice"),
                ));
            }
        }
        let mut read = Vec::with_capacity(versions.len());
        for row in versions {
            read.push(row.with(&times)?);
        }
        let known = |version: i32| read.iter().any(|row| row.version == version);
        if let Some((version, _, _)) = times.keys().find(|(version, _, _)| !known(*version)) {
            return Err(Fault::new(VERSIONS, format!("version {version} is missing")));
        }
        let in_order = |pair: &[HandlingVersion]| match pair {
            [before, after] => before.version < after.version && before.in_force_from < after.in_force_from,
            _ => true,
        };
        if !read.windows(2).all(in_order) {
            return Err(Fault::new(VERSIONS, "the versions are not in order"));
        }
        let mut read = read.into_iter();
        let first = read.next().ok_or_else(|| Fault::new(VERSIONS, "there is no version"))?;
        Ok(Self { first, later: read.collect() })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionRow {
    version: i32,
    in_force_from: NaiveDate,
    while_extended: WhileWaiting,
    while_deferred: WhileWaiting,
    line_2_while_extended: WhileWaiting,
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeRow {
    version: i32,
    clock: DeadlineClock,
    priority: Priority,
    minutes: i64,
    calendar: CalendarName,
}

impl VersionRow {
    fn with(
        self,
        times: &BTreeMap<(i32, DeadlineClock, Priority), Target>,
    ) -> Result<HandlingVersion, Fault> {
        let Self { version, in_force_from, while_extended, while_deferred, line_2_while_extended, source } =
            self;
        let target = |clock: DeadlineClock, priority: Priority| {
            times.get(&(version, clock, priority)).copied().ok_or_else(|| {
                Fault::new(TIMES, format!("version {version} has no time for {clock}, {priority}"))
            })
        };
        let of = |clock| -> Result<[Target; 4], Fault> {
            Ok([
                target(clock, Priority::Critical)?,
                target(clock, Priority::High)?,
                target(clock, Priority::Normal)?,
                target(clock, Priority::Low)?,
            ])
        };
        // A table has the times of assignment for every priority, or none: then it is from before them.
        let assigns =
            times.keys().any(|(of, clock, _)| *of == version && *clock == DeadlineClock::Assignment);
        Ok(HandlingVersion {
            version,
            in_force_from: beginning_of(in_force_from),
            while_extended,
            while_deferred,
            line_2_while_extended,
            source,
            assignment: assigns.then(|| of(DeadlineClock::Assignment)).transpose()?,
            targets: [of(DeadlineClock::Ticket)?, of(DeadlineClock::Line2)?, of(DeadlineClock::Line3)?],
        })
    }
}
