//! The services of Trembita, each with the operation of the contract that it is: method, address and roles
//! stand there already.

use kordon_adapters::trembita::services::{SERVICES, Service};
use kordon_adapters::trembita::soap::question::Question;
use kordon_hub::parties::Role;
use kordon_hub::{Error, Result};
use serde_json::Value;

/// A service and its operation.
#[derive(Debug)]
pub(super) struct Provided {
    /// The service.
    pub(super) service: &'static Service,
    /// The method of the operation, in capital letters.
    pub(super) method: String,
    /// Its address with the names of its parameters in braces.
    address: String,
    /// The roles that may use it.
    roles: Vec<String>,
    /// Whether it knows the same request again by a key.
    pub(super) takes_key: bool,
}

/// Finds the operation of each service in the contract.
pub(super) fn provided(contract: &Value) -> Result<Vec<Provided>> {
    SERVICES.iter().map(|service| Provided::find(service, contract)).collect()
}

impl Provided {
    fn find(service: &'static Service, contract: &Value) -> Result<Self> {
        let missing = || {
            Error::Internal(format!(
                "the contract has no operation {} of {}",
                service.operation, service.code
            ))
        };
        let paths = contract["paths"].as_object().ok_or_else(missing)?;
        paths
            .iter()
            .flat_map(|(address, item)| {
                item.as_object()
                    .into_iter()
                    .flatten()
                    .map(move |(method, operation)| (address, method, operation))
            })
            .find(|(_, _, operation)| operation["operationId"] == service.operation)
            .map(|(address, method, operation)| Self {
                service,
                method: method.to_ascii_uppercase(),
                takes_key: operation["parameters"]
                    .as_array()
                    .is_some_and(|own| own.iter().any(|one| one["name"] == "Idempotency-Key")),
                address: address.clone(),
                roles: operation["x-roles"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|role| role.as_str().map(str::to_owned))
                    .collect(),
            })
            .ok_or_else(missing)
    }

    /// Whether a role may use it.
    pub(super) fn is_for(&self, role: Role) -> bool {
        self.roles.iter().any(|own| own == role.as_str())
    }

    /// The address of a question, with the parameters that stand in it; the others are its query.
    pub(super) fn address_of(&self, question: &Question) -> String {
        let mut address = self.address.clone();
        let mut query = String::new();
        for (name, value) in &question.parameters {
            let place = format!("{{{name}}}");
            if address.contains(&place) {
                address = address.replace(&place, &encoded(value));
            } else {
                query.push(if query.is_empty() { '?' } else { '&' });
                query.push_str(&format!("{name}={}", encoded(value)));
            }
        }
        address + &query
    }
}

/// Percent-encodes all but letters and digits, so that a value never reaches beyond its place in an address.
/// Nothing is no place: it would lead to another address.
fn encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    if encoded.is_empty() { "%20".to_owned() } else { encoded }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kordon_adapters::trembita::services::Form;

    use super::*;
    use crate::server::contract;

    #[test]
    fn each_service_has_the_parameters_and_the_purpose_of_its_operation() {
        let text = serde_json::to_value(contract().unwrap()).unwrap();
        for Provided { service, method, address, roles, takes_key: _ } in provided(&text).unwrap() {
            let operation = &text["paths"][&address][method.to_ascii_lowercase()];
            let own: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
            let of = |place: &[&str]| -> BTreeSet<&str> {
                own.iter()
                    .filter(|one| place.contains(&one["in"].as_str().unwrap()))
                    .map(|one| one["name"].as_str().unwrap())
                    .collect()
            };
            let named: BTreeSet<&str> = service.parameters.iter().map(|one| one.name).collect();
            assert_eq!(named, of(&["path", "query"]), "{}", service.code);
            for parameter in service.parameters {
                let of_contract = own.iter().find(|one| one["name"] == parameter.name).unwrap();
                assert_eq!(parameter.is_needed, of_contract["required"] == true, "{}", service.code);
            }
            assert_eq!(service.is_personal, of(&["header"]).contains("Kordon-Purpose"), "{}", service.code);
            assert_eq!(service.message.is_some(), operation.get("requestBody").is_some(), "{}", service.code);
            assert!(!roles.is_empty(), "{}", service.code);
            let ok = &operation["responses"]["200"]["content"];
            let answered = &ok["application/json"]["schema"]["$ref"];
            match service.answer {
                Form::Xml(_) => assert!(ok.get("application/xml").is_some(), "{}", service.code),
                Form::Json { element: _, shape } => {
                    assert_eq!(*answered, format!("#/components/schemas/{shape}"), "{}", service.code);
                }
            }
        }
    }

    #[test]
    fn a_value_stays_in_its_place() {
        let services = provided(&serde_json::to_value(contract().unwrap()).unwrap()).unwrap();
        let queue = services.iter().find(|one| one.service.code == "GetQueue_v1").unwrap();
        let question = |checkpoint: &str, lane: &str| Question {
            parameters: vec![("checkpoint", checkpoint.to_owned()), ("lane", lane.to_owned())],
            ..Question::default()
        };
        assert_eq!(
            queue.address_of(&question("../outages?x={lane}", "a&b=c ї")),
            "/api/v1/checkpoints/%2E%2E%2Foutages%3Fx%3D%7Blane%7D/queue?lane=a%26b%3Dc%20%D1%97"
        );
        assert_eq!(queue.address_of(&question("", "")), "/api/v1/checkpoints/%20/queue?lane=%20");
    }
}
