//! What comes wrong to the support service, each with a clear outcome: mail that is broken, huge, looping or
//! in old charsets, archives that would burst, outages that cannot be, permits asked for twice, a clock that
//! jumps.

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::outages::{amend, declare, unplanned};
use super::permits::{Refusal as _, Story, procedure};
use super::ticket_messages::{CONTACT, hand_in, mail, registered, shown};
use super::tickets::{moved, on_monday};
use crate::hub::{TestHub, changed};

use Role::SupportLine1 as LINE_1;

/// A mail of bytes under a head that says in which charset they are.
fn in_charset(charset: &str, text: &[u8]) -> Vec<u8> {
    let head = format!(
        "From: broker@example.com\r\nMessage-ID: <{charset}@example.com>\r\nSubject: ETS\r\n\
         Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    );
    [head.as_bytes(), text].concat()
}

async fn substance(hub: &TestHub, message: &Value) -> String {
    let ticket = shown(hub, message["ticket"].as_str().unwrap()).await;
    ticket["substance"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn mail_in_koi8_u_and_windows_1251_is_registered_with_its_words() {
    let hub = on_monday().await;
    // Old charsets have no angled quotation marks.
    let contact = CONTACT.replace(['«', '»'], "\"");
    let text = format!("{contact}\nЄдина система не працює: ґанок, їжак.\n");
    for (charset, encoding) in [("koi8-u", encoding_rs::KOI8_U), ("windows-1251", encoding_rs::WINDOWS_1251)]
    {
        let (bytes, _, lossy) = encoding.encode(&text);
        assert!(!lossy, "{charset}");
        let message = hand_in(&hub, in_charset(charset, &bytes)).await.expect(201);
        assert_eq!(message["outcome"], "registered", "{charset}: {message}");
        let substance = substance(&hub, &message).await;
        assert!(substance.contains("Єдина система не працює: ґанок, їжак."), "{charset}: {substance}");
    }
}

#[tokio::test]
async fn a_zip_bomb_is_kept_as_the_bytes_it_came_as() {
    let hub = on_monday().await;
    let bomb = bomb();
    assert!(bomb.len() < 64 * 1024, "ten megabytes of nothing come as {} bytes", bomb.len());
    let encoded = openssl::base64::encode_block(&bomb);
    let text = format!(
        "From: broker@example.com\r\nMessage-ID: <bomb@example.com>\r\nSubject: ETS\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{CONTACT}\nHelp.\r\n\
         --b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=screens.zip\r\n\r\n{encoded}\r\n--b--\r\n"
    );
    let message = hand_in(&hub, text).await.expect(201);
    assert_eq!((&message["outcome"], &message["attachments_kept"]), (&json!("registered"), &json!(1)));
    let address = format!("/api/v1/ticket-messages/{}/attachments/1", message["id"].as_str().unwrap());
    let kept = hub.get(&address).as_role(LINE_1).for_purpose("Order 926").send().await;
    assert_eq!(kept.body, bomb, "nobody has unpacked it");
}

/// Ten megabytes of zeros, packed.
fn bomb() -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("screens.bmp", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&vec![0_u8; 10 * 1024 * 1024]).unwrap();
    archive.finish().unwrap().into_inner()
}

#[tokio::test]
async fn an_outage_that_ends_before_it_starts_is_refused_planned_or_over() {
    let hub = TestHub::start().await;
    let backwards = json!({"kind": "planned", "starts_at": "2026-11-28T18:00:00Z", "expected_end_at": "2026-11-28T17:00:00Z"});
    let told = declare(&hub, &changed(unplanned(), &backwards)).await.refusal();
    assert_eq!(told, "422 invalid: /expected_end_at must be after `starts_at` (R0519)");
    let outage = declare(&hub, &unplanned()).await.expect(201);
    let told = amend(&hub, &outage, 1, &json!({"recovered_at": "2026-11-21T10:59:00Z"})).await.refusal();
    assert!(told.starts_with("422 invalid: /recovered_at must be after the outage began"), "{told}");
}

#[tokio::test]
async fn an_outage_is_recovered_once() {
    let hub = TestHub::start().await;
    let outage = declare(&hub, &unplanned()).await.expect(201);
    amend(&hub, &outage, 1, &json!({"recovered_at": "2026-11-21T11:45:00Z"})).await.expect(200);
    let told = amend(&hub, &outage, 2, &json!({"recovered_at": "2026-11-21T11:50:00Z"})).await.refusal();
    assert!(told.starts_with("409 outage_over: the outage is recovered since 2026-11-21 11:45:00"), "{told}");
    let feed = hub.get("/api/v1/notices").as_role(Role::Taxud).send().await.expect(200);
    assert_eq!(feed["items"].as_array().unwrap().len(), 2, "DG TAXUD hears of one recovery");
}

#[tokio::test]
async fn a_permit_is_asked_for_once_for_one_incident_also_at_the_same_moment() {
    let story = Story::begin().await;
    let asked = procedure();
    let answers = futures_util::future::join_all((0..4).map(|_| story.file(&asked))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_puts_no_act_before_another() {
    let hub = on_monday().await;
    let (_, ticket) = registered(&hub, "1").await;
    let ticket = shown(&hub, ticket["id"].as_str().unwrap()).await;
    hub.clock.set("2026-11-23T08:30:00Z");
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "in_progress"})).await;
    hub.clock.set("2026-11-23T07:00:00Z");
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "resolved", "reason": "Mended."})).await;
    let acts = ticket_acts(&hub, &ticket).await;
    let moments: Vec<&str> = acts.iter().map(|act| act["at"].as_str().unwrap()).collect();
    assert!(moments.is_sorted(), "{moments:?}");
    let address = format!("/api/v1/tickets/{}/deadlines", ticket["id"].as_str().unwrap());
    let deadlines = hub.get(&address).as_role(LINE_1).send().await.expect(200);
    assert_eq!(deadlines["deadlines"][0]["state"], "met");
}

async fn ticket_acts(hub: &TestHub, ticket: &Value) -> Vec<Value> {
    shown(hub, ticket["id"].as_str().unwrap()).await["acts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_ends_a_permit_once_and_warns_of_nothing_that_is_over() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    story.hub.clock.set("2026-12-24T08:00:00Z");
    let looked = story.timer().await;
    assert_eq!((looked.warned.done, looked.expired.done), (0, 1));
    // It is set right again: the permit stays told as over, and nothing is told twice.
    story.at("23T12:00");
    let looked = story.timer().await;
    assert_eq!((looked.warned.done, looked.expired.done), (0, 0));
    story.at("24T08:00");
    let looked = story.timer().await;
    assert_eq!((looked.warned.done, looked.expired.done), (0, 0));
    assert_eq!(story.check(Role::Customs, &permit).await["state"], "expired");
}

#[tokio::test]
async fn a_loop_of_answers_opens_no_ticket() {
    let hub = on_monday().await;
    for (number, head) in [
        "Auto-Submitted: auto-replied\r\n",
        "Precedence: bulk\r\n",
        "X-Autoreply: yes\r\n",
        "List-Id: <a.example>\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!("{CONTACT}\nПовний запит.");
        let message =
            hand_in(&hub, mail(&format!("loop-{number}"), &format!("Subject: ETS\r\n{head}"), &text)).await;
        assert_eq!(message.expect(201)["outcome"], "ignored", "{head}");
    }
}
