//! Which keys the hub signs with.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use super::{FileKey, ModuleKey, Signer};
use crate::SettingsFault;

/// Where one key is. Secrets stand in files of their own, never in the settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum KeySettings {
    /// A key and its certificates in two files, PEM.
    File {
        /// The private key: RSA of 2048 bits or more, or on P-256, P-384 or P-521.
        key: PathBuf,
        /// The certificate of the key, and after it those above it.
        certificate: PathBuf,
        /// The file whose first line is the key's password, if it has one.
        password_file: Option<PathBuf>,
    },
    /// A key and its certificates in one file, PKCS#12.
    Pkcs12 {
        /// The file.
        file: PathBuf,
        /// The file whose first line is its password; without it the password is empty.
        password_file: Option<PathBuf>,
    },
    /// A key in a hardware module, by PKCS#11.
    Module {
        /// The library of the module.
        library: PathBuf,
        /// The label of the token.
        token: String,
        /// The label of the key on it.
        label: String,
        /// The file whose first line is the user's PIN.
        pin_file: PathBuf,
        /// The certificate of the key, and after it those above it, PEM.
        certificate: PathBuf,
    },
}

impl KeySettings {
    /// Opens the key.
    ///
    /// # Errors
    /// [`SettingsFault`] when something cannot be read, holds something else, or does not belong together.
    pub fn open(&self) -> Result<Arc<dyn Signer>, SettingsFault> {
        Ok(match self {
            Self::File { key, certificate, password_file } => {
                Arc::new(FileKey::open(key, certificate, password_file.as_deref())?)
            }
            Self::Pkcs12 { file, password_file } => {
                Arc::new(FileKey::open_pkcs12(file, password_file.as_deref())?)
            }
            Self::Module { library, token, label, pin_file, certificate } => {
                Arc::new(ModuleKey::open(library, token, label, pin_file, certificate)?)
            }
        })
    }
}
