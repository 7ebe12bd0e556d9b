//! ASiC-E with XAdES, in X-Road's profile and as DSS writes it, verified in the order of X-Road's verifier:
//! what the signature refers to, the time-stamp, the hash chain, the certificate, digests and value, the
//! certificate's chain.

use chrono::{DateTime, Utc};
use der::{Decode, Encode, Sequence};
use roxmltree::Node;
use x509_cert::Certificate;
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::ext::pkix::name::{GeneralName, GeneralNames};
use x509_cert::serial_number::SerialNumber;

use super::algorithms::{Digest, certificate};
use super::batch::{self, BATCH};
use super::c14n::Canonicalization;
use super::container::Container;
use super::report::{Code, Report, Signed};
use super::revocation::{self, Question};
use super::revocation_list;
use super::signature::{Signature, Target};
use super::timestamp;
use super::trust::{Chain, Trust};
use super::verifier::Named;
use super::xml::{DS, XADES, decoded, down, only, parse};
use crate::trembita::xml::{elements, text_of};

/// The namespaces of what holds the signatures: ETSI's, and that of its first edition, in which X-Road wrote
/// at first.
const XADES_SIGNATURES: [&str; 2] =
    ["http://uri.etsi.org/02918/v1.2.1#", "http://uri.etsi.org/02918/v1.1.1#"];

/// Verifies all signatures of a container.
pub(super) fn verify(container: &Container, trust: &Trust, now: DateTime<Utc>, report: &mut Report) {
    if container.data().next().is_none() {
        report.fault(Code::AsicMessageNotFound, "message.xml", "there is no message");
    }
    let files: Vec<(&str, &[u8])> = container
        .entries()
        .filter(|(name, _)| {
            let name = name.strip_prefix("META-INF/").unwrap_or_default();
            name.contains("signatures") && name.ends_with(".xml")
        })
        .collect();
    if files.is_empty() {
        report.fault(Code::AsicSignatureNotFound, "META-INF/signatures.xml", "there is no signature");
    }
    batch::check_loading(container, report);
    for (name, bytes) in &files {
        verify_file(container, name, bytes, trust, now, report);
    }
    let uncovered: Vec<&str> = container
        .data()
        .map(|(name, _)| name)
        .filter(|name| !report.signatures.iter().any(|signed| signed.covers.iter().any(|own| own == name)))
        .collect();
    for name in uncovered {
        report.remark(Code::NotCovered, name, "no signature covers it");
    }
}

fn verify_file(
    container: &Container,
    file: &str,
    bytes: &[u8],
    trust: &Trust,
    now: DateTime<Utc>,
    report: &mut Report,
) {
    let malformed = |report: &mut Report, text: String| report.fault(Code::MalformedSignature, file, text);
    let Ok(text) = std::str::from_utf8(bytes) else { return malformed(report, "is not UTF-8".to_owned()) };
    let document = match parse(text) {
        Ok(document) => document,
        Err(fault) => return malformed(report, fault),
    };
    let root = document.root_element();
    let signatures: Vec<Node<'_, '_>> = if root.has_tag_name((DS, "Signature")) {
        vec![root]
    } else if XADES_SIGNATURES.iter().any(|namespace| root.has_tag_name((*namespace, "XAdESSignatures"))) {
        elements(root).filter(|child| child.has_tag_name((DS, "Signature"))).collect()
    } else {
        Vec::new()
    };
    if signatures.is_empty() {
        return report.fault(Code::AsicSignatureNotFound, file, "there is no signature in it");
    }
    if let Some(fault) = wrapped(root, &signatures) {
        return malformed(report, fault);
    }
    for signature in signatures {
        match Signature::read(signature) {
            Err(fault) => malformed(report, fault),
            Ok(signature) => Check { container, file, signature, trust, now }.run(bytes, report),
        }
    }
}

/// What only a file that hides something has: an Id twice, or a signature where none belongs.
fn wrapped(root: Node<'_, '_>, signatures: &[Node<'_, '_>]) -> Option<String> {
    let mut ids = std::collections::BTreeSet::new();
    for node in root.descendants().filter(Node::is_element) {
        for attribute in node.attributes().filter(|own| own.name().eq_ignore_ascii_case("id")) {
            if !ids.insert(attribute.value()) {
                return Some(format!("the Id {:?} stands twice", attribute.value()));
            }
        }
        if node.has_tag_name((DS, "Signature")) && !signatures.contains(&node) {
            return Some("a signature stands within another".to_owned());
        }
    }
    None
}

struct Check<'a, 'input> {
    container: &'a Container,
    file: &'a str,
    signature: Signature<'a, 'input>,
    trust: &'a Trust,
    now: DateTime<Utc>,
}

