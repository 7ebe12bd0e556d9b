//! The daily control of line 1 and the figures of the support service (Order 926, section III, clause 2,
//! items 7 to 9).

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::support::{Line, Priority, words};
use crate::table::{ToCsv, csv};
use crate::tickets::{TicketChannel, TicketKind, TicketSummary};

words!(
    /// Why a ticket is on the list of the daily control.
    ControlReason {
        /// Its time is used up, or what it waits for has not come by the moment to which it was extended.
        Overdue = "overdue",
        /// It is new, and the time within which it is to be assigned is used up (Order 926, III.12). It is overdue, too.
        NotAssigned = "not_assigned",
        /// It is due today, by the calendar of Kyiv.
        DueToday = "due_today",
        /// Its user wrote, and nobody has done anything since that answers it.
        UserWrote = "user_wrote",
        /// It is resolved, and its user was not told, or wrote since. Not that of a permit request: it waits for the office.
        NotTold = "not_told",
        /// Nothing of it is due: it waits for something without an extension, or is new by a table without a time for assignment.
        Waiting = "waiting",
    }
);

words!(
    /// Whom a ticket waits for.
    WaitsFor {
        /// Line 1.
        Line1 = "line_1",
        /// Line 2.
        Line2 = "line_2",
        /// Line 3.
        Line3 = "line_3",
        /// Its user: information, or a word on the result.
        User = "user",
        /// A change of software.
        SoftwareChange = "software_change",
        /// Nobody: it is closed.
        Nobody = "nobody",
    }
);

/// A ticket that is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ControlItem {
    /// Whom it waits for.
    pub waits_for: WaitsFor,
    /// Where it stands.
    pub ticket: TicketSummary,
}

/// The tickets that are to be looked at for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ControlList {
    /// Why.
    pub reason: ControlReason,
    /// How many there are.
    #[schema(minimum = 0)]
    pub count: i64,
    /// The most urgent of them, at most `limit`.
    pub items: Vec<ControlItem>,
}

/// The daily control. A ticket may be on several lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DailyControl {
    /// The moment that it shows.
    pub at: DateTime<Utc>,
    /// One list a reason, the most urgent reason first.
    pub lists: Vec<ControlList>,
}

/// The figures of the tickets of one kind, channel, priority and line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketFigures {
    /// What they are about.
    pub kind: TicketKind,
    /// How they came.
    pub channel: TicketChannel,
    /// How urgent they are now.
    pub priority: Priority,
    /// The furthest line that had them.
    pub line: Line,
    /// How many were registered.
    #[schema(minimum = 0)]
    pub registered: i64,
    /// How many of them were taken.
    #[schema(minimum = 0)]
    pub taken: i64,
    /// How many were resolved at least once.
    #[schema(minimum = 0)]
    pub resolved: i64,
    /// How many were closed at least once.
    #[schema(minimum = 0)]
    pub closed: i64,
    /// How often one was opened again.
    #[schema(minimum = 0)]
    pub reopened: i64,
    /// How many were resolved and measured against their deadline.
    #[schema(minimum = 0)]
    pub measured: i64,
    /// How many of those were never resolved late.
    #[schema(minimum = 0)]
    pub in_time: i64,
    /// The share of those, in thousandths; `null`: none was measured.
    pub in_time_permille: Option<i64>,
    /// How many left `new` and were measured against the time within which they were to be assigned.
    #[schema(minimum = 0)]
    pub assignment_measured: i64,
    /// How many of those were assigned in time.
    #[schema(minimum = 0)]
    pub assigned_in_time: i64,
    /// The share of those, in thousandths; `null`: none was measured.
    pub assigned_in_time_permille: Option<i64>,
    /// From receipt to being taken, by the clock on the wall: half took at most so many seconds.
    pub to_taken_p50_seconds: Option<i64>,
    /// The same for nine in ten.
    pub to_taken_p90_seconds: Option<i64>,
    /// From receipt to the first resolution, by the clock on the wall: half took at most so many seconds.
    pub to_resolved_p50_seconds: Option<i64>,
    /// The same for nine in ten.
    pub to_resolved_p90_seconds: Option<i64>,
}

/// The figures of the tickets that were registered in a period. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketFigureReport {
    /// The first day, in Kyiv.
    pub from: NaiveDate,
    /// The last day, in Kyiv.
    pub to: NaiveDate,
    /// One row for each kind, channel, priority and line that there was.
    pub items: Vec<TicketFigures>,
}

impl ToCsv for TicketFigureReport {
    fn to_csv(&self) -> Vec<u8> {
        let cell = |value: Option<i64>| -> Cow<'_, str> {
            value.map_or("".into(), |value| value.to_string().into())
        };
        let rows = self.items.iter().map(|item| -> [Cow<'_, str>; 19] {
            [
                item.kind.as_str().into(),
                item.channel.as_str().into(),
                item.priority.as_str().into(),
                item.line.as_str().into(),
                item.registered.to_string().into(),
                item.taken.to_string().into(),
                item.resolved.to_string().into(),
                item.closed.to_string().into(),
                item.reopened.to_string().into(),
                item.measured.to_string().into(),
                item.in_time.to_string().into(),
                cell(item.in_time_permille),
                cell(item.to_taken_p50_seconds),
                cell(item.to_taken_p90_seconds),
                cell(item.to_resolved_p50_seconds),
                cell(item.to_resolved_p90_seconds),
                item.assignment_measured.to_string().into(),
                item.assigned_in_time.to_string().into(),
                cell(item.assigned_in_time_permille),
            ]
        });
        csv(
            [
                "kind",
                "channel",
                "priority",
                "line",
                "registered",
                "taken",
                "resolved",
                "closed",
                "reopened",
                "measured",
                "in_time",
                "in_time_permille",
                "to_taken_p50_seconds",
                "to_taken_p90_seconds",
                "to_resolved_p50_seconds",
                "to_resolved_p90_seconds",
                "assignment_measured",
                "assigned_in_time",
                "assigned_in_time_permille",
            ],
            rows,
        )
    }
}
