//! What is too much, and what is no mail.

use kordon_hub::parties::Role;
use serde_json::json;

use super::super::tickets::on_monday;
use super::{CONTACT, PostBox, hand_in, mail, text_of};

/// A mail with attachments of so many bytes each.
fn with_attachments(id: &str, sizes: &[usize]) -> String {
    let mut text =
        format!("--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{CONTACT}\nДив. вкладення.\r\n");
    for (number, size) in sizes.iter().enumerate() {
        text.push_str(&format!(
            "--b\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename=\"file-{number}.zip\"\r\n\r\n{}\r\n",
            "PK".repeat(size / 2)
        ));
    }
    mail(id, "", &format!("{text}--b--\r\n"))
        .replace("text/plain; charset=utf-8\r\n\r\n--b", "multipart/mixed; boundary=b\r\n\r\n--b")
}

#[tokio::test]
async fn attachments_are_kept_as_they_came_up_to_the_limits() {
    let hub = on_monday().await;
    let told = hand_in(&hub, with_attachments("1", &[10, 9 * 1024 * 1024, 20])).await.expect(201);
    assert_eq!((&told["attachments_kept"], &told["attachments_not_kept"]), (&json!(2), &json!(1)), "{told}");
    let address = format!("/api/v1/ticket-messages/{}", told["id"].as_str().unwrap());
    let ask = |address: &str| hub.get(address).as_role(Role::SupportLine1).for_purpose("Order 926");
    let shown = ask(&address).send().await.expect(200);
    assert_eq!(shown["attachments"][1]["kept"], false);
    assert_eq!(shown["attachments"][2]["name"], "file-2.zip");
    let taken = ask(&format!("{address}/attachments/3")).send().await;
    assert_eq!((taken.status, taken.body.as_slice()), (200, "PK".repeat(10).as_bytes()));
    assert_eq!(taken.header("content-type"), "application/octet-stream");
    assert_eq!(taken.header("x-content-type-options"), "nosniff");
    for gone in ["2", "4", "0", "x"] {
        let refused = ask(&format!("{address}/attachments/{gone}")).send().await;
        assert!([400, 404].contains(&refused.status), "{gone}: {}", refused.status);
    }
    let no_purpose = hub.get(&address).as_role(Role::SupportLine1).send().await;
    assert_eq!(no_purpose.json()["code"], "purpose_required");
    assert_eq!(hub.readings().await.lines().count(), 2);
    let sent = PostBox::new().collect(&hub).await;
    let letter = text_of(&sent[0]);
    assert!(letter.contains("Не збережено вкладень: 1."), "the sender hears of what was not kept: {letter}");
    assert!(!letter.contains("file-1.zip"), "and no words of whoever named it");
    // A trader of another house does not see it.
    assert_eq!(hub.get(&address).as_role(Role::Trader).for_purpose("test").send().await.status, 404);
}

#[tokio::test]
async fn a_mail_is_a_mail_of_a_bounded_size() {
    let hub = on_monday().await;
    let huge = mail("1", "", &"x".repeat(12 * 1024 * 1024));
    assert_eq!(hand_in(&hub, huge).await.json()["code"], "too_large");
    let told = hand_in(&hub, "").await.problem();
    assert_eq!(told, "422 invalid: body is no mail: it has no head\n  \"body\" is no mail: it has no head");
    let json = hub.post("/api/v1/ticket-messages").as_role(Role::SupportLine1).json(&json!({})).send().await;
    assert_eq!(json.json()["code"], "unsupported_media_type");
    let zipped =
        hub.post("/api/v1/ticket-messages").as_role(Role::SupportLine1).header("Content-Encoding", "gzip");
    let zipped = zipped.body("message/rfc822", "\u{1f}").send().await;
    assert_eq!(zipped.json()["code"], "unsupported_media_type");
}

#[tokio::test]
async fn a_mailbox_may_have_received_it_before_it_was_handed_in() {
    let hub = on_monday().await;
    let at = |received_at: &str| {
        let address = format!("/api/v1/ticket-messages?received_at={received_at}");
        let text = format!("{CONTACT}\nВночі.");
        hub.post(&address).as_role(Role::SupportLine2).body("message/rfc822", mail("night", "", &text))
    };
    for (wrong, status) in [("2026-11-23T08:30:00Z", 422), ("2026-10-20T08:00:00Z", 422), ("yesterday", 400)]
    {
        assert_eq!(at(wrong).send().await.status, status, "{wrong}");
    }
    let told = at("2026-11-21T22:10:00Z").send().await.expect(201);
    assert_eq!(told["received_at"], "2026-11-21T22:10:00Z");
    assert_eq!(told["recorded_at"], "2026-11-23T08:00:00Z");
}
