//! Who is responsible, and what is refused.

use kordon_schemas::support::{Priority, TicketStatus};
use uuid::Uuid;

use Line::{First, Second, Third};

use super::*;
use crate::parties::SystemId;
use crate::support::tickets::model::Deed;

/// The acts of a ticket: which line has it after each, and who was named by it.
fn acts(of: &[(Line, Option<&str>)]) -> Vec<Act> {
    let named = |name: &str| TicketOfficial { name: name.to_owned(), position: "inspector".to_owned() };
    let act = |(number, (line, name)): (i32, &(Line, Option<&str>))| Act {
        number,
        at: "2026-11-30T08:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap()
            + chrono::TimeDelta::minutes(number.into()),
        deed: Deed::Moved,
        standing: TicketStanding {
            status: TicketStatus::InProgress,
            line: *line,
            priority: Priority::Normal,
        },
        by: Some(SystemId(Uuid::nil())),
        by_line: Some(First),
        reason: None,
        official: name.map(named),
    };
    (1..).zip(of).map(act).collect()
}

fn name(acts: &[Act]) -> Option<String> {
    responsible(acts).map(|responsible| responsible.name)
}

#[test]
fn the_official_is_whom_the_line_that_has_the_ticket_named_last() {
    assert_eq!(responsible(&acts(&[(First, None)])), None);
    assert_eq!(name(&acts(&[(First, None), (First, Some("Iryna"))])).unwrap(), "Iryna");
    let replaced = acts(&[(Second, Some("Iryna")), (Second, Some("Petro"))]);
    assert_eq!(name(&replaced).unwrap(), "Petro");
    let told = responsible(&replaced).unwrap();
    assert_eq!((told.line, told.named_at, told.named_by), (Second, replaced[1].at, Some(Uuid::nil())));
    let passed = acts(&[(First, Some("Iryna")), (Second, Some("Petro")), (Third, None)]);
    assert_eq!(name(&passed), None, "nobody of line 3 was named");
    let returned = acts(&[(First, Some("Iryna")), (Second, Some("Petro")), (First, None)]);
    assert_eq!(name(&returned).unwrap(), "Iryna", "line 1 has it again");
}

#[test]
fn an_official_is_named_once_for_a_line() {
    let to = |line| TicketStanding { status: TicketStatus::InProgress, line, priority: Priority::Normal };
    let begun = acts(&[(First, None), (First, Some("Iryna"))]);
    let by = Mover::Line(First);
    assert!(check_named(by, &begun, to(First), None).is_ok());
    assert!(check_named(by, &begun, to(Second), None).is_err(), "nobody of line 2 was named");
    assert!(check_named(by, &begun, to(Second), begun[1].official.as_ref()).is_ok());
    assert!(check_named(Mover::User, &begun, to(First), begun[1].official.as_ref()).is_err());
    assert!(check_named(Mover::User, &begun, to(Second), None).is_ok());
}

#[test]
fn a_name_and_a_position_are_needed_and_bounded() {
    let of = |name: &str, position: &str| {
        checked(&TicketOfficial { name: name.to_owned(), position: position.to_owned() })
    };
    assert_eq!(of(" Iryna ", " inspector ").unwrap(), of("Iryna", "inspector").unwrap());
    let long = "і".repeat(201);
    for (name, position, faults) in [("", "inspector", 1), ("Iryna", " ", 1), ("", "", 2), (&long, &long, 2)]
    {
        match of(name, position) {
            Err(Error::Invalid(found)) => assert_eq!(found.len(), faults, "{name}, {position}"),
            other => panic!("{other:?}"),
        }
    }
}
