//! `/api/v1/articles`, `/api/v1/open-data/articles`: written, published, linked in an answer, withdrawn.

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::ticket_messages::{PostBox, registered, shown, text_of};
use super::tickets::{done, moved, on_monday};
use crate::hub::{Answer, TestHub, changed};

use Role::SupportLine1 as LINE_1;

fn article() -> Value {
    json!({"title": {"uk": "Що робити?", "en": "What to do?"}, "text": {"uk": "Зачекати.", "en": "Wait."}})
}

async fn begin(hub: &TestHub) -> Value {
    hub.post("/api/v1/articles").as_role(LINE_1).json(&article()).send().await.expect(201)
}

async fn change(hub: &TestHub, article: &Value, what: &str) -> Answer {
    let address = format!("/api/v1/articles/{}/{what}", article["id"].as_str().unwrap());
    let version = format!("\"{}\"", article["version"]);
    hub.post(&address).as_role(LINE_1).header("If-Match", &version).send().await
}

#[tokio::test]
async fn anybody_reads_what_is_published_and_nothing_else() {
    let hub = on_monday().await;
    let draft = begin(&hub).await;
    let open = format!("/api/v1/open-data/articles/{}", draft["id"].as_str().unwrap());
    let anybody = async || {
        (hub.get(&open).send().await.status, hub.get("/api/v1/open-data/articles").send().await.json())
    };
    assert_eq!(anybody().await, (404, json!({"items": []})));
    assert_eq!(change(&hub, &draft, "withdrawal").await.json()["code"], "article_state");
    let published = change(&hub, &draft, "publication").await.expect(200);
    assert_eq!(anybody().await, (200, json!({"items": [published]})));
    assert_eq!(change(&hub, &published, "publication").await.json()["code"], "article_state");
    assert_eq!(change(&hub, &draft, "withdrawal").await.json()["code"], "precondition_failed");
    let address = format!("/api/v1/articles/{}", draft["id"].as_str().unwrap());
    let rewrite = |body: &Value| hub.put(&address).as_role(LINE_1).header("If-Match", "\"2\"").json(body);
    let wrong = changed(article(), &json!({"title": {"uk": " ", "en": "x"}}));
    assert!(rewrite(&wrong).send().await.problem().starts_with("422 invalid: /title/uk"));
    let new_text = changed(article(), &json!({"text": {"uk": "Не чекати.", "en": "Do not wait."}}));
    let rewritten = rewrite(&new_text).send().await.expect(200);
    assert_eq!((&rewritten["state"], &rewritten["version"]), (&json!("published"), &json!(3)));
    let withdrawn = change(&hub, &rewritten, "withdrawal").await.expect(200);
    assert_eq!(anybody().await, (404, json!({"items": []})));
    let listed = hub.get("/api/v1/articles").as_role(Role::SupportLine2).send().await.expect(200);
    assert_eq!(listed["items"], json!([withdrawn]));
}

#[tokio::test]
async fn an_answer_links_a_published_article() {
    let hub = on_monday().await;
    let draft = begin(&hub).await;
    let (_, ticket) = registered(&hub, "1").await;
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "in_progress"})).await;
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "resolved", "reason": "Known."})).await;
    let with = json!({"kind": "result", "text": "Див. статтю.", "article": draft["id"]});
    let refused = done(&hub, LINE_1, &ticket, "answers", with.clone()).await.problem();
    assert!(refused.starts_with("422 invalid: /article is no published article"), "{refused}");
    change(&hub, &draft, "publication").await.expect(200);
    let answered = done(&hub, LINE_1, &ticket, "answers", with).await.expect(201);
    assert_eq!(answered["letter"]["article"], draft["id"]);
    let sent = PostBox::new().collect(&hub).await;
    assert!(text_of(sent.last().unwrap()).contains("Питання і відповіді: «Що робити?»"));
    assert_eq!(shown(&hub, ticket["id"].as_str().unwrap()).await["status"], "resolved");
}
