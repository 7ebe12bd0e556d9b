//! Notices to DG TAXUD: CD070C, "notification of system unavailability", of the common domain of NCTS (Order
//! 926, clause 16 of section III: planned and unplanned unavailability, and the recovery).
//!
//! - [`settings`]: names, codes and the way there.
//! - [`message`]: what a notice says in the terms of CD070C.
//! - [`cd070c`]: the message as XML.
//! - [`check`]: the judge of every message before it leaves: the schema, and the rules that no schema can
//!   express.
//! - [`rejection`]: what comes back when a message is not accepted: CD906C and CD917C.
//! - [`http`]: the way by HTTP. The other way is a [`Folder`].

pub mod cd070c;
pub mod check;
pub mod http;
pub mod message;
pub mod rejection;
pub mod settings;

use async_trait::async_trait;
use kordon_hub::notices::{Channel, ChannelFault, Dispatch, Receipt};

pub use settings::{ExplanationCodes, FunctionalityCodes, TaxudRoute, TaxudSettings};

use crate::SettingsFault;
use crate::folder::Folder;
use check::Check;
use http::Post;
use message::Message;

/// The way to DG TAXUD.
pub struct Taxud {
    settings: TaxudSettings,
    check: Check,
    way: Way,
}

enum Way {
    Http(Post),
    Folder(Folder),
}

impl Taxud {
    /// Opens the way that the settings name.
    ///
    /// # Errors
    /// [`SettingsFault`], for the first setting that can't be right.
    pub fn open(settings: TaxudSettings) -> Result<Self, SettingsFault> {
        settings.check()?;
        let check = Check::new().map_err(|error| SettingsFault::new("taxud", error))?;
        let way = match &settings.route {
            TaxudRoute::Folder { path } => Way::Folder(Folder::at(path)),
            TaxudRoute::Http { address, ca_file } => Way::Http(Post::to(address, ca_file.as_deref())?),
        };
        Ok(Self { settings, check, way })
    }
}

#[async_trait]
impl Channel for Taxud {
    /// Sends the CD070C of a notice. A message that breaks a rule of CD070C is not sent: it would be refused.
    async fn deliver(&self, dispatch: &Dispatch) -> Result<Receipt, ChannelFault> {
        let Some(message) = Message::of(dispatch, &self.settings) else {
            return Ok(Receipt::said("nothing to say: DG TAXUD knows nothing of this outage"));
        };
        let xml = message
            .to_xml()
            .map_err(|error| ChannelFault::Permanent(format!("the message can't be written: {error}")))?;
        self.check.pass(&message, &xml).map_err(ChannelFault::Permanent)?;
        match &self.way {
            Way::Http(post) => post.send(xml).await,
            Way::Folder(folder) => {
                let name = format!("{}-{:05}.xml", dispatch.notice.outage_id, dispatch.notice.number);
                folder.put(name, "application/xml", xml).await
            }
        }
    }
}
