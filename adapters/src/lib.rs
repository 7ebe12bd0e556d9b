//! Everything that speaks another system's language. The hub says what is to be told and to whom
//! ([`kordon_hub::notices`]); here stands how.
//!
//! - [`taxud`]: notices to DG TAXUD as CD070C, by HTTP or in a folder.
//! - [`press_office`]: notices to the press office as mail, by SMTP or in a folder.
//! - [`support_mail`]: mail from and to the users of the support service.
//! - [`permit_mail`]: notices of permits to departure offices and traders, the same way.
//! - [`subscribers`]: notices to services of members of Trembita.
//! - [`trembita`]: the message protocol of Trembita.
//! - [`http_signatures`]: signed requests and answers of REST (RFC 9421).
//! - [`nbu`]: official rates from the National Bank.
//! - [`keys`]: the keys that the hub signs with, in files or in a hardware module.
//! - [`signing`]: the hub's signature as CMS, by one of its keys.
//! - [`verified_certificate`]: what somebody else's certificate is known by.
//! - `request_fault`: why a request to somebody else failed, in words.
//! - [`folder`]: files that are whole or not there.

pub mod folder;
pub mod http_signatures;
pub mod keys;
pub mod nbu;
pub mod permit_mail;
pub mod press_office;
mod request_fault;
pub mod signing;
pub mod subscribers;
pub mod support_mail;
pub mod taxud;
pub mod trembita;
pub mod verified_certificate;

use kordon_hub::notices::Channels;
use kordon_schemas::notices::Recipient;

pub use nbu::{Nbu, NbuSettings};
pub use permit_mail::PermitMail;
pub use press_office::{PressOffice, PressOfficeSettings};
pub use signing::{CmsSigner, SigningSettings, key as signing_key};
pub use subscribers::{SubscriberSettings, subscribed};
pub use support_mail::{Letters, MailReader, SupportMailSettings};
pub use taxud::{Taxud, TaxudSettings};

/// What is wrong with the settings of a way out. The hub does not start with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {fault}")]
pub struct SettingsFault {
    /// The setting, by its name in the configuration.
    pub setting: &'static str,
    /// What is wrong with it and what to change.
    pub fault: String,
}

impl SettingsFault {
    fn new(setting: &'static str, fault: impl ToString) -> Self {
        Self { setting, fault: fault.to_string() }
    }
}

/// Opens the ways to all recipients of notices.
///
/// # Errors
/// [`SettingsFault`], for the first setting that can't be right.
pub fn channels(taxud: TaxudSettings, press_office: PressOfficeSettings) -> Result<Channels, SettingsFault> {
    Ok(Channels::new()
        .with(Recipient::Taxud, Taxud::open(taxud)?)
        .with(Recipient::DepartureOffice, PermitMail::open(&press_office, "departure-offices")?)
        .with(Recipient::Trader, PermitMail::open(&press_office, "traders")?)
        .with(Recipient::PressOffice, PressOffice::open(press_office)?))
}
