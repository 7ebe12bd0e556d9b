//! REST through a security server: the contract as everybody has it, asked by a member.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::json;

use super::{GUARD, hub};
use crate::hub::{KRAKIVETS, TestHub};

#[tokio::test]
async fn a_member_is_its_system_and_the_ids_come_back() {
    let hub = hub().await;
    let asked = hub
        .get(&TestHub::at(KRAKIVETS, "queue"))
        .header("Uxp-Client", GUARD)
        .header("Uxp-Service", "SEVDEIR-TEST/GOV/20000090/KORDON_prod/queue")
        .header("Uxp-QueryID", "7ef7045f-d886-4b32-8142-a40958a3ae8e");
    let answer = asked.send().await;
    assert_eq!(answer.expect(200)["checkpoint"], KRAKIVETS);
    assert_eq!(answer.header("uxp-queryid"), "7ef7045f-d886-4b32-8142-a40958a3ae8e");
    assert_eq!(answer.header("uxp-client"), GUARD);
    assert_eq!(answer.header("uxp-service"), "SEVDEIR-TEST/GOV/20000090/KORDON_prod/queue");

    let event = json!({"id": "g-1", "kind": "checkpoint-entered", "plate": "AA1234BB", "occurred_at": "2026-11-21T12:00:00Z"});
    let asked =
        hub.post(&TestHub::at(KRAKIVETS, "events")).header("X-Road-Client", GUARD).header("X-Road-Id", "x-1");
    let answer = asked.json(&event).send().await;
    answer.expect(202);
    assert_eq!(answer.header("x-road-id"), "x-1");
    // Problems too.
    let asked = hub
        .get("/api/v1/checkpoints/UA999999/queue")
        .header("X-Road-Client", GUARD)
        .header("X-Road-Id", "x-2");
    let answer = asked.send().await;
    assert_eq!((answer.status, answer.header("x-road-id")), (404, "x-2"));
}

#[tokio::test]
async fn what_clients_of_uxp_write_into_the_query_does_no_harm() {
    let hub = hub().await;
    let crossing = hub.book(KRAKIVETS, "AA1234BB").await;
    let query = "queryId=q-9&lane=all&userId=UA1234567890";
    let asked = hub.get(&TestHub::at(KRAKIVETS, &format!("queue?{query}"))).header("Uxp-Client", GUARD);
    assert_eq!(asked.send().await.expect(200)["waiting"], 1);
    let asked = hub.get(&format!("/api/v1/crossings/{crossing}?queryId=q-9&userId=UA1234567890"));
    let asked = asked.header("Uxp-Client", GUARD).header("Uxp-QueryID", "q-10").for_purpose("ст. 6");
    asked.send().await.expect(200);
    assert_eq!(
        hub.exchanges_of_readings().await,
        "SEVDEIR-TEST/GOV/00000001/DPSU_cons | q-10 | UA1234567890 | - | ст. 6"
    );
    let asked = hub.get(&format!("/api/v1/crossings/{crossing}?queryId=urn%3Aq%2F11&userId=UA%20123"));
    asked.header("Uxp-Client", GUARD).for_purpose("ст. 6").send().await.expect(200);
    assert_eq!(
        hub.exchanges_of_readings().await.lines().last(),
        Some("SEVDEIR-TEST/GOV/00000001/DPSU_cons | urn:q/11 | UA 123 | - | ст. 6")
    );
    // To all others the query stays what the contract says.
    let asked = hub.get(&TestHub::at(KRAKIVETS, &format!("queue?{query}"))).as_role(Role::Customs);
    assert!(asked.send().await.problem().starts_with("400 malformed_request"));
}

