//! The port through which the hub signs what has to be believed without it, such as the list of a gate that
//! is offline. An adapter fills it.

use std::fmt::Debug;

use chrono::{DateTime, Utc};

use crate::error::Result;

/// Signs in the name of the hub.
pub trait Signer: Send + Sync + Debug {
    /// A CMS message (RFC 5652, `SignedData`, DER) that holds `content`, the signature of the moment `now`
    /// and the signer's certificates.
    ///
    /// # Errors
    /// [`crate::Error::Internal`] when the key cannot be used.
    fn sign(&self, content: &[u8], now: DateTime<Utc>) -> Result<Vec<u8>>;

    /// The signer's certificate and those above it, PEM. Who verifies has it from a source that they trust.
    fn certificates(&self) -> &[u8];
}
