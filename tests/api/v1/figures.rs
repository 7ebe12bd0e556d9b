//! `GET /api/v1/figures`.

use chrono::TimeDelta;
use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::json;

use super::checkpoints::rules;
use crate::hub::{Answer, KRAKIVETS, TestHub, YAHODYN, limited_to, tariff};

async fn figures(hub: &TestHub, query: &str) -> Answer {
    hub.get(&format!("/api/v1/figures{query}")).as_role(Role::Ministry).send().await
}

/// Three vehicles: one called after ten minutes and refunded, one called after thirty that enters and leaves,
/// one only booked.
async fn a_day(hub: &TestHub) {
    hub.put_tariff(&tariff()).await.expect(201);
    let first = hub.paid_and_called("AA 0001 BB", 10).await;
    hub.refund(&first, "REF-1", "live_wait").await.expect(201);
    hub.paid_and_called("AA 0002 BB", 30).await;
    hub.book(KRAKIVETS, "AA 0003 BB").await;
    for (kind, minutes) in [("checkpoint-entered", 15), ("checkpoint-left", 45)] {
        hub.clock.advance(TimeDelta::minutes(minutes));
        let event = json!({"id": kind, "kind": kind, "plate": "AA 0002 BB", "occurred_at": hub.clock.now()});
        hub.events(KRAKIVETS, Role::BorderGuard).json(&event).send().await.expect(201);
    }
}

