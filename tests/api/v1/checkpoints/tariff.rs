//! `GET` and `PUT /api/v1/checkpoints/{checkpoint}/tariff`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{KRAKIVETS, TestHub, changed, tariff};

async fn tariffs(hub: &TestHub) -> Value {
    hub.get(&TestHub::at(KRAKIVETS, "tariff")).as_role(Role::ZoneOperator).send().await.expect(200)
}

#[tokio::test]
async fn a_tariff_is_put_and_the_same_again_is_the_same() {
    let hub = TestHub::start().await;
    let first = hub.put_tariff(&tariff()).await.expect(201);
    assert_json_snapshot!(first, @r#"
    {
      "applies_from": "2026-11-01",
      "decision": "№ 17",
      "eur": {
        "operator_share": {
          "amount": "3.00",
          "currency": "EUR"
        },
        "total": {
          "amount": "15.00",
          "currency": "EUR"
        },
        "zone_share": {
          "amount": "12.00",
          "currency": "EUR"
        }
      },
      "put_at": "2026-11-21T12:00:00Z",
      "version": 1,
      "zone": "KRAKIVETS-9"
    }
    "#);
    assert_eq!(hub.put_tariff(&tariff()).await.expect(200), first);
    assert_eq!(tariffs(&hub).await["in_force"], first);
}

#[tokio::test]
async fn a_tariff_holds_from_its_day_and_those_before_are_kept() {
    let hub = TestHub::start().await;
    assert_eq!(tariffs(&hub).await, json!({"checkpoint": KRAKIVETS, "day": "2026-11-21", "versions": []}));
    hub.put_tariff(&tariff()).await.expect(201);
    let dearer = changed(
        tariff(),
        &json!({"applies_from": "2026-12-01",
        "operator_share": {"amount": "4.00", "currency": "EUR"}, "zone_share": {"amount": "11.00", "currency": "EUR"}}),
    );
    hub.put_tariff(&dearer).await.expect(201);
    let in_force = async || tariffs(&hub).await["in_force"]["version"].clone();
    assert_eq!(in_force().await, 1);
    hub.clock.set("2026-11-30T21:59:59Z");
    assert_eq!(in_force().await, 1, "it is the 30th in Kyiv");
    hub.clock.set("2026-11-30T22:00:00Z");
    assert_eq!(in_force().await, 2);
    let versions = tariffs(&hub).await["versions"].clone();
    assert_eq!((&versions[0]["version"], &versions[1]["version"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn a_tariff_against_the_law_is_refused_with_each_reason() {
    let hub = TestHub::start().await;
    let bad = json!({"operator_share": {"amount": "4.01", "currency": "EUR"}, "zone_share": {"amount": "12.00", "currency": "UAH"},
        "zone": "zone 1", "applies_from": "2026-09-01", "decision": ""});
    assert_snapshot!(hub.put_tariff(&bad).await.problem(), @r#"
    422 invalid: 6 places break a rule
      "/zone_share/currency" is EUR: the law sets the limits in euros (clause 37)
      "/operator_share/amount" is 2.00 to 4.00 (clause 40)
      "/zone_share/amount" and the operator's share are more than 15.00 together (clause 37)
      "/zone" a zone code has 1 to 40 capital Latin letters, digits and hyphens
      "/decision" has 1 to 200 characters and no control characters
      "/applies_from" is at most 31 days ago
    "#);
    let unreadable = [
        json!({"operator_share": {"amount": 3.0, "currency": "EUR"}}),
        json!({"operator_share": {"amount": "3", "currency": "EUR"}}),
        json!({"operator_share": {"amount": "3.00", "currency": "USD"}}),
        json!({"applies_from": "01.12.2026"}),
        json!({"vat": "0.20"}),
    ];
    let mut told = String::new();
    for changes in unreadable {
        told.push_str(&format!("{}\n", hub.put_tariff(&changed(tariff(), &changes)).await.problem()));
    }
    assert_snapshot!(told, @r#"
    422 invalid: /operator_share/amount: invalid type: floating point `3.0`, expected a string
      "/operator_share/amount" invalid type: floating point `3.0`, expected a string
    422 invalid: /operator_share/amount: an amount is a text with two decimals after a point, at most ten digits before it and no needless zero, for example "643.20"
      "/operator_share/amount" an amount is a text with two decimals after a point, at most ten digits before it and no needless zero, for example "643.20"
    422 invalid: /operator_share/currency: `USD` is not known here, expected `UAH` or `EUR`
      "/operator_share/currency" `USD` is not known here, expected `UAH` or `EUR`
    422 invalid: /applies_from: is a day of the calendar, written as 2026-11-21
      "/applies_from" is a day of the calendar, written as 2026-11-21
    422 invalid: /vat: is not known here, expected one of `operator_share`, `zone_share`, `zone`, `applies_from`, `decision`
      "/vat" is not known here, expected one of `operator_share`, `zone_share`, `zone`, `applies_from`, `decision`
    "#);
    assert_eq!(tariffs(&hub).await["versions"], json!([]), "nothing of them is kept");
}
