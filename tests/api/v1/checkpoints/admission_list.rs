//! `GET /api/v1/checkpoints/{checkpoint}/admission-list`: verified as a gate does it, with the `openssl`
//! command line.

use std::process::Command;

use chrono::TimeDelta;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{Answer, KRAKIVETS, TestHub};

const PURPOSE: &str = "Постанова 1393, п. 31";

impl TestHub {
    async fn admission_list(&self, query: &str) -> Answer {
        let address = TestHub::at(KRAKIVETS, &format!("admission-list{query}"));
        self.get(&address).as_role(Role::BorderGuard).for_purpose(PURPOSE).send().await
    }

    /// The certificate, then the list as `openssl` gives it out once it has verified it.
    async fn verified_list(&self, query: &str) -> Value {
        let certificate = self.get("/api/v1/signing-certificate").as_role(Role::BorderGuard).send().await;
        assert_eq!(certificate.header("content-type"), "application/pem-certificate-chain");
        let signed = self.admission_list(query).await;
        assert_eq!((signed.status, signed.header("content-type")), (200, "application/cms"));
        serde_json::from_slice(&verified(&signed.body, &certificate.body).unwrap()).unwrap()
    }
}

fn verified(signed: &[u8], certificate: &[u8]) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().unwrap();
    let (message, trusted) = (folder.path().join("list.p7m"), folder.path().join("certificate.pem"));
    std::fs::write(&message, signed).unwrap();
    std::fs::write(&trusted, certificate).unwrap();
    let said = Command::new("openssl")
        .args(["cms", "-verify", "-inform", "DER", "-binary", "-in"])
        .arg(message)
        .arg("-CAfile")
        .arg(trusted)
        .output()
        .unwrap();
    if said.status.success() { Ok(said.stdout) } else { Err(String::from_utf8_lossy(&said.stderr).into()) }
}

