//! The way of a letter to its user: by SMTP, or as an `.eml` file in a folder. The same letter makes the same
//! mail: its id and date are the letter's, so a mailbox that gets it twice knows it for one, and the mails
//! about one ticket are a thread.

use std::time::SystemTime;

use async_trait::async_trait;
use kordon_hub::notices::{ChannelFault, Receipt};
use kordon_hub::support::letters::{About, Letter, LetterWay};
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};

use super::settings::SupportMailSettings;
use super::text::letter_text;
use crate::SettingsFault;
use crate::folder::Folder;
use crate::press_office::PressOfficeRoute;
use crate::press_office::smtp::Smtp;

/// The way to users.
pub struct Letters {
    from: Mailbox,
    articles: Option<String>,
    way: Way,
}

enum Way {
    Smtp(Box<Smtp>),
    Folder(Folder),
}

impl Letters {
    /// Opens the way that the settings name.
    ///
    /// # Errors
    /// [`SettingsFault`], for the first setting that can't be right.
    pub fn open(settings: &SupportMailSettings) -> Result<Self, SettingsFault> {
        let SupportMailSettings { from, route, articles, mailboxes: _, records_as: _ } = settings;
        let fault = |error| SettingsFault::new("support_mail.from", format!("{from}: {error}"));
        let from = from.parse::<Mailbox>().map_err(fault)?;
        let way = match route {
            PressOfficeRoute::Folder { path } => Way::Folder(Folder::at(path)),
            PressOfficeRoute::Smtp { .. } => Way::Smtp(Box::new(
                Smtp::to(route).map_err(|fault| SettingsFault::new("support_mail.route", fault.fault))?,
            )),
        };
        Ok(Self { from, articles: articles.clone(), way })
    }

    /// The mail of a letter.
    ///
    /// # Errors
    /// What is wrong with the letter: its address, mostly. Sending it again does not help.
    pub fn mail(&self, letter: &Letter) -> Result<Message, String> {
        let recipient = letter.recipient.as_deref().ok_or("the letter has no address")?;
        let address = recipient.parse().map_err(|_| "the address is none that mail can be sent to")?;
        let text = letter_text(letter, self.articles.as_deref());
        let domain = self.from.email.domain();
        let thread = match letter.about {
            About::Ticket(ticket) => format!("<ticket-{ticket}@{domain}>"),
            About::Message(message) => format!("<message-{message}@{domain}>"),
        };
        let mut mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(text.subject)
            .date(SystemTime::from(letter.created_at))
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            // Whoever answers mail by itself leaves this one alone (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        mail = match &letter.in_reply_to {
            Some(answered) => {
                mail.in_reply_to(format!("<{answered}>")).references(format!("{thread} <{answered}>"))
            }
            None => mail.references(thread),
        };
        mail.singlepart(SinglePart::plain(text.body)).map_err(|error| error.to_string())
    }
}

#[async_trait]
impl LetterWay for Letters {
    async fn send(&self, letter: &Letter) -> Result<Receipt, ChannelFault> {
        let mail = self
            .mail(letter)
            .map_err(|error| ChannelFault::Permanent(format!("the mail can't be written: {error}")))?;
        match &self.way {
            Way::Smtp(smtp) => smtp.send_to_person(mail).await,
            Way::Folder(folder) => {
                folder.put(format!("{}.eml", letter.id), "message/rfc822", mail.formatted()).await
            }
        }
    }
}
