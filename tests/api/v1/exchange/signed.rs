//! Documents that are signed: whose signature counts, what the policy of a system asks for, and what the hub
//! signs.

use chrono::TimeDelta;
use kordon_adapters::trembita::evidence::Trust;
use kordon_adapters::trembita::security::enveloped::{self, Signed};
use kordon_adapters::trembita::security::{Authorities, Window};
use kordon_hub::parties::{Role, SignaturePolicy};

use super::{DOCUMENTS, event, of_events, send, told};
use crate::hub::{Answer, TestHub};
use crate::trembita::direct::{Direct, Partner};

/// A hub that believes an authority, and a customs system with a certificate of it.
pub(super) struct Customs {
    pub(super) direct: Direct,
    pub(super) partner: Partner,
}

impl Customs {
    pub(super) async fn with(policy: SignaturePolicy) -> Self {
        let direct = Direct::with(SignaturePolicy::Optional).await;
        let partner = Partner::of(direct.authority.sign_client("customs", "UA"));
        direct.bind(&partner, Role::Customs).await;
        direct.set(Role::Customs, policy).await;
        Self { direct, partner }
    }

    fn hub(&self) -> &TestHub {
        &self.direct.hub
    }

    fn text(&self, id: &str) -> String {
        let events =
            event(&format!("cu-{id}"), "customs-control-started", "AA 1234 BB", self.hub().clock.now());
        of_events(self.hub(), id, &events)
    }

    fn sign(&self, text: &str) -> String {
        enveloped::sign(text, &self.partner.key, self.hub().clock.now()).unwrap()
    }

    async fn send(&self, text: impl Into<Vec<u8>>) -> Answer {
        send(self.hub(), Role::Customs, text).await
    }

    async fn count(&self, outcome: &str) -> bool {
        let metrics = self.hub().get("/metrics").send().await;
        metrics
            .text()
            .contains(&format!("kordon_signatures_total{{outcome=\"{outcome}\",way=\"document\"}} 1"))
    }

    /// Whose signature a document of the hub has.
    async fn verified(&self, answer: &Answer) -> Signed {
        let trust = Trust::none().with_pem(&self.direct.certificate().await).unwrap();
        let believed = Authorities::new(trust, Vec::new());
        let now = self.hub().clock.now();
        enveloped::verify(answer.text(), &believed, &Window::default(), now).unwrap().expect("it is signed")
    }
}

