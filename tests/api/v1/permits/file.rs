//! `POST /api/v1/permit-requests`.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::{Refusal as _, Story, of_another_trader, procedure, solve};
use crate::hub::changed;

#[tokio::test]
async fn an_office_files_a_request_and_its_ticket_is_registered() {
    let story = Story::begin().await;
    let mut request = story.file(&procedure()).await.expect(201);
    let ticket = story.ticket(&request).await;
    let facts = ["registration_number", "status", "line", "priority"].map(|member| ticket[member].clone());
    assert_eq!(facts, [json!("2026-000001"), json!("new"), json!("line_1"), json!("critical")]);
    request["id"] = "(the id)".into();
    request["ticket"] = "(the id)".into();
    assert_snapshot!(serde_json::to_string_pretty(&request).unwrap(), @r#"
    {
      "asks": "procedure",
      "decide_by": "2026-11-23T12:00:00Z",
      "decided_at": null,
      "decided_late": false,
      "id": "(the id)",
      "office": "UA209030",
      "office_told_at": null,
      "permit": null,
      "received_at": "2026-11-23T08:00:00Z",
      "refusal": null,
      "registration_number": "2026-000001",
      "state": "open",
      "systems": [
        "ets"
      ],
      "ticket": "(the id)",
      "trader_edrpou": "20000090",
      "trader_kind": "legal_entity",
      "trader_name": "ТОВ «Перевізник»",
      "trader_told_at": null
    }
    "#);
}

#[tokio::test]
async fn what_is_missing_is_named_and_nothing_is_registered() {
    let story = Story::begin().await;
    let faulty = json!({
        "asks": "procedure", "user": {"kind": "legal_entity", "name": "x", "edrpou": "43115923", "person": "x"},
        "office": "PL401060", "trader": {"name": " ", "edrpou": "20000090"}, "systems": ["ets", "ets"],
        "began_at": "2026-11-23T09:40:00Z", "agreed_until": "2026-11-23T09:00:00Z", "checks": "", "seen_by_office": false,
        "to_withdraw": [{"kind": "mrn", "number": "26UA408050000042L5"}, {"kind": "lrn", "number": " x"}]
    });
    assert_snapshot!(story.file(&faulty).await.problem(), @r#"
    422 invalid: 12 places break a rule
      "/user/email" is missing: give an e-mail address or a telephone number to be told by
      "/substance" is missing: say what the matter is
      "/user/kind" is customs_official: the departure office makes the request
      "/office" is no customs office of Ukraine
      "/began_at" lies ahead; an incident has begun already
      "/agreed_until" must be after `began_at`
      "/systems" names a system twice
      "/trader/name" is missing
      "/trader/email" is missing: give an e-mail address or a telephone number, the trader must be told
      "/checks" has 1 to 2000 characters, and no control characters
      "/to_withdraw/0/number" the check digit of the MRN is wrong: the last digit would have to be 4
      "/to_withdraw/1/number" an LRN has 1 to 22 visible characters, and no space at its ends
    "#);
    let filed = story.file(&procedure()).await.expect(201);
    assert_eq!(filed["registration_number"], "2026-000001", "a refusal takes no number");
}

#[tokio::test]
async fn one_incident_is_asked_for_once() {
    let story = Story::begin().await;
    let first = story.file(&procedure()).await.expect(201);
    let told = story.file(&procedure()).await.refusal();
    let id = first["id"].as_str().unwrap();
    assert_eq!(told, format!("409 permit_twin: request {id} of this trader at this office is open"));
    // Another trader, and the other of the two requests, are other matters. The refused one took no number.
    let other = story.file(&of_another_trader()).await.expect(201);
    assert_eq!(other["registration_number"], "2026-000002");
    story.file(&solve()).await.expect(201);
}

#[tokio::test]
async fn many_who_ask_at_once_get_one_request() {
    let story = Story::begin().await;
    let asked = procedure();
    let answers = futures_util::future::join_all((0..8).map(|_| story.file(&asked))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
}

#[tokio::test]
async fn a_request_may_be_repeated_under_its_key() {
    let story = Story::begin().await;
    let keyed = |role: Role, request: Value| {
        let post = story.hub.post("/api/v1/permit-requests").as_role(role);
        post.header("Idempotency-Key", "k-1").json(&request)
    };
    let first = keyed(Role::DepartureOffice, procedure()).send().await.expect(201);
    assert_eq!(keyed(Role::DepartureOffice, procedure()).send().await.expect(200), first);
    let told = keyed(Role::DepartureOffice, solve()).send().await.refusal();
    assert_eq!(told, "409 idempotency_conflict: the key stands for another ticket, 2026-000001");
}

#[tokio::test]
async fn line_1_enters_a_call_and_the_four_hours_run_from_it() {
    let story = Story::begin().await;
    let call = json!({"received_at": "2026-11-23T07:50:00Z", "recording": "calls/2026-11-23/4"});
    let by_phone = changed(procedure(), &json!({"call": call}));
    let enter = story.hub.post("/api/v1/permit-requests").as_role(Role::SupportLine1);
    let request = enter.json(&by_phone).send().await.expect(201);
    assert_eq!(request["decide_by"], "2026-11-23T11:50:00Z");
}

#[tokio::test]
async fn data_to_withdraw_is_stated_and_withdrawn_once() {
    let story = Story::begin().await;
    let mrn = json!({"kind": "mrn", "number": "26UA408050000042L4"});
    let request = story.file(&changed(procedure(), &json!({"to_withdraw": [mrn]}))).await.expect(201);
    let state = |data: Value| story.done(Role::DepartureOffice, &request, "withdrawals", data);
    let later = json!({"withdrawn_at": "2026-11-23T07:59:00Z"});
    state(json!({"kind": "lrn", "number": "T-17"})).await.expect(200);
    state(changed(mrn.clone(), &later)).await.expect(200);
    state(mrn.clone()).await.expect(200);
    let told = state(changed(mrn, &json!({"withdrawn_at": "2026-11-23T09:00:00Z"}))).await.refusal();
    assert!(told.starts_with("422 invalid: /withdrawn_at lies ahead"), "{told}");
    let address = format!("/api/v1/permit-requests/{}", request["id"].as_str().unwrap());
    let show = story.hub.get(&address).as_role(Role::SupportLine2).for_purpose("Order 926");
    let expected = json!([
        {"kind": "lrn", "number": "T-17"},
        {"kind": "mrn", "number": "26UA408050000042L4", "withdrawn_at": "2026-11-23T07:59:00Z"}
    ]);
    assert_eq!(show.send().await.expect(200)["to_withdraw"], expected);
}
