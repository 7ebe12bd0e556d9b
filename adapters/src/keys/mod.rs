//! The keys that the hub signs with, wherever they lie: in a file, in a PKCS#12 file, or in a hardware
//! module.
//!
//! - [`Signer`]: the port. Who signs asks it, and does not know where the key is.
//! - [`algorithm`]: how a signature is computed, and which kind of key may.
//! - [`mod@file`]: a key that is read into memory.
//! - [`module`]: a key in a hardware module (PKCS#11).
//! - [`ring`]: all keys of the hub: the newer one signs, the older ones are published until their
//!   certificates end.
//! - [`settings`]: which keys there are.

pub mod algorithm;
pub mod file;
pub mod module;
pub mod ring;
pub mod settings;

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use kordon_hub::Result;

pub use algorithm::{KeyKind, SignatureAlgorithm};
pub use file::FileKey;
pub use module::ModuleKey;
pub use ring::KeyRing;
pub use settings::KeySettings;

/// A private key with its certificate, which signs and is never seen.
pub trait Signer: Send + Sync + Debug {
    /// The signature over `content`, which is digested here.
    ///
    /// An ECDSA signature is the two numbers side by side, each as wide as the curve: as XML-DSig, RFC 9421
    /// and PKCS#11 write it. [`algorithm::ecdsa_der`] makes the other form of it.
    ///
    /// # Errors
    /// [`kordon_hub::Error::Internal`] when the key is not of the algorithm's kind, or cannot be used.
    fn sign(&self, algorithm: SignatureAlgorithm, content: &[u8]) -> Result<Vec<u8>>;

    /// What kind of key it is.
    fn kind(&self) -> KeyKind;

    /// The certificates in DER: the key's own first, then those above it, without gaps. Never empty.
    fn chain(&self) -> &[Vec<u8>];

    /// From when to when the key's own certificate holds.
    fn holds(&self) -> Validity;

    /// The key's own certificate in DER.
    fn certificate(&self) -> &[u8] {
        self.chain().first().map(Vec::as_slice).unwrap_or_default()
    }
}

/// When a certificate holds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
}

impl Validity {
    /// Whether the certificate holds at an instant.
    #[must_use]
    pub fn includes(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && now <= self.until
    }
}
