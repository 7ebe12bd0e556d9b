//! Which security servers are trusted.

use std::collections::HashSet;
use std::net::IpAddr;

use kordon_adapters::trembita::soap::faults::Dialect;
use kordon_hub::{Error, Result};
use serde::Deserialize;

/// The door of Trembita. Without a security server it is shut.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrembitaSettings {
    /// The security servers by the SHA-256 of their client certificates, in hexadecimal digits.
    pub certificates: Vec<String>,
    /// The security servers by their addresses, where the way to them is safe in itself.
    pub addresses: Vec<IpAddr>,
    /// Who the hub is in Trembita, `INSTANCE/CLASS/CODE[/SUBSYSTEM]`. With it, what is meant for somebody
    /// else is refused.
    pub provider: Option<String>,
    /// How the codes of faults are spelled.
    pub fault_codes: Dialect,
}

/// The fingerprints as the hub compares them: 64 lower-case digits.
pub(super) fn fingerprints(written: &[String]) -> Result<HashSet<String>> {
    written
        .iter()
        .map(|text| {
            let digits: String =
                text.chars().filter(|sign| *sign != ':').map(|sign| sign.to_ascii_lowercase()).collect();
            if digits.len() == 64 && digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
                Ok(digits)
            } else {
                Err(Error::Internal(format!(
                    "trembita.certificates: {text:?} is no SHA-256 in hexadecimal digits"
                )))
            }
        })
        .collect()
}
