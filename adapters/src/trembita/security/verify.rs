//! What a signed message has to be. Every element is found by its place: the Body is the one that is acted
//! on, the headers are the children of the Header that are read, the Timestamp and the token stand in the one
//! Security header. A reference that leads anywhere else is refused, so nothing can be signed in one place
//! and acted on in another.
//!
//! The order keeps strangers cheap: the certificate is judged first, then the signature over `SignedInfo`,
//! and only what a known key has signed is digested.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use openssl::memcmp;
use openssl::sha::Sha256;
use roxmltree::Node;

use super::authorities::{Authorities, BelievedCertificate};
use super::ids::Ids;
use super::refusal::{Reason, Refusal};
use super::timestamp::{Timestamp, Window};
use super::{BASE64, EXCLUSIVE, WSSE, WSSE11, WSU, X509V3, header_and_body, is_security, largest_form};
use crate::trembita::evidence::algorithms::{Digest, Outcome, SignatureAlgorithm};
use crate::trembita::evidence::c14n::Canonicalization;
use crate::trembita::evidence::xml::{DS, decoded};
use crate::trembita::soap::{Limits, SOAP};
use crate::trembita::xml::elements;

/// References of one signature.
const REFERENCES: usize = 64;

/// Elements, texts and comments of a `SignedInfo`: it is written in canonical form before anybody is known to
/// have signed it.
const NODES_OF_SIGNED_INFO: usize = 2_000;

/// Bytes of its canonical form.
const LARGEST_SIGNED_INFO: usize = 256 << 10;

/// A message whose signature holds.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Whose signature it is.
    pub signer: Arc<BelievedCertificate>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// The value of the signature, which an answer confirms.
    pub value: Vec<u8>,
    /// What tells this message from every other of this key. It is taken from what is signed, not from the
    /// value: of an ECDSA value anybody can make a second one that holds.
    pub digest: [u8; 32],
    /// The values that the message confirms: of the question that it answers.
    pub confirms: Vec<Vec<u8>>,
    /// Whether it was signed by RSASSA-PSS, so that its answer is.
    pub is_pss: bool,
}

/// Verifies a message from its root.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(
    envelope: Node<'_, '_>,
    authorities: &Authorities,
    window: &Window,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Result<Signed, Refusal> {
    let (header, body) = header_and_body(envelope);
    let header = header.ok_or_else(|| structure("there is no Header"))?;
    let body = body.ok_or_else(|| structure("there is no Body"))?;
    // What stands at the Envelope or the Header is not signed, so it may decide nothing.
    if [envelope, header].iter().any(|outer| outer.attribute((SOAP, "encodingStyle")).is_some()) {
        return Err(Refusal::new(Reason::Unsigned, "encodingStyle is not signed"));
    }
    let ids = Ids::of(envelope);
    let security = Security::read(header)?;
    let signature = Signature::read(security.signature)?;
    let token = ids.resolve(signature.token, envelope)?;
    if token != security.token {
        return Err(Refusal::new(Reason::Reference, "the token is not the one of the Security header"));
    }
    let stamp = Timestamp::read(security.timestamp)?;
    window.check(stamp.created, stamp.expires, now)?;
    let signer = authorities.believe(&certificate_of(token)?, now)?;
    let signed = signature.check_value(&signer)?;

    let mut covered = Vec::with_capacity(signature.references.len());
    for reference in &signature.references {
        let target = ids.resolve(reference.uri, envelope)?;
        let of_security = security.may_be_signed(target);
        let is_used =
            target == body || of_security || (target.parent() == Some(header) && !is_security(target));
        if !is_used {
            let text = format!("the reference {:?} is to something that is not acted on", reference.uri);
            return Err(Refusal::new(Reason::Reference, text));
        }
        if covered.contains(&target) {
            return Err(structure(format!("{:?} is signed twice", reference.uri)));
        }
        reference.check(target, limits)?;
        check_comments(target)?;
        covered.push(target);
    }
    let mut needed = elements(header).filter(|child| !is_security(*child)).chain([body, security.timestamp]);
    if let Some(missing) = needed.find(|needed| !covered.contains(needed)) {
        let text = format!("{} is not signed", missing.tag_name().name());
        return Err(Refusal::new(Reason::Unsigned, text));
    }
    let confirms = security
        .confirmations
        .iter()
        .filter(|own| covered.contains(own))
        .filter_map(|own| STANDARD.decode(own.attribute("Value")?).ok())
        .collect();
    let is_pss = signature.algorithm.is_pss();
    Ok(Signed { signer, created: stamp.created, value: signature.value, digest: signed, confirms, is_pss })
}

