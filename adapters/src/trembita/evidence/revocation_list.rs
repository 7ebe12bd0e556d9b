//! Lists of revoked certificates (RFC 5280, 5) that came with a signature: that the signer's certificate was
//! not on its issuer's.
//!
//! A list with a critical extension says of a part of the certificates only, or of changes only, so it is not
//! taken for the whole.

use chrono::{DateTime, TimeDelta, Utc};
use der::{Decode, Header, Reader, SliceReader};
use x509_cert::crl::CertificateList;
use x509_cert::ext::Extensions;
use x509_cert::time::Time;

use super::report::{Code, Report};
use super::revocation::{Question, REVOKED};
use super::verifier::Named;

/// How far clocks may differ.
const CLOCKS: TimeDelta = TimeDelta::minutes(10);

/// Verifies a list.
pub(super) fn verify(bytes: &[u8], question: &Question<'_>, report: &mut Report) {
    let place = question.place;
    let (list, signed) = match read(bytes) {
        Ok(read) => read,
        Err(fault) => return report.fault(Code::InvalidRevocation, place, fault),
    };
    let body = &list.tbs_cert_list;
    let wrong = |report: &mut Report, text: &str| report.fault(Code::InvalidRevocation, place, text);
    if body.issuer != question.subject.tbs_certificate.issuer {
        return wrong(report, "the list of revoked certificates is another issuer's");
    }
    let Some(issuer) = question.issuer else {
        let text = "the issuer of the list of revoked certificates is not at hand";
        return report.unverified(Code::RevocationNotVerified, place, text);
    };
    let named = Named::Identifier(&list.signature_algorithm, None);
    let value = list.signature.raw_bytes();
    match question.trust.verifiers().judge(named, issuer, &signed, value) {
        Some(judged) => {
            report.value(judged, Code::InvalidRevocation, place, "the list of revoked certificates: ");
        }
        None => report.unverified(
            Code::AlgorithmNotVerified,
            place,
            format!("signature algorithm {} of a list not verified", list.signature_algorithm.oid),
        ),
    }
    let entry = body
        .revoked_certificates
        .iter()
        .flatten()
        .find(|entry| entry.serial_number == question.subject.tbs_certificate.serial_number);
    if !says_all(&list) {
        let text =
            "the list of revoked certificates has a critical extension, so it may not be the whole one";
        report.unverified(Code::RevocationNotVerified, place, text);
    }
    if entry.is_some_and(|entry| moment(entry.revocation_date).is_none_or(|time| time <= question.at)) {
        wrong(report, REVOKED);
    }
    if moment(body.this_update).is_none_or(|time| time > question.at + CLOCKS) {
        wrong(report, "the list of revoked certificates is later than the signature");
    }
    match body.next_update.map(moment) {
        Some(Some(until)) if question.at <= until => {}
        Some(_) => wrong(report, "the list of revoked certificates was out of date"),
        None => wrong(report, "the list of revoked certificates does not say how long it holds"),
    }
}

/// Whether a list (DER) speaks of all certificates of its issuer. None when it can't be read.
pub(in crate::trembita) fn is_whole(bytes: &[u8]) -> Option<bool> {
    CertificateList::from_der(bytes).ok().map(|list| says_all(&list))
}

/// Whether nothing in a list has to be understood that is not: RFC 5280, 5.2.
fn says_all(list: &CertificateList) -> bool {
    let CertificateList { tbs_cert_list: body, .. } = list;
    let entries = body.revoked_certificates.iter().flatten();
    !is_critical(body.crl_extensions.as_ref())
        && !entries.into_iter().any(|entry| is_critical(entry.crl_entry_extensions.as_ref()))
}

/// Until when a list holds.
pub(super) fn holds_until(bytes: &[u8]) -> Option<DateTime<Utc>> {
    moment(read(bytes).ok()?.0.tbs_cert_list.next_update?)
}

/// The list, and the bytes of it that are signed.
fn read(bytes: &[u8]) -> Result<(CertificateList, Vec<u8>), String> {
    let unreadable = |error: der::Error| format!("the list of revoked certificates can't be read: {error}");
    let list = CertificateList::from_der(bytes).map_err(unreadable)?;
    let mut reader = SliceReader::new(bytes).map_err(unreadable)?;
    Header::decode(&mut reader).map_err(unreadable)?;
    let signed = reader.tlv_bytes().map_err(unreadable)?.to_vec();
    Ok((list, signed))
}

fn is_critical(extensions: Option<&Extensions>) -> bool {
    extensions.is_some_and(|all| all.iter().any(|extension| extension.critical))
}

fn moment(time: Time) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(time.to_unix_duration().as_secs()).ok()?, 0)
}
