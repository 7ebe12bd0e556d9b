//! One digest over many files, as X-Road's hash chains have it: a binary tree in which an odd one goes up as
//! it is. Each file gets the way from itself to the root; with it and the root alone its digest is proved.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kordon_hub::{Error, Result};

use super::super::algorithms::Digest;
use super::super::hash_chain::digest_of_step;
use super::super::xml::DS;

pub(super) const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";

/// SHA-512.
pub(super) fn sha512(bytes: &[u8]) -> Vec<u8> {
    openssl::sha::sha512(bytes).to_vec()
}

/// The files of one container that the chain covers, each with its digest.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    first: File,
    more: Vec<File>,
}

#[derive(Debug, Clone)]
struct File {
    uri: &'static str,
    digest: Vec<u8>,
}

impl Leaf {
    pub(super) fn of(uri: &'static str, digest: Vec<u8>) -> Self {
        Self { first: File { uri, digest }, more: Vec::new() }
    }

    pub(super) fn and(mut self, uri: &'static str, digest: Vec<u8>) -> Self {
        self.more.push(File { uri, digest });
        self
    }

    fn files(&self) -> impl Iterator<Item = &File> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// The digest of the file, or of the step over the files.
    fn digest(&self) -> Result<Vec<u8>> {
        if self.more.is_empty() {
            return Ok(self.first.digest.clone());
        }
        step(self.files().map(|file| file.digest.clone()))
    }
}

/// A tree over containers.
pub(super) struct Tree {
    /// The file with the digest of the root.
    pub(super) result: String,
    /// For each container its way to the root.
    pub(super) chains: Vec<String>,
}

/// The digest beside on the way up, and on which side it stands.
#[derive(Debug, Clone)]
enum Beside {
    Left(Vec<u8>),
    Right(Vec<u8>),
}

/// The tree over containers; `name` is the file of the chain.
pub(super) fn over(name: &str, leaves: &[Leaf]) -> Result<Tree> {
    let mut level = leaves.iter().map(Leaf::digest).collect::<Result<Vec<_>>>()?;
    // Where each leaf stands at this level, and what it met so far.
    let mut places: Vec<usize> = (0..leaves.len()).collect();
    let mut ways: Vec<Vec<Beside>> = vec![Vec::new(); leaves.len()];
    if let [only] = leaves
        && only.more.is_empty()
    {
        // A chain has at least one step.
        level = vec![step(level)?];
    }
    while level.len() > 1 {
        for (place, way) in places.iter_mut().zip(&mut ways) {
            let sibling = *place ^ 1;
            if let Some(digest) = level.get(sibling) {
                let digest = digest.clone();
                way.push(if sibling < *place { Beside::Left(digest) } else { Beside::Right(digest) });
            }
            *place /= 2;
        }
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [one] => Ok(one.clone()),
                pair => step(pair.iter().cloned()),
            })
            .collect::<Result<_>>()?;
    }
    let root =
        level.into_iter().next().ok_or_else(|| Error::Internal("a hash chain over nothing".to_owned()))?;
    let chains = leaves.iter().zip(ways).map(|(leaf, way)| written(leaf, way)).collect::<Result<_>>()?;
    Ok(Tree { result: result(name, &root), chains })
}

fn step(values: impl IntoIterator<Item = Vec<u8>>) -> Result<Vec<u8>> {
    digest_of_step(Digest::Sha512, SHA512, values)
        .ok_or_else(|| Error::Internal("the digest of a hash chain failed".to_owned()))
}

/// The steps from the root down to a container.
fn written(leaf: &Leaf, way: Vec<Beside>) -> Result<String> {
    let data: String = leaf
        .files()
        .map(|File { uri, digest }| format!("<ns2:DataRef URI=\"{uri}\">{}</ns2:DataRef>", value(digest)))
        .collect();
    let own_step = !leaf.more.is_empty() || way.is_empty();
    // From the leaf up, so that each step knows the digest of the one below.
    let last = way.len();
    let mut below = leaf.digest()?;
    let mut steps: Vec<String> = Vec::new();
    if own_step {
        steps.push(format!("<ns2:HashStep id=\"STEP{last}\">{data}</ns2:HashStep>"));
    }
    for (beside, number) in way.into_iter().zip((0..last).rev()) {
        let own = if number + 1 == last && !own_step {
            data.clone()
        } else {
            format!("<ns2:StepRef URI=\"#STEP{}\">{}</ns2:StepRef>", number + 1, value(&below))
        };
        let hash = |digest: &[u8]| format!("<ns2:HashValue>{}</ns2:HashValue>", value(digest));
        let (children, digests) = match beside {
            Beside::Left(digest) => (format!("{}{own}", hash(&digest)), [digest, below]),
            Beside::Right(digest) => (format!("{own}{}", hash(&digest)), [below, digest]),
        };
        below = step(digests)?;
        steps.push(format!("<ns2:HashStep id=\"STEP{number}\">{children}</ns2:HashStep>"));
    }
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <ns2:HashChain xmlns=\"{DS}\" xmlns:ns2=\"http://cyber.ee/hashchain\">\
         <ns2:DefaultDigestMethod Algorithm=\"{SHA512}\"/>"
    );
    for step in steps.into_iter().rev() {
        let _ = write!(text, "{step}");
    }
    text.push_str("</ns2:HashChain>");
    Ok(text)
}

fn result(name: &str, root: &[u8]) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <ns2:HashChainResult URI=\"/{name}#STEP0\" xmlns=\"{DS}\" xmlns:ns2=\"http://cyber.ee/hashchain\">\
         <DigestMethod Algorithm=\"{SHA512}\"/>{}</ns2:HashChainResult>",
        value(root)
    )
}

fn value(digest: &[u8]) -> String {
    format!("<DigestValue>{}</DigestValue>", STANDARD.encode(digest))
}
