//! What a verification trusts: the roots that it is given, and nobody else; and the verifiers of signatures
//! that it may use.

use chrono::{DateTime, Utc};
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509StoreContext};
use x509_cert::Certificate;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::{Time, Validity};

use super::algorithms::certificate;
use super::verifier::Verifiers;

/// Certificates that are trusted as they stand, and what verifies signatures.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    anchors: Vec<X509>,
    verifiers: Verifiers,
}

/// Where a certificate leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::trembita) enum Chain {
    /// To a root; the issuer of the certificate, if it is not the root itself.
    Leads {
        /// In DER.
        issuer: Option<Vec<u8>>,
    },
    /// No root was given.
    NoRoots,
    /// An algorithm on the way is not at hand.
    NotVerified(String),
    /// SHA-1 on the way.
    Weak,
    /// To no root, or not at that time.
    Fails(String),
}

impl Trust {
    /// Trusts nobody: chains are then not verified.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Trusts the certificates of a PEM file besides.
    ///
    /// # Errors
    /// When the file holds no certificate, or one that can't be read.
    pub fn with_pem(mut self, pem: &[u8]) -> Result<Self, String> {
        let read = X509::stack_from_pem(pem).map_err(|error| error.to_string())?;
        if read.is_empty() {
            return Err("there is no certificate in it".to_owned());
        }
        self.anchors.extend(read);
        Ok(self)
    }

    /// Verifies signatures of DSTU 4145 too, by code that is experimental. The way from a certificate to its
    /// root is not verified by it: a certificate that is signed with DSTU 4145 has to be trusted itself.
    #[must_use]
    pub fn with_experimental_dstu4145(mut self) -> Self {
        self.verifiers = self.verifiers.with_dstu4145();
        self
    }

    /// What verifies signatures.
    pub(super) fn verifiers(&self) -> &Verifiers {
        &self.verifiers
    }

    /// Whether nobody is trusted.
    pub(super) fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// The trusted certificates, for tokens that leave theirs out.
    pub(super) fn certificates(&self) -> Vec<Certificate> {
        self.anchors.iter().filter_map(|anchor| certificate(&anchor.to_der().ok()?)).collect()
    }

    /// Where a certificate leads at a time, over the others that came with it.
    pub(super) fn chain(&self, leaf: &[u8], others: &[Vec<u8>], at: DateTime<Utc>) -> Chain {
        if self.anchors.is_empty() {
            return Chain::NoRoots;
        }
        if let Some(own) = self.pinned(leaf) {
            return match own.tbs_certificate.validity {
                Validity { not_before, not_after }
                    if instant(not_before) <= at && at <= instant(not_after) =>
                {
                    Chain::Leads { issuer: None }
                }
                Validity { .. } => Chain::Fails("the certificate does not hold at that time".to_owned()),
            };
        }
        let unknown =
            others.iter().map(Vec::as_slice).chain([leaf]).filter_map(certificate).find_map(|one| {
                let AlgorithmIdentifierOwned { oid, parameters: _ } = one.signature_algorithm;
                oid.to_string().starts_with("1.2.804.").then(|| oid.to_string())
            });
        if let Some(oid) = unknown {
            return Chain::NotVerified(format!("a certificate is signed with {oid}"));
        }
        match self.build(leaf, others, at) {
            Ok(Ok(path)) => Self::judge(&path),
            Ok(Err(fault)) => Chain::Fails(fault),
            Err(error) => Chain::Fails(error.to_string()),
        }
    }

    /// A certificate that is trusted itself, and whose key OpenSSL can't read: no path has to lead anywhere
    /// from it.
    fn pinned(&self, leaf: &[u8]) -> Option<Certificate> {
        let own = self.anchors.iter().find(|anchor| anchor.to_der().is_ok_and(|own| own == leaf))?;
        if own.public_key().is_ok() { None } else { certificate(leaf) }
    }

    /// The path from a certificate to a root at a time; every signature on it is strong.
    pub(in crate::trembita) fn path(&self, leaf: &[u8], at: DateTime<Utc>) -> Result<Vec<X509>, Chain> {
        if self.anchors.is_empty() {
            return Err(Chain::NoRoots);
        }
        let path = self
            .build(leaf, &[], at)
            .map_err(|error| Chain::Fails(error.to_string()))?
            .map_err(Chain::Fails)?;
        match Self::judge(&path) {
            Chain::Leads { .. } => Ok(path),
            fault @ (Chain::NoRoots | Chain::NotVerified(_) | Chain::Weak | Chain::Fails(_)) => Err(fault),
        }
    }

    /// The path to a root, or why there is none.
    fn build(
        &self,
        leaf: &[u8],
        others: &[Vec<u8>],
        at: DateTime<Utc>,
    ) -> Result<Result<Vec<X509>, String>, openssl::error::ErrorStack> {
        let mut parameters = X509VerifyParam::new()?;
        parameters.set_time(at.timestamp());
        parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
        let mut store = X509StoreBuilder::new()?;
        store.set_param(&parameters)?;
        for anchor in &self.anchors {
            store.add_cert(anchor.clone())?;
        }
        let mut untrusted = Stack::new()?;
        for other in others {
            if let Ok(other) = X509::from_der(other) {
                untrusted.push(other)?;
            }
        }
        let mut context = X509StoreContext::new()?;
        let leaf = X509::from_der(leaf)?;
        context.init(&store.build(), &leaf, &untrusted, |context| {
            if context.verify_cert()? {
                let path = context.chain().map(|path| path.iter().map(ToOwned::to_owned).collect());
                return Ok(Ok(path.unwrap_or_default()));
            }
            Ok(Err(context.error().error_string().to_owned()))
        })
    }

    /// The root is trusted for itself; every signature on the way to it has to be strong.
    fn judge(path: &[X509]) -> Chain {
        let weak = path.iter().take(path.len().saturating_sub(1)).any(|one| {
            let name = one.signature_algorithm().object().nid().long_name().unwrap_or_default();
            name.to_ascii_lowercase().contains("sha1") || name.to_ascii_lowercase().contains("md5")
        });
        if weak {
            return Chain::Weak;
        }
        Chain::Leads { issuer: path.get(1).and_then(|issuer| issuer.to_der().ok()) }
    }
}

fn instant(time: Time) -> DateTime<Utc> {
    DateTime::<Utc>::from(time.to_system_time())
}
