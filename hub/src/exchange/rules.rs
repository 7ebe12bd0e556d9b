//! What follows for a document. No clock, no I/O.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::events::Outcome;
use kordon_schemas::exchange::{
    AcknowledgedEvent, Acknowledgement, DocumentFault, DocumentHeader, DocumentKind, DocumentOutcome,
    DocumentPlace,
};
use kordon_schemas::read::DocumentPlaces;
use kordon_schemas::{Edrpou, Problem, ProblemCode};

use super::model::{Act, Incoming, RefusedEvent};
use crate::crossings::{Fact, Recorded};
use crate::error::{Error, Result};

/// How far ahead of the hub's clock a sender's may be.
const FUTURE_TOLERANCE: TimeDelta = TimeDelta::seconds(120);

/// How old a document may be when it comes. As old as the oldest event: what comes later is a matter for the
/// operator of the hub.
const OLDEST: TimeDelta = TimeDelta::days(30);

const HEADER: &str = "/exchange_document/header";

/// What speaks against a document before its content is looked at. `own` is the code of the organisation
/// whose system hands it in.
#[must_use]
pub fn check_header(
    header: &DocumentHeader,
    own: &Edrpou,
    places: &DocumentPlaces,
    now: DateTime<Utc>,
) -> Vec<DocumentFault> {
    let DocumentHeader { sender, id: _, kind: _, created_at } = header;
    let fault = |member: &str, detail: String| {
        DocumentFault::new(ProblemCode::Invalid, detail, places.at(&format!("{HEADER}/{member}")))
    };
    let mut faults = Vec::new();
    if sender != own {
        faults.push(fault("sender", format!("the system that hands it in is of the organisation {own}")));
    }
    if *created_at > now + FUTURE_TOLERANCE {
        let ahead = (*created_at - now).num_seconds();
        faults.push(fault("created_at", format!("is {ahead} seconds ahead of the hub's clock")));
    } else if *created_at < now - OLDEST {
        faults.push(fault("created_at", format!("is more than {} days ago", OLDEST.num_days())));
    }
    faults
}

/// The faults of a problem, each with its code and its place. `within` is the path of what the problem is
/// about; the JSON Pointers of its faults go on from there.
#[must_use]
pub fn faults_of(problem: &Problem, within: &str, places: &DocumentPlaces) -> Vec<DocumentFault> {
    if problem.faults.is_empty() {
        return vec![DocumentFault::new(problem.code, problem.detail.as_str(), places.at(within))];
    }
    let path = |pointer: &str| format!("{within}{}", steps_of(pointer));
    problem
        .faults
        .iter()
        .map(|fault| DocumentFault::new(problem.code, fault.detail.as_str(), places.at(&path(&fault.path))))
        .collect()
}

/// The same for the problem of a reader, whose faults name their places themselves.
#[must_use]
pub fn faults_told(problem: &Problem, places: &DocumentPlaces) -> Vec<DocumentFault> {
    if problem.faults.is_empty() {
        return vec![DocumentFault::new(problem.code, problem.detail.as_str(), DocumentPlace::default())];
    }
    problem
        .faults
        .iter()
        .map(|fault| DocumentFault::new(problem.code, fault.detail.as_str(), places.told(&fault.path)))
        .collect()
}

/// A JSON Pointer as the steps of an XPath: the entries of `uses` are elements `permit_use`, those of
/// `corrections` are `use_correction`, counted from 1.
fn steps_of(pointer: &str) -> String {
    // The number of a permit is a part of the address there, and an element here.
    let pointer = if pointer == "path:number" { "/permit" } else { pointer };
    let entry = if pointer.starts_with("/corrections/") { "use_correction" } else { "permit_use" };
    pointer
        .split('/')
        .skip(1)
        .map(|step| match step.parse::<usize>() {
            Ok(index) => format!("/{entry}[{}]", index + 1),
            Err(_) => format!("/{step}"),
        })
        .collect()
}

