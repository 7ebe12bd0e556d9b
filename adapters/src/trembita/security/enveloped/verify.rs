//! What a signed document has to be. The signature is found by its place, each of its parts by its place in
//! it, and a reference is to one of three things that are known beforehand; so nothing that is signed can
//! stand beside what is read.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use openssl::memcmp;
use roxmltree::{Document, Node, NodeType};

use super::{ENVELOPED, SIGNED_PROPERTIES};
use crate::trembita::evidence::algorithms::{Digest, Outcome, SignatureAlgorithm};
use crate::trembita::evidence::c14n::Canonicalization;
use crate::trembita::evidence::xml::{DS, XADES, decoded, only};
use crate::trembita::security::authorities::{Authorities, BelievedCertificate};
use crate::trembita::security::refusal::{Reason, Refusal};
use crate::trembita::security::timestamp::Window;
use crate::trembita::security::verify::{
    check_comments, exactly, exclusive, strong, strong_digest, structure,
};
use crate::trembita::xml::{self, Bounds, elements, text_of};

/// What a document may hold. The messages of the hub need a quarter of it.
const BOUNDS: Bounds = Bounds { depth: 64, attributes: 64, nodes: 100_000 };

/// Elements, texts and comments of a Signature: parts of it are written in canonical form before anybody is
/// known to have signed them.
const NODES_OF_SIGNATURE: usize = 2_000;

/// Bytes of the canonical form of a part of it.
const LARGEST_PART: usize = 256 << 10;

/// Certificates of a KeyInfo.
const CERTIFICATES: usize = 8;

/// Certificates whose digests the signed properties name.
const NAMED_CERTIFICATES: usize = 8;

/// A document whose signature holds.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Whose signature it is.
    pub signer: Arc<BelievedCertificate>,
    /// When it was made, as the signer says.
    pub signed_at: DateTime<Utc>,
}

/// Verifies the signature that stands in a document; none if there is no signature in it. The text is what is
/// read afterwards, from its root. How old a signature may be is for whoever reads the document to say; one
/// from the future is refused.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(
    text: &str,
    authorities: &Authorities,
    window: &Window,
    now: DateTime<Utc>,
) -> Result<Option<Signed>, Refusal> {
    let document = xml::parse(text, &BOUNDS).map_err(structure)?;
    let Some(element) = find(&document)? else { return Ok(None) };
    let root = document.root_element();
    check_ids(root)?;
    let signature = Signature::read(element)?;
    if signature.signed_at > now + window.skew {
        let text =
            format!("it was signed at {}, which is yet to come: check your clock", signature.signed_at);
        return Err(Refusal::new(Reason::Stale, text));
    }
    let signer = authorities.believe(&signature.certificate, now)?;
    signature.check_value(&signer)?;
    for reference in &signature.references {
        // Twice the text: a namespace that is declared once is written where it is used.
        let form = match reference.target {
            Target::Document => {
                let limit = (2 * text.len()).max(LARGEST_PART);
                reference.canonicalization.apply_without(root, element, limit)
            }
            Target::Part(part) => reference.canonicalization.apply_within(part, LARGEST_PART),
        };
        reference.check(&form.ok_or_else(|| structure("it is too large in its canonical form"))?)?;
    }
    check_comments(root)?;
    Ok(Some(Signed { signer, signed_at: signature.signed_at }))
}

/// Whether a document holds a signature, right or wrong.
///
/// # Errors
/// When it is not well-formed, or larger than is read.
pub fn is_signed(text: &str) -> Result<bool, Refusal> {
    let document = xml::parse(text, &BOUNDS).map_err(structure)?;
    Ok(document.descendants().any(|node| node.has_tag_name((DS, "Signature"))))
}

/// The only signature of a document, at its place.
fn find<'a, 'input>(document: &'a Document<'input>) -> Result<Option<Node<'a, 'input>>, Refusal> {
    let mut found = document.descendants().filter(|node| node.has_tag_name((DS, "Signature")));
    let Some(signature) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(structure("there are two signatures; a document has one"));
    }
    let root = document.root_element();
    if elements(root).last() != Some(signature) {
        return Err(structure("the Signature is not the last element of the root"));
    }
    if document.root().children().any(|node| node.node_type() == NodeType::PI) {
        return Err(structure("a processing instruction stands beside the root"));
    }
    Ok(Some(signature))
}

