//! Messages that are signed by those who ask, without a security server.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use chrono::TimeDelta;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;
use kordon_adapters::keys::{FileKey, Signer};
use kordon_adapters::trembita::evidence::Trust;
use kordon_adapters::trembita::security::{Authorities, Window, sign, verify};
use kordon_adapters::trembita::soap::Limits;
use kordon_hub::parties::signed_messages::SignedMessages;
use kordon_hub::parties::{self, CredentialKind, Role, SignaturePolicy};
use tempfile::TempDir;

use super::{Envelope, GUARD, bind, fault_of};
use crate::hub::{Answer, Believed, KRAKIVETS, TestHub};
use crate::tls::authority::{Authority, Pair};

const AT_KRAKIVETS: &str = "<t:checkpoint>UA209030</t:checkpoint>";

/// A hub that believes an authority, and a partner with a certificate of it: the border guard's system.
pub(crate) struct Direct {
    pub(crate) hub: TestHub,
    pub(crate) authority: Authority,
    pub(crate) partner: Partner,
}

/// Who signs.
pub(crate) struct Partner {
    folder: TempDir,
    pub(crate) key: FileKey,
    pair: Pair,
}

impl Partner {
    pub(crate) fn of(pair: Pair) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let key = FileKey::open(
            &file("partner.key", &pair.key_pem()),
            &file("partner.pem", &pair.certificate_pem()),
            None,
        )
        .unwrap();
        Self { folder, key, pair }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn fingerprint(&self) -> String {
        self.pair.fingerprint().replace(':', "").to_lowercase()
    }
}

impl Direct {
    /// A hub whose border guard may sign, as the policy says.
    pub(crate) async fn with(policy: SignaturePolicy) -> Self {
        Self::asked_as(policy, &[]).await
    }

    /// The same, where the hub knows its own names.
    pub(crate) async fn asked_as(policy: SignaturePolicy, hosts: &[&str]) -> Self {
        let authority = Authority::new("Kordon test authority");
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let believed = Believed { authorities: authority.certificate_pem(), lists: Vec::new(), hosts };
        let hub = TestHub::start_for_partners(believed).await;
        bind(&hub, Role::BorderGuard, GUARD).await;
        let partner = Partner::of(authority.sign_client("partner", "UA"));
        let direct = Self { hub, authority, partner };
        direct.bind(&direct.partner, Role::BorderGuard).await;
        direct.set(Role::BorderGuard, policy).await;
        direct
    }

    pub(crate) async fn bind(&self, partner: &Partner, role: Role) {
        let now = self.hub.clock.now();
        let mut connection = self.hub.database.connection().await.unwrap();
        let (system, until) = (self.hub.system(role), now + TimeDelta::days(365));
        let (fingerprint, der) = (partner.fingerprint(), partner.key.certificate().to_vec());
        parties::bind_whole_certificate(&mut connection, system, fingerprint, &der, until, now)
            .await
            .unwrap();
    }

    pub(crate) async fn set(&self, role: Role, policy: SignaturePolicy) {
        let mut connection = self.hub.database.connection().await.unwrap();
        parties::set_signatures(&mut connection, self.hub.system(role), policy).await.unwrap();
    }

    fn sign(&self, envelope: &Envelope) -> String {
        self.sign_by(&self.partner, &envelope.text())
    }

    fn sign_by(&self, partner: &Partner, text: &str) -> String {
        sign::sign(text, &partner.key, None, self.hub.clock.now()).unwrap()
    }

    async fn send(&self, text: &str) -> Answer {
        self.hub.post("/trembita/soap").body("text/xml; charset=utf-8", text.to_owned()).send().await
    }

    /// The hub's certificate, as everybody gets it.
    pub(crate) async fn certificate(&self) -> Vec<u8> {
        let answer = self.hub.get("/api/v1/signing-certificate").as_role(Role::Customs);
        answer.header("Accept", "*/*").send().await.text().as_bytes().to_vec()
    }

    /// Binds a certificate that was made elsewhere.
    pub(crate) async fn bind_der(&self, der: &[u8], role: Role) {
        let now = self.hub.clock.now();
        let mut connection = self.hub.database.connection().await.unwrap();
        let (system, until) = (self.hub.system(role), now + TimeDelta::days(365));
        let fingerprint = kordon_adapters::http_signatures::sign::fingerprint(der);
        parties::bind_whole_certificate(&mut connection, system, fingerprint, der, until, now).await.unwrap();
    }

