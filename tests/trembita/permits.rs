//! Permits of the continuity procedure over SOAP: checked by any office, used by the office of departure
//! (H4.1 to H4.9).

use insta::assert_snapshot;
use kordon_hub::parties::Role;

use super::{Envelope, GUARD, bind, body_of, trusting_this_machine};
use crate::api::v1::permits::Story;
use crate::hub::TestHub;

const OFFICE: &str = "SEVDEIR-TEST/GOV/00000002/OFFICE_cons";

#[tokio::test]
async fn a_permit_is_checked_and_its_use_recorded_by_soap() {
    let story = Story::begin_at(TestHub::start_for_members(trusting_this_machine()).await).await;
    bind(&story.hub, Role::BorderGuard, GUARD).await;
    bind(&story.hub, Role::DepartureOffice, OFFICE).await;
    let permit = story.in_force().await;
    let number = format!("<t:number>{}</t:number>", permit["permit"]["number"].as_str().unwrap());

    let asked = Envelope::of("CheckPermit_v1", &format!("{number}<t:edrpou>20000090</t:edrpou>"));
    assert_snapshot!(body_of(&asked.send(&story.hub).await), @r#"
    <CheckPermit_v1Response xmlns="urn:kordon:trembita:1">
    <permit_check>
    <checked_at>2026-11-23T08:00:00Z</checked_at>
    <number>UA-BCP-20261123-1000-001-0</number>
    <scope>
    <office>UA209030</office>
    <systems>
    <item>ets</item>
    </systems>
    </scope>
    <state>in_force</state>
    <trader_matches>true</trader_matches>
    <valid>true</valid>
    <valid_from>2026-11-23T08:00:00Z</valid_from>
    <valid_until>2026-11-24T08:00:00Z</valid_until>
    </permit_check>
    </CheckPermit_v1Response>
    "#);

    let used = "<t:permit_report><t:uses><t:item><t:registration_number>17/1</t:registration_number>\
                <t:released_on>2026-11-23</t:released_on></t:item></t:uses><t:complete>true</t:complete></t:permit_report>";
    let asked = Envelope::of("RecordPermitUse_v1", &format!("{number}{used}")).by(OFFICE);
    let answered = body_of(&asked.send(&story.hub).await);
    assert!(answered.starts_with("<RecordPermitUse_v1Response "), "{answered}");
    assert!(answered.contains("<state>closed</state>"), "the whole report ends the permit: {answered}");

    let corrected = "<t:permit_report><t:corrections><t:item><t:registration_number>17/1</t:registration_number>\
                     <t:to><t:registration_number>17/2</t:registration_number><t:released_on>2026-11-23</t:released_on></t:to>\
                     <t:reason>A slip.</t:reason></t:item></t:corrections><t:complete>false</t:complete></t:permit_report>";
    let asked = Envelope::of("RecordPermitUse_v1", &format!("{number}{corrected}")).by(OFFICE);
    let answered = body_of(&asked.send(&story.hub).await);
    assert!(answered.starts_with("<RecordPermitUse_v1Response "), "{answered}");
    let kept = "SELECT count(*) FROM permit_uses WHERE registration_number = '17/2'";
    assert_eq!(story.hub.number(kept).await, 1, "{answered}");
}

#[tokio::test]
async fn a_sole_traders_permit_is_asked_for_by_soap_and_the_answer_names_nobody() {
    let hub = TestHub::start_for_members(trusting_this_machine()).await;
    let story = Story::begin_at(hub).await;
    bind(&story.hub, Role::DepartureOffice, OFFICE).await;
    let request = "<t:permit_request><t:asks>procedure</t:asks>\
        <t:user><t:kind>customs_official</t:kind><t:unit_code>UA209030</t:unit_code><t:position>Інспектор</t:position>\
        <t:person>Іван Коваль</t:person><t:email>krakivets@example.com</t:email></t:user>\
        <t:office>UA209030</t:office>\
        <t:trader><t:name>ФОП Мельник Тарас Петрович</t:name><t:rnokpp>2876543211</t:rnokpp>\
        <t:email>melnyk@example.com</t:email></t:trader>\
        <t:systems><t:item>ets</t:item></t:systems><t:substance>ЕТС не відповідає</t:substance>\
        <t:began_at>2026-11-23T06:40:00Z</t:began_at><t:agreed_until>2026-11-23T09:00:00Z</t:agreed_until>\
        <t:checks>Не відкривається на жодному місці</t:checks><t:seen_by_office>true</t:seen_by_office></t:permit_request>";
    let asked = Envelope::of("RequestPermit_v1", request).by(OFFICE);
    let answered = body_of(&asked.send(&story.hub).await);
    assert!(answered.contains("<trader_kind>sole_trader</trader_kind>"), "{answered}");
    assert!(answered.contains("<state>open</state>"), "{answered}");
    for personal in ["Мельник", "2876543211"] {
        assert!(!answered.contains(personal), "{personal} is in {answered}");
    }
    let wrong = request.replace("2876543211", "2876543212");
    let refused = body_of(&Envelope::of("RequestPermit_v1", &wrong).by(OFFICE).send(&story.hub).await);
    assert!(refused.contains("/trader/rnokpp"), "{refused}");
}
