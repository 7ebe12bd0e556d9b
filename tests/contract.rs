//! The contract: it is what the program does, it says everything a client has to know, and the door keeps it.

mod codes;
mod door;
mod forms;

use kordon_api::server::contract_json;
use serde_json::Value;

fn contract() -> Value {
    serde_json::from_str(&contract_json().unwrap()).unwrap()
}

/// Every operation with its name, such as `GET /health/live`.
fn operations(contract: &Value) -> impl Iterator<Item = (String, &Value)> {
    contract["paths"].as_object().unwrap().iter().flat_map(|(address, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, operation)| (format!("{} {address}", method.to_uppercase()), operation))
    })
}

#[test]
fn the_contract_that_is_checked_in_is_what_the_program_generates() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/kordon.json");
    let checked_in = std::fs::read_to_string(file).unwrap_or_default();
    // Not assert_eq: the difference would fill the screen and say less.
    assert!(
        checked_in == contract_json().unwrap(),
        "openapi/kordon.json is not what the program generates: run `make openapi` and commit what it changes"
    );
}

#[test]
fn every_operation_says_what_it_does_and_how_it_fails() {
    let contract = contract();
    for (name, operation) in operations(&contract) {
        for member in ["operationId", "summary", "description"] {
            let text = operation[member].as_str().unwrap_or_default();
            assert!(!text.trim().is_empty(), "{name} has no {member}");
        }
        assert!(operation["tags"][0].is_string(), "{name} has no tag");
        assert!(operation["security"].is_array(), "{name} does not say which credential it asks for");
        let answers = operation["responses"].as_object().unwrap();
        for (status, answer) in answers {
            let text = answer["description"].as_str().unwrap_or_default();
            assert!(!text.trim().is_empty(), "{name} does not describe its {status}");
            let is_problem = answer["content"].get("application/problem+json").is_some()
                && answer["content"].get("application/problem+xml").is_some();
            // A document that is not recorded is answered by an acknowledgement, which tells more than a
            // problem can.
            let is_acknowledged = name == "POST /api/v1/exchange/documents" && status == "422";
            let is_failure = status.as_str() >= "400" && !is_acknowledged;
            assert_eq!(is_problem, is_failure, "{name}: a {status} is a problem or is none");
        }
    }
}

#[test]
fn every_operation_below_api_asks_who_it_is_and_names_the_roles() {
    let contract = contract();
    // Open data is for anybody, by clause 6.
    let asks = |name: &str| name.contains(" /api/") && !name.contains(" /api/v1/open-data/");
    let below_api: Vec<_> = operations(&contract).filter(|(name, _)| asks(name)).collect();
    assert!(below_api.len() >= 18);
    for (name, operation) in below_api {
        let credentials = &operation["security"];
        assert_eq!(credentials[0]["token"], serde_json::json!([]), "{name}");
        assert_eq!(credentials[1]["certificate"], serde_json::json!([]), "{name}");
        let others: Vec<_> = credentials.as_array().unwrap().iter().skip(2).collect();
        let of_holders = name == "GET /api/v1/my-booking";
        let expected = if of_holders { vec![serde_json::json!({"booking": []})] } else { Vec::new() };
        assert_eq!(
            others,
            expected.iter().collect::<Vec<_>>(),
            "{name} is open to those without a credential"
        );
        assert!(
            operation["x-roles"].as_array().is_some_and(|roles| !roles.is_empty()),
            "{name} has no x-roles"
        );
        let mut statuses = vec!["400", "401", "403", "404", "406", "429", "500", "503"];
        if operation.get("requestBody").is_some() {
            statuses.extend(["413", "415", "422"]);
        }
        for status in statuses {
            assert!(operation["responses"].get(status).is_some(), "{name} does not tell of {status}");
        }
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let contract = contract();
    let mut names: Vec<&str> =
        operations(&contract).filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
