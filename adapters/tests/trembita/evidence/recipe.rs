//! Containers made here, step by step as their format says. The signature is written in canonical form at
//! once, so that the verifier's own canonicalization is not what makes it.

use std::io::{Cursor, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{Id, PKey};
use openssl::sign::Signer;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::pki::PKI;

pub(super) const E: &str = "application/vnd.etsi.asic-e+zip";
pub(super) const MESSAGE: &[u8] = b"<message>Shehyni</message>";
const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
const NAMESPACES: &str = concat!(
    r#" xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#""#,
    r#" xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#
);

/// How a container is stamped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// Not at all.
    No,
    /// Within the signature.
    Single,
    /// Over a hash chain.
    Batch,
}

/// A container to be made.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    pub(super) signer: &'static str,
    pub(super) stamp: Stamp,
    /// Whether a hash chain over the message and an attachment is signed.
    pub(super) batch: bool,
    /// Whether it is written as DSS writes it.
    pub(super) dss: bool,
    pub(super) ocsp: Option<&'static str>,
    pub(super) authority: &'static str,
    pub(super) imprint: &'static str,
}

pub(super) const PLAIN: Recipe = Recipe {
    signer: "ec",
    stamp: Stamp::Single,
    batch: false,
    dss: false,
    ocsp: Some("ec.ocsp"),
    authority: "tsa",
    imprint: "sha512",
};

/// Names and bytes of a container's files.
pub(super) type Files = Vec<(String, Vec<u8>)>;

