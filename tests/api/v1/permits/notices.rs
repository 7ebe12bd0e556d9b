//! What is told of a permit, to whom, and what is not.

use std::fs;
use std::path::Path;

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::super::notices::delivery::deliver;
use super::{Story, procedure};

/// The notices of permits, as everybody reads them.
async fn of_permits(story: &Story) -> Vec<Value> {
    let feed = story.hub.get("/api/v1/notices").as_role(Role::Police).send().await.expect(200);
    feed["items"].as_array().unwrap().iter().filter(|notice| !notice["permit"].is_null()).cloned().collect()
}

fn kinds(notices: &[Value]) -> Vec<&str> {
    notices.iter().map(|notice| notice["kind"].as_str().unwrap()).collect()
}

/// The mails in a folder, decoded, in the order of their names.
fn mails(folder: &Path) -> Vec<String> {
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let mail = fs::read_to_string(file).unwrap();
            let (head, body) = mail.split_once("\r\n\r\n").unwrap();
            let text = if head.contains("Content-Transfer-Encoding: base64") {
                let body: String = body.split_whitespace().collect();
                openssl::base64::decode_block(&body).unwrap()
            } else {
                unquoted(body)
            };
            format!("{head}\n{}", String::from_utf8(text).unwrap())
        })
        .collect()
}

/// The bytes of a quoted-printable text.
fn unquoted(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}

#[tokio::test]
async fn a_permit_in_force_is_told_to_all_and_the_trader_named_to_none() {
    let (story, folder) = (Story::begin().await, tempfile::tempdir().unwrap());
    let permit = story.in_force().await;
    let notices = of_permits(&story).await;
    assert_eq!(kinds(&notices), ["permit_issued"]);
    assert_eq!(notices[0]["permit"]["number"], permit["permit"]["number"]);
    let told = notices[0].to_string();
    assert!(!told.contains("20000090") && !told.contains("example.com"), "{told}");
    deliver(&story.hub, &folder).await;
    let press = mails(&folder.path().join("press-office"));
    let about: Vec<&String> = press.iter().filter(|mail| mail.contains("UA-BCP-")).collect();
    assert_eq!(about.len(), 1);
    let office = mails(&folder.path().join("press-office/departure-offices"));
    let trader = mails(&folder.path().join("press-office/traders"));
    assert!(
        office[0].contains("To: krakivets@example.com") && trader[0].contains("To: dispatch@example.com")
    );
    for mail in [about[0], &office[0], &trader[0]] {
        assert!(mail.contains("Valid until: 24 November 2026, 10:00 Kyiv time"), "{mail}");
        assert!(!mail.contains("20000090") && !mail.contains("Шевченко"), "{mail}");
    }
    assert!(trader[0].contains("INITIATED ON 23.11.2026/10:00") && !about[0].contains("INITIATED ON"));
    // DG TAXUD is told by the flag.
    let update = folder.path().join("taxud").join(format!("{}-00002.xml", story.outage));
    assert!(fs::read_to_string(update).unwrap().contains("<flag>1</flag>"));
    let shown = story.hub.get(&format!("/api/v1/notices/{}", notices[0]["id"].as_str().unwrap()));
    let shown = shown.as_role(Role::SupportLine1).send().await.expect(200);
    assert!(!shown.to_string().contains("example.com"), "no address is in the record of attempts: {shown}");
    let to: Vec<&str> = shown["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|delivery| delivery["recipient"].as_str().unwrap())
        .collect();
    assert_eq!(to, ["trader", "press_office", "departure_office"]);
}

#[tokio::test]
async fn its_end_is_announced_and_told() {
    let story = Story::begin().await;
    story.in_force().await;
    story.at("24T06:00");
    story.timer().await;
    story.at("24T08:00");
    story.timer().await;
    story.timer().await;
    assert_eq!(kinds(&of_permits(&story).await), ["permit_issued", "permit_expiring", "permit_expired"]);
}

#[tokio::test]
async fn a_revocation_is_told_of_a_permit_that_was_in_force() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let because = json!({"reason": "ETS works again."});
    story.with_permit(Role::SupportLine1, &permit, "revocation", because.clone()).await.expect(200);
    assert_eq!(kinds(&of_permits(&story).await), ["permit_issued", "permit_revoked"]);
}

#[tokio::test]
async fn a_permit_that_is_taken_back_before_it_was_in_force_is_told_to_those_who_wait_for_it() {
    let (story, folder) = (Story::begin().await, tempfile::tempdir().unwrap());
    let untold = story.confirmed(&procedure()).await;
    story.tell(&untold, "departure_office").await;
    let because = json!({"reason": "ETS works again."});
    story.with_permit(Role::SupportLine1, &untold, "revocation", because).await.expect(200);
    let notices = of_permits(&story).await;
    assert_eq!(kinds(&notices), ["permit_revoked"]);
    assert_eq!(notices[0]["permit"]["valid_from"], json!(null));
    deliver(&story.hub, &folder).await;
    for whose in ["departure-offices", "traders"] {
        let mails = mails(&folder.path().join("press-office").join(whose));
        assert!(mails[0].contains("It was never in force."), "{whose}: {mails:?}");
    }
    let press = mails(&folder.path().join("press-office"));
    assert!(!press.iter().any(|mail| mail.contains("UA-BCP-")), "nothing of it was published");
    assert_eq!(story.fallback().await, (false, 1), "the flag was never raised");
}

#[tokio::test]
async fn a_corrected_period_is_told_to_those_who_know_the_other() {
    let (story, folder) = (Story::begin().await, tempfile::tempdir().unwrap());
    let permit = story.in_force().await;
    story.at("23T09:00");
    let later =
        json!({"of": "trader", "told_at": "2026-11-23T08:20:00Z", "corrects": "Передзвонили о 10:20."});
    story.done(Role::SupportLine1, &permit, "tellings", later).await.expect(200);
    assert_eq!(kinds(&of_permits(&story).await), ["permit_issued", "permit_corrected"]);
    deliver(&story.hub, &folder).await;
    let trader = mails(&folder.path().join("press-office/traders"));
    assert!(
        trader[1].contains("Period corrected") && trader[1].contains("24 November 2026, 10:20"),
        "{}",
        trader[1]
    );
    assert!(trader[1].contains("INITIATED ON 23.11.2026/10:20"), "the stamp has the right moment");
}

#[tokio::test]
async fn who_gave_no_address_is_owed_no_mail() {
    let story = Story::begin().await;
    let mut request = procedure();
    request["trader"].as_object_mut().unwrap().remove("email");
    request["trader"]["telephone"] = "+380 44 123 45 67".into();
    let confirmed = story.confirmed(&request).await;
    story.tell(&confirmed, "trader").await;
    story.tell(&confirmed, "departure_office").await;
    let owed = story.hub.get("/metrics").send().await;
    assert!(owed.text().contains("kordon_outbox_notices{recipient=\"trader\",state=\"pending\"} 0"));
    assert!(
        owed.text().contains("kordon_outbox_notices{recipient=\"departure_office\",state=\"pending\"} 1")
    );
}
