//! `/api/v1/notices/{notice}/press-text`: the words of a planned notice wait for a person.

use std::fs;

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use mail_parser::MessageParser;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::outages::{amend, declare, planned, unplanned};
use super::delivery::deliver;
use crate::hub::{Answer, TestHub, changed};

/// Work of next week, whose text waits until one o'clock. It is noon.
fn waiting() -> Value {
    changed(planned(), &json!({"press_review_until": "2026-11-21T13:00:00Z"}))
}

fn words() -> Value {
    json!({
        "uk": {"title": "Роботи в ЕТС", "body": "ЕТС не працюватиме в суботу ввечері.\n\nПросимо планувати заздалегідь."},
        "en": {"title": "Work on ETS", "body": "ETS will be away on Saturday night.\n\nPlease plan ahead."}
    })
}

async fn ask(hub: &TestHub, notice: &str) -> Answer {
    hub.get(&address(notice)).as_role(Role::SupportLine1).send().await
}

async fn put(hub: &TestHub, notice: &str, words: &Value) -> Answer {
    hub.request(reqwest::Method::PUT, &address(notice)).as_role(Role::SupportLine1).json(words).send().await
}

async fn release(hub: &TestHub, notice: &str) -> Answer {
    hub.post(&format!("{}/release", address(notice))).as_role(Role::SupportLine1).send().await
}

fn address(notice: &str) -> String {
    format!("/api/v1/notices/{notice}/press-text")
}

/// The id of a notice by its place in the feed.
async fn notice(hub: &TestHub, place: usize) -> String {
    let feed = hub.get("/api/v1/notices").as_role(Role::SupportLine1).send().await.expect(200);
    feed["items"][place]["id"].as_str().unwrap().to_owned()
}

/// The mails that the press office has, in order of their names: subject and text.
fn mails(folder: &TempDir) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder.path().join("press-office")) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let bytes = fs::read(file).unwrap();
            let mail = MessageParser::default().parse(&bytes).unwrap();
            format!("{}\n{}", mail.subject().unwrap(), mail.body_text(0).unwrap())
        })
        .collect()
}

#[tokio::test]
async fn what_a_person_put_is_what_the_press_office_gets_and_nothing_of_the_template() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    declare(&hub, &waiting()).await.expect(201);
    let id = notice(&hub, 0).await;
    let template = ask(&hub, &id).await.expect(200);
    assert_eq!(template["uk"]["title"], "Планові роботи: ЕТС, з'єднання із системами декларантів");
    assert_eq!(
        (&template["edited_at"], &template["review_until"]),
        (&Value::Null, &json!("2026-11-21T13:00:00Z"))
    );
    deliver(&hub, &folder).await;
    assert_eq!(mails(&folder), [""; 0], "it waits");

    let put = put(&hub, &id, &words()).await.expect(200);
    assert_eq!((&put["uk"], &put["edited_at"]), (&words()["uk"], &json!("2026-11-21T12:00:00Z")));
    let released = release(&hub, &id).await.expect(200);
    assert_eq!((&released["review_until"], &released["delivery"]), (&Value::Null, &json!("pending")));
    deliver(&hub, &folder).await;
    let sent = mails(&folder);
    assert_snapshot!(sent.join("\n====\n"), @r#"
    Роботи в ЕТС / Work on ETS
    Роботи в ЕТС

    ЕТС не працюватиме в суботу ввечері.

    Просимо планувати заздалегідь.

    ----------------------------------------

    Work on ETS

    ETS will be away on Saturday night.

    Please plan ahead.
    "#);
    assert_eq!(ask(&hub, &id).await.expect(200)["delivery"], "delivered");
}

#[tokio::test]
async fn at_its_moment_it_goes_as_it_stands() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    declare(&hub, &waiting()).await.expect(201);
    let id = notice(&hub, 0).await;
    hub.clock.set("2026-11-21T12:59:59Z");
    deliver(&hub, &folder).await;
    assert_eq!(mails(&folder), [""; 0]);
    hub.clock.set("2026-11-21T13:00:00Z");
    let told = put(&hub, &id, &words()).await.problem();
    assert_eq!(told, "409 not_under_review: the notice goes as it stands");
    deliver(&hub, &folder).await;
    let sent = mails(&folder);
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("Upgrade of the ETS servers."), "{sent:?}");
    let told = release(&hub, &id).await.problem();
    assert_eq!(told, "409 not_under_review: the press office has the notice");
}

#[tokio::test]
async fn taxud_does_not_wait() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    declare(&hub, &waiting()).await.expect(201);
    deliver(&hub, &folder).await;
    assert_eq!(fs::read_dir(folder.path().join("taxud")).unwrap().count(), 1);
}

