//! The official who is responsible for a ticket (Order 926, section III, clauses 9, 10 and 12).

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::{address, done, file, incident, moved, on_monday};
use crate::hub::TestHub;

use Role::{SupportLine1 as LINE_1, SupportLine2 as LINE_2, SupportLine3 as LINE_3, Trader as TRADER};

fn official(name: &str) -> Value {
    json!({"name": name, "position": "inspector"})
}

async fn shown(hub: &TestHub, ticket: &Value) -> Value {
    hub.get(&address(ticket)).as_role(LINE_1).for_purpose("Order 926").send().await.expect(200)
}

#[tokio::test]
async fn who_assigns_a_ticket_names_the_official_and_the_act_keeps_it() {
    let hub = on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let told = done(&hub, LINE_1, &ticket, "moves", json!({"to": "in_progress"})).await.problem();
    assert!(told.starts_with("422 invalid: /official is missing: name the official of line_1"), "{told}");
    let blank = json!({"to": "in_progress", "official": {"name": " ", "position": "inspector"}});
    let told = done(&hub, LINE_1, &ticket, "moves", blank).await.problem();
    assert!(told.starts_with("422 invalid: /official/name is missing"), "{told}");
    assert_eq!(shown(&hub, &ticket).await["official"], json!(null));

    let to = |line: &str, name: &str| {
        let official = official(name);
        json!({"to": "in_progress", "line": line, "reason": "Theirs.", "official": official})
    };
    let ticket = moved(&hub, LINE_1, &ticket, to("line_1", "Iryna")).await;
    assert_eq!(ticket.get("official"), None, "where a ticket stands names nobody");
    let seen = shown(&hub, &ticket).await;
    let expected = json!({"name": "Iryna", "position": "inspector", "line": "line_1",
        "named_at": "2026-11-23T08:00:00Z", "named_by": hub.system(LINE_1)});
    assert_eq!(seen["official"], expected);
    assert_eq!(seen["acts"][1]["official"], official("Iryna"));
    assert_eq!(seen["acts"][0]["official"], json!(null));

    // Another official of the same line, another line, its contractor, and back to who had it.
    let ticket = moved(&hub, LINE_1, &ticket, to("line_1", "Petro")).await;
    let ticket = moved(&hub, LINE_1, &ticket, to("line_2", "Olha")).await;
    let ticket = moved(&hub, LINE_2, &ticket, to("line_2", "Taras")).await;
    let to_line_3 = json!({"to": "extended", "line": "line_3", "reason": "The vendor's part."});
    let told = done(&hub, LINE_2, &ticket, "moves", to_line_3.clone()).await.problem();
    assert!(told.starts_with("422 invalid: /official is missing: name the official of line_3"), "{told}");
    let ticket = moved(&hub, LINE_2, &ticket, to_line_3).await;
    assert_eq!(shown(&hub, &ticket).await["official"]["line"], "line_3");
    let back = json!({"to": "in_progress", "line": "line_2"});
    let ticket = done(&hub, LINE_3, &ticket, "moves", back).await.expect(200);
    let seen = shown(&hub, &ticket).await;
    assert_eq!(seen["official"]["name"], "Taras");
    let named: Vec<&str> =
        seen["acts"].as_array().unwrap().iter().filter_map(|act| act["official"]["name"].as_str()).collect();
    assert_eq!(named, ["Iryna", "Petro", "Olha", "Taras", "Ірина Бондар"], "each naming stays in sight");
}

#[tokio::test]
async fn a_user_and_a_move_that_assigns_nobody_name_no_official() {
    let hub = on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "in_progress"})).await;
    let resolve = json!({"to": "resolved", "reason": "Mended.", "official": official("Iryna")});
    let told = done(&hub, LINE_1, &ticket, "moves", resolve).await.problem();
    assert!(told.starts_with("422 invalid: /official is named by lines 1 and 2 with"), "{told}");
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "resolved", "reason": "Mended."})).await;
    let objection = json!({"to": "in_progress", "reason": "It fails still."});
    let named = json!({"to": "in_progress", "reason": "It fails still.", "official": official("Iryna")});
    assert_eq!(done(&hub, TRADER, &ticket, "moves", named).await.status, 422);
    let ticket = done(&hub, TRADER, &ticket, "moves", objection).await.expect(200);
    assert_eq!(shown(&hub, &ticket).await["official"]["name"], "Ірина Бондар", "who had it has it again");
}

#[tokio::test]
async fn an_official_is_shown_for_a_purpose_only() {
    let hub = on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let taken = json!({"to": "in_progress", "official": official("Iryna-to-be-hidden")});
    let ticket = moved(&hub, LINE_1, &ticket, taken).await;
    let aimless = hub.get(&address(&ticket)).as_role(LINE_1).send().await;
    assert_eq!(aimless.json()["code"], "purpose_required");
    let (list, deadlines) = ("/api/v1/tickets".to_owned(), format!("{}/deadlines", address(&ticket)));
    for open in [&list, &deadlines, "/api/v1/daily-control", "/metrics"] {
        let answer = hub.get(open).as_role(LINE_1).send().await;
        assert!(!answer.text().contains("Iryna-to-be-hidden"), "{open}");
    }
    shown(&hub, &ticket).await;
    assert!(hub.readings().await.starts_with("support_line_1 show_ticket"));
}
