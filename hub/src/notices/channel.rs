//! The port through which a notice leaves the hub. `kordon-adapters` fills it: CD070C by HTTP or in a folder,
//! mail by SMTP or in a folder, messages to members of Trembita.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::model::{Addressee, Dispatch, PermitDispatch};
use crate::sealing::Content;

/// A way to one recipient. It is asked again with the same notice until it says that the notice was taken, so
/// it must be harmless to take one twice: the same dispatch makes the same message under the same id.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Delivers a notice. Whoever calls gives up after [`SEND_LIMIT`](super::delivery::SEND_LIMIT) and asks
    /// again later.
    ///
    /// # Errors
    /// [`ChannelFault`], with what went wrong for the record of attempts.
    async fn deliver(&self, dispatch: &Dispatch) -> Result<Receipt, ChannelFault>;

    /// Delivers a notice of a permit, as [`Self::deliver`].
    ///
    /// # Errors
    /// [`ChannelFault`]. A way that takes none refuses it for good.
    async fn deliver_permit(&self, _dispatch: &PermitDispatch) -> Result<Receipt, ChannelFault> {
        Err(ChannelFault::Permanent("this way takes no notices of permits".into()))
    }
}

/// That a recipient took a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What it said, in a line, without secrets.
    pub detail: String,
    /// The message as it was sent, for the evidence of it. None when nothing was.
    pub sent: Option<Content>,
}

impl Receipt {
    /// A receipt of a message.
    #[must_use]
    pub fn of(detail: impl Into<String>, media_type: &str, bytes: Vec<u8>) -> Self {
        let sent = Content { bytes, media_type: media_type.to_owned() };
        Self { detail: detail.into(), sent: Some(sent) }
    }

    /// A receipt where nothing was sent, or nobody keeps what was.
    #[must_use]
    pub fn said(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), sent: None }
    }
}

/// That a notice did not get through. The details are shown to whoever may read notices: they hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelFault {
    /// The way or the recipient is at fault; it is tried again, for ever.
    #[error("{0}")]
    Transient(String),
    /// This message will never be taken; a person must look.
    #[error("{0}")]
    Permanent(String),
}

/// The ways that are open, one a recipient. A notice to a recipient without a way waits.
#[derive(Clone, Default)]
pub struct Channels(BTreeMap<Addressee, Arc<dyn Channel>>);

impl Channels {
    /// No ways yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a way to a recipient, in place of an earlier one.
    #[must_use]
    pub fn with(mut self, recipient: impl Into<Addressee>, channel: impl Channel + 'static) -> Self {
        self.0.insert(recipient.into(), Arc::new(channel));
        self
    }

    /// Every way that is open.
    pub fn iter(&self) -> impl Iterator<Item = (Addressee, Arc<dyn Channel>)> + '_ {
        self.0.iter().map(|(recipient, channel)| (recipient.clone(), Arc::clone(channel)))
    }
}

impl std::fmt::Debug for Channels {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}
