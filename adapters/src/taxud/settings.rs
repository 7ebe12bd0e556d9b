//! How the hub presents itself to DG TAXUD, and the way there.

use std::path::PathBuf;

use kordon_schemas::outages::{AffectedSystem, OutageKind};
use serde::Deserialize;

use crate::SettingsFault;

/// Names, codes and the way to DG TAXUD.
///
/// The codes of functionalities (CL168) and explanations (CL183) are business code lists that CS/RD2 gives to
/// national administrations only. The defaults have the right shape and nothing more: set the real ones
/// before anything leaves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxudSettings {
    /// `messageSender`: the national application, 1 to 35 characters.
    #[serde(default = "national_application")]
    pub sender: String,
    /// `messageRecipient`: the central services, 1 to 35 characters.
    #[serde(default = "central_services")]
    pub recipient: String,
    /// `country`, two capital letters.
    #[serde(default = "ukraine")]
    pub country: String,
    /// `PhaseID`: `NCTS5.0`, `NCTS5.1` or `NCTS6`.
    #[serde(default = "phase")]
    pub phase: String,
    /// The functionality (CL168) that each affected system is told as.
    #[serde(default)]
    pub functionality: FunctionalityCodes,
    /// The explanation (CL183) of each kind of outage.
    #[serde(default)]
    pub explanation: ExplanationCodes,
    /// The way there.
    pub route: TaxudRoute,
}

/// One letter for each affected system, each another: the letter is part of an unavailability's key (R0518).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the affected system of its name")]
pub struct FunctionalityCodes {
    pub ets: char,
    pub guarantee_management: char,
    pub customs_information: char,
    pub declarant_link: char,
}

/// Two letters or digits for each kind of outage.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the kind of outage of its name")]
pub struct ExplanationCodes {
    pub planned: String,
    pub unplanned: String,
}

/// The way to DG TAXUD.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum TaxudRoute {
    /// Files in a folder, from which another program or a person takes them.
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// `POST` to a gateway.
    Http {
        /// Its address, `https://…` or `http://…`.
        address: String,
        /// An authority that may have signed its certificate, PEM, beside those that the machine trusts.
        #[serde(default)]
        ca_file: Option<PathBuf>,
    },
}

impl Default for FunctionalityCodes {
    fn default() -> Self {
        Self { ets: 'A', guarantee_management: 'B', customs_information: 'C', declarant_link: 'D' }
    }
}

impl FunctionalityCodes {
    /// The code of a system.
    #[must_use]
    pub const fn of(&self, system: AffectedSystem) -> char {
        match system {
            AffectedSystem::Ets => self.ets,
            AffectedSystem::GuaranteeManagement => self.guarantee_management,
            AffectedSystem::CustomsInformation => self.customs_information,
            AffectedSystem::DeclarantLink => self.declarant_link,
        }
    }
}

impl Default for ExplanationCodes {
    fn default() -> Self {
        Self { planned: "01".into(), unplanned: "02".into() }
    }
}

impl ExplanationCodes {
    /// The code of a kind.
    #[must_use]
    pub fn of(&self, kind: OutageKind) -> &str {
        match kind {
            OutageKind::Planned => &self.planned,
            OutageKind::Unplanned => &self.unplanned,
        }
    }
}

impl TaxudSettings {
    /// The defaults with a way there.
    #[must_use]
    pub fn new(route: TaxudRoute) -> Self {
        Self {
            sender: national_application(),
            recipient: central_services(),
            country: ukraine(),
            phase: phase(),
            functionality: FunctionalityCodes::default(),
            explanation: ExplanationCodes::default(),
            route,
        }
    }

    /// Whether messages made with these settings can be right at all.
    pub(super) fn check(&self) -> Result<(), SettingsFault> {
        for (setting, name) in [("taxud.sender", &self.sender), ("taxud.recipient", &self.recipient)] {
            if name.is_empty() || name.len() > 35 || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(SettingsFault::new(setting, "has 1 to 35 visible ASCII characters"));
            }
        }
        if self.country.len() != 2 || !self.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(SettingsFault::new("taxud.country", "is two capital letters"));
        }
        if !["NCTS5.0", "NCTS5.1", "NCTS6"].contains(&self.phase.as_str()) {
            return Err(SettingsFault::new("taxud.phase", "is NCTS5.0, NCTS5.1 or NCTS6"));
        }
        let mut letters = AffectedSystem::ALL.map(|system| self.functionality.of(system)).to_vec();
        letters.sort_unstable();
        letters.dedup();
        if letters.len() != AffectedSystem::ALL.len() || !letters.iter().all(char::is_ascii_alphabetic) {
            return Err(SettingsFault::new(
                "taxud.functionality",
                "is one letter a system, each another (R0518)",
            ));
        }
        for kind in OutageKind::ALL {
            let code = self.explanation.of(kind);
            if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(SettingsFault::new("taxud.explanation", "is two letters or digits a kind"));
            }
        }
        Ok(())
    }
}

/// The name of Ukraine's application, made as other administrations make theirs.
fn national_application() -> String {
    "NTA.UA".into()
}

fn central_services() -> String {
    "NTA.EU".into()
}

fn ukraine() -> String {
    "UA".into()
}

fn phase() -> String {
    "NCTS5.1".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_have_the_right_shape() {
        assert_eq!(settings().check(), Ok(()));
    }

    #[test]
    fn two_systems_under_one_letter_are_refused() {
        let mut settings = settings();
        settings.functionality.declarant_link = 'A';
        assert_eq!(settings.check().unwrap_err().setting, "taxud.functionality");
    }

    #[test]
    fn a_wrong_code_is_named_by_its_setting() {
        let named = |change: fn(&mut TaxudSettings)| {
            let mut settings = settings();
            change(&mut settings);
            settings.check().unwrap_err().setting
        };
        assert_eq!(named(|settings| settings.sender = "НТА.UA".into()), "taxud.sender");
        assert_eq!(named(|settings| settings.country = "ua".into()), "taxud.country");
        assert_eq!(named(|settings| settings.phase = "NCTS4".into()), "taxud.phase");
        assert_eq!(named(|settings| settings.explanation.planned = "1".into()), "taxud.explanation");
    }

    fn settings() -> TaxudSettings {
        TaxudSettings::new(TaxudRoute::Folder { path: "to-taxud".into() })
    }
}
