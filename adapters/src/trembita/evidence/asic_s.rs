//! ASiC-S with CAdES, as Trembita's security servers write it. DSTU 4145 is verified only when that is asked
//! for; else what is signed with it is said to be not verified. The digests of GOST 34.311 are verified all
//! the same, and with them which message was signed and stamped.

use ::cms::signed_data::SignerInfo;
use chrono::{DateTime, Utc};
use der::asn1::ObjectIdentifier;
use der::{Decode, Encode, Tag, TagNumber, Tagged};
use x509_cert::Certificate;

use super::algorithms::certificate;
use super::cms::{self, Content, check_signer, signed_data, unsigned_attribute};
use super::container::Container;
use super::report::{Code, Report, Signed};
use super::revocation::{self, Question};
use super::revocation_list;
use super::timestamp;
use super::trust::{Chain, Trust};

/// The signature of a container.
pub(super) const SIGNATURE: &str = "META-INF/signature.p7s";

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNATURE_TIME_STAMP: &str = "1.2.840.113549.1.9.16.2.14";
const CERTIFICATE_VALUES: &str = "1.2.840.113549.1.9.16.2.23";
const REVOCATION_VALUES: &str = "1.2.840.113549.1.9.16.2.24";

/// Verifies the signature of a container.
pub(super) fn verify(container: &Container, trust: &Trust, now: DateTime<Utc>, report: &mut Report) {
    let mut data = container.data();
    let content = data.next();
    if data.next().is_some() {
        report.fault(Code::MalformedSignature, SIGNATURE, "an ASiC-S container holds one file");
    }
    let Some((name, content)) = content else {
        return report.fault(Code::AsicMessageNotFound, "message.xml", "there is no message");
    };
    let Some(signature) = container.get(SIGNATURE) else {
        return report.fault(Code::AsicSignatureNotFound, SIGNATURE, "there is no signature");
    };
    let data = match signed_data(signature) {
        Ok(data) => data,
        Err(fault) => return report.fault(Code::MalformedSignature, SIGNATURE, fault),
    };
    if data.encap_content_info.econtent.is_some() || data.encap_content_info.econtent_type != DATA {
        report.fault(Code::MalformedSignature, SIGNATURE, "the signature carries its own content");
    }
    if data.signer_infos.0.is_empty() {
        report.fault(Code::MalformedSignature, SIGNATURE, "nobody signed");
    }
    let carried = cms::certificates(&data);
    for signer in data.signer_infos.0.iter() {
        let content = Content { kind: DATA, bytes: content };
        let fault = (Code::InvalidSignatureValue, SIGNATURE);
        let checked = check_signer(signer, &carried, content, trust.verifiers(), fault, report);
        let stamped_at = check_time_stamp(signer, trust, report);
        if let Some(own) = &checked.certificate {
            check_chain(signer, own, &carried, trust, stamped_at.unwrap_or(now), report);
        }
        if checked.signed_at.is_none() {
            report.fault(Code::MalformedSignature, SIGNATURE, "no signing time");
        }
        report.signatures.push(Signed {
            file: SIGNATURE.to_owned(),
            signer: checked.certificate.map(|own| own.tbs_certificate.subject.to_string()),
            algorithm: Some(signer.signature_algorithm.oid.to_string()),
            signed_at: checked.signed_at,
            stamped_at,
            covers: vec![name.to_owned()],
        });
    }
}

fn check_time_stamp(signer: &SignerInfo, trust: &Trust, report: &mut Report) -> Option<DateTime<Utc>> {
    let Some(token) = unsigned_attribute(signer, SIGNATURE_TIME_STAMP) else {
        report.remark(Code::NoTimestamp, SIGNATURE, "nothing proves when the signature was made");
        return None;
    };
    timestamp::verify(&token, &[signer.signature.as_bytes()], trust, SIGNATURE, report)
}

fn check_chain(
    signer: &SignerInfo,
    own: &Certificate,
    carried: &[Certificate],
    trust: &Trust,
    at: DateTime<Utc>,
    report: &mut Report,
) {
    let Ok(leaf) = own.to_der() else { return };
    let mut others = cms::encoded(carried);
    if let Some(values) = unsigned_attribute(signer, CERTIFICATE_VALUES) {
        others.extend(sequence(&values));
    }
    let mut issuer = None;
    match trust.chain(&leaf, &others, at) {
        Chain::Leads { issuer: found } => issuer = found.as_deref().and_then(certificate),
        Chain::NoRoots => {
            report.unverified(
                Code::ChainNotVerified,
                SIGNATURE,
                "the signer's certificate: no root was given",
            );
        }
        Chain::NotVerified(text) => report.unverified(Code::AlgorithmNotVerified, SIGNATURE, text),
        Chain::Weak => {
            report.fault(Code::WeakAlgorithm, SIGNATURE, "a certificate of the signer is signed with SHA-1")
        }
        Chain::Fails(text) => {
            report.fault(
                Code::InvalidCertificateChain,
                SIGNATURE,
                format!("the signer's certificate: {text}"),
            );
        }
    }
    let values = unsigned_attribute(signer, REVOCATION_VALUES).unwrap_or_default();
    let basics = listed(&values, TagNumber::N1);
    let answers: Vec<Vec<u8>> = basics.into_iter().filter_map(|basic| revocation::whole(&basic)).collect();
    let lists = listed(&values, TagNumber::N0);
    if answers.is_empty() && lists.is_empty() {
        report.unverified(Code::RevocationNotVerified, SIGNATURE, revocation::NO_WORD);
    }
    let question = Question { subject: own, issuer: issuer.as_ref(), at, trust, place: SIGNATURE };
    for answer in answers {
        revocation::verify(&answer, &question, report);
    }
    for list in lists {
        revocation_list::verify(&list, &question, report);
    }
}

/// The elements of a SEQUENCE OF, in DER.
fn sequence(bytes: &[u8]) -> Vec<Vec<u8>> {
    let elements: Vec<der::Any> = Vec::from_der(bytes).unwrap_or_default();
    elements.iter().filter_map(|element| element.to_der().ok()).collect()
}

/// What `RevocationValues` lists under a number: lists of revoked certificates under 0, basic OCSP answers
/// under 1.
fn listed(values: &[u8], number: TagNumber) -> Vec<Vec<u8>> {
    let parts: Vec<der::Any> = Vec::from_der(values).unwrap_or_default();
    let listed =
        parts.into_iter().find(|part| part.tag() == Tag::ContextSpecific { constructed: true, number });
    listed.map(|part| sequence(part.value())).unwrap_or_default()
}
