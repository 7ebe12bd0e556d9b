//! What a signed request has to be, and whether its signature holds.
//!
//! It is read first ([`read`]), which tells whose key it names; then its value is checked by that key, and
//! then the content by its digest, so that strangers cost little.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Padding;
use openssl::sha::Sha256;
use openssl::sign::{RsaPssSaltlen, Verifier};
use sfv::{Dictionary, InnerList, ListEntry, Parser};

use super::base::{self, Covered, Message, refused};
use super::message::{Answer, Request, value_of};
use super::{Algorithm, digest};
use crate::trembita::security::{BelievedCertificate, Reason, Refusal, Window};

/// Bytes of the headers of a signature.
const LARGEST: usize = 16 << 10;

/// Headers that change what is done or told to whom. One that is sent has to be signed.
pub const DECIDING: [&str; 8] = [
    "content-type",
    "content-encoding",
    "content-digest",
    "idempotency-key",
    "if-match",
    "kordon-purpose",
    "uxp-purpose-ids",
    "last-event-id",
];

/// A signature that was read and not verified yet.
#[derive(Debug, Clone)]
pub struct Named {
    /// The fingerprint of the certificate that it names: SHA-256, 64 small hexadecimal digits.
    pub fingerprint: String,
    /// When it was made, as it says.
    pub created: DateTime<Utc>,
    label: String,
    algorithm: Option<Algorithm>,
    base: String,
    value: Vec<u8>,
    digest_is_covered: bool,
}

/// A request whose signature holds.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Whose signature it is.
    pub signer: Arc<BelievedCertificate>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// The label of the signature.
    pub label: String,
    /// What tells this request from every other of this key.
    pub digest: [u8; 32],
}

/// Reads the signature of a request.
///
/// # Errors
/// What is wrong with its form or time, or what it does not cover.
pub fn read(request: &Request<'_>, window: &Window, now: DateTime<Utc>) -> Result<Named, Refusal> {
    let (named, covered) = named(Message::Request(request), &request.fields, window, now)?;
    check_coverage(request, &covered)?;
    Ok(named)
}

/// Verifies an answer to a request by the key of the one who answers: the method and the address of the
/// request are signed with it.
///
/// # Errors
/// What is wrong with it.
pub fn verify_answer(
    answer: &Answer<'_>,
    content: &[u8],
    signer: &Arc<BelievedCertificate>,
    window: &Window,
    now: DateTime<Utc>,
) -> Result<Signed, Refusal> {
    let (named, covered) = named(Message::Answer(answer), &answer.fields, window, now)?;
    for (name, of_request) in
        [("@status", false), ("content-digest", false), ("@method", true), ("@target-uri", true)]
    {
        if !covered.iter().any(|(own, own_of)| own == name && *own_of == of_request) {
            return Err(Refusal::new(Reason::Unsigned, format!("{name} is not signed")));
        }
    }
    let signed = named.verify(signer)?;
    named.check_content(value_of(&answer.fields, "content-digest").as_deref(), content)?;
    Ok(signed)
}

fn named(
    message: Message<'_>,
    fields: &super::message::Fields<'_>,
    window: &Window,
    now: DateTime<Utc>,
) -> Result<(Named, Vec<Covered>), Refusal> {
    let (label, input, value) = signature(fields)?;
    let Parameters { created, expires, key, algorithm } = Parameters::read(&input)?;
    window.check(created, expires, now)?;
    let (base, covered) = base::of(message, &input)?;
    let digest_is_covered = covered.iter().any(|(name, of_request)| name == "content-digest" && !of_request);
    Ok((Named { fingerprint: key, created, label, algorithm, base, value, digest_is_covered }, covered))
}

