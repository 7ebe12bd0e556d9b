//! Time-stamps from an authority (RFC 3161). What it sends is verified before it is kept: a token that does
//! not hold proves nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use der::asn1::{Any, ObjectIdentifier, OctetString, Uint};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use kordon_hub::{Error, Result};
use openssl::rand::rand_bytes;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder, Url, redirect};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::super::cms::signed_data;
use super::super::report::Report;
use super::super::{Trust, timestamp};
use super::chain::sha512;
use super::settings::TimeStampSettings;
use crate::SettingsFault;

const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// The most bytes of an answer.
const LARGEST: usize = 1 << 20;

/// An authority that is asked.
#[derive(Debug)]
pub(super) struct Authority {
    client: Client,
    address: Url,
    trust: Trust,
}

#[derive(Sequence)]
struct Request {
    version: u8,
    imprint: Imprint,
    nonce: Uint,
    certificate: bool,
}

#[derive(Sequence)]
struct Imprint {
    algorithm: AlgorithmIdentifierOwned,
    hash: OctetString,
}

fn failed(text: impl std::fmt::Display) -> Error {
    Error::Unavailable(format!("the time-stamp authority: {text}"))
}

/// Seconds that the authority may take at most: the database gives up a transaction that is idle for a
/// minute.
const LONGEST_PATIENCE: u64 = 50;

impl Authority {
    pub(super) fn open(
        settings: &TimeStampSettings,
        trust: Trust,
    ) -> std::result::Result<Self, SettingsFault> {
        let TimeStampSettings { address, patience_seconds, .. } = settings;
        let fault = |text: &dyn std::fmt::Display| SettingsFault::new("evidence.time_stamps.address", text);
        let address = Url::parse(address).map_err(|error| fault(&error))?;
        if !["http", "https"].contains(&address.scheme()) {
            return Err(fault(&"begins with https:// or http://"));
        }
        if !(1..=LONGEST_PATIENCE).contains(patience_seconds) {
            let text = format!("is 1 to {LONGEST_PATIENCE}");
            return Err(SettingsFault::new("evidence.time_stamps.patience_seconds", text));
        }
        if trust.is_empty() {
            let text = "names the certificate of the time-stamp authority, or of one above it";
            return Err(SettingsFault::new("evidence.trust", text));
        }
        Ok(Self { client: client(*patience_seconds).map_err(|error| fault(&error))?, address, trust })
    }

    /// A token over some bytes, and its time.
    pub(super) async fn stamp(&self, bytes: &[u8]) -> Result<(Vec<u8>, DateTime<Utc>)> {
        let mut nonce = [0; 8];
        rand_bytes(&mut nonce).map_err(failed)?;
        // A number that is never negative and never begins with zeros.
        nonce[0] = nonce[0] & 0x7f | 0x40;
        let request = request(bytes, &nonce).map_err(failed)?;
        let answer = post(&self.client, &self.address, "application/timestamp-query", request)
            .await
            .map_err(failed)?;
        let token = granted(&answer).map_err(failed)?;
        let mut report = Report::new();
        let time = timestamp::verify(&token, &[bytes], &self.trust, "answer", &mut report);
        if let Some(finding) = report.faults.iter().chain(&report.not_verified).next() {
            return Err(failed(finding));
        }
        if !answers(&token, &nonce) {
            return Err(failed("the answer is to another question"));
        }
        time.map(|time| (token, time)).ok_or_else(|| failed("the token does not hold"))
    }
}

/// A client for short questions.
pub(super) fn client(patience_seconds: u64) -> std::result::Result<Client, reqwest::Error> {
    Client::builder()
        .timeout(Duration::from_secs(patience_seconds))
        .redirect(redirect::Policy::none())
        .user_agent(concat!("kordon/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Asks, and reads an answer that is not too large.
pub(super) async fn post(
    client: &Client,
    address: &Url,
    media_type: &'static str,
    question: Vec<u8>,
) -> std::result::Result<Vec<u8>, String> {
    read(client.post(address.clone()).header(CONTENT_TYPE, media_type).body(question)).await
}

/// Sends a request, and reads an answer that is not too large.
pub(super) async fn read(asked: RequestBuilder) -> std::result::Result<Vec<u8>, String> {
    let mut answer = asked.send().await.map_err(|error| error.without_url().to_string())?;
    if !answer.status().is_success() {
        return Err(format!("HTTP {}", answer.status().as_u16()));
    }
    let mut read = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| error.without_url().to_string())? {
        if read.len() + piece.len() > LARGEST {
            return Err(format!("more than {LARGEST} bytes"));
        }
        read.extend_from_slice(&piece);
    }
    Ok(read)
}

fn request(bytes: &[u8], nonce: &[u8]) -> der::Result<Vec<u8>> {
    let algorithm = AlgorithmIdentifierOwned { oid: SHA512, parameters: None };
    let imprint = Imprint { algorithm, hash: OctetString::new(sha512(bytes))? };
    Request { version: 1, imprint, nonce: Uint::new(nonce)?, certificate: true }.to_der()
}

/// The token of an answer, if it was granted.
fn granted(answer: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let odd = |error: der::Error| format!("the answer can't be read: {error}");
    let parts = Vec::<Any>::from_der(answer).map_err(odd)?;
    let mut parts = parts.into_iter();
    let status = parts.next().ok_or("the answer is empty")?;
    let status = status.to_der().and_then(|status| Vec::<Any>::from_der(&status)).map_err(odd)?;
    let status = status.first().ok_or("the answer has no status")?.decode_as::<u8>().map_err(odd)?;
    // Granted, or granted with changes.
    if status > 1 {
        return Err(format!("it refused, with status {status}"));
    }
    parts.next().ok_or("the answer has no token")?.to_der().map_err(odd)
}

/// Whether a token bears the number of the question.
fn answers(token: &[u8], nonce: &[u8]) -> bool {
    let info = || {
        let data = signed_data(token).ok()?;
        let content = data.encap_content_info.econtent?.decode_as::<OctetString>().ok()?;
        Vec::<Any>::from_der(content.as_bytes()).ok()
    };
    // Behind the version, the policy, the imprint, the serial number and the time.
    let is_nonce = |field: &Any| field.tag() == Tag::Integer && field.value() == nonce;
    info().is_some_and(|fields| fields.iter().skip(5).any(is_nonce))
}
