//! One container per kind, and each of its faults.

use chrono::{DateTime, Utc};
use kordon_adapters::trembita::evidence::report::{Code, Format, Verdict};
use kordon_adapters::trembita::evidence::{Report, Trust, verify};

use super::pki::PKI;
use super::recipe::{Files, MESSAGE, PLAIN, Recipe, Stamp, base64, edit, remove, zipped};

const XML: &str = "META-INF/signatures.xml";

fn now() -> DateTime<Utc> {
    Utc::now()
}

fn report(files: &Files) -> Report {
    verify(&zipped(files), &PKI.trust("ca"), now())
}

fn codes(report: &Report) -> Vec<Code> {
    report.faults.iter().map(|finding| finding.code).collect()
}

fn kinds() -> Vec<Recipe> {
    let rsa = Recipe { signer: "rsa", ocsp: Some("rsa.ocsp"), ..PLAIN };
    vec![
        PLAIN,
        rsa.clone(),
        Recipe { stamp: Stamp::Batch, ..PLAIN },
        Recipe { batch: true, ..rsa.clone() },
        Recipe { batch: true, stamp: Stamp::Batch, ..PLAIN },
        Recipe { dss: true, ..rsa },
        Recipe { dss: true, stamp: Stamp::Batch, ..PLAIN },
    ]
}

#[test]
fn every_kind_is_valid() {
    for recipe in kinds() {
        let report = report(&recipe.files());
        assert_eq!(report.verdict(), Verdict::Valid, "{recipe:?}: {report:#?}");
        assert_eq!(report.format, Some(Format::AsicE));
        assert!(report.remarks.is_empty(), "{recipe:?}: {report:#?}");
        let [signed] = report.signatures.as_slice() else { panic!("one signature") };
        assert!(signed.covers.contains(&"message.xml".to_owned()));
        assert_eq!(signed.covers.contains(&"attachment1".to_owned()), recipe.batch);
        assert!(signed.signer.as_ref().is_some_and(|signer| signer.contains("CN=Seal")), "{signed:?}");
        assert_eq!(
            signed.signed_at.map(|time| time.to_rfc3339()).as_deref(),
            Some("2026-01-02T03:04:05+00:00")
        );
        assert!(signed.stamped_at.is_some());
    }
}

#[test]
fn a_stranger_finds_them_valid_too() {
    for recipe in [Recipe { dss: true, ..PLAIN }, Recipe { dss: true, signer: "rsa", ..PLAIN }] {
        let signature = recipe.signature(&[("message.xml", MESSAGE.to_vec(), "text/xml")]);
        assert!(PKI.xmlsec_holds(&signature, &[("message.xml", MESSAGE)]));
        assert!(!PKI.xmlsec_holds(&signature, &[("message.xml", b"<other/>")]));
    }
}

#[test]
fn without_a_root_nothing_is_valid_and_nothing_invalid() {
    let report = verify(&zipped(&PLAIN.files()), &Trust::none(), now());
    assert_eq!(report.verdict(), Verdict::NotVerified);
    assert!(report.faults.is_empty());
    assert!(report.not_verified.iter().all(|finding| finding.code == Code::ChainNotVerified), "{report:#?}");
}

#[test]
fn what_is_missing_beside_the_signature_is_told() {
    let bare = report(&Recipe { stamp: Stamp::No, ocsp: None, ..PLAIN }.files());
    assert_eq!(bare.verdict(), Verdict::NotVerified);
    assert_eq!(bare.not_verified[0].code, Code::RevocationNotVerified);
    assert_eq!(bare.remarks[0].code, Code::NoTimestamp);
    let mut files = PLAIN.files();
    files.push(("note.txt".into(), b"x".to_vec()));
    files.push(("hashchain.xml".into(), b"<x/>".to_vec()));
    let with = report(&files);
    assert_eq!(with.verdict(), Verdict::Valid);
    let places: Vec<&str> = with.remarks.iter().map(|finding| finding.place.as_str()).collect();
    assert_eq!(places, ["note.txt", "hashchain.xml"]);
}

/// What is done to a container, and the faults that are then found.
type Tampering = (&'static str, Recipe, fn(&mut Files), &'static [Code]);

fn replaced(files: &mut Files, from: &str, to: &str) {
    edit(files, XML, |text| text.replace(from, to));
}

const BATCH: Recipe = Recipe { batch: true, ..PLAIN };
const STAMPED: Recipe = Recipe { stamp: Stamp::Batch, ..PLAIN };

