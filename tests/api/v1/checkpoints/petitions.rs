//! `/api/v1/checkpoints/{checkpoint}/petitions`.

use kordon_hub::parties::{Role, Scope};
use serde_json::{Value, json};

use super::rules;
use crate::hub::{Answer, KRAKIVETS, TestHub, changed};

fn petition() -> Value {
    serde_json::from_str(include_str!("../../../../schemas/examples/PetitionIn.json")).unwrap()
}

async fn file(hub: &TestHub, body: &Value) -> Answer {
    hub.post(&TestHub::at(KRAKIVETS, "petitions")).as_role(Role::QueueOperator).json(body).send().await
}

async fn decide(hub: &TestHub, id: &Value, outcome: &str) -> Answer {
    let address = TestHub::at(KRAKIVETS, &format!("petitions/{}/decision", id.as_str().unwrap()));
    let body = json!({"outcome": outcome, "reason": "humanitarian cargo"});
    hub.post(&address).as_role(Role::BorderGuard).json(&body).send().await
}

#[tokio::test]
async fn a_petition_is_filed_read_for_a_purpose_and_decided_once() {
    let hub = TestHub::start().await;
    rules::put(&hub, "1", &rules::rules_in()).await.expect(201);
    let filed = file(&hub, &petition()).await.expect(201);
    assert_eq!(file(&hub, &petition()).await.expect(200), filed);
    let address = TestHub::at(KRAKIVETS, "petitions");
    let asked = hub.get(&format!("{address}?undecided=true")).as_role(Role::BorderGuard);
    let page = asked.for_purpose("Resolution 1393, clause 21").send().await.expect(200);
    assert_eq!(page["items"], json!([filed]));
    let id = filed["id"].as_str().unwrap();
    let line = format!("border_guard list_petitions {KRAKIVETS} Resolution 1393, clause 21 [{id}]");
    assert_eq!(hub.readings().await, line);
    let own = TestHub::at(KRAKIVETS, &format!("petitions/{id}/decision"));
    let own =
        hub.post(&own).as_role(Role::QueueOperator).json(&json!({"outcome": "granted", "reason": "ours"}));
    let told = own.send().await.problem();
    assert_eq!(told, "403 own_petition: this system filed the petition; another one decides it");
    let decided = decide(&hub, &filed["id"], "granted").await.expect(200);
    assert_eq!(decided["decision"]["outcome"], "granted");
    assert_eq!(decided["decision"]["system"], hub.system(Role::BorderGuard).to_string());
    let again = decide(&hub, &filed["id"], "refused").await.problem();
    assert_eq!(again, "409 petition_decided: the petition was granted at 2026-11-21T12:00:00Z");
    let one = hub
        .get(&format!("{address}/{id}"))
        .as_role(Role::QueueOperator)
        .for_purpose("a dispute")
        .send()
        .await;
    assert_eq!(one.expect(200), decided);
}

/// It holds a person and documents of another's customer (Q25).
#[tokio::test]
async fn an_operator_is_not_shown_the_petitions_of_another() {
    let hub = TestHub::start().await;
    rules::put(&hub, "1", &rules::rules_in()).await.expect(201);
    let filed = file(&hub, &petition()).await.expect(201);
    let (_, another) =
        hub.add_system_of("43115923", "Another operator", Role::QueueOperator, "b", Scope::default()).await;
    let address = TestHub::at(KRAKIVETS, "petitions");
    let one = format!("{address}/{}", filed["id"].as_str().unwrap());
    let list = async |token: &str| {
        let asked = hub.get(&address).as_token(token).for_purpose("a dispute").send().await;
        asked.expect(200)["items"].clone()
    };
    assert_eq!(list(hub.token(Role::QueueOperator)).await, json!([filed]));
    assert_eq!(list(&another).await, json!([]));
    let shown = hub.get(&one).as_token(&another).for_purpose("a dispute").send().await;
    assert_eq!(shown.status, 404);
}

#[tokio::test]
async fn a_granted_petition_is_used_by_the_booking_that_names_it() {
    let hub = TestHub::start().await;
    rules::put(&hub, "1", &rules::rules_in()).await.expect(201);
    let id = file(&hub, &petition()).await.expect(201)["id"].clone();
    decide(&hub, &id, "granted").await.expect(200);
    let booking = json!({"reference": "KR-1", "plate": "AA 1234 BB", "queue": "priority", "channel": "on_site",
        "vehicle": {"category": "truck", "mass_kg": 40_000}, "data": {"cmr": "KB-17"}, "petition": id});
    let book =
        |body: Value| hub.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).json(&body);
    let booked = book(booking.clone()).send().await.expect(201);
    assert_eq!((&booked["queue"], &booked["priority_class"]), (&json!("priority"), &json!("humanitarian")));
    let other = changed(booking, &json!({"reference": "KR-2", "plate": "AA 4321 BB"}));
    let used = book(other).send().await.problem();
    assert_eq!(used, "409 petition_not_usable: the petition was used by a booking");
}

#[tokio::test]
async fn without_classes_there_is_nothing_to_ask_for() {
    let hub = TestHub::start().await;
    let told = file(&hub, &petition()).await.problem();
    assert!(
        told.starts_with("422 invalid: /class this checkpoint has no priority queue by its rules"),
        "{told}"
    );
}
