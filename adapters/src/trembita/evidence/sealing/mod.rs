//! Evidence that is made here: containers in X-Road's profile (ASiC-E with XAdES), time-stamps, archives.
//! What is made here is what [`super::verify`] verifies.
//!
//! - [`settings`]: keys' company: whom to ask for time-stamps and about certificates, what is kept for how
//!   long.
//! - `chain`: one digest over many files.
//! - `xades`: the file of a signature.
//! - `stamping`: time-stamps from an authority (RFC 3161).
//! - `status`: word from the issuer that a certificate is good (OCSP, or a list of those that were revoked).
//! - [`container`]: the container of one message.
//! - `packing`: archives with linking information.

mod chain;
pub mod container;
mod packing;
pub mod settings;
mod stamping;
mod status;
mod xades;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kordon_hub::sealing::Sealer;
use kordon_hub::sealing::model::{
    Packed, Previous, Sealed, Signature, Stamp, StampFiles, Stamped, Unsealed, Unstamped,
};
use kordon_hub::{Error, Result};

use self::chain::Leaf;
use self::settings::EvidenceSettings;
use self::stamping::Authority;
use self::status::{Status, Word};
use super::Trust;
use crate::SettingsFault;
use crate::folder::Folder;
use crate::keys::{KeyRing, Signer};

/// Up to so many messages that wait together are signed one by one: each container then is an ordinary XAdES
/// signature over the message itself, which any verifier reads. More share a signature by a hash chain.
pub const ONE_BY_ONE: usize = 8;

/// Signs with the keys of the hub.
#[derive(Debug)]
pub struct ContainerSealer {
    keys: KeyRing,
    authority: Option<Authority>,
    status: Option<Status>,
    folder: PathBuf,
}

impl ContainerSealer {
    /// Opens what the settings name. `archives` is where archives go when the settings name no folder.
    ///
    /// # Errors
    /// [`SettingsFault`], for the first setting that can't be right.
    pub fn open(
        settings: &EvidenceSettings,
        keys: KeyRing,
        archives: &Path,
    ) -> std::result::Result<Self, SettingsFault> {
        let mut trust = Trust::none();
        for file in &settings.trust {
            let fault =
                |text: String| SettingsFault::new("evidence.trust", format!("{}: {text}", file.display()));
            let pem = fs::read(file).map_err(|error| fault(error.to_string()))?;
            trust = trust.with_pem(&pem).map_err(fault)?;
        }
        if settings.experimental_dstu4145 {
            trust = trust.with_experimental_dstu4145();
        }
        let authority =
            settings.time_stamps.as_ref().map(|own| Authority::open(own, trust.clone())).transpose()?;
        let status = settings.certificate_status.as_ref().map(|own| Status::open(own, trust)).transpose()?;
        let folder = settings.archives.folder.clone().unwrap_or_else(|| archives.to_owned());
        Ok(Self { keys, authority, status, folder })
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }
}

#[async_trait]
impl Sealer for ContainerSealer {
    async fn prepare(&self, now: DateTime<Utc>) -> Result<()> {
        match &self.status {
            Some(status) => status.prepare(self.keys.signing(now)?.as_ref(), now).await,
            None => Ok(()),
        }
    }