const TAMPERED: &[Tampering] = &[
    ("no type", PLAIN, |files| remove(files, "mimetype"), &[Code::AsicMimeTypeNotFound]),
    ("an empty type", PLAIN, |files| edit(files, "mimetype", |_| " ".into()), &[Code::AsicMimeTypeNotFound]),
    (
        "another type",
        PLAIN,
        |files| edit(files, "mimetype", |_| "text/plain".into()),
        &[Code::AsicInvalidMimeType],
    ),
    (
        "no message",
        PLAIN,
        |files| remove(files, "message.xml"),
        &[Code::AsicMessageNotFound, Code::InvalidSignatureValue],
    ),
    ("no signature", PLAIN, |files| remove(files, XML), &[Code::AsicSignatureNotFound]),
    (
        "an empty list of signatures",
        PLAIN,
        |files| {
            edit(files, XML, |text| {
                let start = text.find("<ds:Signature").expect("a signature");
                format!("{}</asic:XAdESSignatures>", &text[..start])
            })
        },
        &[Code::AsicSignatureNotFound],
    ),
    (
        "another message",
        PLAIN,
        |files| edit(files, "message.xml", |_| "<message/>".into()),
        &[Code::InvalidSignatureValue],
    ),
    ("another time", PLAIN, |files| replaced(files, "03:04:05", "03:04:06"), &[Code::InvalidSignatureValue]),
    (
        "a time after the stamp",
        PLAIN,
        |files| replaced(files, "2026-01-02", "2046-01-02"),
        &[Code::MalformedSignature, Code::InvalidSignatureValue],
    ),
    (
        "no time",
        PLAIN,
        |files| replaced(files, "SigningTime", "OtherTime"),
        &[Code::MalformedSignature, Code::InvalidSignatureValue],
    ),
    (
        "another format",
        PLAIN,
        |files| replaced(files, "text/xml", "text/css"),
        &[Code::InvalidSignatureValue],
    ),
    (
        "a format of nothing",
        PLAIN,
        |files| replaced(files, "ObjectReference=\"#reference-0\"", "ObjectReference=\"#nothing\""),
        &[Code::MalformedSignature, Code::MalformedSignature, Code::InvalidSignatureValue],
    ),
    (
        "another value",
        PLAIN,
        |files| edit(files, XML, |text| swap_digit(&text, "<ds:SignatureValue Id=\"value\">\n")),
        &[Code::MalformedSignature, Code::InvalidSignatureValue],
    ),
    (
        "a value that is no base64",
        PLAIN,
        |files| replaced(files, "<ds:SignatureValue Id=\"value\">\n", "<ds:SignatureValue Id=\"value\">\n!"),
        &[Code::MalformedSignature],
    ),
    (
        "another certificate",
        PLAIN,
        |files| {
            let (own, other) = (base64(&PKI.file("ec.der")), base64(&PKI.file("revoked.der")));
            edit(files, XML, |text| text.replace(&own, &other));
        },
        &[Code::IncorrectCertificate],
    ),
    (
        "another serial number",
        PLAIN,
        |files| replaced(files, "<ds:X509SerialNumber>19<", "<ds:X509SerialNumber>18<"),
        &[Code::IncorrectCertificate, Code::InvalidSignatureValue],
    ),
    (
        "no certificate",
        PLAIN,
        |files| replaced(files, "ds:X509Certificate", "ds:X509Other"),
        &[Code::MalformedSignature],
    ),
    (
        "a digest of SHA-1",
        PLAIN,
        |files| edit(files, XML, |text| text.replacen("2001/04/xmlenc#sha512", "2000/09/xmldsig#sha1", 1)),
        &[Code::WeakAlgorithm, Code::InvalidSignatureValue],
    ),
    (
        "a signature with SHA-1",
        PLAIN,
        |files| replaced(files, "2001/04/xmldsig-more#ecdsa-sha256", "2001/04/xmldsig-more#ecdsa-sha1"),
        &[Code::WeakAlgorithm],
    ),
    (
        "an algorithm of another key",
        PLAIN,
        |files| replaced(files, "#ecdsa-sha256", "#rsa-sha256"),
        &[Code::InvalidSignatureValue],
    ),
    (
        "an algorithm that is not known",
        PLAIN,
        |files| replaced(files, "2001/04/xmldsig-more#ecdsa-sha256", "2001/04/xmldsig-more#dstu4145"),
        &[],
    ),
    (
        "another canonicalization",
        PLAIN,
        |files| {
            replaced(
                files,
                "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
                "http://www.w3.org/2001/10/xml-exc-c14n#",
            )
        },
        &[Code::InvalidSignatureValue],
    ),
    (
        "an unknown canonicalization",
        PLAIN,
        |files| {
            replaced(
                files,
                "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
                "http://www.w3.org/TR/1999/REC-xslt-19991116",
            )
        },
        &[Code::MalformedSignature],
    ),
    (
        "a reference to what is not there",
        PLAIN,
        |files| replaced(files, "\"/message.xml\"", "\"/foobar.xml\""),
        &[Code::MalformedSignature, Code::InvalidSignatureValue, Code::InvalidSignatureValue],
    ),
    (
        "a reference to the outside",
        PLAIN,
        |files| replaced(files, "\"/message.xml\"", "\"file:///etc/passwd\""),
        &[Code::MalformedSignature, Code::InvalidSignatureValue, Code::InvalidSignatureValue],
    ),
    (
        "a document type",
        PLAIN,
        |files| edit(files, XML, |text| text.replace("?>", "?><!DOCTYPE a [<!ENTITY b \"c\">]>")),
        &[Code::MalformedSignature],
    ),
    ("no XML", PLAIN, |files| edit(files, XML, |_| "junk".into()), &[Code::MalformedSignature]),
    (
        "a revoked certificate",
        Recipe { signer: "revoked", ocsp: Some("revoked.ocsp"), ..PLAIN },
        |_| (),
        &[Code::InvalidRevocation],
    ),
    (
        "an answer about another certificate",
        Recipe { ocsp: Some("rsa.ocsp"), ..PLAIN },
        |_| (),
        &[Code::InvalidRevocation],
    ),
    (
        "an answer of one who may not",
        Recipe { ocsp: Some("forged.ocsp"), ..PLAIN },
        |_| (),
        &[Code::InvalidRevocation],
    ),
    ("an answer that is none", Recipe { ocsp: Some("ec.der"), ..PLAIN }, |_| (), &[Code::InvalidRevocation]),
    (
        "a short key",
        Recipe { signer: "short", ocsp: Some("short.ocsp"), ..PLAIN },
        |_| (),
        &[Code::WeakAlgorithm],
    ),
    (
        "a certificate for something else",
        Recipe { signer: "agreement", ocsp: Some("agreement.ocsp"), ..PLAIN },
        |_| (),
        &[Code::IncorrectCertificate],
    ),
    ("a stamp over SHA-1", Recipe { imprint: "sha1", ..PLAIN }, |_| (), &[Code::WeakAlgorithm]),
    (
        "a stamp that is none",
        STAMPED,
        |files| edit_bytes(files, "META-INF/timestamp.tst", |_| b"junk".to_vec()),
        &[Code::MalformedSignature],
    ),
    (
        "an empty stamp",
        STAMPED,
        |files| edit_bytes(files, "META-INF/timestamp.tst", |_| Vec::new()),
        &[Code::AsicTimestampNotFound],
    ),
    (
        "a stamp over something else",
        STAMPED,
        |files| edit_bytes(files, "META-INF/timestamp.tst", |_| PKI.stamp("tsa", "sha512", b"x")),
        &[Code::MalformedSignature],
    ),
    (
        "a stamp of one who may not",
        STAMPED,
        |files| {
            let (_, result) =
                files.iter().find(|(name, _)| name == "ts-hashchainresult.xml").cloned().expect("a result");
            edit_bytes(files, "META-INF/timestamp.tst", |_| PKI.forged_stamp("ec", &result));
        },
        &[Code::MalformedSignature],
    ),
    (
        "junk in place of the stamped result",
        STAMPED,
        |files| edit(files, "ts-hashchainresult.xml", |_| "foobar\n".into()),
        &[Code::MalformedSignature, Code::MalformedSignature, Code::MalformedSignature],
    ),
    (
        "a stamped chain over another signature",
        STAMPED,
        |files| edit(files, XML, |text| text.replace("\n<ds:SignatureValue", "<ds:SignatureValue")),
        &[Code::MalformedSignature],
    ),
    (
        "half a pair",
        STAMPED,
        |files| remove(files, "ts-hashchain.xml"),
        &[Code::AsicHashChainNotFound, Code::MalformedSignature],
    ),
    (
        "another manifest",
        STAMPED,
        |files| {
            edit(files, "META-INF/ASiCManifest.xml", |text| {
                text.replace("ts-hashchainresult.xml", "message.xml")
            })
        },
        &[Code::MalformedSignature, Code::MalformedSignature],
    ),
    (
        "another attachment",
        BATCH,
        |files| edit(files, "attachment1", |_| "other".into()),
        &[Code::InvalidHashChainRef],
    ),
    ("an attachment that is not kept", BATCH, |files| remove(files, "attachment1"), &[]),
    (
        "an attachment too many",
        BATCH,
        |files| files.push(("attachment2".into(), b"x".to_vec())),
        &[Code::HashChainUnusedInputs],
    ),
    (
        "a chain without the message",
        BATCH,
        |files| edit(files, "sig-hashchain.xml", |text| text.replace("/message.xml", "/foobar.xml")),
        &[Code::InvalidHashChainRef],
    ),
    (
        "a chain that turns back",
        BATCH,
        |files| edit(files, "sig-hashchain.xml", |text| text.replace("#STEP1", "#STEP0")),
        &[Code::InvalidHashChainRef],
    ),
    (
        "two steps of one name",
        BATCH,
        |files| edit(files, "sig-hashchain.xml", |text| text.replace("id=\"STEP1\"", "id=\"STEP0\"")),
        &[Code::MalformedHashChain],
    ),
    (
        "a chain with SHA-1",
        BATCH,
        |files| {
            edit(files, "sig-hashchain.xml", |text| {
                text.replace("2001/04/xmlenc#sha512", "2000/09/xmldsig#sha1")
            })
        },
        &[Code::WeakAlgorithm],
    ),
    (
        "another result",
        BATCH,
        |files| edit(files, "sig-hashchainresult.xml", |text| text.replace("STEP0", "STEP1")),
        &[Code::InvalidHashChainRef, Code::InvalidSignatureValue],
    ),
    (
        "no result",
        BATCH,
        |files| remove(files, "sig-hashchainresult.xml"),
        &[Code::AsicHashChainResultNotFound, Code::InvalidSignatureValue],
    ),
];

