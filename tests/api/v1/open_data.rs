//! `GET /api/v1/open-data/figures`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::json;

use crate::hub::{Answer, KRAKIVETS, TestHub};

async fn open_data(hub: &TestHub, query: &str) -> Answer {
    hub.get(&format!("/api/v1/open-data/figures{query}")).send().await
}

/// Six vehicles are booked and arrive, four of them are called, on the 21st.
async fn a_day(hub: &TestHub) {
    for number in 0..6 {
        let plate = format!("AA {number:04} BB");
        hub.book(KRAKIVETS, &plate).await;
        hub.arrive(KRAKIVETS, &plate).await;
    }
    for _ in 0..4 {
        hub.call(KRAKIVETS).await;
    }
}

#[tokio::test]
async fn anybody_reads_the_days_that_are_over_and_small_counts_are_held_back() {
    let hub = TestHub::start().await;
    a_day(&hub).await;
    hub.clock.set("2026-11-22T09:00:00Z");
    let data = open_data(&hub, &format!("?checkpoint={KRAKIVETS}&month=2026-11")).await.expect(200);
    assert_eq!(data["items"].as_array().unwrap().len(), 21, "today is not over");
    assert_json_snapshot!(data["items"][20], @r#"
    {
      "booked_live": {
        "suppressed": false,
        "value": 6
      },
      "booked_pre_booked": {
        "suppressed": false,
        "value": 0
      },
      "booked_priority": {
        "suppressed": false,
        "value": 0
      },
      "called": {
        "suppressed": true,
        "value": null
      },
      "cancelled": {
        "suppressed": false,
        "value": 0
      },
      "day": "2026-11-21",
      "entered": {
        "suppressed": false,
        "value": 0
      },
      "left": {
        "suppressed": false,
        "value": 0
      },
      "no_shows": {
        "suppressed": false,
        "value": 0
      },
      "refunds": {
        "suppressed": false,
        "value": 0
      },
      "wait_to_call": {
        "p50_minutes": null,
        "p80_minutes": null,
        "p90_minutes": null,
        "suppressed": true
      },
      "wait_to_entry": {
        "p50_minutes": null,
        "p80_minutes": null,
        "p90_minutes": null,
        "suppressed": false
      }
    }
    "#);
    assert_json_snapshot!(data["licence"], @r#"
    {
      "attribution": "Kordon, the data hub of the electronic border-crossing queue",
      "name": "CC BY 4.0",
      "url": "https://creativecommons.org/licenses/by/4.0/"
    }
    "#);
    assert_eq!(data["items"][0]["called"], json!({"value": 0, "suppressed": false}));
}

#[tokio::test]
async fn what_is_held_back_follows_from_nothing_that_is_published() {
    let hub = TestHub::start().await;
    a_day(&hub).await;
    hub.clock.set("2026-11-22T09:00:00Z");
    let data = open_data(&hub, &format!("?checkpoint={KRAKIVETS}&month=2026-11")).await.expect(200);
    // No member sums others: neither over days, nor over queues, nor in money.
    let members: Vec<_> = data.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["as_of", "checkpoint", "items", "licence", "month", "suppressed_below"]);
    let text = data.to_string();
    for sum in ["total", "refunded", "measured", "\"booked\"", "AA "] {
        assert!(!text.contains(sum), "{sum}");
    }
    // A longer or a shorter period cannot be asked for, so that nothing can be subtracted.
    for query in ["&from=2026-11-21", "&by=hour", "&by=month"] {
        let answer = open_data(&hub, &format!("?checkpoint={KRAKIVETS}&month=2026-11{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[tokio::test]
async fn open_data_are_a_table_for_those_who_ask() {
    let hub = TestHub::start().await;
    a_day(&hub).await;
    hub.clock.set("2026-11-22T09:00:00Z");
    let address = format!("/api/v1/open-data/figures?checkpoint={KRAKIVETS}&month=2026-11");
    let answer = hub.get(&address).header("Accept", "text/csv").send().await;
    assert_snapshot!(answer.text().lines().last().unwrap(), @"UA209030,2026-11-21,0,6,0,0,0,suppressed,0,0,suppressed,suppressed,suppressed,,,,0");
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_told() {
    let hub = TestHub::start().await;
    let mut told = String::new();
    for query in [
        "",
        "?checkpoint=UA209030&month=2026-12",
        "?checkpoint=UA209030&month=2026-13",
        "?checkpoint=UA209030&month=2019-12",
        "?checkpoint=UA999999&month=2026-11",
        "?checkpoint=Krakivets&month=2026-11",
    ] {
        told.push_str(&format!("asked \"{query}\"\n{}\n", open_data(&hub, query).await.problem()));
    }
    assert_snapshot!(told, @r#"
    asked ""
    400 malformed_request: query: missing field `checkpoint`
      "query" missing field `checkpoint`
    asked "?checkpoint=UA209030&month=2026-12"
    422 invalid: query:month is this month or one before, from 2020-01 on
      "query:month" is this month or one before, from 2020-01 on
    asked "?checkpoint=UA209030&month=2026-13"
    422 invalid: query:month is a month, written as 2026-10
      "query:month" is a month, written as 2026-10
    asked "?checkpoint=UA209030&month=2019-12"
    422 invalid: query:month is this month or one before, from 2020-01 on
      "query:month" is this month or one before, from 2020-01 on
    asked "?checkpoint=UA999999&month=2026-11"
    404 not_found: there is no checkpoint UA999999
    asked "?checkpoint=Krakivets&month=2026-11"
    400 malformed_request: query:checkpoint: a checkpoint code is `UA` and six digits, for example UA209030
      "query:checkpoint" a checkpoint code is `UA` and six digits, for example UA209030
    "#);
    let known = hub
        .get("/api/v1/open-data/figures?checkpoint=UA209030&month=2026-11")
        .as_role(Role::Trader)
        .send()
        .await;
    assert_eq!(known.status, 200, "a credential does no harm");
}
