//! Limits by the clock on the wall: closing by itself, and the continuity procedure.

use super::super::limits::{closes_at, confirmation_due, permit_ends};
use super::*;
use crate::support::calendar::tests::at;

fn resolved_twice() -> History {
    ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:00", InProgress, First),
        ("2026-09-08 12:00", Resolved, First),
        ("2026-09-18 13:00", Closed, First),
        ("2026-09-20 10:00", InProgress, First),
        ("2026-09-21 10:00", Resolved, First),
    ])
}

fn closes(history: &History, told: Option<&str>) -> Option<String> {
    closes_at(history, told.map(kyiv)).map(local)
}

#[test]
fn a_ticket_is_closed_ten_days_after_the_user_was_told() {
    let history = ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:00", InProgress, First),
        ("2026-09-08 12:00", Resolved, First),
    ]);
    assert_eq!(closes(&history, Some("2026-09-08 13:00")).unwrap(), "2026-09-18 13:00");
    assert_eq!(closes(&history, None), None, "the user was not told");
}

#[test]
fn the_ten_days_are_those_of_the_calendar_over_a_change_of_the_clocks() {
    let history = ticket(&[("2026-10-20 09:00", New, First), ("2026-10-20 10:00", Resolved, First)]);
    assert_eq!(closes(&history, Some("2026-10-20 11:00")).unwrap(), "2026-10-30 11:00");
}

#[test]
fn auto_close_runs_more_than_once() {
    let history = resolved_twice();
    assert_eq!(closes(&history, Some("2026-09-21 10:00")).unwrap(), "2026-10-01 10:00");
    let closed = history.then(entry("2026-10-01 10:00", Closed, First, Normal)).unwrap();
    assert_eq!(closes(&closed, Some("2026-09-21 10:00")), None, "it is closed already");
}

#[test]
fn reopened_request_is_not_auto_closed() {
    let objected = ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-08 12:00", Resolved, First),
        ("2026-09-10 12:00", InProgress, First),
    ]);
    assert_eq!(closes(&objected, Some("2026-09-08 13:00")), None);
    // Nor by the telling of the result that the user objected to, once there is another result.
    assert_eq!(closes(&resolved_twice(), Some("2026-09-08 13:00")), None);
}

#[test]
fn bcp_limit_and_permit_ignore_working_hours() {
    // Saturday night, over the change of the clocks: four and twenty-four hours all the same.
    let received = kyiv("2026-10-24 23:00");
    assert_eq!(local(confirmation_due(received)), "2026-10-25 03:00");
    assert_eq!(confirmation_due(received) - received, chrono::TimeDelta::hours(4));
    let (office, trader) = (kyiv("2026-10-24 12:00"), kyiv("2026-10-24 10:00"));
    assert_eq!(local(permit_ends(office, trader)), "2026-10-25 11:00", "24 hours from the later telling");
    assert_eq!(permit_ends(trader, office), permit_ends(office, trader));
    let zone = chrono_tz::Tz::UTC;
    assert_eq!(permit_ends(office, trader) - at(zone, "2026-10-24 09:00"), chrono::TimeDelta::hours(24));
}
