//! Algorithms of signatures that the hub makes. SHA-1 and keys that are too short are not among them.

use kordon_hub::{Error, Result};
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKeyRef};

/// The fewest bits of an RSA key.
const RSA_BITS: u32 = 2048;

/// What kind of key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA, 2048 bits or more.
    Rsa {
        /// The length of the modulus, in bits.
        bits: u32,
    },
    /// The curve P-256.
    P256,
    /// The curve P-384.
    P384,
    /// The curve P-521.
    P521,
}

impl KeyKind {
    /// The kind of a key; none if the hub does not sign with such.
    #[must_use]
    pub fn of(key: &PKeyRef<impl HasPublic>) -> Option<Self> {
        match key.id() {
            Id::RSA if key.bits() >= RSA_BITS => Some(Self::Rsa { bits: key.bits() }),
            Id::EC => match key.ec_key().ok()?.group().curve_name()? {
                Nid::X9_62_PRIME256V1 => Some(Self::P256),
                Nid::SECP384R1 => Some(Self::P384),
                Nid::SECP521R1 => Some(Self::P521),
                _ => None,
            },
            _ => None,
        }
    }

    /// The algorithm that goes with the kind where nothing else is asked for: RSA of the first edition of
    /// PKCS#1, as every verifier has it, and on a curve the digest of its width.
    #[must_use]
    pub fn usual_algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::Rsa { .. } => SignatureAlgorithm::RsaSha256,
            Self::P256 => SignatureAlgorithm::EcdsaSha256,
            Self::P384 => SignatureAlgorithm::EcdsaSha384,
            Self::P521 => SignatureAlgorithm::EcdsaSha512,
        }
    }

    /// Bytes of each of the two numbers of an ECDSA signature; none for RSA.
    #[must_use]
    pub fn width(self) -> Option<usize> {
        match self {
            Self::Rsa { .. } => None,
            Self::P256 => Some(32),
            Self::P384 => Some(48),
            Self::P521 => Some(66),
        }
    }
}

/// How a signature is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaSha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaSha512,
    /// RSASSA-PSS with SHA-256, salt as long as the digest.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, salt as long as the digest.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, salt as long as the digest.
    RsaPssSha512,
    /// ECDSA with SHA-256.
    EcdsaSha256,
    /// ECDSA with SHA-384.
    EcdsaSha384,
    /// ECDSA with SHA-512.
    EcdsaSha512,
}

impl SignatureAlgorithm {
    /// Whether a key of that kind can make such a signature.
    #[must_use]
    pub fn fits(self, kind: KeyKind) -> bool {
        match (self, kind) {
            (
                Self::RsaSha256
                | Self::RsaSha384
                | Self::RsaSha512
                | Self::RsaPssSha256
                | Self::RsaPssSha384
                | Self::RsaPssSha512,
                KeyKind::Rsa { .. },
            )
            | (
                Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512,
                KeyKind::P256 | KeyKind::P384 | KeyKind::P521,
            ) => true,
            (
                Self::RsaSha256
                | Self::RsaSha384
                | Self::RsaSha512
                | Self::RsaPssSha256
                | Self::RsaPssSha384
                | Self::RsaPssSha512,
                KeyKind::P256 | KeyKind::P384 | KeyKind::P521,
            )
            | (Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512, KeyKind::Rsa { .. }) => false,
        }
    }

    /// The digest of it.
    #[must_use]
    pub fn digest(self) -> MessageDigest {
        match self {
            Self::RsaSha256 | Self::RsaPssSha256 | Self::EcdsaSha256 => MessageDigest::sha256(),
            Self::RsaSha384 | Self::RsaPssSha384 | Self::EcdsaSha384 => MessageDigest::sha384(),
            Self::RsaSha512 | Self::RsaPssSha512 | Self::EcdsaSha512 => MessageDigest::sha512(),
        }
    }

    /// Whether it is RSASSA-PSS.
    #[must_use]
    pub fn is_pss(self) -> bool {
        match self {
            Self::RsaPssSha256 | Self::RsaPssSha384 | Self::RsaPssSha512 => true,
            Self::RsaSha256
            | Self::RsaSha384
            | Self::RsaSha512
            | Self::EcdsaSha256
            | Self::EcdsaSha384
            | Self::EcdsaSha512 => false,
        }
    }

    /// Its name in XML-DSig (RFC 9231).
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::RsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            Self::RsaPssSha256 => "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
            Self::RsaPssSha384 => "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
            Self::RsaPssSha512 => "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
            Self::EcdsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            Self::EcdsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
            Self::EcdsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        }
    }
}

/// An ECDSA signature in DER, as X.509 and CMS write it, from the two numbers side by side.
///
/// # Errors
/// [`Error::Internal`] when the value is not two numbers of one width.
pub fn ecdsa_der(value: &[u8]) -> Result<Vec<u8>> {
    let odd = || Error::Internal("an ECDSA signature is two numbers of one width".to_owned());
    let (r, s) =
        value.split_at_checked(value.len() / 2).filter(|(r, s)| r.len() == s.len()).ok_or_else(odd)?;
    let pair = || EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der();
    pair().map_err(|_| odd())
}

/// The two numbers of an ECDSA signature side by side, each `width` bytes wide, from DER.
///
/// # Errors
/// [`Error::Internal`] when the value is no such signature.
pub fn ecdsa_numbers(der: &[u8], width: usize) -> Result<Vec<u8>> {
    let padded = i32::try_from(width).unwrap_or(i32::MAX);
    let numbers = || {
        let pair = EcdsaSig::from_der(der)?;
        let mut value = pair.r().to_vec_padded(padded)?;
        value.extend(pair.s().to_vec_padded(padded)?);
        Ok::<_, openssl::error::ErrorStack>(value)
    };
    numbers().map_err(|error| Error::Internal(format!("no ECDSA signature of {width} bytes: {error}")))
}
