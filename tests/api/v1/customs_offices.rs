//! `GET /api/v1/customs-offices`.

use insta::assert_json_snapshot;
use kordon_hub::parties::Role;

use crate::hub::TestHub;

#[tokio::test]
async fn the_294_customs_offices_are_listed_and_not_sent_twice() {
    let hub = TestHub::start().await;
    let ask = || hub.get("/api/v1/customs-offices").as_role(Role::Taxud);
    let first = ask().send().await;
    let list = first.expect(200);
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 294);
    let office = items.iter().find(|office| office["reference"] == "UA209030").unwrap();
    assert_json_snapshot!(office, @r#"
    {
      "active_from": "2023-12-01",
      "name": {
        "en": "BCP Krakivets – Korchova",
        "uk": "ПП Краківець – Корчова"
      },
      "parent": "UA120000",
      "place": {
        "en": "Krakovets",
        "uk": "Краковець"
      },
      "reference": "UA209030",
      "region": "UA-46",
      "roles": [
        "departure",
        "destination",
        "incident",
        "transit"
      ],
      "traffic": [
        "road"
      ]
    }
    "#);
    let again = ask().header("If-None-Match", first.header("etag")).send().await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}
