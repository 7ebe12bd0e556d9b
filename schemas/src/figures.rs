//! Figures of a checkpoint: for authorities, and as open data (Resolution 1393, clauses 6 and 26 to 30).

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::codes::CheckpointCode;
use crate::money::Money;
use crate::table::{ToCsv, csv};

/// How long the periods of figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeriodLength {
    /// Hours.
    Hour,
    /// Days of Kyiv.
    Day,
    /// Months of Kyiv.
    Month,
}

/// Bookings by the queue that they were made for, or were put first in since: the use of the priority queue is its part of them. One that was
/// put back to the live queue, because its vehicle did not come, stays counted where it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookedFigures {
    /// In the pre-booked queue.
    pub pre_booked: u32,
    /// In the live queue.
    pub live: u32,
    /// In the priority queue.
    pub priority: u32,
}

/// How long vehicles waited, in seconds from their first arrival at a waiting zone. Where none was measured there are no quantiles: no
/// measurement is not a wait of zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitFigures {
    /// How many waits were measured.
    pub measured: u32,
    /// Half of them waited at most so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    pub p50_seconds: Option<i64>,
    /// Four fifths of them waited at most so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    pub p80_seconds: Option<i64>,
    /// Nine tenths of them waited at most so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    pub p90_seconds: Option<i64>,
}

/// The figures of a checkpoint in one period. Each thing is counted in the period in which it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The lane, where the figures are by lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "trucks")]
    pub lane: Option<String>,
    /// When the period begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Bookings.
    pub booked: BookedFigures,
    /// Bookings that were cancelled.
    pub cancelled: u32,
    /// How often a vehicle did not come, to its zone or to the checkpoint, whatever followed; none that turned out to have come, or was at the gate
    /// in time and was not let in.
    pub no_shows: u32,
    /// Calls.
    pub called: u32,
    /// Vehicles that entered the checkpoint.
    pub entered: u32,
    /// Vehicles that left it: the throughput.
    pub left: u32,
    /// From arrival at the zone to the first call after it, of those called in the period.
    pub wait_to_call: WaitFigures,
    /// From arrival at the zone to entry, of those that entered in the period.
    pub wait_to_entry: WaitFigures,
    /// Refunds that were recorded.
    pub refunds: u32,
    /// What they come to.
    pub refunded: Money,
}

/// Figures of checkpoints, period by period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FigureReport {
    /// The first day, in Kyiv.
    pub from: NaiveDate,
    /// The last day, in Kyiv.
    pub to: NaiveDate,
    /// How long the periods are.
    pub by: PeriodLength,
    /// The figures, by checkpoint, then by period. A checkpoint that was named has every period, the others those with anything in them.
    pub items: Vec<Figures>,
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn cell<'a>(value: Option<impl ToString>) -> Cow<'a, str> {
    value.map_or(Cow::Borrowed(""), |value| Cow::Owned(value.to_string()))
}

impl ToCsv for FigureReport {
    fn to_csv(&self) -> Vec<u8> {
        let rows = self.items.iter().map(|item| -> [Cow<'_, str>; 23] {
            let Figures {
                checkpoint,
                lane,
                starts_at,
                ends_at,
                booked,
                cancelled,
                no_shows,
                called,
                entered,
                left,
                wait_to_call,
                wait_to_entry,
                refunds,
                refunded,
            } = item;
            [
                checkpoint.as_str().into(),
                written(*starts_at).into(),
                written(*ends_at).into(),
                booked.pre_booked.to_string().into(),
                booked.live.to_string().into(),
                booked.priority.to_string().into(),
                cancelled.to_string().into(),
                no_shows.to_string().into(),
                called.to_string().into(),
                entered.to_string().into(),
                left.to_string().into(),
                wait_to_call.measured.to_string().into(),
                cell(wait_to_call.p50_seconds),
                cell(wait_to_call.p80_seconds),
                cell(wait_to_call.p90_seconds),
                wait_to_entry.measured.to_string().into(),
                cell(wait_to_entry.p50_seconds),
                cell(wait_to_entry.p80_seconds),
                cell(wait_to_entry.p90_seconds),
                refunds.to_string().into(),
                refunded.amount.to_string().into(),
                refunded.currency.code().into(),
                lane.as_deref().unwrap_or_default().into(),
            ]
        });
        csv(
            [
                "checkpoint",
                "starts_at",
                "ends_at",
                "booked_pre_booked",
                "booked_live",
                "booked_priority",
                "cancelled",
                "no_shows",
                "called",
                "entered",
                "left",
                "wait_to_call_measured",
                "wait_to_call_p50_seconds",
                "wait_to_call_p80_seconds",
                "wait_to_call_p90_seconds",
                "wait_to_entry_measured",
                "wait_to_entry_p50_seconds",
                "wait_to_entry_p80_seconds",
                "wait_to_entry_p90_seconds",
                "refunds",
                "refunded",
                "currency",
                "lane",
            ],
            rows,
        )
    }
}

