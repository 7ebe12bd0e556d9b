//! OCSP answers (RFC 6960) that came with a signature: that the signer's certificate was good.

use chrono::{DateTime, TimeDelta, Utc};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, Encode, Header, Reader, SliceReader};
use x509_cert::Certificate;
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_ocsp::{
    BasicOcspResponse, CertStatus, OcspGeneralizedTime, OcspResponse, OcspResponseStatus, ResponderId,
    ResponseBytes, SingleResponse,
};

use super::algorithms::{Digest, certificate};
use super::cms::encoded;
use super::report::{Code, Report};
use super::trust::{Chain, Trust};
use super::verifier::Named;

const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// How far clocks may differ.
const CLOCKS: TimeDelta = TimeDelta::minutes(10);

/// What is said of a certificate that was revoked.
pub(super) const REVOKED: &str = "the certificate was revoked";

/// What is said when nothing says whether a certificate was revoked.
pub(super) const NO_WORD: &str = "no OCSP answer or list says that the certificate was good";

/// What is asked about.
pub(super) struct Question<'a> {
    pub(super) subject: &'a Certificate,
    /// The issuer's certificate, if the chain was verified.
    pub(super) issuer: Option<&'a Certificate>,
    /// When the certificate had to be good.
    pub(super) at: DateTime<Utc>,
    pub(super) trust: &'a Trust,
    pub(super) place: &'a str,
}

/// Verifies an answer.
pub(super) fn verify(bytes: &[u8], question: &Question<'_>, report: &mut Report) {
    let place = question.place;
    let basic = match basic(bytes) {
        Ok(basic) => basic,
        Err(fault) => return report.fault(Code::InvalidRevocation, place, fault),
    };
    let (answer, raw) = basic;
    let Some(single) = answer.tbs_response_data.responses.iter().find(|single| is_about(single, question))
    else {
        return report.fault(Code::InvalidRevocation, place, "the OCSP answer is about another certificate");
    };
    match single.cert_status {
        CertStatus::Good(_) => {}
        CertStatus::Revoked(revoked)
            if moment(revoked.revocation_time).is_none_or(|time| time <= question.at) =>
        {
            report.fault(Code::InvalidRevocation, place, REVOKED);
        }
        CertStatus::Revoked(_) => {}
        CertStatus::Unknown(_) => {
            report.fault(Code::InvalidRevocation, place, "the OCSP responder does not know the certificate");
        }
    }
    if moment(single.this_update).is_none_or(|time| time > question.at + CLOCKS) {
        report.fault(Code::InvalidRevocation, place, "the OCSP answer is later than the signature");
    }
    if let Some(next) = single.next_update
        && moment(next).is_none_or(|time| time < question.at)
    {
        report.fault(Code::InvalidRevocation, place, "the OCSP answer was out of date");
    }
    check_responder(&answer, &raw, question, report);
}

/// A basic answer as the whole one that carries it.
pub(super) fn whole(basic: &[u8]) -> Option<Vec<u8>> {
    let bytes = ResponseBytes { response_type: BASIC, response: OctetString::new(basic).ok()? };
    let whole = OcspResponse { response_status: OcspResponseStatus::Successful, response_bytes: Some(bytes) };
    whole.to_der().ok()
}

/// The answer, and the bytes of it that are signed.
fn basic(bytes: &[u8]) -> Result<(BasicOcspResponse, Vec<u8>), String> {
    let unreadable = |error: der::Error| format!("the OCSP answer can't be read: {error}");
    let outer = OcspResponse::from_der(bytes).map_err(unreadable)?;
    if outer.response_status != OcspResponseStatus::Successful {
        return Err(format!("the OCSP responder answered {:?}", outer.response_status));
    }
    let inner = outer.response_bytes.ok_or("the OCSP answer is empty")?;
    let basic = BasicOcspResponse::from_der(inner.response.as_bytes()).map_err(unreadable)?;
    let mut reader = SliceReader::new(inner.response.as_bytes()).map_err(unreadable)?;
    Header::decode(&mut reader).map_err(unreadable)?;
    let signed = reader.tlv_bytes().map_err(unreadable)?.to_vec();
    Ok((basic, signed))
}

