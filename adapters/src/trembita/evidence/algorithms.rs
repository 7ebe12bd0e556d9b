//! Digests and signatures by their URIs and OIDs. SHA-1 is known by name only, so that it can be refused by
//! name.

use der::asn1::{Any, ObjectIdentifier};
use der::{Decode, Encode, Tag, TagNumber, Tagged};
use gost94::{Digest as _, Gost94UA};
use kupyna::{Kupyna256, Kupyna384, Kupyna512};
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Padding;
use openssl::sha::{sha256, sha384, sha512};
use openssl::sign::{RsaPssSaltlen, Verifier};
use x509_cert::spki::AlgorithmIdentifierOwned;

/// A digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::trembita) enum Digest {
    /// Known to be refused, and for identifiers that prove nothing.
    Sha1,
    Sha256,
    Sha384,
    Sha512,
    /// GOST 34.311-95 with the S-box of Ukraine.
    Gost34311,
    /// DSTU 7564:2014, Kupyna. No URI of it for XML is known, so it is found in CMS alone.
    Kupyna256,
    /// The same with 384 bits.
    Kupyna384,
    /// The same with 512 bits.
    Kupyna512,
}

impl Digest {
    pub(in crate::trembita) fn of_uri(uri: &str) -> Option<Self> {
        Some(match uri {
            "http://www.w3.org/2000/09/xmldsig#sha1" => Self::Sha1,
            "http://www.w3.org/2001/04/xmlenc#sha256" => Self::Sha256,
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Self::Sha384,
            "http://www.w3.org/2001/04/xmlenc#sha512" => Self::Sha512,
            "http://www.w3.org/2001/04/xmldsig-more#gost34311" => Self::Gost34311,
            _ => return None,
        })
    }

    /// The digest of an algorithm of CMS. Ukrainian certificates name the digest with the signature's family
    /// too.
    pub(in crate::trembita) fn of_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Some(match oid.to_string().as_str() {
            "1.3.14.3.2.26" => Self::Sha1,
            "2.16.840.1.101.3.4.2.1" => Self::Sha256,
            "2.16.840.1.101.3.4.2.2" => Self::Sha384,
            "2.16.840.1.101.3.4.2.3" => Self::Sha512,
            "1.2.804.2.1.1.1.1.2.1" => Self::Gost34311,
            "1.2.804.2.1.1.1.1.2.2.1" => Self::Kupyna256,
            "1.2.804.2.1.1.1.1.2.2.2" => Self::Kupyna384,
            "1.2.804.2.1.1.1.1.2.2.3" => Self::Kupyna512,
            _ => return None,
        })
    }

    /// None when the library fails. The SHA-2 family goes without the library's look-up of algorithms, which
    /// takes longer than a short text itself.
    pub(in crate::trembita) fn of(self, bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Gost34311 => Some(Gost94UA::digest(bytes).to_vec()),
            Self::Kupyna256 => Some(Kupyna256::digest(bytes).to_vec()),
            Self::Kupyna384 => Some(Kupyna384::digest(bytes).to_vec()),
            Self::Kupyna512 => Some(Kupyna512::digest(bytes).to_vec()),
            Self::Sha1 => hash(MessageDigest::sha1(), bytes).ok().map(|digest| digest.to_vec()),
            Self::Sha256 => Some(sha256(bytes).to_vec()),
            Self::Sha384 => Some(sha384(bytes).to_vec()),
            Self::Sha512 => Some(sha512(bytes).to_vec()),
        }
    }

    fn openssl(self) -> Option<MessageDigest> {
        match self {
            Self::Sha1 => Some(MessageDigest::sha1()),
            Self::Sha256 => Some(MessageDigest::sha256()),
            Self::Sha384 => Some(MessageDigest::sha384()),
            Self::Sha512 => Some(MessageDigest::sha512()),
            Self::Gost34311 | Self::Kupyna256 | Self::Kupyna384 | Self::Kupyna512 => None,
        }
    }

    /// Whether it may prove anything.
    pub(in crate::trembita) fn is_strong(self) -> bool {
        match self {
            Self::Sha1 => false,
            Self::Sha256
            | Self::Sha384
            | Self::Sha512
            | Self::Gost34311
            | Self::Kupyna256
            | Self::Kupyna384
            | Self::Kupyna512 => true,
        }
    }
}

