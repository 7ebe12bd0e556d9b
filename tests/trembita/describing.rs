//! The metaservices and the WSDL.

use std::process::Command;

use insta::assert_snapshot;

use super::{Envelope, body_of, fault_of, hub};
use crate::hub::{KRAKIVETS, TestHub};

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

#[tokio::test]
async fn the_wsdl_is_served_with_the_address_of_the_door() {
    let hub = TestHub::start().await;
    let answer = hub.get("/trembita/wsdl").send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/xml; charset=utf-8"));
    assert!(answer.text().contains(&format!("location=\"{}/trembita/soap\"", hub.url)));
}

/// A stranger's client reads the WSDL, sends a question and reads the answer: the example of the guide, as it stands there.
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
