//! Every SQL statement about notices.

use super::model::Addressee;
use crate::error::{Error, Result};

mod deliveries;
pub(super) mod lanes;
mod notices;
pub(super) mod publications;
pub(super) mod rejections;
pub(super) mod subscribers;

pub(super) use deliveries::{deliveries, open_lanes, outbox};
pub(super) use lanes::wake_workers;
pub(super) use notices::{after, draw_position, insert, next_number, one};

/// The recipients, as the records name them.
fn names(recipients: &[Addressee]) -> Vec<String> {
    recipients.iter().map(|recipient| recipient.key().into_owned()).collect()
}

fn known<T: Copy, const N: usize>(all: [T; N], word: impl Fn(T) -> &'static str, stored: &str) -> Result<T> {
    all.into_iter().find(|known| word(*known) == stored).ok_or_else(|| stored_badly(stored))
}

fn stored_badly(what: &str) -> Error {
    Error::stored_badly("a notice", what)
}
