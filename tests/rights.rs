//! Who may do what, tried for every operation of the contract with every role. An operation that is added is
//! tried as well.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use kordon_api::server::contract_json;
use kordon_hub::parties::{self, Role, Scope};
use reqwest::Method;
use serde_json::{Value, json};

use crate::hub::{Answer, KRAKIVETS, Request, TestHub, YAHODYN, limited_to};

/// An operation below `/api`, as the contract has it.
struct Operation {
    method: Method,
    address: String,
    roles: BTreeSet<String>,
    has_body: bool,
}

#[tokio::test]
async fn without_a_credential_there_is_no_way_in() {
    let hub = TestHub::start().await;
    for operation in operations() {
        let answer = operation.on(&hub, KRAKIVETS).send().await;
        assert_eq!(code(&answer), "401 unauthenticated", "{operation}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"kordon\"", "{operation}");
    }
}

#[tokio::test]
async fn what_is_not_a_good_credential_is_as_good_as_none() {
    let hub = TestHub::start().await;
    let good = hub.token(Role::BorderGuard).to_owned();
    let unknown = format!("kordon_{}", "0".repeat(64));
    let (expired, revoked) = (expired(&hub).await, revoked(&hub).await);
    let bad = [
        ("an unknown token", format!("Bearer {unknown}")),
        ("an expired token", format!("Bearer {expired}")),
        ("a revoked token", format!("Bearer {revoked}")),
        ("no token", "Bearer".to_owned()),
        ("a token in capitals", format!("Bearer {}", good.to_uppercase())),
        ("a token that is cut off", format!("Bearer {}", &good[..good.len() - 1])),
        ("two tokens", format!("Bearer {good} {good}")),
        ("another scheme", format!("Basic {good}")),
        ("no scheme", good.clone()),
    ];
    for operation in operations() {
        for (what, header) in &bad {
            let answer = operation.on(&hub, KRAKIVETS).header("Authorization", header).send().await;
            assert_eq!(code(&answer), "401 unauthenticated", "{operation} with {what}");
        }
        let twice = operation.on(&hub, KRAKIVETS).as_token(&good).as_token(&good);
        assert_eq!(code(&twice.send().await), "401 unauthenticated", "{operation} with the header twice");
    }
}

#[tokio::test]
async fn each_role_does_what_the_contract_lists_for_it_and_nothing_else() {
    let hub = TestHub::start().await;
    for operation in operations() {
        for role in Role::ALL {
            let answer = operation.on(&hub, KRAKIVETS).as_role(role).send().await;
            if operation.roles.contains(role.as_str()) {
                assert!(![401, 403].contains(&answer.status), "{operation} as {role}: {}", code(&answer));
                assert!(answer.status < 500, "{operation} as {role}: {}", code(&answer));
            } else {
                assert_eq!(code(&answer), "403 forbidden", "{operation} as {role}");
            }
        }
    }
}

#[tokio::test]
async fn whoever_has_no_right_hears_of_nothing_else() {
    let hub = TestHub::start().await;
    // Each is asked for the first time, so that the hub has to look the token up while it reads the rest.
    for number in 0..3 {
        let (_, token) = hub.add_system(Role::Trader, &format!("stranger-{number}"), Scope::default()).await;
        let answer = hub.get("/api/v1/figures?from=nonsense&colour=blue").as_token(&token).send().await;
        assert_eq!(code(&answer), "403 forbidden");
    }
    let nobody = hub.get("/api/v1/figures?from=nonsense").as_token("kordon_nobody").send().await;
    assert_eq!(code(&nobody), "401 unauthenticated");
}

#[tokio::test]
async fn a_system_that_is_limited_to_a_checkpoint_does_nothing_at_another() {
    let hub = TestHub::start().await;
    for role in Role::ALL {
        let (_, token) = hub.add_system(role, &format!("limited-{role}"), limited_to(&[YAHODYN], &[])).await;
        for operation in operations().filter(|operation| operation.acts_at_a_checkpoint(role)) {
            let elsewhere = operation.on(&hub, KRAKIVETS).as_token(&token).send().await;
            assert_eq!(code(&elsewhere), "403 out_of_scope", "{operation} as {role}");
            let at_home = operation.on(&hub, YAHODYN).as_token(&token).send().await;
            assert!(![401, 403].contains(&at_home.status), "{operation} as {role}: {}", code(&at_home));
        }
    }
}