    /// Runs an example of the guide, and checks that the guide tells what it told.
    pub(crate) async fn tells_what_the_guide_tells(self: &Arc<Self>, example: &'static str) {
        let root = env!("CARGO_MANIFEST_DIR");
        let python = format!("{root}/.venv/bin/python");
        assert!(std::path::Path::new(&python).exists(), "{python} is missing: run scripts/install.sh test");
        let own = Arc::clone(self);
        let output = tokio::task::spawn_blocking(move || {
            Command::new(python)
                .arg(format!("{root}/docs/integrate/examples/{example}"))
                .env("HUB", &own.hub.url)
                .env("CLIENT", GUARD)
                .env("PROVIDER", "SEVDEIR-TEST/GOV/20000090/KORDON_prod")
                .env("KEY", own.partner.file("partner.key"))
                .env("CERTIFICATE", own.partner.file("partner.pem"))
                .env("HUB_CERTIFICATE", own.partner.file("hub.pem"))
                .output()
                .unwrap()
        });
        let output = output.await.unwrap();
        let (told, wrong) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{told}\n{wrong}");
        let guide = std::fs::read_to_string(format!("{root}/docs/integrate/direct-partner.md")).unwrap();
        assert!(guide.contains(&format!("```text\n{told}```")), "the guide tells what came:\n{told}");
    }

    /// What zeep's own check says of an envelope.
    async fn zeep_finds(&self, envelope: &str) -> String {
        let script = "import os, sys\n\
                      from lxml import etree\n\
                      from zeep.wsse.signature import verify_envelope\n\
                      try:\n    verify_envelope(etree.fromstring(os.environb[b'ENVELOPE']), os.environ['HUB_CERTIFICATE'])\n    print('holds')\n\
                      except Exception as fault:\n    print(type(fault).__name__)";
        self.python(script, envelope.to_owned()).await
    }

    /// Runs a script; `envelope` is among its settings.
    pub(crate) async fn python(&self, script: &str, envelope: String) -> String {
        let (script, certificate) = (script.to_owned(), self.partner.file("hub.pem"));
        let (key, own) = (self.partner.file("partner.key"), self.partner.file("partner.pem"));
        let url = self.hub.url.clone();
        let said = tokio::task::spawn_blocking(move || {
            Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.venv/bin/python"))
                .args(["-c", &script])
                .env("ENVELOPE", envelope)
                .env("HUB", url)
                .env("HUB_CERTIFICATE", certificate)
                .env("KEY", key)
                .env("CERTIFICATE", own)
                .output()
                .unwrap()
        });
        let said = said.await.unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap()
    }

    async fn metric(&self, outcome: &str) -> bool {
        let told = self.hub.get("/metrics").send().await;
        told.text().contains(&format!("kordon_signatures_total{{outcome=\"{outcome}\",way=\"soap\"}} 1"))
    }
}

fn queue() -> Envelope {
    Envelope::of("GetQueue_v1", AT_KRAKIVETS)
}

/// The code of a fault of WS-Security with its text.
fn refusal_of(answer: &Answer) -> String {
    let told = fault_of(answer);
    assert!(!answer.text().contains("<ds:Signature"), "who is not known gets no signature");
    told
}

#[tokio::test]
async fn a_signed_question_is_answered_signed() {
    let direct = Direct::with(SignaturePolicy::Required).await;
    let asked = direct.sign(&queue());
    let answer = direct.send(&asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("<checkpoint>UA209030</checkpoint>"), "{}", answer.text());
    assert!(direct.metric("taken").await);

    // The answer verifies by the hub's certificate alone, holds the headers of the question, and confirms its signature.
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
async fn the_same_message_is_taken_once() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let asked = direct.sign(&queue());
    assert_eq!(direct.send(&asked).await.status, 200);
    let replayed = "wsse:InvalidSecurity: this very message was received before";
    assert_eq!(refusal_of(&direct.send(&asked).await), replayed);
    // Other white space around the parts makes no other message.
    let padded = asked.replacen("<s:Header>", "\n <s:Header>", 1);
    assert_eq!(refusal_of(&direct.send(&padded).await), replayed);
    assert!(
        direct.metric("replayed").await
            || direct.hub.get("/metrics").send().await.text().contains("replayed")
    );
    // When it is forgotten it is too old.
    direct.hub.clock.advance(TimeDelta::seconds(361));
    let mut connection = direct.hub.database.connection().await.unwrap();
    let now = direct.hub.clock.now();
    assert_eq!(parties::signed_messages::forget(&mut connection, now).await.unwrap(), 1);
    assert!(refusal_of(&direct.send(&asked).await).starts_with("wsu:MessageExpired: it was created at"));
}

#[tokio::test]
async fn two_replicas_know_the_same_messages() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let until = direct.hub.clock.now();
    let (one, _noting) = SignedMessages::start(direct.hub.database.clone());
    let (other, _noting) = SignedMessages::start(direct.hub.database.clone());
    assert!(one.receive(&[1; 32], until).await.unwrap());
    assert!(!one.receive(&[1; 32], until).await.unwrap());
    assert!(!other.receive(&[1; 32], until).await.unwrap());
    assert!(other.receive(&[2; 32], until).await.unwrap());
    // A hundred messages come to both at once, in opposite order: each is taken by one of them.
    let digests: Vec<[u8; 32]> = (100..200_u8).map(|number| [number; 32]).collect();
    let to_one = join_all(digests.iter().map(|digest| one.receive(digest, until)));
    let to_other = join_all(digests.iter().rev().map(|digest| other.receive(digest, until)));
    let (by_one, by_other) = tokio::join!(to_one, to_other);
    for (by_one, by_other) in by_one.into_iter().zip(by_other.into_iter().rev()) {
        assert_ne!(by_one.unwrap(), by_other.unwrap());
    }
}