/// What stands in the Security header.
struct Security<'a, 'input> {
    token: Node<'a, 'input>,
    timestamp: Node<'a, 'input>,
    signature: Node<'a, 'input>,
    confirmations: Vec<Node<'a, 'input>>,
}

impl<'a, 'input: 'a> Security<'a, 'input> {
    fn read(header: Node<'a, 'input>) -> Result<Self, Refusal> {
        let mut found = elements(header).filter(|child| is_security(*child));
        let security =
            found.next().ok_or_else(|| Refusal::new(Reason::Missing, "the message is not signed"))?;
        if found.next().is_some() {
            return Err(structure("there are two Security headers"));
        }
        if security.attribute((SOAP, "actor")).is_some_and(|actor| !actor.is_empty()) {
            return Err(structure("the Security header is for another actor"));
        }
        let (mut token, mut timestamp, mut signature) = (None, None, None);
        let mut confirmations = Vec::new();
        for child in elements(security) {
            let name = child.tag_name().name();
            let place = match (child.tag_name().namespace(), name) {
                (Some(WSSE), "BinarySecurityToken") => &mut token,
                (Some(WSU), "Timestamp") => &mut timestamp,
                (Some(DS), "Signature") => &mut signature,
                (Some(WSSE11), "SignatureConfirmation") => {
                    confirmations.push(child);
                    continue;
                }
                _ => {
                    return Err(structure(format!(
                        "the Security header holds {name}, which is not taken here"
                    )));
                }
            };
            if place.replace(child).is_some() {
                return Err(structure(format!("the Security header holds {name} twice")));
            }
        }
        let missing = |name: &str| structure(format!("the Security header has no {name}"));
        Ok(Self {
            signature: signature.ok_or_else(|| missing("Signature"))?,
            token: token.ok_or_else(|| missing("BinarySecurityToken"))?,
            timestamp: timestamp.ok_or_else(|| missing("Timestamp"))?,
            confirmations,
        })
    }

    fn may_be_signed(&self, target: Node<'a, 'input>) -> bool {
        target == self.token || target == self.timestamp || self.confirmations.contains(&target)
    }
}

/// The certificate that a token is.
fn certificate_of(token: Node<'_, '_>) -> Result<Vec<u8>, Refusal> {
    let refused = |text: &str| Refusal::new(Reason::Token, text);
    if token.attribute("ValueType") != Some(X509V3) {
        return Err(refused(
            "the ValueType of the BinarySecurityToken is not that of an X.509 v3 certificate",
        ));
    }
    if token.attribute("EncodingType").is_some_and(|encoding| encoding != BASE64) {
        return Err(refused("the BinarySecurityToken is not in base64"));
    }
    decoded(token).ok_or_else(|| refused("the BinarySecurityToken is no base64"))
}

/// A signature, taken apart. It holds what it has to hold and nothing else, so there is no Object to hide
/// anything in.
struct Signature<'a, 'input> {
    signed_info: Node<'a, 'input>,
    canonicalization: Canonicalization,
    algorithm: SignatureAlgorithm,
    value: Vec<u8>,
    references: Vec<Reference<'a, 'input>>,
    /// The URI of the token.
    token: &'a str,
}

struct Reference<'a, 'input> {
    uri: &'a str,
    canonicalization: Canonicalization,
    digest: Digest,
    value: Vec<u8>,
    element: Node<'a, 'input>,
}

