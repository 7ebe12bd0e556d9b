//! `POST /api/v1/notices/{notice}/publications`.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::super::outages::{declare, unplanned};
use crate::hub::{Answer, TestHub, changed};

async fn publish(hub: &TestHub, notice: &str, body: &Value) -> Answer {
    let address = format!("/api/v1/notices/{notice}/publications");
    hub.post(&address).as_role(Role::PressOffice).json(body).send().await
}

async fn notice(hub: &TestHub) -> String {
    declare(hub, &unplanned()).await.expect(201);
    let feed = hub.get("/api/v1/notices").as_role(Role::PressOffice).send().await.expect(200);
    feed["items"][0]["id"].as_str().unwrap().to_owned()
}

fn on_the_portal() -> Value {
    json!({"place": "portal", "address": "https://customs.example/news/1", "title": "Збій ЕТС",
        "published_at": "2026-11-21T12:00:00Z"})
}

#[tokio::test]
async fn what_was_published_where_and_when_stands_on_the_notice() {
    let hub = TestHub::start().await;
    let id = notice(&hub).await;
    publish(&hub, &id, &on_the_portal()).await.expect(200);
    let channel = json!({"place": "messenger", "address": "https://t.example/customs/17"});
    publish(&hub, &id, &changed(on_the_portal(), &channel)).await.expect(200);
    // The same page again, with another title, is the same publication.
    let told = publish(&hub, &id, &changed(on_the_portal(), &json!({"title": "ЕТС"}))).await.expect(200);
    let published: Vec<String> = told["publications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {}", one["place"], one["address"], one["title"]))
        .collect();
    assert_eq!(
        published,
        [
            r#""portal" "https://customs.example/news/1" "ЕТС""#,
            r#""messenger" "https://t.example/customs/17" "Збій ЕТС""#
        ]
    );
    let address = format!("/api/v1/notices/{id}");
    let shown = hub.get(&address).as_role(Role::SupportLine1).send().await.expect(200);
    assert_eq!(shown["publications"], told["publications"]);
}

#[tokio::test]
async fn what_cannot_have_been_published_is_refused_with_the_places() {
    let hub = TestHub::start().await;
    let id = notice(&hub).await;
    let odd = json!({"place": "portal", "address": "javascript:alert(1)", "title": " ", "published_at": "2026-11-21T11:00:00Z"});
    assert_snapshot!(publish(&hub, &id, &odd).await.problem(), @r#"
    422 invalid: 3 places break a rule
      "/address" is no address of a page: https://, a host, no spaces
      "/title" has 1 to 300 characters, in one line
      "/published_at" is before the notice
    "#);
    let ahead = changed(on_the_portal(), &json!({"published_at": "2026-11-21T13:00:00Z"}));
    assert_eq!(publish(&hub, &id, &ahead).await.status, 422);
    assert_eq!(publish(&hub, "019a9d2e-7c00-7000-8000-000000000001", &on_the_portal()).await.status, 404);
}