#[tokio::test]
async fn messages_that_come_together_share_a_commit_and_wait_for_it() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let until = direct.hub.clock.now();
    let (noting, _task) = SignedMessages::start(direct.hub.database.clone());
    let mut holding = direct.hub.database.own_connection().await.unwrap();
    holding.batch_execute("BEGIN; LOCK TABLE signed_messages IN EXCLUSIVE MODE").await.unwrap();
    let digests: Vec<[u8; 32]> = (0..200_u8).map(|number| [number; 32]).collect();
    // Each twice.
    let mut all = join_all(digests.iter().chain(&digests).map(|digest| noting.receive(digest, until)));
    assert!(futures_util::poll!(&mut all).is_pending());
    assert!(futures_util::poll!(&mut all).is_pending(), "nobody is answered before the commit");
    holding.batch_execute("COMMIT").await.unwrap();
    let received: Vec<bool> = all.await.into_iter().map(|received| received.unwrap()).collect();
    let (first, again) = received.split_at(digests.len());
    assert!(first.iter().zip(again).all(|(one, other)| one != other), "each is taken once");
    #[derive(diesel::QueryableByName)]
    struct Commits {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        commits: i64,
    }
    let Commits { commits } =
        diesel::sql_query("SELECT count(DISTINCT CAST(xmin AS text)) AS commits FROM signed_messages")
            .get_result(&mut *direct.hub.database.connection().await.unwrap())
            .await
            .unwrap();
    assert!(commits <= 2, "{commits} commits for 200 messages");
}

#[tokio::test]
async fn a_connection_that_was_lost_costs_no_message() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let until = direct.hub.clock.now();
    let (noting, _task) = SignedMessages::start(direct.hub.database.clone());
    assert!(noting.receive(&[1; 32], until).await.unwrap());
    let mut connection = direct.hub.database.connection().await.unwrap();
    connection
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND query LIKE 'INSERT INTO signed_messages%'",
        )
        .await
        .unwrap();
    assert!(noting.receive(&[2; 32], until).await.unwrap());
    assert!(!noting.receive(&[2; 32], until).await.unwrap());
}

#[tokio::test]
async fn a_system_is_taken_at_what_its_policy_says() {
    let direct = Direct::with(SignaturePolicy::None).await;
    let unknown =
        "wsse:FailedAuthentication: the certificate of the signature stands for no system that may ask here";
    assert_eq!(refusal_of(&direct.send(&direct.sign(&queue())).await), unknown);
    assert!(direct.metric("unbound").await);
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
async fn a_certificate_is_bound_by_its_subject_too() {
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
    assert_eq!(direct.send(&direct.sign_by(&customs, &asked)).await.status, 200);
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
async fn attachments_and_large_messages_are_not_read_from_strangers() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let large = " ".repeat((2 << 20) + 1);
    let told = fault_of(&direct.send(&large).await);
    assert_eq!(told, "Client.InvalidMessage: larger than 2097152 bytes");
}

/// xmlsec1 and zeep with xmlsec: strangers to this code.
#[tokio::test(flavor = "multi_thread")]
async fn xmlsec1_and_zeep_verify_the_answer_and_find_a_changed_one() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let answer = direct.send(&direct.sign(&queue())).await.text().to_owned();
    let certificate = direct.partner.file("hub.pem");
    std::fs::write(&certificate, direct.certificate().await).unwrap();
    let holds = |text: &str| {
        let path = direct.partner.file("answer.xml");
        std::fs::write(&path, text).unwrap();
        let mut command = Command::new("xmlsec1");
        command.args(["--verify", "--pubkey-cert-pem"]).arg(&certificate);
        let document = roxmltree::Document::parse(text).unwrap();
        let with_id = document.descendants().filter(|node| node.attributes().any(|own| own.name() == "Id"));
        let names: std::collections::BTreeSet<String> = with_id
            .map(|node| {
                format!("{}:{}", node.tag_name().namespace().unwrap_or_default(), node.tag_name().name())
            })
            .collect();
        assert!(names.len() >= 8, "{names:?}");
        for name in names {
            command.arg("--id-attr:Id").arg(name);
        }
        command.arg(&path).output().unwrap().status.success()
    };
    let other = answer.replacen("<waiting>0</waiting>", "<waiting>1</waiting>", 1);
    assert!(holds(&answer));
    assert!(!holds(&other));
    assert_eq!(direct.zeep_finds(&answer).await, "holds\n");
    assert_eq!(direct.zeep_finds(&other).await, "SignatureVerificationFailed\n");
}

/// The example of the guide, as it stands there.
#[tokio::test(flavor = "multi_thread")]
async fn zeep_signs_the_question_and_verifies_the_answer() {
    let direct = Arc::new(Direct::with(SignaturePolicy::Required).await);
    direct.hub.book(KRAKIVETS, "AA1234BB").await;
    std::fs::write(direct.partner.file("hub.pem"), direct.certificate().await).unwrap();
    direct.tells_what_the_guide_tells("direct_soap.py").await;
}
