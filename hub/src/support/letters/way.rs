//! The port through which a letter leaves the hub. `kordon-adapters` fills it: by SMTP, or in a folder.

use async_trait::async_trait;

use super::model::Letter;
use crate::notices::{ChannelFault, Receipt};

/// The way to users by mail. It is asked again with the same letter until it says that it was taken: the same
/// letter makes the same mail under the same Message-ID.
#[async_trait]
pub trait LetterWay: Send + Sync {
    /// Sends a letter.
    ///
    /// # Errors
    /// [`ChannelFault`], with what went wrong. The detail is shown to line 1.
    async fn send(&self, letter: &Letter) -> Result<Receipt, ChannelFault>;
}
