//! `GET /api/v1/notices/{notice}`: a notice on its way to DG TAXUD and the press office, into folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use kordon_adapters::press_office::PressOfficeRoute;
use kordon_adapters::taxud::TaxudRoute;
use kordon_adapters::{PressOfficeSettings, TaxudSettings};
use kordon_hub::notices::deliver_due;
use kordon_hub::parties::Role;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::outages::{amend, declare, planned, unplanned};
use crate::hub::TestHub;

#[tokio::test]
async fn a_notice_is_pending_until_it_is_delivered() {
    let hub = TestHub::start().await;
    declare(&hub, &unplanned()).await.expect(201);
    let told = show(&hub, 0).await;
    let redacted = |told: &Value| {
        let deliveries = told["deliveries"].as_array().unwrap().iter().map(delivery);
        let text = deliveries.collect::<Vec<_>>().join("\n");
        text.replace(told["outage_id"].as_str().unwrap(), "(the outage)")
    };
    assert_snapshot!(redacted(&told), @r#"
    "taxud": "pending", open, attempts: none
    "press_office": "pending", open, attempts: none
    "#);
    let folder = tempfile::tempdir().unwrap();
    deliver(&hub, &folder).await;
    assert_snapshot!(redacted(&show(&hub, 0).await), @r#"
    "taxud": "delivered", settled, attempts: 1 "delivered": "put into the folder as (the outage)-00001.xml"
    "press_office": "delivered", settled, attempts: 1 "delivered": "put into the folder as (the outage)-00001.eml"
    "#);
}

#[tokio::test]
async fn taxud_gets_cd070c_at_each_step_and_every_one_is_valid() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    let outage = declare(&hub, &unplanned()).await.expect(201);
    deliver(&hub, &folder).await;
    let window = declare(&hub, &planned()).await.expect(201);
    amend(&hub, &outage, 1, &json!({"recovered_at": "2026-11-21T11:45:00Z"})).await.expect(200);
    amend(&hub, &window, 1, &json!({"cancelled": true})).await.expect(200);
    deliver(&hub, &folder).await;

    let files = files(&folder.path().join("taxud"));
    assert_eq!(files.len(), 4, "{files:?}");
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/xsd/unavailability.xsd");
    let judged =
        Command::new("xmllint").arg("--noout").arg("--schema").arg(schema).args(&files).output().unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));

    let recovery = files
        .iter()
        .find(|file| name(file).contains(outage["id"].as_str().unwrap()) && name(file).contains("00002"));
    let recovery = fs::read_to_string(recovery.unwrap()).unwrap();
    let document = roxmltree::Document::parse(&recovery).unwrap();
    let text = |element: &str| {
        let found = document.descendants().find(|node| node.has_tag_name(element));
        found.and_then(|node| node.text()).unwrap_or_default().to_owned()
    };
    assert_eq!(document.root_element().tag_name().name(), "CD070C");
    assert_eq!(document.root_element().tag_name().namespace(), Some("http://ncts.dgtaxud.ec"));
    assert_eq!(text("startDateAndTime"), "2026-11-21T11:00:00", "UTC without a zone");
    assert_eq!(text("endDateAndTime"), "2026-11-21T11:45:00");
}

#[tokio::test]
async fn the_press_office_gets_a_mail_in_both_languages() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    declare(&hub, &unplanned()).await.expect(201);
    deliver(&hub, &folder).await;
    let mails = files(&folder.path().join("press-office"));
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.extension().unwrap(), "eml");
    let text = fs::read_to_string(mail).unwrap();
    for header in ["From: ", "To: ", "Subject: ", "Message-ID: ", "Date: "] {
        assert!(text.lines().any(|line| line.starts_with(header)), "{header} is missing:\n{text}");
    }
}

#[tokio::test]
async fn a_folder_that_takes_no_file_leaves_the_notice_pending_with_the_reason() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    // A file where the folder would have to be: as a missing mount, it is mended by hand.
    fs::write(folder.path().join("taxud"), "in the way").unwrap();
    declare(&hub, &unplanned()).await.expect(201);
    deliver(&hub, &folder).await;
    let told = show(&hub, 0).await;
    let taxud =
        told["deliveries"].as_array().unwrap().iter().find(|way| way["recipient"] == "taxud").unwrap();
    assert_eq!(
        (&taxud["state"], &taxud["attempts"][0]["outcome"]),
        (&json!("pending"), &json!("transient_fault"))
    );
    assert!(taxud["attempts"][0]["detail"].as_str().unwrap().contains("the folder does not take the file"));

    fs::remove_file(folder.path().join("taxud")).unwrap();
    hub.clock.set(taxud["next_attempt_at"].as_str().unwrap());
    deliver(&hub, &folder).await;
    let told = show(&hub, 0).await;
    assert!(told["deliveries"].as_array().unwrap().iter().all(|way| way["state"] == "delivered"), "{told:#}");
}

#[tokio::test]
async fn a_notice_that_is_not_there_is_not_found() {
    let hub = TestHub::start().await;
    let address = "/api/v1/notices/00000000-0000-7000-8000-000000000000";
    let answer = hub.get(address).as_role(Role::SupportLine3).send().await;
    assert_eq!(answer.problem(), "404 not_found: there is no notice 00000000-0000-7000-8000-000000000000");
}

/// Does what the hub's own workers do, until nothing is due.
pub(crate) async fn deliver(hub: &TestHub, folder: &TempDir) {
    let at = |name: &str| folder.path().join(name);
    let press_office = PressOfficeSettings {
        from: "Kordon <kordon@kordon.invalid>".into(),
        to: vec!["press@kordon.invalid".into()],
        route: PressOfficeRoute::Folder { path: at("press-office") },
    };
    let taxud = TaxudSettings::new(TaxudRoute::Folder { path: at("taxud") });
    let channels = kordon_adapters::channels(taxud, press_office).unwrap();
    let mut connection = hub.database.own_connection().await.unwrap();
    for (recipient, channel) in channels.iter() {
        while deliver_due(&mut connection, recipient.clone(), &*channel, hub.clock.now())
            .await
            .unwrap()
            .is_some()
        {}
    }
}

/// A notice by its place in the feed.
async fn show(hub: &TestHub, place: usize) -> Value {
    let feed = hub.get("/api/v1/notices").as_role(Role::PressOffice).send().await.expect(200);
    let id = feed["items"][place]["id"].as_str().unwrap();
    hub.get(&format!("/api/v1/notices/{id}")).as_role(Role::PressOffice).send().await.expect(200)
}

fn delivery(way: &Value) -> String {
    let attempts = way["attempts"].as_array().unwrap().iter();
    let attempts: Vec<String> = attempts
        .map(|attempt| format!("{} {}: {}", attempt["number"], attempt["outcome"], attempt["detail"]))
        .collect();
    let attempts = if attempts.is_empty() { "none".to_owned() } else { attempts.join("; ") };
    let settled = if way["settled_at"].is_null() { "open" } else { "settled" };
    format!("{}: {}, {settled}, attempts: {}", way["recipient"], way["state"], attempts)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn name(file: &Path) -> String {
    file.file_name().unwrap().to_string_lossy().into_owned()
}
