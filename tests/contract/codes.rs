//! The closed list of problem codes: none is dead, none is secret.

use std::fs;
use std::path::Path;

use kordon_schemas::ProblemCode;

use super::{contract, operations};

/// The folders whose code may fail.
const SOURCES: [&str; 5] = ["schemas/src", "hub/src", "adapters/src", "api/src", "src"];

/// Where codes are listed, not answered with.
const LISTS: [&str; 2] = ["schemas/src/problem.rs", "api/src/openapi.rs"];

#[test]
fn every_problem_code_is_used_by_some_code() {
    let mut sources = String::new();
    for folder in SOURCES {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut sources);
    }
    let unused: Vec<_> =
        ProblemCode::ALL.iter().filter(|code| !is_used(&sources, &format!("{code:?}"))).collect();
    assert!(unused.is_empty(), "no code ever answers with {unused:?}: use it or take it off the list");
}

#[test]
fn every_problem_code_is_documented_where_it_can_come_from() {
    let contract = contract();
    let told: Vec<&str> = operations(&contract)
        .flat_map(|(_, operation)| operation["responses"].as_object().unwrap().values())
        .filter_map(|answer| answer["description"].as_str())
        .collect();
    // It is of no operation: it is answered where there is none.
    let of_none = [ProblemCode::MethodNotAllowed];
    for code in ProblemCode::ALL.iter().filter(|code| !of_none.contains(code)) {
        let name = format!("`{}`: ", code.as_str());
        assert!(told.iter().any(|text| text.contains(&name)), "no operation of the contract tells of {name}");
    }
}

#[test]
fn the_contract_lists_every_problem_code_and_no_other() {
    let contract = contract();
    let listed = contract["components"]["schemas"]["ProblemCode"]["enum"].as_array().unwrap();
    let known: Vec<_> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(listed, &known);
}

/// Whether the code is named somewhere in `sources`.
fn is_used(sources: &str, variant: &str) -> bool {
    let named = format!("ProblemCode::{variant}");
    sources.match_indices(&named).any(|(at, _)| {
        let next = sources[at + named.len()..].chars().next();
        next.is_none_or(|sign| !sign.is_alphanumeric())
    })
}

fn collect(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|kind| kind == "rs")
            && !LISTS.iter().any(|list| path.ends_with(list))
        {
            let text = fs::read_to_string(&path).unwrap();
            // What a test expects is no use of it.
            sources.push_str(text.split("#[cfg(test)]\nmod tests {").next().unwrap());
        }
    }
}
