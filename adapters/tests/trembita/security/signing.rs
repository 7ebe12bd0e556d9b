//! What is signed here is taken here, and by strangers.

use std::path::Path;
use std::process::Command;

use chrono::TimeDelta;
use kordon_adapters::keys::SignatureAlgorithm;
use kordon_adapters::trembita::security::sign;

use super::{authorities, changed, file, key, now, part, question, signed_by, taken, xmlsec_holds};

#[test]
fn what_is_signed_with_each_kind_of_key_is_taken_here_and_by_xmlsec1() {
    for name in ["rsa", "p256", "p384", "p521"] {
        let text = signed_by(name, now());
        let signed = taken(&text, &authorities(&[]), now()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let fingerprint = signed.signer.certificate.to_pem().unwrap();
        assert_eq!(fingerprint, openssl_pem(name));
        assert!(xmlsec_holds(&text, &file(&format!("{name}.crt"))), "{name}: {text}");
        let other = changed(&text, "AA1234BB", "AA1234BC");
        assert!(!xmlsec_holds(&other, &file(&format!("{name}.crt"))), "{name}");
        assert!(taken(&other, &authorities(&[]), now()).unwrap_err().starts_with("value:"), "{name}");
    }
}

/// xmlsec1 of Debian 12 knows no RSASSA-PSS, so `openssl` and Python are the strangers.
#[test]
fn what_is_signed_by_rsassa_pss_is_taken_here_and_by_strangers_and_answered_so() {
    use SignatureAlgorithm::{RsaPssSha256, RsaPssSha384, RsaPssSha512};

    for (algorithm, digest) in [(RsaPssSha256, "sha256"), (RsaPssSha384, "sha384"), (RsaPssSha512, "sha512")]
    {
        let text = sign::sign_by(&question(), &key("rsa"), algorithm, None, now()).unwrap();
        let signed = taken(&text, &authorities(&[]), now()).unwrap();
        assert!(signed.is_pss);
        assert!(openssl_holds(&text, digest), "{digest}");
        python_holds(&text, digest).unwrap_or_else(|said| panic!("{digest}: {said}"));
        let other = changed(&text, "AA1234BB", "AA1234BC");
        assert!(python_holds(&other, digest).is_err(), "{digest}");
        assert!(taken(&other, &authorities(&[]), now()).unwrap_err().starts_with("value:"));
        // The same value under the name of another algorithm.
        let renamed = changed(&text, algorithm.uri(), SignatureAlgorithm::RsaSha256.uri());
        assert!(taken(&renamed, &authorities(&[]), now()).unwrap_err().starts_with("value:"));

        let answer = sign::answer(&question(), &key("rsa"), &signed, now()).unwrap();
        assert!(answer.contains(RsaPssSha256.uri()), "an answer is as its question");
        assert_eq!(
            taken(&answer, &authorities(&[]), now()).unwrap().confirms,
            std::slice::from_ref(&signed.value)
        );
        python_holds(&answer, "sha256").unwrap();
        let on_curve = sign::answer(&question(), &key("p256"), &signed, now()).unwrap();
        assert!(on_curve.contains(SignatureAlgorithm::EcdsaSha256.uri()));
    }
    let asked = taken(&signed_by("rsa", now()), &authorities(&[]), now()).unwrap();
    let answer = sign::answer(&question(), &key("rsa"), &asked, now()).unwrap();
    assert!(!asked.is_pss && answer.contains(SignatureAlgorithm::RsaSha256.uri()));
}

#[test]
fn what_openssl_signs_by_rsassa_pss_is_taken_with_a_salt_as_long_as_the_digest() {
    let pss = SignatureAlgorithm::RsaPssSha256;
    let text = sign::sign_by(&question(), &key("rsa"), pss, None, now()).unwrap();
    let old = part(&text, "<ds:SignatureValue>", "</ds:SignatureValue>");
    for (salt, is_taken) in [("digest", true), ("20", false), ("max", false)] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("info"), canonical_info(&text)).unwrap();
        let line = format!(
            "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:{salt} -sign {} -out value info",
            file("rsa.key").display()
        );
        let said = Command::new("openssl").args(line.split(' ')).current_dir(folder.path()).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let value = openssl::base64::encode_block(&std::fs::read(folder.path().join("value")).unwrap());
        let theirs = changed(&text, old, &format!("<ds:SignatureValue>{value}</ds:SignatureValue>"));
        let found = taken(&theirs, &authorities(&[]), now());
        assert_eq!(found.is_ok(), is_taken, "{salt}: {found:?}");
    }
}

/// The `SignedInfo` of a message that was signed here, in canonical form.
fn canonical_info(text: &str) -> String {
    let declared = "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">";
    part(text, "<ds:SignedInfo>", "</ds:SignedInfo>").replacen("<ds:SignedInfo>", declared, 1)
}

