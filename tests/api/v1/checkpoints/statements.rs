//! `GET /api/v1/checkpoints/{checkpoint}/statements`.

use chrono::TimeDelta;
use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::{NewSystem, Role, Scope};
use kordon_schemas::Edrpou;
use serde_json::{Value, json};

use crate::hub::{Answer, KRAKIVETS, Request, TestHub, limited_to, payment, tariff};

fn of_day<'hub>(hub: &'hub TestHub, day: &str) -> Request<'hub> {
    hub.get(&format!("{}?day={day}", TestHub::at(KRAKIVETS, "statements")))
}

/// A day with a payment to each of two zones, and a refund.
async fn a_day(hub: &TestHub) -> String {
    hub.put_tariff(&tariff()).await.expect(201);
    let plain = hub.book(KRAKIVETS, "AA 1111 BB").await;
    hub.pay(&plain, &payment("PAY-1")).await.expect(201);
    let second = hub.book(KRAKIVETS, "AA 2222 BB").await;
    hub.arrive(KRAKIVETS, "AA 2222 BB").await;
    hub.pay(&second, &payment("PAY-2")).await.expect(201);
    hub.clock.advance(TimeDelta::minutes(20));
    hub.call(KRAKIVETS).await;
    hub.refund(&second, "REF-2", "live_wait").await.expect(201);
    second
}