fn edit_bytes(files: &mut Files, name: &str, change: impl FnOnce(&[u8]) -> Vec<u8>) {
    let (_, bytes) = files.iter_mut().find(|(own, _)| own == name).expect("the file");
    *bytes = change(bytes);
}

/// The digit after a text, made another.
fn swap_digit(text: &str, after: &str) -> String {
    let at = text.find(after).expect("the text") + after.len();
    let other = if text[at..].starts_with('A') { "B" } else { "A" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

#[test]
fn every_tampering_is_found() {
    let mut differing = Vec::new();
    for (what, recipe, tamper, expected) in TAMPERED {
        let mut files = recipe.files();
        tamper(&mut files);
        let report = report(&files);
        let mut found = codes(&report);
        found.dedup();
        let mut wanted = expected.to_vec();
        wanted.dedup();
        if found != wanted || (!expected.is_empty() && report.verdict() != Verdict::Invalid) {
            differing.push(format!(
                "{what}: {found:?}, expected {expected:?}: {:#?} {:#?}",
                report.faults, report.not_verified
            ));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn an_algorithm_that_is_not_at_hand_is_never_called_valid() {
    let mut files = PLAIN.files();
    replaced(&mut files, "2001/04/xmldsig-more#ecdsa-sha256", "2001/04/xmldsig-more#dstu4145");
    let report = report(&files);
    assert_eq!(report.verdict(), Verdict::NotVerified);
    assert_eq!(report.not_verified[0].code, Code::AlgorithmNotVerified);
    assert!(report.not_verified[0].text.contains("not verified"));
}

#[test]
fn another_root_is_not_trusted() {
    let report = verify(&zipped(&PLAIN.files()), &PKI.trust("other"), now());
    assert_eq!(report.verdict(), Verdict::Invalid);
    assert!(codes(&report).iter().all(|code| *code == Code::InvalidCertificateChain), "{report:#?}");
    assert_eq!(codes(&report).len(), 3, "the signer's, the time-stamp's and the responder's: {report:#?}");
}

#[test]
fn every_fault_is_listed_and_not_the_first_only() {
    let mut files = Recipe { signer: "revoked", ocsp: Some("revoked.ocsp"), ..STAMPED }.files();
    edit(&mut files, "message.xml", |_| "<message/>".into());
    edit(&mut files, "ts-hashchainresult.xml", |_| "foobar\n".into());
    remove(&mut files, "mimetype");
    let codes = codes(&report(&files));
    for code in [
        Code::AsicMimeTypeNotFound,
        Code::MalformedSignature,
        Code::InvalidSignatureValue,
        Code::InvalidRevocation,
    ] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
}
