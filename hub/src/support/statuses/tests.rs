//! The whole table, move by move, and each refusal.

use Line::{First, Second, Third};

use super::*;

const NOBODY: &str = "";

fn circumstances() -> Circumstances {
    Circumstances {
        now: "2026-09-07T10:00:00Z".parse().unwrap(),
        line_1_works: true,
        told: true,
        closes_at: None,
    }
}

fn standing(status: TicketStatus, line: Line) -> TicketStanding {
    TicketStanding { status, line, priority: Priority::Normal }
}

fn ask(by: Mover, to: TicketStatus) -> AskedMove<'static> {
    AskedMove { by, to, line: None, reason: Some("because"), names_official: false }
}

/// Who may move a ticket from one status to another, if the conditions hold and any line may be named.
fn who(from: TicketStatus, to: TicketStatus) -> String {
    let critical = TicketStanding { priority: Priority::Critical, ..standing(from, First) };
    let now = circumstances().now;
    let met = Circumstances { now, line_1_works: false, told: true, closes_at: Some(now) };
    let movers = [
        (LINE_1, "1"),
        (LINE_2, "2"),
        (LINE_3, "3"),
        (Mover::User, "u"),
        (Mover::PermitRequest, "p"),
        (Mover::Hub, "h"),
    ];
    let may = |by: Mover| {
        let holders = match by {
            Mover::Line(line) => vec![line, First],
            Mover::User | Mover::PermitRequest | Mover::Hub => vec![First],
        };
        let lines = [None, Some(First), Some(Second), Some(Third)];
        holders.iter().any(|holder| {
            lines.iter().any(|line| {
                let asked = AskedMove { line: *line, ..ask(by, to) };
                after(TicketStanding { line: *holder, ..critical }, &asked, &met).is_ok()
            })
        })
    };
    movers.iter().filter(|(by, _)| may(*by)).map(|(_, name)| *name).collect()
}

#[test]
fn the_whole_table() {
    // Rows: from; columns: to new, in progress, extended, deferred, resolved, closed. 1, 2, 3: lines; u:
    // user; p: a permit's request; h: hub.
    let table = [
        (New, [NOBODY, "12", NOBODY, NOBODY, NOBODY, NOBODY]),
        (InProgress, [NOBODY, "12", "12", "23", "123", NOBODY]),
        (Extended, [NOBODY, "123", "12", "23", "123", NOBODY]),
        (Deferred, [NOBODY, "12", NOBODY, NOBODY, "123", NOBODY]),
        (Resolved, [NOBODY, "1u", NOBODY, NOBODY, NOBODY, "1uph"]),
        (Closed, [NOBODY, "1", NOBODY, NOBODY, NOBODY, NOBODY]),
    ];
    for (from, row) in table {
        for (to, expected) in TicketStatus::ALL.iter().zip(row) {
            assert_eq!(who(from, *to), expected, "{from} to {to}");
        }
    }
}

#[test]
fn every_status_is_reached_and_none_is_a_dead_end() {
    for status in TicketStatus::ALL {
        assert!(*status == New || MOVES.iter().any(|row| row.to == *status), "{status} is never reached");
        assert!(MOVES.iter().any(|row| row.from.contains(status)), "{status} is never left");
    }
}

#[test]
fn line_1_keeps_a_new_ticket_or_sends_it_to_line_2() {
    let new = standing(New, First);
    let sent = |line| after(new, &AskedMove { line, ..ask(LINE_1, InProgress) }, &circumstances());
    assert_eq!(sent(None), Ok(standing(InProgress, First)));
    assert_eq!(sent(Some(Second)), Ok(standing(InProgress, Second)));
    assert_eq!(sent(Some(Third)), Err(MoveRefusal::WrongLine { possible: vec![First, Second] }));
}

#[test]
fn the_duty_takes_what_is_critical_while_line_1_does_not_work() {
    let take = |priority, line_1_works| {
        let new = TicketStanding { priority, ..standing(New, First) };
        after(new, &ask(LINE_2, InProgress), &Circumstances { line_1_works, ..circumstances() })
    };
    let taken = TicketStanding { priority: Priority::Critical, ..standing(InProgress, Second) };
    assert_eq!(take(Priority::Critical, false), Ok(taken));
    assert_eq!(take(Priority::Critical, true), Err(MoveRefusal::NotTheDutys));
    assert_eq!(take(Priority::High, false), Err(MoveRefusal::NotTheDutys));
}

