//! Requests that are signed over HTTP by those who ask, without a security server.

use std::process::Command;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::SimpleAsyncConnection;
use kordon_adapters::http_signatures::base::Message;
use kordon_adapters::http_signatures::digest::content_digest;
use kordon_adapters::http_signatures::verify::verify_answer;
use kordon_adapters::http_signatures::{Answer as SignedAnswer, Request, sign};
use kordon_adapters::trembita::evidence::Trust;
use kordon_adapters::trembita::security::{Authorities, Window};
use kordon_hub::parties::{Role, SignaturePolicy};

use super::direct::{Direct, Partner};
use super::sealing::{assert_signed, fetched, file, seal};
use crate::hub::{Answer, KRAKIVETS, TestHub, YAHODYN};
use crate::tls::authority::Authority;

/// A request before it is signed.
#[derive(Clone)]
struct Asked {
    method: &'static str,
    path: String,
    query: Option<&'static str>,
    fields: Vec<(String, String)>,
    content: Vec<u8>,
    covered: Vec<&'static str>,
    nonce: Option<&'static str>,
}

impl Asked {
    fn queue() -> Self {
        Self {
            method: "GET",
            path: TestHub::at(KRAKIVETS, "queue"),
            query: None,
            fields: Vec::new(),
            content: Vec::new(),
            covered: vec!["@method", "@target-uri"],
            nonce: None,
        }
    }

    fn event(now: DateTime<Utc>) -> Self {
        let event = serde_json::json!({"id": "g-1", "kind": "checkpoint-entered", "plate": "AA1234BB", "occurred_at": now});
        let content = event.to_string().into_bytes();
        Self {
            method: "POST",
            path: TestHub::at(KRAKIVETS, "events"),
            fields: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("content-digest".to_owned(), content_digest(&content)),
            ],
            content,
            covered: vec!["@method", "@authority", "@path", "@query", "content-type", "content-digest"],
            ..Self::queue()
        }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    fn covering(self, covered: &[&'static str]) -> Self {
        Self { covered: covered.to_vec(), ..self }
    }

    /// The request with the headers of its signature.
    fn signed(mut self, hub: &TestHub, partner: &Partner, at: DateTime<Utc>) -> Self {
        let components: Vec<(&str, bool)> = self.covered.iter().map(|name| (*name, false)).collect();
        let headers =
            sign::sign(Message::Request(&self.seen(hub)), &components, self.nonce, &partner.key, at).unwrap();
        self.fields.push(("signature-input".to_owned(), headers.input));
        self.fields.push(("signature".to_owned(), headers.value));
        self
    }

    fn seen(&self, hub: &TestHub) -> Request<'_> {
        Request {
            method: self.method,
            scheme: "http",
            authority: hub.url.replace("http://", "").into(),
            path: Box::leak(self.path.clone().into_boxed_str()),
            query: self.query,
            fields: self
                .fields
                .iter()
                .map(|(name, value)| (name.clone().into(), value.clone().into_bytes().into()))
                .collect(),
        }
    }

    async fn send(&self, hub: &TestHub) -> Answer {
        let query = self.query.map(|query| format!("?{query}")).unwrap_or_default();
        let mut request = hub.request(self.method.parse().unwrap(), &format!("{}{query}", self.path));
        for (name, value) in &self.fields {
            request = request.header(name, value);
        }
        request.content(self.content.clone()).send().await
    }
}

impl Direct {
    async fn ask(&self, asked: Asked) -> Answer {
        asked.signed(&self.hub, &self.partner, self.hub.clock.now()).send(&self.hub).await
    }

    /// The request as `change` leaves it after it was signed.
    async fn ask_changed(&self, asked: Asked, change: impl FnOnce(&mut Asked)) -> String {
        let mut asked = asked.signed(&self.hub, &self.partner, self.hub.clock.now());
        change(&mut asked);
        asked.send(&self.hub).await.problem()
    }
}

const UNKNOWN: &str =
    "401 unauthenticated: the certificate of the signature stands for no system that may ask here";
