//! `GET /api/v1/checkpoints/{checkpoint}/queue`.

use insta::{assert_json_snapshot, assert_snapshot};
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{KRAKIVETS, Request, TestHub};

impl TestHub {
    fn queue(&self) -> Request<'_> {
        self.get(&Self::at(KRAKIVETS, "queue")).as_role(Role::BorderGuard)
    }
}

async fn three_vehicles(hub: &TestHub) {
    for (plate, time) in [("AA 0001 BB", "12:00:00"), ("AA 0002 BB", "12:01:00"), ("AA 0003 BB", "12:02:00")]
    {
        hub.clock.set(&format!("2026-11-21T{time}Z"));
        hub.book(KRAKIVETS, plate).await;
    }
    hub.arrive(KRAKIVETS, "AA 0002 BB").await;
    hub.clock.set("2026-11-21T12:30:00Z");
    hub.call(KRAKIVETS).await;
}

#[tokio::test]
async fn an_outage_of_ets_says_why_the_wait_is_what_it_is() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    let outages = async || hub.queue().send().await.expect(200)["outages"].clone();
    let failure = |system: &str, starts_at: &str| {
        json!({"kind": "unplanned", "affected_systems": [system], "starts_at": starts_at, "fallback_allowed": false,
            "text": {"uk": "Збій.", "en": "Failure."}})
    };
    let declare = async |body: Value| {
        let declared = hub.post("/api/v1/outages").as_role(Role::SupportLine1).json(&body).send().await;
        declared.expect(201)["id"].clone()
    };
    let id = declare(failure("ets", "2026-11-21T11:40:00Z")).await;
    declare(failure("guarantee_management", "2026-11-21T11:40:00Z")).await;
    // What a minute shows is the same for all who ask in it.
    assert_eq!(outages().await, Value::Null);
    hub.clock.set("2026-11-21T12:01:00Z");
    assert_eq!(
        outages().await,
        json!([{"outage": id, "kind": "unplanned", "since": "2026-11-21T11:40:00Z"}])
    );
    let xml = hub.queue().accepting_xml().send().await.xml();
    assert!(xml.contains("<queue_outage>"), "{xml}");
    hub.clock.set("2026-11-21T12:01:30Z");
    let address = format!("/api/v1/outages/{}", id.as_str().unwrap());
    let recover = hub.request(reqwest::Method::PATCH, &address).as_role(Role::SupportLine1);
    let recovered = json!({"recovered_at": "2026-11-21T12:01:20Z"});
    recover.header("If-Match", "\"1\"").json(&recovered).send().await.expect(200);
    assert_ne!(outages().await, Value::Null, "the minute is as it was");
    hub.clock.set("2026-11-21T12:02:00Z");
    assert_eq!(outages().await, Value::Null);
}