/// Whether `openssl` finds the value of a signature right by RSASSA-PSS.
fn openssl_holds(text: &str, digest: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let value = part(text, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let value = value.trim_start_matches("<ds:SignatureValue>").trim_end_matches("</ds:SignatureValue>");
    std::fs::write(at("info"), canonical_info(text)).unwrap();
    std::fs::write(at("value"), openssl::base64::decode_block(value).unwrap()).unwrap();
    let public = openssl::x509::X509::from_pem(&openssl_pem("rsa")).unwrap().public_key().unwrap();
    std::fs::write(at("public"), public.public_key_to_pem().unwrap()).unwrap();
    let line = format!(
        "dgst -{digest} -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -verify public -signature value info"
    );
    Command::new("openssl")
        .args(line.split(' '))
        .current_dir(folder.path())
        .output()
        .unwrap()
        .status
        .success()
}

/// Whether Python finds a message right: the canonical forms of lxml, and RSASSA-PSS of `cryptography`.
fn python_holds(text: &str, digest: &str) -> Result<(), String> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/python");
    assert!(python.is_file(), "{} is missing: run scripts/install.sh test", python.display());
    let folder = tempfile::tempdir().unwrap();
    let message = folder.path().join("message.xml");
    std::fs::write(&message, text).unwrap();
    let script = r#"
import base64, hashlib, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
ID = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id"
message = etree.parse(sys.argv[1])
form = lambda element: etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
[info] = message.iter(DS + "SignedInfo")
references = list(info.iter(DS + "Reference"))
for reference in references:
    [element] = [own for own in message.iter() if own.get(ID) == reference.get("URI")[1:]]
    tail, element.tail = element.tail, None
    assert hashlib.sha256(form(element)).digest() == base64.b64decode(reference.findtext(DS + "DigestValue"))
    element.tail = tail
assert len(references) >= 7
info.tail = None
[value] = message.iter(DS + "SignatureValue")
digest = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[sys.argv[3]]
pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
key = x509.load_pem_x509_certificate(open(sys.argv[2], "rb").read()).public_key()
key.verify(base64.b64decode(value.text), form(info), pss, digest)
"#;
    let mut command = Command::new(python);
    let run = command.args(["-c", script]).arg(&message).arg(file("rsa.crt")).arg(digest).output().unwrap();
    if run.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&run.stderr).into_owned()) }
}

fn openssl_pem(name: &str) -> Vec<u8> {
    let pem = std::fs::read(file(&format!("{name}.crt"))).unwrap();
    openssl::x509::X509::from_pem(&pem).unwrap().to_pem().unwrap()
}

#[test]
fn an_answer_confirms_the_signature_of_the_question() {
    let asked = taken(&signed_by("p256", now()), &authorities(&[]), now()).unwrap();
    let answer = sign::sign(&question(), &key("rsa"), Some(&asked.value), now()).unwrap();
    assert!(xmlsec_holds(&answer, &file("rsa.crt")));
    let answer = taken(&answer, &authorities(&[]), now()).unwrap();
    assert_eq!(answer.confirms, [asked.value]);
}

#[test]
fn an_envelope_without_a_header_is_signed_too() {
    let fault = "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">\
                 <s:Body><s:Fault><faultcode>s:Server</faultcode></s:Fault></s:Body></s:Envelope>";
    let signed = sign::sign(fault, &key("p256"), None, now()).unwrap();
    assert!(xmlsec_holds(&signed, &file("p256.crt")), "{signed}");
    sign::sign(&signed, &key("p256"), None, now()).unwrap_err();
}

#[test]
fn parts_without_ids_get_some_whatever_prefixes_are_taken() {
    let question = question()
        .replace(" wsu:Id='client'", "")
        .replace(" wsu:Id='body'", "")
        .replace("xmlns:evil='urn:evil'", "xmlns:wsu_='urn:other'");
    let signed = sign::sign(&question, &key("p256"), None, now()).unwrap();
    taken(&signed, &authorities(&[]), now()).unwrap();
    assert!(xmlsec_holds(&signed, &file("p256.crt")), "{signed}");
}

#[test]
fn two_messages_differ_and_the_same_is_known_again() {
    let (first, other) = (signed_by("p256", now()), signed_by("p256", now() + TimeDelta::milliseconds(1)));
    let digest = |text: &str| taken(text, &authorities(&[]), now()).unwrap().digest;
    assert_eq!(digest(&first), digest(&first));
    assert_ne!(digest(&first), digest(&other));
    // White space between the parts is not signed; it makes no other message.
    assert_eq!(digest(&first), digest(&changed(&first, "\n<s:Header>", "\n\n  <s:Header>")));
}

/// Of an ECDSA value (r, s) anybody makes (r, n - s), which holds as well.
#[test]
fn a_second_value_that_holds_makes_no_second_message() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use openssl::bn::{BigNum, BigNumContext};
    use openssl::ec::EcGroup;
    use openssl::nid::Nid;

    let first = signed_by("p256", now());
    let asked = taken(&first, &authorities(&[]), now()).unwrap();
    let mut order = BigNum::new().unwrap();
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    group.order(&mut order, &mut BigNumContext::new().unwrap()).unwrap();
    let (r, s) = asked.value.split_at(32);
    let turned = &order - &BigNum::from_slice(s).unwrap();
    let second = [r, &turned.to_vec_padded(32).unwrap()].concat();
    let text = changed(&first, &STANDARD.encode(&asked.value), &STANDARD.encode(&second));
    let again = taken(&text, &authorities(&[]), now()).unwrap();
    assert_ne!(again.value, asked.value);
    assert_eq!(again.digest, asked.digest);
}
