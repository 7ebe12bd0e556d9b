//! Questions by SOAP: answered signed, and refused where they were changed or whoever signed them is not
//! known.

use chrono::TimeDelta;
use kordon_adapters::trembita::evidence::Trust;
use kordon_adapters::trembita::security::{Authorities, Window, verify};
use kordon_adapters::trembita::soap::Limits;
use kordon_hub::parties::{self, CredentialKind, Role, SignaturePolicy};

use super::envelope::{AT_KRAKIVETS, queue, refusal_of};
use super::{Direct, Partner};
use crate::hub::{KRAKIVETS, TestHub};
use crate::tls::authority::Authority;
use crate::trembita::{Envelope, bind, fault_of};

#[tokio::test]
async fn a_signed_question_is_answered_signed() {
    let direct = Direct::with(SignaturePolicy::Required).await;
    let asked = direct.sign(&queue());
    let answer = direct.send(&asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("<checkpoint>UA209030</checkpoint>"), "{}", answer.text());
    assert_eq!(direct.counted("taken").await, 1);

    // The answer verifies by the hub's certificate alone, holds the headers of the question, and confirms its
    // signature.
    let trust = Trust::none().with_pem(&direct.certificate().await).unwrap();
    let believed = Authorities::new(trust, Vec::new());
    let document = roxmltree::Document::parse(answer.text()).unwrap();
    let now = direct.hub.clock.now();
    let (root, window, limits) = (document.root_element(), Window::default(), Limits::default());
    let signed = verify(root, &believed, &window, &limits, now).unwrap();
    assert_eq!(signed.confirms.len(), 1);
    assert!(answer.text().contains(">q-1</xro:id>"));
    assert_eq!(
        answer.text().matches("<wsse:Security ").count(),
        1,
        "that of the question does not come back"
    );
    let other = answer.text().replacen("<waiting>0</waiting>", "<waiting>1</waiting>", 1);
    let document = roxmltree::Document::parse(&other).unwrap();
    verify(document.root_element(), &believed, &window, &limits, now).unwrap_err();
}

#[tokio::test]
async fn faults_and_problems_to_a_known_partner_are_signed_too() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let unknown = Envelope::of("GetQueue_v1", "<t:checkpoint>UA999999</t:checkpoint>");
    let answer = direct.send(&direct.sign(&unknown)).await;
    assert!(answer.text().contains("<faultCode>not_found</faultCode>"));
    assert!(answer.text().contains("<ds:Signature"));
    let answer = direct.send(&direct.sign(&Envelope::of("GetNothing_v1", ""))).await;
    assert!(fault_of(&answer).starts_with("Server.ServerProxy.UnknownService"));
    assert!(answer.text().contains("<ds:Signature"));
    let trust = Trust::none().with_pem(&direct.certificate().await).unwrap();
    let document = roxmltree::Document::parse(answer.text()).unwrap();
    let believed = Authorities::new(trust, Vec::new());
    verify(
        document.root_element(),
        &believed,
        &Window::default(),
        &Limits::default(),
        direct.hub.clock.now(),
    )
    .unwrap();
    let answer = direct.send(&direct.sign(&Envelope::of_metaservice("allowedMethods", ""))).await;
    assert!(
        answer.text().contains("GetQueue_v1") && answer.text().contains("<ds:Signature"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_system_is_taken_at_what_its_policy_says() {
    let direct = Direct::with(SignaturePolicy::None).await;
    let unknown =
        "wsse:FailedAuthentication: the certificate of the signature stands for no system that may ask here";
    assert_eq!(refusal_of(&direct.send(&direct.sign(&queue())).await), unknown);
    assert_eq!(direct.counted("unbound").await, 1);
    let by_token = || direct.hub.get(&TestHub::at(KRAKIVETS, "queue")).as_role(Role::BorderGuard).send();
    assert_eq!(by_token().await.status, 200);

    let direct = Direct::with(SignaturePolicy::Required).await;
    assert_eq!(direct.send(&direct.sign(&queue())).await.status, 200);
    let told = direct.hub.get(&TestHub::at(KRAKIVETS, "queue")).as_role(Role::BorderGuard).send().await;
    assert_eq!(
        told.problem(),
        "401 unauthenticated: this system signs its messages, and this one is not signed"
    );
    assert_eq!(
        refusal_of(&direct.send(&queue().text()).await),
        "wsse:InvalidSecurity: the message is not signed"
    );
}

#[tokio::test]
async fn a_subject_alone_signs_nothing() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    bind(&direct.hub, Role::Customs, "SEVDEIR-TEST/GOV/00000002/DMSU").await;
    direct.set(Role::Customs, SignaturePolicy::Optional).await;
    let now = direct.hub.clock.now();
    let mut connection = direct.hub.database.connection().await.unwrap();
    let (system, kind) = (direct.hub.system(Role::Customs), CredentialKind::CertificateSubject);
    let (subject, until) = ("/C=UA/CN=customs".to_owned(), now + TimeDelta::days(365));
    parties::bind_certificate(&mut connection, system, kind, subject, until, now).await.unwrap();
    let customs = Partner::of(direct.authority.sign_client("customs", "UA"));
    let asked = queue().by("SEVDEIR-TEST/GOV/00000002/DMSU").text();
    assert_eq!(
        refusal_of(&direct.send(&direct.sign_by(&customs, &asked)).await),
        "wsse:FailedAuthentication: the certificate of the signature stands for no system that may ask here"
    );
}

#[tokio::test]
async fn what_a_partner_asks_of_the_hub_itself_is_counted_as_its_own() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let asked = direct.sign(&Envelope::of_metaservice("listMethods", ""));
    let answer = direct.send(&asked).await;
    assert_eq!((answer.status, answer.header("ratelimit-policy")), (200, "\"system\";q=1000000;w=1"));
}

