//! Why a request of the hub to somebody else failed, for the log and for the state of a delivery: DG TAXUD's
//! gateway, the National Bank, a security server, an authority of time-stamps.

use std::error::Error as _;

/// The fault with its causes, without the address: that may hold a secret.
pub(crate) fn in_words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        words = format!("{words}: {deeper}");
        cause = deeper.source();
    }
    words
}
