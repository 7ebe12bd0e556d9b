//! `Content-Digest` (RFC 9530): what a content has to be for a signature over the header to be one over the
//! content.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::memcmp;
use openssl::sha::{sha256, sha512};
use sfv::{Dictionary, ListEntry, Parser};

use crate::trembita::security::{Reason, Refusal};

/// The header of a content.
#[must_use]
pub fn content_digest(content: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256(content)))
}

/// Checks a content against its header: at least one digest is SHA-256 or SHA-512, and all of these hold.
/// Others are passed over.
///
/// # Errors
/// [`Reason::Structure`], [`Reason::Algorithm`] or [`Reason::Value`].
pub fn check(header: &str, content: &[u8]) -> Result<(), Refusal> {
    let digests: Dictionary = Parser::new(header)
        .parse()
        .map_err(|_| Refusal::new(Reason::Structure, "the Content-Digest cannot be read"))?;
    let mut known = false;
    for (name, entry) in &digests {
        let own: &[u8] = match name.as_str() {
            "sha-256" => &sha256(content),
            "sha-512" => &sha512(content),
            _ => continue,
        };
        known = true;
        let told = match entry {
            ListEntry::Item(item) => item.bare_item.as_byte_sequence(),
            ListEntry::InnerList(_) => None,
        };
        let told =
            told.ok_or_else(|| Refusal::new(Reason::Structure, "a Content-Digest is a byte sequence"))?;
        if told.len() != own.len() || !memcmp::eq(told, own) {
            return Err(Refusal::new(Reason::Value, "the Content-Digest is not of this content"));
        }
    }
    if known {
        Ok(())
    } else {
        Err(Refusal::new(Reason::Algorithm, "the Content-Digest is neither sha-256 nor sha-512"))
    }
}