/// The only signature of a message: its label, what it covers, and its value.
///
/// A list is taken as it is written strictly: with a parameter that stands twice, say, two readers may take
/// different ones.
fn signature(fields: &super::message::Fields<'_>) -> Result<(String, InnerList, Vec<u8>), Refusal> {
    let text = |name: &str| {
        value_of(fields, name).filter(|text| text.len() <= LARGEST).ok_or_else(|| {
            Refusal::new(Reason::Missing, format!("there is no header {name} that can be read"))
        })
    };
    let read = |name: &str, text: &str| -> Result<Dictionary, Refusal> {
        Parser::new(text).parse().map_err(|error| refused(format!("the header {name}: {error}")))
    };
    let (written, value) = (text("signature-input")?, text("signature")?);
    let (inputs, values) = (read("signature-input", &written)?, read("signature", &value)?);
    if inputs.len() != 1 || values.len() != 1 {
        return Err(refused("a message has one signature".to_owned()));
    }
    let (Some((label, input)), Some((of_value, value))) =
        (inputs.into_iter().next(), values.into_iter().next())
    else {
        return Err(refused("a message has one signature".to_owned()));
    };
    let (ListEntry::InnerList(input), ListEntry::Item(value)) = (input, value) else {
        return Err(refused("a signature has a list of components and a value".to_owned()));
    };
    if label != of_value {
        return Err(refused("Signature and Signature-Input have different labels".to_owned()));
    }
    if format!("{}={}", label.as_str(), base::parameters(&input)?) != written.trim_matches(' ') {
        return Err(refused("Signature-Input is not strictly serialized (RFC 8941, 4.1)".to_owned()));
    }
    let value = value
        .bare_item
        .as_byte_sequence()
        .ok_or_else(|| refused("the signature is no byte sequence".to_owned()))?;
    Ok((label.as_str().to_owned(), input, value.to_vec()))
}

/// What a signature says of itself.
struct Parameters {
    created: DateTime<Utc>,
    expires: Option<DateTime<Utc>>,
    key: String,
    algorithm: Option<Algorithm>,
}

impl Parameters {
    fn read(input: &InnerList) -> Result<Self, Refusal> {
        let (mut created, mut expires, mut key, mut algorithm) = (None, None, None, None);
        for (name, value) in &input.params {
            let text = || value.as_string().map(|text| text.as_str().to_owned());
            let wrong = || refused(format!("the parameter {:?} is not of its kind", name.as_str()));
            match name.as_str() {
                place @ ("created" | "expires") => {
                    let seconds = i64::from(value.as_integer().ok_or_else(wrong)?);
                    let instant = DateTime::from_timestamp(seconds, 0).ok_or_else(wrong)?;
                    if place == "created" { created = Some(instant) } else { expires = Some(instant) }
                }
                "keyid" => key = Some(text().ok_or_else(wrong)?),
                "alg" => {
                    let named = text().ok_or_else(wrong)?;
                    algorithm = Some(Algorithm::from_name(&named).ok_or_else(|| {
                        Refusal::new(Reason::Algorithm, format!("the algorithm {named:?} is not allowed"))
                    })?);
                }
                "nonce" | "tag" => {
                    text().ok_or_else(wrong)?;
                }
                other => return Err(refused(format!("the parameter {other:?} is not known"))),
            }
        }
        let missing = |name: &str| refused(format!("the parameter {name:?} is missing"));
        let key: String = key.ok_or_else(|| missing("keyid"))?.chars().filter(|sign| *sign != ':').collect();
        let key = key.to_ascii_lowercase();
        if key.len() != 64 || !key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let text = "the keyid is the SHA-256 of the certificate in hexadecimal digits";
            return Err(Refusal::new(Reason::Token, text));
        }
        Ok(Self { created: created.ok_or_else(|| missing("created"))?, expires, key, algorithm })
    }
}

/// Checks that all that decides is signed.
fn check_coverage(request: &Request<'_>, covered: &[Covered]) -> Result<(), Refusal> {
    let is_covered = |name: &str| covered.iter().any(|(own, _)| own == name);
    let unsigned = |what: &str| Err(Refusal::new(Reason::Unsigned, format!("{what} is not signed")));
    if !is_covered("@method") {
        return unsigned("@method");
    }
    if !is_covered("@target-uri") {
        for part in ["@authority", "@path", "@query"] {
            if !is_covered(part) {
                return unsigned(&format!("neither @target-uri nor {part}"));
            }
        }
    }
    match DECIDING.into_iter().find(|name| request.has(name) && !is_covered(name)) {
        Some(name) => unsigned(name),
        None => Ok(()),
    }
}