#[test]
fn every_new_ticket_is_the_dutys_while_line_1_does_not_work() {
    assert_eq!(new_ones_seen(First, true), Priority::ALL);
    assert_eq!(new_ones_seen(Second, true), [Priority::Critical]);
    assert_eq!(new_ones_seen(Second, false), Priority::ALL, "nobody else can say what is critical");
    assert_eq!(new_ones_seen(Third, false), []);
    let holds = |line, status, line_1_works| {
        check_holds(Mover::Line(line), standing(status, First), line_1_works).is_ok()
    };
    assert!(holds(Second, New, false));
    assert!(!holds(Second, New, true));
    assert!(!holds(Second, InProgress, false), "line 1 took it");
    assert!(!holds(Third, New, false));
}

#[test]
fn a_reassignment_names_the_line_and_a_reason() {
    let at_line_1 = standing(InProgress, First);
    let asked = AskedMove { line: Some(Second), ..ask(LINE_1, InProgress) };
    assert_eq!(after(at_line_1, &asked, &circumstances()), Ok(standing(InProgress, Second)));
    let silent = AskedMove { reason: Some("  "), ..asked };
    assert_eq!(after(at_line_1, &silent, &circumstances()), Err(MoveRefusal::ReasonNeeded));
    let nowhere = AskedMove { line: None, ..asked };
    assert_eq!(
        after(at_line_1, &nowhere, &circumstances()),
        Err(MoveRefusal::WrongLine { possible: vec![Second] })
    );
}

#[test]
fn a_line_passes_a_ticket_from_one_of_its_officials_to_another() {
    let at_line_2 = standing(InProgress, Second);
    let named = AskedMove { names_official: true, ..ask(LINE_2, InProgress) };
    assert_eq!(after(at_line_2, &named, &circumstances()), Ok(at_line_2));
    let itself = AskedMove { line: Some(Second), ..named };
    assert_eq!(after(at_line_2, &itself, &circumstances()), Ok(at_line_2));
    let silent = AskedMove { reason: None, ..named };
    assert_eq!(after(at_line_2, &silent, &circumstances()), Err(MoveRefusal::ReasonNeeded));
    let away = AskedMove { line: Some(First), ..named };
    assert_eq!(after(at_line_2, &away, &circumstances()), Ok(standing(InProgress, First)));
    let at_line_3 = standing(Extended, Third);
    let contractor = AskedMove { names_official: true, ..ask(LINE_2, Extended) };
    assert_eq!(after(at_line_3, &contractor, &circumstances()), Ok(at_line_3));
}

#[test]
fn whoever_assigns_a_ticket_names_the_official() {
    use Naming::{May, Must, MustNot};
    let by_line_1 = |status, line, named| naming(LINE_1, standing(status, line), named);
    assert_eq!(by_line_1(InProgress, First, false), Must);
    assert_eq!(by_line_1(InProgress, Second, false), Must);
    assert_eq!(by_line_1(InProgress, Second, true), May, "the line has it again, and so has its official");
    assert_eq!(by_line_1(Extended, Third, false), Must, "line 3 is assigned by this status");
    assert_eq!(by_line_1(Extended, First, false), MustNot, "it waits for its user");
    for status in [Deferred, Resolved, Closed] {
        assert_eq!(by_line_1(status, First, false), MustNot, "{status}");
    }
    for by in [LINE_3, Mover::User, Mover::PermitRequest, Mover::Hub] {
        assert_eq!(naming(by, standing(InProgress, First), false), MustNot, "{by:?} assigns nobody");
    }
}

#[test]
fn line_3_is_assigned_by_extending() {
    let at_line_2 = standing(InProgress, Second);
    let to_line_3 = AskedMove { line: Some(Third), ..ask(LINE_2, Extended) };
    assert_eq!(after(at_line_2, &to_line_3, &circumstances()), Ok(standing(Extended, Third)));
    let in_progress = AskedMove { line: Some(Third), ..ask(LINE_2, InProgress) };
    assert_eq!(
        after(at_line_2, &in_progress, &circumstances()),
        Err(MoveRefusal::WrongLine { possible: vec![First] })
    );
    let back = AskedMove { line: Some(Second), ..ask(LINE_3, InProgress) };
    assert_eq!(after(standing(Extended, Third), &back, &circumstances()), Ok(standing(InProgress, Second)));
}

#[test]
fn asking_for_information_leaves_the_ticket_with_its_line() {
    let asked = after(standing(InProgress, Second), &ask(LINE_2, Extended), &circumstances());
    assert_eq!(asked, Ok(standing(Extended, Second)));
}

