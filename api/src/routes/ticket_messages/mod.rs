//! `/api/v1/ticket-messages`: what users write to the support service by mail (Order 926, section II, clause
//! 2).

pub(crate) mod attachment;
pub(crate) mod hand_in;
pub(crate) mod list;
pub(crate) mod register;
pub(crate) mod show;

use kordon_hub::support::mail::MessageId;
use uuid::Uuid;

use crate::problem::{Failure, Result};

/// The message that an address names.
fn message_in(path: &str) -> Result<MessageId> {
    path.parse::<Uuid>().map(MessageId).map_err(|_| Failure::malformed("path:message", "is a UUID"))
}
