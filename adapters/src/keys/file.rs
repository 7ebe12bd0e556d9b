//! A key that lies in a file: PEM, with its certificates in a file beside it, or both in PKCS#12.

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::{Error, Result};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer as OpensslSigner};
use openssl::x509::{X509, X509Ref};

use super::algorithm::{KeyKind, SignatureAlgorithm, ecdsa_numbers};
use super::{Signer, Validity};
use crate::SettingsFault;

/// Bytes of a file with a key or certificates.
const LARGEST: u64 = 1 << 20;

/// A key that is held in memory.
pub struct FileKey {
    key: PKey<Private>,
    kind: KeyKind,
    certificates: Vec<X509>,
    chain: Vec<Vec<u8>>,
    validity: Validity,
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { key: _, kind, certificates, chain: _, validity } = self;
        formatter
            .debug_struct("FileKey")
            .field("kind", kind)
            .field("certificate", &certificates.first())
            .field("validity", validity)
            .finish_non_exhaustive()
    }
}

/// The names of the settings, for what is said of a fault in them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    pub(crate) key: &'static str,
    pub(crate) certificate: &'static str,
}

impl FileKey {
    /// Reads a key and its certificates from PEM. `password` is the file that holds the key's password, if it
    /// has one.
    ///
    /// # Errors
    /// [`SettingsFault`] when a file cannot be read, holds something else, or the two do not belong together.
    pub fn open(
        key: &Path,
        certificate: &Path,
        password: Option<&Path>,
    ) -> std::result::Result<Self, SettingsFault> {
        let names = Names { key: "keys.key", certificate: "keys.certificate" };
        let password = password.map(secret).transpose()?;
        Self::read(key, certificate, password.as_deref(), names)
    }

    pub(crate) fn read(
        key: &Path,
        certificate: &Path,
        password: Option<&str>,
        names: Names,
    ) -> std::result::Result<Self, SettingsFault> {
        let pem = read(key, names.key)?;
        let key = match password {
            Some(password) => PKey::private_key_from_pem_passphrase(&pem, password.as_bytes())
                .map_err(|_| SettingsFault::new(names.key, "holds no private key in PEM of this password"))?,
            // Without the empty password OpenSSL would ask for one at the terminal.
            None => PKey::private_key_from_pem_passphrase(&pem, b"").map_err(|_| {
                SettingsFault::new(names.key, "holds no private key in PEM without a password")
            })?,
        };
        let chain = certificates(certificate, names.certificate)?;
        Self::of(key, chain, names)
    }

    /// Reads a key and its certificates from PKCS#12. `password` is the file that holds the password of it;
    /// without it the password is empty.
    ///
    /// # Errors
    /// [`SettingsFault`] when the file cannot be read, holds something else, or the password is another.
    pub fn open_pkcs12(file: &Path, password: Option<&Path>) -> std::result::Result<Self, SettingsFault> {
        let setting = "keys.file";
        let password = password.map(secret).transpose()?.unwrap_or_default();
        let bad = |fault: &str| SettingsFault::new(setting, fault);
        let parsed = Pkcs12::from_der(&read(file, setting)?)
            .map_err(|_| bad("is no PKCS#12"))?
            .parse2(&password)
            .map_err(|_| bad("cannot be opened with this password"))?;
        let key = parsed.pkey.ok_or_else(|| bad("holds no private key"))?;
        let own = parsed.cert.ok_or_else(|| bad("holds no certificate of the key"))?;
        let above = parsed.ca.into_iter().flatten();
        let chain = std::iter::once(own).chain(above).collect();
        Self::of(key, chain, Names { key: setting, certificate: setting })
    }