#[tokio::test]
async fn a_partner_asks_in_no_other_name() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    bind(&direct.hub, Role::Customs, "SEVDEIR-TEST/GOV/00000002/DMSU").await;
    let unknown =
        "wsse:FailedAuthentication: the certificate of the signature stands for no system that may ask here";
    for client in ["SEVDEIR-TEST/GOV/00000002/DMSU", "SEVDEIR-TEST/GOV/00000009/NOBODY"] {
        assert_eq!(refusal_of(&direct.send(&direct.sign(&queue().by(client))).await), unknown);
    }
    let stranger = Partner::of(Authority::new("another").sign_client("partner", "UA"));
    assert_eq!(refusal_of(&direct.send(&direct.sign_by(&stranger, &queue().text())).await), unknown);
    let unbound = Partner::of(direct.authority.sign_client("unbound", "UA"));
    assert_eq!(refusal_of(&direct.send(&direct.sign_by(&unbound, &queue().text())).await), unknown);
    let expired = Partner::of(direct.authority.sign_expired_client("partner"));
    assert_eq!(refusal_of(&direct.send(&direct.sign_by(&expired, &queue().text())).await), unknown);
}

#[tokio::test]
async fn a_message_that_was_changed_on_the_way_is_refused_and_nothing_is_done() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    direct.hub.book(KRAKIVETS, "AA1234BB").await;
    let now = direct.hub.clock.now().to_rfc3339();
    let event = format!(
        "<k:events><k:event><k:id>g-1</k:id><k:kind>checkpoint-entered</k:kind><k:plate>AA1234BB</k:plate>\
         <k:occurred_at>{now}</k:occurred_at></k:event></k:events>"
    );
    let asked = direct.sign(&Envelope::of("RecordCheckpointEvents_v1", &format!("{AT_KRAKIVETS}{event}")));
    let other = asked.replacen("<k:plate>AA1234BB", "<k:plate>AA1234BC", 1);
    assert_ne!(other, asked);
    assert_eq!(refusal_of(&direct.send(&other).await), "wsse:FailedCheck: the signature does not hold");
    // The refused one has not used up the message.
    let answer = direct.send(&asked).await;
    assert!(answer.text().contains("<outcome>recorded</outcome>"), "{}", answer.text());
}

#[tokio::test]
async fn a_message_that_is_too_large_is_read_from_nobody() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let large = " ".repeat((2 << 20) + 1);
    let told = fault_of(&direct.send(&large).await);
    assert_eq!(told, "Client.InvalidMessage: larger than 2097152 bytes");
}

/// A signed message with parts beside it, each with its Content-ID and media type.
fn with_parts(message: &str, parts: &[(&str, &str, &str)]) -> (String, Vec<u8>) {
    let mut body = format!("--b\r\nContent-Type: text/xml; charset=utf-8\r\n\r\n{message}\r\n");
    for (id, media_type, content) in parts {
        body += &format!("--b\r\nContent-ID: <{id}>\r\nContent-Type: {media_type}\r\n\r\n{content}\r\n");
    }
    ("multipart/related; boundary=b; type=\"text/xml\"".to_owned(), (body + "--b--\r\n").into_bytes())
}

/// No service takes attachments, so none is trusted: one that goes beside a signed message has it refused as
/// a whole.
#[tokio::test]
async fn nothing_is_done_by_a_signed_message_with_a_part_beside_it_whatever_the_policy() {
    for policy in [SignaturePolicy::Optional, SignaturePolicy::Required] {
        let direct = Direct::with(policy).await;
        let none = "Client.InvalidMessage: no service here takes attachments";
        let one = ("photo", "image/png", "PNG");
        let mtom = ("plate", "application/octet-stream", "AA1234BB");
        let kinds: [&[(&str, &str, &str)]; 4] = [&[one], &[one, one], &[mtom], &[one, mtom]];
        for parts in kinds {
            let (media_type, body) = with_parts(&direct.sign(&queue()), parts);
            let answer = direct.hub.post("/trembita/soap").body(&media_type, body).send().await;
            assert_eq!(fault_of(&answer), none, "{policy:?}: {parts:?}");
        }
        // A message in which a part is to stand for what was signed.
        let included = direct.sign(&queue()).replace(
            "UA209030",
            "<xop:Include xmlns:xop='http://www.w3.org/2004/08/xop/include' href='cid:plate'/>",
        );
        let (media_type, body) = with_parts(&included, &[("plate", "text/plain", "UA209030")]);
        let answer = direct.hub.post("/trembita/soap").body(&media_type, body).send().await;
        assert_eq!(fault_of(&answer), none);
        // The same without the part: what it stood for was signed, and it is not.
        let refused = refusal_of(&direct.send(&included).await);
        assert_eq!(refused, "wsse:FailedCheck: the signature does not hold");
        // The message alone in a multipart body is what it is without.
        let (media_type, body) = with_parts(&direct.sign(&queue()), &[]);
        let answer = direct.hub.post("/trembita/soap").body(&media_type, body).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}
