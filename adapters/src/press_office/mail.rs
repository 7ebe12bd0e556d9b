//! The mail around a notice. The same notice makes the same mail: its id and date are the notice's, so a
//! mailbox that gets it twice knows it for one, and the mails of one outage form a thread.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use kordon_hub::notices::{Dispatch, NoticeId, PermitNotice};
use kordon_schemas::press_texts::{PressText, PressTexts};
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};

use super::permit_text::permit_text;
use super::settings::PressOfficeSettings;
use super::text::{Language, press_texts};
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
        let PressTexts { uk, en } = press_texts(dispatch);
        let notice = &dispatch.notice;
        let thread = format!("outage-{}", notice.outage_id);
        self.bilingual([uk, en], (notice.id, notice.created_at), &thread, &self.to)
    }

    /// The mail of a notice of a permit: to `whom`, or without anybody named to the press office.
    ///
    /// # Errors
    /// As [`Self::mail`].
    pub fn mail_of_permit(
        &self,
        notice: &PermitNotice,
        whom: Option<Mailbox>,
    ) -> Result<Message, lettre::error::Error> {
        let for_publication = whom.is_none();
        let texts = [Language::Ukrainian, Language::English]
            .map(|language| permit_text(notice, language, for_publication));
        let thread = format!("permit-{}", notice.told.number);
        let to = whom.map_or_else(|| self.to.clone(), |whom| vec![whom]);
        self.bilingual(texts, (notice.id, notice.created_at), &thread, &to)
    }

    fn bilingual(
        &self,
        [ukrainian, english]: [PressText; 2],
        (id, created_at): (NoticeId, DateTime<Utc>),
        thread: &str,
        to: &[Mailbox],
    ) -> Result<Message, lettre::error::Error> {
        let domain = self.from.email.domain();
        let mut mail = Message::builder()
            .from(self.from.clone())
            .subject(format!("{} / {}", ukrainian.title, english.title))
            .date(SystemTime::from(created_at))
            .message_id(Some(format!("<{id}@{domain}>")))
            .references(format!("<{thread}@{domain}>"))
            // Whoever answers mail by itself leaves this one alone (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        for recipient in to {
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