/// An acknowledgement of a document that is not recorded, because of its faults.
#[must_use]
pub fn unrecorded(
    header: Option<&DocumentHeader>,
    digest: String,
    signed_by: Option<String>,
    faults: Vec<DocumentFault>,
    now: DateTime<Utc>,
) -> Acknowledgement {
    Acknowledgement {
        document: header.map(|header| header.id.clone()),
        kind: header.map(|header| header.kind),
        digest,
        signed_by,
        received_at: now,
        recorded: false,
        outcome: DocumentOutcome::Refused,
        events: Vec::new(),
        faults,
    }
}

fn recorded(
    incoming: &Incoming,
    digest: String,
    outcome: DocumentOutcome,
    now: DateTime<Utc>,
) -> Acknowledgement {
    let DocumentHeader { sender: _, id, kind, created_at: _ } = &incoming.header;
    Acknowledgement {
        document: Some(id.clone()),
        kind: Some(*kind),
        digest,
        signed_by: incoming.signature.as_ref().map(|signature| signature.certificate.clone()),
        received_at: now,
        recorded: true,
        outcome,
        events: Vec::new(),
        faults: Vec::new(),
    }
}

/// What is said of a document of events: `items` in its order, and of the facts among them what became of
/// each.
#[must_use]
pub fn of_events(
    incoming: &Incoming,
    items: &[Result<Fact, RefusedEvent>],
    became: &[Recorded],
    digest: String,
    now: DateTime<Utc>,
) -> Acknowledgement {
    let mut became = became.iter();
    let mut faults = Vec::new();
    let mut events = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        events.push(match item {
            Err(RefusedEvent { id, faults: own }) => {
                faults.extend(own.iter().cloned());
                refused(id.clone())
            }
            Ok(fact) => match became.next() {
                Some(Recorded { outcome, position, crossing, refusal: None }) => AcknowledgedEvent {
                    id: Some(fact.event_id.clone()),
                    outcome: *outcome,
                    position: position.map(|position| position.0),
                    crossing: crossing.map(|crossing| crossing.0),
                },
                Some(Recorded { refusal: Some((code, detail)), .. }) => {
                    let place = incoming.places.at(incoming.places.of_event(index));
                    faults.push(DocumentFault::new(*code, detail.as_str(), place));
                    refused(Some(fact.event_id.clone()))
                }
                // Each fact has an answer.
                None => refused(Some(fact.event_id.clone())),
            },
        });
    }
    let refused = events.iter().filter(|event| event.outcome == Outcome::Refused).count();
    let outcome = match refused {
        0 => DocumentOutcome::Accepted,
        all if all == events.len() => DocumentOutcome::Refused,
        _ => DocumentOutcome::AcceptedInPart,
    };
    Acknowledgement { events, faults, ..recorded(incoming, digest, outcome, now) }
}

const fn refused(id: Option<String>) -> AcknowledgedEvent {
    AcknowledgedEvent { id, outcome: Outcome::Refused, position: None, crossing: None }
}

/// What is said of a document that asks for one act, by how the act ended.
///
/// # Errors
/// What says nothing of the document: the database is away, the hub is busy or broken.
pub fn of_act<T>(
    incoming: &Incoming,
    ended: Result<T>,
    digest: String,
    now: DateTime<Utc>,
) -> Result<Acknowledgement> {
    let kind: DocumentKind = incoming.header.kind;
    let within = format!("/exchange_document/content/{kind}");
    let problem = match ended {
        Ok(_) => return Ok(recorded(incoming, digest, DocumentOutcome::Accepted, now)),
        Err(Error::Invalid(faults)) => {
            Problem::new(ProblemCode::Invalid, "the document breaks a rule").with_faults(faults)
        }
        Err(error @ (Error::NotFound { .. } | Error::Refused { .. })) => {
            Problem::new(error.code(), error.to_string())
        }
        Err(error @ (Error::Overloaded | Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
    };
    let faults = faults_of(&problem, &within, &incoming.places);
    Ok(Acknowledgement { faults, ..recorded(incoming, digest, DocumentOutcome::Refused, now) })
}

/// The act's own kind, for the record.
#[must_use]
pub const fn kind_of(act: &Act) -> DocumentKind {
    match act {
        Act::Events { .. } => DocumentKind::CheckpointEvents,
        Act::PermitReport { .. } => DocumentKind::PermitReport,
        Act::Withdrawal { .. } => DocumentKind::Withdrawal,
    }
}

#[cfg(test)]
mod tests;
