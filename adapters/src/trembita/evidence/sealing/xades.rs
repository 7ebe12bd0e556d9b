//! The file of a signature, `META-INF/signatures.xml`, in X-Road's profile. It is written in canonical form
//! at once, so the bytes that are signed are pieces of it: the same text, with the namespaces that hold there
//! declared at its first element.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use kordon_hub::{Error, Result};
use openssl::sha::sha256;
use openssl::x509::X509;

use super::super::algorithms::certificate;
use super::super::signature::Signature;
use super::super::xml::{DS, parse};
use super::chain::{SHA512, sha512};
use super::status::Word;
use crate::keys::{KeyKind, SignatureAlgorithm, Signer};
use crate::trembita::xml::{elements, escaped};

/// The namespaces of the file, in canonical order.
const NAMESPACES: &str = concat!(
    r#" xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#""#,
    r#" xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#
);

/// The policy that X-Road's signatures name: what a signature over a hash chain means.
const POLICY: &str = concat!(
    "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId>",
    "<xades:Identifier Qualifier=\"OIDAsURN\">urn:oid:1.3.6.1.4.1.3516.16.2</xades:Identifier>",
    "<xades:Description>Profile for High Performance Digital Signatures (version 1.2)</xades:Description></xades:SigPolicyId>",
    "<xades:SigPolicyHash><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"></ds:DigestMethod>",
    "<ds:DigestValue>BuO0EDNfkxSVlUbxCzmQPzX1AUF1/xx9ytWHk3/6SAOePxQiniEfDYk+90QeYb3lWpV3Izhuz9fKaYyE+lTcXw==</ds:DigestValue>",
    "</xades:SigPolicyHash><xades:SigPolicyQualifiers><xades:SigPolicyQualifier>",
    "<xades:SPURI>https://repo.cyber.ee/dsig-profile-1.2.pdf</xades:SPURI></xades:SigPolicyQualifier></xades:SigPolicyQualifiers>",
    "</xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>"
);

/// The end of the signed properties, behind which unsigned ones stand.
const END_OF_SIGNED: &str = "</xades:SignedProperties>";
const UNSIGNED: &str = "<xades:UnsignedProperties><xades:UnsignedSignatureProperties>";
const END_OF_UNSIGNED: &str = "</xades:UnsignedSignatureProperties></xades:UnsignedProperties>";

/// A signature over files of a container, each with its URI, its SHA-512 and its media type. `status` is the
/// word about the signer's certificate.
pub(super) fn sign(
    key: &dyn Signer,
    files: &[(&str, &[u8], &str)],
    status: Option<&Word>,
    now: DateTime<Utc>,
) -> Result<Vec<u8>> {
    let algorithm = algorithm_of(key.kind());
    let properties = signed_properties(key, files, now)?;
    let info = signed_info(algorithm, files, &sha256(in_context(&properties).as_bytes()));
    let value = key.sign(algorithm, in_context(&info).as_bytes())?;
    let unsigned = unsigned_properties(key, status);
    Ok(format!(
        concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>",
            "<asic:XAdESSignatures{namespaces}><ds:Signature Id=\"signature\">{info}",
            "<ds:SignatureValue Id=\"signature-value\">{value}</ds:SignatureValue>",
            "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
            "<ds:Object><xades:QualifyingProperties Target=\"#signature\">{properties}{unsigned}</xades:QualifyingProperties>",
            "</ds:Object></ds:Signature></asic:XAdESSignatures>"
        ),
        namespaces = NAMESPACES,
        info = info,
        value = STANDARD.encode(value),
        certificate = STANDARD.encode(key.certificate()),
        properties = properties,
        unsigned = unsigned,
    )
    .into_bytes())
}

/// RSA as X-Road signs, with SHA-512; on a curve, what goes with it.
fn algorithm_of(kind: KeyKind) -> SignatureAlgorithm {
    match kind {
        KeyKind::Rsa { .. } => SignatureAlgorithm::RsaSha512,
        KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => kind.usual_algorithm(),
    }
}

/// An element of the file as its canonical form has it: the namespaces that hold there stand at it, before
/// its attributes.
fn in_context(element: &str) -> String {
    let end = element.find([' ', '>']).unwrap_or(element.len());
    let (name, rest) = element.split_at_checked(end).unwrap_or((element, ""));
    format!("{name}{NAMESPACES}{rest}")
}

fn digest(value: &[u8]) -> String {
    format!(
        "<ds:DigestMethod Algorithm=\"{SHA512}\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue>",
        STANDARD.encode(value)
    )
}

fn signed_info(algorithm: SignatureAlgorithm, files: &[(&str, &[u8], &str)], properties: &[u8]) -> String {
    let references: String = files
        .iter()
        .enumerate()
        .map(|(index, (uri, value, _))| {
            format!(
                "<ds:Reference Id=\"signature-reference-{index}\" URI=\"{uri}\">{}</ds:Reference>",
                digest(value)
            )
        })
        .collect();
    format!(
        concat!(
            "<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\">",
            "</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"{algorithm}\"></ds:SignatureMethod>{references}",
            "<ds:Reference Id=\"signature-reference-{count}\" Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#signed-properties\">",
            "{digest}</ds:Reference></ds:SignedInfo>"
        ),
        algorithm = algorithm.uri(),
        references = references,
        count = files.len(),
        // With SHA-256: there are verifiers that know no other here.
        digest = format_args!(
            "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue>",
            STANDARD.encode(properties)
        ),
    )
}