#[tokio::test]
async fn a_change_whose_text_waits_less_long_does_not_stand_behind_the_one_before() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    let outage = declare(&hub, &waiting()).await.expect(201);
    let sooner =
        json!({"expected_end_at": "2026-11-28T23:30:00Z", "press_review_until": "2026-11-21T12:30:00Z"});
    amend(&hub, &outage, 1, &sooner).await.expect(200);
    let first = ask(&hub, &notice(&hub, 0).await).await.expect(200);
    assert_eq!(first["review_until"], "2026-11-21T12:30:00Z");
    let later =
        json!({"expected_end_at": "2026-11-28T23:45:00Z", "press_review_until": "2026-11-21T12:50:00Z"});
    amend(&hub, &outage, 2, &later).await.expect(200);
    hub.clock.set("2026-11-21T12:30:00Z");
    deliver(&hub, &folder).await;
    assert_eq!(mails(&folder).len(), 2, "the third waits on");
}

#[tokio::test]
async fn what_is_let_go_takes_the_earlier_texts_with_it() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    let outage = declare(&hub, &waiting()).await.expect(201);
    let change =
        json!({"expected_end_at": "2026-11-28T23:30:00Z", "press_review_until": "2026-11-21T13:00:00Z"});
    amend(&hub, &outage, 1, &change).await.expect(200);
    release(&hub, &notice(&hub, 1).await).await.expect(200);
    deliver(&hub, &folder).await;
    assert_eq!(mails(&folder).len(), 2);
}

#[tokio::test]
async fn a_withdrawal_ends_the_waiting_and_follows_in_order() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    let outage = declare(&hub, &waiting()).await.expect(201);
    amend(&hub, &outage, 1, &json!({"cancelled": true})).await.expect(200);
    deliver(&hub, &folder).await;
    let subjects: Vec<String> =
        mails(&folder).iter().map(|mail| mail.lines().next().unwrap().to_owned()).collect();
    assert_snapshot!(subjects.join("\n"), @r#"
    Планові роботи: ЕТС, з'єднання із системами декларантів / Planned work: ETS, link to declarants' systems
    Планові роботи скасовано: ЕТС, з'єднання із системами декларантів / Planned work cancelled: ETS, link to declarants' systems
    "#);
}

#[tokio::test]
async fn a_change_may_wait_too_and_says_what_the_press_office_knows_by_then() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    let outage = declare(&hub, &planned()).await.expect(201);
    deliver(&hub, &folder).await;
    let later =
        json!({"expected_end_at": "2026-11-28T23:00:00Z", "press_review_until": "2026-11-21T13:00:00Z"});
    amend(&hub, &outage, 1, &later).await.expect(200);
    let id = notice(&hub, 1).await;
    let text = ask(&hub, &id).await.expect(200);
    let body = text["en"]["body"].as_str().unwrap();
    assert!(body.contains("Expected end: "), "the change is named:\n{body}");
    deliver(&hub, &folder).await;
    assert_eq!(mails(&folder).len(), 1, "the change waits");
    release(&hub, &id).await.expect(200);
    deliver(&hub, &folder).await;
    assert!(mails(&folder)[1].contains(body.lines().next().unwrap()), "what was shown is what went");
}

#[tokio::test]
async fn what_cannot_wait_and_what_cannot_be_printed_is_refused_with_the_places() {
    let hub = TestHub::start().await;
    let until = |moment: &str| json!({"press_review_until": moment});
    let failure = changed(unplanned(), &until("2026-11-21T13:00:00Z"));
    assert_snapshot!(declare(&hub, &failure).await.problem(), @r#"
    422 invalid: /press_review_until belongs to planned work; an unplanned outage is told of at once
      "/press_review_until" belongs to planned work; an unplanned outage is told of at once
    "#);
    let late = changed(planned(), &until("2026-11-28T18:00:01Z"));
    assert_snapshot!(declare(&hub, &late).await.problem(), @r#"
    422 invalid: /press_review_until is after `starts_at`: the notice would come too late
      "/press_review_until" is after `starts_at`: the notice would come too late
    "#);
    let outage = declare(&hub, &waiting()).await.expect(201);
    let gone = changed(json!({"cancelled": true}), &until("2026-11-21T13:00:00Z"));
    assert_snapshot!(amend(&hub, &outage, 1, &gone).await.problem(), @r#"
    422 invalid: /press_review_until does not change together with a withdrawal
      "/press_review_until" does not change together with a withdrawal
    "#);
    let id = notice(&hub, 0).await;
    let odd = json!({"uk": {"title": "два\nрядки", "body": " "}, "en": {"title": "t", "body": "b"}});
    assert_snapshot!(put(&hub, &id, &odd).await.problem(), @r#"
    422 invalid: 2 places break a rule
      "/uk/body" has 1 to 10000 characters
      "/uk/title" is one line, without control characters
    "#);
    assert_eq!(put(&hub, &id, &json!({"uk": words()["uk"]})).await.status, 422);
    assert_eq!(ask(&hub, "00000000-0000-7000-8000-000000000000").await.status, 404);
}

#[tokio::test]
async fn an_unplanned_outage_waits_for_nobody() {
    let hub = TestHub::start().await;
    declare(&hub, &unplanned()).await.expect(201);
    let id = notice(&hub, 0).await;
    assert_eq!(ask(&hub, &id).await.expect(200)["review_until"], Value::Null);
    let told = put(&hub, &id, &words()).await.problem();
    assert_eq!(told, "409 not_under_review: the notice goes as it stands");
}
