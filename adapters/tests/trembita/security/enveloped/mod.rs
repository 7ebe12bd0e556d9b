//! Signatures over whole documents: strangers take what is signed here, what they sign is taken here, and
//! each finds what was changed.

mod refusals;
mod wrapping;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use kordon_adapters::keys::Signer;
use kordon_adapters::trembita::security::enveloped::{self, Signed};
use kordon_adapters::trembita::security::{Authorities, Window};

use super::{authorities, changed, file, key, now};

/// A document as a customs system writes it: with a namespace that nobody uses, a prefix and Ukrainian.
const DOCUMENT: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
    "<doc xmlns=\"urn:d\" xmlns:unused=\"urn:u\" xmlns:p=\"urn:p\">\n  <head p:word='a\tb'>Митниця &amp; ко \"Ґанок\"</head>\n",
    "  <p:body><plate>AA1234BB</plate><!-- note --><empty/></p:body>\n</doc>\n"
);

fn signed_by(name: &str) -> String {
    enveloped::sign(DOCUMENT, &key(name), now()).unwrap()
}

fn taken_at(text: &str, authorities: &Authorities, at: DateTime<Utc>) -> Result<Option<Signed>, String> {
    enveloped::verify(text, authorities, &Window::default(), at).map_err(|refusal| refusal.to_string())
}

/// Whose signature a document has.
#[track_caller]
fn taken(text: &str) -> Signed {
    taken_at(text, &authorities(&[]), now()).unwrap_or_else(|fault| panic!("{fault}: {text}")).unwrap()
}

/// Why a document is refused.
#[track_caller]
fn refused(text: &str) -> String {
    taken_at(text, &authorities(&[]), now()).map(|_| "taken").unwrap_err()
}

