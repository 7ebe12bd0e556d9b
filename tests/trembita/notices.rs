//! Notices to a member of Trembita: recorded with the outage, sent through a security server, known again by
//! their id.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use kordon_adapters::subscribed;
use kordon_adapters::subscribers::{NoticeSubject, SubscriberSettings, SubscriberWay};
use kordon_hub::notices::{Channels, deliver_due, subscribers};
use kordon_hub::parties::Role;
use kordon_testing::security_server::{Heard, Said};
use serde_json::{Value, json};

use super::Way;
use crate::hub::TestHub;
use crate::process::{HubProcess, PATIENCE, Site};

const CLIENT: &str = "SEVDEIR-TEST/GOV/20000090/KORDON_cons";
const SERVICE: &str = "SEVDEIR-TEST/GOV/00000099/99_ops_prod/notices";

fn outage() -> Value {
    json!({
        "kind": "unplanned", "affected_systems": ["ets"], "starts_at": "2026-11-21T11:00:00Z",
        "fallback_allowed": true, "text": {"uk": "Збій ЕТС.", "en": "ETS has failed."}
    })
}

fn taken(heard: &Heard) -> Said {
    let of = |name: &str| (name.to_owned(), heard.header(name).unwrap_or_default().to_owned());
    let headers = vec![of("x-road-client"), of("x-road-id"), ("x-road-service".into(), SERVICE.into())];
    Said::Answer(202, headers, Vec::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_is_told_of_an_outage_until_it_has_taken_each_notice() {
    let hub = TestHub::start().await;
    let tried = AtomicUsize::new(0);
    // The first time it hears the notice, and its answer is lost.
    let way =
        Way::answering(
            move |heard| {
                if tried.fetch_add(1, Ordering::SeqCst) == 0 { Said::Nothing } else { taken(heard) }
            },
        );
    let subscriber = SubscriberSettings {
        name: "customs".into(),
        service: SERVICE.into(),
        by: SubscriberWay::Xroad,
        path: "/outages".into(),
        notices: vec![NoticeSubject::Outages],
    };
    let mut server = way.settings(CLIENT);
    server.request_hash = kordon_adapters::trembita::consumer::RequestHashRule::Checked;
    let (channels, subscriptions) = subscribed(Channels::new(), Some(&server), &[subscriber]).unwrap();
    let mut connection = hub.database.own_connection().await.unwrap();
    subscribers::keep(&mut connection, &subscriptions, hub.clock.now()).await.unwrap();
    hub.post("/api/v1/outages").as_role(Role::SupportLine1).json(&outage()).send().await.expect(201);

    let (recipient, channel) = channels.iter().next().unwrap();
    let first =
        deliver_due(&mut connection, recipient.clone(), &*channel, hub.clock.now()).await.unwrap().unwrap();
    assert!(first.detail.starts_with("no answer came"), "{}", first.detail);
    let due = first.next_attempt_at.unwrap();
    deliver_due(&mut connection, recipient.clone(), &*channel, due).await.unwrap().unwrap();
    assert!(deliver_due(&mut connection, recipient, &*channel, due).await.unwrap().is_none());

    let feed = hub.get("/api/v1/notices").as_role(Role::PressOffice).send().await.expect(200);
    let id = feed["items"][0]["id"].as_str().unwrap();
    let shown = hub.get(&format!("/api/v1/notices/{id}")).as_role(Role::PressOffice).send().await.expect(200);
    let delivery =
        shown["deliveries"].as_array().unwrap().iter().find(|own| own["recipient"] == "trembita").unwrap();
    assert_eq!((&delivery["subscriber"], &delivery["state"]), (&json!("customs"), &json!("delivered")));
    let outcomes: Vec<&Value> =
        delivery["attempts"].as_array().unwrap().iter().map(|own| &own["outcome"]).collect();
    assert_eq!(outcomes, [&json!("transient_fault"), &json!("delivered")]);
    let heard = way.server.heard();
    assert_eq!(heard.len(), 2);
    assert!(
        heard.iter().all(|heard| heard.header("x-road-id") == Some(id)),
        "the same notice under the same id"
    );
    assert_eq!(heard[0].target, format!("/r1/{SERVICE}/outages"));
    assert_eq!(
        serde_json::from_slice::<Value>(&heard[1].body).unwrap(),
        feed["items"][0],
        "as the feed has it"
    );
    let metrics = hub.get("/metrics").as_role(Role::Administrator).send().await;
    assert!(
        metrics.text().contains("kordon_outbox_notices{recipient=\"trembita:customs\",state=\"pending\"} 0")
    );
}

/// The real program, set by its file: what is declared at its door reaches the member.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_tells_the_subscribers_of_its_settings() {
    let (tell, told) = mpsc::channel();
    let tell = std::sync::Mutex::new(tell);
    let way = Way::answering(move |heard| {
        tell.lock().unwrap().send(heard.clone()).unwrap();
        taken(heard)
    });
    let site = Site::shared().await;
    let path = |name: &str| way.files.path().join(name).display().to_string();
    let settings = format!(
        "[security_server]\naddress = \"{}\"\nclient = \"{CLIENT}\"\ncertificate = \"{}\"\nkey = \"{}\"\nca_file = \"{}\"\n\
         [[subscribers]]\nname = \"customs\"\nservice = \"{SERVICE}\"\nby = \"xroad\"\nnotices = [\"outages\", \"permits\"]\n",
        way.server.url(),
        path("client.pem"),
        path("client.key"),
        path("ca.pem"),
    );
    let file = site.file("kordon.toml");
    std::fs::write(&file, settings).unwrap();
    let mut serving = site.serving();
    serving.env("KORDON_CONFIG", &file);
    let hub = HubProcess::start(&site, serving);
    let line = hub.client(&site.token("support_line_1"));
    let mut declared = outage();
    declared["starts_at"] = json!(chrono::Utc::now() - chrono::TimeDelta::minutes(5));
    let declared = line.post("/api/v1/outages", &declared).await;
    let heard = tokio::task::spawn_blocking(move || told.recv_timeout(PATIENCE).unwrap()).await.unwrap();
    let notice: Value = serde_json::from_slice(&heard.body).unwrap();
    assert_eq!(notice["outage_id"], declared.body["id"], "{declared:?}");
    assert_eq!(heard.header("x-road-id"), notice["id"].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_cannot_be_reached_by_its_settings_is_told_at_the_start() {
    for (settings, told) in [
        (
            "[[subscribers]]\nname = \"customs\"\nservice = \"A/B/C/D/e\"\nby = \"soap\"\n",
            "set security_server",
        ),
        (
            "[security_server]\naddress = \"http://example.org\"\nclient = \"A/B/C\"\n[[subscribers]]\nname = \"customs\"\nservice = \"A/B/C/D/e\"\nby = \"soap\"\n",
            "security_server.address",
        ),
        ("[[subscribers]]\nname = \"customs\"\nservice = \"A/B/C/D/e\"\nby = \"pigeon\"\n", "pigeon"),
        ("[security_server]\nadress = \"http://example.org\"\n", "adress"),
    ] {
        let site = Site::shared().await;
        let path = site.file("kordon.toml");
        std::fs::write(&path, settings).unwrap();
        let said = site.run(&["serve", "--listen", "127.0.0.1:0", "--config", &path.display().to_string()]);
        assert!(!said.succeeded && said.error.contains(told), "{settings}: {}", said.error);
    }
}