impl Named {
    /// Checks the value by the key of the certificate that it names.
    ///
    /// # Errors
    /// [`Reason::Algorithm`] or [`Reason::Value`].
    pub fn verify(&self, signer: &Arc<BelievedCertificate>) -> Result<Signed, Refusal> {
        let key = &signer.key;
        let fitting: Vec<Algorithm> = match self.algorithm {
            Some(algorithm) => vec![algorithm],
            None => Algorithm::ALL.to_vec(),
        };
        let fitting: Vec<Algorithm> = fitting.into_iter().filter(|algorithm| algorithm.fits(key)).collect();
        if fitting.is_empty() {
            return Err(Refusal::new(
                Reason::Algorithm,
                "the key is of another kind than the algorithm, or too short",
            ));
        }
        if !fitting
            .iter()
            .any(|algorithm| algorithm.holds(key, self.base.as_bytes(), &self.value).unwrap_or(false))
        {
            return Err(Refusal::new(Reason::Value, "the value of the signature does not hold"));
        }
        let mut digest = Sha256::new();
        digest.update(&signer.key_digest);
        digest.update(self.base.as_bytes());
        let Self { created, label, .. } = self;
        Ok(Signed {
            signer: Arc::clone(signer),
            created: *created,
            label: label.clone(),
            digest: digest.finish(),
        })
    }

    /// Checks the content by its digest, which has to be signed where there is a content.
    ///
    /// # Errors
    /// [`Reason::Unsigned`] without a signed digest; else as [`digest::check`].
    pub fn check_content(&self, header: Option<&str>, content: &[u8]) -> Result<(), Refusal> {
        match header {
            Some(header) if self.digest_is_covered => digest::check(header, content),
            None if content.is_empty() => Ok(()),
            Some(_) | None => {
                Err(Refusal::new(Reason::Unsigned, "the content has no content-digest that is signed"))
            }
        }
    }
}

impl Algorithm {
    /// Whether a key makes such signatures.
    fn fits(self, key: &PKey<Public>) -> bool {
        let curve = || key.ec_key().ok().and_then(|key| key.group().curve_name());
        match self {
            Self::RsaSha256 | Self::RsaPssSha512 => key.id() == Id::RSA && key.bits() >= 2048,
            Self::EcdsaP256 => curve() == Some(Nid::X9_62_PRIME256V1),
            Self::EcdsaP384 => curve() == Some(Nid::SECP384R1),
            Self::Ed25519 => key.id() == Id::ED25519,
        }
    }

    fn holds(self, key: &PKey<Public>, signed: &[u8], value: &[u8]) -> Option<bool> {
        let with = |digest| Verifier::new(digest, key).ok();
        match self {
            Self::RsaSha256 => with(MessageDigest::sha256())?.verify_oneshot(value, signed).ok(),
            Self::RsaPssSha512 => {
                let mut verifier = with(MessageDigest::sha512())?;
                verifier.set_rsa_padding(Padding::PKCS1_PSS).ok()?;
                verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).ok()?;
                verifier.verify_oneshot(value, signed).ok()
            }
            Self::EcdsaP256 => with(MessageDigest::sha256())?.verify_oneshot(&der(value, 32)?, signed).ok(),
            Self::EcdsaP384 => with(MessageDigest::sha384())?.verify_oneshot(&der(value, 48)?, signed).ok(),
            Self::Ed25519 => Verifier::new_without_digest(key).ok()?.verify_oneshot(value, signed).ok(),
        }
    }
}

/// Two numbers of a width side by side, as DER.
fn der(value: &[u8], width: usize) -> Option<Vec<u8>> {
    let (r, s) = value.split_at_checked(width).filter(|(_, s)| s.len() == width)?;
    let pair = EcdsaSig::from_private_components(BigNum::from_slice(r).ok()?, BigNum::from_slice(s).ok()?);
    pair.ok()?.to_der().ok()
}
