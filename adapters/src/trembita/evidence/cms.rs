//! Signed data of CMS: the shape of time-stamp tokens and of Trembita's signatures.

use chrono::{DateTime, Utc};
use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{Any, ObjectIdentifier, OctetString};
use der::{Decode, Encode, Sequence};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::algorithms::Digest;
use super::report::{Code, Report};
use super::verifier::{Named, Verifiers};

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";

/// Reads signed data.
pub(super) fn signed_data(bytes: &[u8]) -> Result<SignedData, String> {
    let info = ContentInfo::from_der(bytes).map_err(|error| format!("no CMS in DER: {error}"))?;
    if info.content_type.to_string() != SIGNED_DATA {
        return Err("no signed data".to_owned());
    }
    info.content.decode_as::<SignedData>().map_err(|error| format!("no signed data: {error}"))
}

/// The certificates that signed data carries.
pub(super) fn certificates(data: &SignedData) -> Vec<Certificate> {
    let carried = data.certificates.iter().flat_map(|set| set.0.iter());
    carried
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate.clone()),
            CertificateChoices::Other(_) => None,
        })
        .collect()
}

/// Certificates in DER.
pub(super) fn encoded(certificates: &[Certificate]) -> Vec<Vec<u8>> {
    certificates.iter().filter_map(|certificate| certificate.to_der().ok()).collect()
}

/// What a signer's part says.
#[derive(Debug)]
pub(super) struct Signer {
    /// Whose it is, if the certificate is at hand.
    pub(super) certificate: Option<Certificate>,
    /// When it was made, by the signer's word.
    pub(super) signed_at: Option<DateTime<Utc>>,
    /// Whether the value of the signature was verified and holds.
    pub(super) holds: bool,
}

/// The content that was signed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content<'a> {
    pub(super) kind: ObjectIdentifier,
    pub(super) bytes: &'a [u8],
}

/// Verifies one signer's part: the digest of the content, which certificate is meant, and the value of the
/// signature. `digest_fault` is what a digest that differs is called.
pub(super) fn check_signer(
    signer: &SignerInfo,
    known: &[Certificate],
    content: Content<'_>,
    verifiers: &Verifiers,
    (digest_fault, place): (Code, &str),
    report: &mut Report,
) -> Signer {
    let attribute = |oid: &str| attribute(signer, oid);
    let certificate = known.iter().find(|candidate| is_of(&signer.sid, candidate)).cloned();
    let signed_at = attribute(SIGNING_TIME)
        .and_then(|value| Time::from_der(&value.to_der().ok()?).ok())
        .and_then(|time| DateTime::from_timestamp(i64::try_from(time.to_unix_duration().as_secs()).ok()?, 0));
    let mut checked = Signer { certificate, signed_at, holds: false };
    let faults = report.faults.len();
    let digest = Digest::of_oid(&signer.digest_alg.oid);
    match digest {
        None => {
            report.unverified(Code::AlgorithmNotVerified, place, format!("digest {}", signer.digest_alg.oid))
        }
        Some(digest) if !digest.is_strong() => {
            report.fault(Code::WeakAlgorithm, place, "the digest is SHA-1")
        }
        Some(digest) => {
            let stated = attribute(MESSAGE_DIGEST).and_then(|value| value.decode_as::<OctetString>().ok());
            if stated.is_none() || stated.map(|stated| stated.as_bytes().to_vec()) != digest.of(content.bytes)
            {
                report.fault(digest_fault, place, "the digest of what is signed differs");
            }
        }
    }
    let kind = attribute(CONTENT_TYPE).and_then(|value| value.decode_as::<ObjectIdentifier>().ok());
    if kind != Some(content.kind) {
        report.fault(Code::MalformedSignature, place, "the content type is not the signed one");
    }
    let Some(certificate) = &checked.certificate else {
        report.unverified(Code::ChainNotVerified, place, "the signer's certificate is not at hand");
        return checked;
    };
    if let Err(fault) = check_certificate_attribute(signer, certificate) {
        report.fault(Code::IncorrectCertificate, place, fault);
    }
    let signed = signer.signed_attrs.as_ref().and_then(|attributes| attributes.to_der().ok());
    let named = Named::Identifier(&signer.signature_algorithm, digest);
    let judged =
        signed.and_then(|signed| verifiers.judge(named, certificate, &signed, signer.signature.as_bytes()));
    let Some(judged) = judged else {
        let oid = signer.signature_algorithm.oid;
        report.unverified(
            Code::AlgorithmNotVerified,
            place,
            format!("signature algorithm {oid} not verified"),
        );
        return checked;
    };
    checked.holds = report.value(judged, digest_fault, place, "") && report.faults.len() == faults;
    checked
}

/// The only value of a signed attribute that stands once.
fn attribute<'a>(signer: &'a SignerInfo, oid: &str) -> Option<&'a Any> {
    let mut found =
        signer.signed_attrs.iter().flat_map(|set| set.iter()).filter(|own| own.oid.to_string() == oid);
    let attribute = found.next().filter(|_| found.next().is_none())?;
    if attribute.values.len() == 1 { attribute.values.get(0) } else { None }
}

/// The first value of an unsigned attribute.
pub(super) fn unsigned_attribute(signer: &SignerInfo, oid: &str) -> Option<Vec<u8>> {
    let mut all = signer.unsigned_attrs.iter().flat_map(|set| set.iter());
    all.find(|own| own.oid.to_string() == oid)?.values.get(0)?.to_der().ok()
}

fn is_of(id: &SignerIdentifier, certificate: &Certificate) -> bool {
    let body = &certificate.tbs_certificate;
    match id {
        SignerIdentifier::IssuerAndSerialNumber(id) => {
            body.serial_number == id.serial_number && body.issuer == id.issuer
        }
        SignerIdentifier::SubjectKeyIdentifier(id) => {
            body.get::<SubjectKeyIdentifier>().ok().flatten().is_some_and(|(_, own)| own == *id)
        }
    }
}

#[derive(Sequence)]
struct SigningCertificate {
    certificates: Vec<CertificateId>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

/// `ESSCertID` and `ESSCertIDv2`: they differ in whether a digest is named.
#[derive(Sequence)]
struct CertificateId {
    #[asn1(optional = "true")]
    algorithm: Option<AlgorithmIdentifierOwned>,
    hash: OctetString,
    #[asn1(optional = "true")]
    issuer_and_serial: Option<Any>,
}

/// The signed attribute that says which certificate is meant. The first edition knows SHA-1 alone: it proves
/// little, but what it says may not be wrong.
fn check_certificate_attribute(signer: &SignerInfo, certificate: &Certificate) -> Result<(), String> {
    let second = attribute(signer, SIGNING_CERTIFICATE_V2);
    let default = if second.is_some() { Digest::Sha256 } else { Digest::Sha1 };
    let value = second
        .or_else(|| attribute(signer, SIGNING_CERTIFICATE))
        .ok_or("no signed attribute says which certificate signed")?;
    let named: SigningCertificate =
        value.decode_as().map_err(|error| format!("the signing certificate can't be read: {error}"))?;
    let first = named.certificates.first().ok_or("no signing certificate is named")?;
    let digest = match &first.algorithm {
        None => default,
        Some(algorithm) => Digest::of_oid(&algorithm.oid).ok_or("an unknown digest of the certificate")?,
    };
    let bytes = certificate.to_der().map_err(|error| error.to_string())?;
    if digest.of(&bytes).as_deref() != Some(first.hash.as_bytes()) {
        return Err("another certificate is named as the signing one".to_owned());
    }
    Ok(())
}
