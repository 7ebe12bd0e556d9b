//! The clock of assignment: from the registration to the first move (H3.12).

use proptest::prelude::*;

use super::super::clocks::runs;
use super::*;
use crate::support::rules::CalendarName;

/// The history of a ticket of a priority that stood so since those minutes after its registration.
fn registered_at(at: DateTime<Utc>, priority: Priority, later: &[(i64, TicketStatus, Line)]) -> History {
    let entry = |at, status, line| Entry { at, status, line, priority };
    let mut at = at;
    later.iter().fold(History::registered(entry(at, New, First)), |history, (after, status, line)| {
        at += minutes(*after);
        history.then(entry(at, *status, *line)).unwrap()
    })
}

#[test]
fn a_ticket_is_assigned_by_its_first_move_and_never_again() {
    let history = ticket(&[
        ("2026-11-30 17:00", New, First),
        ("2026-12-01 10:00", InProgress, Second),
        ("2026-12-01 12:00", InProgress, First),
        ("2026-12-02 12:00", Resolved, First),
        ("2026-12-09 12:00", InProgress, First),
    ]);
    let assigned = seen(DeadlineClock::Assignment, &history, "2026-12-10 09:00").unwrap();
    assert_eq!(assigned.run.stopped, Some((kyiv("2026-12-01 10:00"), InProgress)));
    assert_eq!((assigned.worked, assigned.state), (minutes(120), DeadlineState::Met));
    assert_eq!(local(assigned.due_at.unwrap()), "2026-12-01 12:00");
    assert_eq!(of_ticket(&history, "2026-12-10 09:00").run.started_at, kyiv("2026-12-09 12:00"));
}

#[test]
fn what_is_left_as_new_is_overdue() {
    let history = ticket(&[("2026-11-30 09:00", New, First)]);
    let state = |now| seen(DeadlineClock::Assignment, &history, now).unwrap().state;
    assert_eq!(state("2026-11-30 13:00"), DeadlineState::Running);
    assert_eq!(state("2026-11-30 13:01"), DeadlineState::Overdue);
    let due = seen(DeadlineClock::Assignment, &history, "2026-12-14 09:00").unwrap().binds_until();
    assert_eq!(local(due.unwrap()), "2026-11-30 13:00");
}

#[test]
fn an_extension_of_the_term_extends_no_assignment() {
    let until = kyiv("2026-12-21 09:00");
    let ground = ExtensionGround::InformationFromUser;
    let new = ticket(&[("2026-11-30 09:00", New, First)]);
    let extended = new.extended(Extension { at: kyiv("2026-11-30 10:00"), by: First, ground, until });
    let seen = seen(DeadlineClock::Assignment, &extended, "2026-11-30 10:00").unwrap();
    assert_eq!((local(seen.due_at.unwrap()), seen.extension), ("2026-11-30 13:00".into(), None));
}

#[test]
fn the_first_version_of_the_table_has_no_time_of_assignment() {
    let before = ticket(&[("2026-11-23 23:59", New, First)]);
    assert_eq!(seen(DeadlineClock::Assignment, &before, "2027-01-01 09:00"), None);
    let from = ticket(&[("2026-11-24 00:00", New, First)]);
    assert_eq!(seen(DeadlineClock::Assignment, &from, "2026-11-24 00:00").unwrap().version, 2);
    let targets = |version: i32| {
        let version = rules().handling.version(version).unwrap();
        let of = |clock: &DeadlineClock| Priority::ALL.iter().map(|of| version.target(*clock, *of)).collect();
        [DeadlineClock::Ticket, DeadlineClock::Line2, DeadlineClock::Line3].iter().map(of).collect()
    };
    let (first, second): (Vec<Vec<_>>, Vec<Vec<_>>) = (targets(1), targets(2));
    assert_eq!(first, second, "the second version adds the times of assignment and changes nothing");
}

fn later() -> impl Strategy<Value = Vec<(i64, TicketStatus, Line)>> {
    let status = prop::sample::select(vec![InProgress, Extended, Deferred, Resolved, Closed]);
    let line = prop::sample::select(Line::ALL.to_vec());
    proptest::collection::vec((0_i64..20_000, status, line), 0..6)
}

proptest! {
    #[test]
    fn whatever_becomes_of_a_ticket_it_is_assigned_once_by_the_hours_of_line_1(
        minute in 0_i64..365 * 1_440, priority in prop::sample::select(Priority::ALL.to_vec()), later in later(),
        waited in 0_i64..20_000,
    ) {
        let at = kyiv("2026-11-24 00:00") + minutes(minute);
        let history = registered_at(at, priority, &later);
        let version = rules().handling.in_force_at(at);
        let assigned = runs(DeadlineClock::Assignment, &history, version);
        prop_assert_eq!(assigned.len(), 1);
        prop_assert!(assigned[0].standstills.is_empty(), "nothing stands in the way of assigning");
        prop_assert_eq!(assigned[0].started_at, at);
        let first = later.first().map(|(after, status, _)| (at + minutes(*after), *status));
        prop_assert_eq!(assigned[0].stopped, first);

        let now = history.last().at + minutes(waited);
        let deadline =
            deadline(DeadlineClock::Assignment, &history, version, &rules().calendars, now).unwrap().unwrap();
        let line_1 = rules().calendars.get(CalendarName::Line1).as_known();
        let until = first.map_or(now, |(at, _)| at);
        prop_assert_eq!(deadline.worked, line_1.within(at, until).unwrap());
        prop_assert_eq!(deadline.due_at, Some(line_1.add(at, deadline.target.time).unwrap()));
        let in_time = deadline.due_at.is_some_and(|due| until <= due);
        let expected = match (first, in_time) {
            (Some(_), true) => DeadlineState::Met,
            (Some(_), false) => DeadlineState::Missed,
            (None, true) => DeadlineState::Running,
            (None, false) => DeadlineState::Overdue,
        };
        prop_assert_eq!(deadline.state, expected);
        let bound = if first.is_none() { deadline.due_at } else { None };
        prop_assert_eq!(deadline.binds_until(), bound, "what was assigned binds nobody any more");
    }
}
