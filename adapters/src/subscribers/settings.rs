//! Who is sent notices beside those whom the order names, and how.

use kordon_hub::notices::subscribers::{SubscriberName, Subscription};
use serde::Deserialize;

use crate::SettingsFault;

/// A subscriber: a service of a member of Trembita that takes notices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriberSettings {
    /// What it is called here: 1 to 40 small letters, digits, `-` and `_`. What it is owed is kept under this
    /// name.
    pub name: String,
    /// Its service, `INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE[/VERSION]`.
    pub service: String,
    /// How it is asked.
    pub by: SubscriberWay,
    /// By REST: what follows the address of the service.
    #[serde(default)]
    pub path: String,
    /// Which notices it is sent.
    #[serde(default = "of_outages")]
    pub notices: Vec<NoticeSubject>,
}

/// How a subscriber is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriberWay {
    /// By SOAP, with the notice as XML.
    Soap,
    /// By REST as X-Road has it, with the notice as JSON.
    Xroad,
    /// By REST as UXP has it, with the notice as JSON.
    Uxp,
}

/// What notices tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeSubject {
    /// Outages, and reminders of them.
    Outages,
    /// Permits of the continuity procedure, without the trader.
    Permits,
}

fn of_outages() -> Vec<NoticeSubject> {
    vec![NoticeSubject::Outages]
}

impl SubscriberSettings {
    /// The name as the records have it.
    pub(super) fn name(&self) -> Result<SubscriberName, SettingsFault> {
        SubscriberName::parse(&self.name).ok_or_else(|| {
            SettingsFault::new(
                "subscribers.name",
                "is 1 to 40 small letters, digits, - and _, and begins with one of the first two",
            )
        })
    }

    pub(super) fn subscription(&self) -> Result<Subscription, SettingsFault> {
        let is_sent = |subject| self.notices.contains(&subject);
        let (of_outages, of_permits) = (is_sent(NoticeSubject::Outages), is_sent(NoticeSubject::Permits));
        if !of_outages && !of_permits {
            return Err(SettingsFault::new("subscribers.notices", "names outages, permits or both"));
        }
        Ok(Subscription { name: self.name()?, of_outages, of_permits })
    }
}
