//! Whom to ask for time-stamps and about certificates, and what is kept for how long.

use std::path::PathBuf;

use chrono::TimeDelta;
use kordon_hub::sealing::Windows;
use serde::Deserialize;

use crate::keys::KeySettings;

/// Evidence of exchanges. Without any setting exchanges are signed with the hub's own key and not
/// time-stamped.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvidenceSettings {
    /// The keys; by default the one of the hub's signature. The one whose certificate began last signs.
    pub keys: Vec<KeySettings>,
    /// Certificates in PEM that are trusted: of the time-stamp authority and of the authority of the signing
    /// certificate.
    pub trust: Vec<PathBuf>,
    /// The time-stamp authority.
    pub time_stamps: Option<TimeStampSettings>,
    /// Whether each signature carries the word of its authority that the certificate is good.
    pub certificate_status: Option<StatusSettings>,
    /// Whether answers and time-stamps that are signed with DSTU 4145 are verified, by experimental code.
    pub experimental_dstu4145: bool,
    /// Seconds for which exchanges go on that are not signed and stamped; then the doors refuse.
    pub refuse_after_seconds: u32,
    /// Days that messages are kept in the database. Only what is in an archive is removed.
    pub keep_days: u32,
    /// The archives.
    pub archives: ArchiveSettings,
}

impl Default for EvidenceSettings {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            trust: Vec::new(),
            time_stamps: None,
            certificate_status: None,
            experimental_dstu4145: false,
            refuse_after_seconds: 4 * 60 * 60,
            keep_days: 30,
            archives: ArchiveSettings::default(),
        }
    }
}

/// The time-stamp authority.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeStampSettings {
    /// Where it answers (RFC 3161 over HTTP).
    pub address: String,
    /// Seconds that a signature waits at most for others to share a time-stamp with.
    #[serde(default = "minute")]
    pub every_seconds: u32,
    /// Seconds after a failure until it is asked again.
    #[serde(default = "minute")]
    pub again_seconds: u32,
    /// Seconds that it may take to answer.
    #[serde(default = "patience")]
    pub patience_seconds: u64,
}

const fn minute() -> u32 {
    60
}

const fn patience() -> u64 {
    20
}

/// Who says whether the signing certificate is good.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusSettings {
    /// By an answer or by a list.
    #[serde(default)]
    pub source: StatusSource,
    /// The OCSP responder; without it the one that the certificate names.
    pub responder: Option<String>,
    /// Where the list of revoked certificates is; without it where the certificate says.
    pub list: Option<String>,
    /// What is done when it does not answer.
    #[serde(default)]
    pub on_failure: OnFailure,
}

/// What a signature carries as word that its certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusSource {
    /// The answer of an OCSP responder (RFC 6960), as X-Road's verifier wants it.
    #[default]
    Ocsp,
    /// The issuer's list of revoked certificates (RFC 5280), where there is no responder.
    Crl,
}

/// What is done when nobody says whether the signing certificate is good. With one that was revoked nothing
/// is ever signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Messages wait for their signatures until it does.
    #[default]
    Wait,
    /// They are signed without.
    SealWithout,
}

/// The archives.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ArchiveSettings {
    /// Where they go; by default into the data folder. Replicas on several machines need one folder for all.
    pub folder: Option<PathBuf>,
    /// Hours between two archives.
    pub every_hours: u32,
    /// Bytes of one, at most by one container more.
    pub largest_bytes: usize,
    /// Days that the files are kept; for ever without it.
    pub keep_days: Option<u32>,
}

impl Default for ArchiveSettings {
    fn default() -> Self {
        Self { folder: None, every_hours: 6, largest_bytes: 32 << 20, keep_days: None }
    }
}

impl EvidenceSettings {
    /// The windows and limits that they come to.
    #[must_use]
    pub fn windows(&self) -> Windows {
        let seconds = |count: u32| TimeDelta::seconds(count.into());
        let days = |count: u32| TimeDelta::days(count.into());
        let stamps = self.time_stamps.as_ref();
        Windows {
            stamps: stamps.is_some(),
            stamp_every: seconds(stamps.map_or(60, |own| own.every_seconds)),
            stamp_again: seconds(stamps.map_or(60, |own| own.again_seconds)),
            refuse_after: seconds(self.refuse_after_seconds),
            archive_every: TimeDelta::hours(self.archives.every_hours.into()),
            archive_bytes: self.archives.largest_bytes.clamp(1 << 20, 48 << 20),
            keep_messages: days(self.keep_days),
            keep_archives: self.archives.keep_days.map(days),
        }
    }
}
