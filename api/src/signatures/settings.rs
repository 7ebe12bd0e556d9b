//! Whose certificates are believed, and for how long a message is taken.

use std::path::PathBuf;

use chrono::TimeDelta;
use kordon_adapters::keys::{KeyRing, KeySettings};
use kordon_adapters::trembita::evidence::Trust;
use kordon_adapters::trembita::security::{Authorities, Window};
use kordon_hub::{Error, Result};
use serde::Deserialize;

use super::Signatures;

/// Signatures of messages. Without it none is taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureSettings {
    /// A file with the certificates of the authorities, or of partners that sign with one of their own (PEM).
    pub authorities: PathBuf,
    /// Files with the lists of revoked certificates of all these authorities (PEM or DER). They are read
    /// again when they change. With any of them, a certificate for which no current list is at hand is
    /// refused.
    #[serde(default)]
    pub revocation_lists: Vec<PathBuf>,
    /// The hosts that the hub is asked as, `hub.example.org` or `hub.example.org:8443`. With any of them, a
    /// signed request to another host is refused: it may have been meant for another hub.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// For how many seconds a message is taken after it was signed.
    #[serde(default = "usual_window")]
    pub window_seconds: u32,
    /// By how many seconds clocks may differ.
    #[serde(default = "usual_skew")]
    pub clock_skew_seconds: u32,
    /// The keys that answers are signed with; by default that of `signing`.
    #[serde(default)]
    pub keys: Vec<KeySettings>,
}

const fn usual_window() -> u32 {
    300
}

const fn usual_skew() -> u32 {
    60
}

impl SignatureSettings {
    /// Opens what the settings name. `usual` is the key that signs when none is named.
    ///
    /// # Errors
    /// [`Error::Internal`] when a file cannot be read or a number is too large; the text says which setting.
    pub fn open(&self, usual: impl FnOnce() -> Result<KeyRing>) -> Result<Signatures> {
        let Self { authorities, revocation_lists, hosts, window_seconds, clock_skew_seconds, keys } = self;
        let bad = |text: String| Error::Internal(format!("signatures.{text}"));
        let file = authorities.display();
        let pem = std::fs::read(authorities).map_err(|error| bad(format!("authorities: {file}: {error}")))?;
        let trust =
            Trust::none().with_pem(&pem).map_err(|error| bad(format!("authorities: {file}: {error}")))?;
        for list in revocation_lists {
            if !list.is_file() {
                return Err(bad(format!("revocation_lists: there is no file {}", list.display())));
            }
        }
        if *window_seconds > 3600 || *clock_skew_seconds > 600 {
            return Err(bad(
                "window_seconds is up to 3600, signatures.clock_skew_seconds up to 600".to_owned()
            ));
        }
        let keys = if keys.is_empty() {
            usual()?
        } else {
            KeyRing::open(keys).map_err(|error| bad(error.to_string()))?
        };
        Ok(Signatures {
            authorities: Authorities::new(trust, revocation_lists.clone()),
            hosts: hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            window: Window {
                age: TimeDelta::seconds(i64::from(*window_seconds)),
                skew: TimeDelta::seconds(i64::from(*clock_skew_seconds)),
            },
            keys,
        })
    }
}