/// Readers differ in which attributes they take for ids; whichever they take, an id stands once.
fn check_ids(root: Node<'_, '_>) -> Result<(), Refusal> {
    let mut seen = std::collections::HashSet::new();
    for element in root.descendants().filter(Node::is_element) {
        let mut own: Vec<&str> = element
            .attributes()
            .filter(|attribute| attribute.name().eq_ignore_ascii_case("id"))
            .map(|attribute| attribute.value())
            .collect();
        own.dedup();
        for id in own {
            if !seen.insert(id) {
                return Err(Refusal::new(Reason::Ambiguous, format!("the Id {id:?} stands twice")));
            }
        }
    }
    Ok(())
}

/// A signature, taken apart. Its Object holds its properties and nothing else.
struct Signature<'a, 'input> {
    signed_info: Node<'a, 'input>,
    canonicalization: Canonicalization,
    algorithm: SignatureAlgorithm,
    value: Vec<u8>,
    certificate: Vec<u8>,
    signed_at: DateTime<Utc>,
    references: Vec<Reference<'a, 'input>>,
}

struct Reference<'a, 'input> {
    target: Target<'a, 'input>,
    canonicalization: Canonicalization,
    digest: Digest,
    value: Vec<u8>,
}

/// What may be signed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target<'a, 'input> {
    /// The whole document but the signature.
    Document,
    /// The signed properties of this signature, or its KeyInfo.
    Part(Node<'a, 'input>),
}

/// The parts of a signature that a reference may name beside the document.
struct Parts<'a, 'input> {
    properties: Node<'a, 'input>,
    key_info: Node<'a, 'input>,
}

impl<'a, 'input: 'a> Signature<'a, 'input> {
    fn read(signature: Node<'a, 'input>) -> Result<Self, Refusal> {
        if signature.descendants().nth(NODES_OF_SIGNATURE).is_some() {
            return Err(structure("the Signature is too large"));
        }
        let [signed_info, value, key_info, object] = exactly(
            signature,
            [(DS, "SignedInfo"), (DS, "SignatureValue"), (DS, "KeyInfo"), (DS, "Object")],
        )?;
        let certificate = certificate_of(key_info)?;
        let [qualifying] = exactly(object, [(XADES, "QualifyingProperties")])?;
        let properties = signed_properties(signature, qualifying)?;
        let about = only(properties, XADES, "SignedSignatureProperties")
            .ok_or_else(|| structure("there are not exactly one SignedSignatureProperties"))?;
        check_certificate(about, &certificate)?;
        let signed_at = signing_time(about)?;

        let mut parts = elements(signed_info);
        let mut part = |name: &'static str| {
            parts
                .next()
                .filter(|part| part.has_tag_name((DS, name)))
                .ok_or_else(|| structure(format!("there is no {name} in its place")))
        };
        let canonicalization = exclusive(part("CanonicalizationMethod")?)?;
        let algorithm = strong(part("SignatureMethod")?)?;
        let known = Parts { properties, key_info };
        let references =
            parts.map(|reference| Reference::read(reference, &known)).collect::<Result<Vec<_>, _>>()?;
        check_targets(&references, &known)?;
        let value = decoded(value).ok_or_else(|| structure("the SignatureValue is no base64"))?;
        Ok(Self { signed_info, canonicalization, algorithm, value, certificate, signed_at, references })
    }

    fn check_value(&self, signer: &BelievedCertificate) -> Result<(), Refusal> {
        let form = self
            .canonicalization
            .apply_within(self.signed_info, LARGEST_PART)
            .ok_or_else(|| structure("the SignedInfo is too large"))?;
        match self.algorithm.verify(&signer.key, &form, &self.value) {
            Outcome::Holds => Ok(()),
            Outcome::Fails(text) => Err(Refusal::new(Reason::Value, text)),
            Outcome::Weak(text) => Err(Refusal::new(Reason::Algorithm, text)),
        }
    }
}