#[tokio::test]
async fn a_signed_document_is_recorded_with_its_signer_and_acknowledged_signed() {
    let customs = Customs::with(SignaturePolicy::Optional).await;
    let answer = customs.send(customs.sign(&customs.text("D-1"))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let fingerprint = customs.partner.fingerprint();
    assert!(answer.text().contains(&format!("<signed_by>{fingerprint}</signed_by>")), "{}", answer.text());
    customs.verified(&answer).await;
    let kept = format!(
        "SELECT count(*) FROM exchange_documents WHERE signed_by = '{fingerprint}' AND signed_at IS NOT NULL"
    );
    assert_eq!(customs.hub().number(&kept).await, 1);
    assert!(customs.count("taken").await);
    let unsigned = customs.send(customs.text("D-2")).await;
    assert_eq!(unsigned.status, 201, "{}", unsigned.text());
    assert!(!unsigned.text().contains("signed_by"));
    // What was recorded is what was verified: the bytes as they came.
    let same = "SELECT count(*) FROM exchange_documents WHERE digest = sha256(content)";
    assert_eq!(customs.hub().number(same).await, 2);
}

#[tokio::test]
async fn a_signature_that_does_not_hold_is_refused_and_nothing_is_recorded() {
    let customs = Customs::with(SignaturePolicy::Optional).await;
    let signed = customs.sign(&customs.text("D-1"));
    let answer = customs.send(signed.replace("AA 1234 BB", "AA 1234 BC")).await;
    let said = told(&answer);
    assert!(
        said.starts_with(
            "422 D-1 recorded=false refused\nsignature_refused 5:1 /exchange_document/Signature "
        ),
        "{said}"
    );
    assert!(said.ends_with("the signature does not hold"), "{said}");
    assert!(customs.count("value").await);
    // The refusal is signed too, and says which bytes it is about.
    customs.verified(&answer).await;
    let evil = "<exchange_document xmlns=\"urn:kordon:exchange:1\"><header/><content/>";
    let wrapped = customs.send(format!("{evil}{signed}</exchange_document>")).await;
    assert!(told(&wrapped).contains("\ninvalid "), "{}", told(&wrapped));
    assert_eq!(customs.hub().number("SELECT count(*) FROM exchange_documents").await, 0);
    assert_eq!(customs.send(signed).await.status, 201, "the id is free still");
}

#[tokio::test]
async fn a_signature_of_another_is_refused() {
    let customs = Customs::with(SignaturePolicy::Optional).await;
    let now = customs.hub().clock.now();
    // The border guard's key, which is believed, in a document that customs hand in.
    let of_guard = enveloped::sign(&customs.text("D-1"), &customs.direct.partner.key, now).unwrap();
    let said = told(&customs.send(of_guard).await);
    assert!(
        said.ends_with("the certificate of the signature stands for no system that may ask here"),
        "{said}"
    );
    let stranger = Partner::of(customs.direct.authority.sign_client("stranger", "UA"));
    let of_stranger = enveloped::sign(&customs.text("D-2"), &stranger.key, now).unwrap();
    assert!(told(&customs.send(of_stranger).await).contains("signature_refused"));
    let elsewhere = Partner::of(crate::tls::authority::Authority::new("Other").sign_client("customs", "UA"));
    let of_elsewhere = enveloped::sign(&customs.text("D-3"), &elsewhere.key, now).unwrap();
    assert!(told(&customs.send(of_elsewhere).await).contains("signature_refused"));
    assert!(customs.count("untrusted").await);
    assert_eq!(customs.hub().number("SELECT count(*) FROM exchange_documents").await, 0);
}

#[tokio::test]
async fn the_policy_of_a_system_says_whether_it_signs() {
    let customs = Customs::with(SignaturePolicy::Required).await;
    let said = told(&customs.send(customs.text("D-1")).await);
    assert!(said.contains("\nsignature_refused "), "{said}");
    assert!(said.ends_with("neither the document nor the message around it is signed"), "{said}");
    assert_eq!(
        customs.send(customs.sign(&customs.text("D-1"))).await.status,
        201,
        "token and signature together"
    );
    // The signature alone lets nobody in.
    let text = customs.sign(&customs.text("D-2"));
    let alone = customs.hub().post(DOCUMENTS).body("application/xml", text).send().await;
    assert_eq!(alone.status, 401);
    // What is no document is taken as its policy has it.
    let inbox = customs.hub().get(DOCUMENTS).as_role(Role::Customs).send().await;
    assert_eq!(
        inbox.problem(),
        "401 unauthenticated: this system signs its messages, and this one is not signed"
    );

    let customs = Customs::with(SignaturePolicy::None).await;
    assert_eq!(customs.send(customs.text("D-1")).await.status, 201);
    let said = told(&customs.send(customs.sign(&customs.text("D-2"))).await);
    assert!(said.contains("\nsignature_refused "), "{said}");
}

#[tokio::test]
async fn a_signed_document_that_comes_again_is_answered_again_and_to_nobody_else() {
    let customs = Customs::with(SignaturePolicy::Required).await;
    let signed = customs.sign(&customs.text("D-1"));
    let first = customs.send(signed.clone()).await;
    customs.hub().clock.advance(TimeDelta::hours(2));
    let again = customs.send(signed.clone()).await;
    assert_eq!((again.status, again.body), (200, first.body));
    // Whoever caught it hands it in with another's credential: it is not theirs.
    let caught = send(customs.hub(), Role::BorderGuard, signed).await;
    assert!(told(&caught).contains("\nsignature_refused "), "{}", told(&caught));
    assert_eq!(customs.hub().number("SELECT count(*) FROM checkpoint_events").await, 1);
}

#[tokio::test]
async fn a_certificate_that_has_ended_signs_nothing() {
    let customs = Customs::with(SignaturePolicy::Optional).await;
    let signed = customs.sign(&customs.text("D-1"));
    customs.hub().clock.advance(TimeDelta::days(2));
    let said = told(&customs.send(signed).await);
    assert!(said.contains("\nsignature_refused "), "{said}");
    assert!(customs.count("expired").await);
}

#[tokio::test]
async fn a_hub_that_verifies_no_signatures_takes_none() {
    let hub = TestHub::start().await;
    let direct = Direct::with(SignaturePolicy::Optional).await;
    // Its certificate holds by the clock of the machine.
    hub.clock.set(&direct.hub.clock.now().to_rfc3339());
    let text =
        of_events(&hub, "D-1", &event("cu-1", "customs-control-started", "AA 1234 BB", hub.clock.now()));
    let signed = enveloped::sign(&text, &direct.partner.key, hub.clock.now()).unwrap();
    let said = told(&send(&hub, Role::Customs, signed).await);
    assert!(
        said.ends_with("this hub is not set up to verify signatures: send the document without one"),
        "{said}"
    );
    let answer = send(&hub, Role::Customs, text).await;
    assert_eq!(answer.status, 201);
    assert!(answer.text().contains("<ds:Signature"), "the hub has a key of its own all the same");
}
