//! Bad input, each with the answer that it gets; and that the same facts come out of every encoding.

mod json_documents;
mod json_events;
mod same_facts;
mod xml_documents;
mod xml_events;

use super::*;

/// A problem as a person would note it down.
fn told(problem: &Problem) -> String {
    let Problem { type_: _, title: _, status, code, detail, request_id: _, faults } = problem;
    let mut told = format!("{status} {}: {detail}", code.as_str());
    for Fault { path, detail } in faults {
        told.push_str(&format!("\n  at {path:?}: {detail}"));
    }
    told
}

/// What became of a request: the problem of the whole, or of each item its id or its problem.
fn outcome(read: Result<ReadEvents, Box<Problem>>) -> String {
    match read {
        Err(problem) => told(&problem),
        Ok(ReadEvents { single, items }) => {
            let items = items.iter().map(|item| match item {
                Ok(event) => format!("taken {:?}", event.id),
                Err(refused) => format!("refused {:?}: {}", refused.id.as_deref(), told(&refused.problem)),
            });
            let form = if single { "one event" } else { "a list" };
            [form.to_owned()].into_iter().chain(items).collect::<Vec<_>>().join("\n")
        }
    }
}
