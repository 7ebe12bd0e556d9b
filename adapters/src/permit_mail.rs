//! Notices of permits to the departure office and the trader who asked, by e-mail: from the same sender and
//! by the same way as those to the press office, to the address that they gave.

use async_trait::async_trait;
use kordon_hub::notices::{Channel, ChannelFault, Dispatch, PermitDispatch, Receipt};
use lettre::message::Mailbox;

use crate::SettingsFault;
use crate::press_office::mail::Letterhead;
use crate::press_office::{PressOfficeSettings, Way};

/// The way to one kind of recipient.
pub struct PermitMail {
    letterhead: Letterhead,
    way: Way,
}

impl PermitMail {
    /// Opens the way of the press office to others. Where that is a folder, `below` is theirs in it.
    ///
    /// # Errors
    /// [`SettingsFault`], for the first setting that can't be right.
    pub fn open(settings: &PressOfficeSettings, below: &str) -> Result<Self, SettingsFault> {
        Ok(Self { letterhead: Letterhead::of(settings)?, way: Way::open(&settings.route, Some(below))? })
    }
}

#[async_trait]
impl Channel for PermitMail {
    async fn deliver(&self, _: &Dispatch) -> Result<Receipt, ChannelFault> {
        Err(ChannelFault::Permanent("this way takes notices of permits only".into()))
    }

    /// Sends the mail. What is recorded of it names no address.
    async fn deliver_permit(&self, dispatch: &PermitDispatch) -> Result<Receipt, ChannelFault> {
        let nowhere = || ChannelFault::Permanent("no address that mail can be sent to was given".into());
        let to: Mailbox = dispatch.address.as_deref().ok_or_else(nowhere)?.parse().map_err(|_| nowhere())?;
        let notice = &dispatch.notice;
        let mail = self
            .letterhead
            .mail_of_permit(notice, Some(to))
            .map_err(|error| ChannelFault::Permanent(format!("the mail can't be written: {error}")))?;
        let sent = self.way.send(mail, format!("{}-{:05}.eml", notice.request, notice.number)).await;
        // A server may repeat an address in its answer.
        let hidden = |detail: String| {
            let address = dispatch.address.as_deref().unwrap_or_default();
            if address.is_empty() { detail } else { detail.replace(address, "(the address)") }
        };
        match sent {
            Ok(Receipt { detail, sent }) => Ok(Receipt { detail: hidden(detail), sent }),
            Err(ChannelFault::Transient(detail)) => Err(ChannelFault::Transient(hidden(detail))),
            Err(ChannelFault::Permanent(detail)) => Err(ChannelFault::Permanent(hidden(detail))),
        }
    }
}