fn signed_properties(key: &dyn Signer, files: &[(&str, &[u8], &str)], now: DateTime<Utc>) -> Result<String> {
    let unreadable = || Error::Internal("the certificate of the signing key can't be read".to_owned());
    let own = certificate(key.certificate()).ok_or_else(unreadable)?;
    let serial = X509::from_der(key.certificate())
        .and_then(|own| own.serial_number().to_bn()?.to_dec_str().map(|number| number.to_string()))
        .map_err(|_| unreadable())?;
    let formats: String = files
        .iter()
        .enumerate()
        .map(|(index, (_, _, media_type))| {
            format!(
                "<xades:DataObjectFormat ObjectReference=\"#signature-reference-{index}\"><xades:MimeType>{}</xades:MimeType></xades:DataObjectFormat>",
                escaped(media_type)
            )
        })
        .collect();
    Ok(format!(
        concat!(
            "<xades:SignedProperties Id=\"signed-properties\"><xades:SignedSignatureProperties>",
            "<xades:SigningTime>{time}</xades:SigningTime>",
            "<xades:SigningCertificate><xades:Cert><xades:CertDigest>{digest}</xades:CertDigest><xades:IssuerSerial>",
            "<ds:X509IssuerName>{issuer}</ds:X509IssuerName><ds:X509SerialNumber>{serial}</ds:X509SerialNumber>",
            "</xades:IssuerSerial></xades:Cert></xades:SigningCertificate>{policy}</xades:SignedSignatureProperties>",
            "<xades:SignedDataObjectProperties>{formats}</xades:SignedDataObjectProperties></xades:SignedProperties>"
        ),
        time = now.to_rfc3339_opts(SecondsFormat::Millis, true),
        digest = digest(&sha512(key.certificate())),
        issuer = canonical(&own.tbs_certificate.issuer.to_string()),
        serial = serial,
        policy = POLICY,
        formats = formats,
    ))
}

/// Text as canonical XML writes it.
fn canonical(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            // What XML can't hold is in no name that matters.
            other if other.is_control() => written.push(' '),
            other => written.push(other),
        }
    }
    written
}

fn unsigned_properties(key: &dyn Signer, status: Option<&Word>) -> String {
    let mut above = String::new();
    for one in key.chain().iter().skip(1) {
        above += &format!(
            "<xades:EncapsulatedX509Certificate>{}</xades:EncapsulatedX509Certificate>",
            STANDARD.encode(one)
        );
    }
    let mut written = String::new();
    if !above.is_empty() {
        written += &format!("<xades:CertificateValues>{above}</xades:CertificateValues>");
    }
    if let Some(status) = status {
        let (list, value, bytes) = match status {
            Word::Answer(bytes) => ("OCSPValues", "EncapsulatedOCSPValue", bytes),
            Word::List(bytes) => ("CRLValues", "EncapsulatedCRLValue", bytes),
        };
        written += &format!(
            "<xades:RevocationValues><xades:{list}><xades:{value}>{}</xades:{value}></xades:{list}></xades:RevocationValues>",
            STANDARD.encode(bytes)
        );
    }
    if written.is_empty() { written } else { format!("{UNSIGNED}{written}{END_OF_UNSIGNED}") }
}

fn odd() -> Error {
    Error::Internal("a file of signatures is not as the hub writes it".to_owned())
}

/// The value of the signature in a file: what a time-stamp of it alone is over.
pub(super) fn value(file: &[u8]) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(file).map_err(|_| odd())?;
    let document = parse(text).map_err(|_| odd())?;
    let signature =
        elements(document.root_element()).find(|one| one.has_tag_name((DS, "Signature"))).ok_or_else(odd)?;
    Signature::read(signature).map(|signature| signature.value).map_err(|_| odd())
}

/// The file with a time-stamp within.
pub(super) fn with_stamp(file: &[u8], token: &[u8]) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(file).map_err(|_| odd())?;
    let stamp = format!(
        "<xades:SignatureTimeStamp><xades:EncapsulatedTimeStamp>{}</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>",
        STANDARD.encode(token)
    );
    let (before, after) = match text.rsplit_once(END_OF_UNSIGNED) {
        Some((before, after)) => (format!("{before}{stamp}"), format!("{END_OF_UNSIGNED}{after}")),
        None => {
            let (before, after) = text.rsplit_once(END_OF_SIGNED).ok_or_else(odd)?;
            (format!("{before}{END_OF_SIGNED}{UNSIGNED}{stamp}"), format!("{END_OF_UNSIGNED}{after}"))
        }
    };
    Ok(format!("{before}{after}").into_bytes())
}