const NOT_HELD: &str = "401 unauthenticated: the signature does not hold";

#[tokio::test]
async fn a_signed_request_is_answered_signed() {
    let direct = Direct::with(SignaturePolicy::Required).await;
    let asked = Asked::queue().signed(&direct.hub, &direct.partner, direct.hub.clock.now());
    let answer = asked.send(&direct.hub).await;
    assert_eq!(answer.expect(200)["checkpoint"], KRAKIVETS);

    let trust = Trust::none().with_pem(&direct.certificate().await).unwrap();
    let own = openssl::x509::X509::from_pem(&direct.certificate().await).unwrap().to_der().unwrap();
    let now = direct.hub.clock.now();
    let signer = Authorities::new(trust, Vec::new()).believe(&own, now).unwrap();
    let request = asked.seen(&direct.hub);
    let fields = ["content-type", "content-digest", "signature", "signature-input", "etag"];
    let fields =
        fields.map(|name| (name.into(), answer.header(name).to_owned().into_bytes().into())).to_vec();
    let holds = |status: u16, content: &[u8], request: &Request<'_>| {
        let answer = SignedAnswer { status, fields: fields.clone(), request };
        verify_answer(&answer, content, &signer, &Window::default(), now)
            .map(|_| ())
            .map_err(|told| told.to_string())
    };
    let content = answer.text().as_bytes();
    assert_eq!(holds(200, content, &request), Ok(()));
    assert_eq!(holds(201, content, &request), Err("value: the value of the signature does not hold".into()));
    assert_eq!(holds(200, b"{}", &request), Err("value: the Content-Digest is not of this content".into()));
    let other = Asked::queue().with("signature", "kordon=:AAAA:");
    assert!(holds(200, content, &other.seen(&direct.hub)).is_err(), "it answers that very request");
}

#[tokio::test]
async fn a_content_is_signed_by_its_digest_and_acted_on() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    direct.hub.book(KRAKIVETS, "AA1234BB").await;
    let now = direct.hub.clock.now();
    let told = direct.ask_changed(Asked::event(now), |asked| asked.content.push(b' ')).await;
    assert_eq!(told, NOT_HELD);
    let other = b"{}".to_vec();
    let told = direct
        .ask_changed(Asked::event(now), |asked| {
            asked.fields[1].1 = content_digest(&other);
            asked.content = other;
        })
        .await;
    assert_eq!(told, NOT_HELD);
    let answer = direct.ask(Asked::event(now)).await;
    assert_eq!(answer.expect(201)["outcome"], "recorded");
}

#[tokio::test]
async fn a_problem_is_signed_with_what_is_told() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let path = "/api/v1/checkpoints/UA999999/queue".to_owned();
    let answer = direct.ask(Asked { path, ..Asked::queue() }).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-digest"), content_digest(answer.text().as_bytes()));
    assert!(answer.header("signature-input").contains("\"signature\";req"));
}

#[tokio::test]
async fn all_that_decides_has_to_be_signed() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let now = direct.hub.clock.now();
    for (asked, missing) in [
        (Asked::queue().covering(&["@target-uri"]), "@method"),
        (Asked::queue().covering(&["@method"]), "neither @target-uri nor @authority"),
        (Asked::queue().covering(&["@method", "@authority", "@path"]), "neither @target-uri nor @query"),
        (Asked::queue().covering(&["@method", "@authority", "@query"]), "neither @target-uri nor @path"),
        (Asked::queue().with("kordon-purpose", "for a test"), "kordon-purpose"),
        (Asked::queue().with("idempotency-key", "1"), "idempotency-key"),
        (Asked::queue().with("if-match", "\"1\""), "if-match"),
        (Asked::event(now).covering(&["@method", "@target-uri", "content-digest"]), "content-type"),
        (Asked::event(now).covering(&["@method", "@target-uri", "content-type"]), "content-digest"),
    ] {
        let told = direct.ask(asked).await.problem();
        assert_eq!(told, format!("401 unauthenticated: {missing} is not signed"));
    }
    let mut without = Asked::event(now).covering(&["@method", "@target-uri", "content-type"]);
    without.fields.pop();
    let told = direct.ask(without).await.problem();
    assert_eq!(told, "401 unauthenticated: the content has no content-digest that is signed");
}