#[tokio::test]
async fn purpose_and_subject_go_to_the_access_log() {
    let hub = hub().await;
    let crossing = hub.book(KRAKIVETS, "AA1234BB").await;
    let ask = || hub.get(&format!("/api/v1/crossings/{crossing}")).header("Uxp-Client", GUARD);
    assert!(ask().send().await.problem().starts_with("400 purpose_required"));
    let asked =
        ask().header("Uxp-Purpose-Ids", "9K9J65I75ILCLMPDUIRXS").header("Uxp-Subject-Id", "1234567036");
    asked.header("Uxp-QueryID", "q-7").send().await.expect(200);
    let asked = hub.get(&format!("/api/v1/crossings/{crossing}")).header("X-Road-Client", GUARD);
    asked.header("X-Road-Issue", "case 7").header("X-Road-UserId", "UA1234567890").send().await.expect(200);
    assert_snapshot!(hub.exchanges_of_readings().await, @r"
    SEVDEIR-TEST/GOV/00000001/DPSU_cons | q-7 | - | 1234567036 | 9K9J65I75ILCLMPDUIRXS
    SEVDEIR-TEST/GOV/00000001/DPSU_cons | - | UA1234567890 | - | case 7
    ");
}

#[tokio::test]
async fn identity_that_is_doubtful_is_refused() {
    let hub = hub().await;
    let ask = || hub.get(&TestHub::at(KRAKIVETS, "queue")).header("X-Road-Client", GUARD);
    let token = hub.token(Role::Customs).to_owned();
    let refused = [
        ask().header("X-Road-Client", "SEVDEIR-TEST/GOV/00000002/OTHER").send().await.problem(),
        ask().header("Uxp-Client", GUARD).send().await.problem(),
        ask().header("X-Road-Id", "1").header("X-Road-Id", "2").send().await.problem(),
        ask().as_token(&token).send().await.problem(),
        hub.get(&TestHub::at(KRAKIVETS, "queue")).header("X-Road-Client", "GOV/1").send().await.problem(),
        hub.get(&TestHub::at(KRAKIVETS, "queue"))
            .header("X-Road-Client", "SEVDEIR-TEST/GOV/1")
            .send()
            .await
            .problem(),
    ];
    assert_snapshot!(refused.join("\n"), @r#"
    400 malformed_request: header:X-Road-Client: stands twice
      "header:X-Road-Client" stands twice
    400 malformed_request: header:Uxp-Client: stands beside the client of the other dialect
      "header:Uxp-Client" stands beside the client of the other dialect
    400 malformed_request: header:X-Road-Id: stands twice
      "header:X-Road-Id" stands twice
    400 malformed_request: header:Authorization: a member of Trembita brings no token beside
      "header:Authorization" a member of Trembita brings no token beside
    400 malformed_request: header:X-Road-Client: is INSTANCE/CLASS/CODE[/SUBSYSTEM], each part percent-encoded
      "header:X-Road-Client" is INSTANCE/CLASS/CODE[/SUBSYSTEM], each part percent-encoded
    401 unauthenticated: the member SEVDEIR-TEST/GOV/1 is bound to no system of this hub
    "#);
}

#[tokio::test]
async fn a_member_counts_only_on_a_trusted_connection() {
    let hub = TestHub::start().await;
    super::bind(&hub, Role::BorderGuard, GUARD).await;
    let ask = || hub.get(&TestHub::at(KRAKIVETS, "queue")).header("X-Road-Client", GUARD);
    assert!(ask().send().await.problem().starts_with("401 unauthenticated"));
    // Whoever brings a token is who the token says, and the header says nothing.
    let answer = ask().header("X-Road-Id", "1").as_role(Role::Customs).send().await;
    answer.expect(200);
    assert!(answer.headers.get("x-road-id").is_none());
}

#[tokio::test]
async fn a_security_server_is_not_a_system_and_tokens_still_work_beside_it() {
    let hub = hub().await;
    let queue = TestHub::at(KRAKIVETS, "queue");
    assert!(hub.get(&queue).send().await.problem().starts_with("401 unauthenticated"));
    hub.get(&queue).as_role(Role::Customs).send().await.expect(200);
}