#[tokio::test]
async fn a_crossing_elsewhere_is_as_if_it_were_not_there() {
    let hub = TestHub::start().await;
    let address = format!("/api/v1/crossings/{}", hub.book(KRAKIVETS, "AA 1234 BB").await);
    for (scope, status) in [(limited_to(&[YAHODYN], &[]), 404), (limited_to(&[KRAKIVETS], &[]), 200)] {
        let (_, token) = hub.add_system(Role::Customs, &format!("limited-{status}"), scope).await;
        let answer = hub.get(&address).as_token(&token).for_purpose("inspection 17").send().await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

#[test]
fn every_role_may_do_something_and_every_operation_has_somebody_to_do_it() {
    let known: BTreeSet<String> = Role::ALL.iter().map(ToString::to_string).collect();
    let mut able = BTreeSet::new();
    for operation in operations() {
        assert!(!operation.roles.is_empty(), "{operation} lists no role under `x-roles`");
        assert!(operation.roles.is_subset(&known), "{operation} lists a role that there is not");
        able.extend(operation.roles);
    }
    assert_eq!(able, known);
}

async fn expired(hub: &TestHub) -> String {
    let (actor, _) = hub.add_system(Role::BorderGuard, "expired", Scope::default()).await;
    let (now, until) = (hub.clock.now(), hub.clock.now() + TimeDelta::seconds(1));
    let mut connection = hub.database.connection().await.unwrap();
    let (_, token) = parties::issue_token(&mut connection, actor.system, until, now).await.unwrap();
    hub.clock.advance(TimeDelta::seconds(1));
    token.reveal().to_owned()
}

async fn revoked(hub: &TestHub) -> String {
    let (actor, _) = hub.add_system(Role::BorderGuard, "revoked", Scope::default()).await;
    let (now, until) = (hub.clock.now(), hub.clock.now() + TimeDelta::days(1));
    let mut connection = hub.database.connection().await.unwrap();
    let (id, token) = parties::issue_token(&mut connection, actor.system, until, now).await.unwrap();
    parties::revoke(&mut connection, id, now).await.unwrap();
    token.reveal().to_owned()
}

fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    format!("{} {}", answer.status, body["code"].as_str().unwrap_or_default())
}

fn operations() -> impl Iterator<Item = Operation> {
    let contract: Value = serde_json::from_str(&contract_json().unwrap()).unwrap();
    let paths = contract["paths"].as_object().unwrap().clone();
    // Open data is for anybody; `tests/api/v1/open_data.rs` asks for it without a credential.
    let asks = |address: &str| address.starts_with("/api/") && !address.starts_with("/api/v1/open-data/");
    let below_api = paths.into_iter().filter(|(address, _)| asks(address));
    let operations: Vec<Operation> = below_api
        .flat_map(|(address, item)| {
            let methods = item.as_object().unwrap().clone();
            methods.into_iter().map(move |(method, operation)| Operation::of(&address, &method, &operation))
        })
        .collect();
    assert!(operations.len() >= 18, "the contract has lost operations: {}", operations.len());
    operations.into_iter()
}

impl Operation {
    fn of(address: &str, method: &str, operation: &Value) -> Self {
        let roles = operation["x-roles"].as_array().into_iter().flatten();
        Self {
            method: method.to_uppercase().parse().unwrap(),
            address: address.to_owned(),
            roles: roles.map(|role| role.as_str().unwrap().to_owned()).collect(),
            has_body: operation.get("requestBody").is_some(),
        }
    }

    fn acts_at_a_checkpoint(&self, role: Role) -> bool {
        // The reference data of a checkpoint is everyone's.
        self.address.contains("/checkpoints/{checkpoint}/") && self.roles.contains(role.as_str())
    }

    /// A request that changes nothing: its body says nothing, and what its address names is not there.
    fn on<'hub>(&self, hub: &'hub TestHub, checkpoint: &str) -> Request<'hub> {
        let mut address = self
            .address
            .replace("{checkpoint}", checkpoint)
            .replace("{position}", "1")
            .replace("{zone}", "KRAKIVETS-1");
        while let Some((before, rest)) = address.split_once('{') {
            let (_, after) = rest.split_once('}').unwrap();
            address = format!("{before}00000000-0000-7000-8000-000000000000{after}");
        }
        let request =
            hub.request(self.method.clone(), &address).for_purpose("test").header("If-Match", "\"1\"");
        if self.has_body { request.json(&json!({})) } else { request }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.method, self.address)
    }
}
