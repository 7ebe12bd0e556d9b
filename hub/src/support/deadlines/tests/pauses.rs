//! What a clock that stands still must not do, nor a deadline that was met.

use super::super::counting::warning;
use super::*;
use crate::support::calendar::tests::day_off;
use crate::support::rules::CalendarName;

#[test]
fn pause_survives_priority_change() {
    let history = |second: Priority| {
        prioritised(&[
            ("2026-09-07 09:00", New, First, Normal),
            ("2026-09-07 09:00", InProgress, First, Normal),
            ("2026-09-07 10:00", Extended, First, Normal),
            ("2026-09-07 11:00", Extended, First, second),
            ("2026-09-07 12:00", InProgress, First, second),
        ])
    };
    // High: 8 hours. One was worked before the two of waiting, which both count although the priority changed
    // between them.
    let high = of_ticket(&history(High), "2026-09-07 12:00");
    assert_eq!(high.worked, minutes(60));
    assert_eq!(local(high.due_at.unwrap()), "2026-09-08 10:45");
    assert_eq!(high.run.standstills.len(), 1);
    let normal = of_ticket(&history(Normal), "2026-09-07 12:00");
    assert_eq!(normal.run, high.run, "the clock itself is the same");
}

#[test]
fn pending_over_weekend_credits_only_working_minutes() {
    let history = ticket(&[
        ("2026-09-11 09:00", New, First),
        ("2026-09-11 09:00", InProgress, First),
        ("2026-09-11 15:45", Extended, First),
        ("2026-09-14 10:00", InProgress, First),
    ]);
    let waited = of_ticket(&history, "2026-09-14 10:00");
    let never = ticket(&[("2026-09-11 09:00", New, First), ("2026-09-11 09:00", InProgress, First)]);
    let never = of_ticket(&never, "2026-09-14 10:00");
    let calendar = waited.calendar(&rules().calendars, kyiv("2026-09-14 10:00"));
    let credited = calendar.within(never.due_at.unwrap(), waited.due_at.unwrap()).unwrap();
    assert_eq!(credited, minutes(120), "an hour on Friday and an hour on Monday, and nothing of the weekend");
}

#[test]
fn paused_then_resolved_directly_counts_the_pause() {
    let history = ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:00", InProgress, First),
        ("2026-09-07 11:00", Extended, First),
        ("2026-09-25 11:00", Resolved, First),
    ]);
    let deadline = of_ticket(&history, "2026-09-26 11:00");
    assert_eq!(deadline.worked, minutes(120));
    assert_eq!(deadline.state, DeadlineState::Met);
}

#[test]
fn no_violation_while_paused() {
    let history = ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:00", InProgress, First),
        ("2026-09-07 11:00", Extended, First),
    ]);
    let deadline = of_ticket(&history, "2027-09-07 11:00");
    assert_eq!(deadline.due_at, None);
    let since = kyiv("2026-09-07 11:00");
    assert_eq!(deadline.state, DeadlineState::StandsStill { since, why: Why::InformationNeeded });
}

#[test]
fn what_was_overdue_before_it_waits_stays_so() {
    let history = ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:00", InProgress, First),
        ("2026-10-07 11:00", Extended, First),
    ]);
    assert_eq!(of_ticket(&history, "2026-10-08 11:00").state, DeadlineState::Overdue);
}

#[test]
fn warning_level_is_counted_back_in_working_time() {
    let history = ticket(&[("2026-09-10 10:00", New, First), ("2026-09-10 10:00", InProgress, First)]);
    let deadline = of_ticket(&history, "2026-09-10 10:00");
    assert_eq!(local(deadline.due_at.unwrap()), "2026-09-15 10:30");
    let calendar = deadline.calendar(&rules().calendars, kyiv("2026-09-10 10:00"));
    let warn = warning(calendar, deadline.due_at.unwrap(), minutes(11 * 60)).unwrap();
    assert_eq!(local(warn), "2026-09-11 15:30", "11 hours of work before, and not of the clock");
}

#[test]
fn answer_stops_the_overdue_mark() {
    let late = |entries: &[(&str, TicketStatus, Line)]| of_ticket(&ticket(entries), "2026-10-30 09:00").state;
    let begun = [("2026-09-07 09:00", New, First), ("2026-09-07 09:00", InProgress, First)];
    assert_eq!(late(&begun), DeadlineState::Overdue);
    let answered = [begun[0], begun[1], ("2026-10-07 09:00", Resolved, First)];
    assert_eq!(late(&answered), DeadlineState::Missed);
    let in_time = [begun[0], begun[1], ("2026-09-08 09:00", Resolved, First)];
    assert_eq!(late(&in_time), DeadlineState::Met);
}

#[test]
fn late_update_does_not_move_first_response() {
    // Taking the ticket is the first response. What comes after it moves neither its moment nor the deadline
    // counted from it.
    let taken = ticket(&[("2026-09-07 09:00", New, First), ("2026-09-07 09:30", InProgress, First)]);
    let first = of_ticket(&taken, "2026-09-07 09:30");
    let updated = taken
        .then(entry("2026-09-08 09:00", InProgress, Second, Normal))
        .and_then(|history| history.then(entry("2026-09-08 15:00", InProgress, First, Normal)))
        .unwrap();
    let later = of_ticket(&updated, "2026-09-08 16:00");
    assert_eq!((later.run.started_at, later.due_at), (first.run.started_at, first.due_at));
}

#[test]
fn holiday_added_later_does_not_move_a_met_deadline() {
    let mut calendars = rules().calendars.clone();
    let history = |resolved: bool| {
        let mut entries = vec![("2026-09-10 10:00", New, First), ("2026-09-10 10:00", InProgress, First)];
        if resolved {
            entries.push(("2026-09-11 12:00", Resolved, First));
        }
        ticket(&entries)
    };
    let due = |calendars: &crate::support::rules::Calendars, resolved: bool| {
        let history = history(resolved);
        let version = rules().handling.in_force_at(history.registered_at());
        let now = kyiv("2026-09-13 10:00");
        let deadline = deadline(DeadlineClock::Ticket, &history, version, calendars, now).unwrap().unwrap();
        (local(deadline.due_at.unwrap()), deadline.state)
    };
    assert_eq!(due(&calendars, true), ("2026-09-15 10:30".to_owned(), DeadlineState::Met));
    // Decided on Saturday, when the one ticket is resolved and the other is not.
    let holiday = day_off(kyiv("2026-09-12 10:00"));
    calendars =
        calendars.with(CalendarName::Line1, |line_1| line_1.except("2026-09-14".parse().unwrap(), holiday));
    assert_eq!(due(&calendars, true), ("2026-09-15 10:30".to_owned(), DeadlineState::Met));
    assert_eq!(due(&calendars, false), ("2026-09-16 10:30".to_owned(), DeadlineState::Running));
}