impl Check<'_, '_> {
    fn run(&self, bytes: &[u8], report: &mut Report) {
        let mut signed = Signed {
            file: self.file.to_owned(),
            algorithm: Some(self.signature.algorithm.to_owned()),
            ..Signed::default()
        };
        self.check_references(report);
        signed.stamped_at = self.check_time_stamp(bytes, report);
        signed.covers = self.check_batch(report);
        let signer = self.check_properties(&mut signed, report);
        self.check_digests(report);
        if let Some((signer, encoded)) = signer {
            signed.signer = Some(signer.tbs_certificate.subject.to_string());
            self.check_value(&signer, report);
            self.check_chain(&signer, &encoded, signed.stamped_at.unwrap_or(self.now), report);
        }
        report.signatures.push(signed);
    }

    fn fault(&self, report: &mut Report, code: Code, text: impl std::fmt::Display) {
        report.fault(code, self.file, text);
    }

    /// The signed properties have to be referred to once, and some file has to be.
    fn check_references(&self, report: &mut Report) {
        let count = |properties: bool| {
            let own = |target: &Target<'_, '_>| matches!(target, Target::SignedProperties(..)) == properties;
            self.signature.references.iter().filter(|reference| own(&reference.target)).count()
        };
        if count(true) != 1 {
            self.fault(report, Code::MalformedSignature, "the SignedProperties are not signed exactly once");
        }
        if count(false) == 0 {
            self.fault(report, Code::MalformedSignature, "no file is signed");
        }
        // X-Road's rule, where a message of X-Road is in the container.
        let named = |wanted: &str| self.signature.files().any(|(_, name)| name == wanted);
        if self.container.get("message.xml").is_some() && !named("message.xml") && !named(BATCH.result) {
            self.fault(report, Code::MalformedSignature, "neither the message nor a hash chain is signed");
        }
        for (_, name) in self.signature.files() {
            if name.starts_with("META-INF/") || name == "mimetype" {
                self.fault(report, Code::MalformedSignature, format!("{name:?} is no file to be signed"));
            }
        }
    }

    /// The time of the first time-stamp that holds.
    fn check_time_stamp(&self, bytes: &[u8], report: &mut Report) -> Option<DateTime<Utc>> {
        let element = self.signature.value_element;
        let mut times: Vec<DateTime<Utc>> = Vec::new();
        let mut found = false;
        let unsigned = down(
            self.signature.qualifying_properties,
            &["UnsignedProperties", "UnsignedSignatureProperties"],
        );
        for stamp in unsigned
            .into_iter()
            .flat_map(elements)
            .filter(|one| one.has_tag_name((XADES, "SignatureTimeStamp")))
        {
            found = true;
            let method = only(stamp, DS, "CanonicalizationMethod").map(Canonicalization::of);
            let token = only(stamp, XADES, "EncapsulatedTimeStamp").and_then(decoded);
            let (Some(token), Some(method)) = (token, method.unwrap_or(Some(Canonicalization::INCLUSIVE)))
            else {
                self.fault(report, Code::MalformedSignature, "a SignatureTimeStamp that can't be read");
                continue;
            };
            // X-Road stamps the bytes of the value, XAdES the element that holds it.
            let canonical = method.apply(element);
            let stamped: [&[u8]; 2] = [&self.signature.value, &canonical];
            times.extend(timestamp::verify(&token, &stamped, self.trust, self.file, report));
        }
        if let Some(token) = self.container.get(batch::TOKEN).filter(|token| !token.is_empty()) {
            found = true;
            times.extend(batch::verify_stamp(
                self.container,
                token,
                self.file,
                bytes,
                &self.signature.value,
                self.trust,
                report,
            ));
        }
        if !found {
            report.remark(Code::NoTimestamp, self.file, "nothing proves when the signature was made");
        }
        times.into_iter().min()
    }

    /// The files that the signature covers, over its hash chain if it has one.
    fn check_batch(&self, report: &mut Report) -> Vec<String> {
        let mut covers: Vec<String> = self.signature.files().map(|(_, name)| name.to_owned()).collect();
        if covers.iter().any(|name| name == BATCH.result) {
            let inputs: Vec<&str> = self
                .container
                .data()
                .map(|(name, _)| name)
                .filter(|name| *name == "message.xml" || name.starts_with("attachment"))
                .collect();
            match super::hash_chain::verify(self.container, BATCH.result, BATCH.chain, &inputs) {
                Ok(inputs) => covers.extend(inputs),
                Err((code, text)) => report.fault(code, BATCH.chain, text),
            }
        }
        covers
    }