    fn lasts_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.keys.lasts_until(now)
    }

    fn seal(&self, messages: &[Unsealed], now: DateTime<Utc>) -> Result<Vec<Signature>> {
        let key = self.keys.signing(now)?.as_ref();
        let status = self.status.as_ref().and_then(|status| status.of(key, now));
        if messages.len() <= ONE_BY_ONE {
            return messages.iter().map(|message| alone(key, message, status.as_ref(), now)).collect();
        }
        together(key, messages, status.as_ref(), now).map(|signature| vec![signature])
    }

    async fn stamp(&self, signatures: &[Unstamped]) -> Result<Vec<Stamped>> {
        let authority = self
            .authority
            .as_ref()
            .ok_or_else(|| Error::Internal("there is no time-stamp authority".to_owned()))?;
        if let [one] = signatures {
            let value = xades::value(&one.signatures)?;
            let (token, at) = authority.stamp(&value).await?;
            let stamp = Stamp::Within(xades::with_stamp(&one.signatures, &token)?);
            return Ok(vec![Stamped { id: one.id, at, stamp }]);
        }
        let leaves: Vec<Leaf> = signatures
            .iter()
            .map(|own| Leaf::of("/META-INF/signatures.xml", chain::sha512(&own.signatures)))
            .collect();
        let tree = chain::over("ts-hashchain.xml", &leaves)?;
        let (token, at) = authority.stamp(tree.result.as_bytes()).await?;
        let stamped = signatures.iter().zip(tree.chains).map(|(own, chain)| {
            let files = StampFiles {
                token: token.clone(),
                chain: chain.into_bytes(),
                chain_result: tree.result.clone().into_bytes(),
            };
            Stamped { id: own.id, at, stamp: Stamp::Batch(files) }
        });
        Ok(stamped.collect())
    }

    async fn archive(&self, messages: Vec<Sealed>, previous: Option<&Previous>) -> Result<Packed> {
        let previous = previous.cloned();
        let packed = tokio::task::spawn_blocking(move || packing::pack(&messages, previous.as_ref()))
            .await
            .map_err(|error| Error::Internal(error.to_string()))??;
        let packing::Archive { file_name, last_digest, bytes } = packed;
        let length = bytes.len();
        Folder::at(&self.folder)
            .put(file_name.clone(), "application/zip", bytes)
            .await
            .map_err(|fault| Error::Internal(format!("archives: {fault}")))?;
        Ok(Packed { file_name, last_digest, bytes: length })
    }

    async fn remove(&self, file_name: &str) -> Result<()> {
        match tokio::fs::remove_file(self.folder.join(file_name)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::Internal(format!("the archive {file_name} can't be removed: {error}")))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// One message with a signature of its own.
fn alone(
    key: &dyn Signer,
    message: &Unsealed,
    status: Option<&Word>,
    now: DateTime<Utc>,
) -> Result<Signature> {
    let mut files = vec![("/message.xml", message.message_digest.as_slice(), message.message_type.as_str())];
    if let (Some(digest), Some(media_type)) = (&message.attachment_digest, &message.attachment_type) {
        files.push(("/attachment1", digest, media_type));
    }
    let signatures = xades::sign(key, &files, status, now)?;
    Ok(Signature { signatures, chain_result: None, messages: vec![(message.id, None)] })
}

/// One signature over the digest of a hash chain over all messages.
fn together(
    key: &dyn Signer,
    messages: &[Unsealed],
    status: Option<&Word>,
    now: DateTime<Utc>,
) -> Result<Signature> {
    let leaves: Vec<Leaf> = messages
        .iter()
        .map(|message| {
            let own = Leaf::of("/message.xml", message.message_digest.clone());
            match &message.attachment_digest {
                Some(digest) => own.and("/attachment1", digest.clone()),
                None => own,
            }
        })
        .collect();
    let tree = chain::over("sig-hashchain.xml", &leaves)?;
    let digest = chain::sha512(tree.result.as_bytes());
    let files = [("/sig-hashchainresult.xml", digest.as_slice(), "application/hash-chain-result")];
    let signatures = xades::sign(key, &files, status, now)?;
    let ids = messages.iter().map(|message| message.id);
    let messages = ids.zip(tree.chains).map(|(id, chain)| (id, Some(chain.into_bytes()))).collect();
    Ok(Signature { signatures, chain_result: Some(tree.result.into_bytes()), messages })
}

/// The sealer behind the hub's port.
///
/// # Errors
/// As [`ContainerSealer::open`].
pub fn sealer(
    settings: &EvidenceSettings,
    keys: KeyRing,
    archives: &Path,
) -> std::result::Result<Arc<dyn Sealer>, SettingsFault> {
    Ok(Arc::new(ContainerSealer::open(settings, keys, archives)?))
}