fn put(text: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("document.xml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

const IDS: &str = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties";

/// What xmlsec1 finds, up to the root certificate.
fn xmlsec(text: &str) -> Output {
    let (_folder, path) = put(text.as_bytes());
    let mut command = Command::new("xmlsec1");
    command.args(["--verify", "--id-attr:Id", IDS, "--trusted-pem"]).arg(file("ca.crt")).arg(path);
    command.output().unwrap()
}

fn python(arguments: &[&Path], act: &str) -> Output {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv-evidence/bin/python");
    assert!(python.exists(), "{} is missing: run scripts/install.sh test", python.display());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trembita/security/enveloped/strangers.py");
    Command::new(python).args(["-W", "ignore"]).arg(script).arg(act).args(arguments).output().unwrap()
}

fn signxml(text: &str) -> Output {
    let (_folder, path) = put(text.as_bytes());
    python(&[&path, &file("ca.crt")], "verify")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn strangers_take_what_is_signed_here_with_each_kind_of_key_and_find_what_was_changed() {
    for name in ["rsa", "p256", "p384", "p521"] {
        let text = signed_by(name);
        let signer = taken(&text).signer;
        assert_eq!(signer.certificate.to_der().unwrap(), key(name).certificate(), "{name}");
        let other = changed(&text, "AA1234BB", "AA1234BC");
        assert_eq!(refused(&other), "value: the digest of the document is another", "{name}");
        let later = changed(&text, "<xades:SigningTime>20", "<xades:SigningTime>19");
        assert_eq!(refused(&later), "value: the digest of SignedProperties is another", "{name}");
        for (tool, judge) in [("xmlsec1", xmlsec as fn(&str) -> Output), ("signxml", signxml)] {
            let holds = judge(&text);
            assert!(holds.status.success(), "{tool} {name}: {}\n{text}", said(&holds));
            for changed in [&other, &later] {
                assert!(!judge(changed).status.success(), "{tool} {name} took what was changed");
            }
        }
    }
}

#[test]
fn a_signature_of_the_hub_names_its_time_and_its_certificate() {
    let at: DateTime<Utc> = now();
    let signed = taken(&enveloped::sign(DOCUMENT, &key("p256"), at).unwrap());
    assert_eq!(signed.signed_at.timestamp(), at.timestamp());
    let twice = enveloped::sign(&signed_by("p256"), &key("p256"), at).unwrap_err();
    assert!(twice.to_string().contains("signed already"), "{twice}");
}

/// What xmlsec1 is given to fill in: the values are its own.
fn template(name: &str, method: &str) -> String {
    let certificate = STANDARD.encode(openssl::sha::sha256(key(name).certificate()));
    let signature = format!(
        concat!(
            "<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#' Id='s'>\n<ds:SignedInfo>",
            "<ds:CanonicalizationMethod Algorithm='http://www.w3.org/2001/10/xml-exc-c14n#'/>\n",
            "<ds:SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#{method}'/>",
            "<ds:Reference URI=''><ds:Transforms><ds:Transform Algorithm='http://www.w3.org/2000/09/xmldsig#enveloped-signature'/>",
            "<ds:Transform Algorithm='http://www.w3.org/2001/10/xml-exc-c14n#'/></ds:Transforms>",
            "<ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha512'/><ds:DigestValue/></ds:Reference>",
            // Without transforms: the inclusive form.
            "<ds:Reference URI='#p' Type='http://uri.etsi.org/01903#SignedProperties'>",
            "<ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><ds:DigestValue/></ds:Reference>",
            "</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo>",
            "<ds:Object><x:QualifyingProperties xmlns:x='http://uri.etsi.org/01903/v1.3.2#' Target='#s'><x:SignedProperties Id='p'>",
            "<x:SignedSignatureProperties><x:SigningTime>2026-11-22T10:00:00+02:00</x:SigningTime><x:SigningCertificateV2><x:Cert>",
            "<x:CertDigest><ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><ds:DigestValue>{certificate}",
            "</ds:DigestValue></x:CertDigest></x:Cert></x:SigningCertificateV2></x:SignedSignatureProperties></x:SignedProperties>",
            "</x:QualifyingProperties></ds:Object></ds:Signature></doc>"
        ),
        method = method,
        certificate = certificate,
    );
    changed(DOCUMENT, "</doc>", &signature)
}

fn signed_by_xmlsec(name: &str, method: &str) -> String {
    filled_by_xmlsec(name, &template(name, method))
}

fn filled_by_xmlsec(name: &str, template: &str) -> String {
    let (_folder, path) = put(template.as_bytes());
    let pair =
        format!("{},{}", file(&format!("{name}.key")).display(), file(&format!("{name}.crt")).display());
    let signed = Command::new("xmlsec1")
        .args(["--sign", "--id-attr:Id", IDS, "--privkey-pem", &pair])
        .arg(path)
        .output()
        .unwrap();
    assert!(signed.status.success(), "{}", said(&signed));
    String::from_utf8(signed.stdout).unwrap()
}

#[test]
fn what_xmlsec1_signs_is_taken_and_found_when_it_was_changed() {
    for (name, method) in [("rsa", "rsa-sha256"), ("p256", "ecdsa-sha256"), ("p384", "ecdsa-sha384")] {
        let text = signed_by_xmlsec(name, method);
        let signed = taken(&text);
        assert_eq!(signed.signer.certificate.to_der().unwrap(), key(name).certificate());
        assert_eq!(signed.signed_at.to_rfc3339(), "2026-11-22T08:00:00+00:00");
        assert_eq!(
            refused(&changed(&text, "Ґанок", "Ганок")),
            "value: the digest of the document is another"
        );
    }
}

/// As a file from a machine whose lines end with two characters: to XML they are one.
#[test]
fn lines_may_end_with_two_characters() {
    let template = template("p256", "ecdsa-sha256").replace('\n', "\r\n");
    // xmlsec1 writes lines with one character; the signature is over the text that a reader sees.
    let signed = filled_by_xmlsec("p256", &template).replace('\n', "\r\n");
    assert!(signed.contains("\r\n"));
    taken(&signed);
}

#[test]
fn what_signxml_signs_is_taken_whatever_its_encoding_and_found_when_it_was_changed() {
    for name in ["rsa", "p256"] {
        let (_folder, path) = put(DOCUMENT.as_bytes());
        let signed = python(&[&path, &file(&format!("{name}.key")), &file(&format!("{name}.crt"))], "sign");
        assert!(signed.status.success(), "{name}: {}", said(&signed));
        assert!(std::str::from_utf8(&signed.stdout).is_err(), "it is in windows-1251");
        let (text, _) = encoding_rs::WINDOWS_1251.decode_without_bom_handling(&signed.stdout);
        assert!(text.contains("Ґанок"), "{text}");
        let signer = taken(&text).signer;
        assert_eq!(signer.certificate.to_der().unwrap(), key(name).certificate());
        assert_eq!(
            refused(&changed(&text, "Ґанок", "Ганок")),
            "value: the digest of the document is another"
        );
    }
}

#[test]
fn a_document_without_a_signature_has_none() {
    assert!(taken_at(DOCUMENT, &authorities(&[]), now()).unwrap().is_none());
}

#[test]
fn a_signed_document_is_as_the_schema_of_the_hub_has_it() {
    use kordon_schemas::exchange::{Acknowledgement, DocumentOutcome};
    use kordon_schemas::{ToXml, XSDS};

    let said = Acknowledgement {
        document: Some("D-1".to_owned()),
        kind: None,
        digest: "0".repeat(64),
        signed_by: None,
        received_at: now(),
        recorded: true,
        outcome: DocumentOutcome::Accepted,
        events: Vec::new(),
        faults: Vec::new(),
    };
    let text = String::from_utf8(said.to_xml()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in XSDS {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    std::fs::write(folder.path().join("signed.xml"), enveloped::sign(&text, &key("p256"), now()).unwrap())
        .unwrap();
    let judged = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema", "kordon.xsd", "signed.xml"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(judged.status.success(), "{}", self::said(&judged));
}
