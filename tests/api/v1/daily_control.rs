//! `GET /api/v1/daily-control` and `GET /api/v1/ticket-figures`.

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::ticket_messages::{hand_in, mail, registered};
use super::tickets::{done, file, incident, moved, on_monday};
use crate::hub::TestHub;

use Role::{SupportLine1 as LINE_1, SupportLine2 as LINE_2, Trader as TRADER};

/// Each list with its count, and of its tickets the number and whom it waits for.
async fn lists(hub: &TestHub) -> Vec<String> {
    let control = hub.get("/api/v1/daily-control").as_role(LINE_1).send().await.expect(200);
    let lists = control["lists"].as_array().unwrap().iter().map(|list| {
        let items = list["items"].as_array().unwrap().iter().map(|item| {
            let number = item["ticket"]["registration_number"].as_str().unwrap();
            format!(" {}:{}", &number[10..], item["waits_for"].as_str().unwrap())
        });
        format!("{} {}{}", list["reason"].as_str().unwrap(), list["count"], items.collect::<String>())
    });
    lists.collect()
}

#[tokio::test]
async fn the_daily_control_says_what_is_due_and_whom_it_waits_for() {
    let hub = on_monday().await;
    let take = json!({"to": "in_progress", "line": "line_2"});
    let overdue = file(&hub, TRADER, &incident()).await.expect(201);
    moved(&hub, LINE_1, &overdue, take.clone()).await;
    hub.clock.set("2026-11-24T08:00:00Z");
    let today = file(&hub, TRADER, &incident()).await.expect(201);
    moved(&hub, LINE_1, &today, take).await;
    hub.clock.set("2026-11-25T08:00:00Z");
    file(&hub, TRADER, &incident()).await.expect(201);
    let resolved = file(&hub, TRADER, &incident()).await.expect(201);
    let resolved = moved(&hub, LINE_1, &resolved, json!({"to": "in_progress"})).await;
    moved(&hub, LINE_1, &resolved, json!({"to": "resolved", "reason": "Mended."})).await;
    let asked = file(&hub, TRADER, &incident()).await.expect(201);
    let asked = moved(&hub, LINE_1, &asked, json!({"to": "in_progress"})).await;
    moved(&hub, LINE_1, &asked, json!({"to": "extended", "reason": "Which LRN?"})).await;
    registered(&hub, "1").await;
    hand_in(&hub, mail("2", "Subject: [2026-000006]\r\n", "Ще одне.")).await.expect(201);
    hub.clock.set("2026-11-26T06:00:00Z");
    assert_eq!(
        lists(&hub).await,
        [
            "overdue 3 1:line_2 3:line_1 6:line_1",
            "not_assigned 2 3:line_1 6:line_1",
            "due_today 1 2:line_2",
            "user_wrote 1 6:line_1",
            "not_told 1 4:line_1",
            "waiting 1 5:user",
        ]
    );
    let few = hub.get("/api/v1/daily-control?limit=1").as_role(LINE_1).send().await.expect(200);
    assert_eq!(few["lists"][0]["items"].as_array().unwrap().len(), 1);
    assert_eq!(few["lists"][0]["count"], 3);
    for wrong in ["0", "101", "x"] {
        let answer = hub.get(&format!("/api/v1/daily-control?limit={wrong}")).as_role(LINE_1).send().await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn the_figures_count_what_was_done_in_time_and_how_long_it_took() {
    let hub = on_monday().await;
    let resolve = json!({"to": "resolved", "reason": "Mended."});
    // One in time, one late and opened again, one that line 2 had.
    let first = file(&hub, TRADER, &incident()).await.expect(201);
    let late = file(&hub, TRADER, &incident()).await.expect(201);
    let of_line_2 = file(&hub, TRADER, &incident()).await.expect(201);
    hub.clock.set("2026-11-23T08:10:00Z");
    let first = moved(&hub, LINE_1, &first, json!({"to": "in_progress"})).await;
    let late = moved(&hub, LINE_1, &late, json!({"to": "in_progress"})).await;
    let of_line_2 = moved(&hub, LINE_1, &of_line_2, json!({"to": "in_progress", "line": "line_2"})).await;
    hub.clock.set("2026-11-23T09:00:00Z");
    moved(&hub, LINE_1, &first, resolve.clone()).await;
    moved(&hub, LINE_2, &of_line_2, resolve.clone()).await;
    hub.clock.set("2026-12-10T09:00:00Z");
    let late = moved(&hub, LINE_1, &late, resolve.clone()).await;
    let late = moved(&hub, TRADER, &late, json!({"to": "in_progress", "reason": "No."})).await;
    moved(&hub, LINE_1, &late, resolve).await;
    file(&hub, TRADER, &incident()).await.expect(201);

    let ask =
        async |query: &str| hub.get(&format!("/api/v1/ticket-figures?{query}")).as_role(LINE_1).send().await;
    let report = ask("from=2026-11-23&to=2026-11-23").await.expect(200);
    let members = [
        "line",
        "registered",
        "taken",
        "resolved",
        "closed",
        "reopened",
        "measured",
        "in_time",
        "in_time_permille",
        "to_taken_p50_seconds",
        "to_resolved_p50_seconds",
    ];
    let told: Vec<String> = report["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| members.map(|member| item[member].to_string()).join(" "))
        .collect();
    assert_eq!(told, ["\"line_1\" 2 2 2 0 1 2 1 500 600 3600", "\"line_2\" 1 1 1 0 0 1 1 1000 600 3600",]);
    let table = hub.get("/api/v1/ticket-figures?from=2026-11-23&to=2026-11-23").as_role(LINE_1);
    let table = table.header("Accept", "text/csv").send().await;
    assert!(table.text().starts_with("kind,channel,priority,line,registered,"), "{}", table.text());
    assert_eq!(table.text().lines().count(), 3);
    let later: Value = ask("from=2026-11-24&to=2026-12-31").await.expect(200);
    assert_eq!(later["items"][0]["registered"], 1);
    assert_eq!(ask("from=2026-11-24&to=2026-11-23").await.status, 422);
    assert_eq!(ask("from=2024-11-24&to=2026-11-23").await.status, 422);
    assert_eq!(ask("from=x&to=2026-11-23").await.status, 400);
}

#[tokio::test]
async fn a_ticket_that_was_worked_off_too_late_stays_so_when_the_rules_of_time_change() {
    // The share rests on what was worked out at the resolution, not on a later calendar.
    let hub = on_monday().await;
    let ticket = file(&hub, TRADER, &incident()).await.expect(201);
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "in_progress"})).await;
    hub.clock.set("2026-12-10T09:00:00Z");
    let ticket = moved(&hub, LINE_1, &ticket, json!({"to": "resolved", "reason": "Mended."})).await;
    done(&hub, LINE_1, &ticket, "tellings", json!({"of": "result"})).await.expect(200);
    let report = hub.get("/api/v1/ticket-figures?from=2026-11-23&to=2026-11-23").as_role(LINE_1);
    let report = report.send().await.expect(200);
    assert_eq!((&report["items"][0]["measured"], &report["items"][0]["in_time"]), (&json!(1), &json!(0)));
}
