//! Notices to the press office, ready to publish on the portal, in social networks and messengers (Order 926,
//! clauses 16 and 17 of section III): one mail, in Ukrainian and in English.
//!
//! - [`settings`]: from whom, to whom, and the way there.
//! - [`text`]: the words.
//! - [`permit_text`]: the words of a notice of a permit.
//! - [`mail`]: the mail around them.
//! - [`smtp`]: the way by SMTP. The other way is a [`Folder`] of `.eml` files.

pub mod mail;
pub mod permit_text;
pub mod settings;
pub mod smtp;
pub mod text;

use async_trait::async_trait;
use kordon_hub::notices::{Channel, ChannelFault, Dispatch, PermitDispatch, Receipt};
use lettre::Message;

pub use settings::{Password, PressOfficeRoute, PressOfficeSettings, SmtpSecurity};

use crate::SettingsFault;
use crate::folder::Folder;
use mail::Letterhead;
use smtp::Smtp;

/// The way to the press office.
pub struct PressOffice {
    letterhead: Letterhead,
    way: Way,
}

/// How a mail leaves.
pub(crate) enum Way {
    Smtp(Box<Smtp>),
    Folder(Folder),
}

impl Way {
    /// Opens a way. Below a folder, `below` is that of one recipient.
    pub(crate) fn open(route: &PressOfficeRoute, below: Option<&str>) -> Result<Self, SettingsFault> {
        Ok(match route {
            PressOfficeRoute::Folder { path } => {
                Self::Folder(Folder::at(below.map_or_else(|| path.clone(), |below| path.join(below))))
            }
            PressOfficeRoute::Smtp { .. } => Self::Smtp(Box::new(Smtp::to(route)?)),
        })
    }

    /// Sends a mail, or puts it into the folder under a name.
    pub(crate) async fn send(&self, mail: Message, name: String) -> Result<Receipt, ChannelFault> {
        match self {
            Self::Smtp(smtp) => smtp.send(mail).await,
            Self::Folder(folder) => folder.put(name, "message/rfc822", mail.formatted()).await,
        }
    }
}

impl PressOffice {
    /// Opens the way that the settings name.
    ///
    /// # Errors
    /// [`SettingsFault`], for the first setting that can't be right.
    pub fn open(settings: PressOfficeSettings) -> Result<Self, SettingsFault> {
        let way = Way::open(&settings.route, None)?;
        Ok(Self { letterhead: Letterhead::of(&settings)?, way })
    }
}

#[async_trait]
impl Channel for PressOffice {
    async fn deliver(&self, dispatch: &Dispatch) -> Result<Receipt, ChannelFault> {
        let mail = self
            .letterhead
            .mail(dispatch)
            .map_err(|error| ChannelFault::Permanent(format!("the mail can't be written: {error}")))?;
        let name = format!("{}-{:05}.eml", dispatch.notice.outage_id, dispatch.notice.number);
        self.way.send(mail, name).await
    }

    async fn deliver_permit(&self, dispatch: &PermitDispatch) -> Result<Receipt, ChannelFault> {
        let notice = &dispatch.notice;
        let mail = self
            .letterhead
            .mail_of_permit(notice, None)
            .map_err(|error| ChannelFault::Permanent(format!("the mail can't be written: {error}")))?;
        self.way.send(mail, format!("{}-{:05}.eml", notice.request, notice.number)).await
    }
}
