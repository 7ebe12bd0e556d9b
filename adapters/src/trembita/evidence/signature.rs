//! One XML signature, taken apart. What is verified is what is used: the elements are found by their place in
//! this signature, never by name anywhere in the file, and an Id that stands twice is refused before.

use roxmltree::Node;

use super::c14n::Canonicalization;
use super::xml::{DS, XADES, decoded, only};
use crate::trembita::xml::elements;

const SIGNED_PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";

/// A signature with its parts.
#[derive(Debug)]
pub(super) struct Signature<'a, 'input> {
    pub(super) signed_info: Node<'a, 'input>,
    pub(super) canonicalization: Canonicalization,
    /// The URI of the algorithm.
    pub(super) algorithm: &'a str,
    pub(super) references: Vec<Reference<'a, 'input>>,
    pub(super) value_element: Node<'a, 'input>,
    pub(super) value: Vec<u8>,
    /// In DER, as they stand in `KeyInfo`.
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) signed_properties: Node<'a, 'input>,
    pub(super) qualifying_properties: Node<'a, 'input>,
}

/// What is signed.
#[derive(Debug)]
pub(super) struct Reference<'a, 'input> {
    pub(super) id: Option<&'a str>,
    pub(super) target: Target<'a, 'input>,
    /// The URI of the digest.
    pub(super) digest: &'a str,
    pub(super) value: Vec<u8>,
}

/// Where a reference points.
#[derive(Debug)]
pub(super) enum Target<'a, 'input> {
    /// A file of the container.
    File(String),
    /// The signed properties of this very signature.
    SignedProperties(Node<'a, 'input>, Canonicalization),
}

impl<'a, 'input> Signature<'a, 'input> {
    /// Takes a signature apart.
    ///
    /// # Errors
    /// What is not as it should be, in words.
    pub(super) fn read(signature: Node<'a, 'input>) -> Result<Self, String> {
        let part = |name: &'static str| {
            only(signature, DS, name).ok_or_else(|| format!("the signature has not exactly one {name}"))
        };
        let signed_info = part("SignedInfo")?;
        let value_element = part("SignatureValue")?;
        let key_info = part("KeyInfo")?;
        let method = only(signed_info, DS, "CanonicalizationMethod").ok_or("no CanonicalizationMethod")?;
        let canonicalization = Canonicalization::of(method).ok_or("the canonicalization is not known")?;
        let algorithm = only(signed_info, DS, "SignatureMethod")
            .and_then(|method| method.attribute("Algorithm"))
            .ok_or("no SignatureMethod")?;
        let (qualifying_properties, signed_properties) = properties(signature)?;
        let references = elements(signed_info)
            .filter(|child| child.has_tag_name((DS, "Reference")))
            .map(|reference| Reference::read(reference, signed_properties))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            signed_info,
            canonicalization,
            algorithm,
            references,
            value_element,
            value: decoded(value_element).ok_or("the SignatureValue is no base64")?,
            certificates: key_info
                .descendants()
                .filter(|node| node.has_tag_name((DS, "X509Certificate")))
                .map(|node| decoded(node).ok_or("an X509Certificate is no base64"))
                .collect::<Result<_, _>>()?,
            signed_properties,
            qualifying_properties,
        })
    }

    /// The files that are signed.
    pub(super) fn files(&self) -> impl Iterator<Item = (&Reference<'a, 'input>, &str)> {
        self.references.iter().filter_map(|reference| match &reference.target {
            Target::File(name) => Some((reference, name.as_str())),
            Target::SignedProperties(..) => None,
        })
    }
}

/// The qualifying properties that stand in an `Object` of this signature and are about it.
fn properties<'a, 'input>(
    signature: Node<'a, 'input>,
) -> Result<(Node<'a, 'input>, Node<'a, 'input>), String> {
    let mut found = elements(signature)
        .filter(|child| child.has_tag_name((DS, "Object")))
        .flat_map(|object| object.children())
        .filter(|child| child.has_tag_name((XADES, "QualifyingProperties")));
    let properties = found.next().ok_or("there are no QualifyingProperties")?;
    if found.next().is_some() {
        return Err("there are QualifyingProperties twice".to_owned());
    }
    let target = properties.attribute("Target").and_then(|target| target.strip_prefix('#'));
    if target.is_none() || target != signature.attribute("Id") {
        return Err("the QualifyingProperties are about another signature".to_owned());
    }
    let signed =
        only(properties, XADES, "SignedProperties").ok_or("there are not exactly one SignedProperties")?;
    Ok((properties, signed))
}

impl<'a, 'input> Reference<'a, 'input> {
    fn read(reference: Node<'a, 'input>, signed_properties: Node<'a, 'input>) -> Result<Self, String> {
        let uri = reference.attribute("URI").ok_or("a reference without a URI")?;
        let transforms: Vec<Node<'a, 'input>> =
            only(reference, DS, "Transforms").map(|list| elements(list).collect()).unwrap_or_default();
        let target = match uri.strip_prefix('#') {
            Some(id) => {
                // By identity: an element elsewhere with that Id is not what is used here.
                if signed_properties.attribute("Id") != Some(id) {
                    return Err(format!("the reference {uri:?} is not to the properties of this signature"));
                }
                if reference.attribute("Type") != Some(SIGNED_PROPERTIES) {
                    return Err("the reference to the SignedProperties has another type".to_owned());
                }
                let canonicalization = match transforms.as_slice() {
                    [] => Canonicalization::INCLUSIVE,
                    [one] => Canonicalization::of(*one).ok_or("a transform that is not known")?,
                    _ => return Err("more than one transform".to_owned()),
                };
                // XML signatures, 4.4.3.3: what a bare name points to comes without comments, whatever the
                // method would keep.
                Target::SignedProperties(signed_properties, canonicalization.without_comments())
            }
            None if transforms.is_empty() => Target::File(file_name(uri)?),
            None => return Err(format!("the file {uri:?} is transformed before it is signed")),
        };
        Ok(Self {
            id: reference.attribute("Id"),
            target,
            digest: only(reference, DS, "DigestMethod")
                .and_then(|method| method.attribute("Algorithm"))
                .ok_or("a reference without a DigestMethod")?,
            value: only(reference, DS, "DigestValue")
                .and_then(decoded)
                .ok_or("a reference without a DigestValue")?,
        })
    }
}

/// The entry that a URI names: X-Road writes `/message.xml`, others write it without the slash, and
/// percent-encoded.
fn file_name(uri: &str) -> Result<String, String> {
    let wrong = || format!("{uri:?} names no file of the container");
    let bytes = uri.strip_prefix('/').unwrap_or(uri).as_bytes();
    let mut name = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        if *byte != b'%' {
            name.push(*byte);
            continue;
        }
        let digits = [rest.next().copied(), rest.next().copied()];
        let [Some(high), Some(low)] = digits else { return Err(wrong()) };
        let pair = [high, low];
        let text = std::str::from_utf8(&pair).map_err(|_| wrong())?;
        name.push(u8::from_str_radix(text, 16).map_err(|_| wrong())?);
    }
    String::from_utf8(name).map_err(|_| wrong())
}