/// A count that is published, or held back because it is small enough to be about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenCount {
    /// The count. None: it is held back.
    #[schema(minimum = 0)]
    pub value: Option<u32>,
    /// Whether it is held back.
    pub suppressed: bool,
}

/// Waits in whole minutes, held back where fewer than five were measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenWait {
    /// Half of the vehicles waited at most so many minutes. None: it is held back, or none was measured.
    #[schema(minimum = 0)]
    pub p50_minutes: Option<i64>,
    /// Four fifths of them. None: as before.
    #[schema(minimum = 0)]
    pub p80_minutes: Option<i64>,
    /// Nine tenths of them. None: as before.
    #[schema(minimum = 0)]
    pub p90_minutes: Option<i64>,
    /// Whether it is held back because few were measured.
    pub suppressed: bool,
}

/// The open figures of a checkpoint on one day of Kyiv.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenFigures {
    /// The day.
    pub day: NaiveDate,
    /// Bookings in the pre-booked queue.
    pub booked_pre_booked: OpenCount,
    /// Bookings in the live queue.
    pub booked_live: OpenCount,
    /// Bookings in the priority queue.
    pub booked_priority: OpenCount,
    /// Bookings that were cancelled.
    pub cancelled: OpenCount,
    /// Vehicles that did not come.
    pub no_shows: OpenCount,
    /// Calls.
    pub called: OpenCount,
    /// Vehicles that entered the checkpoint.
    pub entered: OpenCount,
    /// Vehicles that left it.
    pub left: OpenCount,
    /// From arrival at the zone to call.
    pub wait_to_call: OpenWait,
    /// From arrival at the zone to entry.
    pub wait_to_entry: OpenWait,
    /// Refunds.
    pub refunds: OpenCount,
}

/// The licence of a data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Licence {
    /// Its name.
    #[schema(example = "CC BY 4.0")]
    pub name: String,
    /// Its text.
    #[schema(example = "https://creativecommons.org/licenses/by/4.0/")]
    pub url: String,
    /// Whom to name.
    pub attribution: String,
}

/// Open data: the days of a month at a checkpoint, without personal data. There are no sums over days or queues, so that what is held
/// back cannot be worked out from what is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenData {
    /// The licence.
    pub licence: Licence,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The month, in Kyiv.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}$", example = "2026-10")]
    pub month: String,
    /// Counts from one to below this are held back.
    pub suppressed_below: u32,
    /// When these figures were worked out. Facts may come up to 30 days late and change them.
    pub as_of: DateTime<Utc>,
    /// The days that are over.
    pub items: Vec<OpenFigures>,
}

impl ToCsv for OpenData {
    fn to_csv(&self) -> Vec<u8> {
        let count = |count: OpenCount| -> Cow<'_, str> {
            if count.suppressed { "suppressed".into() } else { cell(count.value) }
        };
        let wait = |wait: OpenWait, minutes: Option<i64>| -> Cow<'_, str> {
            if wait.suppressed { "suppressed".into() } else { cell(minutes) }
        };
        let rows = self.items.iter().map(|item| -> [Cow<'_, str>; 17] {
            [
                self.checkpoint.as_str().into(),
                item.day.to_string().into(),
                count(item.booked_pre_booked),
                count(item.booked_live),
                count(item.booked_priority),
                count(item.cancelled),
                count(item.no_shows),
                count(item.called),
                count(item.entered),
                count(item.left),
                wait(item.wait_to_call, item.wait_to_call.p50_minutes),
                wait(item.wait_to_call, item.wait_to_call.p80_minutes),
                wait(item.wait_to_call, item.wait_to_call.p90_minutes),
                wait(item.wait_to_entry, item.wait_to_entry.p50_minutes),
                wait(item.wait_to_entry, item.wait_to_entry.p80_minutes),
                wait(item.wait_to_entry, item.wait_to_entry.p90_minutes),
                count(item.refunds),
            ]
        });
        csv(
            [
                "checkpoint",
                "day",
                "booked_pre_booked",
                "booked_live",
                "booked_priority",
                "cancelled",
                "no_shows",
                "called",
                "entered",
                "left",
                "wait_to_call_p50_minutes",
                "wait_to_call_p80_minutes",
                "wait_to_call_p90_minutes",
                "wait_to_entry_p50_minutes",
                "wait_to_entry_p80_minutes",
                "wait_to_entry_p90_minutes",
                "refunds",
            ],
            rows,
        )
    }
}
