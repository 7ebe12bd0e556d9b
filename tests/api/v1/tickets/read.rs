//! `GET /api/v1/tickets`, `…/{ticket}`, `…/{ticket}/deadlines`.

use kordon_hub::parties::{Role, Scope};
use serde_json::{Value, json};

use super::{address, file, incident, moved, on_monday};
use crate::hub::changed;

#[tokio::test]
async fn a_ticket_is_shown_with_all_that_was_done_and_the_read_is_recorded() {
    let hub = on_monday().await;
    let ticket = file(&hub, Role::Trader, &incident()).await.expect(201);
    let ticket =
        moved(&hub, Role::SupportLine1, &ticket, json!({"to": "in_progress", "line": "line_2"})).await;
    let show = || hub.get(&address(&ticket)).as_role(Role::SupportLine2);
    assert_eq!(show().send().await.json()["code"], "purpose_required");
    let answer = show().for_purpose("Order 926, section III").send().await;
    let shown = answer.expect(200);
    assert_eq!(answer.header("etag"), "\"2\"");
    assert_eq!(shown["user"], incident()["user"]);
    assert_eq!(shown["substance"], incident()["substance"]);
    let told: Vec<String> = shown["acts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| format!("{} {} {} {}", act["number"], act["act"], act["status"], act["by_line"]))
        .collect();
    assert_eq!(told, ["1 \"registered\" \"new\" null", "2 \"moved\" \"in_progress\" \"line_1\""]);
    assert_eq!(shown["acts"][1]["by"], json!(hub.system(Role::SupportLine1)));
    let id = ticket["id"].as_str().unwrap();
    let expected = format!("support_line_2 show_ticket - Order 926, section III [{id}]");
    assert_eq!(hub.readings().await, expected);
    hub.lose_the_access_log().await;
    let blind = show().for_purpose("Order 926, section III").send().await;
    assert_eq!(blind.status, 500, "what cannot be recorded is not shown");
}

#[tokio::test]
async fn nobody_sees_what_is_not_theirs() {
    let hub = on_monday().await;
    let ticket = file(&hub, Role::Trader, &incident()).await.expect(201);
    let of_office = file(&hub, Role::DepartureOffice, &incident()).await.expect(201);
    let (_, stranger) = hub.add_system(Role::DepartureOffice, "another office", Scope::default()).await;
    let sees = async |token: &str, ticket: &Value| {
        let mut statuses = Vec::new();
        for part in ["", "/deadlines"] {
            let read = hub.get(&format!("{}{part}", address(ticket))).as_token(token).for_purpose("test");
            statuses.push(read.send().await.status);
        }
        let listed = hub.get("/api/v1/tickets").as_token(token).send().await.expect(200);
        let listed = listed["items"].as_array().unwrap().iter().any(|item| item["id"] == ticket["id"]);
        assert_eq!(statuses, if listed { [200, 200] } else { [404, 404] });
        listed
    };
    let token = |role| hub.token(role).to_owned();
    assert!(sees(&token(Role::Trader), &ticket).await);
    assert!(!sees(&token(Role::Trader), &of_office).await);
    assert!(sees(&token(Role::DepartureOffice), &of_office).await);
    assert!(!sees(&token(Role::DepartureOffice), &ticket).await);
    assert!(!sees(&stranger, &of_office).await, "an office sees its own, not its neighbour's");
    assert!(sees(&token(Role::SupportLine1), &ticket).await);
    assert!(!sees(&token(Role::SupportLine3), &ticket).await);
}

#[tokio::test]
async fn a_trader_sees_what_line_1_entered_for_its_legal_entity() {
    let hub = on_monday().await;
    let call = json!({"received_at": "2026-11-23T07:00:00Z", "recording": "calls/1"});
    let own = json!({"kind": "legal_entity", "name": "Kordon", "edrpou": "20000090", "person": "Олена",
        "telephone": "+380441234567"});
    let ticket = changed(incident(), &json!({"call": call, "user": own}));
    let ticket = file(&hub, Role::SupportLine1, &ticket).await.expect(201);
    let listed = hub.get("/api/v1/tickets").as_role(Role::Trader).send().await.expect(200);
    assert_eq!(listed["items"], json!([ticket]));
}

#[tokio::test]
async fn the_lists_tell_what_is_due_overdue_and_waiting() {
    let hub = on_monday().await;
    let mut tickets = Vec::new();
    for _ in 0..3 {
        tickets.push(file(&hub, Role::Trader, &incident()).await.expect(201));
    }
    let take = json!({"to": "in_progress"});
    let first = moved(&hub, Role::SupportLine1, &tickets[0], take.clone()).await;
    hub.clock.set("2026-11-25T08:00:00Z");
    let second = moved(&hub, Role::SupportLine1, &tickets[1], take).await;
    hub.clock.set("2026-11-26T07:15:01Z");
    let listed = async |query: &str| {
        let page =
            hub.get(&format!("/api/v1/tickets{query}")).as_role(Role::SupportLine1).send().await.expect(200);
        let ids: Vec<Value> =
            page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        (ids, page["next"].clone())
    };
    assert_eq!(listed("?state=overdue").await.0, [first["id"].clone()]);
    assert_eq!(listed("?state=due").await.0, [second["id"].clone()]);
    assert_eq!(listed("?state=waiting").await.0, [tickets[2]["id"].clone()]);
    // All, page by page, by deadline.
    let mut seen = Vec::new();
    let mut query = "?limit=1".to_owned();
    loop {
        let (ids, next) = listed(&query).await;
        seen.extend(ids);
        let Some(next) = next.as_str() else { break };
        query = format!("?limit=1&after={next}");
    }
    assert_eq!(seen, [first["id"].clone(), second["id"].clone(), tickets[2]["id"].clone()]);
    for wrong in ["?state=late", "?limit=0", "?limit=101", "?after=x", "?line=1"] {
        let answer = hub.get(&format!("/api/v1/tickets{wrong}")).as_role(Role::SupportLine1).send().await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_deadline_is_explained_step_by_step() {
    let hub = on_monday().await;
    let ticket = file(&hub, Role::Trader, &incident()).await.expect(201);
    let ticket =
        moved(&hub, Role::SupportLine1, &ticket, json!({"to": "in_progress", "line": "line_2"})).await;
    hub.clock.set("2026-11-23T09:00:00Z");
    let ask = json!({"to": "extended", "reason": "Which declaration?"});
    moved(&hub, Role::SupportLine2, &ticket, ask).await;
    let told =
        hub.get(&format!("{}/deadlines", address(&ticket))).as_role(Role::Trader).send().await.expect(200);
    assert_eq!(told["registration_number"], "2026-000001");
    let line_2 = &told["deadlines"][1];
    let facts = ["clock", "state", "due_at", "given_minutes", "worked_minutes", "stands_still_because"];
    let facts = facts.map(|member| line_2[member].to_string()).join(" ");
    assert_eq!(facts, r#""line_2" "stands_still" null 960 60 "information_needed""#);
    let steps: Vec<String> = line_2["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| format!("{} {} {} {}", step["step"], step["from"], step["until"], step["left_minutes"]))
        .collect();
    assert_eq!(
        steps,
        [
            r#""started" "2026-11-23T08:00:00Z" null 960"#,
            r#""counted" "2026-11-23T08:00:00Z" "2026-11-23T09:00:00Z" 900"#,
            r#""stood_still" "2026-11-23T09:00:00Z" null null"#,
        ]
    );
}
