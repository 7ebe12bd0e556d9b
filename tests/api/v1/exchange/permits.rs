//! Documents of departure offices: the uses of a permit, and data to withdraw.

use insta::assert_snapshot;
use kordon_hub::parties::Role;

use super::{document, refuse_to_record, send, told};
use crate::api::v1::permits::Story;

#[tokio::test]
async fn a_report_by_xml_is_a_report() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let number = permit["permit"]["number"].as_str().unwrap();
    let report = |id: &str, inner: &str| {
        let content = format!("<permit_report><permit>{number}</permit>{inner}</permit_report>");
        document(id, "permit_report", story.hub.clock.now(), &content)
    };
    let first = "<uses>\n<permit_use><registration_number>UA209030/2026/000017</registration_number>\
                 <released_on>2026-11-23</released_on></permit_use></uses>";
    let wrong = "<uses>\n<permit_use><registration_number>26UA408050000042L4</registration_number>\
                 <released_on>2026-11-23</released_on></permit_use></uses>";
    let office = Role::DepartureOffice;
    let answer = send(&story.hub, office, report("R-1", &format!("{first}<complete>false</complete>"))).await;
    assert_eq!(told(&answer), "201 R-1 recorded=true accepted");
    let answer = send(&story.hub, office, report("R-2", &format!("{wrong}<complete>false</complete>"))).await;
    assert_snapshot!(told(&answer), @"
    201 R-2 recorded=true refused
    invalid 4:13 /exchange_document/content/permit_report/uses/permit_use[1]/registration_number has the form of an MRN: a paper declaration is registered in a series of its own, because no MRN is allocated to it
    ");
    let answer = send(&story.hub, office, report("R-3", "<complete>true</complete>")).await;
    assert_eq!(told(&answer), "201 R-3 recorded=true accepted");
    let unused = "<not_used_because>Nobody came.</not_used_because><complete>true</complete>";
    let answer = send(&story.hub, office, report("R-4", unused)).await;
    assert_snapshot!(told(&answer), @"
    201 R-4 recorded=true refused
    permit_move_refused 3:10 /exchange_document/content/permit_report the permit is closed: nothing more is done with it
    ");
    assert_eq!(story.hub.number("SELECT count(*) FROM permit_uses").await, 1);
    assert_eq!(story.hub.number("SELECT count(*) FROM exchange_documents").await, 4);
}

#[tokio::test]
async fn a_mistyped_use_is_corrected_and_taken_back_by_xml() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let number = permit["permit"]["number"].as_str().unwrap();
    let report = |id: &str, inner: &str| {
        let content = format!(
            "<permit_report><permit>{number}</permit>{inner}<complete>true</complete></permit_report>"
        );
        send(
            &story.hub,
            Role::DepartureOffice,
            document(id, "permit_report", story.hub.clock.now(), &content),
        )
    };
    let used = |number: &str| {
        format!("<registration_number>{number}</registration_number><released_on>2026-11-23</released_on>")
    };
    let first = report("R-1", &format!("<uses><permit_use>{}</permit_use></uses>", used("71"))).await;
    assert_eq!(told(&first), "201 R-1 recorded=true accepted");
    let corrected = |before: &str| {
        format!(
            "<corrections>\n<use_correction><registration_number>{before}</registration_number><to>{}</to>\
             <reason>Digits changed places.</reason></use_correction></corrections>",
            used("17")
        )
    };
    for id in ["R-2", "R-3"] {
        let answer = report(id, &corrected("71")).await;
        assert_eq!(told(&answer), format!("201 {id} recorded=true accepted"));
    }
    assert_snapshot!(told(&report("R-4", &corrected("72")).await), @"
    201 R-4 recorded=true refused
    invalid 4:17 /exchange_document/content/permit_report/corrections/use_correction[1]/registration_number was not reported
    ");
    let kept = "SELECT count(*) FROM permit_uses WHERE registration_number = '17'";
    assert_eq!(story.hub.number(kept).await, 1);
    assert_eq!(story.hub.number("SELECT count(*) FROM permit_use_corrections").await, 1);
    let taken_back = "<corrections><use_correction><registration_number>17</registration_number>\
                      <never_was>true</never_was><reason>Another permit.</reason></use_correction></corrections>\
                      <not_used_because>Used under another permit.</not_used_because>";
    assert_eq!(told(&report("R-5", taken_back).await), "201 R-5 recorded=true accepted");
    assert_eq!(story.hub.number("SELECT count(*) FROM permit_uses").await, 0);
}

#[tokio::test]
async fn an_office_reports_on_its_own_permits_alone() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let number = permit["permit"]["number"].as_str().unwrap();
    let (_, other) = story.hub.add_system(Role::DepartureOffice, "another office", Default::default()).await;
    let content =
        format!("<permit_report><permit>{number}</permit><complete>true</complete></permit_report>");
    let text = document("R-1", "permit_report", story.hub.clock.now(), &content);
    let answer = story.hub.post(super::DOCUMENTS).as_token(&other).body("application/xml", text).send().await;
    assert!(told(&answer).contains("\nnot_found 3:"), "{}", told(&answer));
}

#[tokio::test]
async fn data_to_withdraw_is_stated() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let request = permit["id"].as_str().unwrap();
    let content = format!(
        "<withdrawal><request>{request}</request><kind>mrn</kind><number>26UA408050000042L4</number></withdrawal>"
    );
    let text = document("W-1", "withdrawal", story.hub.clock.now(), &content);
    let answer = send(&story.hub, Role::DepartureOffice, text.clone()).await;
    assert_eq!(told(&answer), "201 W-1 recorded=true accepted", "{}", answer.text());
    let odd = text.replace("W-1", "W-2").replace("26UA408050000042L4", "26UA");
    assert_snapshot!(told(&send(&story.hub, Role::DepartureOffice, odd).await), @"
    201 W-2 recorded=true refused
    invalid 3:93 /exchange_document/content/withdrawal/number an MRN has 18 characters: two digits, two letters, 13 letters or digits, and a digit
    ");
}

#[tokio::test]
async fn without_its_record_a_report_has_no_effect() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let number = permit["permit"]["number"].as_str().unwrap();
    let content = format!(
        "<permit_report><permit>{number}</permit><uses><permit_use><registration_number>17/1</registration_number>\
         <released_on>2026-11-23</released_on></permit_use></uses><complete>true</complete></permit_report>"
    );
    let text = document("R-1", "permit_report", story.hub.clock.now(), &content);
    refuse_to_record(&story.hub, Some("R-1")).await;
    assert_eq!(send(&story.hub, Role::DepartureOffice, text.clone()).await.status, 500);
    assert_eq!(story.hub.number("SELECT count(*) FROM permit_uses").await, 0);
    assert_eq!(story.ticket_stands(&permit).await, "resolved line_1");
    refuse_to_record(&story.hub, None).await;
    let answer = send(&story.hub, Role::DepartureOffice, text).await;
    assert_eq!(told(&answer), "201 R-1 recorded=true accepted");
    assert_eq!(story.ticket_stands(&permit).await, "closed line_1");
}
