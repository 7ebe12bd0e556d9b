//! `POST /api/v1/permit-requests/{request}/tellings`: from when a permit holds.

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::{Refusal as _, Story, hours, moment, procedure};

#[tokio::test]
async fn a_permit_holds_for_24_hours_from_the_later_of_the_two_tellings() {
    let story = Story::begin().await;
    let confirmed = story.confirmed(&procedure()).await;
    story.at("23T08:10");
    let told = story.tell(&confirmed, "trader").await;
    assert_eq!((&told["permit"]["state"], &told["permit"]["valid_from"]), (&json!("issued"), &json!(null)));
    assert_eq!(story.check(Role::Customs, &confirmed).await["valid"], false);
    story.at("23T08:25");
    let told = story.tell(&confirmed, "departure_office").await;
    let permit = &told["permit"];
    assert_eq!(permit["state"], "in_force");
    assert_eq!(permit["valid_from"], "2026-11-23T08:25:00Z");
    assert_eq!(moment(&permit["valid_until"]) - moment(&permit["valid_from"]), hours(24));
    assert_eq!(permit["stamp"]["lines"][2], "INITIATED ON 23.11.2026/10:25");
    assert_eq!(story.ticket_stands(&confirmed).await, "resolved line_1");
    assert_eq!(story.fallback().await, (true, 2), "DG TAXUD is told by the flag");
}

#[tokio::test]
async fn what_line_1_told_earlier_counts_from_then() {
    let story = Story::begin().await;
    let confirmed = story.confirmed(&procedure()).await;
    story.at("23T09:00");
    let tell = |body: Value| story.done(Role::SupportLine1, &confirmed, "tellings", body);
    let told = tell(json!({"of": "trader", "told_at": "2026-11-23T07:59:00Z"})).await.refusal();
    assert_eq!(told, "422 invalid: /told_at is before the decision");
    let told = tell(json!({"of": "trader", "told_at": "2026-11-23T09:00:01Z"})).await.refusal();
    assert_eq!(told, "422 invalid: /told_at lies ahead");
    tell(json!({"of": "trader", "told_at": "2026-11-23T08:30:00Z"})).await.expect(200);
    let told = tell(json!({"of": "departure_office", "told_at": "2026-11-23T08:20:00Z"})).await.expect(200);
    assert_eq!(told["permit"]["valid_from"], "2026-11-23T08:30:00Z");
    let again = tell(json!({"of": "trader"})).await.refusal();
    assert_eq!(again, "409 permit_move_refused: the trader was told at 2026-11-23T08:30:00+00:00");
}

#[tokio::test]
async fn nothing_is_told_before_the_decision() {
    let story = Story::begin().await;
    let request = story.file(&procedure()).await.expect(201);
    let told = story.done(Role::SupportLine1, &request, "tellings", json!({"of": "trader"})).await.refusal();
    assert_eq!(told, "409 permit_move_refused: the request is open: there is nothing to tell");
}
