//! What a container of X-Road holds besides the signature when many were signed or stamped at once.

use chrono::{DateTime, Utc};

use super::algorithms::Digest;
use super::container::Container;
use super::hash_chain;
use super::report::{Code, Report};
use super::timestamp;
use super::trust::Trust;
use super::xml::{DS, decoded, only, parse};
use crate::trembita::xml::elements;

/// The token of a time-stamp that stands outside of the signature.
pub(super) const TOKEN: &str = "META-INF/timestamp.tst";
const MANIFEST: &str = "META-INF/ASiCManifest.xml";

/// A hash chain and its result.
pub(super) struct Names {
    pub(super) chain: &'static str,
    pub(super) result: &'static str,
}

/// The chain of a batch signature.
pub(super) const BATCH: Names = Names { chain: "sig-hashchain.xml", result: "sig-hashchainresult.xml" };
/// The chain of a batch time-stamp.
const STAMP: Names = Names { chain: "ts-hashchain.xml", result: "ts-hashchainresult.xml" };

/// The namespaces in which manifests are written: the one of ETSI, and X-Road's, which lacks a digit.
const MANIFESTS: [&str; 2] = ["http://uri.etsi.org/02918/v1.2.1#", "http://uri.etsi.org/2918/v1.2.1#"];

/// What is looked at before anything is verified: halves of a pair, empty files.
pub(super) fn check_loading(container: &Container, report: &mut Report) {
    for Names { chain, result } in [BATCH, STAMP] {
        match (container.get(chain).is_some(), container.get(result).is_some()) {
            (true, false) => {
                report.fault(
                    Code::AsicHashChainResultNotFound,
                    result,
                    format!("{chain} is there without it"),
                );
            }
            (false, true) => {
                report.fault(Code::AsicHashChainNotFound, chain, format!("{result} is there without it"));
            }
            (true, true) | (false, false) => {}
        }
    }
    if container.get(TOKEN).is_some_and(<[u8]>::is_empty) {
        report.fault(Code::AsicTimestampNotFound, TOKEN, "the time-stamp is empty");
    }
    if container.get(MANIFEST).is_some_and(<[u8]>::is_empty) {
        report.fault(Code::AsicManifestNotFound, MANIFEST, "the manifest is empty");
    }
}

/// Verifies a time-stamp outside of the signature, and that it covers the signature's file. It is over the
/// result of a hash chain (X-Road), over a manifest (ETSI), or over the value of the signature (X-Road of
/// old).
pub(super) fn verify_stamp(
    container: &Container,
    token: &[u8],
    file: &str,
    signature_file: &[u8],
    signature_value: &[u8],
    trust: &Trust,
    report: &mut Report,
) -> Option<DateTime<Utc>> {
    let before = report.faults.len();
    let manifest = container.get(MANIFEST).filter(|manifest| !manifest.is_empty());
    let time = if let Some(result) = container.get(STAMP.result) {
        if let Err((code, text)) = hash_chain::verify(container, STAMP.result, STAMP.chain, &[file]) {
            // X-Road names every fault of this chain so.
            let code = if code == Code::WeakAlgorithm { code } else { Code::MalformedSignature };
            report.fault(code, STAMP.result, text);
        }
        if let Some(manifest) = manifest {
            check_manifest(container, manifest, STAMP.result, report);
        }
        timestamp::verify(token, &[result], trust, TOKEN, report)
    } else if let Some(manifest) = manifest {
        check_manifest(container, manifest, file, report);
        timestamp::verify(token, &[manifest], trust, TOKEN, report)
    } else {
        timestamp::verify(token, &[signature_value, signature_file], trust, TOKEN, report)
    };
    time.filter(|_| report.faults.len() == before)
}

/// The manifest names the token, and the file that is stamped, with its digest.
fn check_manifest(container: &Container, bytes: &[u8], stamped: &str, report: &mut Report) {
    let wrong = |report: &mut Report, text: String| report.fault(Code::MalformedSignature, MANIFEST, text);
    let Ok(text) = std::str::from_utf8(bytes) else { return wrong(report, "is not UTF-8".to_owned()) };
    let document = match parse(text) {
        Ok(document) => document,
        Err(fault) => return wrong(report, fault),
    };
    let root = document.root_element();
    let named = |name: &str| {
        MANIFESTS.iter().any(|namespace| root.tag_name().namespace() == Some(namespace))
            && root.tag_name().name() == name
    };
    if !named("ASiCManifest") {
        return wrong(report, "is no ASiCManifest".to_owned());
    }
    let uri = |node: roxmltree::Node<'_, '_>| {
        node.attribute("URI").map(|uri| uri.strip_prefix('/').unwrap_or(uri).to_owned()).unwrap_or_default()
    };
    let children = |name: &'static str| elements(root).filter(move |child| child.tag_name().name() == name);
    if !children("SigReference").any(|child| uri(child) == TOKEN) {
        wrong(report, format!("does not name {TOKEN}"));
    }
    let mut found = false;
    for reference in children("DataObjectReference") {
        let name = uri(reference);
        found |= name == stamped;
        let digest = only(reference, DS, "DigestMethod")
            .and_then(|method| Digest::of_uri(method.attribute("Algorithm")?));
        let value = only(reference, DS, "DigestValue").and_then(decoded);
        let own = digest.filter(|digest| digest.is_strong()).zip(container.get(&name));
        if value.is_none() || own.and_then(|(digest, content)| digest.of(content)) != value {
            wrong(report, format!("the digest of {name} differs"));
        }
    }
    if !found {
        wrong(report, format!("does not name {stamped}"));
    }
}
