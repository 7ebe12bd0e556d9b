//! Time-stamps (RFC 3161).

use chrono::{DateTime, NaiveDateTime, Utc};
use der::asn1::{Any, ObjectIdentifier, OctetString};
use der::{Decode, Encode, Sequence, Tag, TagNumber, Tagged};
use x509_cert::Certificate;
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::algorithms::Digest;
use super::cms::{self, Content, check_signer, signed_data};
use super::report::{Code, Report};
use super::trust::{Chain, Trust};

const TIME_STAMP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

#[derive(Sequence)]
struct Imprint {
    algorithm: AlgorithmIdentifierOwned,
    hash: OctetString,
}

/// What matters of `TSTInfo`.
struct Info {
    imprint: Imprint,
    /// As it came, because it may have fractions of a second.
    time: Any,
    has_extensions: bool,
}

impl Info {
    /// Reads the fields in their order: version, policy, imprint, serial number, time, and what may follow.
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Vec::<Any>::from_der(bytes).ok()?.into_iter().skip(2);
        let imprint = fields.next()?.decode_as().ok()?;
        let time = fields.nth(1)?;
        let extensions = Tag::ContextSpecific { constructed: true, number: TagNumber::N1 };
        Some(Self { imprint, time, has_extensions: fields.any(|field| field.tag() == extensions) })
    }
}

/// Verifies a token: that it stamps one of `stamped`, that the authority's signature holds, and that its
/// certificate is one for time-stamps and leads to a root. Returns the time, if nothing was found wrong.
pub(super) fn verify(
    token: &[u8],
    stamped: &[&[u8]],
    trust: &Trust,
    place: &str,
    report: &mut Report,
) -> Option<DateTime<Utc>> {
    let before = report.faults.len();
    let malformed = |report: &mut Report, text: String| report.fault(Code::MalformedSignature, place, text);
    let data = match signed_data(token) {
        Ok(data) => data,
        Err(fault) => {
            malformed(report, format!("the time-stamp can't be read: {fault}"));
            return None;
        }
    };
    let content =
        data.encap_content_info.econtent.as_ref().and_then(|any| any.decode_as::<OctetString>().ok());
    let info = content.as_ref().and_then(|content| Info::read(content.as_bytes()));
    let (Some(content), Some(info)) = (content, info) else {
        malformed(report, "the time-stamp holds no TSTInfo".to_owned());
        return None;
    };
    if data.encap_content_info.econtent_type != TIME_STAMP {
        malformed(report, "the token is no time-stamp".to_owned());
    }
    if info.has_extensions {
        report.unverified(
            Code::AlgorithmNotVerified,
            place,
            "the time-stamp has extensions, which are not known",
        );
    }
    check_imprint(&info, stamped, place, report);
    let Some(time) = moment(&info.time) else {
        malformed(report, "the time of the time-stamp can't be read".to_owned());
        return None;
    };
    let mut known = cms::certificates(&data);
    known.extend(trust.certificates());
    let [signer] = data.signer_infos.0.as_slice() else {
        malformed(report, "a time-stamp has exactly one signer".to_owned());
        return None;
    };
    let content = Content { kind: TIME_STAMP, bytes: content.as_bytes() };
    let fault = (Code::MalformedSignature, place);
    let checked = check_signer(signer, &known, content, trust.verifiers(), fault, report);
    if let Some(authority) = &checked.certificate {
        check_authority(authority, &known, time, trust, place, report);
    }
    (report.faults.len() == before && checked.holds).then_some(time)
}

fn check_imprint(info: &Info, stamped: &[&[u8]], place: &str, report: &mut Report) {
    match Digest::of_oid(&info.imprint.algorithm.oid) {
        None => report.unverified(
            Code::AlgorithmNotVerified,
            place,
            format!("imprint with {}", info.imprint.algorithm.oid),
        ),
        Some(digest) if !digest.is_strong() => {
            report.fault(Code::WeakAlgorithm, place, "the time-stamp is over a SHA-1");
        }
        Some(digest) => {
            let imprint = info.imprint.hash.as_bytes();
            if !stamped.iter().any(|bytes| digest.of(bytes).as_deref() == Some(imprint)) {
                report.fault(Code::MalformedSignature, place, "the time-stamp is over something else");
            }
        }
    }
}

fn check_authority(
    authority: &Certificate,
    known: &[Certificate],
    time: DateTime<Utc>,
    trust: &Trust,
    place: &str,
    report: &mut Report,
) {
    let usage = authority.tbs_certificate.get::<ExtendedKeyUsage>().ok().flatten();
    // RFC 3161, 2.3: critical, and for nothing else.
    let may = usage.is_some_and(|(critical, usage)| {
        critical && usage.0.len() == 1 && usage.0.iter().all(|purpose| purpose.to_string() == TIME_STAMPING)
    });
    if !may {
        report.fault(
            Code::MalformedSignature,
            place,
            "the authority's certificate is not one for time-stamps",
        );
    }
    let Ok(leaf) = authority.to_der() else { return };
    match trust.chain(&leaf, &cms::encoded(known), time) {
        Chain::Leads { issuer: _ } => {}
        Chain::NoRoots => report.unverified(
            Code::ChainNotVerified,
            place,
            "the certificate of the time-stamp: no root was given",
        ),
        Chain::NotVerified(text) => report.unverified(Code::AlgorithmNotVerified, place, text),
        Chain::Weak => {
            report.fault(Code::WeakAlgorithm, place, "a certificate of the time-stamp is signed with SHA-1")
        }
        Chain::Fails(text) => report.fault(
            Code::InvalidCertificateChain,
            place,
            format!("the certificate of the time-stamp: {text}"),
        ),
    }
}

fn moment(time: &Any) -> Option<DateTime<Utc>> {
    if time.tag() != Tag::GeneralizedTime {
        return None;
    }
    let text = std::str::from_utf8(time.value()).ok()?;
    NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S%.fZ").ok().map(|time| time.and_utc())
}
