//! Signatures over whole documents: one enveloped XAdES signature (ETSI EN 319 132-1, the basic level) that
//! stands in the document that it signs. Who hands in documents need not know how they travel, and whoever
//! keeps one can prove later whose it is.
//!
//! - [`mod@verify`]: what a signed document has to be. What is verified is the root, and the root is what is
//!   read.
//! - [`mod@sign`]: signing a document of the hub.
//!
//! The profile is narrow. One Signature in the whole document, the last element of its root. It signs the
//! document (`URI=""`, the enveloped-signature transform and exclusive canonical XML), its own
//! SignedProperties, and at most its own KeyInfo; nothing else can be pointed to. RSA (PKCS#1 1.5 or PSS) and
//! ECDSA with SHA-256 or longer; the certificate stands in KeyInfo and its digest among what is signed.

pub mod sign;
pub mod verify;

pub use sign::sign;
pub use verify::{Signed, is_signed, verify};

/// The transform that leaves the signature itself out.
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// What the reference to the signed properties says that it is.
const SIGNED_PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";
