//! A permit for a sole trader (Order 926, section II, clause 3, item 1): as for a legal entity, and named to
//! nobody who does not say what for.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::super::notices::delivery::deliver;
use super::{Refusal as _, Story, procedure};
use crate::hub::TestHub;

const NAME: &str = "ФОП Мельник Тарас Петрович";
const TAX_NUMBER: &str = "2876543211";

/// What an office files for a sole trader.
fn of_sole_trader() -> Value {
    let mut request = procedure();
    request["trader"] = json!({"name": NAME, "rnokpp": TAX_NUMBER, "email": "melnyk@example.com"});
    request
}

fn with_codes(codes: &Value) -> Value {
    let mut request = of_sole_trader();
    request["trader"] = json!({"name": NAME, "email": "melnyk@example.com"});
    for (name, code) in codes.as_object().unwrap() {
        request["trader"][name] = code.clone();
    }
    request
}

/// That an answer, a mail or a table says nothing of who the trader is.
fn assert_unnamed(text: &str) {
    for personal in [NAME, "Мельник", TAX_NUMBER] {
        assert!(!text.contains(personal), "{personal} is in {text}");
    }
}

async fn told_to(hub: &TestHub, role: Role, address: &str) -> String {
    let answer = hub.get(address).as_role(role).send().await;
    assert_eq!(answer.status, 200, "{address}");
    String::from_utf8(answer.body).unwrap()
}

#[tokio::test]
async fn a_sole_trader_gets_a_permit_and_is_named_to_those_alone_who_say_what_for() {
    let (story, folder) = (Story::begin().await, tempfile::tempdir().unwrap());
    let filed = story.file(&of_sole_trader()).await.expect(201);
    assert_eq!(filed["trader_kind"], "sole_trader");
    story.pass(&filed).await;
    let confirmed =
        story.done(Role::SupportLine2, &filed, "decisions", story.confirmation()).await.expect(200);
    story.tell(&confirmed, "departure_office").await;
    let permit = story.tell(&confirmed, "trader").await;
    assert_eq!(permit["permit"]["state"], "in_force");
    let used = json!({"registration_number": "UA209030/2026/000017", "released_on": "2026-11-23"});
    let report = json!({"uses": [used], "complete": true});
    let closed = story.with_permit(Role::DepartureOffice, &permit, "reports", report).await.expect(200);
    assert_eq!(closed["state"], "closed");
    deliver(&story.hub, &folder).await;

    for answer in [&filed, &confirmed, &permit, &closed, &story.check(Role::Customs, &permit).await] {
        assert_unnamed(&answer.to_string());
    }
    for (role, address) in [
        (Role::SupportLine1, "/api/v1/permit-requests"),
        (Role::DepartureOffice, "/api/v1/permit-requests"),
        (Role::SupportLine1, "/api/v1/tickets"),
        (Role::Taxud, "/api/v1/notices"),
        (Role::Customs, "/api/v1/continuity-use?year=2026"),
        (Role::Administrator, "/metrics"),
    ] {
        assert_unnamed(&told_to(&story.hub, role, address).await);
    }
    let address = format!("/api/v1/permit-requests/{}", filed["id"].as_str().unwrap());
    let show = || story.hub.get(&address).as_role(Role::SupportLine1);
    assert!(show().send().await.problem().starts_with("400 purpose_required"));
    let shown = show().for_purpose("Order 926, IV 6").send().await.expect(200);
    assert_snapshot!(serde_json::to_string_pretty(&shown["trader"]).unwrap(), @r#"
    {
      "email": "melnyk@example.com",
      "name": "ФОП Мельник Тарас Петрович",
      "rnokpp": "2876543211"
    }
    "#);
}

#[tokio::test]
async fn a_trader_is_a_legal_entity_or_a_sole_trader_and_not_both() {
    let story = Story::begin().await;
    let refused = async |codes: Value| story.file(&with_codes(&codes)).await.refusal();
    for (codes, refusal) in [
        (
            json!({}),
            "422 invalid: /trader/edrpou is missing: give the code of a legal entity, or the `rnokpp` of a sole trader",
        ),
        (
            json!({"edrpou": "20000090", "rnokpp": TAX_NUMBER}),
            "422 invalid: /trader/rnokpp is of a sole trader, and `edrpou` of a legal entity: leave one of the two out",
        ),
        (
            json!({"rnokpp": "9999900007"}),
            "422 invalid: /trader/rnokpp begins with a birthday that cannot be",
        ),
    ] {
        assert_eq!(refused(codes).await, refusal);
    }
    let mistyped = refused(json!({"rnokpp": "2876543212"})).await;
    assert!(mistyped.contains("the check digit of the tax number (RNOKPP) is wrong"), "{mistyped}");
    assert_unnamed(&mistyped);
}

#[tokio::test]
async fn one_incident_of_a_sole_trader_is_asked_for_once() {
    let story = Story::begin().await;
    let asked = of_sole_trader();
    let answers = futures_util::future::join_all((0..8).map(|_| story.file(&asked))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
    assert!(story.file(&asked).await.refusal().starts_with("409 permit_twin"));
    story.file(&with_codes(&json!({"rnokpp": "3055123475"}))).await.expect(201);
    story.file(&procedure()).await.expect(201);
}

/// A system belongs to a legal entity: no trader's system sees the request of a sole trader.
#[tokio::test]
async fn the_request_of_a_sole_trader_is_no_legal_entitys() {
    let story = Story::begin().await;
    let filed = story.file(&of_sole_trader()).await.expect(201);
    let list = story.hub.get("/api/v1/permit-requests").as_role(Role::Trader).send().await.expect(200);
    assert_eq!(list["items"], json!([]));
    let address = format!("/api/v1/permit-requests/{}", filed["id"].as_str().unwrap());
    let shown = story.hub.get(&address).as_role(Role::Trader).for_purpose("Order 926").send().await;
    assert_eq!(shown.status, 404);
    let uses = story.hub.get("/api/v1/continuity-use?year=2026").as_role(Role::SupportLine2).send().await;
    assert_eq!(uses.expect(200)["items"], json!([]), "its uses are counted by nobody's code");
}