fn plates(of: &Value) -> Vec<&str> {
    of.as_array().unwrap().iter().map(|vehicle| vehicle["plate"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_list_holds_who_was_called_and_who_is_expected_and_openssl_verifies_it() {
    let hub = TestHub::start().await;
    for number in 1..=4 {
        hub.book(KRAKIVETS, &format!("AA 000{number} BB")).await;
        hub.clock.advance(TimeDelta::minutes(1));
    }
    for number in 1..=3 {
        hub.arrive(KRAKIVETS, &format!("AA 000{number} BB")).await;
    }
    let nobody_called = hub.verified_list("").await;
    assert_eq!(plates(&nobody_called["expected"]), ["AA 0001 BB", "AA 0002 BB", "AA 0003 BB"]);
    let call = hub.call(KRAKIVETS).await;
    let list = hub.verified_list("?hours=1").await;
    assert_eq!(plates(&list["called"]), ["AA 0001 BB"]);
    assert_eq!(list["called"][0]["deadline_at"], call["deadline_at"]);
    assert_eq!(plates(&list["expected"]), ["AA 0002 BB"], "one was called in a day: one turn in an hour");
    assert_eq!(list["position"], 8);
    assert_eq!(
        (&list["issued_at"], &list["valid_until"]),
        (&json!("2026-11-21T12:04:00Z"), &json!("2026-11-21T13:04:00Z"))
    );
    hub.clock.advance(TimeDelta::hours(5));
    assert_eq!(plates(&hub.verified_list("").await["called"]), [""; 0], "its deadline has passed");
}

#[tokio::test]
async fn a_list_that_was_changed_does_not_verify() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    let certificate = hub.get("/api/v1/signing-certificate").as_role(Role::BorderGuard).send().await;
    let mut signed = hub.admission_list("").await.body;
    verified(&signed, &certificate.body).unwrap();
    let at = signed.windows(4).position(|part| part == b"0001").unwrap();
    signed[at] = b'7';
    verified(&signed, &certificate.body).unwrap_err();
}

#[tokio::test]
async fn the_read_is_recorded_with_the_bookings_and_names_nobody() {
    let hub = TestHub::start().await;
    let body = json!({"reference": "r-1", "plate": "AA 0001 BB", "queue": "live", "channel": "web",
        "driver": {"name": "Остап Вишня"}, "trailer_plate": "AA 9999 XX"});
    let booked =
        hub.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).json(&body).send();
    let booking = booked.await.expect(201)["id"].as_str().unwrap().to_owned();
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    let list = hub.verified_list("").await.to_string();
    assert!(list.contains("AA 0001 BB") && !list.contains("Остап") && !list.contains("9999"), "{list}");
    let expected = format!("border_guard show_admission_list {KRAKIVETS} {PURPOSE} [{booking}]");
    assert_eq!(hub.readings().await, expected);
    let without = hub.get(&TestHub::at(KRAKIVETS, "admission-list")).as_role(Role::BorderGuard).send().await;
    assert!(without.problem().starts_with("400 purpose_required"));
    hub.lose_the_access_log().await;
    assert_eq!(hub.admission_list("").await.status, 500, "what cannot be recorded is not shown");
}

#[tokio::test]
async fn hours_that_make_no_sense_are_refused() {
    let hub = TestHub::start().await;
    for query in ["?hours=0", "?hours=73", "?hours=-1", "?hours=x", "?days=1"] {
        assert_eq!(hub.admission_list(query).await.status, 400, "{query}");
    }
    assert_eq!(hub.admission_list("?hours=72").await.status, 200);
}

#[tokio::test]
async fn what_a_gate_did_while_it_was_cut_off_is_taken_hours_later_and_comes_out_right() {
    let hub = TestHub::start().await;
    let mut crossings = Vec::new();
    for number in 1..=2 {
        crossings.push(hub.book(KRAKIVETS, &format!("AA 000{number} BB")).await);
        hub.arrive(KRAKIVETS, &format!("AA 000{number} BB")).await;
        hub.call(KRAKIVETS).await;
    }
    let list = hub.verified_list("?hours=12").await;
    assert_eq!(plates(&list["called"]), ["AA 0001 BB", "AA 0002 BB"]);
    // The line is down for six hours. The gate lets both in by the list, and states it afterwards, the latest
    // first.
    let at = |minutes: i64| hub.clock.now() + TimeDelta::minutes(minutes);
    let event = |id: &str, kind: &str, number: u32, minutes: i64| json!({"id": id, "kind": kind, "plate": format!("AA 000{number} BB"), "occurred_at": at(minutes)});
    let offline = json!([
        event("left-1", "checkpoint-left", 1, 130),
        event("out-1", "border-control-finished", 1, 120),
        event("in-2", "checkpoint-entered", 2, 90),
        event("in-1", "checkpoint-entered", 1, 60),
    ]);
    hub.clock.advance(TimeDelta::hours(6));
    let answers = hub.events(KRAKIVETS, Role::BorderGuard).json(&offline).send().await.expect(200);
    let outcomes: Vec<_> = answers["items"].as_array().unwrap().iter().map(|item| &item["outcome"]).collect();
    assert_eq!(outcomes, ["recorded"; 4], "none contradicts the others: {answers}");
    let shown = async |crossing: &str| {
        let address = format!("/api/v1/crossings/{crossing}");
        hub.get(&address).as_role(Role::BorderGuard).for_purpose(PURPOSE).send().await.expect(200)
    };
    let first = shown(&crossings[0]).await;
    assert_eq!((&first["stage"], &first["contradictions"]), (&json!("checkpoint_left"), &json!([])));
    let entered = &first["stages"][4];
    assert_eq!(
        (&entered["stage"], &entered["at"]),
        (&json!("checkpoint_entered"), &json!("2026-11-21T13:00:00Z"))
    );
    assert_eq!(shown(&crossings[1]).await["stage"], "checkpoint_entered");
    let queue = hub.get(&TestHub::at(KRAKIVETS, "queue")).as_role(Role::BorderGuard).send().await.expect(200);
    assert_eq!(queue["entries"], json!([]));
}
