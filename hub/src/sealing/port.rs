//! The ports of sealing: who signs, who stamps, and who packs archives. Adapters fill them.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::model::{Packed, Previous, Sealed, Signature, Stamped, Unsealed, Unstamped};
use crate::error::Result;

/// Signs what was exchanged.
#[async_trait]
pub trait Sealer: Send + Sync + Debug {
    /// Fetches what a signature needs from elsewhere, such as word that the certificate is good. Called
    /// before [`Self::seal`], outside of any transaction.
    ///
    /// # Errors
    /// When it can't be had and the settings say that nothing is signed without.
    async fn prepare(&self, now: DateTime<Utc>) -> Result<()>;

    /// Until when it can sign without a further key. None when it can't now.
    fn lasts_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>>;

    /// Signs messages, one by one or many at once. Each comes back in exactly one signature.
    ///
    /// # Errors
    /// When no key can be used.
    fn seal(&self, messages: &[Unsealed], now: DateTime<Utc>) -> Result<Vec<Signature>>;

    /// Has signatures stamped by a time-stamp authority, all or none.
    ///
    /// # Errors
    /// When the authority is away, refuses, or what it sends does not hold.
    async fn stamp(&self, signatures: &[Unstamped]) -> Result<Vec<Stamped>>;

    /// Packs messages into an archive behind the one before, and puts it on the disk.
    ///
    /// # Errors
    /// When the folder does not take it.
    async fn archive(&self, messages: Vec<Sealed>, previous: Option<&Previous>) -> Result<Packed>;

    /// Removes the file of an archive. One that is gone already is removed.
    ///
    /// # Errors
    /// When the folder does not let it go.
    async fn remove(&self, file_name: &str) -> Result<()>;
}
