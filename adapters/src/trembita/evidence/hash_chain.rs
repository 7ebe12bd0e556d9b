//! Hash chains: one signature or time-stamp over many files, as X-Road makes them
//! (`http://cyber.ee/hashchain`).
//!
//! A step's digest is the digest of the list of digests below it, in DER: for each its value, the URI of its
//! algorithm, and an empty list of transforms.

use std::collections::{BTreeMap, BTreeSet};

use der::asn1::{Null, OctetString};
use der::{Encode, Sequence};
use roxmltree::Node;

use super::algorithms::Digest;
use super::container::Container;
use super::report::Code;
use super::xml::{DS, decoded, parse};
use crate::trembita::xml::elements;

const CHAIN: &str = "http://cyber.ee/hashchain";

/// Steps within steps. A tree over a billion files has thirty.
const DEPTH: usize = 64;

/// What is wrong with a hash chain.
pub(super) type Fault = (Code, String);

#[derive(Sequence)]
struct Single {
    digest: OctetString,
    algorithm: String,
    transforms: Vec<Null>,
}

/// Verifies a chain from its result: that its digests are right, and that it covers every one of `inputs`.
/// Returns the files that it covers.
pub(super) fn verify(
    container: &Container,
    result_name: &str,
    chain_name: &str,
    inputs: &[&str],
) -> Result<Vec<String>, Fault> {
    let malformed = |text: String| (Code::MalformedHashChain, text);
    let missing = |code| move || (code, "is not in the container".to_owned());
    let result = container.get(result_name).ok_or_else(missing(Code::AsicHashChainResultNotFound))?;
    let chain = container.get(chain_name).ok_or_else(missing(Code::AsicHashChainNotFound))?;
    // Junk in place of the result is a fault of the signature that covers it, not of the chain.
    let result_text = text(result).map_err(|fault| (Code::MalformedSignature, fault))?;
    let result = parse(&result_text).map_err(|fault| (Code::MalformedSignature, fault))?;
    let chain_text = text(chain).map_err(malformed)?;
    let chain = parse(&chain_text).map_err(malformed)?;
    let root = result.root_element();
    if !root.has_tag_name((CHAIN, "HashChainResult"))
        || !chain.root_element().has_tag_name((CHAIN, "HashChain"))
    {
        return Err(malformed("the files are no hash chain and its result".to_owned()));
    }
    let mut walk = Walk::new(container, chain.root_element())?;
    let (file, step) = root
        .attribute("URI")
        .and_then(|uri| uri.split_once('#'))
        .ok_or_else(|| malformed("the result points to no step".to_owned()))?;
    if file.strip_prefix('/').unwrap_or(file) != chain_name {
        return Err((Code::InvalidHashChainRef, format!("the result points to {file:?}")));
    }
    let algorithm = algorithm_of(root)?.ok_or_else(|| malformed("the result names no digest".to_owned()))?;
    let expected = value_of(root)?;
    if walk.step(step, algorithm, DEPTH)? != expected {
        return Err((Code::InvalidHashChainRef, format!("the digest of {step} is not the result's")));
    }
    let unused: Vec<&str> = inputs.iter().filter(|input| !walk.used.contains(**input)).copied().collect();
    if !unused.is_empty() {
        return Err((Code::HashChainUnusedInputs, format!("{} not covered", unused.join(", "))));
    }
    Ok(walk.used.into_iter().collect())
}

/// The digest of a step over digests of one algorithm, which is named by its URI. None when the library
/// fails.
pub(super) fn digest_of_step(
    digest: Digest,
    uri: &str,
    values: impl IntoIterator<Item = Vec<u8>>,
) -> Option<Vec<u8>> {
    let list: Vec<Single> =
        values.into_iter().map(|value| single(value, uri.to_owned())).collect::<Result<_, _>>().ok()?;
    digest.of(&list.to_der().ok()?)
}

fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "is not UTF-8".to_owned())
}

/// A digest's algorithm, by the URI that goes into the list.
type Algorithm = (Digest, String);

struct Walk<'a, 'input> {
    container: &'a Container,
    steps: BTreeMap<&'a str, Node<'a, 'input>>,
    default: Option<Algorithm>,
    used: BTreeSet<String>,
}

