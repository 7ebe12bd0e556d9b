//! Targets and breaks in the calendars of other help desks, restated.

use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
use chrono_tz::Tz;
use kordon_schemas::support::TicketStatus;

use super::super::counting::{Measured, due, measure, worked};
use super::*;
use crate::support::calendar::days_between;
use crate::support::calendar::tests::{around_the_clock, at, weekly};
use crate::support::calendar::{AsKnown, Calendar};

fn utc(local: &str) -> DateTime<Utc> {
    at(Tz::UTC, local)
}

fn eight_to_six() -> Calendar {
    weekly(Tz::UTC, &[(&[Mon, Tue, Wed, Thu, Fri], &[("08:00", "18:00")])])
}

/// Minutes worked and left.
fn against(calendar: AsKnown<'_>, from: &str, until: &str, target: i64) -> (i64, i64) {
    let Measured { worked, left } = measure(calendar, utc(from), utc(until), &[], minutes(target)).unwrap();
    (worked.num_minutes(), left.num_minutes())
}

#[test]
fn targets_are_met_or_missed_by_minutes_of_work() {
    let calendar = eight_to_six();
    let calendar = calendar.as_known();
    let created = "2013-03-21 09:30";
    let at_target = |target| due(calendar, utc(created), minutes(target), &[]).unwrap();
    assert_eq!(at_target(60), Due::At(utc("2013-03-21 10:30")));
    assert_eq!(at_target(120), Due::At(utc("2013-03-21 11:30")));
    assert_eq!(at_target(180), Due::At(utc("2013-03-21 12:30")));
    assert_eq!(against(calendar, created, "2013-03-21 14:00", 60), (270, -210), "the first answer");
    assert_eq!(against(calendar, created, "2013-03-21 11:00", 120), (90, 30), "an update");
    assert_eq!(against(calendar, created, "2013-03-21 11:30", 180), (120, 60), "the end");
    let next_update = due(calendar, utc("2013-03-21 12:05"), minutes(120), &[]).unwrap();
    assert_eq!(next_update, Due::At(utc("2013-03-21 14:05")));
}

#[test]
fn a_history_of_states_gives_its_breaks() {
    let history = ticket(&[
        ("2026-09-07 12:00", TicketStatus::New, First),
        ("2026-09-07 12:00", InProgress, First),
        ("2026-09-07 12:15", Extended, First),
        ("2026-09-07 12:30", InProgress, First),
        ("2026-09-07 12:45", Extended, First),
        ("2026-09-07 13:00", Resolved, First),
    ]);
    let run = of_ticket(&history, "2026-09-07 14:00").run;
    let breaks: Vec<(String, String)> = run
        .standstills
        .iter()
        .map(|standstill| (local(standstill.from), local(standstill.until.unwrap())))
        .collect();
    let expected = [("2026-09-07 12:15", "2026-09-07 12:30"), ("2026-09-07 12:45", "2026-09-07 13:00")];
    assert_eq!(breaks, expected.map(|(from, until)| (from.to_owned(), until.to_owned())));
}

#[test]
fn a_break_over_midnight_is_two() {
    let pieces: Vec<_> = days_between(Tz::UTC, utc("2026-09-07 23:45"), utc("2026-09-08 00:45")).collect();
    let midnight = utc("2026-09-08 00:00");
    assert_eq!(pieces, [(utc("2026-09-07 23:45"), midnight), (midnight, utc("2026-09-08 00:45"))]);
}

#[test]
fn whose_midnight_it_is_depends_on_the_zone() {
    let berlin = Tz::Europe__Berlin;
    let pieces: Vec<_> = days_between(berlin, utc("2013-01-07 23:45"), utc("2013-01-08 00:15")).collect();
    assert_eq!(pieces, [(at(berlin, "2013-01-08 00:45"), at(berlin, "2013-01-08 01:15"))]);
}

#[test]
fn a_life_of_two_hours_with_half_an_hour_of_waiting() {
    let calendar = around_the_clock();
    let calendar = calendar.as_known();
    let begun = kyiv("2026-09-07 10:00");
    let waiting = [Standstill {
        from: begun + minutes(90),
        until: Some(begun + minutes(120)),
        why: Why::InformationNeeded,
    }];
    let within = |until| worked(calendar, begun, begun + minutes(until), &waiting).unwrap().num_minutes();
    assert_eq!(within(120), 90);
    assert_eq!(within(30), 30);
    assert_eq!(within(100), 90);
    // 30 minutes from the 75th on: 15 before the waiting, 15 after it.
    let from = begun + minutes(75);
    assert_eq!(due(calendar, from, minutes(30), &waiting).unwrap(), Due::At(begun + minutes(135)));
}

#[test]
fn what_is_used_up_when_the_waiting_begins_is_due_then() {
    let calendar = around_the_clock();
    let begun = kyiv("2026-09-07 10:00");
    let waiting = [Standstill { from: begun + minutes(30), until: None, why: Why::InformationNeeded }];
    let due = |target| due(calendar.as_known(), begun, minutes(target), &waiting).unwrap();
    assert_eq!(due(30), Due::At(begun + minutes(30)));
    assert_eq!(due(31), Due::StandsStill { left: minutes(1) });
}
