//! HTTP message signatures (RFC 9421) with digests of the content (RFC 9530), for those who ask by REST
//! without a security server.
//!
//! - [`message`]: a request or an answer as signatures see it.
//! - [`base`]: the text that is signed.
//! - [`digest`]: the header `Content-Digest`.
//! - [`verify`]: what a signed request has to be.
//! - [`sign`]: signing an answer to it, or a request.
//!
//! The parameters of a signature are taken as they were received and in their order; they are part of what is
//! signed. One signature a message. It covers the method and the whole address, the digest of the content if
//! there is any, and each header that changes what is done.

pub mod base;
pub mod digest;
pub mod message;
pub mod sign;
pub mod verify;

pub use message::{Answer, Request};
pub use verify::{Named, Signed, read};

/// How a signature is computed (RFC 9421, 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `rsa-v1_5-sha256`.
    RsaSha256,
    /// `rsa-pss-sha512`.
    RsaPssSha512,
    /// `ecdsa-p256-sha256`.
    EcdsaP256,
    /// `ecdsa-p384-sha384`.
    EcdsaP384,
    /// `ed25519`.
    Ed25519,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::RsaSha256, Self::RsaPssSha512, Self::EcdsaP256, Self::EcdsaP384, Self::Ed25519];

    /// Its name in the registry of IANA.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaSha256 => "rsa-v1_5-sha256",
            Self::RsaPssSha512 => "rsa-pss-sha512",
            Self::EcdsaP256 => "ecdsa-p256-sha256",
            Self::EcdsaP384 => "ecdsa-p384-sha384",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The algorithm of that name. The shared secrets of HMAC prove nothing to others, so they are not among
    /// them.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}
