//! Whose certificates are believed for signatures of messages: those that lead to a certificate of the
//! settings, hold now, and are on no list of revoked ones. Who a certificate stands for is decided elsewhere,
//! by its binding.
//!
//! Where lists are set, each certificate below an authority needs a current one of its issuer: a list that is
//! missing or out of date refuses, so that taking a list away lets nobody in. One that speaks of changes or
//! of some certificates only (it has a critical extension, RFC 5280, 5.2) tells who was revoked, and of
//! nobody that he was not. The files of lists are read again when they change.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use kordon_hub::parties::authentication::VerifiedCertificate;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::pkey::{PKey, Public};
use openssl::sha::sha256;
use openssl::x509::{CrlStatus, X509, X509Crl};
use x509_cert::ext::pkix::{KeyUsage, KeyUsages};

use super::refusal::{Reason, Refusal};
use crate::trembita::evidence::algorithms::certificate;
use crate::trembita::evidence::trust::Chain;
use crate::trembita::evidence::{Trust, revocation_list};
use crate::verified_certificate;

/// Certificates that are remembered. Only those that lead to an authority are, so strangers fill nothing.
const REMEMBERED: usize = 4096;

/// Bytes of a certificate.
const LARGEST: usize = 32 << 10;

/// Whose certificates are believed.
#[derive(Debug)]
pub struct Authorities {
    trust: Trust,
    lists: Vec<RevocationList>,
    known: Mutex<HashMap<[u8; 32], Arc<BelievedCertificate>>>,
}

/// A certificate that leads to an authority.
pub struct BelievedCertificate {
    /// The certificate.
    pub certificate: X509,
    /// What it is known by.
    pub verified: VerifiedCertificate,
    /// Its key.
    pub key: PKey<Public>,
    /// SHA-256 over its key as a `SubjectPublicKeyInfo`. Kept, because writing the key takes longer than
    /// verifying with it.
    pub(crate) key_digest: [u8; 32],
    /// It with those above it.
    path: Vec<X509>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl std::fmt::Debug for BelievedCertificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("BelievedCertificate").field(&self.certificate).finish()
    }
}

impl Authorities {
    /// Believes what leads to `trust`, and without files of `lists` asks for no revocation.
    #[must_use]
    pub fn new(trust: Trust, lists: Vec<PathBuf>) -> Self {
        let lists = lists.into_iter().map(|file| RevocationList { file, read: Mutex::default() }).collect();
        Self { trust, lists, known: Mutex::default() }
    }

    /// The certificate, if it is believed at `now`.
    ///
    /// # Errors
    /// [`Reason::Token`] when it can't be read; [`Reason::Untrusted`], [`Reason::Expired`],
    /// [`Reason::Revoked`].
    pub fn believe(&self, der: &[u8], now: DateTime<Utc>) -> Result<Arc<BelievedCertificate>, Refusal> {
        if der.len() > LARGEST {
            return Err(Refusal::new(Reason::Token, "the certificate is too large"));
        }
        let digest = sha256(der);
        let remembered = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        let known = match remembered {
            Some(known) => known,
            None => {
                let known = Arc::new(self.lead(der, now)?);
                let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                if all.len() >= REMEMBERED {
                    all.clear();
                }
                all.insert(digest, Arc::clone(&known));
                known
            }
        };
        if now < known.from || known.until < now {
            return Err(Refusal::new(Reason::Expired, "a certificate of the path does not hold now"));
        }
        self.check_revocation(&known.path, now)?;
        Ok(known)
    }

    /// The path of a certificate that was not seen before.
    fn lead(&self, der: &[u8], now: DateTime<Utc>) -> Result<BelievedCertificate, Refusal> {
        let unreadable = |_| Refusal::new(Reason::Token, "the token is no certificate that can be read");
        let leaf = X509::from_der(der).map_err(unreadable)?;
        let key = leaf.public_key().map_err(unreadable)?;
        let (from, until) = validity(&leaf)?;
        if now < from || until < now {
            return Err(Refusal::new(
                Reason::Expired,
                format!("the certificate holds from {from} to {until}"),
            ));
        }
        if !may_sign(der) {
            return Err(Refusal::new(Reason::Untrusted, "the certificate is not for signatures"));
        }
        let path = self.trust.path(der, now).map_err(|chain| {
            let cause = match chain {
                Chain::NoRoots => "no authority is set".to_owned(),
                Chain::NotVerified(text) | Chain::Fails(text) => text,
                Chain::Weak => "a certificate of the path is signed with SHA-1".to_owned(),
                Chain::Leads { .. } => String::new(),
            };
            Refusal::new(Reason::Untrusted, cause)
        })?;
        let (mut from, mut until) = (from, until);
        for one in &path {
            let (begins, ends) = validity(one)?;
            from = from.max(begins);
            until = until.min(ends);
        }
        let verified = verified_certificate::of(&leaf).map_err(|error| Refusal::new(Reason::Token, error))?;
        let key_digest =
            sha256(&key.public_key_to_der().map_err(|error| Refusal::new(Reason::Token, error))?);
        Ok(BelievedCertificate { certificate: leaf, verified, key, key_digest, path, from, until })
    }

