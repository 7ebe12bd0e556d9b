//! The clocks, each its own; extensions.

use super::*;
use crate::support::rules::{BUILT_IN, Files, SupportRules};

fn through_all_lines() -> History {
    ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:30", InProgress, First),
        ("2026-09-07 10:00", InProgress, Second),
        ("2026-09-07 12:00", Extended, Third),
        ("2026-09-09 12:00", Deferred, Third),
        ("2026-09-14 09:00", InProgress, Second),
        ("2026-09-14 11:00", Resolved, First),
    ])
}

#[test]
fn each_line_has_its_own_clock() {
    let history = through_all_lines();
    let now = "2026-09-14 12:00";
    let of = |clock| seen(clock, &history, now).unwrap();
    let times = |deadline: &Deadline| {
        (local(deadline.run.started_at), deadline.run.stopped.map(|(at, status)| (local(at), status)))
    };
    // The ticket's: from in progress to resolved; without the days at the contractor and those of the change.
    let ticket = of(DeadlineClock::Ticket);
    assert_eq!(times(&ticket), ("2026-09-07 09:30".into(), Some(("2026-09-14 11:00".into(), Resolved))));
    assert_eq!(ticket.worked, minutes(150 + 120));
    // Line 2's first run ended with "deferred"; the second began when it got the ticket back.
    let line_2 = of(DeadlineClock::Line2);
    assert_eq!(times(&line_2), ("2026-09-14 09:00".into(), Some(("2026-09-14 11:00".into(), Resolved))));
    let version = rules().handling.in_force_at(history.registered_at());
    let runs = super::super::clocks::runs(DeadlineClock::Line2, &history, version);
    assert_eq!(runs.len(), 2);
    assert_eq!(local(runs[0].started_at), "2026-09-07 10:00");
    assert_eq!(runs[0].stopped, Some((kyiv("2026-09-09 12:00"), Deferred)));
    // Line 3's: from extended to deferred, in the contractor's hours, which have no break.
    let line_3 = of(DeadlineClock::Line3);
    assert_eq!(times(&line_3), ("2026-09-07 12:00".into(), Some(("2026-09-09 12:00".into(), Deferred))));
    assert_eq!(line_3.worked, minutes(2 * 9 * 60));
    assert_eq!(line_3.target.time, minutes(2_400));
}

#[test]
fn a_clock_that_was_never_needed_did_not_start() {
    let history = ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:30", InProgress, First),
        ("2026-09-07 10:00", Resolved, First),
    ]);
    assert_eq!(seen(DeadlineClock::Line2, &history, "2026-09-08 09:00"), None);
    assert_eq!(seen(DeadlineClock::Line3, &history, "2026-09-08 09:00"), None);
    let new = ticket(&[("2026-09-07 09:00", New, First)]);
    assert_eq!(seen(DeadlineClock::Ticket, &new, "2026-09-08 09:00"), None);
}

#[test]
fn what_was_extended_binds_also_while_it_waits() {
    let until = kyiv("2026-09-21 09:00");
    let ground = ExtensionGround::InformationFromUser;
    let at = kyiv("2026-09-07 10:30");
    let begun = [("2026-09-07 09:00", New, First), ("2026-09-07 10:00", InProgress, First)];
    let waits = ticket(&[begun[0], begun[1], ("2026-09-07 11:00", Extended, First)]);
    let binds = |history: &History| of_ticket(history, "2026-09-08 09:00").binds_until();
    assert_eq!(binds(&waits), None, "nothing is due");
    let extended = waits.clone().extended(Extension { at, by: First, ground, until });
    assert_eq!(binds(&extended), Some(until));
    let resolved = extended.then(entry("2026-09-08 08:00", Resolved, First, Normal)).unwrap();
    assert_eq!(binds(&resolved), None, "it is done");
    assert_eq!(local(binds(&ticket(&begun)).unwrap()), "2026-09-10 09:15");
    // What line 2 extended for itself binds nobody while line 1 has the ticket.
    let at_line_2 = ticket(&[begun[0], begun[1], ("2026-09-07 10:00", InProgress, Second)]);
    let ground = ExtensionGround::SoftwareChange;
    let back = at_line_2
        .extended(Extension { at, by: Second, ground, until })
        .then(entry("2026-09-07 11:00", InProgress, First, Normal))
        .unwrap();
    assert_eq!(seen(DeadlineClock::Line2, &back, "2026-09-08 09:00").unwrap().binds_until(), None);
}

#[test]
fn whoever_lets_a_ticket_wait_prolongs_its_term() {
    let version = rules().handling.in_force_at(kyiv("2026-09-07 09:00"));
    for status in TicketStatus::ALL {
        assert_eq!(prolongs(*status, version), [Extended, Deferred].contains(status), "{status}");
    }
}

#[test]
fn deferred_stops_line_2_and_lets_the_ticket_wait() {
    let history = ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:00", InProgress, Second),
        ("2026-09-07 11:00", Deferred, Second),
    ]);
    let now = "2026-12-07 11:00";
    assert_eq!(seen(DeadlineClock::Line2, &history, now).unwrap().state, DeadlineState::Met);
    let since = kyiv("2026-09-07 11:00");
    let waits = DeadlineState::StandsStill { since, why: Why::SoftwareMustChange };
    assert_eq!(of_ticket(&history, now).state, waits);
}

