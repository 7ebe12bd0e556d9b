//! Signing a document of the hub: the signature is put in as the last element of its root.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use kordon_hub::{Error, Result};
use openssl::sha::sha256;
use roxmltree::Document;
use uuid::Uuid;

use super::{ENVELOPED, SIGNED_PROPERTIES};
use crate::keys::Signer;
use crate::trembita::evidence::c14n::Canonicalization;
use crate::trembita::evidence::xml::{DS, XADES};
use crate::trembita::security::EXCLUSIVE;

const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// Signs a document that holds no signature. The chain of the key above its own certificate goes along.
///
/// # Errors
/// [`Error::Internal`] when the text is no document, or the key cannot be used.
pub fn sign(document: &str, signer: &dyn Signer, now: DateTime<Utc>) -> Result<String> {
    let tree = Document::parse(document).map_err(defect)?;
    let root = tree.root_element();
    if tree.descendants().any(|node| node.has_tag_name((DS, "Signature"))) {
        return Err(defect("it is signed already"));
    }
    let id = Uuid::new_v4().simple().to_string();
    let of_document = sha256(&Canonicalization::EXCLUSIVE.apply(root));
    let properties = signed_properties(&id, signer, now);
    let of_properties = sha256(&canonical_properties(&properties)?);
    let algorithm = signer.kind().usual_algorithm();
    // Written as exclusive canonical form has it, so that it is its own form.
    let signed_info = |declared: &str| {
        format!(
            concat!(
                r#"<ds:SignedInfo{declared}><ds:CanonicalizationMethod Algorithm="{c14n}"></ds:CanonicalizationMethod>"#,
                r#"<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>"#,
                r#"<ds:Reference Id="document-{id}" URI=""><ds:Transforms><ds:Transform Algorithm="{enveloped}"></ds:Transform>"#,
                r#"<ds:Transform Algorithm="{c14n}"></ds:Transform></ds:Transforms>{of_document}</ds:Reference>"#,
                r##"<ds:Reference Type="{kind}" URI="#properties-{id}"><ds:Transforms><ds:Transform Algorithm="{c14n}"></ds:Transform>"##,
                r#"</ds:Transforms>{of_properties}</ds:Reference></ds:SignedInfo>"#
            ),
            declared = declared,
            c14n = EXCLUSIVE,
            method = algorithm.uri(),
            id = id,
            enveloped = ENVELOPED,
            kind = SIGNED_PROPERTIES,
            of_document = digest(&of_document),
            of_properties = digest(&of_properties),
        )
    };
    let value = signer.sign(algorithm, signed_info(&format!(" xmlns:ds=\"{DS}\"")).as_bytes())?;
    let certificates: String = signer
        .chain()
        .iter()
        .map(|one| format!("<ds:X509Certificate>{}</ds:X509Certificate>", STANDARD.encode(one)))
        .collect();
    let signature = format!(
        concat!(
            r#"<ds:Signature xmlns:ds="{ds}" Id="signature-{id}">{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue>"#,
            r#"<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo><ds:Object>"#,
            r##"<xades:QualifyingProperties xmlns:xades="{xades}" Target="#signature-{id}">{properties}</xades:QualifyingProperties>"##,
            "</ds:Object></ds:Signature>"
        ),
        ds = DS,
        xades = XADES,
        id = id,
        signed_info = signed_info(""),
        value = STANDARD.encode(value),
        certificates = certificates,
        properties = properties,
    );
    let end = document.get(root.range()).and_then(|text| text.rfind("</"));
    let end = end.ok_or_else(|| defect("its root is empty"))?;
    let (before, after) =
        document.split_at_checked(root.range().start + end).ok_or_else(|| defect("its end is lost"))?;
    Ok([before, &signature, after].concat())
}

/// When it is signed, with which certificate, and what the document is.
fn signed_properties(id: &str, signer: &dyn Signer, now: DateTime<Utc>) -> String {
    format!(
        concat!(
            r#"<xades:SignedProperties Id="properties-{id}"><xades:SignedSignatureProperties>"#,
            "<xades:SigningTime>{time}</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>{certificate}",
            "</xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>",
            r##"<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#document-{id}">"##,
            "<xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>",
            "</xades:SignedProperties>"
        ),
        id = id,
        time = now.to_rfc3339_opts(SecondsFormat::Secs, true),
        certificate = digest(&sha256(signer.certificate())),
    )
}

/// The properties in exclusive form, which is the same wherever they stand.
fn canonical_properties(properties: &str) -> Result<Vec<u8>> {
    let alone = format!("<alone xmlns:ds=\"{DS}\" xmlns:xades=\"{XADES}\">{properties}</alone>");
    let tree = Document::parse(&alone).map_err(defect)?;
    let element = tree.root_element().first_element_child().ok_or_else(|| defect("it has no properties"))?;
    Ok(Canonicalization::EXCLUSIVE.apply(element))
}

fn digest(value: &[u8]) -> String {
    format!(
        "<ds:DigestMethod Algorithm=\"{SHA256}\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue>",
        STANDARD.encode(value)
    )
}

fn defect(fault: impl std::fmt::Display) -> Error {
    Error::Internal(format!("a document cannot be signed: {fault}"))
}