impl<'a, 'input> Walk<'a, 'input> {
    fn new(container: &'a Container, root: Node<'a, 'input>) -> Result<Self, Fault> {
        let mut steps = BTreeMap::new();
        let mut default = None;
        for child in elements(root) {
            match child.tag_name().name() {
                "DefaultDigestMethod" => default = Some(algorithm(child)?),
                "HashStep" => {
                    let id = child.attribute("id").unwrap_or_default();
                    if steps.insert(id, child).is_some() {
                        return Err((Code::MalformedHashChain, format!("two steps are called {id:?}")));
                    }
                }
                other => return Err((Code::MalformedHashChain, format!("{other:?} stands in the chain"))),
            }
        }
        Ok(Self { container, steps, default, used: BTreeSet::new() })
    }

    /// The digest of a step. A step is taken out when it is walked, so that each is walked once.
    fn step(&mut self, id: &str, own: Algorithm, left: usize) -> Result<Vec<u8>, Fault> {
        let step = self.steps.remove(id).filter(|_| left > 0).ok_or_else(|| {
            (Code::InvalidHashChainRef, format!("the step {id:?} is not there, or comes twice"))
        })?;
        let mut list = Vec::new();
        for child in elements(step) {
            let used = algorithm_of(child)?.or_else(|| self.default.clone());
            let used =
                used.ok_or_else(|| (Code::MalformedHashChain, "a digest without a method".to_owned()))?;
            let uri = child.attribute("URI").unwrap_or_default();
            let value = match child.tag_name().name() {
                "HashValue" => value_of(child)?,
                "StepRef" => {
                    let below = self.step(uri.strip_prefix('#').unwrap_or(uri), used.clone(), left - 1)?;
                    // The digest of a step need not be written; where it is, it has to be right.
                    let is_written = elements(child).any(|part| part.has_tag_name((DS, "DigestValue")));
                    if is_written && value_of(child)? != below {
                        return Err((Code::InvalidHashChainRef, format!("the digest of {uri} is another")));
                    }
                    below
                }
                "DataRef" => {
                    let value = value_of(child)?;
                    self.data(uri, used.0, &value)?;
                    value
                }
                other => return Err((Code::MalformedHashChain, format!("{other:?} stands in a step"))),
            };
            list.push(single(value, used.1)?);
        }
        let list = list.to_der().map_err(|error| (Code::MalformedHashChain, error.to_string()))?;
        own.0.of(&list).ok_or_else(|| (Code::MalformedHashChain, "the digest failed".to_owned()))
    }

    fn data(&mut self, uri: &str, digest: Digest, value: &[u8]) -> Result<(), Fault> {
        let name = uri.strip_prefix('/').unwrap_or(uri);
        match self.container.get(name) {
            Some(content) if digest.of(content).as_deref() != Some(value) => {
                return Err((Code::InvalidHashChainRef, format!("the digest of {uri} is another")));
            }
            Some(_) => {
                self.used.insert(name.to_owned());
            }
            // Attachments need not be kept; what stands for them is their digest.
            None if name.starts_with("attachment") => {}
            None => return Err((Code::InvalidHashChainRef, format!("{uri} is not in the container"))),
        }
        Ok(())
    }
}

fn single(value: Vec<u8>, algorithm: String) -> Result<Single, Fault> {
    let digest = OctetString::new(value).map_err(|error| (Code::MalformedHashChain, error.to_string()))?;
    Ok(Single { digest, algorithm, transforms: Vec::new() })
}

fn algorithm(method: Node<'_, '_>) -> Result<Algorithm, Fault> {
    let uri = method.attribute("Algorithm").unwrap_or_default();
    match Digest::of_uri(uri) {
        Some(digest) if digest.is_strong() => Ok((digest, uri.to_owned())),
        Some(_) => Err((Code::WeakAlgorithm, "a hash chain with SHA-1".to_owned())),
        None => Err((Code::MalformedHashChain, format!("the digest {uri:?} is not known"))),
    }
}

fn algorithm_of(element: Node<'_, '_>) -> Result<Option<Algorithm>, Fault> {
    elements(element).find(|child| child.has_tag_name((DS, "DigestMethod"))).map(algorithm).transpose()
}

fn value_of(element: Node<'_, '_>) -> Result<Vec<u8>, Fault> {
    elements(element)
        .find(|child| child.has_tag_name((DS, "DigestValue")))
        .and_then(decoded)
        .ok_or_else(|| (Code::MalformedHashChain, "a digest without a value".to_owned()))
}
