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

#[tokio::test]
async fn a_moment_that_was_recorded_wrongly_is_corrected_with_a_reason() {
    let story = Story::begin().await;
    let confirmed = story.confirmed(&procedure()).await;
    story.at("23T09:00");
    let tell = |body: Value| story.done(Role::SupportLine1, &confirmed, "tellings", body);
    let nothing = json!({"of": "trader", "told_at": "2026-11-23T08:10:00Z", "corrects": "Помилка."});
    assert_eq!(
        tell(nothing).await.refusal(),
        "409 permit_move_refused: the trader was not told: there is nothing to correct"
    );
    tell(json!({"of": "trader", "told_at": "2026-11-23T08:30:00Z"})).await.expect(200);
    tell(json!({"of": "departure_office", "told_at": "2026-11-23T08:40:00Z"})).await.expect(200);
    for (body, told) in [
        (
            json!({"of": "departure_office", "corrects": "Помилка."}),
            "/told_at is missing: a correction says when it was",
        ),
        (
            json!({"of": "departure_office", "told_at": "2026-11-23T08:40:00Z", "corrects": "Помилка."}),
            "/told_at is the moment that is recorded",
        ),
        (
            json!({"of": "departure_office", "told_at": "2026-11-23T07:59:00Z", "corrects": "Помилка."}),
            "/told_at is before the decision",
        ),
        (
            json!({"of": "departure_office", "told_at": "2026-11-23T08:20:00Z", "corrects": " "}),
            "/corrects has 1 to 2000 characters, and no control characters",
        ),
    ] {
        assert_eq!(tell(body).await.refusal(), format!("422 invalid: {told}"));
    }
    let right = json!({"of": "departure_office", "told_at": "2026-11-23T08:20:00Z", "corrects": "Записали не ту годину."});
    let corrected = tell(right).await.expect(200);
    let permit = &corrected["permit"];
    assert_eq!(permit["valid_from"], "2026-11-23T08:30:00Z", "the trader is the later one now");
    assert_eq!(permit["valid_until"], "2026-11-24T08:30:00Z");
    let address = format!("/api/v1/permit-requests/{}", confirmed["id"].as_str().unwrap());
    let whole =
        story.hub.get(&address).as_role(Role::SupportLine2).for_purpose("Order 926").send().await.expect(200);
    assert_eq!(
        whole["corrections"],
        json!([{
            "of": "departure_office", "told_at_before": "2026-11-23T08:40:00Z", "told_at": "2026-11-23T08:20:00Z",
            "reason": "Записали не ту годину.", "corrected_at": "2026-11-23T09:00:00Z"
        }])
    );
}

#[tokio::test]
async fn a_correction_moves_no_permit_that_is_over_and_leaves_no_use_outside() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    story.at("24T06:00");
    let used =
        json!({"uses": [{"registration_number": "17", "released_on": "2026-11-24"}], "complete": false});
    story.with_permit(Role::DepartureOffice, &permit, "reports", used).await.expect(200);
    let tell = |at: &str| {
        let body = json!({"of": "trader", "told_at": at, "corrects": "Помилка."});
        story.done(Role::SupportLine1, &permit, "tellings", body)
    };
    tell("2026-11-23T08:05:00Z").await.expect(200);
    story.at("24T08:05");
    assert_eq!(
        tell("2026-11-23T08:10:00Z").await.refusal(),
        "409 permit_move_refused: the permit is expired: it can become closed"
    );
}

#[tokio::test]
async fn a_permit_whose_end_moves_on_is_warned_of_again() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    story.at("24T06:00");
    assert_eq!(story.timer().await.warned.done, 1);
    let body = json!({"of": "trader", "told_at": "2026-11-23T08:30:00Z", "corrects": "Помилка."});
    story.done(Role::SupportLine1, &permit, "tellings", body).await.expect(200);
    assert_eq!(story.timer().await.warned.done, 0, "the end is half an hour later");
    story.at("24T06:30");
    assert_eq!(story.timer().await.warned.done, 1);
}