#[tokio::test]
async fn what_was_changed_on_the_way_is_refused() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let own = Asked::queue()
        .covering(&["@method", "@target-uri", "kordon-purpose"])
        .with("kordon-purpose", "a test");
    assert_eq!(direct.ask_changed(own.clone(), |asked| asked.query = Some("lane=all")).await, NOT_HELD);
    assert_eq!(
        direct.ask_changed(own.clone(), |asked| asked.path = TestHub::at("UA205030", "queue")).await,
        NOT_HELD
    );
    assert_eq!(direct.ask_changed(own.clone(), |asked| asked.method = "DELETE").await, NOT_HELD);
    assert_eq!(direct.ask_changed(own.clone(), |asked| asked.fields[0].1 = "another".into()).await, NOT_HELD);
    let added = |asked: &mut Asked| asked.fields.push(("kordon-purpose".into(), "another".into()));
    assert_eq!(direct.ask_changed(own.clone(), added).await, NOT_HELD);
    // Another time, another order of the parameters: they are signed as they stand.
    let later = |asked: &mut Asked| asked.fields[1].1 = asked.fields[1].1.replace("created=1", "created=2");
    assert!(direct.ask_changed(own.clone(), later).await.contains("which is yet to come"));
    let turned = |asked: &mut Asked| {
        let (before, after) = asked.fields[1].1.split_once(";keyid").unwrap();
        let (key, algorithm) = after.split_once(";alg").unwrap();
        asked.fields[1].1 = format!("{before};alg{algorithm};keyid{key}");
    };
    assert_eq!(direct.ask_changed(own, turned).await, NOT_HELD);
}

#[tokio::test]
async fn the_form_of_a_signature_is_narrow() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let changed = async |from: &str, to: &str| {
        let (from, to) = (from.to_owned(), to.to_owned());
        let change = |asked: &mut Asked| {
            assert!(asked.fields[0].1.contains(&from), "{from} in {}", asked.fields[0].1);
            asked.fields[0].1 = asked.fields[0].1.replacen(&from, &to, 1);
        };
        direct.ask_changed(Asked::queue(), change).await.replace("401 unauthenticated: ", "")
    };
    assert_eq!(
        changed("ecdsa-p256-sha256", "hmac-sha256").await,
        "the algorithm \"hmac-sha256\" is not allowed"
    );
    assert_eq!(
        changed("ecdsa-p256-sha256", "rsa-v1_5-sha1").await,
        "the algorithm \"rsa-v1_5-sha1\" is not allowed"
    );
    assert_eq!(
        changed("ecdsa-p256-sha256", "rsa-pss-sha512").await,
        "the key is of another kind than the algorithm, or too short"
    );
    assert_eq!(
        changed(";keyid=\"", ";keyid=\"x").await,
        "the keyid is the SHA-256 of the certificate in hexadecimal digits"
    );
    assert_eq!(changed(";alg=", ";weight=").await, "the parameter \"weight\" is not known");
    assert_eq!(changed(";created=", ";tag=").await, "the parameter \"tag\" is not of its kind");
    assert_eq!(
        changed("\"@method\" ", "\"@method\" \"@method\" ").await,
        "the component \"@method\" stands twice"
    );
    assert_eq!(
        changed("\"@method\" ", "\"@method\" \"@status\" ").await,
        "there is no component \"@status\", or it is not taken here"
    );
    assert_eq!(
        changed("\"@method\" ", "\"@method\" \"Date\" ").await,
        "\"Date\" is no component: names are in small letters"
    );
    assert_eq!(
        changed("\"@method\"", "\"@method\";req").await,
        "\"@method\": a request has no component with \"req\""
    );
    assert_eq!(
        changed("\"@method\"", "\"@method\";sf").await,
        "\"@method\": the parameter \"sf\" is not taken here"
    );
    assert!(changed("kordon=(", "kordon=((").await.starts_with("the header signature-input: "));
    let strictly = "Signature-Input is not strictly serialized (RFC 8941, 4.1)";
    assert_eq!(changed(";keyid=", ";keyid=\"another\";keyid=").await, strictly);
    assert_eq!(changed("\"@method\" ", "\"@method\"  ").await, strictly);
    assert_eq!(changed("kordon=(", "other=(").await, "Signature and Signature-Input have different labels");
    assert_eq!(changed("kordon=(", "a=(\"@method\"), kordon=(").await, "a message has one signature");
    let alone = direct.ask_changed(Asked::queue(), |asked| drop(asked.fields.remove(0))).await;
    assert_eq!(alone, "401 unauthenticated: there is no header signature-input that can be read");
}