#[tokio::test]
async fn the_queue_stands_in_its_order_with_the_age_of_the_data() {
    let hub = TestHub::start().await;
    three_vehicles(&hub).await;
    assert_json_snapshot!(hub.queue().send().await.expect(200), {".entries[].booking" => "[booking]"}, @r#"
    {
      "as_of": "2026-11-21T12:30:00Z",
      "called": 1,
      "changed_at": "2026-11-21T12:30:00Z",
      "checkpoint": "UA209030",
      "entries": [
        {
          "booked_at": "2026-11-21T12:01:00Z",
          "booking": "[booking]",
          "called_at": "2026-11-21T12:30:00Z",
          "contradictory": false,
          "deadline_at": "2026-11-21T16:30:00Z",
          "lane": "all",
          "plate": "AA 0002 BB",
          "queue": "live",
          "queued_at": "2026-11-21T12:01:00Z",
          "stage": "called",
          "zone_arrived_at": "2026-11-21T12:02:00Z"
        },
        {
          "booked_at": "2026-11-21T12:00:00Z",
          "booking": "[booking]",
          "contradictory": false,
          "lane": "all",
          "place": 1,
          "plate": "AA 0001 BB",
          "queue": "live",
          "queued_at": "2026-11-21T12:00:00Z",
          "stage": "booked"
        },
        {
          "booked_at": "2026-11-21T12:02:00Z",
          "booking": "[booking]",
          "contradictory": false,
          "lane": "all",
          "place": 2,
          "plate": "AA 0003 BB",
          "queue": "live",
          "queued_at": "2026-11-21T12:02:00Z",
          "stage": "booked"
        }
      ],
      "lanes": [
        {
          "called": 1,
          "lane": "all",
          "state": "open",
          "waiting": 2
        }
      ],
      "position": 5,
      "waiting": 2
    }
    "#);
}

#[tokio::test]
async fn the_queue_says_the_same_as_xml() {
    let hub = TestHub::start().await;
    three_vehicles(&hub).await;
    let json = hub.queue().send().await.expect(200);
    let answer = hub.queue().accepting_xml().send().await;
    let document = roxmltree::Document::parse(answer.text()).unwrap();
    let texts = |name: &str| -> Vec<String> {
        let named = document.descendants().filter(|node| node.tag_name().name() == name);
        named.filter_map(|node| node.text().map(str::to_owned)).collect()
    };
    for member in
        ["place", "booking", "plate", "stage", "booked_at", "called_at", "deadline_at", "zone_arrived_at"]
    {
        let entries = json["entries"].as_array().unwrap().iter();
        let told: Vec<String> = entries
            .filter_map(|entry| entry.get(member))
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect();
        assert_eq!(texts(member), told, "{member}");
    }
    for member in ["checkpoint", "position", "changed_at", "as_of"] {
        let value = &json[member];
        assert_eq!(
            texts(member),
            [value.as_str().map_or_else(|| value.to_string(), str::to_owned)],
            "{member}"
        );
    }
}

#[tokio::test]
async fn a_known_version_is_not_sent_again_and_each_form_has_its_own() {
    let hub = TestHub::start().await;
    three_vehicles(&hub).await;
    let json = hub.queue().send().await.header("etag").to_owned();
    let xml = hub.queue().accepting_xml().send().await.header("etag").to_owned();
    assert_snapshot!(format!("{json} {xml}"), @r#""UA209030-5-29921070-json" "UA209030-5-29921070-xml""#);
    let known = async |tag: &str, request: Request<'_>| request.header("If-None-Match", tag).send().await;
    for (tag, request, status) in [
        (json.as_str(), hub.queue(), 304),
        (xml.as_str(), hub.queue(), 200),
        (xml.as_str(), hub.queue().accepting_xml(), 304),
        (json.as_str(), hub.queue().accepting_xml(), 200),
        (&format!("\"other\", W/{json}"), hub.queue(), 304),
        ("*", hub.queue(), 304),
    ] {
        let answer = known(tag, request).await;
        assert_eq!(answer.status, status, "{tag}");
        assert_eq!(answer.body.is_empty(), status == 304);
    }
    hub.book(KRAKIVETS, "AA 0004 BB").await;
    assert_eq!(known(&json, hub.queue()).await.status, 200, "something was recorded since");
}

#[tokio::test]
async fn the_queue_is_kept_by_no_cache_of_others() {
    let hub = TestHub::start().await;
    assert_eq!(hub.queue().send().await.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn another_form_is_not_acceptable() {
    let hub = TestHub::start().await;
    let asked = hub.queue().header("Accept", "text/csv").send().await;
    assert_snapshot!(asked.problem(), @"406 not_acceptable: the answer is JSON or XML");
}

#[tokio::test]
async fn one_lane_is_shown_alone_and_an_unknown_one_is_refused() {
    let hub = TestHub::start().await;
    three_vehicles(&hub).await;
    let of =
        |lane: &str| hub.get(&TestHub::at(KRAKIVETS, &format!("queue?lane={lane}"))).as_role(Role::Customs);
    assert_eq!(of("all").send().await.expect(200)["waiting"], 2);
    assert_eq!(of("boats").send().await.expect(422)["faults"][0]["path"], "query:lane");
}

#[tokio::test]
async fn the_minute_that_the_order_holds_for_makes_another_version() {
    let hub = TestHub::start().await;
    three_vehicles(&hub).await;
    let tag = hub.queue().send().await.header("etag").to_owned();
    hub.clock.advance(chrono::TimeDelta::seconds(59));
    assert_eq!(hub.queue().header("If-None-Match", &tag).send().await.status, 304);
    hub.clock.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(hub.queue().header("If-None-Match", &tag).send().await.status, 200);
}