impl<'a, 'input: 'a> Signature<'a, 'input> {
    fn read(signature: Node<'a, 'input>) -> Result<Self, Refusal> {
        let [signed_info, value, key_info] =
            exactly(signature, [(DS, "SignedInfo"), (DS, "SignatureValue"), (DS, "KeyInfo")])?;
        if signed_info.descendants().nth(NODES_OF_SIGNED_INFO).is_some() {
            return Err(structure("the SignedInfo is too large"));
        }
        let mut parts = elements(signed_info);
        let mut part = |name: &'static str| {
            parts
                .next()
                .filter(|part| part.has_tag_name((DS, name)))
                .ok_or_else(|| structure(format!("there is no {name} in its place")))
        };
        let canonicalization = exclusive(part("CanonicalizationMethod")?)?;
        let algorithm = strong(part("SignatureMethod")?)?;
        let references = parts.map(Reference::read).collect::<Result<Vec<_>, _>>()?;
        if references.is_empty() || references.len() > REFERENCES {
            return Err(structure(format!("a signature has 1 to {REFERENCES} references")));
        }
        let [reference_to_token] = exactly(key_info, [(WSSE, "SecurityTokenReference")])?;
        let [token] = exactly(reference_to_token, [(WSSE, "Reference")]).map_err(|_| {
            Refusal::new(Reason::Token, "the KeyInfo does not refer to the BinarySecurityToken by its Id")
        })?;
        if token.attribute("ValueType").is_some_and(|kind| kind != X509V3) {
            return Err(Refusal::new(Reason::Token, "the reference to the token names another ValueType"));
        }
        Ok(Self {
            signed_info,
            canonicalization,
            algorithm,
            value: decoded(value).ok_or_else(|| structure("the SignatureValue is no base64"))?,
            references,
            token: token.attribute("URI").unwrap_or_default(),
        })
    }

    /// Checks the signature over `SignedInfo`; returns what tells this signature from every other of the key.
    fn check_value(&self, signer: &BelievedCertificate) -> Result<[u8; 32], Refusal> {
        let form = self
            .canonicalization
            .apply_within(self.signed_info, LARGEST_SIGNED_INFO)
            .ok_or_else(|| structure("the SignedInfo is too large"))?;
        match self.algorithm.verify(&signer.key, &form, &self.value) {
            Outcome::Holds => {}
            Outcome::Fails(text) => return Err(Refusal::new(Reason::Value, text)),
            Outcome::Weak(text) => return Err(Refusal::new(Reason::Algorithm, text)),
        }
        let mut digest = Sha256::new();
        digest.update(&signer.key_digest);
        digest.update(&form);
        Ok(digest.finish())
    }
}

impl<'a, 'input: 'a> Reference<'a, 'input> {
    fn read(element: Node<'a, 'input>) -> Result<Self, Refusal> {
        if !element.has_tag_name((DS, "Reference")) {
            return Err(structure("the SignedInfo holds more than its references"));
        }
        let [transforms, method, value] =
            exactly(element, [(DS, "Transforms"), (DS, "DigestMethod"), (DS, "DigestValue")])?;
        let mut list = elements(transforms);
        let (Some(transform), None) = (list.next(), list.next()) else {
            return Err(Refusal::new(
                Reason::Algorithm,
                "a reference has exactly one transform, exclusive canonical XML",
            ));
        };
        if !transform.has_tag_name((DS, "Transform")) {
            return Err(structure("the Transforms hold something else"));
        }
        let digest = strong_digest(method)?;
        Ok(Self {
            uri: element.attribute("URI").unwrap_or_default(),
            canonicalization: exclusive(transform)?,
            digest,
            value: decoded(value).ok_or_else(|| structure("a DigestValue is no base64"))?,
            element,
        })
    }

    fn check(&self, target: Node<'a, 'input>, limits: &Limits) -> Result<(), Refusal> {
        let form = self
            .canonicalization
            .apply_within(target, largest_form(limits))
            .ok_or_else(|| structure("a signed part is too large in its canonical form"))?;
        let digest = self.digest.of(&form).unwrap_or_default();
        if digest.len() == self.value.len() && memcmp::eq(&digest, &self.value) {
            return Ok(());
        }
        let id = self.element.attribute("URI").unwrap_or_default();
        Err(Refusal::new(Reason::Value, format!("the digest of {id:?} is another")))
    }
}

