//! Closing by itself, by the calendar.

use super::super::limits::closes_at;
use super::*;

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