#[test]
fn a_line_moves_only_what_it_has_and_line_1_everything() {
    let resolved = |status, holder, by| after(standing(status, holder), &ask(by, Resolved), &circumstances());
    assert_eq!(resolved(Extended, Second, LINE_3), Err(MoveRefusal::HeldByAnother { holder: Second }));
    assert_eq!(resolved(InProgress, First, LINE_2), Err(MoveRefusal::HeldByAnother { holder: First }));
    assert_eq!(resolved(Extended, Second, LINE_1), Ok(standing(Resolved, First)));
    assert_eq!(resolved(Extended, Second, LINE_2), Ok(standing(Resolved, First)));
    let refused = resolved(Extended, Second, LINE_3).unwrap_err();
    assert_eq!(refused.to_string(), "line_2 has the ticket: only line_2 or line_1 moves it");
}

#[test]
fn what_line_2_passed_to_its_contractor_is_its_own_still() {
    let by_line_2 = |status, to| after(standing(status, Third), &ask(LINE_2, to), &circumstances());
    assert_eq!(by_line_2(Extended, InProgress), Ok(standing(InProgress, Second)), "it takes it back");
    assert_eq!(by_line_2(Deferred, InProgress), Ok(standing(InProgress, Second)));
    assert_eq!(by_line_2(Extended, Deferred), Ok(standing(Deferred, Third)));
    assert_eq!(by_line_2(Extended, Resolved), Ok(standing(Resolved, First)));
    let holds = |line| check_holds(Mover::Line(line), standing(Extended, Third), true);
    assert_eq!(holds(Second), Ok(()), "it extends the term for the contractor");
    assert_eq!(holds(Third), Ok(()));
    let back = after(standing(Extended, Third), &ask(LINE_3, InProgress), &circumstances());
    assert_eq!(back, Ok(standing(InProgress, First)), "line 3 hands back to the coordinator");
}

#[test]
fn the_user_confirms_or_objects_with_a_reason() {
    let resolved = standing(Resolved, First);
    let confirmed = AskedMove { reason: None, ..ask(Mover::User, Closed) };
    assert_eq!(after(resolved, &confirmed, &circumstances()), Ok(standing(Closed, First)));
    let objection = ask(Mover::User, InProgress);
    assert_eq!(after(resolved, &objection, &circumstances()), Ok(standing(InProgress, First)));
    let silent = AskedMove { reason: None, ..objection };
    assert_eq!(after(resolved, &silent, &circumstances()), Err(MoveRefusal::ReasonNeeded));
    let closed = after(standing(Closed, First), &objection, &circumstances());
    assert_eq!(closed, Err(MoveRefusal::NotYours { from: Closed, to: InProgress }));
}

#[test]
fn line_1_closes_what_the_user_was_told_and_says_how_they_confirmed() {
    let resolved = standing(Resolved, First);
    let close = |told, reason| {
        let asked = AskedMove { reason, ..ask(LINE_1, Closed) };
        after(resolved, &asked, &Circumstances { told, ..circumstances() })
    };
    let confirmed = Some("She thanked on the telephone.");
    assert_eq!(close(true, confirmed), Ok(standing(Closed, First)));
    assert_eq!(close(true, None), Err(MoveRefusal::ReasonNeeded));
    assert_eq!(close(true, Some(" ")), Err(MoveRefusal::ReasonNeeded));
    assert_eq!(close(false, confirmed), Err(MoveRefusal::NothingToConfirm));
    let by_permit = AskedMove { reason: None, ..ask(Mover::PermitRequest, Closed) };
    let untold = Circumstances { told: false, ..circumstances() };
    assert_eq!(after(resolved, &by_permit, &untold), Ok(standing(Closed, First)));
}

#[test]
fn the_hub_closes_only_when_the_ten_days_are_over() {
    let resolved = standing(Resolved, First);
    let now = circumstances().now;
    let at = |closes_at| {
        after(resolved, &ask(Mover::Hub, Closed), &Circumstances { closes_at, ..circumstances() })
    };
    assert_eq!(at(Some(now)), Ok(standing(Closed, First)));
    assert_eq!(at(Some(now + chrono::TimeDelta::seconds(1))), Err(MoveRefusal::TooEarly));
    assert_eq!(at(None), Err(MoveRefusal::TooEarly));
}

#[test]
fn a_move_that_does_not_exist_says_which_do() {
    let refused = after(standing(New, First), &ask(LINE_1, Closed), &circumstances()).unwrap_err();
    assert_eq!(refused.to_string(), "a ticket that is new cannot become closed; it can become in_progress");
}

#[test]
fn deadlines_are_extended_on_the_grounds_of_the_line() {
    use kordon_schemas::support::ExtensionGround::{ContractorInvolved, InformationFromUser, SoftwareChange};
    let grounds = [InformationFromUser, SoftwareChange, ContractorInvolved];
    let of = |line| grounds.map(|ground| may_extend(line, ground));
    assert_eq!(of(First), [true, false, false]);
    assert_eq!(of(Second), [false, true, true]);
    assert_eq!(of(Third), [false, false, false]);
}
