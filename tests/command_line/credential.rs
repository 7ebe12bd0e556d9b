//! `kordon credential`, while a hub runs and while none does.

use std::time::{Duration, Instant};

use kordon_hub::database::private_cluster::{ClusterError, PrivateCluster};

use super::add_party;
use crate::process::{Site, eventually};

/// A revoked credential stops working within five seconds; the sixth is for asking.
const FORGOTTEN: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_issued_and_revoked_beside_a_running_hub_and_without_one() {
    let site = Site::private();
    let system = add_party(&site, "gate", "border_guard");
    let before = site.tell(&["credential", "issue", "--system", &system]);
    let alone = PrivateCluster::attach(&site.cluster());
    assert!(matches!(alone, Err(ClusterError::NotRunning { .. })), "a command leaves no server behind");

    let mut serving = site.command(&["serve", "--listen", "127.0.0.1:0"]);
    serving.env("RUST_LOG", "info");
    let hub = crate::process::HubProcess::start(&site, serving);
    let beside = site.tell(&["credential", "issue", "--system", &system]);
    assert_ne!(before, beside);
    for token in [&before, &beside] {
        assert_eq!(hub.client(token).get("/api/v1/checkpoints").await.status, 200, "{token}");
    }
    let said = site.tell(&["credential", "revoke", &credentials(&site)[0]]);
    assert_eq!(said, "revoked");
    let revoked = Instant::now();
    eventually("the revoked token is refused", async || {
        let answer = hub.client(&before).get("/api/v1/checkpoints").await;
        (answer.code() == "unauthenticated").then_some(())
    })
    .await;
    assert!(revoked.elapsed() < FORGOTTEN, "{:?}", revoked.elapsed());
    assert_eq!(hub.client(&beside).get("/api/v1/checkpoints").await.status, 200, "the other is still good");

    drop(hub);
    site.tell(&["credential", "revoke", &credentials(&site)[1]]);
    let hub = crate::process::HubProcess::start(&site, site.command(&["serve", "--listen", "127.0.0.1:0"]));
    assert_eq!(hub.client(&beside).get("/api/v1/checkpoints").await.code(), "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_issued_or_revoked_is_refused_and_the_reason_told() {
    let site = Site::shared().await;
    let system = add_party(&site, "gate", "border_guard");
    site.tell(&["credential", "issue", "--system", &system, "--subject", "/C=UA/CN=gate"]);
    let credential = credentials(&site).remove(0);
    site.tell(&["credential", "revoke", &credential]);
    let nobody = "00000000-0000-7000-8000-000000000000";
    let refused = |arguments: &[&str], reason: &str| {
        let said = site.run(arguments);
        assert!(!said.succeeded, "{}", said.output);
        assert!(said.error.contains(reason), "{}", said.error);
    };
    refused(&["credential", "revoke", &credential], &format!("there is no credential in use {credential}"));
    refused(&["credential", "revoke", nobody], &format!("there is no credential in use {nobody}"));
    refused(&["credential", "issue", "--system", nobody], &format!("there is no system {nobody}"));
    refused(&["credential", "issue", "--system", &system, "--days", "0"], "1..=3650");
    refused(&["credential", "issue", "--system", "gate"], "invalid value 'gate' for '--system <SYSTEM>'");
    let nowhere = site.file("nowhere.pem").display().to_string();
    refused(&["credential", "issue", "--system", &system, "--certificate", &nowhere], &nowhere);
    let both =
        ["credential", "issue", "--system", &system, "--certificate", &nowhere, "--subject", "/CN=gate"];
    refused(&both, "cannot be used with");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_is_bound_to_one_system_at_a_time() {
    let site = Site::shared().await;
    let systems = [add_party(&site, "gate", "border_guard"), add_party(&site, "customs", "customs")];
    let bind =
        |system: &str| site.run(&["credential", "issue", "--system", system, "--subject", "/C=UA/CN=gate"]);
    assert!(bind(&systems[0]).succeeded);
    let second = bind(&systems[1]);
    assert!(second.error.contains("is bound to a system already"), "{}", second.error);
    site.tell(&["credential", "revoke", &credentials(&site)[0]]);
    assert!(bind(&systems[1]).succeeded);
}

/// The ids of all credentials, as the list shows them.
fn credentials(site: &Site) -> Vec<String> {
    let list = site.tell(&["party", "list"]);
    let lines = list.lines().filter_map(|line| line.strip_prefix("    "));
    lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}
