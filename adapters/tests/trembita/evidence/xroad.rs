//! X-Road's own containers and archives, each with its outcome.

use std::collections::BTreeSet;

use kordon_adapters::trembita::evidence::report::{Code, Verdict};
use kordon_adapters::trembita::evidence::{Trust, archive, verify};

use crate::vectors;

/// File, and the fault that X-Road's verifier names; none if it finds nothing wrong. The roots are not among
/// the vectors, so that what is right is "not verified" here, for no other reason than that.
const CONTAINERS: &[(&str, Option<&str>)] = &[
    ("valid-signed-message.asice", None),
    ("valid-signed-hashchain.asice", None),
    ("valid-batch-ts.asice", None),
    ("valid-non-batch-rest.asice", None),
    ("valid-signed-message-with-attachments.asice", None),
    ("invalid-not-signed-hashchain.asice", None),
    ("wrong-message.asice", Some("InvalidSignatureValue")),
    ("invalid-signed-hashchain.asice", Some("MalformedSignature.InvalidHashChainRef")),
    ("invalid-incorrect-references.asice", Some("MalformedSignature")),
    ("invalid-ts-hashchainresult.asice", Some("MalformedSignature")),
    ("no-mimetype.asice", Some("AsicMimeTypeNotFound")),
    ("no-signature.asice", Some("AsicSignatureNotFound")),
];

#[test]
fn every_container_of_xroad_has_its_outcome() {
    let Some(folder) = vectors::folder("xroad/asic") else { return };
    let named: BTreeSet<String> = CONTAINERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(named, vectors::names(&folder), "each file stands in the table");
    let mut differing = Vec::new();
    for (name, expected) in CONTAINERS {
        let report = verify(&vectors::read(&folder, name), &Trust::none(), chrono::Utc::now());
        let first = report.faults.first().map(|finding| finding.code.to_string());
        let only_roots = report.not_verified.iter().all(|finding| finding.code == Code::ChainNotVerified);
        let verdict = if expected.is_some() { Verdict::Invalid } else { Verdict::NotVerified };
        if first.as_deref() != *expected || report.verdict() != verdict || (expected.is_none() && !only_roots)
        {
            differing.push(format!("{name}: {first:?}, expected {expected:?}: {report:#?}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn what_the_containers_of_xroad_prove_is_told() {
    let Some(folder) = vectors::folder("xroad/asic") else { return };
    let signed = |name: &str| {
        let report = verify(&vectors::read(&folder, name), &Trust::none(), chrono::Utc::now());
        let [signed] = report.signatures.as_slice() else { panic!("one signature in {name}") };
        (signed.clone(), report)
    };
    let (single, report) = signed("valid-signed-message.asice");
    assert!(single.signer.as_ref().is_some_and(|signer| signer.contains("CN=4321")), "{single:?}");
    assert_eq!(single.signed_at.expect("a time").to_rfc3339(), "2024-12-05T13:16:11.661+00:00");
    assert_eq!(single.stamped_at.expect("a stamp").to_rfc3339(), "2024-12-05T13:16:35+00:00");
    assert_eq!(single.covers, ["message.xml"]);
    assert!(report.remarks.is_empty(), "{report:#?}");
    let (batch, _) = signed("valid-signed-hashchain.asice");
    assert!(batch.covers.contains(&"message.xml".to_owned()), "{batch:?}");
    let (rest, _) = signed("valid-non-batch-rest.asice");
    assert_eq!(rest.covers, ["message.xml", "attachment1"]);
    assert!(rest.stamped_at.is_some());
    // A chain that is there and not signed proves nothing, and is said to be so by saying what is covered.
    let (unsigned, _) = signed("invalid-not-signed-hashchain.asice");
    assert_eq!(unsigned.covers, ["message.xml"]);
}

#[test]
fn a_container_of_xroad_that_was_tampered_with_is_invalid() {
    let Some(folder) = vectors::folder("xroad/asic") else { return };
    for (name, _) in CONTAINERS.iter().filter(|(_, expected)| expected.is_none()) {
        let bytes = vectors::read(&folder, name);
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).expect("an archive");
        let mut files = Vec::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).expect("an entry");
            let own = std::str::from_utf8(entry.name_raw()).expect("a name").to_owned();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).expect("read");
            if own == "message.xml" {
                content.push(b' ');
            }
            if !own.ends_with('/') {
                files.push((own, content));
            }
        }
        let report = verify(&super::recipe::zipped(&files), &Trust::none(), chrono::Utc::now());
        assert_eq!(report.verdict(), Verdict::Invalid, "{name}: {report:#?}");
    }
}

#[test]
fn every_archive_of_xroad_has_its_outcome() {
    let Some(folder) = vectors::folder("xroad/archive") else { return };
    let outcomes = [
        ("mlog-WITH_LINKINGINFO.zip", Ok("624334053a96e0e1209d342514b5d890aeaeee8f0659da69688a3eeac0304856")),
        (
            "mlog-WITH_INVALID_LINKINGINFO.zip",
            Err("the digest of 1234567890-request-OUxhMqY0Kx.asice does not match the linkinginfo"),
        ),
        ("mlog-NO_ASIC_CONTAINERS.zip", Err("there is no container in the archive")),
    ];
    let named: BTreeSet<String> = outcomes.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(named, vectors::names(&folder), "each file stands in the table");
    for (name, expected) in outcomes {
        let report = archive::verify(&vectors::read(&folder, name), None);
        let found = match (&report.last_digest, report.faults.first()) {
            (Some(digest), None) => Ok(digest.as_str()),
            (_, fault) => Err(fault.map_or("", String::as_str)),
        };
        assert_eq!(found, expected, "{report:#?}");
    }
}