/// How a signature is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::trembita) enum Family {
    Rsa,
    RsaPss,
    /// The value is DER in certificates and CMS, two numbers side by side in XML.
    Ecdsa {
        der: bool,
    },
}

/// An algorithm of signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::trembita) struct SignatureAlgorithm {
    family: Family,
    digest: Digest,
}

/// What became of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::trembita) enum Outcome {
    Holds,
    Fails(&'static str),
    Weak(&'static str),
}

impl SignatureAlgorithm {
    pub(in crate::trembita) fn of_uri(uri: &str) -> Option<Self> {
        let ecdsa = Family::Ecdsa { der: false };
        let (family, digest) = match uri {
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => (Family::Rsa, Digest::Sha1),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => (Family::Rsa, Digest::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => (Family::Rsa, Digest::Sha384),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => (Family::Rsa, Digest::Sha512),
            "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1" => (Family::RsaPss, Digest::Sha256),
            "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1" => (Family::RsaPss, Digest::Sha384),
            "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1" => (Family::RsaPss, Digest::Sha512),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1" => (ecdsa, Digest::Sha1),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" => (ecdsa, Digest::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" => (ecdsa, Digest::Sha384),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512" => (ecdsa, Digest::Sha512),
            _ => return None,
        };
        Some(Self { family, digest })
    }

    /// The algorithm of a signature in CMS or OCSP; `digest` is what the signer names beside a bare
    /// `rsaEncryption`.
    pub(in crate::trembita) fn of_identifier(
        algorithm: &AlgorithmIdentifierOwned,
        digest: Option<Digest>,
    ) -> Option<Self> {
        let ecdsa = Family::Ecdsa { der: true };
        let (family, own) = match algorithm.oid.to_string().as_str() {
            "1.2.840.113549.1.1.1" => (Family::Rsa, digest?),
            "1.2.840.113549.1.1.5" => (Family::Rsa, Digest::Sha1),
            "1.2.840.113549.1.1.10" => (Family::RsaPss, of_pss(algorithm.parameters.as_ref()?)?),
            "1.2.840.113549.1.1.11" => (Family::Rsa, Digest::Sha256),
            "1.2.840.113549.1.1.12" => (Family::Rsa, Digest::Sha384),
            "1.2.840.113549.1.1.13" => (Family::Rsa, Digest::Sha512),
            "1.2.840.10045.4.1" => (ecdsa, Digest::Sha1),
            "1.2.840.10045.4.3.2" => (ecdsa, Digest::Sha256),
            "1.2.840.10045.4.3.3" => (ecdsa, Digest::Sha384),
            "1.2.840.10045.4.3.4" => (ecdsa, Digest::Sha512),
            _ => return None,
        };
        // A signer that names one digest and signs with another leaves open which of them was meant.
        digest.is_none_or(|named| named == own).then_some(Self { family, digest: own })
    }

    /// Whether it may prove anything.
    pub(in crate::trembita) fn is_strong(&self) -> bool {
        self.digest.is_strong()
    }

    /// Whether it is RSASSA-PSS.
    pub(in crate::trembita) fn is_pss(&self) -> bool {
        self.family == Family::RsaPss
    }

    /// Checks a signature.
    pub(in crate::trembita) fn verify(self, key: &PKey<Public>, signed: &[u8], value: &[u8]) -> Outcome {
        if !self.digest.is_strong() {
            return Outcome::Weak("the signature is made with SHA-1");
        }
        let fits = match self.family {
            Family::Rsa | Family::RsaPss => key.id() == Id::RSA,
            Family::Ecdsa { .. } => key.id() == Id::EC,
        };
        if !fits {
            return Outcome::Fails("the key is of another kind than the algorithm");
        }
        if key.id() == Id::RSA && key.bits() < 2048 {
            return Outcome::Weak("the RSA key is shorter than 2048 bits");
        }
        if key.id() == Id::EC && key.bits() < 256 {
            return Outcome::Weak("the curve of the key is smaller than 256 bits");
        }
        match self.holds(key, signed, value) {
            Some(true) => Outcome::Holds,
            Some(false) | None => Outcome::Fails("the value of the signature does not hold"),
        }
    }

    fn holds(self, key: &PKey<Public>, signed: &[u8], value: &[u8]) -> Option<bool> {
        let mut verifier = Verifier::new(self.digest.openssl()?, key).ok()?;
        match self.family {
            Family::Rsa | Family::Ecdsa { der: true } => verifier.verify_oneshot(value, signed).ok(),
            Family::RsaPss => {
                verifier.set_rsa_padding(Padding::PKCS1_PSS).ok()?;
                verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).ok()?;
                verifier.verify_oneshot(value, signed).ok()
            }
            Family::Ecdsa { der: false } => {
                let width = usize::try_from(key.bits()).ok()?.div_ceil(8);
                if value.len() != 2 * width {
                    return Some(false);
                }
                let (r, s) = value.split_at_checked(width)?;
                let pair = EcdsaSig::from_private_components(
                    BigNum::from_slice(r).ok()?,
                    BigNum::from_slice(s).ok()?,
                );
                verifier.verify_oneshot(&pair.ok()?.to_der().ok()?, signed).ok()
            }
        }
    }
}

/// The digest of RSASSA-PSS by its parameters (RFC 4055), if the mask is made with the same and the salt is
/// as long. What is left out there means SHA-1 or the one trailer that there is.
fn of_pss(parameters: &Any) -> Option<Digest> {
    let parts = Vec::<Any>::from_der(&parameters.to_der().ok()?).ok()?;
    let part = |number| {
        let tag = Tag::ContextSpecific { constructed: true, number };
        parts.iter().find(|part| part.tag() == tag).map(Any::value)
    };
    let digest = AlgorithmIdentifierOwned::from_der(part(TagNumber::N0)?).ok()?;
    let mask = AlgorithmIdentifierOwned::from_der(part(TagNumber::N1)?).ok()?;
    let of_mask = AlgorithmIdentifierOwned::from_der(&mask.parameters?.to_der().ok()?).ok()?;
    let salt = u16::from_der(part(TagNumber::N2)?).ok()?;
    let is_plain = part(TagNumber::N3).is_none() && mask.oid.to_string() == "1.2.840.113549.1.1.8";
    let digest =
        Digest::of_oid(&digest.oid).filter(|digest| Digest::of_oid(&of_mask.oid) == Some(*digest))?;
    let length = digest.openssl()?.size();
    (is_plain && usize::from(salt) == length).then_some(digest)
}

/// A certificate from its bytes.
pub(in crate::trembita) fn certificate(bytes: &[u8]) -> Option<x509_cert::Certificate> {
    x509_cert::Certificate::from_der(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hexadecimal(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn kupyna_is_that_of_the_standard() {
        let of = |oid: &str, bytes: &[u8]| {
            let digest = Digest::of_oid(&ObjectIdentifier::new(oid).unwrap()).unwrap();
            assert!(digest.is_strong());
            hexadecimal(&digest.of(bytes).unwrap())
        };
        // DSTU 7564:2014, annex: the empty message.
        assert_eq!(
            of("1.2.804.2.1.1.1.1.2.2.1", b""),
            "cd5101d1ccdf0d1d1f4ada56e888cd724ca1a0838a3521e7131d4fb78d0f5eb6"
        );
        assert_eq!(
            of("1.2.804.2.1.1.1.1.2.2.3", b""),
            "656b2f4cd71462388b64a37043ea55dbe445d452aecd46c3298343314ef04019bcfa3f04265a9857f91be91fce197096187ceda78c9c1c021c294a0689198538"
        );
        assert_eq!(of("1.2.804.2.1.1.1.1.2.2.2", b"").len(), 96);
    }
}
