//! Signing a message over HTTP: an answer of the hub, or a request of its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::{Error, Result};
use openssl::sha::sha256;
use sfv::{InnerList, Item, Key, Parameters, String as SfvString};

use super::Algorithm;
use super::base::{self, Message};
use crate::keys::{KeyKind, SignatureAlgorithm, Signer};

/// How long what is signed here may be taken.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(5);

/// The label of the hub's signatures.
const LABEL: &str = "kordon";

/// The headers of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// `Signature-Input`.
    pub input: String,
    /// `Signature`.
    pub value: String,
}

/// The SHA-256 of a certificate in hexadecimal digits: how a signature names its key.
#[must_use]
pub fn fingerprint(certificate: &[u8]) -> String {
    sha256(certificate).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Signs `components` of a message; those of the request that is answered are told by `true`.
///
/// # Errors
/// [`Error::Internal`] when a component is not there, or the key cannot be used.
pub fn sign(
    message: Message<'_>,
    components: &[(&str, bool)],
    nonce: Option<&str>,
    signer: &dyn Signer,
    now: DateTime<Utc>,
) -> Result<Headers> {
    let (algorithm, own) = algorithm(signer.kind())?;
    let mut parameters = Parameters::new();
    let mut put = |name: &str, value: sfv::BareItem| {
        parameters.insert(Key::from_string(name.to_owned()).map_err(|(error, _)| defect(error))?, value);
        Ok::<_, Error>(())
    };
    let text = |text: &str| SfvString::from_string(text.to_owned()).map_err(|(error, _)| defect(error));
    let instant = |time: DateTime<Utc>| sfv::Integer::try_from(time.timestamp()).map_err(defect);
    put("created", sfv::BareItem::Integer(instant(now)?))?;
    put("expires", sfv::BareItem::Integer(instant(now + GOOD_FOR)?))?;
    if let Some(nonce) = nonce {
        put("nonce", sfv::BareItem::String(text(nonce)?))?;
    }
    put("keyid", sfv::BareItem::String(text(&fingerprint(signer.certificate()))?))?;
    put("alg", sfv::BareItem::String(text(algorithm.name())?))?;
    let mut items = Vec::with_capacity(components.len());
    for (name, of_request) in components {
        let mut item = Item::new(text(name)?);
        if *of_request {
            let req = Key::from_string("req".to_owned()).map_err(|(error, _)| defect(error))?;
            item.params.insert(req, sfv::BareItem::Boolean(true));
        }
        items.push(item);
    }
    let input = InnerList::with_params(items, parameters);
    let (base, _) = base::of(message, &input).map_err(defect)?;
    let value = signer.sign(own, base.as_bytes())?;
    Ok(Headers {
        input: format!("{LABEL}={}", base::parameters(&input).map_err(defect)?),
        value: format!("{LABEL}=:{}:", STANDARD.encode(value)),
    })
}

/// The algorithm of a key. RFC 9421 has none for P-521.
fn algorithm(kind: KeyKind) -> Result<(Algorithm, SignatureAlgorithm)> {
    match kind {
        KeyKind::Rsa { .. } => Ok((Algorithm::RsaPssSha512, SignatureAlgorithm::RsaPssSha512)),
        KeyKind::P256 => Ok((Algorithm::EcdsaP256, SignatureAlgorithm::EcdsaSha256)),
        KeyKind::P384 => Ok((Algorithm::EcdsaP384, SignatureAlgorithm::EcdsaSha384)),
        KeyKind::P521 => Err(defect("there is no algorithm for a key on P-521")),
    }
}

fn defect(fault: impl std::fmt::Display) -> Error {
    Error::Internal(format!("a message cannot be signed: {fault}"))
}
