//! `POST /api/v1/notice-rejections`: what DG TAXUD does not accept.

use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::super::outages::{amend, declare, unplanned};
use super::delivery::deliver;
use crate::hub::{Answer, TestHub};

fn rejection(of: &str) -> String {
    format!(
        r#"<n:CD906C xmlns:n="http://ncts.dgtaxud.ec"><messageSender>NTA.EU</messageSender>
        <messageIdentification>EU17</messageIdentification><messageType>CD906C</messageType>
        <correlationIdentifier>UA{of}</correlationIdentifier>
        <FunctionalError><errorPointer>/CD070C</errorPointer><errorCode>14</errorCode><errorReason>R0518</errorReason>
        </FunctionalError></n:CD906C>"#
    )
}

async fn reject(hub: &TestHub, xml: &str) -> Answer {
    hub.post("/api/v1/notice-rejections").as_role(Role::Taxud).xml(xml).send().await
}

async fn notices(hub: &TestHub) -> Vec<Value> {
    let feed = hub.get("/api/v1/notices").as_role(Role::Taxud).send().await.expect(200);
    feed["items"].as_array().unwrap().clone()
}

fn simple(notice: &Value) -> String {
    notice["id"].as_str().unwrap().replace('-', "")
}

#[tokio::test]
async fn a_rejected_notice_was_not_taken_and_the_alarm_rings() {
    let (hub, folder) = (TestHub::start().await, tempfile::tempdir().unwrap());
    let outage = declare(&hub, &unplanned()).await.expect(201);
    deliver(&hub, &folder).await;
    amend(&hub, &outage, 1, &json!({"expected_end_at": "2026-11-21T15:00:00Z"})).await.expect(200);
    deliver(&hub, &folder).await;
    let known = notices(&hub).await;
    for _ in 0..2 {
        let told = reject(&hub, &rejection(&simple(&known[1]))).await.expect(200);
        let taxud = &told["deliveries"][0];
        assert_eq!((&taxud["recipient"], &taxud["state"]), (&json!("taxud"), &json!("failed")));
        let rejections = told["rejections"].as_array().unwrap();
        assert_eq!(rejections.len(), 1, "the same again is the same");
        assert_eq!(
            rejections[0]["faults"][0],
            json!({"place": "/CD070C", "code": "14", "reason": "R0518", "value": null})
        );
    }
    let metrics = hub.get("/metrics").send().await;
    let alarm = "kordon_outbox_notices{recipient=\"taxud\",state=\"failed\"} 1";
    assert!(metrics.text().contains(alarm), "{}", metrics.text());
    // What is told next differs from what was taken last: the first notice, without an end.
    amend(&hub, &outage, 2, &json!({"fallback_allowed": false})).await.expect(200);
    deliver(&hub, &folder).await;
    let name = format!("{}-00003.xml", outage["id"].as_str().unwrap());
    let sent = std::fs::read_to_string(folder.path().join("taxud").join(name)).unwrap();
    assert!(sent.contains("<operation>U</operation>") && sent.contains("2026-11-21T15:00:00"), "{sent}");
}

#[tokio::test]
async fn what_rejects_nothing_of_ours_is_refused() {
    let hub = TestHub::start().await;
    declare(&hub, &unplanned()).await.expect(201);
    let told = reject(&hub, &rejection("019a9d2e7c0070008000000000000001")).await.problem();
    assert!(told.starts_with("422 invalid: correlationIdentifier names no message"), "{told}");
    let told = reject(&hub, "<CD906C/>").await.problem();
    assert!(told.starts_with("422 invalid: / is CD906C or CD917C"), "{told}");
    let told = reject(&hub, "<!DOCTYPE a><a/>").await.problem();
    assert!(told.starts_with("400 malformed_xml: a document type declaration is not allowed"), "{told}");
    let json = hub.post("/api/v1/notice-rejections").as_role(Role::Taxud).json(&json!({})).send().await;
    assert_eq!(json.status, 415);
}
