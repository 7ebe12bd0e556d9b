//! All keys of the hub. Keys are changed with overlap: the new key is set beside the old one; from the hour
//! that its certificate begins it signs, and the old certificate is published until its end, so that what it
//! signed is verified meanwhile.

use std::sync::Arc;

use chrono::{DateTime, Utc};
pub use kordon_hub::sealing::rules::{WARNED_DAYS, warning};
use kordon_hub::{Error, Result};
use openssl::x509::X509;

use super::{KeySettings, Signer};
use crate::SettingsFault;

/// The keys that are set, at least one.
#[derive(Debug, Clone)]
pub struct KeyRing {
    keys: Vec<Arc<dyn Signer>>,
}

impl KeyRing {
    /// Opens the keys.
    ///
    /// # Errors
    /// [`SettingsFault`] when there is none, or one can't be opened.
    pub fn open(settings: &[KeySettings]) -> std::result::Result<Self, SettingsFault> {
        Self::of(settings.iter().map(KeySettings::open).collect::<std::result::Result<_, _>>()?)
    }

    /// A ring of keys that are open.
    ///
    /// # Errors
    /// [`SettingsFault`] when there is none.
    pub fn of(keys: Vec<Arc<dyn Signer>>) -> std::result::Result<Self, SettingsFault> {
        if keys.is_empty() {
            return Err(SettingsFault::new("keys", "there is no key"));
        }
        Ok(Self { keys })
    }

    /// The key that signs at an instant: of those whose certificate holds, the one whose certificate began
    /// last.
    ///
    /// # Errors
    /// [`Error::Internal`] when no certificate holds.
    pub fn signing(&self, now: DateTime<Utc>) -> Result<&Arc<dyn Signer>> {
        self.keys
            .iter()
            .filter(|key| key.holds().includes(now))
            .max_by_key(|key| key.holds().from)
            .ok_or_else(|| Error::Internal("no certificate of a signing key holds now".to_owned()))
    }

    /// The keys that are published at an instant: all whose certificate has not ended, also those that are
    /// yet to begin, so that others know them before they sign.
    pub fn published(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Arc<dyn Signer>> {
        self.keys.iter().filter(move |key| now <= key.holds().until)
    }

    /// The certificates that are published at an instant with those above them, PEM.
    ///
    /// # Errors
    /// [`Error::Internal`] when one can't be written.
    pub fn published_pem(&self, now: DateTime<Utc>) -> Result<Vec<u8>> {
        let mut pem = Vec::new();
        for certificate in self.published(now).flat_map(|key| key.chain()) {
            let written = X509::from_der(certificate).and_then(|one| one.to_pem());
            pem.extend(written.map_err(|error| Error::Internal(error.to_string()))?);
        }
        Ok(pem)
    }

    /// All keys.
    #[must_use]
    pub fn keys(&self) -> &[Arc<dyn Signer>] {
        &self.keys
    }

    /// Until when the hub can sign without a further key: the certificates of its keys follow on each other
    /// without a gap. None when it can't sign now.
    #[must_use]
    pub fn lasts_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut until = None;
        let mut at = now;
        // Each turn goes on to a certificate that ends later, so there are no more turns than keys.
        for _ in &self.keys {
            let further = self.keys.iter().map(|key| key.holds()).filter(|holds| holds.includes(at));
            match further.map(|holds| holds.until).max() {
                Some(end) if until.is_none_or(|until| end > until) => {
                    until = Some(end);
                    at = end;
                }
                Some(_) | None => break,
            }
        }
        until
    }
}