/// The document and the properties are signed once each, and nothing is signed twice.
fn check_targets(references: &[Reference<'_, '_>], known: &Parts<'_, '_>) -> Result<(), Refusal> {
    let count = |wanted: Target<'_, '_>| references.iter().filter(|one| one.target == wanted).count();
    match (
        count(Target::Document),
        count(Target::Part(known.properties)),
        count(Target::Part(known.key_info)),
    ) {
        (1, 1, 0 | 1) => Ok(()),
        (0, _, _) => {
            Err(Refusal::new(Reason::Unsigned, "the document is not signed: there is no reference to \"\""))
        }
        (_, 0, _) => Err(Refusal::new(Reason::Unsigned, "the SignedProperties are not signed")),
        _ => Err(structure("something is signed twice")),
    }
}

/// The signed properties that stand in this signature and are about it.
fn signed_properties<'a, 'input: 'a>(
    signature: Node<'a, 'input>,
    qualifying: Node<'a, 'input>,
) -> Result<Node<'a, 'input>, Refusal> {
    let target = qualifying.attribute("Target").and_then(|target| target.strip_prefix('#'));
    if target.is_none() || target != signature.attribute("Id") {
        return Err(structure("the QualifyingProperties are about another signature"));
    }
    only(qualifying, XADES, "SignedProperties")
        .ok_or_else(|| structure("there are not exactly one SignedProperties"))
}

/// The certificate of the signer: the first in KeyInfo. Others lead to an authority or say nothing.
fn certificate_of(key_info: Node<'_, '_>) -> Result<Vec<u8>, Refusal> {
    let refused = |text: &str| Refusal::new(Reason::Token, text);
    let [data] = exactly(key_info, [(DS, "X509Data")])
        .map_err(|_| refused("KeyInfo holds X509Data and nothing else"))?;
    let mut certificates = elements(data);
    if elements(data).nth(CERTIFICATES).is_some()
        || elements(data).any(|own| !own.has_tag_name((DS, "X509Certificate")))
    {
        return Err(refused("X509Data holds 1 to 8 elements X509Certificate and nothing else"));
    }
    certificates.next().and_then(decoded).ok_or_else(|| refused("there is no X509Certificate in base64"))
}

/// The signer says, signed, which certificate it signs with: another one for the same key can't be put in its
/// place.
fn check_certificate(about: Node<'_, '_>, certificate: &[u8]) -> Result<(), Refusal> {
    let refused = |text: &str| Refusal::new(Reason::Token, text);
    let named = ["SigningCertificate", "SigningCertificateV2"].map(|name| only(about, XADES, name));
    let ([Some(named), None] | [None, Some(named)]) = named else {
        return Err(refused(
            "the SignedProperties have not exactly one SigningCertificate or SigningCertificateV2",
        ));
    };
    if elements(named).nth(NAMED_CERTIFICATES).is_some() {
        return Err(refused("too many certificates are named"));
    }
    let first = elements(named).next().filter(|cert| cert.has_tag_name((XADES, "Cert")));
    let digest = first
        .and_then(|cert| only(cert, XADES, "CertDigest"))
        .ok_or_else(|| refused("the SigningCertificate has no CertDigest"))?;
    let [method, value] = exactly(digest, [(DS, "DigestMethod"), (DS, "DigestValue")])?;
    let computed = strong_digest(method)?.of(certificate).unwrap_or_default();
    let stated = decoded(value).ok_or_else(|| structure("a DigestValue is no base64"))?;
    if computed.len() == stated.len() && memcmp::eq(&computed, &stated) {
        return Ok(());
    }
    Err(refused("the SigningCertificate is another than the first of KeyInfo"))
}

fn signing_time(about: Node<'_, '_>) -> Result<DateTime<Utc>, Refusal> {
    let time = only(about, XADES, "SigningTime").and_then(text_of);
    let time = time.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text.trim()).ok());
    time.map(|time| time.with_timezone(&Utc))
        .ok_or_else(|| structure("the SigningTime is missing, or has no offset from UTC"))
}

