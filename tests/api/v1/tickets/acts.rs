//! `POST /api/v1/tickets/{ticket}/moves`, `…/priorities`, `…/extensions`, `…/tellings`.

use kordon_hub::parties::Role;
use serde_json::json;

use super::{address, done, file, incident, moved, on_monday, to_official};

use Role::{SupportLine1 as LINE_1, SupportLine2 as LINE_2, SupportLine3 as LINE_3, Trader as TRADER};

#[tokio::test]
async fn a_ticket_goes_through_all_lines_to_its_end() {
    let hub = on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "in_progress", "line": "line_2"})).await;
    assert_eq!(ticket["taken_at"], "2026-11-23T08:00:00Z");
    assert_eq!(ticket["due_at"], "2026-11-25T07:30:00Z", "line 2 has 16 hours of work");
    hub.clock.set("2026-11-23T09:00:00Z");
    let to_line_3 = json!({"to": "extended", "line": "line_3", "reason": "The vendor's part."});
    let ticket = moved(&hub, LINE_2, &ticket, to_line_3).await;
    assert_eq!(ticket["due_at"], "2026-11-27T13:00:00Z", "line 3 has 40 hours, the others wait");
    let ticket = moved(&hub, LINE_3, &ticket, json!({"to": "deferred", "reason": "A defect."})).await;
    assert_eq!(ticket["due_at"], json!(null));
    let ticket = moved(&hub, LINE_2, &ticket, json!({"to": "in_progress"})).await;
    assert_eq!(ticket["line"], "line_2", "it takes back what its contractor had");
    let resolve = json!({"to": "resolved", "reason": "Mended."});
    let told = done(&hub, LINE_3, &ticket, "moves", resolve.clone()).await.problem();
    assert!(told.starts_with("409 ticket_move_refused: line_2 has the ticket"), "{told}");
    let ticket = moved(&hub, LINE_2, &ticket, resolve).await;
    assert_eq!((&ticket["line"], &ticket["closes_at"]), (&json!("line_1"), &json!(null)));
    let ticket = done(&hub, LINE_1, &ticket, "tellings", json!({"of": "result"})).await.expect(200);
    assert_eq!(ticket["closes_at"], "2026-12-03T09:00:00Z");

    let told = done(&hub, TRADER, &ticket, "moves", json!({"to": "in_progress"})).await.problem();
    assert!(told.starts_with("422 invalid: /reason"), "an objection says why: {told}");
    let objection = json!({"to": "in_progress", "reason": "It fails still."});
    let ticket = moved(&hub, TRADER, &ticket, objection).await;
    assert_eq!((&ticket["status"], &ticket["closes_at"]), (&json!("in_progress"), &json!(null)));
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "resolved", "reason": "Mended now."})).await;
    let ticket = moved(&hub, TRADER, &ticket, json!({"to": "closed"})).await;
    assert_eq!(ticket["status"], "closed");
    let told = done(&hub, TRADER, &ticket, "moves", json!({"to": "resolved"})).await.problem();
    assert_eq!(
        told,
        "409 ticket_move_refused: a ticket that is closed cannot become resolved; it can become in_progress"
    );
}

#[tokio::test]
async fn an_act_names_the_version_that_it_is_meant_for() {
    let hub = on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let take = to_official(json!({"to": "in_progress"}));
    let acts = (0..4).map(|_| done(&hub, LINE_1, &ticket, "moves", take.clone()));
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(acts).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412]);
    let without = hub.post(&format!("{}/moves", address(&ticket))).as_role(LINE_1).json(&take).send().await;
    assert_eq!(without.problem(), "428 precondition_required: the header `If-Match` is missing");
}

#[tokio::test]
async fn a_priority_moves_the_deadline() {
    let hub = on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "in_progress"})).await;
    assert_eq!(ticket["due_at"], "2026-11-26T07:15:00Z");
    let critical = json!({"priority": "critical", "reason": "Transit stands still."});
    let ticket = done(&hub, LINE_1, &ticket, "priorities", critical.clone()).await.expect(200);
    assert_eq!(ticket["due_at"], "2026-11-23T12:45:00Z");
    let told = done(&hub, LINE_1, &ticket, "priorities", critical.clone()).await.problem();
    assert!(told.starts_with("422 invalid: /priority"), "{told}");
    let unseen = done(&hub, LINE_2, &ticket, "priorities", critical).await;
    assert_eq!(unseen.status, 404, "line 2 never had it");
}

#[tokio::test]
async fn a_deadline_is_extended_on_the_grounds_of_the_line() {
    let hub = on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let by = |ground: &str| json!({"ground": ground, "working_days": 5, "reason": "The log is awaited."});
    let told = done(&hub, LINE_1, &ticket, "extensions", by("information_from_user")).await.problem();
    assert!(told.starts_with("409 ticket_move_refused: a new ticket"), "{told}");
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "in_progress"})).await;
    let told = done(&hub, LINE_1, &ticket, "extensions", by("software_change")).await.problem();
    assert!(told.starts_with("422 invalid: /ground"), "{told}");
    let told = done(&hub, LINE_1, &ticket, "tellings", json!({"of": "extension"})).await.problem();
    assert!(told.starts_with("409 ticket_move_refused"), "{told}");
    let ticket = done(&hub, LINE_1, &ticket, "extensions", by("information_from_user")).await.expect(200);
    assert_eq!(ticket["due_at"], "2026-11-30T08:00:00Z", "five working days later, at the same time of day");
    done(&hub, LINE_1, &ticket, "tellings", json!({"of": "extension"})).await.expect(200);
}

#[tokio::test]
async fn the_duty_of_line_2_takes_what_is_critical_at_night() {
    let hub = on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let critical = json!({"priority": "critical", "reason": "Transit stands still."});
    let ticket = done(&hub, LINE_1, &ticket, "priorities", critical).await.expect(200);
    let take = json!({"to": "in_progress", "line": "line_2"});
    let told = done(&hub, LINE_2, &ticket, "moves", take.clone()).await.problem();
    assert!(told.starts_with("409 ticket_move_refused: line_2 takes a new ticket only when"), "{told}");
    hub.clock.set("2026-11-23T20:00:00Z");
    let listed = hub.get("/api/v1/tickets?state=waiting").as_role(LINE_2).send().await.expect(200);
    assert_eq!(listed["items"][0]["id"], ticket["id"]);
    let ticket = moved(&hub, LINE_2, &ticket, take.clone()).await;
    assert_eq!(ticket["due_at"], "2026-11-23T23:00:00Z", "three hours by the clock");

    let unjudged = file(&hub, TRADER, &incident()).await.expect(201);
    let told = done(&hub, LINE_2, &unjudged, "moves", take.clone()).await.problem();
    assert!(told.starts_with("409 ticket_move_refused: line_2 takes a new ticket only when"), "{told}");
    let critical = json!({"priority": "critical", "reason": "Transit stands still."});
    let judged = done(&hub, LINE_2, &unjudged, "priorities", critical).await.expect(200);
    moved(&hub, LINE_2, &judged, take).await;
}