/// The accounts in a line each: whose, what was paid, given back and left, how many lines.
fn accounts(statement: &Value) -> String {
    let told = |account: &Value| {
        let amount = |member: &str| account[member]["amount"].as_str().unwrap().to_owned();
        let lines = account["lines"].as_array().unwrap().len();
        format!(
            "{} {} {} {} {} {lines}",
            account["account"],
            account["zone"],
            amount("paid"),
            amount("refunded"),
            amount("balance")
        )
    };
    statement["accounts"].as_array().unwrap().iter().map(told).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn an_operator_sees_its_own_share_and_what_it_owes_the_zones() {
    let hub = TestHub::start().await;
    a_day(&hub).await;
    let statement = of_day(&hub, "2026-11-21").as_role(Role::QueueOperator).send().await.expect(200);
    assert_snapshot!(accounts(&statement), @r#"
    "operator" null 288.74 144.37 144.37 3
    "zone" "KRAKIVETS-1" 577.48 577.48 0.00 2
    "zone" "KRAKIVETS-9" 577.48 0.00 577.48 1
    "#);
    assert_json_snapshot!(statement["accounts"][2], {".lines[].booking" => "[booking]"}, @r#"
    {
      "account": "zone",
      "balance": {
        "amount": "577.48",
        "currency": "UAH"
      },
      "lines": [
        {
          "amount": {
            "amount": "577.48",
            "currency": "UAH"
          },
          "booking": "[booking]",
          "happened_at": "2026-11-21T12:00:00Z",
          "kind": "payment",
          "method": "cashless",
          "position": 3,
          "recorded_at": "2026-11-21T12:00:00Z",
          "reference": "PAY-1"
        }
      ],
      "operator": "20000090",
      "paid": {
        "amount": "577.48",
        "currency": "UAH"
      },
      "refunded": {
        "amount": "0.00",
        "currency": "UAH"
      },
      "zone": "KRAKIVETS-9"
    }
    "#);
    assert_eq!(statement["closed"], false);
    assert_eq!(
        (&statement["starts_at"], &statement["ends_at"]),
        (&json!("2026-11-20T22:00:00Z"), &json!("2026-11-21T22:00:00Z"))
    );
}

#[tokio::test]
async fn a_zone_sees_its_own_share_and_no_other() {
    let hub = TestHub::start().await;
    a_day(&hub).await;
    let (_, token) = hub.add_system(Role::ZoneOperator, "zone-1", limited_to(&[], &["KRAKIVETS-1"])).await;
    let statement = of_day(&hub, "2026-11-21").as_token(&token).send().await.expect(200);
    assert_snapshot!(accounts(&statement), @r#""zone" "KRAKIVETS-1" 577.48 577.48 0.00 2"#);
}

#[tokio::test]
async fn another_operator_sees_nothing_of_it() {
    let hub = TestHub::start().await;
    a_day(&hub).await;
    let token = another_organisations_operator(&hub).await;
    let statement = of_day(&hub, "2026-11-21").as_token(&token).send().await.expect(200);
    assert_eq!(statement["accounts"], json!([]));
}

#[tokio::test]
async fn a_line_stands_in_the_day_on_which_it_was_recorded() {
    let hub = TestHub::start().await;
    hub.put_tariff(&tariff()).await.expect(201);
    let booking = hub.book(KRAKIVETS, "AA 1111 BB").await;
    hub.clock.set("2026-11-21T22:00:00Z");
    hub.pay(&booking, &payment("PAY-1")).await.expect(201);
    let statement = async |day| of_day(&hub, day).as_role(Role::QueueOperator).send().await.expect(200);
    assert_eq!(statement("2026-11-21").await["accounts"], json!([]));
    assert_eq!(statement("2026-11-22").await["accounts"].as_array().unwrap().len(), 2);
    assert_eq!(
        statement("2026-11-21").await["closed"],
        false,
        "one that began before midnight may still commit"
    );
    hub.clock.advance(TimeDelta::seconds(60));
    assert_eq!(statement("2026-11-21").await["closed"], true);
}

#[tokio::test]
async fn a_statement_is_a_table_for_those_who_ask() {
    let hub = TestHub::start().await;
    let booking = a_day(&hub).await;
    let answer =
        of_day(&hub, "2026-11-21").as_role(Role::ZoneOperator).header("Accept", "text/csv").send().await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    let lines: Vec<_> = answer.text().split("\r\n").filter(|line| !line.contains("PAY-1")).collect();
    assert_snapshot!(lines.join("\n").replace(&booking, "[booking]"), @r#"
    checkpoint,day,account,operator,zone,position,kind,booking,reference,method,case,amount,currency,recorded_at
    UA209030,2026-11-21,zone,20000090,KRAKIVETS-1,6,payment,[booking],PAY-2,cashless,,577.48,UAH,2026-11-21T12:00:00Z
    UA209030,2026-11-21,zone,20000090,KRAKIVETS-1,8,refund,[booking],REF-2,,live_wait,-577.48,UAH,2026-11-21T12:20:00Z
    "#);
    let empty =
        of_day(&hub, "2026-11-20").as_role(Role::ZoneOperator).header("Accept", "text/csv").send().await;
    assert_eq!(empty.text().lines().count(), 1, "only the names of the columns");
}

#[tokio::test]
async fn a_day_that_has_not_begun_or_is_none_is_refused() {
    let hub = TestHub::start().await;
    let mut told = String::new();
    for query in ["", "?day=2026-11-22", "?day=tomorrow", "?day=2026-11-21&zone=A"] {
        let address = format!("{}{query}", TestHub::at(KRAKIVETS, "statements"));
        let answer: Answer = hub.get(&address).as_role(Role::QueueOperator).send().await;
        told.push_str(&format!("asked \"{query}\"\n{}\n", answer.problem()));
    }
    assert_snapshot!(told, @r#"
    asked ""
    400 malformed_request: query: missing field `day`
      "query" missing field `day`
    asked "?day=2026-11-22"
    422 invalid: query:day is today or before, in Kyiv
      "query:day" is today or before, in Kyiv
    asked "?day=tomorrow"
    400 malformed_request: query:day: is a day of the calendar, written as 2026-11-21
      "query:day" is a day of the calendar, written as 2026-11-21
    asked "?day=2026-11-21&zone=A"
    400 malformed_request: query:zone: unknown field `zone`, expected `day`
      "query:zone" unknown field `zone`, expected `day`
    "#);
    let answer = of_day(&hub, "2026-11-21").as_role(Role::QueueOperator).accepting_xml().send().await;
    assert_eq!(answer.status, 406);
}

async fn another_organisations_operator(hub: &TestHub) -> String {
    let mut connection = hub.database.connection().await.unwrap();
    let new = NewSystem {
        edrpou: Edrpou::parse("43115923").unwrap(),
        organisation_name: "Another organisation".into(),
        name: "another".into(),
        role: Role::QueueOperator,
        scope: Scope::default(),
    };
    let now = hub.clock.now();
    let system = kordon_hub::parties::add_system(&mut connection, new, now).await.unwrap().id;
    let until = now + TimeDelta::days(1);
    let (_, token) = kordon_hub::parties::issue_token(&mut connection, system, until, now).await.unwrap();
    token.reveal().to_owned()
}