    /// The signed properties: when, with which certificate, what kind of files. Returns the signer's
    /// certificate.
    fn check_properties(&self, signed: &mut Signed, report: &mut Report) -> Option<(Certificate, Vec<u8>)> {
        let own = self.signature.signed_properties;
        let time = down(own, &["SignedSignatureProperties", "SigningTime"]).and_then(text_of);
        signed.signed_at = time
            .and_then(|time| DateTime::parse_from_rfc3339(time.trim()).ok())
            .map(|time| time.with_timezone(&Utc));
        match (signed.signed_at, signed.stamped_at) {
            (None, _) => self.fault(report, Code::MalformedSignature, "no SigningTime"),
            (Some(made), Some(stamped)) if made > stamped + chrono::TimeDelta::minutes(10) => {
                self.fault(report, Code::MalformedSignature, "the SigningTime is after the time-stamp");
            }
            (Some(_), _) => {}
        }
        self.check_formats(report);
        match self.signer() {
            Ok(signer) => Some(signer),
            Err((code, text)) => {
                self.fault(report, code, text);
                None
            }
        }
    }

    /// Each file that is signed has a format, and each format is of a reference of this signature.
    fn check_formats(&self, report: &mut Report) {
        let formats: Vec<Node<'_, '_>> =
            down(self.signature.signed_properties, &["SignedDataObjectProperties"])
                .into_iter()
                .flat_map(elements)
                .filter(|child| child.has_tag_name((XADES, "DataObjectFormat")))
                .collect();
        let of = |format: &Node<'_, '_>, id: Option<&str>| {
            let target = format.attribute("ObjectReference").and_then(|target| target.strip_prefix('#'));
            target.is_some() && target == id
        };
        for (reference, name) in self.signature.files() {
            let own = formats.iter().find(|format| of(format, reference.id));
            let media = own.and_then(|format| only(*format, XADES, "MimeType")).and_then(text_of);
            if media.is_none_or(|media| media.trim().is_empty()) {
                self.fault(
                    report,
                    Code::MalformedSignature,
                    format!("no DataObjectFormat says what {name} is"),
                );
            }
        }
        if formats.iter().any(|format| !self.signature.files().any(|(reference, _)| of(format, reference.id)))
        {
            self.fault(report, Code::MalformedSignature, "a DataObjectFormat of nothing that is signed");
        }
    }

    /// The certificate of `KeyInfo` that the signed properties name.
    fn signer(&self) -> Result<(Certificate, Vec<u8>), (Code, String)> {
        let malformed = |text: &str| (Code::MalformedSignature, text.to_owned());
        let properties = down(self.signature.signed_properties, &["SignedSignatureProperties"]);
        let list = properties
            .and_then(|own| {
                only(own, XADES, "SigningCertificate").or_else(|| only(own, XADES, "SigningCertificateV2"))
            })
            .ok_or_else(|| malformed("no SigningCertificate"))?;
        let named = elements(list).next().ok_or_else(|| malformed("an empty SigningCertificate"))?;
        let digest = only(named, XADES, "CertDigest").ok_or_else(|| malformed("no CertDigest"))?;
        let method = only(digest, DS, "DigestMethod")
            .and_then(|method| Digest::of_uri(method.attribute("Algorithm")?))
            .ok_or_else(|| malformed("the digest of the certificate is not known"))?;
        if !method.is_strong() {
            return Err((Code::WeakAlgorithm, "the certificate is named by a SHA-1".to_owned()));
        }
        let value = only(digest, DS, "DigestValue").and_then(decoded);
        if self.signature.certificates.is_empty() {
            return Err(malformed("no X509Certificate"));
        }
        let encoded = self.signature.certificates.iter().find(|one| method.of(one) == value);
        let encoded = encoded.ok_or_else(|| {
            (
                Code::IncorrectCertificate,
                "no certificate is the one that the signed properties name".to_owned(),
            )
        })?;
        let signer = certificate(encoded).ok_or_else(|| malformed("the certificate can't be read"))?;
        check_serial(named, &signer).map_err(|text| (Code::IncorrectCertificate, text))?;
        let usage = signer.tbs_certificate.get::<KeyUsage>().ok().flatten();
        if usage.is_some_and(|(_, usage)| !usage.digital_signature() && !usage.non_repudiation()) {
            return Err((Code::IncorrectCertificate, "the certificate is not one for signatures".to_owned()));
        }
        Ok((signer, encoded.clone()))
    }

    fn check_digests(&self, report: &mut Report) {
        for reference in &self.signature.references {
            let (place, content) = match &reference.target {
                Target::SignedProperties(node, method) => ("SignedProperties", Some(method.apply(*node))),
                Target::File(name) => (name.as_str(), self.container.get(name).map(<[u8]>::to_vec)),
            };
            let Some(content) = content else {
                self.fault(
                    report,
                    Code::InvalidSignatureValue,
                    format!("{place} is signed and not in the container"),
                );
                continue;
            };
            match Digest::of_uri(reference.digest) {
                None => report.unverified(
                    Code::AlgorithmNotVerified,
                    self.file,
                    format!("digest {} of {place} not verified", reference.digest),
                ),
                Some(digest) if !digest.is_strong() => {
                    self.fault(report, Code::WeakAlgorithm, format!("the digest of {place} is SHA-1"));
                }
                Some(digest) if digest.of(&content).as_ref() != Some(&reference.value) => {
                    self.fault(report, Code::InvalidSignatureValue, format!("the digest of {place} differs"));
                }
                Some(_) => {}
            }
        }
    }

