//! Programs of strangers that sign what the hub takes and verify what it signs: xmlsec1, zeep, and Python's
//! http-message-signatures.

use std::process::Command;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use kordon_adapters::http_signatures::sign::fingerprint;
use kordon_hub::parties::{self, Role, SignaturePolicy};

use super::Direct;
use super::envelope::queue;
use crate::hub::KRAKIVETS;
use crate::trembita::GUARD;

impl Direct {
    /// Binds a certificate that was made elsewhere.
    async fn bind_der(&self, der: &[u8], role: Role) {
        let now = self.hub.clock.now();
        let mut connection = self.hub.database.connection().await.unwrap();
        let (system, until) = (self.hub.system(role), now + TimeDelta::days(365));
        let name = fingerprint(der);
        parties::bind_whole_certificate(&mut connection, system, name, der, until, now).await.unwrap();
    }

    /// Runs an example of the guide, and checks that the guide tells what it told.
    async fn tells_what_the_guide_tells(self: &Arc<Self>, example: &'static str) {
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
    async fn python(&self, script: &str, envelope: String) -> String {
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
        let (url, name) = (direct.hub.url.clone(), fingerprint(&issued));
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

/// The example of the guide, as it stands there: Python's `http-message-signatures` signs, and verifies what
/// the hub signs.
#[tokio::test(flavor = "multi_thread")]
async fn http_message_signatures_signs_the_request_and_verifies_the_answer() {
    let direct = Arc::new(Direct::with(SignaturePolicy::Required).await);
    direct.hub.book(KRAKIVETS, "AA1234BB").await;
    std::fs::write(direct.partner.file("hub.pem"), direct.certificate().await).unwrap();
    direct.tells_what_the_guide_tells("direct_rest.py").await;
}