#[tokio::test]
async fn the_same_request_is_taken_once_and_another_nonce_makes_another() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let now = direct.hub.clock.now();
    let asked = Asked::queue().signed(&direct.hub, &direct.partner, now);
    assert_eq!(asked.send(&direct.hub).await.status, 200);
    let replayed = "401 unauthenticated: this very message was received before";
    assert_eq!(asked.send(&direct.hub).await.problem(), replayed);
    // ECDSA makes another value each time; what is signed is the same.
    assert_eq!(direct.ask(Asked::queue()).await.problem(), replayed);
    for nonce in ["one", "two"] {
        assert_eq!(direct.ask(Asked { nonce: Some(nonce), ..Asked::queue() }).await.status, 200);
    }
    direct.hub.clock.advance(TimeDelta::seconds(361));
    assert!(asked.send(&direct.hub).await.problem().starts_with("401 unauthenticated: it was created at"));
}

#[tokio::test]
async fn who_is_not_known_or_does_not_sign_is_told_the_same() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let now = direct.hub.clock.now();
    let told = async |partner: &Partner| {
        Asked::queue().signed(&direct.hub, partner, now).send(&direct.hub).await.problem()
    };
    let unbound = Partner::of(direct.authority.sign_client("unbound", "UA"));
    assert_eq!(told(&unbound).await, UNKNOWN);
    let stranger = Partner::of(Authority::new("another").sign_client("stranger", "UA"));
    direct.bind(&stranger, Role::Police).await;
    direct.set(Role::Police, SignaturePolicy::Optional).await;
    assert_eq!(told(&stranger).await, UNKNOWN);
    let expired = Partner::of(direct.authority.sign_expired_client("expired"));
    direct.bind(&expired, Role::Police).await;
    assert_eq!(told(&expired).await, UNKNOWN);
    direct.set(Role::BorderGuard, SignaturePolicy::None).await;
    let fresh = Direct::with(SignaturePolicy::None).await;
    assert_eq!(fresh.ask(Asked::queue()).await.problem(), UNKNOWN);
}

#[tokio::test]
async fn what_was_signed_for_another_hub_is_refused() {
    let direct = Direct::asked_as(SignaturePolicy::Optional, &["hub.example.org"]).await;
    let told = direct.ask(Asked::queue()).await.problem();
    let host = direct.hub.url.replace("http://", "");
    assert_eq!(told, format!("401 unauthenticated: the message is to {host:?}, which is not this hub"));
}