    fn check_revocation(&self, path: &[X509], now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.lists.is_empty() {
            return Ok(());
        }
        let refused = |text: &str| Refusal::new(Reason::Revoked, text);
        let mut lists = Vec::new();
        for list in &self.lists {
            lists.push(list.current().map_err(|text| refused(&text))?);
        }
        for pair in path.windows(2) {
            let [one, issuer] = pair else { continue };
            let key = issuer.public_key().map_err(|_| refused("the key of an issuer can't be read"))?;
            let mut known_not_to_be = false;
            for (list, is_whole) in &lists {
                let is_of_issuer =
                    list.issuer_name().try_cmp(issuer.subject_name()).is_ok_and(|order| order.is_eq());
                if !is_of_issuer || !list.verify(&key).unwrap_or(false) || !is_current(list, now) {
                    continue;
                }
                match list.get_by_cert(one) {
                    CrlStatus::Revoked(_) => return Err(refused("the certificate was revoked")),
                    CrlStatus::NotRevoked | CrlStatus::RemoveFromCrl(_) => known_not_to_be |= is_whole,
                }
            }
            if !known_not_to_be {
                return Err(refused(
                    "no current list of the issuer says that the certificate was not revoked",
                ));
            }
        }
        Ok(())
    }
}

/// A list, and whether it speaks of all certificates of its issuer.
type Read = (Arc<X509Crl>, bool);

/// A file with a list of revoked certificates, PEM or DER.
struct RevocationList {
    file: PathBuf,
    /// When the file was written that was read last, and what stood in it.
    read: Mutex<Option<(SystemTime, Read)>>,
}

impl std::fmt::Debug for RevocationList {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("RevocationList").field(&self.file).finish()
    }
}

impl RevocationList {
    /// The list as it stands in the file now.
    fn current(&self) -> Result<Read, String> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", self.file.display());
        let about = std::fs::metadata(&self.file).map_err(|error| failed(&error))?;
        let written = about.modified().map_err(|error| failed(&error))?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, list)) = &*read
            && *at == written
        {
            return Ok(list.clone());
        }
        let bytes = std::fs::read(&self.file).map_err(|error| failed(&error))?;
        let list = X509Crl::from_pem(&bytes).or_else(|_| X509Crl::from_der(&bytes));
        let list = list.map_err(|error| failed(&error))?;
        let der = list.to_der().map_err(|error| failed(&error))?;
        let is_whole = revocation_list::is_whole(&der).ok_or_else(|| failed(&"it is no list of RFC 5280"))?;
        let list = (Arc::new(list), is_whole);
        *read = Some((written, list.clone()));
        Ok(list)
    }
}

fn is_current(list: &X509Crl, now: DateTime<Utc>) -> bool {
    let at = |time: &Asn1TimeRef| instant(time);
    at(list.last_update()).is_some_and(|from| from <= now)
        && list.next_update().and_then(at).is_some_and(|until| now <= until)
}

/// RFC 5280, 4.2.1.3: where a certificate says what its key is for, signatures have to be among it.
fn may_sign(der: &[u8]) -> bool {
    let Some(certificate) = certificate(der) else { return false };
    match certificate.tbs_certificate.get::<KeyUsage>() {
        Ok(None) => true,
        Ok(Some((_, KeyUsage(usages)))) => {
            usages.contains(KeyUsages::DigitalSignature) || usages.contains(KeyUsages::NonRepudiation)
        }
        Err(_) => false,
    }
}

fn validity(certificate: &X509) -> Result<(DateTime<Utc>, DateTime<Utc>), Refusal> {
    let unreadable = || Refusal::new(Reason::Token, "the certificate does not say when it holds");
    let from = instant(certificate.not_before()).ok_or_else(unreadable)?;
    let until = instant(certificate.not_after()).ok_or_else(unreadable)?;
    Ok((from, until))
}

fn instant(time: &Asn1TimeRef) -> Option<DateTime<Utc>> {
    let since = Asn1Time::from_unix(0).ok()?.diff(time).ok()?;
    DateTime::from_timestamp(i64::from(since.days) * 86_400 + i64::from(since.secs), 0)
}