    fn of(
        key: PKey<Private>,
        certificates: Vec<X509>,
        names: Names,
    ) -> std::result::Result<Self, SettingsFault> {
        let kind = KeyKind::of(&key).ok_or_else(|| {
            SettingsFault::new(names.key, "is neither RSA of 2048 bits or more nor on P-256, P-384 or P-521")
        })?;
        let bad = |fault: &str| SettingsFault::new(names.certificate, fault);
        let own = certificates.first().ok_or_else(|| bad("holds no certificate in PEM"))?;
        if !own.public_key().is_ok_and(|public| public.public_eq(&key)) {
            return Err(bad("is not of the key"));
        }
        let validity = validity(own).ok_or_else(|| bad("does not say when it holds"))?;
        let certificates = in_order(certificates);
        let chain = certificates.iter().map(|one| one.to_der()).collect::<std::result::Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| bad(&error.to_string()))?;
        Ok(Self { key, kind, certificates, chain, validity })
    }

    fn signature(
        &self,
        algorithm: SignatureAlgorithm,
        content: &[u8],
    ) -> std::result::Result<Vec<u8>, ErrorStack> {
        let mut signer = OpensslSigner::new(algorithm.digest(), &self.key)?;
        if algorithm.is_pss() {
            signer.set_rsa_padding(Padding::PKCS1_PSS)?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        signer.sign_oneshot_to_vec(content)
    }
}

impl Signer for FileKey {
    fn sign(&self, algorithm: SignatureAlgorithm, content: &[u8]) -> Result<Vec<u8>> {
        if !algorithm.fits(self.kind) {
            return Err(Error::Internal(format!(
                "{algorithm:?} is not for a key of the kind {:?}",
                self.kind
            )));
        }
        let value = self
            .signature(algorithm, content)
            .map_err(|error| Error::Internal(format!("the signing key cannot be used: {error}")))?;
        match self.kind.width() {
            Some(width) => ecdsa_numbers(&value, width),
            None => Ok(value),
        }
    }

    fn kind(&self) -> KeyKind {
        self.kind
    }

    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn holds(&self) -> Validity {
        self.validity
    }
}

/// The certificates of a file, PEM.
pub(crate) fn certificates(
    file: &Path,
    setting: &'static str,
) -> std::result::Result<Vec<X509>, SettingsFault> {
    let pem = read(file, setting)?;
    X509::stack_from_pem(&pem).map_err(|_| SettingsFault::new(setting, "holds no certificate in PEM"))
}

/// The key's own certificate, then each one's issuer, as far as they are at hand. What is of another chain is
/// left out.
pub(crate) fn in_order(certificates: Vec<X509>) -> Vec<X509> {
    let mut others = certificates;
    let mut chain: Vec<X509> = Vec::new();
    if !others.is_empty() {
        chain.push(others.remove(0));
    }
    while let Some(last) = chain.last() {
        // By the signature too: two authorities may have one name.
        let above = |one: &X509| {
            one.issued(last) == openssl::x509::X509VerifyResult::OK
                && one.public_key().and_then(|key| last.verify(&key)).unwrap_or(false)
        };
        if above(last) {
            break;
        }
        let Some(next) = others.iter().position(above) else { break };
        let next = others.remove(next);
        chain.push(next);
    }
    chain
}

/// When a certificate holds.
pub(crate) fn validity(certificate: &X509Ref) -> Option<Validity> {
    Some(Validity { from: instant(certificate.not_before())?, until: instant(certificate.not_after())? })
}

fn instant(time: &Asn1TimeRef) -> Option<DateTime<Utc>> {
    let epoch = Asn1Time::from_unix(0).ok()?;
    let passed = epoch.diff(time).ok()?;
    let passed = TimeDelta::days(passed.days.into()) + TimeDelta::seconds(passed.secs.into());
    DateTime::UNIX_EPOCH.checked_add_signed(passed)
}

/// A secret that lies in a file: its first line.
pub(crate) fn secret(file: &Path) -> std::result::Result<String, SettingsFault> {
    let text = String::from_utf8(read(file, "keys.password_file")?)
        .map_err(|_| SettingsFault::new("keys.password_file", "is not UTF-8"))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn read(path: &Path, setting: &'static str) -> std::result::Result<Vec<u8>, SettingsFault> {
    let fault = |text: String| SettingsFault::new(setting, format!("{}: {text}", path.display()));
    let about = fs::metadata(path).map_err(|error| fault(error.to_string()))?;
    if about.len() > LARGEST {
        return Err(fault(format!("is larger than {LARGEST} bytes")));
    }
    fs::read(path).map_err(|error| fault(error.to_string()))
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