impl<'a, 'input: 'a> Reference<'a, 'input> {
    fn read(element: Node<'a, 'input>, known: &Parts<'a, 'input>) -> Result<Self, Refusal> {
        if !element.has_tag_name((DS, "Reference")) {
            return Err(structure("the SignedInfo holds more than its references"));
        }
        let is_transformed = elements(element).next().is_some_and(|own| own.has_tag_name((DS, "Transforms")));
        let (transforms, [method, value]) = if is_transformed {
            let [transforms, method, value] =
                exactly(element, [(DS, "Transforms"), (DS, "DigestMethod"), (DS, "DigestValue")])?;
            (elements(transforms).collect(), [method, value])
        } else {
            (Vec::new(), exactly(element, [(DS, "DigestMethod"), (DS, "DigestValue")])?)
        };
        if transforms.iter().any(|own| !own.has_tag_name((DS, "Transform"))) {
            return Err(structure("the Transforms hold something else"));
        }
        let target = target_of(element, known)?;
        Ok(Self {
            target,
            canonicalization: canonicalization(target, &transforms)?,
            digest: strong_digest(method)?,
            value: decoded(value).ok_or_else(|| structure("a DigestValue is no base64"))?,
        })
    }

    fn check(&self, form: &[u8]) -> Result<(), Refusal> {
        let digest = self.digest.of(form).unwrap_or_default();
        if digest.len() == self.value.len() && memcmp::eq(&digest, &self.value) {
            return Ok(());
        }
        let what = match self.target {
            Target::Document => "the document",
            Target::Part(part) => part.tag_name().name(),
        };
        Err(Refusal::new(Reason::Value, format!("the digest of {what} is another")))
    }
}

/// What a reference points to: one of three elements, by identity.
fn target_of<'a, 'input: 'a>(
    reference: Node<'a, 'input>,
    known: &Parts<'a, 'input>,
) -> Result<Target<'a, 'input>, Refusal> {
    let uri = reference
        .attribute("URI")
        .ok_or_else(|| Refusal::new(Reason::Reference, "a reference without a URI"))?;
    let is_of_properties = reference.attribute("Type") == Some(SIGNED_PROPERTIES);
    let id = uri.strip_prefix('#').filter(|id| !id.is_empty());
    let found = match id {
        None if uri.is_empty() && !is_of_properties => Some(Target::Document),
        None => None,
        Some(id) if known.properties.attribute("Id") == Some(id) => {
            is_of_properties.then_some(Target::Part(known.properties))
        }
        Some(id) if known.key_info.attribute("Id") == Some(id) => {
            (!is_of_properties).then_some(Target::Part(known.key_info))
        }
        Some(_) => None,
    };
    found.ok_or_else(|| {
        let text = format!(
            "the reference {uri:?} is to neither the document (\"\"), its SignedProperties nor its KeyInfo"
        );
        Refusal::new(Reason::Reference, text)
    })
}

/// How the target is written: the document without its signature in exclusive form; a part in that form, or
/// in the inclusive one where nothing is said (XML Signature, 4.4.3.2).
fn canonicalization(
    target: Target<'_, '_>,
    transforms: &[Node<'_, '_>],
) -> Result<Canonicalization, Refusal> {
    let refused = |text: &str| Refusal::new(Reason::Algorithm, text);
    match (target, transforms) {
        (Target::Document, [enveloped, form])
            if enveloped.attribute("Algorithm") == Some(ENVELOPED)
                && elements(*enveloped).next().is_none() =>
        {
            exclusive(*form)
        }
        (Target::Document, _) => Err(refused(
            "the document is signed by the transforms enveloped-signature and exclusive canonical XML, in this order, and no other",
        )),
        (Target::Part(_), []) => Ok(Canonicalization::INCLUSIVE),
        (Target::Part(_), [form]) => exclusive(*form),
        (Target::Part(_), _) => {
            Err(refused("a part of the signature has one transform at most, exclusive canonical XML"))
        }
    }
}
