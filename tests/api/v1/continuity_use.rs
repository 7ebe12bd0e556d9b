//! `/api/v1/continuity-use`: how often traders use the continuity procedure, against what they lodge in a
//! year.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::permits::{Refusal as _, Story, of_another_trader, procedure};
use crate::hub::{Answer, changed};

use Role::{Customs as CUSTOMS, SupportLine2 as LINE_2, Trader as TRADER};

async fn list(story: &Story, role: Role, question: &str) -> Value {
    story.hub.get(&format!("/api/v1/continuity-use?{question}")).as_role(role).send().await.expect(200)
}

async fn state(story: &Story, role: Role, trader: &str, total: &Value) -> Answer {
    let address = format!("/api/v1/continuity-use/{trader}/2026");
    story.hub.request(Method::PUT, &address).as_role(role).json(total).send().await
}

fn total(declarations: i64, until: &str) -> Value {
    json!({"declarations": declarations, "counted_until": until, "source": "ЕТС, звіт"})
}

/// Uses that are reported of a permit in force, released on the day of the story.
async fn used(story: &Story, permit: &Value, numbers: std::ops::Range<u32>) {
    let uses: Vec<Value> = numbers
        .map(|number| json!({"registration_number": format!("17/{number}"), "released_on": "2026-11-23"}))
        .collect();
    let report = json!({"uses": uses, "complete": true});
    story.with_permit(Role::DepartureOffice, permit, "reports", report).await.expect(200);
}

/// Three uses while ETS fails, two while the trader's own link does.
async fn story_with_uses() -> Story {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    used(&story, &permit, 0..3).await;
    let filed = story.file(&changed(procedure(), &json!({"systems": ["declarant_link"]}))).await.expect(201);
    story.pass(&filed).await;
    let found = json!({"outcome": "confirmed", "reason": "Seen in the log."});
    let own = story.done(LINE_2, &filed, "decisions", found).await.expect(200);
    story.tell(&own, "trader").await;
    let own = story.tell(&own, "departure_office").await;
    used(&story, &own, 10..12).await;
    story
}

#[tokio::test]
async fn uses_are_counted_by_trader_and_a_share_needs_a_total() {
    let story = story_with_uses().await;
    story.file(&of_another_trader()).await.expect(201);
    let seen = list(&story, Role::Ministry, "year=2026").await;
    assert_snapshot!(serde_json::to_string_pretty(&seen["items"][0]).unwrap(), @r#"
    {
      "all": {
        "beyond_limit": null,
        "share_percent": null,
        "uses": 5
      },
      "own_link": {
        "beyond_limit": null,
        "share_percent": null,
        "uses": 2
      },
      "permits": 2,
      "refused": 0,
      "requests": 2,
      "total": null,
      "trader_edrpou": "20000090",
      "trader_name": "ТОВ «Перевізник»"
    }
    "#);
    let other = &seen["items"][1];
    assert_eq!((&other["trader_edrpou"], &other["all"]["uses"]), (&json!("43115923"), &json!(0)));
    assert_eq!(list(&story, LINE_2, "year=2025").await["items"], json!([]));
}

#[tokio::test]
async fn a_share_beyond_two_percent_is_marked_whoever_states_the_total() {
    let story = story_with_uses().await;
    // 5 of 100 are too many; 2 of 100 for its own failures are just within.
    state(&story, CUSTOMS, "20000090", &total(100, "2026-11-23")).await.expect(200);
    let seen = list(&story, CUSTOMS, "year=2026&beyond_limit=true").await;
    let shares = (&seen["items"][0]["all"], &seen["items"][0]["own_link"]);
    assert_eq!(shares.0, &json!({"uses": 5, "share_percent": "5.00", "beyond_limit": true}));
    assert_eq!(shares.1, &json!({"uses": 2, "share_percent": "2.00", "beyond_limit": false}));
    // Line 2 knows better; the latest counts.
    state(&story, LINE_2, "20000090", &total(250, "2026-11-23")).await.expect(200);
    let seen = list(&story, LINE_2, "year=2026").await;
    assert_eq!(seen["items"][0]["all"]["share_percent"], "2.00");
    assert_eq!(seen["items"][0]["total"]["declarations"], 250);
    assert_eq!(list(&story, LINE_2, "year=2026&beyond_limit=true").await["items"], json!([]));
}

#[tokio::test]
async fn uses_after_the_counted_day_are_shown_and_not_held_against_the_total() {
    let story = story_with_uses().await;
    state(&story, LINE_2, "20000090", &total(10, "2026-11-22")).await.expect(200);
    let seen = list(&story, LINE_2, "year=2026").await;
    assert_eq!(seen["items"][0]["all"], json!({"uses": 5, "share_percent": "0.00", "beyond_limit": false}));
}

#[tokio::test]
async fn a_total_that_cannot_be_is_refused_and_the_same_again_is_the_same() {
    let story = story_with_uses().await;
    let told = state(&story, LINE_2, "20000090", &total(4, "2026-11-23")).await.refusal();
    assert_snapshot!(told, @"422 invalid: /declarations is less than the 5 declarations that were reported under permits by then");
    let told = state(&story, LINE_2, "20000090", &total(400, "2026-11-24")).await.refusal();
    assert_snapshot!(told, @"422 invalid: /counted_until lies ahead");
    let told = state(&story, LINE_2, "20000091", &total(400, "2026-11-23")).await.refusal();
    assert!(told.starts_with("422 invalid: path:trader the check digit"), "{told}");
    let first = state(&story, LINE_2, "20000090", &total(400, "2026-11-23")).await.expect(200);
    story.at("23T12:00");
    let again = state(&story, LINE_2, "20000090", &total(400, "2026-11-23")).await.expect(200);
    assert_eq!(first, again);
    assert_eq!(state(&story, Role::Ministry, "20000090", &total(400, "2026-11-23")).await.status, 403);
}

#[tokio::test]
async fn a_trader_sees_itself_alone() {
    let story = story_with_uses().await;
    story.file(&of_another_trader()).await.expect(201);
    state(&story, LINE_2, "43115923", &total(7, "2026-11-23")).await.expect(200);
    let codes = async |question: &str| {
        let seen = list(&story, TRADER, question).await;
        let items = seen["items"].as_array().unwrap();
        items.iter().map(|item| item["trader_edrpou"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes("year=2026").await, ["20000090"]);
    assert_eq!(codes("year=2026&trader=43115923").await, Vec::<String>::new());
    let office = story.hub.get("/api/v1/continuity-use?year=2026").as_role(Role::DepartureOffice);
    assert_eq!(office.send().await.status, 403);
}

#[tokio::test]
async fn the_list_goes_on_by_code_and_is_a_table_too() {
    let story = story_with_uses().await;
    story.file(&of_another_trader()).await.expect(201);
    let first = list(&story, LINE_2, "year=2026&limit=1").await;
    assert_eq!(first["next"], "20000090");
    let second = list(&story, LINE_2, "year=2026&limit=1&after=20000090").await;
    assert_eq!((&second["items"][0]["trader_edrpou"], &second["next"]), (&json!("43115923"), &json!(null)));
    let table =
        story.hub.get("/api/v1/continuity-use?year=2026").as_role(LINE_2).header("Accept", "text/csv");
    assert_snapshot!(table.send().await.text().replace("\r\n", "\n"), @r"
    year,trader_edrpou,requests,refused,permits,uses,share_percent,beyond_limit,own_link_uses,own_link_share_percent,own_link_beyond_limit,declarations,counted_until
    2026,20000090,2,0,2,5,,,2,,,,
    2026,43115923,1,0,0,0,,,0,,,,
    ");
}
