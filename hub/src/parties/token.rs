//! Bearer tokens: 256 random bits, shown once, kept as a hash.

use std::fmt;

use crate::error::{Error, Result};

/// Tells a token of the hub from any other secret, for people and for secret scanners.
const PREFIX: &str = "kordon_";

/// A bearer token as its holder sends it. It never appears in a log: `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Draws a new one from the system's random source.
    ///
    /// # Errors
    /// [`Error::Internal`] when the machine has no randomness to give.
    pub fn draw() -> Result<Self> {
        let mut bits = [0_u8; 32];
        openssl::rand::rand_bytes(&mut bits).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self(format!("{PREFIX}{}", hex::encode(bits))))
    }

    /// Reads one as it was sent. Anything that is not of the form cannot be a token and is not looked up.
    #[must_use]
    pub fn parse(sent: &str) -> Option<Self> {
        let digits = sent.strip_prefix(PREFIX)?;
        let well_formed =
            digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        well_formed.then(|| Self(sent.to_owned()))
    }

    /// What the hub keeps: SHA-256, lower-case hex. A token has 256 bits of its own, so it needs neither salt
    /// nor stretching.
    #[must_use]
    pub fn hash(&self) -> String {
        // The one-shot function looks the algorithm up at every call, which was a twelfth of the time of a
        // request.
        let mut hasher = openssl::sha::Sha256::new();
        hasher.update(self.0.as_bytes());
        hex::encode(hasher.finish())
    }

    /// The token itself, to be shown to its holder once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_was_drawn() {
        let token = Token::draw().unwrap();
        assert_eq!(Token::parse(token.reveal()), Some(token.clone()));
        assert_eq!(token.hash().len(), 64);
    }

    #[test]
    fn two_tokens_differ() {
        assert_ne!(Token::draw().unwrap(), Token::draw().unwrap());
    }

    #[test]
    fn what_is_not_of_the_form_is_no_token() {
        let upper = format!("kordon_{}", "A".repeat(64));
        for sent in ["", "kordon_", "kordon_AB", "bearer", upper.as_str()] {
            assert_eq!(Token::parse(sent), None, "{sent}");
        }
    }

    #[test]
    fn a_token_does_not_show_in_a_log() {
        let token = Token::draw().unwrap();
        assert_eq!(format!("{token:?}"), "Token(secret)");
    }
}