#[tokio::test]
async fn each_kind_of_key_is_taken() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let folder = tempfile::tempdir().unwrap();
    for (kind, algorithm, role) in [
        ("rsa:2048", "RSA_PSS_SHA512", Role::Police),
        ("rsa:2048", "RSA_V1_5_SHA256", Role::Ministry),
        ("ec -pkeyopt ec_paramgen_curve:P-384", "ECDSA_P384_SHA384", Role::Customs),
        ("ed25519", "ED25519", Role::Taxud),
    ] {
        let issued = direct.authority.sign_with_openssl(folder.path(), kind, algorithm);
        // The certificate begins now, and the clock of the hub stands still.
        direct.hub.clock.set(&Utc::now().to_rfc3339());
        direct.bind_der(&issued, role).await;
        direct.set(role, SignaturePolicy::Required).await;
        let script = format!(
            r#"
import http_message_signatures as s, requests, os
from http_message_signatures import algorithms
from cryptography.hazmat.primitives import serialization
key = serialization.load_pem_private_key(open("{algorithm}.key", "rb").read(), None)
name = os.environ["NAME"].upper()
keys = s.MappingKeyResolver(private_keys={{name: key}}, public_keys={{}})
signer = s.HTTPMessageSigner(signature_algorithm=algorithms.{algorithm}, key_resolver=keys)
for alg in (True, False):
    request = requests.Request("GET", os.environ["HUB"] + "/api/v1/checkpoints?x=%20", headers={{"Accept": "application/json"}}).prepare()
    request.url = os.environ["HUB"] + "/api/v1/checkpoints"
    signer.sign(request, key_id=name, include_alg=alg, covered_component_ids=("@method", "@authority", "@path", "@query"), tag="t", nonce=str(alg))
    print(requests.Session().send(request).status_code)
"#
        );
        let (url, name) =
            (direct.hub.url.clone(), kordon_adapters::http_signatures::sign::fingerprint(&issued));
        let place = folder.path().to_owned();
        let told = tokio::task::spawn_blocking(move || {
            let python = concat!(env!("CARGO_MANIFEST_DIR"), "/.venv/bin/python");
            Command::new(python)
                .args(["-c", &script])
                .current_dir(place)
                .env("HUB", url)
                .env("NAME", name)
                .output()
                .unwrap()
        });
        let told = told.await.unwrap();
        let (out, wrong) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
        assert_eq!(
            out,
            "200\n200\n",
            "{algorithm}: {wrong} {}",
            direct.hub.get("/metrics").send().await.text()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http_message_signatures_finds_a_changed_answer() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    std::fs::write(direct.partner.file("hub.pem"), direct.certificate().await).unwrap();
    let script = r#"
import os, http_message_signatures as s, requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from http_message_signatures import algorithms
read = lambda name: open(os.environ[name], "rb").read()
own, of_hub = x509.load_pem_x509_certificate(read("CERTIFICATE")), x509.load_pem_x509_certificate(read("HUB_CERTIFICATE"))
name = own.fingerprint(hashes.SHA256()).hex()
keys = s.MappingKeyResolver(
    private_keys={name: serialization.load_pem_private_key(read("KEY"), None)},
    public_keys={of_hub.fingerprint(hashes.SHA256()).hex(): of_hub.public_key()})
request = requests.Request("GET", os.environ["HUB"] + "/api/v1/checkpoints/UA209030/queue").prepare()
s.HTTPMessageSigner(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=keys).sign(
    request, key_id=name, covered_component_ids=("@method", "@target-uri"), nonce="n")
answer = requests.Session().send(request)
verifier = s.HTTPMessageVerifier(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=keys)
def told(body):
    try:
        return "holds" if verifier.verify(answer, body=body) else "nothing"
    except s.InvalidSignature as fault:
        return "InvalidSignature"
print(told(answer.content), told(answer.content + b" "))
answer.status_code = 201
print(told(answer.content))
answer.status_code = 200
answer.request.headers["Signature"] = "pyhms=:AAAA:"
print(told(answer.content))
"#;
    let told = direct.python(script, String::new()).await;
    assert_eq!(told, "holds InvalidSignature\nInvalidSignature\nInvalidSignature\n");
}

/// The example of the guide, as it stands there: Python's `http-message-signatures` signs, and verifies what the hub signs.
#[tokio::test(flavor = "multi_thread")]
async fn http_message_signatures_signs_the_request_and_verifies_the_answer() {
    let direct = Arc::new(Direct::with(SignaturePolicy::Required).await);
    direct.hub.book(KRAKIVETS, "AA1234BB").await;
    std::fs::write(direct.partner.file("hub.pem"), direct.certificate().await).unwrap();
    direct.tells_what_the_guide_tells("direct_rest.py").await;
}

// Sealing.

#[tokio::test]
async fn what_is_exchanged_signed_is_sealed_with_its_signatures() {
    let direct = Direct::with(SignaturePolicy::Required).await;
    direct.hub.book(KRAKIVETS, "AA1234BB").await;
    let asked =
        Asked::event(direct.hub.clock.now()).signed(&direct.hub, &direct.partner, direct.hub.clock.now());
    let answer = asked.send(&direct.hub).await;
    answer.expect(201);
    assert_eq!(seal(&direct.hub).await, 2);
    let id = answer.header("x-request-id").to_owned();
    let [question, told] = <[_; 2]>::try_from(fetched(&direct.hub, &id).await).unwrap();
    for container in [&question, &told] {
        assert_signed(&direct.hub, container, &["message.xml", "attachment1"]);
    }
    let head = |container: &[u8]| String::from_utf8(file(container, "message.xml").unwrap()).unwrap();
    let (of_question, of_answer) = (head(&question), head(&told));
    // With the whole address: it is signed too, and its host is in no header that is kept.
    let first = format!("POST\r\n{}{}\r\n", direct.hub.url, TestHub::at(KRAKIVETS, "events"));
    assert!(of_question.starts_with(&first), "{of_question}");
    for (name, value) in &asked.fields {
        assert!(of_question.contains(&format!("\r\n{name}:{value}\r\n")), "{name}: {of_question}");
    }
    assert_eq!(file(&question, "attachment1").unwrap(), asked.content);
    assert!(of_answer.starts_with("201\r\nCreated\r\n"), "{of_answer}");
    for name in ["signature", "signature-input", "content-digest"] {
        assert!(of_answer.contains(&format!("\r\n{name}:{}\r\n", answer.header(name))), "{of_answer}");
    }
    assert_eq!(file(&told, "attachment1").unwrap(), answer.body);

    // Its partner has it, by a signed request, and no other system.
    let path = format!("/api/v1/evidence/{id}");
    let own = Asked { path: path.clone(), ..Asked::queue() }.with("kordon-purpose", "dispute 7").covering(&[
        "@method",
        "@target-uri",
        "kordon-purpose",
    ]);
    assert_eq!(direct.ask(own).await.status, 200);
    let other = direct.hub.get(&path).as_role(Role::Customs).for_purpose("dispute 7").send().await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn what_is_not_signed_or_refused_is_no_exchange() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let queue = TestHub::at(KRAKIVETS, "queue");
    assert_eq!(direct.hub.get(&queue).as_role(Role::BorderGuard).send().await.status, 200);
    let told = direct.ask_changed(Asked::queue(), |asked| asked.path = TestHub::at(YAHODYN, "queue")).await;
    assert_eq!(told, NOT_HELD);
    assert_eq!(seal(&direct.hub).await, 0);
    assert_eq!(direct.ask(Asked::queue()).await.status, 200);
    assert_eq!(seal(&direct.hub).await, 2);
}

#[tokio::test]
async fn nothing_signed_is_taken_while_sealing_is_behind_and_nothing_is_acknowledged_without_its_record() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let mut connection = direct.hub.database.connection().await.unwrap();
    assert_eq!(direct.ask(Asked::queue()).await.status, 200);
    direct.hub.clock.advance(TimeDelta::hours(4) + TimeDelta::seconds(1));
    direct.hub.exchanges.look(&mut connection).await.unwrap();
    assert!(direct.ask(Asked::queue()).await.problem().starts_with("503 sealing_unavailable: "));
    seal(&direct.hub).await;
    connection.batch_execute("UPDATE evidence_signatures SET stamped_at = signed_at").await.unwrap();
    direct.hub.exchanges.look(&mut connection).await.unwrap();
    let numbered = |nonce| Asked { nonce: Some(nonce), ..Asked::queue() };
    assert_eq!(direct.ask(numbered("1")).await.status, 200);
    connection.batch_execute("ALTER TABLE evidence_messages RENAME TO lost").await.unwrap();
    assert!(direct.ask(numbered("2")).await.problem().starts_with("500 internal"));
}
