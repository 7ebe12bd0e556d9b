//! The official who is responsible for a ticket (виконавець, відповідальна посадова особа; Order 926, section
//! III, clauses 9, 10 and 12): named by the move that assigns it, kept with that act, and so with who named
//! them and when. Personal data.

use kordon_schemas::Fault;
use kordon_schemas::support::Line;
use kordon_schemas::tickets::{ResponsibleOfficial, TicketOfficial};

use super::contact::too_long;
use super::model::Act;
use crate::error::{Error, Result};
use crate::support::statuses::{Mover, Naming, TicketStanding, naming};

/// The official whom a line named last.
fn last_of(line: Line, acts: &[Act]) -> Option<(&Act, &TicketOfficial)> {
    let of_line = |act: &&Act| act.standing.line == line;
    acts.iter().rev().filter(of_line).find_map(|act| Some((act, act.official.as_ref()?)))
}

/// Who is responsible for a ticket with these acts: whom the line that has it named last. A line that gets it
/// back has its own official again.
#[must_use]
pub fn responsible(acts: &[Act]) -> Option<ResponsibleOfficial> {
    let line = acts.last()?.standing.line;
    let (named, TicketOfficial { name, position }) = last_of(line, acts)?;
    let named_by = named.by.map(|system| system.0);
    let (name, position) = (name.clone(), position.clone());
    Some(ResponsibleOfficial { name, position, line, named_at: named.at, named_by })
}

/// An official without space around.
///
/// # Errors
/// [`Error::Invalid`] naming each fault.
pub(super) fn checked(official: &TicketOfficial) -> Result<TicketOfficial> {
    let TicketOfficial { name, position } = official;
    let fault = |path: &str, text: &str| {
        let detail = if text.trim().is_empty() { Some("is missing".to_owned()) } else { too_long(text) };
        detail.map(|detail| Fault::new(path, detail))
    };
    let faults = [fault("/official/name", name), fault("/official/position", position)];
    let faults: Vec<Fault> = faults.into_iter().flatten().collect();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(TicketOfficial { name: name.trim().to_owned(), position: position.trim().to_owned() })
}

/// Checks that who moves a ticket names the official where that is theirs. What the hub moves because of
/// something else, a decision on a permit for example, it does not check: nobody is asked then.
///
/// # Errors
/// [`Error::Invalid`] at `/official`.
pub(super) fn check_named(
    by: Mover,
    acts: &[Act],
    after: TicketStanding,
    official: Option<&TicketOfficial>,
) -> Result<()> {
    let before = last_of(after.line, acts).is_some();
    match (naming(by, after, before), official) {
        (Naming::Must, None) => Err(Error::fault(
            "/official",
            format!("is missing: name the official of {} who is responsible", after.line),
        )),
        (Naming::MustNot, Some(_)) => Err(Error::fault(
            "/official",
            "is named by lines 1 and 2 with `in_progress`, and with `extended` of line 3: leave it out",
        )),
        (Naming::Must | Naming::May, Some(_)) | (Naming::May | Naming::MustNot, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
