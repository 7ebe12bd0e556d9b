//! `POST /trembita/soap`: what members ask by SOAP is what they could ask by JSON.

use insta::assert_snapshot;
use kordon_api::trembita::TrembitaSettings;
use kordon_hub::parties::Role;
use serde_json::json;

use super::{Envelope, GUARD, bind, body_of, fault_of, hub, trusting_this_machine};
use crate::hub::{Answer, KRAKIVETS, TestHub, YAHODYN, limited_to};

const AT_KRAKIVETS: &str = "<t:checkpoint>UA209030</t:checkpoint>";

#[tokio::test]
async fn an_answer_carries_the_headers_back_byte_for_byte() {
    let hub = hub().await;
    let mut asked = Envelope::of("GetQueue_v1", AT_KRAKIVETS);
    asked.more = "<own:trace xmlns:own='urn:own' a=\"1\"><![CDATA[<kept>]]>&#65;</own:trace>\r\n";
    let answer = asked.send(&hub).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/xml; charset=utf-8"));
    assert!(answer.text().contains(&asked.header()), "{}", answer.text());
    assert_snapshot!(body_of(&answer), @r#"
    <GetQueue_v1Response xmlns="urn:kordon:trembita:1">
    <queue xmlns="urn:kordon:exchange:1">
    <checkpoint>UA209030</checkpoint>
    <position>0</position>
    <as_of>2026-11-21T12:00:00Z</as_of>
    <waiting>0</waiting>
    <called>0</called>
    <lanes>
    <queue_lane>
    <lane>all</lane>
    <state>open</state>
    <waiting>0</waiting>
    <called>0</called>
    </queue_lane>
    </lanes>
    <entries>
    </entries>
    </queue>
    </GetQueue_v1Response>
    "#);
}

#[tokio::test]
async fn events_are_recorded_as_by_json() {
    let hub = hub().await;
    hub.book(KRAKIVETS, "AA1234BB").await;
    let event = |id: &str, kind: &str| {
        format!(
            "<k:event><k:id>{id}</k:id><k:kind>{kind}</k:kind><k:plate>АА 1234 ВВ</k:plate>\
             <k:occurred_at>2026-11-21T12:00:00Z</k:occurred_at></k:event>"
        )
    };
    let events = [event("g-1", "checkpoint-entered"), event("g-2", "customs-control-started")].concat();
    let asked = Envelope::of(
        "RecordCheckpointEvents_v1",
        &format!("{AT_KRAKIVETS}\n<k:events>{events}\n  <k:event/></k:events>"),
    );
    assert_snapshot!(body_of(&asked.send(&hub).await), @r#"
    <RecordCheckpointEvents_v1Response xmlns="urn:kordon:trembita:1">
    <event_answers xmlns="urn:kordon:exchange:1">
    <items>
    <event_answer>
    <id>g-1</id>
    <outcome>recorded</outcome>
    <position>2</position>
    <crossing>[id]</crossing>
    </event_answer>
    <event_answer>
    <id>g-2</id>
    <outcome>refused</outcome>
    <problem xmlns="urn:ietf:rfc:7807">
    <type>/problems/kind_not_allowed</type>
    <title>This role does not state events of this kind</title>
    <status>422</status>
    <code>kind_not_allowed</code>
    <detail>the role border_guard does not state `customs-control-started`</detail>
    </problem>
    </event_answer>
    <event_answer>
    <outcome>refused</outcome>
    <problem xmlns="urn:ietf:rfc:7807">
    <type>/problems/invalid</type>
    <title>The request breaks a rule</title>
    <status>422</status>
    <code>invalid</code>
    <detail>events/event[3]/id (5:3): is missing</detail>
    <faults>
    <i>
    <path>events/event[3]/id (5:3)</path>
    <detail>is missing</detail>
    </i>
    </faults>
    </problem>
    </event_answer>
    </items>
    </event_answers>
    </RecordCheckpointEvents_v1Response>
    "#);

    let by_json = hub.get(&TestHub::at(KRAKIVETS, "events")).as_role(Role::BorderGuard).for_purpose("ст. 6");
    let recorded = by_json.send().await.expect(200);
    assert_eq!(
        recorded["items"][0]["system"],
        json!(hub.system(Role::BorderGuard)),
        "the member is its system"
    );
    assert_eq!(recorded["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_gate_is_answered() {
    let hub = hub().await;
    let question = "<k:admission_query><k:plate>AA1234BB</k:plate></k:admission_query>";
    let asked = Envelope::of("CheckAdmission_v1", &format!("{AT_KRAKIVETS}{question}"));
    assert_snapshot!(body_of(&asked.send(&hub).await), @r#"
    <CheckAdmission_v1Response xmlns="urn:kordon:trembita:1">
    <admission xmlns="urn:kordon:exchange:1">
    <decision>refuse</decision>
    <reason>not_booked</reason>
    </admission>
    </CheckAdmission_v1Response>
    "#);
}

#[tokio::test]
async fn outages_are_listed() {
    let hub = hub().await;
    let outage = json!({"kind": "unplanned", "affected_systems": ["ets"], "starts_at": "2026-11-21T11:00:00Z",
        "fallback_allowed": true, "text": {"uk": "Збій ЕТС", "en": "ETS <down>"}});
    hub.post("/api/v1/outages").as_role(Role::SupportLine1).json(&outage).send().await.expect(201);
    let asked = Envelope::of("GetOutages_v1", "<t:open>true</t:open><t:limit>1</t:limit>");
    assert_snapshot!(body_of(&asked.send(&hub).await), @r#"
    <GetOutages_v1Response xmlns="urn:kordon:trembita:1">
    <outage_page xmlns="urn:kordon:exchange:1">
    <items>
    <outage>
    <id>[id]</id>
    <version>1</version>
    <kind>unplanned</kind>
    <state>running</state>
    <affected_systems>
    <affected_system>ets</affected_system>
    </affected_systems>
    <starts_at>2026-11-21T11:00:00Z</starts_at>
    <overdue>false</overdue>
    <fallback_allowed>true</fallback_allowed>
    <text>
    <uk>Збій ЕТС</uk>
    <en>ETS &lt;down&gt;</en>
    </text>
    <declared_at>2026-11-21T12:00:00Z</declared_at>
    <changed_at>2026-11-21T12:00:00Z</changed_at>
    </outage>
    </items>
    </outage_page>
    </GetOutages_v1Response>
    "#);
}

#[tokio::test]
async fn messages_that_are_json_elsewhere_have_the_same_members() {
    let hub = hub().await;
    let trader = "SEVDEIR-TEST/GOV/00000004/BROKER";
    bind(&hub, Role::Trader, trader).await;
    let user = "<t:user><t:kind> legal_entity </t:kind><t:name>ТОВ «Брокер» &amp; Ко</t:name><t:edrpou>43115923</t:edrpou>\
                <t:person>Олена Шевченко</t:person><t:email>broker@example.com</t:email></t:user>";
    let ticket = |user: &str| {
        let body = format!(
            "<t:ticket><t:kind>incident</t:kind><t:substance>ЕТС не відповідає</t:substance>{user}</t:ticket>"
        );
        Envelope::of("RegisterTicket_v1", &body).by(trader)
    };
    let registered = body_of(&ticket(user).send(&hub).await);
    assert!(registered.contains("<registration_number>2026-000001</registration_number>"), "{registered}");
    assert_eq!(body_of(&ticket(user).send(&hub).await), registered, "the same message is the same ticket");
    // Whatever its id is made of.
    let long = "q 1 ".repeat(40);
    for (id, number) in [("Запит-17", "2026-000002"), (long.trim(), "2026-000003")] {
        let text = ticket(user).text().replace("<xro:id>q-1<", &format!("<xro:id>{id}<"));
        let send = || hub.post("/trembita/soap").body("text/xml; charset=utf-8", text.clone()).send();
        let registered = body_of(&send().await);
        assert!(registered.contains(number), "{registered}");
        assert_eq!(body_of(&send().await), registered);
    }

    let wrong =
        body_of(&ticket(&user.replace("43115923", "43115924").replace("t:name", "t:nom")).send(&hub).await);
    assert!(wrong.contains("<faultCode>invalid</faultCode>"), "{wrong}");
    let twice = ticket(&[user, user].concat()).send(&hub).await;
    assert_eq!(fault_of(&twice), "Client.InvalidRequest: user stands twice in ticket");

    let tickets = hub.get("/api/v1/tickets").as_role(Role::Trader).send().await.expect(200);
    let id = tickets["items"][0]["id"].as_str().unwrap();
    let asked =
        Envelope::of("GetTicket_v1", &format!("<t:ticket>{id}</t:ticket>")).by(trader).because_of("case 7");
    let told = body_of(&asked.send(&hub).await);
    assert!(told.contains("<name>ТОВ «Брокер» &amp; Ко</name>"), "{told}");
    assert!(told.contains("<acts>\n<item>\n<act>registered</act>"), "{told}");
}

#[tokio::test]
async fn reads_that_are_json_elsewhere_are_answered() {
    let hub = hub().await;
    let asked = Envelope::of("GetPredictedEntries_v1", AT_KRAKIVETS);
    assert!(body_of(&asked.send(&hub).await).contains("<predicted_entries>\n"));
    let checkpoints = body_of(&Envelope::of("GetCheckpoints_v1", "").send(&hub).await);
    assert_eq!(checkpoints.matches("<checkpoint>UA").count(), 43);
    let asked = Envelope::of("GetFigures_v1", "<t:from>2026-11-20</t:from><t:to>2026-11-21</t:to>");
    let figures = body_of(&asked.send(&hub).await);
    assert!(figures.contains("<figure_report>\n"), "{figures}");
    bind(&hub, Role::Police, "SEVDEIR-TEST/GOV/00000005/POLICE").await;
    let asked =
        Envelope::of("GetDirectedVehicles_v1", &format!("{AT_KRAKIVETS}<t:purposeID>ст. 33</t:purposeID>"));
    let directed = body_of(&asked.by("SEVDEIR-TEST/GOV/00000005/POLICE").send(&hub).await);
    assert!(directed.contains("<directed_vehicles>\n<checkpoint>UA209030</checkpoint>"), "{directed}");
}

#[tokio::test]
async fn a_read_of_persons_needs_a_purpose_and_is_recorded_with_the_exchange() {
    let hub = hub().await;
    let crossing = hub.book(KRAKIVETS, "AA1234BB").await;
    let asked = |purpose: &str| {
        Envelope::of("GetCrossing_v1", &format!("<t:crossing>{crossing}</t:crossing>{purpose}"))
    };
    assert_snapshot!(body_of(&asked("").send(&hub).await), @r#"
    <GetCrossing_v1Response xmlns="urn:kordon:trembita:1">
    <fault xmlns="">
    <faultCode>purpose_required</faultCode>
    <faultString>no purpose is named: by SOAP `purposeID` or the header `issue`, by REST `Kordon-Purpose` or `Uxp-Purpose-Ids`</faultString>
    <problem xmlns="urn:ietf:rfc:7807">
    <type>/problems/purpose_required</type>
    <title>The purpose of this read is missing</title>
    <status>400</status>
    <code>purpose_required</code>
    <detail>no purpose is named: by SOAP `purposeID` or the header `issue`, by REST `Kordon-Purpose` or `Uxp-Purpose-Ids`</detail>
    </problem>
    </fault>
    </GetCrossing_v1Response>
    "#);
    assert!(
        body_of(&asked("<t:purposeID>9K9J65I75ILCLMPDUIRXS</t:purposeID>").send(&hub).await)
            .contains("<crossing ")
    );
    assert!(body_of(&asked("").because_of("case 7/2026").send(&hub).await).contains("<crossing "));
    assert_snapshot!(hub.exchanges_of_readings().await, @r"
    SEVDEIR-TEST/GOV/00000001/DPSU_cons | q-1 | UA1234567890 | - | 9K9J65I75ILCLMPDUIRXS
    SEVDEIR-TEST/GOV/00000001/DPSU_cons | q-1 | UA1234567890 | - | case 7/2026
    ");
}

#[tokio::test]
async fn a_problem_of_the_question_is_a_fault_within_the_answer() {
    let hub = hub().await;
    let problem = |answer: Answer| {
        assert_eq!(answer.status, 200);
        body_of(&answer)
    };
    let asked = Envelope::of("GetQueue_v1", "<t:checkpoint>UA999999</t:checkpoint>");
    assert_snapshot!(problem(asked.send(&hub).await), @r#"
    <GetQueue_v1Response xmlns="urn:kordon:trembita:1">
    <fault xmlns="">
    <faultCode>not_found</faultCode>
    <faultString>there is no checkpoint UA999999</faultString>
    <problem xmlns="urn:ietf:rfc:7807">
    <type>/problems/not_found</type>
    <title>There is no such thing</title>
    <status>404</status>
    <code>not_found</code>
    <detail>there is no checkpoint UA999999</detail>
    </problem>
    </fault>
    </GetQueue_v1Response>
    "#);
    let asked = Envelope::of("GetQueue_v1", "<t:checkpoint>../../health/live?</t:checkpoint>");
    assert!(problem(asked.send(&hub).await).contains("<faultCode>malformed_request</faultCode>"));
    // A fault within the message is told at its place in the whole.
    let query = "<k:admission_query>\n  <k:colour>red</k:colour></k:admission_query>";
    let asked = Envelope::of("CheckAdmission_v1", &format!("{AT_KRAKIVETS}{query}"));
    let told = problem(asked.send(&hub).await);
    let line = asked.text().lines().position(|line| line.contains("colour")).unwrap() + 1;
    assert!(told.contains(&format!("({line}:3)")), "{told}");
}

#[tokio::test]
async fn rights_and_scopes_are_those_of_the_system() {
    let hub = hub().await;
    bind(&hub, Role::Ministry, "SEVDEIR-TEST/GOV/00000002/MIN").await;
    let asked = Envelope::of("GetQueue_v1", AT_KRAKIVETS);
    assert_eq!(
        fault_of(&asked.by("SEVDEIR-TEST/GOV/00000002/MIN").send(&hub).await),
        "Server.ServerProxy.AccessDenied: the role ministry does not do this"
    );
    let asked = Envelope::of("GetQueue_v1", AT_KRAKIVETS).by("SEVDEIR-TEST/GOV/00000001/OTHER");
    assert_eq!(
        fault_of(&asked.send(&hub).await),
        "Server.ServerProxy.AccessDenied: the member SEVDEIR-TEST/GOV/00000001/OTHER is bound to no system of this hub"
    );
    let (elsewhere, _) = hub.add_system(Role::BorderGuard, "yahodyn", limited_to(&[YAHODYN], &[])).await;
    hub.bind_member(elsewhere.system, "SEVDEIR-TEST/GOV/00000003/GATE").await;
    let asked = Envelope::of("GetQueue_v1", AT_KRAKIVETS).by("SEVDEIR-TEST/GOV/00000003/GATE");
    assert_eq!(
        fault_of(&asked.send(&hub).await),
        "Server.ServerProxy.AccessDenied: this system does not act at UA209030"
    );
}

#[tokio::test]
async fn the_door_is_shut_unless_a_security_server_is_trusted() {
    let asked = Envelope::of("GetQueue_v1", AT_KRAKIVETS);
    let hub = TestHub::start().await;
    bind(&hub, Role::BorderGuard, GUARD).await;
    assert_eq!(
        fault_of(&asked.send(&hub).await),
        "Server.ServerProxy.ServiceDisabled: this hub is not set up for Trembita"
    );
    let elsewhere =
        TrembitaSettings { addresses: vec!["192.0.2.1".parse().unwrap()], ..TrembitaSettings::default() };
    let hub = TestHub::start_for_members(elsewhere).await;
    bind(&hub, Role::BorderGuard, GUARD).await;
    let refused = "Server.ServerProxy.AccessDenied: this connection does not come from a security server that the hub trusts";
    assert_eq!(fault_of(&asked.send(&hub).await), refused);
    let lying = hub.post("/trembita/soap").header("X-Forwarded-For", "192.0.2.1");
    assert_eq!(fault_of(&lying.body("text/xml", asked.text()).send().await), refused);
}

#[tokio::test]
async fn nothing_of_http_says_who_asks_or_why() {
    let hub = hub().await;
    bind(&hub, Role::Ministry, "SEVDEIR-TEST/GOV/00000002/MIN").await;
    let asked = Envelope::of("GetQueue_v1", AT_KRAKIVETS).by("SEVDEIR-TEST/GOV/00000002/MIN");
    let request = hub.post("/trembita/soap").as_role(Role::BorderGuard).header("X-Road-Client", GUARD);
    let answer = request.body("text/xml", asked.text()).send().await;
    assert!(fault_of(&answer).contains("the role ministry"), "neither a token nor a header of REST counts");

    let crossing = hub.book(KRAKIVETS, "AA1234BB").await;
    let asked = Envelope::of("GetCrossing_v1", &format!("<t:crossing>{crossing}</t:crossing>"));
    let request = hub.post("/trembita/soap").for_purpose("ст. 6").header("If-None-Match", "*");
    let answer = request.body("text/xml", asked.text()).send().await;
    assert!(body_of(&answer).contains("<faultCode>purpose_required</faultCode>"));
}

#[tokio::test]
async fn what_the_protocol_does_not_allow_is_refused_with_its_code() {
    let hub = hub().await;
    let good = Envelope::of("GetQueue_v1", AT_KRAKIVETS).text();
    let send = async |content_type: &str, action: Option<&str>, body: &str| {
        let mut request = hub.post("/trembita/soap").body(content_type, body);
        if let Some(action) = action {
            request = request.header("SOAPAction", action);
        }
        fault_of(&request.send().await)
    };
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replace(from, to)
    };
    let xml = "text/xml; charset=utf-8";
    let faults = [
        send("text/html", None, &good).await,
        send(xml, Some("GetQueue"), &good).await,
        send(xml, None, "").await,
        send(xml, None, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").await,
        send(xml, None, &changed(">4.0<", ">3.0<")).await,
        send(xml, None, &changed("<xro:id>q-1</xro:id>", "")).await,
        send(xml, None, &changed("<xro:id>q-1</xro:id>", "<xro:id>q-1</xro:id><xro:id>q-2</xro:id>")).await,
        send(
            xml,
            None,
            &changed("<id:serviceCode>GetQueue_v1", "<id:serviceCode>DropQueue_v1")
                .replace("t:GetQueue", "t:DropQueue"),
        )
        .await,
        send(xml, None, &changed("urn:kordon:trembita:1", "urn:kordon:trembita:2")).await,
        send(xml, None, &changed(AT_KRAKIVETS, "")).await,
        send(xml, None, &changed(AT_KRAKIVETS, &[AT_KRAKIVETS, AT_KRAKIVETS].concat())).await,
        send(xml, None, &changed(AT_KRAKIVETS, &format!("{AT_KRAKIVETS}<t:colour/>"))).await,
        send(xml, None, &changed(AT_KRAKIVETS, &format!("{AT_KRAKIVETS}text"))).await,
    ];
    assert_snapshot!(faults.join("\n"), @r"
    Client.InvalidContentType: &quot;text/html&quot; is neither text/xml nor multipart/related
    Client.InvalidSoapAction: the SOAPAction has to be quoted
    Client.InvalidSoap: there is no message
    Client.InvalidXml: a document type declaration is not allowed
    Client.InvalidProtocolVersion: the protocol version &quot;3.0&quot; is not 4.0 or another of 4
    Client.MissingHeaderField: Required field 'id' is missing
    Client.DuplicateHeaderField: 'id' stands more than once
    Server.ServerProxy.UnknownService: there is no service SEVDEIR-TEST/GOV/20000090/KORDON_prod/DropQueue_v1
    Client.InvalidRequest: the Body holds GetQueue_v1 of the namespace urn:kordon:trembita:1
    Client.InvalidRequest: checkpoint is missing
    Client.InvalidRequest: checkpoint stands twice
    Client.InvalidRequest: colour is not known here
    Client.InvalidRequest: text stands between the members of the question
    ");
    assert_eq!(
        fault_of(&hub.get("/trembita/soap").send().await),
        "Client.InvalidHttpMethod: a SOAP request is sent with POST"
    );
    let attached = format!(
        "--b\r\nContent-Type: text/xml\r\n\r\n{good}\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n"
    );
    assert_eq!(
        send("multipart/related; boundary=b", None, &attached).await,
        "Client.InvalidMessage: no service here takes attachments"
    );
    let large = "x".repeat((10 << 20) + 1);
    assert!(send(xml, None, &large).await.starts_with("Client.InvalidMessage: larger than"));
}

#[tokio::test]
async fn codes_are_spelled_as_set_and_what_is_meant_for_others_is_refused() {
    let provider = Some("SEVDEIR-TEST/GOV/20000090/OTHER_prod".to_owned());
    let settings = TrembitaSettings {
        fault_codes: kordon_adapters::trembita::soap::faults::Dialect::Snake,
        provider,
        ..trusting_this_machine()
    };
    let hub = TestHub::start_for_members(settings).await;
    assert_eq!(
        fault_of(&Envelope::of("GetQueue_v1", AT_KRAKIVETS).send(&hub).await),
        "server.serverproxy.unknown_member: SEVDEIR-TEST/GOV/20000090/KORDON_prod is not provided here"
    );
}

#[tokio::test]
async fn exchanges_are_counted_and_faults_of_the_asker_are_no_errors_of_the_hub() {
    let hub = hub().await;
    Envelope::of("GetQueue_v1", AT_KRAKIVETS).send(&hub).await;
    Envelope::of("GetQueue_v1", "<t:checkpoint>UA999999</t:checkpoint>").send(&hub).await;
    Envelope::of("Unknown_v1", "").send(&hub).await;
    let metrics = hub.get("/metrics").send().await;
    for line in [
        r#"kordon_trembita_exchanges_total{outcome="answered",service="GetQueue_v1"} 1"#,
        r#"kordon_trembita_exchanges_total{outcome="problem",service="GetQueue_v1"} 1"#,
        r#"kordon_trembita_exchanges_total{outcome="fault",service="(none)"} 1"#,
        r#"kordon_requests_seconds_count{method="POST",operation="/trembita/soap",status="404"} 1"#,
    ] {
        assert!(metrics.text().contains(line), "{line}\n{}", metrics.text());
    }
    assert!(!metrics.text().contains(r#"status="500""#));
}
