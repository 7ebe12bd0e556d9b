//! The metaservices and the WSDL.

use std::process::Command;

use insta::assert_snapshot;
use kordon_api::trembita::TrembitaSettings;
use serde_json::Value;

use super::{Envelope, body_of, fault_of, hub};
use crate::hub::{KRAKIVETS, TestHub};

const PROVIDER: &str = "SEVDEIR-TEST/GOV/20000090/KORDON_prod";

#[tokio::test]
async fn all_services_are_listed_and_those_that_a_member_may_use() {
    let hub = hub().await;
    let codes = async |metaservice: &str| {
        let answer = Envelope::of_metaservice(metaservice, "").send(&hub).await;
        let body = body_of(&answer);
        assert!(body.starts_with(&format!("<xrd:{metaservice}Response ")), "{body}");
        assert!(
            answer.text().contains(
                "<id:subsystemCode>KORDON_prod</id:subsystemCode>\
            <id:serviceCode>GetQueue_v1</id:serviceCode><id:serviceVersion>v1</id:serviceVersion>"
            ) || metaservice == "allowedMethods"
        );
        body.split("<id:serviceCode>")
            .skip(1)
            .map(|code| code.split('<').next().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_snapshot!(codes("listMethods").await, @"RecordCheckpointEvents_v1 GetCheckpointEvents_v1 GetQueue_v1 GetCallList_v1 CheckAdmission_v1 GetCrossing_v1 GetOutages_v1 GetDirectedVehicles_v1 GetPredictedEntries_v1 GetCheckpoints_v1 GetFigures_v1 RegisterTicket_v1 GetTicket_v1 RequestPermit_v1 GetPermitRequest_v1 CheckPermit_v1 RecordPermitUse_v1 RecordWithdrawal_v1");
    assert_snapshot!(codes("allowedMethods").await, @"RecordCheckpointEvents_v1 GetCheckpointEvents_v1 GetQueue_v1 GetCallList_v1 CheckAdmission_v1 GetCrossing_v1 GetOutages_v1 GetPredictedEntries_v1 GetCheckpoints_v1 GetFigures_v1 CheckPermit_v1");
    super::bind(&hub, kordon_hub::parties::Role::Trader, "SEVDEIR-TEST/GOV/00000009/TRADER").await;
    let asked = Envelope::of_metaservice("allowedMethods", "").by("SEVDEIR-TEST/GOV/00000009/TRADER");
    assert!(body_of(&asked.send(&hub).await).contains("<id:serviceCode>GetOutages_v1</id:serviceCode>"));
    assert!(!body_of(&asked.send(&hub).await).contains("GetQueue_v1"));
    let asked = Envelope::of_metaservice("allowedMethods", "").by("SEVDEIR-TEST/GOV/00000009/NOBODY");
    assert!(fault_of(&asked.send(&hub).await).starts_with("Server.ServerProxy.AccessDenied"));
}

#[tokio::test]
async fn the_wsdl_comes_beside_its_answer() {
    let hub = hub().await;
    let wanted = "<x:serviceCode>GetQueue_v1</x:serviceCode><x:serviceVersion>v1</x:serviceVersion>";
    let answer = Envelope::of_metaservice("getWsdl", wanted).send(&hub).await;
    let boundary = answer.header("content-type").split("boundary=\"").nth(1).unwrap().trim_end_matches('"');
    let parts: Vec<&str> = answer.text().split(&format!("--{boundary}")).collect();
    let [_, message, wsdl, end] = parts.as_slice() else { panic!("{}", answer.text()) };
    assert_eq!(*end, "--\r\n");
    assert!(message.contains(
        "<xrd:serviceCode>GetQueue_v1</xrd:serviceCode><xrd:serviceVersion>v1</xrd:serviceVersion>"
    ));
    assert!(wsdl.contains(r#"<soap:address location="http://example.org/xroad-endpoint"/>"#));
    for (wanted, fault) in [
        ("", "Client.InvalidRequest: serviceCode is missing"),
        (
            "<x:serviceCode>No_v1</x:serviceCode>",
            "Server.ServerProxy.UnknownService: there is no service &quot;No_v1&quot;",
        ),
    ] {
        assert_eq!(fault_of(&Envelope::of_metaservice("getWsdl", wanted).send(&hub).await), fault);
    }
}

/// A metaservice by REST, as a member asks it.
async fn by_rest(hub: &TestHub, address: &str, client: &str) -> Value {
    let answer = hub.get(address).header("X-Road-Client", client).header("X-Road-Id", "m-1").send().await;
    assert_eq!(answer.header("x-road-id"), "m-1");
    assert_eq!(answer.header("content-type"), "application/json");
    answer.expect(200)
}

fn endpoints(listed: &Value) -> Vec<String> {
    let list = listed["service"][0]["endpoint_list"].as_array().unwrap().iter();
    list.map(|one| format!("{} {}", one["method"].as_str().unwrap(), one["path"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn by_rest_the_contract_is_one_service_with_its_endpoints() {
    let hub = hub().await;
    let listed = by_rest(&hub, &format!("/r1/{PROVIDER}/listMethods"), super::GUARD).await;
    let mut service = listed["service"][0].clone();
    assert_eq!(listed["service"].as_array().unwrap().len(), 1);
    let all = endpoints(&listed);
    service["endpoint_list"].take();
    assert_snapshot!(service, @r#"{"endpoint_list":null,"member_class":"GOV","member_code":"20000090","object_type":"SERVICE","service_code":"api","service_type":"OPENAPI","subsystem_code":"KORDON_prod","xroad_instance":"SEVDEIR-TEST"}"#);
    assert!(
        all.contains(&"GET /checkpoints/*/queue".to_owned()) && all.contains(&"POST /outages".to_owned()),
        "{all:?}"
    );

    let allowed = by_rest(&hub, &format!("/r1/{PROVIDER}/allowedMethods"), super::GUARD).await;
    let allowed = endpoints(&allowed);
    assert!(allowed.len() < all.len() && allowed.iter().all(|one| all.contains(one)), "{allowed:?}");
    assert!(allowed.contains(&"POST /checkpoints/*/events".to_owned()));
    assert!(!allowed.contains(&"POST /outages".to_owned()), "a border guard declares no outage");
    super::bind(&hub, kordon_hub::parties::Role::SupportLine1, "SEVDEIR-TEST/GOV/00000009/LINE").await;
    let of_line =
        by_rest(&hub, &format!("/r1/{PROVIDER}/allowedMethods"), "SEVDEIR-TEST/GOV/00000009/LINE").await;
    assert!(endpoints(&of_line).contains(&"POST /outages".to_owned()));
}

/// What may be used by a role is what the routes let it use: each endpoint that needs no more than its
/// address is tried.
#[tokio::test]
async fn what_is_allowed_by_rest_is_what_the_routes_allow() {
    let hub = hub().await;
    let all = endpoints(&by_rest(&hub, &format!("/r1/{PROVIDER}/listMethods"), super::GUARD).await);
    let allowed = endpoints(&by_rest(&hub, &format!("/r1/{PROVIDER}/allowedMethods"), super::GUARD).await);
    let mut tried = 0;
    for endpoint in
        all.iter().filter(|one| one.starts_with("GET ") && !one.contains('*') && !one.contains("stream"))
    {
        let address = format!("/api/v1{}", endpoint.trim_start_matches("GET "));
        let asked = hub.get(&address).header("X-Road-Client", super::GUARD).for_purpose("перевірка");
        let refused = asked.send().await.status == 403;
        assert_eq!(refused, !allowed.contains(endpoint), "{endpoint}");
        tried += 1;
    }
    assert!(tried > 5, "{tried}");
}

#[tokio::test]
async fn by_rest_the_contract_comes_with_the_address_of_the_asker() {
    let hub = hub().await;
    let own = format!("/r1/{PROVIDER}/getOpenAPI?serviceCode=api");
    let document = by_rest(&hub, &own, super::GUARD).await;
    assert_eq!(document["servers"], serde_json::json!([{"url": "http://example.org/xroad-endpoint"}]));
    assert_eq!(document["paths"]["/checkpoints/{checkpoint}/queue"]["get"]["operationId"], "show_queue");
    let paths = document["paths"].as_object().unwrap();
    assert!(
        paths.keys().all(|path| !path.starts_with("/api/") && path != "/metrics"),
        "only what is below it"
    );
}

#[tokio::test]
async fn a_metaservice_by_rest_that_cannot_be_answered_says_so_in_the_words_of_the_protocol() {
    let hub = hub().await;
    let ask = |address: &str| hub.get(address).header("X-Road-Client", super::GUARD);
    let own = |code: &str| format!("/r1/{PROVIDER}/{code}");
    let told = async |request: crate::hub::Request<'_>| {
        let answer = request.send().await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["type"], answer.header("x-road-error"));
        assert_eq!(body["detail"], answer.header("x-request-id"));
        format!("{} {}: {}", answer.status, body["type"].as_str().unwrap(), body["message"].as_str().unwrap())
    };
    let nobody = hub.get(&own("allowedMethods")).header("X-Road-Client", "SEVDEIR-TEST/GOV/00000009/NOBODY");
    let said = [
        told(ask(&own("getOpenAPI"))).await,
        told(ask(&own("getOpenAPI?serviceCode=a&serviceCode=b"))).await,
        told(ask(&own("getOpenAPI?serviceCode=other"))).await,
        told(nobody).await,
        told(hub.get(&own("listMethods"))).await,
        told(ask("/api/v1/listMethods")).await,
        told(hub.post(&own("listMethods")).header("X-Road-Client", super::GUARD)).await,
    ];
    assert_snapshot!(said.join("\n"), @r#"
    400 Client.BadRequest: serviceCode stands once in the query
    400 Client.BadRequest: serviceCode stands once in the query
    500 Server.ServerProxy.UnknownService: there is no service "other"
    500 Server.ServerProxy.AccessDenied: the member SEVDEIR-TEST/GOV/00000009/NOBODY is bound to no system of this hub
    400 Client.BadRequest: neither X-Road-Client nor Uxp-Client is there
    400 Client.BadRequest: neither the address nor X-Road-Service nor Uxp-Service names the provider
    400 Client.BadRequest: a metaservice is asked with GET
    "#);
    let answer = ask(&own("getOpenAPI")).header("Accept", "text/xml, application/json").send().await;
    assert_eq!(answer.header("content-type"), "text/xml;charset=utf-8");
    assert!(
        answer.text().starts_with("<error><type>Client.BadRequest</type><message>serviceCode"),
        "{}",
        answer.text()
    );
    // By the header of the service, where the address does not say whose it is.
    let named = ask("/api/v1/listMethods").header("Uxp-Service", &format!("{PROVIDER}/api/1"));
    assert_eq!(named.send().await.expect(200)["service"][0]["member_code"], "20000090");
}

#[tokio::test]
async fn metaservices_by_rest_are_for_members_and_those_of_the_hub_only() {
    // A hub without security servers has no such address.
    let shut = TestHub::start().await;
    let own = format!("/r1/{PROVIDER}/listMethods");
    assert_eq!(shut.get(&own).header("X-Road-Client", super::GUARD).send().await.status, 404);
    // One that trusts another server tells this one nothing.
    let elsewhere =
        TrembitaSettings { addresses: vec!["192.0.2.1".parse().unwrap()], ..TrembitaSettings::default() };
    let hub = TestHub::start_for_members(elsewhere).await;
    let answer = hub.get(&own).header("X-Road-Client", super::GUARD).send().await;
    assert_eq!((answer.status, answer.header("x-road-error")), (500, "Server.ServerProxy.AccessDenied"));
    // One that is somebody provides as nobody else.
    let provider = Some("SEVDEIR-TEST/GOV/20000090/OTHER_prod".to_owned());
    let hub =
        TestHub::start_for_members(TrembitaSettings { provider, ..super::trusting_this_machine() }).await;
    let answer = hub.get(&own).header("X-Road-Client", super::GUARD).send().await;
    assert_eq!((answer.status, answer.header("x-road-error")), (500, "Server.ServerProxy.UnknownMember"));
    let listed =
        hub.get("/api/v1/listMethods").header("X-Road-Client", super::GUARD).send().await.expect(200);
    assert_eq!(listed["service"][0]["subsystem_code"], "OTHER_prod");
}

#[tokio::test]
async fn the_wsdl_is_served_with_the_address_of_the_door() {
    let hub = TestHub::start().await;
    let answer = hub.get("/trembita/wsdl").send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/xml; charset=utf-8"));
    assert!(answer.text().contains(&format!("location=\"{}/trembita/soap\"", hub.url)));
}

/// A stranger's client reads the WSDL, sends a question and reads the answer: the example of the guide, as it
/// stands there.
#[tokio::test(flavor = "multi_thread")]
async fn zeep_reads_the_wsdl_and_makes_calls() {
    let hub = hub().await;
    hub.book(KRAKIVETS, "AA1234BB").await;
    let root = env!("CARGO_MANIFEST_DIR");
    let python = format!("{root}/.venv/bin/python");
    assert!(std::path::Path::new(&python).exists(), "{python} is missing: run scripts/install.sh test");
    let url = hub.url.clone();
    let output = tokio::task::spawn_blocking(move || {
        Command::new(python)
            .arg(format!("{root}/docs/integrate/examples/trembita.py"))
            .env("SECURITY_SERVER", format!("{url}/trembita/soap"))
            .env("WSDL", format!("{url}/trembita/wsdl"))
            .env("OCCURRED_AT", "2026-11-21T12:00:00Z")
            .env("CLIENT", super::GUARD)
            .env("PROVIDER", "SEVDEIR-TEST/GOV/20000090/KORDON_prod")
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    let (told, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}\n{wrong}");
    let guide =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/integrate/trembita.md")).unwrap();
    assert!(guide.contains(&format!("```text\n{told}```")), "the guide tells what came:\n{told}");
}
