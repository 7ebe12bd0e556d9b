//! `GET /api/v1/checkpoints` and `/api/v1/checkpoints/{checkpoint}`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;

use crate::hub::{KRAKIVETS, TestHub};

#[tokio::test]
async fn every_role_reads_the_43_checkpoints() {
    let hub = TestHub::start().await;
    for role in Role::ALL {
        let list = hub.get("/api/v1/checkpoints").as_role(role).send().await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 43, "{role}");
    }
}

#[tokio::test]
async fn a_list_that_is_known_is_not_sent_again() {
    let hub = TestHub::start().await;
    let ask = || hub.get("/api/v1/checkpoints").as_role(Role::Trader);
    let first = ask().send().await;
    let tag = first.header("etag").to_owned();
    assert_snapshot!(tag, @r#""checkpoints-2026-11-21""#);
    let again = ask().header("If-None-Match", &tag).send().await;
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, tag.as_str()));
    assert_eq!(ask().header("If-None-Match", "\"older\"").send().await.status, 200);
}

#[tokio::test]
async fn a_checkpoint_is_shown_with_its_neighbour() {
    let hub = TestHub::start().await;
    let address = format!("/api/v1/checkpoints/{KRAKIVETS}");
    assert_json_snapshot!(hub.get(&address).as_role(Role::Customs).send().await.expect(200), @r#"
    {
      "active_from": "2023-12-01",
      "checkpoint": "UA209030",
      "name": {
        "en": "Krakivets – Korczowa",
        "uk": "Краківець – Корчова"
      },
      "neighbour": {
        "country": "PL",
        "name": "Korczowa",
        "office": "PL401060"
      },
      "place": {
        "en": "Krakovets",
        "uk": "Краковець"
      },
      "traffic": [
        "road"
      ]
    }
    "#);
}

#[tokio::test]
async fn a_checkpoint_that_does_not_exist_or_cannot_is_told_apart() {
    let hub = TestHub::start().await;
    let ask = async |code: &str| {
        hub.get(&format!("/api/v1/checkpoints/{code}")).as_role(Role::Customs).send().await.problem()
    };
    assert_snapshot!(ask("UA999999").await, @"404 not_found: there is no checkpoint UA999999");
    assert_snapshot!(ask("krakivets").await, @r#"
    400 malformed_request: path:checkpoint: a checkpoint code is `UA` and six digits, for example UA209030
      "path:checkpoint" a checkpoint code is `UA` and six digits, for example UA209030
    "#);
    assert_snapshot!(ask("UA20903%D0%9E").await, @r#"
    400 malformed_request: path:checkpoint: a checkpoint code is `UA` and six digits, for example UA209030
      "path:checkpoint" a checkpoint code is `UA` and six digits, for example UA209030
    "#);
}

#[tokio::test]
async fn the_list_is_json_only() {
    let hub = TestHub::start().await;
    let answer = hub.get("/api/v1/checkpoints").as_role(Role::Customs).accepting_xml().send().await;
    assert_eq!((answer.status, answer.header("content-type")), (406, "application/problem+xml"));
}
