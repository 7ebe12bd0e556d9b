//! `POST /api/v1/tickets/{ticket}/answers`: what line 1 writes, and how the ten days count from its arrival.

use kordon_hub::parties::Role;
use kordon_hub::support::tickets::acting::close_unopposed;
use serde_json::{Value, json};

use super::super::tickets::{done, file, incident, moved, on_monday};
use super::{PostBox, correspondence, hand_in, header, mail, registered, shown, text_of};
use crate::hub::TestHub;

use Role::{SupportLine1 as LINE_1, Trader as TRADER};

fn answer(kind: &str, text: &str) -> Value {
    json!({"kind": kind, "text": text})
}

async fn resolved(hub: &TestHub, ticket: &Value) -> Value {
    let ticket = moved(hub, LINE_1, ticket, json!({"to": "in_progress"})).await;
    moved(hub, LINE_1, &ticket, json!({"to": "resolved", "reason": "Mended."})).await
}

#[tokio::test]
async fn an_answer_by_mail_counts_from_when_the_mail_server_took_it() {
    let hub = on_monday().await;
    let (_, ticket) = registered(&hub, "1").await;
    let letters = PostBox::new();
    letters.collect(&hub).await;
    let ticket = shown(&hub, ticket["id"].as_str().unwrap()).await;
    let told = done(&hub, LINE_1, &ticket, "answers", answer("result", "Готово.")).await.problem();
    assert!(told.starts_with("409 ticket_move_refused: the ticket has no result"), "{told}");
    let ticket = resolved(&hub, &ticket).await;
    let answered = done(&hub, LINE_1, &ticket, "answers", answer("result", "Готово.")).await.expect(201);
    assert_eq!(answered["letter"]["state"], "pending");
    assert_eq!(answered["ticket"]["closes_at"], json!(null), "nobody was told yet");
    let twice =
        done(&hub, LINE_1, &answered["ticket"], "answers", answer("result", "Ще раз.")).await.problem();
    assert!(twice.starts_with("409 ticket_move_refused: an answer is on its way"), "{twice}");

    hub.clock.set("2026-11-23T10:00:00Z");
    let sent = letters.collect(&hub).await;
    let letter = sent.last().unwrap();
    assert!(text_of(letter).contains("Готово."), "{letter}");
    let ticket = shown(&hub, ticket["id"].as_str().unwrap()).await;
    let closes_at = ticket["closes_at"].as_str().unwrap();
    assert!(closes_at.starts_with("2026-12-03T10:00:00"), "{closes_at}");
    let acts: Vec<&Value> = ticket["acts"].as_array().unwrap().iter().map(|act| &act["act"]).collect();
    assert_eq!(acts, ["registered", "told", "moved", "moved", "answered", "told"]);
    let letters_seen = correspondence(&hub, &ticket).await["letters"].clone();
    assert_eq!(
        (&letters_seen[1]["state"], &letters_seen[1]["text"]),
        (&json!("delivered"), &json!("Готово."))
    );
}

#[tokio::test]
async fn a_user_who_wrote_is_not_closed_upon() {
    let hub = on_monday().await;
    let (_, ticket) = registered(&hub, "1").await;
    let letters = PostBox::new();
    letters.collect(&hub).await;
    let ticket = resolved(&hub, &shown(&hub, ticket["id"].as_str().unwrap()).await).await;
    done(&hub, LINE_1, &ticket, "answers", answer("result", "Готово.")).await.expect(201);
    let letter = letters.collect(&hub).await.remove(1);
    let head = format!("In-Reply-To: {}\r\n", header(&letter, "Message-ID"));
    hub.clock.set("2026-11-30T08:00:00Z");
    hand_in(&hub, mail("2", &head, "Не допомогло.")).await.expect(201);
    hub.clock.set("2026-12-20T08:00:00Z");
    let close = async || {
        let mut connection = hub.database.connection().await.unwrap();
        close_unopposed(&mut connection, hub.clock.now(), 10).await.unwrap().done
    };
    assert_eq!(close().await, 0, "it may be an objection: a person has to read it");
    let ticket = shown(&hub, ticket["id"].as_str().unwrap()).await;
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "in_progress", "reason": "Не допомогло."})).await;
    assert_eq!(ticket["user_wrote_at"], json!(null));
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "resolved", "reason": "Mended now."})).await;
    done(&hub, LINE_1, &ticket, "answers", answer("result", "Тепер готово.")).await.expect(201);
    letters.collect(&hub).await;
    hub.clock.set("2027-01-10T08:00:00Z");
    assert_eq!(close().await, 1);
}

#[tokio::test]
async fn a_question_goes_out_while_the_matter_is_open_and_an_extension_is_told() {
    let hub = on_monday().await;
    let (_, ticket) = registered(&hub, "1").await;
    let letters = PostBox::new();
    letters.collect(&hub).await;
    let ticket = shown(&hub, ticket["id"].as_str().unwrap()).await;
    let told = done(&hub, LINE_1, &ticket, "answers", answer("question", "Який LRN?")).await.problem();
    assert!(told.starts_with("409 ticket_move_refused: a new ticket is taken first"), "{told}");
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "in_progress"})).await;
    let answered = done(&hub, LINE_1, &ticket, "answers", answer("question", "Який LRN?")).await.expect(201);
    let by = json!({"ground": "information_from_user", "working_days": 5, "reason": "Чекаємо на LRN."});
    done(&hub, LINE_1, &answered["ticket"], "extensions", by).await.expect(200);
    let sent = letters.collect(&hub).await;
    assert_eq!(sent.len(), 3);
    assert!(text_of(&sent[1]).contains("Який LRN?"));
    assert!(text_of(&sent[2]).contains("продовжено до 30.11.2026 10:00"), "{}", text_of(&sent[2]));
    let acts = shown(&hub, ticket["id"].as_str().unwrap()).await["acts"].clone();
    assert_eq!(acts.as_array().unwrap().last().unwrap()["told"], "extension");
    for wrong in ["", "  ", "a\u{1}b"] {
        let told = done(&hub, LINE_1, &answered["ticket"], "answers", answer("question", wrong)).await;
        assert_eq!(told.status, 422, "{wrong:?}");
    }
}

#[tokio::test]
async fn by_the_web_module_an_answer_is_told_when_it_is_written() {
    let hub = on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let ticket = resolved(&hub, &ticket).await;
    let answered = done(&hub, LINE_1, &ticket, "answers", answer("result", "Готово.")).await.expect(201);
    assert_eq!(answered["letter"]["state"], "delivered");
    assert_eq!(answered["ticket"]["closes_at"], "2026-12-03T08:00:00Z");
    assert!(PostBox::new().collect(&hub).await.is_empty(), "no mail goes out");
    let address = format!("/api/v1/tickets/{}/correspondence", ticket["id"].as_str().unwrap());
    let read = hub.get(&address).as_role(TRADER).for_purpose("own ticket").send().await.expect(200);
    assert_eq!(read["letters"][0]["text"], "Готово.");
    let stranger = hub.get(&address).as_role(Role::DepartureOffice).for_purpose("test").send().await;
    assert_eq!(stranger.status, 404);
}
