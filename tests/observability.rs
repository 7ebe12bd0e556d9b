//! What the hub tells of itself: logs and metrics that say what happened and never who it happened to.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::Method;
use serde_json::{Value, json};

use crate::hub::KRAKIVETS;
use crate::process::{HubProcess, PATIENCE, Site, event};

/// A plate, a driver and a purpose that stand nowhere else.
const PLATE: &str = "MK7391ZQ";
const PLATE_AS_WRITTEN: &str = "MK 7391-ZQ";
const DRIVER: &str = "Mykola Zabudko-Marker";
const PURPOSE: &str = "inspection of the marked vehicle";

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_metrics_hold_no_token_no_plate_and_no_name() {
    let site = Site::shared().await;
    let mut serving = site.serving();
    serving.env("RUST_LOG", "trace");
    let hub = HubProcess::start(&site, serving);
    play_a_visit(&hub, &site).await;
    play_nonsense(&hub, &site).await;
    let metrics = hub.stranger().get("/metrics").await.body["text"].as_str().unwrap().to_owned();
    drop(hub);

    let log = site.log();
    assert!(log.lines().count() > 20, "nothing was logged: {log}");
    let database = site.database_url();
    let password = database.split_once("://").and_then(|(_, rest)| rest.split_once('@')).unwrap().0;
    let password = password.rsplit(':').next().unwrap().to_owned();
    let mut secrets =
        vec![PLATE.to_owned(), PLATE_AS_WRITTEN.to_owned(), DRIVER.to_owned(), PURPOSE.to_owned(), password];
    secrets.extend(["border_guard", "queue_operator", "customs"].map(|role| site.token(role)));
    for secret in &secrets {
        for form in forms(secret) {
            for (what, text) in [("log", &log), ("metrics", &metrics)] {
                let lower = text.to_lowercase();
                if let Some(at) = lower.find(&form) {
                    let shown: String = lower[..at].chars().rev().take(300).collect();
                    let shown: String = shown.chars().rev().collect();
                    panic!("the {what} holds {secret} as {form}, after: {shown}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_found_in_the_log_by_its_id() {
    let site = Site::shared().await;
    let hub = site.serve();
    let refused = hub.stranger().get("/api/v1/outages").await;
    let unknown = hub.stranger().get("/nothing/here").await;
    drop(hub);
    let log = site.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    for (answer, pattern, status) in [(refused, "/api/v1/outages", 401), (unknown, "(none)", 404)] {
        let line = lines.iter().find(|line| line["fields"]["request_id"] == answer.body["request_id"]);
        let fields = &line.unwrap_or_else(|| panic!("{} is not in {log}", answer.body))["fields"];
        assert_eq!((&fields["pattern"], &fields["status"]), (&json!(pattern), &json!(status)));
        assert_eq!(fields["method"], "GET");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_of_requests_events_commits_notices_and_the_database() {
    let site = Site::shared().await;
    let hub = site.serve();
    let guard = hub.client(&site.token("border_guard"));
    let events = format!("/api/v1/checkpoints/{KRAKIVETS}/events");
    let entered = event("1", PLATE);
    guard.post(&events, &entered).await;
    guard.post(&events, &entered).await;
    let line = hub.client(&site.token("support_line_1"));
    let now = chrono::Utc::now();
    let outage = json!({"kind": "unplanned", "affected_systems": ["ets"], "starts_at": now, "fallback_allowed": true,
        "text": {"uk": "Збій.", "en": "Failure."}});
    assert_eq!(line.post("/api/v1/outages", &outage).await.status, 201);
    let feed = line.get("/api/v1/notices").await;
    let notice = format!("/api/v1/notices/{}", feed.body["items"][0]["id"].as_str().unwrap());
    let told = line.get(&notice).await;
    hub.logs("\"notice delivered\"", told.body["deliveries"].as_array().unwrap().len()).await;
    let told = line.get(&notice).await;
    let mut ways = told.body["deliveries"].as_array().unwrap().iter();
    assert!(ways.all(|way| way["state"] == "delivered"), "{told:?}");

    let text = hub.stranger().get("/metrics").await.body["text"].as_str().unwrap().to_owned();
    for expected in [
        "kordon_events_total{kind=\"checkpoint-entered\",outcome=\"unmatched\"} 1",
        "kordon_events_total{kind=\"checkpoint-entered\",outcome=\"duplicate\"} 1",
        "kordon_requests_seconds_count{method=\"POST\",operation=\"/api/v1/checkpoints/{checkpoint}/events\",status=\"202\"} 1",
        "kordon_recorder_batch_events_count 2",
        "kordon_recorder_commit_seconds_count 2",
        "kordon_database_connections{state=\"limit\"} 10",
        "kordon_database_waiting 0",
    ] {
        assert!(text.lines().any(|line| line == expected), "{expected} is not in\n{text}");
    }
    for part in ["kordon_outbox", "kordon_outbox_oldest_seconds", "deliver", "process_resident_memory_bytes"]
    {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_client_makes_up_makes_no_new_series() {
    let site = Site::shared().await;
    let hub = site.serve();
    let series = async || {
        let text = hub.stranger().get("/metrics").await.body["text"].as_str().unwrap().to_owned();
        let lines = text.lines().filter(|line| line.starts_with("kordon_requests_seconds_count"));
        lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect::<BTreeSet<_>>()
    };
    let invent = async |turn: u32| {
        let method = Method::from_bytes(format!("INVENTED{turn}").as_bytes()).unwrap();
        let stranger = hub.stranger();
        stranger.request(method, "/api/v1/checkpoints").send().await.unwrap();
        stranger.get(&format!("/invented/{turn}")).await;
        stranger.get(&format!("/api/v1/outages/invented-{turn}?invented={turn}")).await;
        stranger.get(&format!("/docs/invented-{turn}")).await;
    };
    invent(0).await;
    series().await;
    let before = series().await;
    for turn in 1..10 {
        invent(turn).await;
    }
    assert_eq!(series().await, before);
    assert!(!before.iter().any(|line| line.to_lowercase().contains("invented")), "{before:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_on_the_line_is_answered_or_dropped_and_the_hub_lives() {
    let site = Site::shared().await;
    let mut hub = site.serve();
    let address = hub.url().trim_start_matches("http://").to_owned();
    for noise in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc".as_slice(),
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/v1/outages HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/outages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: ",
    ] {
        let mut line = TcpStream::connect(&address).unwrap();
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        line.write_all(noise).unwrap();
        if noise.ends_with(b": ") {
            // A header without an end: the hub stops reading before its memory does.
            let _refused_in_the_middle = line.write_all(&vec![b'x'; 4 * 1024 * 1024]);
        }
        line.shutdown(std::net::Shutdown::Write).ok();
        let mut answer = Vec::new();
        let _reset_or_closed = line.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{noise:?}: {answer}");
    }
    assert_eq!(hub.stranger().get("/health/live").await.status, 204);
    assert!(hub.lives());
}

/// A vehicle with its driver from the booking to the gate, by every way in.
async fn play_a_visit(hub: &HubProcess, site: &Site) {
    let at = |what: &str| format!("/api/v1/checkpoints/{KRAKIVETS}/{what}");
    let operator = hub.client(&site.token("queue_operator"));
    let guard = hub.client(&site.token("border_guard"));
    let booking = json!({"reference": "r-1", "plate": PLATE_AS_WRITTEN, "trailer_plate": PLATE, "queue": "live",
        "channel": "web", "driver": {"name": DRIVER}});
    let booked = operator.post(&at("bookings"), &booking).await;
    assert_eq!(booked.status, 201, "{}", booked.body);
    let mut arrived = event("zone-1", PLATE_AS_WRITTEN);
    arrived["kind"] = "zone-arrived".into();
    arrived["zone"] = "KRAKIVETS-1".into();
    let zone = hub.client(&site.token("zone_operator"));
    assert_eq!(zone.post(&at("events"), &arrived).await.status, 201);
    assert_eq!(operator.post(&at("calls"), &json!({})).await.status, 201);
    assert_eq!(guard.post(&at("admission"), &json!({"plate": PLATE_AS_WRITTEN})).await.status, 200);
    let crossing = format!("/api/v1/crossings/{}", booked.body["id"].as_str().unwrap());
    for address in [at("queue"), at("call-list"), at("events"), crossing] {
        let reading = guard.request(Method::GET, &address).header("Kordon-Purpose", PURPOSE);
        assert_eq!(reading.send().await.unwrap().status(), 200, "{address}");
    }
    let entered = event("entered-1", PLATE_AS_WRITTEN);
    assert_eq!(guard.post(&at("events"), &entered).await.status, 201);
    assert_eq!(guard.post(&at("events"), &entered).await.body["outcome"], "duplicate");
    let mut other = entered;
    other["plate"] = "AA1111BB".into();
    assert_eq!(guard.post(&at("events"), &other).await.code(), "event_conflict");
    assert_eq!(
        operator
            .post(
                &at("bookings"),
                &json!({"reference": "r-2", "plate": PLATE, "queue": "live",
        "channel": "web", "driver": {"name": DRIVER}})
            )
            .await
            .code(),
        "already_booked"
    );
}

/// Requests that fail, with what must not be logged at every place where a request can hold it.
async fn play_nonsense(hub: &HubProcess, site: &Site) {
    let token = site.token("border_guard");
    let guard = hub.client(&token);
    let events = format!("/api/v1/checkpoints/{KRAKIVETS}/events");
    for body in [
        format!("{{\"plate\": \"{PLATE}\", \"name\": \"{DRIVER}\""),
        format!("{{\"id\": \"1\", \"{DRIVER}\": 1}}"),
        format!("<event>{PLATE} {DRIVER}"),
        format!("[\"{PLATE}\", \"{DRIVER}\"]"),
    ] {
        for form in ["application/json", "application/xml", DRIVER] {
            let sent = guard.request(Method::POST, &events).header("Content-Type", form).body(body.clone());
            // A list is answered item by item.
            let status = sent.send().await.unwrap().status();
            assert!(status.is_client_error() || status == 200, "{body} as {form}: {status}");
        }
    }
    for address in [
        format!("/{PLATE}"),
        format!("/api/v1/{token}?token={token}&plate={PLATE}"),
        format!("/api/v1/checkpoints/{PLATE}/queue"),
        format!("/api/v1/crossings/{PLATE}"),
        format!("{events}?{PLATE}={token}"),
        format!("/problems/{PLATE}"),
        format!("/schemas/{PLATE}"),
        format!("/docs/{PLATE}"),
    ] {
        let sent =
            guard.request(Method::GET, &address).header("X-Request-Id", PLATE).header("User-Agent", DRIVER);
        assert!(sent.send().await.unwrap().status().is_client_error(), "{address}");
    }
    let method = Method::from_bytes(PLATE.as_bytes()).unwrap();
    guard.request(method, "/health/live").send().await.unwrap();
    for scheme in ["Basic", "Bearer x", "bearer"] {
        let sent = hub
            .stranger()
            .request(Method::GET, &events)
            .header("Authorization", format!("{scheme} {token}x"));
        assert_eq!(sent.send().await.unwrap().status(), 401);
    }
}

/// The ways in which a careless line would show a text: as it is, and as the bytes of a statement's values.
fn forms(secret: &str) -> [String; 3] {
    let bytes = format!("{:?}", secret.as_bytes());
    let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    [secret.to_lowercase(), bytes.trim_matches(['[', ']']).to_owned(), hexadecimal]
}
