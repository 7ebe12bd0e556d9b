//! `GET /api/v1/checkpoints/{checkpoint}/predicted-entries` and `…/prediction-accuracy`.

use insta::assert_json_snapshot;
use kordon_hub::parties::Role;

use crate::hub::{KRAKIVETS, Request, TestHub};

impl TestHub {
    fn predicted_entries(&self) -> Request<'_> {
        self.get(&Self::at(KRAKIVETS, "predicted-entries")).as_role(Role::QueueOperator)
    }

    fn prediction_accuracy(&self, query: &str) -> Request<'_> {
        self.get(&Self::at(KRAKIVETS, &format!("prediction-accuracy{query}"))).as_role(Role::Ministry)
    }
}

#[tokio::test]
async fn before_anything_is_worked_out_an_entry_is_stale_and_not_zero() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    let answer = hub.predicted_entries().send().await.expect(200);
    assert_json_snapshot!(answer, {".items[].booking" => "[booking]"}, @r#"
    {
      "checkpoint": "UA209030",
      "items": [
        {
          "booking": "[booking]",
          "predicted_entry": {
            "state": "stale"
          }
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn the_known_version_is_not_sent_again_until_something_happens() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    let first = hub.predicted_entries().send().await;
    let tag = first.header("etag").to_owned();
    let known = hub.predicted_entries().header("If-None-Match", &tag).send().await;
    assert_eq!(known.status, 304);
    hub.book(KRAKIVETS, "AA 0002 BB").await;
    hub.predicted_entries().header("If-None-Match", &tag).send().await.expect(200);
}

#[tokio::test]
async fn accuracy_of_a_period_without_announcements_has_no_figures() {
    let hub = TestHub::start().await;
    let answer = hub.prediction_accuracy("").send().await.expect(200);
    assert_json_snapshot!(answer, @r#"
    {
      "by_horizon": [],
      "checkpoint": "UA209030",
      "from": "2026-10-24T12:00:00Z",
      "reannouncements": {
        "vehicles": 0
      },
      "to": "2026-11-21T12:00:00Z"
    }
    "#);
}

#[tokio::test]
async fn a_period_that_is_none_is_refused_with_its_place() {
    let hub = TestHub::start().await;
    for (query, status, code) in [
        ("?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", 422, "invalid"),
        ("?from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z", 422, "invalid"),
        ("?from=2026-01-01T00:00:00Z&to=2026-11-01T00:00:00Z", 422, "invalid"),
        ("?to=yesterday", 400, "malformed_request"),
    ] {
        let problem = hub.prediction_accuracy(query).send().await.expect(status);
        assert_eq!(problem["code"], code, "{query}");
        assert!(problem.to_string().contains("query:to"), "{query}: {problem}");
    }
}
