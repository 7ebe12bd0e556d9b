//! The mail around a notice. The same notice makes the same mail: its id and date are the notice's, so a mailbox that gets it
//! twice knows it for one, and the mails of one outage form a thread.

use std::time::SystemTime;

use kordon_hub::notices::Dispatch;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};

use super::settings::PressOfficeSettings;
use super::text::{Language, press_text};
use crate::SettingsFault;

/// From whom and to whom.
#[derive(Debug, Clone)]
pub struct Letterhead {
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Letterhead {
    /// Reads the addresses.
    ///
    /// # Errors
    /// [`SettingsFault`] for one that is none, or when there is nobody to write to.
    pub fn of(settings: &PressOfficeSettings) -> Result<Self, SettingsFault> {
        let read = |setting, address: &String| {
            address
                .parse::<Mailbox>()
                .map_err(|error| SettingsFault::new(setting, format!("{address}: {error}")))
        };
        let from = read("press_office.from", &settings.from)?;
        let to = settings
            .to
            .iter()
            .map(|address| read("press_office.to", address))
            .collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err(SettingsFault::new("press_office.to", "names nobody"));
        }
        Ok(Self { from, to })
    }

    /// The mail of a notice.
    ///
    /// # Errors
    /// When the mail can't be written; with a sender and a recipient it always can.
    pub fn mail(&self, dispatch: &Dispatch) -> Result<Message, lettre::error::Error> {
        let ukrainian = press_text(dispatch, Language::Ukrainian);
        let english = press_text(dispatch, Language::English);
        let domain = self.from.email.domain();
        let notice = &dispatch.notice;
        let mut mail = Message::builder()
            .from(self.from.clone())
            .subject(format!("{} / {}", ukrainian.title, english.title))
            .date(SystemTime::from(notice.created_at))
            .message_id(Some(format!("<{}@{domain}>", notice.id)))
            .references(format!("<outage-{}@{domain}>", notice.outage_id))
            // Whoever answers mail by itself leaves this one alone (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        for recipient in &self.to {
            mail = mail.to(recipient.clone());
        }
        mail.singlepart(SinglePart::plain(format!(
            "{}\n\n{}\n\n{RULE}\n\n{}\n\n{}\n",
            ukrainian.title, ukrainian.body, english.title, english.body
        )))
    }
}

/// What stands between the two languages.
const RULE: &str = "----------------------------------------";
