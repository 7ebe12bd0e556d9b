//! Documents of checkpoint events: their effect is that of `record_events`, once.

use chrono::TimeDelta;
use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::json;

use super::{DOCUMENTS, event, of_events, refuse_to_record, send, told};
use crate::hub::{KRAKIVETS, TestHub, YAHODYN, limited_to};

#[tokio::test]
async fn events_are_recorded_and_acknowledged_one_by_one() {
    let hub = TestHub::start().await;
    let crossing = hub.book(KRAKIVETS, "AA 1234 BB").await;
    let at = hub.clock.now() - TimeDelta::minutes(3);
    let events = [
        event("cu-1", "customs-control-started", "AA 1234 BB", at),
        event("cu-2", "checkpoint-left", "AA 1234 BB", at),
        "  <event><id>cu-3</id><kind>plate-read</kind></event>".to_owned(),
        event("cu-4", "customs-control-finished", "XX 9999 XX", at),
        event("cu-5", "customs-control-finished", "AA 1234 BB", at - TimeDelta::days(31)),
    ];
    let answer = send(&hub, Role::Customs, of_events(&hub, "D-1", &events.join("\n"))).await;
    assert_eq!(answer.header("location"), "/api/v1/exchange/documents/D-1/acknowledgement");
    assert_eq!(answer.header("content-type"), "application/xml");
    assert!(answer.text().contains(&format!("<crossing>{crossing}</crossing>")), "{}", answer.text());
    assert_snapshot!(told(&answer), @"
    201 D-1 recorded=true accepted_in_part
    cu-1 recorded 2
    cu-2 refused -
    cu-3 refused -
    cu-4 unmatched 3
    cu-5 refused -
    kind_not_allowed 5:1 /exchange_document/content/checkpoint_events/events/event[2] the role customs does not state `checkpoint-left`
    invalid 6:3 /exchange_document/content/checkpoint_events/events/event[3]/occurred_at is missing
    occurred_too_long_ago 8:83 /exchange_document/content/checkpoint_events/events/event[5]/occurred_at is more than 31 days ago
    ");
    // They are facts as any others.
    let listed = hub.get(&TestHub::at(KRAKIVETS, "events")).as_role(Role::Customs).for_purpose("Q32");
    let listed = listed.send().await.expect(200);
    let ids: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
    assert_eq!(ids, [json!("cu-1"), json!("cu-4")]);
}

#[tokio::test]
async fn the_same_bytes_have_the_same_acknowledgement_and_no_second_effect() {
    let hub = TestHub::start().await;
    let text = of_events(&hub, "D-1", &event("cu-1", "plate-read", "AA 1234 BB", hub.clock.now()))
        .replace("</occurred_at>", "</occurred_at><confidence>0.9</confidence>");
    let first = send(&hub, Role::Customs, text.clone()).await;
    assert_eq!(first.status, 201, "{}", first.text());
    hub.clock.advance(TimeDelta::days(40));
    let again = send(&hub, Role::Customs, text.clone()).await;
    assert_eq!((again.status, &again.body), (200, &first.body), "byte for byte, also when it is old by now");
    let fetched = hub.get(&format!("{DOCUMENTS}/D-1/acknowledgement")).as_role(Role::Customs).send().await;
    assert_eq!((fetched.status, &fetched.body), (200, &first.body));
    assert_eq!(hub.number("SELECT count(*) FROM checkpoint_events").await, 1);
    assert_eq!(hub.number("SELECT count(*) FROM exchange_documents").await, 1);

    let other = send(&hub, Role::Customs, text.replace("0.9", "0.8")).await;
    assert_eq!((other.status, other.header("content-type")), (409, "application/problem+xml"));
    assert!(other.text().contains("<code>document_conflict</code>"), "{}", other.text());
}

#[tokio::test]
async fn another_systems_document_of_that_id_is_another_document() {
    let hub = TestHub::start().await;
    let text = |kind: &str| of_events(&hub, "D-1", &event("e-1", kind, "AA 1234 BB", hub.clock.now()));
    assert_eq!(send(&hub, Role::Customs, text("customs-control-started")).await.status, 201);
    let unknown =
        hub.get(&format!("{DOCUMENTS}/D-1/acknowledgement")).as_role(Role::BorderGuard).send().await;
    assert_eq!(unknown.status, 404, "what is another's is not found");
    assert_eq!(send(&hub, Role::BorderGuard, text("checkpoint-entered")).await.status, 201);
    assert_eq!(hub.number("SELECT count(*) FROM exchange_documents").await, 2);
}

#[tokio::test]
async fn two_at_the_same_time_are_one() {
    let hub = TestHub::start().await;
    let text =
        of_events(&hub, "D-1", &event("cu-1", "customs-control-started", "AA 1234 BB", hub.clock.now()));
    let answers =
        futures_util::future::join_all((0..8).map(|_| send(&hub, Role::Customs, text.clone()))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1);
    for answer in &answers {
        assert!([200, 201].contains(&answer.status), "{}", answer.text());
        assert_eq!(answer.body, answers[0].body);
    }
    assert_eq!(hub.number("SELECT count(*) FROM checkpoint_events").await, 1);
    assert_eq!(hub.number("SELECT last_position FROM exchange_inboxes").await, 1);
}

#[tokio::test]
async fn a_void_in_a_document_voids() {
    let hub = TestHub::start().await;
    let at = hub.clock.now() - TimeDelta::minutes(1);
    let void = "<event><id>cu-2</id><kind>void</kind><occurred_at>2026-11-21T12:00:00Z</occurred_at>\
                <reason>Помилка</reason><voids>cu-1</voids></event>";
    let events = format!("{}{void}", event("cu-1", "customs-control-started", "AA 1234 BB", at));
    let answer = send(&hub, Role::Customs, of_events(&hub, "D-1", &events)).await;
    assert_eq!(told(&answer), "201 D-1 recorded=true accepted\ncu-1 unmatched 1\ncu-2 unmatched 2");
    assert_eq!(hub.number("SELECT count(*) FROM checkpoint_events WHERE kind = 'void'").await, 1);
}

#[tokio::test]
async fn each_act_needs_its_own_right_and_its_own_place() {
    let hub = TestHub::start().await;
    let events = |id: &str| {
        of_events(&hub, id, &event("e-1", "customs-control-started", "AA 1234 BB", hub.clock.now()))
    };
    // An office may send documents, and states no events.
    let answer = send(&hub, Role::DepartureOffice, events("D-1")).await;
    assert_snapshot!(told(&answer), @"
    422 D-1 recorded=false refused
    forbidden 2:46 /exchange_document/header/kind the role departure_office does not do this
    ");
    let (_, token) = hub.add_system(Role::Customs, "limited", limited_to(&[YAHODYN], &[])).await;
    let limited = hub.post(DOCUMENTS).as_token(&token).body("application/xml", events("D-2")).send().await;
    assert_snapshot!(told(&limited), @"
    422 D-2 recorded=false refused
    out_of_scope 3:29 /exchange_document/content/checkpoint_events/checkpoint this system does not act at UA209030
    ");
    let nowhere = send(&hub, Role::Customs, events("D-3").replace(KRAKIVETS, "UA999999")).await;
    assert_snapshot!(told(&nowhere), @"
    422 D-3 recorded=false refused
    not_found 3:29 /exchange_document/content/checkpoint_events/checkpoint there is no checkpoint UA999999
    ");
    let report = super::document(
        "D-4",
        "permit_report",
        hub.clock.now(),
        "<permit_report><permit>UA-BCP-1</permit><complete>true</complete></permit_report>",
    );
    assert!(told(&send(&hub, Role::Customs, report).await).contains("\nforbidden "));
    let police = send(&hub, Role::Police, events("D-5")).await;
    assert_eq!((police.status, police.header("content-type")), (403, "application/problem+xml"));
    assert_eq!(hub.number("SELECT count(*) FROM exchange_documents").await, 0);
}

#[tokio::test]
async fn a_document_that_is_refused_whole_is_recorded_as_refused() {
    let hub = TestHub::start().await;
    let text = of_events(&hub, "D-1", &event("cu-1", "checkpoint-left", "AA 1234 BB", hub.clock.now()));
    let answer = send(&hub, Role::Customs, text.clone()).await;
    assert_snapshot!(told(&answer), @"
    201 D-1 recorded=true refused
    cu-1 refused -
    kind_not_allowed 4:1 /exchange_document/content/checkpoint_events/events/event[1] the role customs does not state `checkpoint-left`
    ");
    assert_eq!(send(&hub, Role::Customs, text).await.status, 200);
    assert_eq!(hub.number("SELECT count(*) FROM checkpoint_events").await, 0);
}

#[tokio::test]
async fn without_its_record_a_document_has_no_effect() {
    let hub = TestHub::start().await;
    let text =
        of_events(&hub, "D-1", &event("cu-1", "customs-control-started", "AA 1234 BB", hub.clock.now()));
    refuse_to_record(&hub, Some("D-1")).await;
    assert_eq!(send(&hub, Role::Customs, text.clone()).await.status, 500);
    assert_eq!(hub.number("SELECT count(*) FROM checkpoint_events").await, 0);
    assert_eq!(hub.number("SELECT count(*) FROM exchange_inboxes").await, 0);
    refuse_to_record(&hub, None).await;
    let answer = send(&hub, Role::Customs, text).await;
    assert_eq!(told(&answer), "201 D-1 recorded=true accepted\ncu-1 unmatched 1", "it is no duplicate");
}