    fn check_value(&self, signer: &Certificate, report: &mut Report) {
        let signed = self.signature.canonicalization.apply(self.signature.signed_info);
        let named = Named::Uri(self.signature.algorithm);
        match self.trust.verifiers().judge(named, signer, &signed, &self.signature.value) {
            Some(judged) => {
                report.value(judged, Code::InvalidSignatureValue, self.file, "");
            }
            None => report.unverified(
                Code::AlgorithmNotVerified,
                self.file,
                format!("signature algorithm {} not verified", self.signature.algorithm),
            ),
        }
    }

    fn check_chain(&self, signer: &Certificate, encoded: &[u8], at: DateTime<Utc>, report: &mut Report) {
        let unsigned = down(
            self.signature.qualifying_properties,
            &["UnsignedProperties", "UnsignedSignatureProperties"],
        );
        let values = |path: &[&'static str], name: &'static str| -> Vec<Vec<u8>> {
            let list = unsigned.and_then(|unsigned| down(unsigned, path));
            let own = list.into_iter().flat_map(elements).filter(|one| one.has_tag_name((XADES, name)));
            own.filter_map(decoded).collect()
        };
        let mut others = self.signature.certificates.clone();
        others.extend(values(&["CertificateValues"], "EncapsulatedX509Certificate"));
        let mut issuer = None;
        match self.trust.chain(encoded, &others, at) {
            Chain::Leads { issuer: found } => issuer = found.as_deref().and_then(certificate),
            Chain::NoRoots => {
                report.unverified(
                    Code::ChainNotVerified,
                    self.file,
                    "the signer's certificate: no root was given",
                );
            }
            Chain::NotVerified(text) => report.unverified(Code::AlgorithmNotVerified, self.file, text),
            Chain::Weak => {
                self.fault(report, Code::WeakAlgorithm, "a certificate of the signer is signed with SHA-1")
            }
            Chain::Fails(text) => {
                self.fault(
                    report,
                    Code::InvalidCertificateChain,
                    format!("the signer's certificate: {text}"),
                );
            }
        }
        let answers = values(&["RevocationValues", "OCSPValues"], "EncapsulatedOCSPValue");
        let lists = values(&["RevocationValues", "CRLValues"], "EncapsulatedCRLValue");
        if answers.is_empty() && lists.is_empty() {
            report.unverified(Code::RevocationNotVerified, self.file, revocation::NO_WORD);
        }
        let question =
            Question { subject: signer, issuer: issuer.as_ref(), at, trust: self.trust, place: self.file };
        for answer in answers {
            revocation::verify(&answer, &question, report);
        }
        for list in lists {
            revocation_list::verify(&list, &question, report);
        }
    }
}

/// `IssuerSerial` in DER, of the second edition.
#[derive(Sequence)]
struct IssuerSerial {
    issuer: GeneralNames,
    serial: SerialNumber,
}

/// The issuer's serial number that stands beside the digest may not contradict the certificate.
fn check_serial(named: Node<'_, '_>, signer: &Certificate) -> Result<(), String> {
    let own = signer.tbs_certificate.serial_number.as_bytes();
    let written = only(named, XADES, "IssuerSerial").and_then(|pair| only(pair, DS, "X509SerialNumber"));
    if let Some(number) = written.and_then(text_of) {
        let number = openssl::bn::BigNum::from_dec_str(number.trim()).map(|number| number.to_vec());
        let stripped: Vec<u8> = own.iter().copied().skip_while(|byte| *byte == 0).collect();
        if number.ok() != Some(stripped) {
            return Err("the serial number is not that of the certificate".to_owned());
        }
    }
    if let Some(second) = only(named, XADES, "IssuerSerialV2") {
        let pair = decoded(second).and_then(|bytes| IssuerSerial::from_der(&bytes).ok());
        let pair = pair.ok_or("the IssuerSerialV2 can't be read")?;
        let issuer = signer.tbs_certificate.issuer.to_der().map_err(|error| error.to_string())?;
        let same = pair.issuer.iter().any(|name| {
            matches!(name, GeneralName::DirectoryName(name) if name.to_der().ok().as_ref() == Some(&issuer))
        });
        if pair.serial.as_bytes() != own || !same {
            return Err("the IssuerSerialV2 is not that of the certificate".to_owned());
        }
    }
    Ok(())
}