#[test]
fn whether_the_ticket_waits_while_it_is_deferred_is_a_setting() {
    let runs_on = BUILT_IN.handling_versions.replace("stands_still,stands_still,", "stands_still,runs,");
    let rules = SupportRules::read(&Files { handling_versions: &runs_on, ..BUILT_IN }).unwrap();
    let history = ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:00", InProgress, Second),
        ("2026-09-07 11:00", Deferred, Second),
    ]);
    let version = rules.handling.in_force_at(history.registered_at());
    let now = kyiv("2026-12-07 11:00");
    let deadline = deadline(DeadlineClock::Ticket, &history, version, &rules.calendars, now);
    assert_eq!(deadline.unwrap().unwrap().state, DeadlineState::Overdue);
}

#[test]
fn line_2s_clock_stands_still_while_others_have_the_ticket() {
    let history = ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:00", InProgress, Second),
        ("2026-09-07 10:00", InProgress, First),
        ("2026-09-08 10:00", InProgress, Second),
        ("2026-09-08 11:00", Extended, Third),
    ]);
    let line_2 = seen(DeadlineClock::Line2, &history, "2026-09-10 10:00").unwrap();
    assert_eq!(line_2.worked, minutes(120));
    let whys: Vec<Why> = line_2.run.standstills.iter().map(|standstill| standstill.why).collect();
    assert_eq!(whys, [Why::AtAnotherLine, Why::ContractorInvolved]);
}

#[test]
fn critical_tickets_are_counted_around_the_clock_by_the_duty() {
    let history = prioritised(&[
        ("2026-09-12 22:00", New, First, Critical),
        ("2026-09-12 22:10", InProgress, Second, Critical),
    ]);
    let line_2 = seen(DeadlineClock::Line2, &history, "2026-09-12 22:10").unwrap();
    assert_eq!(local(line_2.due_at.unwrap()), "2026-09-13 01:10");
}

#[test]
fn a_low_priority_is_counted_in_weeks() {
    let history =
        prioritised(&[("2026-09-07 09:00", New, First, Low), ("2026-09-07 09:00", InProgress, First, Low)]);
    assert_eq!(local(of_ticket(&history, "2026-09-07 09:00").due_at.unwrap()), "2026-09-11 16:45");
}

#[test]
fn an_extension_moves_the_deadline_and_never_back() {
    let history = ticket(&[("2026-09-10 10:00", New, First), ("2026-09-10 10:00", InProgress, Second)]);
    let extended = |by, ground, until: &str| {
        let extension = Extension { at: kyiv("2026-09-11 10:00"), by, ground, until: kyiv(until) };
        history.clone().extended(extension)
    };
    let due =
        |clock, history: &History| local(seen(clock, history, "2026-09-11 11:00").unwrap().due_at.unwrap());
    let by_line_2 = extended(Second, ExtensionGround::SoftwareChange, "2026-10-01 12:00");
    assert_eq!(due(DeadlineClock::Ticket, &by_line_2), "2026-10-01 12:00");
    assert_eq!(due(DeadlineClock::Line2, &by_line_2), "2026-10-01 12:00");
    let by_line_1 = extended(First, ExtensionGround::InformationFromUser, "2026-10-01 12:00");
    assert_eq!(due(DeadlineClock::Ticket, &by_line_1), "2026-10-01 12:00");
    assert_eq!(due(DeadlineClock::Line2, &by_line_1), due(DeadlineClock::Line2, &history));
    let earlier = extended(First, ExtensionGround::InformationFromUser, "2026-09-11 12:00");
    assert_eq!(due(DeadlineClock::Ticket, &earlier), due(DeadlineClock::Ticket, &history));
}

#[test]
fn a_new_version_of_the_table_concerns_only_tickets_registered_under_it() {
    let versions = format!(
        "{}3,2026-12-01,stands_still,stands_still,stands_still,annex 2\n",
        BUILT_IN.handling_versions
    );
    let third = BUILT_IN.handling_times.lines().filter(|line| line.starts_with("1,"));
    let third: String = third.map(|line| format!("{}\n", line.replacen("1,", "3,", 1))).collect();
    let times =
        format!("{}{}", BUILT_IN.handling_times, third.replace("3,ticket,normal,1440", "3,ticket,normal,60"));
    let files = Files { handling_versions: &versions, handling_times: &times, ..BUILT_IN };
    let rules = SupportRules::read(&files).unwrap();
    let given = |registered: &str| {
        let version = rules.handling.in_force_at(kyiv(registered));
        version.target(DeadlineClock::Ticket, Normal).unwrap().time.num_minutes()
    };
    assert_eq!(given("2026-11-30 23:59"), 1_440);
    assert_eq!(given("2026-12-01 00:00"), 60);
    assert_eq!(given("2020-01-01 00:00"), 1_440, "before the first version, the first");
}

#[test]
fn a_history_that_goes_back_is_refused() {
    let history = ticket(&[("2026-09-07 09:00", New, First)]);
    assert!(history.then(entry("2026-09-07 08:59", InProgress, First, Normal)).is_err());
}
