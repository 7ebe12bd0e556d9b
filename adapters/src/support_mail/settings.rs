//! From whom users get mail, the way there, and the mailboxes that they write to.

use serde::Deserialize;
use uuid::Uuid;

use super::imap::MailboxSettings;
use crate::press_office::PressOfficeRoute;

/// From whom users get mail, the way there, and the mailboxes that they write to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportMailSettings {
    /// The sender, `Name <address>` or an address: the mailbox of line 1, so that users answer to it. Its
    /// domain is that of the message ids.
    pub from: String,
    /// The way there, of the same kind as that to the press office.
    pub route: PressOfficeRoute,
    /// The address under which anybody reads articles, to which the id of one is put:
    /// `https://hub.example/api/v1/open-data/articles/`. Left out: letters name an article by its title.
    #[serde(default)]
    pub articles: Option<String>,
    /// The mailboxes that users write to: line 1's, and line 2's for out of hours. None: mail is handed in
    /// over the door only.
    #[serde(default)]
    pub mailboxes: Vec<MailboxSettings>,
    /// In the name of which system of line 1 fetched mail is recorded: the id that `kordon party add`
    /// answered.
    #[serde(default)]
    pub records_as: Option<Uuid>,
}
