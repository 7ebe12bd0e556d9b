//! Reports that a letter did not arrive (RFC 3464): tied to the letter, never a ticket of their own.

use kordon_hub::parties::Role;
use kordon_hub::support::tickets::acting::close_unopposed;
use serde_json::{Value, json};

use super::super::tickets::{done, moved, on_monday};
use super::{PostBox, correspondence, hand_in, header, registered, shown};
use crate::hub::TestHub;

use Role::SupportLine1 as LINE_1;

/// A report as Postfix writes it, of a mail of ours.
fn report(of: &str, to: &str, action: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.com\r\nReturn-Path: <>\r\nTo: support@customs.example\r\n\
         Message-ID: <report-{action}@mx.example.com>\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nThe mail could not be delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example.com\r\n\r\n\
         Final-Recipient: rfc822; {to}\r\nAction: {action}\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such\r\n  mailbox here\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         From: ETS <support@customs.example>\r\nMessage-ID: {of}\r\nSubject: [2026-000001] answer\r\n\r\n--b--\r\n"
    )
}

/// A ticket whose result was sent, and the Message-ID of that letter.
async fn answered(hub: &TestHub, letters: &PostBox) -> (Value, String) {
    let (_, ticket) = registered(hub, "1").await;
    letters.collect(hub).await;
    let ticket = shown(hub, ticket["id"].as_str().unwrap()).await;
    let ticket = moved(hub, LINE_1, &ticket, json!({"to": "in_progress"})).await;
    let ticket = moved(hub, LINE_1, &ticket, json!({"to": "resolved", "reason": "Mended."})).await;
    done(hub, LINE_1, &ticket, "answers", json!({"kind": "result", "text": "Готово."})).await.expect(201);
    let letter = letters.collect(hub).await.pop().unwrap();
    (shown(hub, ticket["id"].as_str().unwrap()).await, header(&letter, "Message-ID").to_owned())
}

#[tokio::test]
async fn a_letter_that_comes_back_is_not_delivered_and_its_user_was_not_told() {
    let (hub, letters) = (on_monday().await, PostBox::new());
    let (ticket, message_id) = answered(&hub, &letters).await;
    assert!(ticket["closes_at"].is_string());
    let came = hand_in(&hub, report(&message_id, "broker@example.com", "failed")).await.expect(201);
    assert_eq!((&came["outcome"], &came["ignored_because"]), (&json!("ignored"), &json!("bounce")));
    assert_eq!(came["ticket"], ticket["id"], "it is tied to what it is about");
    let letter = correspondence(&hub, &ticket).await["letters"][1].clone();
    assert_eq!(letter["state"], "failed");
    assert_eq!(letter["detail"], "the mail came back: 5.1.1, smtp; 550 5.1.1 no such mailbox here");
    let ticket = shown(&hub, ticket["id"].as_str().unwrap()).await;
    assert_eq!(ticket["closes_at"], json!(null), "nobody was told: the ten days do not count");
    let last = ticket["acts"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["act"], &last["told"], &last["by"]),
        (&json!("bounced"), &json!("result"), &json!(null))
    );
    let control = hub.get("/api/v1/daily-control").as_role(LINE_1).send().await.expect(200);
    let lists = control["lists"].as_array().unwrap();
    let not_told = lists.iter().find(|list| list["reason"] == "not_told").unwrap();
    assert_eq!(not_told["items"][0]["ticket"]["id"], ticket["id"], "line 1 sees whom to tell another way");
    hub.clock.set("2026-12-20T08:00:00Z");
    let mut connection = hub.database.connection().await.unwrap();
    assert_eq!(close_unopposed(&mut connection, hub.clock.now(), 10).await.unwrap().done, 0);
    // Told by telephone, it closes like any other.
    done(&hub, LINE_1, &ticket, "tellings", json!({"of": "result"})).await.expect(200);
    hub.clock.set("2027-01-10T08:00:00Z");
    assert_eq!(close_unopposed(&mut connection, hub.clock.now(), 10).await.unwrap().done, 1);
}

#[tokio::test]
async fn the_same_report_again_and_another_one_change_nothing_more() {
    let (hub, letters) = (on_monday().await, PostBox::new());
    let (ticket, message_id) = answered(&hub, &letters).await;
    let first = report(&message_id, "broker@example.com", "failed");
    hand_in(&hub, first.clone()).await.expect(201);
    hand_in(&hub, first.clone()).await.expect(200);
    hand_in(&hub, first.replace("<report-", "<another-")).await.expect(201);
    let acts = shown(&hub, ticket["id"].as_str().unwrap()).await["acts"].clone();
    let bounced = acts.as_array().unwrap().iter().filter(|act| act["act"] == "bounced").count();
    assert_eq!(bounced, 1);
}

#[tokio::test]
async fn a_report_that_is_made_up_or_only_of_a_delay_moves_nothing() {
    let (hub, letters) = (on_monday().await, PostBox::new());
    let (ticket, message_id) = answered(&hub, &letters).await;
    let strangers = "<019a9d2e-7c00-7000-8000-000000000001@customs.example>";
    for report in [
        report(&message_id, "broker@example.com", "delayed"),
        report(&message_id, "somebody.else@example.com", "failed"),
        report(strangers, "broker@example.com", "failed").replace("report-failed", "report-strange"),
    ] {
        let came = hand_in(&hub, report).await.expect(201);
        assert_eq!((&came["outcome"], &came["ticket"]), (&json!("ignored"), &json!(null)));
    }
    let after = shown(&hub, ticket["id"].as_str().unwrap()).await;
    assert_eq!((&after["version"], &after["closes_at"]), (&ticket["version"], &ticket["closes_at"]));
}
