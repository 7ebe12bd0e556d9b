//! What is sent again. An act that creates something goes by a reference (or key) of whoever sends it: the same
//! content under it is the same act, answered as it was; other content is refused. Serves whoever sends again
//! because no answer came: queue operators (Resolution 1393, clauses 23 and 34), and those who file tickets,
//! permits and outages (Order 926, section III, clause 6). Events have ids of their own (decision 3).

use kordon_schemas::ProblemCode;
use serde::Serialize;

use crate::error::{Error, Result};

/// The most characters of a key that a request goes by.
const LONGEST_KEY: usize = 128;

/// Checks the key that a request names in its head.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn check_key(key: &str) -> Result<()> {
    if (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let detail = format!("has 1 to {LONGEST_KEY} visible ASCII characters");
    Err(Error::fault("header:Idempotency-Key", detail))
}

/// SHA-256 over what was sent, by which a repeat is known. Whatever makes two acts different belongs to it: also
/// the checkpoint or booking that the path names.
///
/// # Errors
/// [`Error::Internal`] for what cannot be written as JSON.
pub(crate) fn digest(sent: &impl Serialize) -> Result<[u8; 32]> {
    let sent = serde_json::to_vec(sent).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(openssl::sha::sha256(&sent))
}

/// Refuses another content under a reference that stands already. `stands_for` says what of.
///
/// # Errors
/// [`ProblemCode::IdempotencyConflict`].
pub(crate) fn require_same(known: &[u8], sent: [u8; 32], stands_for: impl FnOnce() -> String) -> Result<()> {
    if known == sent { Ok(()) } else { Err(Error::refused(ProblemCode::IdempotencyConflict, stands_for())) }
}
