//! Notices to the press office, ready to publish on the portal, in social networks and messengers (Order 926, clauses 16 and
//! 17 of section III): one mail, in Ukrainian and in English.
//!
//! - [`settings`]: from whom, to whom, and the way there.
//! - [`text`]: the words.
//! - [`mail`]: the mail around them.
//! - [`smtp`]: the way by SMTP. The other way is a [`Folder`] of `.eml` files.

pub mod mail;
pub mod settings;
pub mod smtp;
pub mod text;

use async_trait::async_trait;
use kordon_hub::notices::{Channel, ChannelFault, Dispatch, Receipt};

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

enum Way {
    Smtp(Box<Smtp>),
    Folder(Folder),
}

impl PressOffice {
    /// Opens the way that the settings name.
    ///
    /// # Errors
    /// [`SettingsFault`], for the first setting that can't be right.
    pub fn open(settings: PressOfficeSettings) -> Result<Self, SettingsFault> {
        let way = match &settings.route {
            PressOfficeRoute::Folder { path } => Way::Folder(Folder::at(path)),
            PressOfficeRoute::Smtp { .. } => Way::Smtp(Box::new(Smtp::to(&settings.route)?)),
        };
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
        match &self.way {
            Way::Smtp(smtp) => smtp.send(mail).await,
            Way::Folder(folder) => {
                let name = format!("{}-{:05}.eml", dispatch.notice.outage_id, dispatch.notice.number);
                folder.put(name, mail.formatted()).await
            }
        }
    }
}
