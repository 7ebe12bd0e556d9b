//! The port to what verifies the value of a signature, by the algorithm that the signature names. RSA and
//! ECDSA are built in; others stand behind it, and what none of them knows is not verified, which is never
//! called valid.

use std::fmt::Debug;
use std::sync::Arc;

use der::Encode;
use openssl::pkey::PKey;
use x509_cert::Certificate;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::algorithms::{Digest, Outcome, SignatureAlgorithm};
use super::dstu4145::Dstu4145;

/// An algorithm as a signature names it.
#[derive(Debug, Clone, Copy)]
pub(in crate::trembita) enum Named<'a> {
    /// In XML.
    Uri(&'a str),
    /// In CMS and OCSP, with the digest that the signer names beside it.
    Identifier(&'a AlgorithmIdentifierOwned, Option<Digest>),
}

/// A signature to be verified.
#[derive(Debug, Clone, Copy)]
pub(in crate::trembita) struct Claim<'a> {
    /// How it is said to be made.
    pub(in crate::trembita) algorithm: Named<'a>,
    /// By whose key.
    pub(in crate::trembita) key: &'a SubjectPublicKeyInfoOwned,
    /// Over which bytes.
    pub(in crate::trembita) signed: &'a [u8],
    /// Its value.
    pub(in crate::trembita) value: &'a [u8],
}

/// Verifies signatures of some algorithms.
pub(in crate::trembita) trait Verifier: Debug + Send + Sync {
    /// What becomes of a signature; none if its algorithm or the kind of its key is not one that is verified
    /// here.
    fn verify(&self, claim: &Claim<'_>) -> Option<Outcome>;

    /// What is to be known of a signature that was verified here: none for what many rely on.
    fn caution(&self) -> Option<&'static str> {
        None
    }
}

/// A signature that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::trembita) struct Judged {
    /// What became of it.
    pub(in crate::trembita) outcome: Outcome,
    /// What is to be known of it.
    pub(in crate::trembita) caution: Option<&'static str>,
}

/// The verifiers that are at hand.
#[derive(Debug, Clone)]
pub(in crate::trembita) struct Verifiers(Vec<Arc<dyn Verifier>>);

impl Default for Verifiers {
    fn default() -> Self {
        Self(vec![Arc::new(BuiltIn)])
    }
}

impl Verifiers {
    /// With DSTU 4145 besides.
    pub(in crate::trembita) fn with_dstu4145(mut self) -> Self {
        self.0.push(Arc::new(Dstu4145));
        self
    }

    /// What becomes of a signature; none if nobody here verifies such.
    pub(in crate::trembita) fn judge(
        &self,
        algorithm: Named<'_>,
        signer: &Certificate,
        signed: &[u8],
        value: &[u8],
    ) -> Option<Judged> {
        let key = &signer.tbs_certificate.subject_public_key_info;
        let claim = Claim { algorithm, key, signed, value };
        self.0.iter().find_map(|verifier| {
            let outcome = verifier.verify(&claim)?;
            Some(Judged { outcome, caution: verifier.caution() })
        })
    }
}

/// RSA (PKCS#1 1.5 and PSS) and ECDSA, by OpenSSL.
#[derive(Debug)]
struct BuiltIn;

impl Verifier for BuiltIn {
    fn verify(&self, claim: &Claim<'_>) -> Option<Outcome> {
        let Claim { algorithm, key, signed, value } = claim;
        let algorithm = match algorithm {
            Named::Uri(uri) => SignatureAlgorithm::of_uri(uri)?,
            Named::Identifier(identifier, digest) => SignatureAlgorithm::of_identifier(identifier, *digest)?,
        };
        let key = PKey::public_key_from_der(&key.to_der().ok()?).ok()?;
        Some(algorithm.verify(&key, signed, value))
    }
}