#[tokio::test]
async fn a_day_is_counted_by_what_happened_in_it() {
    let hub = TestHub::start().await;
    a_day(&hub).await;
    let report =
        figures(&hub, &format!("?checkpoint={KRAKIVETS}&from=2026-11-21&to=2026-11-21")).await.expect(200);
    assert_json_snapshot!(report, @r#"
    {
      "by": "day",
      "from": "2026-11-21",
      "items": [
        {
          "booked": {
            "live": 3,
            "pre_booked": 0,
            "priority": 0
          },
          "called": 2,
          "cancelled": 0,
          "checkpoint": "UA209030",
          "ends_at": "2026-11-21T22:00:00Z",
          "entered": 1,
          "left": 1,
          "no_shows": 0,
          "refunded": {
            "amount": "721.85",
            "currency": "UAH"
          },
          "refunds": 1,
          "starts_at": "2026-11-20T22:00:00Z",
          "wait_to_call": {
            "measured": 2,
            "p50_seconds": 600,
            "p80_seconds": 1800,
            "p90_seconds": 1800
          },
          "wait_to_entry": {
            "measured": 1,
            "p50_seconds": 2700,
            "p80_seconds": 2700,
            "p90_seconds": 2700
          }
        }
      ],
      "to": "2026-11-21"
    }
    "#);
}

#[tokio::test]
async fn each_thing_is_counted_in_the_hour_in_which_it_happened() {
    let hub = TestHub::start().await;
    a_day(&hub).await;
    let query = format!("?checkpoint={KRAKIVETS}&from=2026-11-21&to=2026-11-21&by=hour");
    let report = figures(&hub, &query).await.expect(200);
    let hours = report["items"].as_array().unwrap();
    assert_eq!(hours.len(), 24, "also those in which nothing happened");
    let counted = |member: &str| -> Vec<String> {
        let with = hours.iter().filter(|hour| hour[member] != 0);
        with.map(|hour| format!("{} {}", hour["starts_at"].as_str().unwrap(), hour[member])).collect()
    };
    assert_eq!(counted("called"), ["2026-11-21T12:00:00Z 2"]);
    assert_eq!(counted("entered"), ["2026-11-21T12:00:00Z 1"]);
    assert_eq!(counted("left"), ["2026-11-21T13:00:00Z 1"]);
}

#[tokio::test]
async fn the_figures_of_all_checkpoints_are_of_those_that_the_system_reaches() {
    let hub = TestHub::start().await;
    a_day(&hub).await;
    hub.book(YAHODYN, "AA 0009 BB").await;
    let period = "?from=2026-11-01&to=2026-11-30&by=month";
    let checkpoints = |report: serde_json::Value| -> Vec<String> {
        report["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["checkpoint"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(checkpoints(figures(&hub, period).await.expect(200)), [YAHODYN, KRAKIVETS]);
    let (_, token) = hub.add_system(Role::QueueOperator, "limited", limited_to(&[YAHODYN], &[])).await;
    let limited = hub.get(&format!("/api/v1/figures{period}")).as_token(&token).send().await;
    assert_eq!(checkpoints(limited.expect(200)), [YAHODYN]);
    let elsewhere =
        hub.get(&format!("/api/v1/figures{period}&checkpoint={KRAKIVETS}")).as_token(&token).send().await;
    assert_eq!(elsewhere.status, 403);
}

#[tokio::test]
async fn figures_are_told_by_lane_to_those_who_ask() {
    let hub = TestHub::start().await;
    rules::put(&hub, "1", &rules::rules_in()).await.expect(201);
    let book = async |reference: &str, plate: &str, category: &str| {
        let body = json!({"reference": reference, "plate": plate, "queue": "live", "channel": "web",
            "vehicle": {"category": category, "mass_kg": 20_000}, "data": {"cmr": "KB-17"}});
        hub.post(&TestHub::at(KRAKIVETS, "bookings"))
            .as_role(Role::QueueOperator)
            .json(&body)
            .send()
            .await
            .expect(201);
    };
    book("t-1", "AA 0001 BB", "truck").await;
    book("t-2", "AA 0002 BB", "truck").await;
    book("c-1", "AA 0003 BB", "car").await;
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    let call = hub
        .post(&TestHub::at(KRAKIVETS, "calls"))
        .as_role(Role::QueueOperator)
        .json(&json!({"lane": "trucks"}));
    call.send().await.expect(201);
    let query = format!("?checkpoint={KRAKIVETS}&from=2026-11-21&to=2026-11-21&by_lane=true");
    let report = figures(&hub, &query).await.expect(200);
    let told: Vec<_> = report["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            json!([item["lane"], item["booked"]["live"], item["called"], item["wait_to_call"]["measured"]])
        })
        .collect();
    assert_eq!(told, [json!(["others", 1, 0, 0]), json!(["trucks", 2, 1, 1])]);
    let whole = figures(&hub, &query.replace("&by_lane=true", "")).await.expect(200);
    assert_eq!((&whole["items"][0]["booked"]["live"], whole["items"][0].get("lane")), (&json!(3), None));
}

#[tokio::test]
async fn figures_are_a_table_for_those_who_ask() {
    let hub = TestHub::start().await;
    a_day(&hub).await;
    let query = format!("/api/v1/figures?checkpoint={KRAKIVETS}&from=2026-11-20&to=2026-11-21");
    let answer = hub.get(&query).as_role(Role::Customs).header("Accept", "text/csv").send().await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_snapshot!(answer.text().replace("\r\n", "\n"), @r#"
    checkpoint,starts_at,ends_at,booked_pre_booked,booked_live,booked_priority,cancelled,no_shows,called,entered,left,wait_to_call_measured,wait_to_call_p50_seconds,wait_to_call_p80_seconds,wait_to_call_p90_seconds,wait_to_entry_measured,wait_to_entry_p50_seconds,wait_to_entry_p80_seconds,wait_to_entry_p90_seconds,refunds,refunded,currency,lane
    UA209030,2026-11-19T22:00:00Z,2026-11-20T22:00:00Z,0,0,0,0,0,0,0,0,0,,,,0,,,,0,0.00,UAH,
    UA209030,2026-11-20T22:00:00Z,2026-11-21T22:00:00Z,0,3,0,0,0,2,1,1,2,600,1800,1800,1,2700,2700,2700,1,721.85,UAH,
    "#);
}

#[tokio::test]
async fn what_is_no_period_is_told() {
    let hub = TestHub::start().await;
    let mut told = String::new();
    for query in [
        "?from=2026-11-21",
        "?from=2026-11-21&to=2026-11-20",
        "?from=2026-11-01&to=2026-12-02&by=hour",
        "?from=2025-11-01&to=2026-11-02",
        "?from=2026-11-01&to=2026-11-02&by=week",
        "?from=1.11.2026&to=2026-11-02",
        "?from=2026-11-01&to=2026-11-02&checkpoint=UA999999",
    ] {
        told.push_str(&format!("{query}\n{}\n", figures(&hub, query).await.problem()));
    }
    assert_snapshot!(told, @r#"
    ?from=2026-11-21
    400 malformed_request: query: missing field `to`
      "query" missing field `to`
    ?from=2026-11-21&to=2026-11-20
    422 invalid: query:to is not before `from`
      "query:to" is not before `from`
    ?from=2026-11-01&to=2026-12-02&by=hour
    422 invalid: query:to is less than 31 days after `from` for periods of this length
      "query:to" is less than 31 days after `from` for periods of this length
    ?from=2025-11-01&to=2026-11-02
    422 invalid: query:to is less than 366 days after `from` for periods of this length
      "query:to" is less than 366 days after `from` for periods of this length
    ?from=2026-11-01&to=2026-11-02&by=week
    400 malformed_request: query:by: unknown variant `week`, expected one of `hour`, `day`, `month`
      "query:by" unknown variant `week`, expected one of `hour`, `day`, `month`
    ?from=1.11.2026&to=2026-11-02
    400 malformed_request: query:from: is a day of the calendar, written as 2026-11-21
      "query:from" is a day of the calendar, written as 2026-11-21
    ?from=2026-11-01&to=2026-11-02&checkpoint=UA999999
    404 not_found: there is no checkpoint UA999999
    "#);
}