fn is_about(single: &SingleResponse, question: &Question<'_>) -> bool {
    if single.cert_id.serial_number != question.subject.tbs_certificate.serial_number {
        return false;
    }
    let Some(digest) = Digest::of_oid(&single.cert_id.hash_algorithm.oid) else { return false };
    // These digests find a certificate, they prove nothing: SHA-1 is what the protocol uses.
    let name = question.subject.tbs_certificate.issuer.to_der().ok().and_then(|name| digest.of(&name));
    let key = question.issuer.map(|issuer| {
        digest.of(issuer.tbs_certificate.subject_public_key_info.subject_public_key.raw_bytes())
    });
    let is = |hash: &OctetString, own: Option<Vec<u8>>| own.as_deref() == Some(hash.as_bytes());
    is(&single.cert_id.issuer_name_hash, name)
        && key.is_none_or(|key| is(&single.cert_id.issuer_key_hash, key))
}

fn check_responder(answer: &BasicOcspResponse, signed: &[u8], question: &Question<'_>, report: &mut Report) {
    let place = question.place;
    let mut known: Vec<Certificate> = answer.certs.clone().unwrap_or_default();
    let carried = encoded(&known);
    known.extend(question.issuer.cloned());
    known.extend(question.trust.certificates());
    let Some(responder) = known.iter().find(|one| is_responder(&answer.tbs_response_data.responder_id, one))
    else {
        return report.unverified(
            Code::RevocationNotVerified,
            place,
            "the OCSP responder's certificate is not at hand",
        );
    };
    let named = Named::Identifier(&answer.signature_algorithm, None);
    let value = answer.signature.raw_bytes();
    let Some(judged) = question.trust.verifiers().judge(named, responder, signed, value) else {
        return report.unverified(
            Code::AlgorithmNotVerified,
            place,
            format!("OCSP signature algorithm {} not verified", answer.signature_algorithm.oid),
        );
    };
    report.value(judged, Code::InvalidRevocation, place, "the OCSP answer: ");
    if question.issuer.is_some_and(|issuer| issuer == responder) {
        return;
    }
    // RFC 6960, 4.2.2.2: the issuer itself, or whom the issuer let answer.
    let usage = responder.tbs_certificate.get::<ExtendedKeyUsage>().ok().flatten();
    let delegated =
        usage.is_some_and(|(_, usage)| usage.0.iter().any(|purpose| purpose.to_string() == OCSP_SIGNING));
    if !delegated || responder.tbs_certificate.issuer != question.subject.tbs_certificate.issuer {
        report.fault(Code::InvalidRevocation, place, "the OCSP answer is of one who may not answer");
    }
    let Ok(leaf) = responder.to_der() else { return };
    match question.trust.chain(&leaf, &carried, question.at) {
        Chain::Leads { issuer } => {
            let issuer = issuer.as_deref().and_then(certificate);
            if issuer.as_ref() != question.issuer {
                report.fault(Code::InvalidRevocation, place, "the OCSP responder is of another issuer");
            }
        }
        Chain::NoRoots => {
            report.unverified(Code::ChainNotVerified, place, "the OCSP responder: no root was given")
        }
        Chain::NotVerified(text) => report.unverified(Code::AlgorithmNotVerified, place, text),
        Chain::Weak => report.fault(
            Code::WeakAlgorithm,
            place,
            "a certificate of the OCSP responder is signed with SHA-1",
        ),
        Chain::Fails(text) => {
            report.fault(Code::InvalidCertificateChain, place, format!("the OCSP responder: {text}"));
        }
    }
}

fn is_responder(id: &ResponderId, certificate: &Certificate) -> bool {
    let body = &certificate.tbs_certificate;
    match id {
        ResponderId::ByName(name) => *name == body.subject,
        ResponderId::ByKey(hash) => {
            let key = body.subject_public_key_info.subject_public_key.raw_bytes();
            Digest::Sha1.of(key).as_deref() == Some(hash.as_bytes())
        }
    }
}

fn moment(time: OcspGeneralizedTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(time.0.to_unix_duration().as_secs()).ok()?, 0)
}