/// The digest that a `DigestMethod` names: SHA-256 or longer.
pub(super) fn strong_digest(method: Node<'_, '_>) -> Result<Digest, Refusal> {
    let uri = method.attribute("Algorithm").unwrap_or_default();
    match Digest::of_uri(uri) {
        Some(digest @ (Digest::Sha256 | Digest::Sha384 | Digest::Sha512)) => Ok(digest),
        Some(
            Digest::Sha1 | Digest::Gost34311 | Digest::Kupyna256 | Digest::Kupyna384 | Digest::Kupyna512,
        )
        | None => Err(Refusal::new(Reason::Algorithm, format!("the digest {uri:?} is not allowed"))),
    }
}

/// The algorithm of a signature, if it is one that is taken.
pub(super) fn strong(method: Node<'_, '_>) -> Result<SignatureAlgorithm, Refusal> {
    let named = method.attribute("Algorithm").unwrap_or_default();
    SignatureAlgorithm::of_uri(named).filter(SignatureAlgorithm::is_strong).ok_or_else(|| {
        Refusal::new(Reason::Algorithm, format!("the signature algorithm {named:?} is not allowed"))
    })
}

/// Exclusive canonical XML without comments, the one method that is taken.
pub(super) fn exclusive(method: Node<'_, '_>) -> Result<Canonicalization, Refusal> {
    let named = method.attribute("Algorithm").unwrap_or_default();
    let refused = |text: String| Refusal::new(Reason::Algorithm, text);
    if named != EXCLUSIVE {
        return Err(refused(format!(
            "{named:?} is not allowed: what is signed is in exclusive canonical form"
        )));
    }
    let mut parameters = elements(method);
    let is_list = |own: Node<'_, '_>| own.has_tag_name((EXCLUSIVE, "InclusiveNamespaces"));
    if !parameters.next().is_none_or(is_list) || parameters.next().is_some() {
        return Err(refused(
            "the exclusive canonical form has a list of prefixes, and no other parameter".to_owned(),
        ));
    }
    Canonicalization::of(method).ok_or_else(|| refused("the list of prefixes is too long".to_owned()))
}

/// A comment is left out of what is signed, so anybody may put one in: it must not part a text, which
/// somebody could then read only in half.
pub(super) fn check_comments(target: Node<'_, '_>) -> Result<(), Refusal> {
    let is_text =
        |node: Node<'_, '_>| node.is_text() && node.text().is_some_and(|text| !text.trim().is_empty());
    // Once for each parent, and not for each comment: there may be as many as the message holds.
    let parts_text = |parent: Node<'_, '_>| {
        parent.children().any(|child| child.is_comment()) && parent.children().any(is_text)
    };
    if target.descendants().any(parts_text) {
        return Err(structure("a comment stands within a text that is signed"));
    }
    Ok(())
}

/// The children, which are these in this order and no others.
pub(super) fn exactly<'a, 'input: 'a, const N: usize>(
    parent: Node<'a, 'input>,
    names: [(&'static str, &'static str); N],
) -> Result<[Node<'a, 'input>; N], Refusal> {
    let children: Vec<Node<'a, 'input>> = elements(parent).collect();
    let fits =
        children.len() == N && children.iter().zip(names).all(|(child, name)| child.has_tag_name(name));
    let wanted = || {
        let names: Vec<&str> = names.iter().map(|(_, name)| *name).collect();
        structure(format!("{} holds {} and nothing else", parent.tag_name().name(), names.join(", ")))
    };
    if !fits {
        return Err(wanted());
    }
    children.try_into().map_err(|_| wanted())
}

pub(super) fn structure(text: impl ToString) -> Refusal {
    Refusal::new(Reason::Structure, text)
}
