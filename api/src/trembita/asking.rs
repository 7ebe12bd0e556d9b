//! Who asks through a security server, as the rest of the door sees it.

use actix_web::{HttpMessage, HttpRequest};
use kordon_hub::evidence::Exchange;

/// A member's question, noted in its request. It is noted by the door of Trembita alone, on connections that
/// it trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// What the access log keeps of it.
    pub exchange: Exchange,
    /// Why it asks: the purpose that it names, or the cause of its message.
    pub purpose: Option<String>,
}

impl Asking {
    /// Who asks, if it is a member.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }
}