pub(super) fn sha512(bytes: &[u8]) -> Vec<u8> {
    hash(MessageDigest::sha512(), bytes).expect("a digest").to_vec()
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The list of digests of a step of a hash chain, in DER by hand.
fn step(digests: &[&[u8]]) -> Vec<u8> {
    let tlv = |tag: u8, content: &[u8]| {
        let length = content.len();
        let head = if length < 128 {
            vec![tag, length as u8]
        } else {
            vec![tag, 0x82, (length >> 8) as u8, length as u8]
        };
        // Lengths from 128 to 255 take one byte.
        let head = if (128..256).contains(&length) { vec![tag, 0x81, length as u8] } else { head };
        [head, content.to_vec()].concat()
    };
    let singles: Vec<u8> = digests
        .iter()
        .flat_map(|digest| tlv(0x30, &[tlv(4, digest), tlv(12, SHA512.as_bytes()), tlv(0x30, &[])].concat()))
        .collect();
    sha512(&tlv(0x30, &singles))
}

/// A hash chain over files and one more digest, and its result.
fn chain(name: &str, files: &[(&str, &[u8])]) -> (String, String) {
    let other = sha512(b"of another container");
    let digests: Vec<Vec<u8>> = files.iter().map(|(_, bytes)| sha512(bytes)).collect();
    let inner: Vec<&[u8]> = digests.iter().map(Vec::as_slice).collect();
    let inner = step(&inner);
    let data: String = files
        .iter()
        .zip(&digests)
        .map(|((name, _), digest)| {
            format!("<h:DataRef URI=\"/{name}\"><DigestValue>{}</DigestValue></h:DataRef>", base64(digest))
        })
        .collect();
    let chain = format!(
        concat!(
            "<h:HashChain xmlns=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:h=\"http://cyber.ee/hashchain\">",
            "<h:DefaultDigestMethod Algorithm=\"{sha}\"/><h:HashStep id=\"STEP0\">",
            "<h:HashValue><DigestValue>{other}</DigestValue></h:HashValue>",
            "<h:StepRef URI=\"#STEP1\"><DigestValue>{inner}</DigestValue></h:StepRef></h:HashStep>",
            "<h:HashStep id=\"STEP1\">{data}</h:HashStep></h:HashChain>"
        ),
        sha = SHA512,
        other = base64(&other),
        inner = base64(&inner),
        data = data,
    );
    let result = format!(
        concat!(
            "<h:HashChainResult URI=\"/{name}#STEP0\" xmlns=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:h=\"http://cyber.ee/hashchain\">",
            "<DigestMethod Algorithm=\"{sha}\"/><DigestValue>{value}</DigestValue></h:HashChainResult>"
        ),
        name = name,
        sha = SHA512,
        value = base64(&step(&[&other, &inner])),
    );
    (chain, result)
}

impl Recipe {
    /// The files of the container.
    pub(super) fn files(&self) -> Files {
        let mut files: Files = vec![("mimetype".into(), E.into()), ("message.xml".into(), MESSAGE.into())];
        let mut signed: Vec<(&str, Vec<u8>, &str)> = vec![("message.xml", MESSAGE.to_vec(), "text/xml")];
        if self.batch {
            files.push(("attachment1".into(), b"photo".to_vec()));
            let (chain, result) =
                chain("sig-hashchain.xml", &[("message.xml", MESSAGE), ("attachment1", b"photo")]);
            signed = vec![(
                "sig-hashchainresult.xml",
                result.clone().into_bytes(),
                "application/hash-chain-result",
            )];
            files.push(("sig-hashchain.xml".into(), chain.into()));
            files.push(("sig-hashchainresult.xml".into(), result.into()));
        }
        let signature = self.signature(&signed);
        if self.stamp == Stamp::Batch {
            let (chain, result) =
                chain("ts-hashchain.xml", &[("META-INF/signatures.xml", signature.as_bytes())]);
            let manifest = format!(
                concat!(
                    "<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/2918/v1.2.1#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
                    "<asic:SigReference URI=\"META-INF/timestamp.tst\" MimeType=\"vnd.etsi.timestamp-token\"/>",
                    "<asic:DataObjectReference URI=\"ts-hashchainresult.xml\" MimeType=\"text/xml\">",
                    "<ds:DigestMethod Algorithm=\"{}\"/><ds:DigestValue>{}</ds:DigestValue></asic:DataObjectReference></asic:ASiCManifest>"
                ),
                SHA512,
                base64(&sha512(result.as_bytes()))
            );
            let token = PKI.stamp(self.authority, self.imprint, result.as_bytes());
            files.push(("META-INF/timestamp.tst".into(), token));
            files.push(("META-INF/ASiCManifest.xml".into(), manifest.into()));
            files.push(("ts-hashchain.xml".into(), chain.into()));
            files.push(("ts-hashchainresult.xml".into(), result.into()));
        }
        files.push(("META-INF/signatures.xml".into(), signature.into()));
        files
    }

    /// The file of the signature.
    pub(super) fn signature(&self, signed: &[(&str, Vec<u8>, &str)]) -> String {
        let key = PKey::private_key_from_pem(&PKI.file(&format!("{}.key", self.signer))).expect("a key");
        let certificate = PKI.file(&format!("{}.der", self.signer));
        let is_rsa = key.id() == Id::RSA;
        let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
        let (method, algorithm) = (
            if self.dss { exclusive } else { "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" },
            format!(
                "http://www.w3.org/2001/04/xmldsig-more#{}",
                if is_rsa { "rsa-sha512" } else { "ecdsa-sha256" }
            ),
        );
        let formats: String = (0..signed.len())
            .map(|index| format!(
                "<xades:DataObjectFormat ObjectReference=\"#reference-{index}\"><xades:MimeType>{}</xades:MimeType></xades:DataObjectFormat>",
                signed[index].2
            ))
            .collect();
        let digest_method = format!("<ds:DigestMethod Algorithm=\"{SHA512}\"></ds:DigestMethod>");
        let named = if self.dss { "SigningCertificateV2" } else { "SigningCertificate" };
        let serial = openssl::x509::X509::from_der(&certificate)
            .and_then(|own| own.serial_number().to_bn()?.to_dec_str())
            .expect("a serial number");
        let serial = if self.dss {
            String::new()
        } else {
            format!(
                "<xades:IssuerSerial><ds:X509IssuerName>CN=Root ca,O=Test</ds:X509IssuerName><ds:X509SerialNumber>{serial}</ds:X509SerialNumber></xades:IssuerSerial>"
            )
        };
        let properties = |namespaces: &str| {
            format!(
                concat!(
                    "<xades:SignedProperties{} Id=\"signed-properties\"><xades:SignedSignatureProperties>",
                    "<xades:SigningTime>2026-01-02T03:04:05Z</xades:SigningTime><xades:{}><xades:Cert><xades:CertDigest>{}",
                    "<ds:DigestValue>{}</ds:DigestValue></xades:CertDigest>{}</xades:Cert></xades:{}></xades:SignedSignatureProperties>",
                    "<xades:SignedDataObjectProperties>{}</xades:SignedDataObjectProperties></xades:SignedProperties>"
                ),
                namespaces,
                named,
                digest_method,
                base64(&sha512(&certificate)),
                serial,
                named,
                formats
            )
        };
        let visible = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\"";
        // In the exclusive form each prefix is declared where it is used first; here both are put on the
        // element by a PrefixList.
        let list = format!(
            "<ec:InclusiveNamespaces xmlns:ec=\"{exclusive}\" PrefixList=\"ds\"></ec:InclusiveNamespaces>"
        );
        let transforms = if self.dss {
            format!(
                "<ds:Transforms><ds:Transform Algorithm=\"{exclusive}\">{list}</ds:Transform></ds:Transforms>"
            )
        } else {
            String::new()
        };
        let canonical_properties = properties(if self.dss { visible } else { NAMESPACES });
        let references: String = signed
            .iter()
            .enumerate()
            .map(|(index, (name, bytes, _))| format!(
                "<ds:Reference Id=\"reference-{index}\" URI=\"{}{name}\">{digest_method}<ds:DigestValue>{}</ds:DigestValue></ds:Reference>",
                if self.dss { "" } else { "/" },
                base64(&sha512(bytes))
            ))
            .collect();
        let signed_info = |namespaces: &str| {
            format!(
                concat!(
                    "<ds:SignedInfo{}><ds:CanonicalizationMethod Algorithm=\"{}\"></ds:CanonicalizationMethod>",
                    "<ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod>{}",
                    "<ds:Reference Id=\"reference-p\" Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#signed-properties\">{}{}",
                    "<ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
                ),
                namespaces,
                method,
                algorithm,
                references,
                transforms,
                digest_method,
                base64(&sha512(canonical_properties.as_bytes()))
            )
        };
        let only_ds = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
        let octets = signed_info(if self.dss { only_ds } else { NAMESPACES });
        let value = sign(&key, octets.as_bytes());
        let stamp = if self.stamp == Stamp::Single {
            let token = PKI.stamp(self.authority, self.imprint, &value);
            format!(
                "<xades:SignatureTimeStamp><xades:EncapsulatedTimeStamp>{}</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>",
                base64(&token)
            )
        } else {
            String::new()
        };
        let ocsp = self.ocsp.map(|name| format!(
            "<xades:RevocationValues><xades:OCSPValues><xades:EncapsulatedOCSPValue>{}</xades:EncapsulatedOCSPValue></xades:OCSPValues></xades:RevocationValues>",
            base64(&PKI.file(name))
        )).unwrap_or_default();
        // Broken into lines, with the references that Java writes.
        let lines: Vec<String> = base64(&value)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        let signature = format!(
            concat!(
                "<ds:Signature{} Id=\"signature\">\n{}\n<ds:SignatureValue Id=\"value\">\n{}\n</ds:SignatureValue>",
                "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
                "<ds:Object><xades:QualifyingProperties Target=\"#signature\">{}<xades:UnsignedProperties><xades:UnsignedSignatureProperties>",
                "{}{}</xades:UnsignedSignatureProperties></xades:UnsignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>"
            ),
            if self.dss { visible } else { "" },
            signed_info(""),
            lines.join("&#13;\n"),
            base64(&certificate),
            properties(""),
            stamp,
            ocsp
        );
        let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>";
        if self.dss {
            format!("{declaration}{signature}")
        } else {
            format!("{declaration}<asic:XAdESSignatures{NAMESPACES}>{signature}</asic:XAdESSignatures>")
        }
    }
}

fn sign(key: &PKey<openssl::pkey::Private>, octets: &[u8]) -> Vec<u8> {
    let digest = if key.id() == Id::RSA { MessageDigest::sha512() } else { MessageDigest::sha256() };
    let value =
        Signer::new(digest, key).and_then(|mut signer| signer.sign_oneshot_to_vec(octets)).expect("signed");
    if key.id() == Id::RSA {
        return value;
    }
    let pair = EcdsaSig::from_der(&value).expect("a pair");
    [pair.r().to_vec_padded(32).expect("r"), pair.s().to_vec_padded(32).expect("s")].concat()
}

/// The files as an archive.
pub(super) fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name.as_str(), SimpleFileOptions::default()).expect("started");
        archive.write_all(bytes).expect("written");
    }
    archive.finish().expect("finished").into_inner()
}

/// Changes one file as text.
pub(super) fn edit(files: &mut Files, name: &str, change: impl FnOnce(String) -> String) {
    let (_, bytes) = files.iter_mut().find(|(own, _)| own == name).unwrap_or_else(|| panic!("no {name}"));
    let before = String::from_utf8(bytes.clone()).expect("text");
    let after = change(before.clone());
    assert_ne!(before, after, "the change of {name} changes something");
    *bytes = after.into_bytes();
}

/// Takes a file out.
pub(super) fn remove(files: &mut Files, name: &str) {
    let before = files.len();
    files.retain(|(own, _)| own != name);
    assert_eq!(files.len() + 1, before, "{name} was there");
}
