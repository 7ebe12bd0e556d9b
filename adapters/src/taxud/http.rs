//! The way to DG TAXUD by HTTP: `POST` of the message to a gateway.
//!
//! What the answer means: 2xx, it was taken. 409, the gateway knows this `messageIdentification` already, so
//! an earlier attempt got through whose answer was lost: taken. 400 and 422, the message itself is refused
//! and would be again: a person must look. Everything else, also a redirection, is a fault of the way and is
//! tried again.

use std::path::Path;
use std::time::Duration;

use kordon_hub::notices::{ChannelFault, Receipt};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Certificate, Client, Response, StatusCode, Url, redirect};

use crate::SettingsFault;
use crate::request_fault::in_words;

/// How long the gateway may take to be reached.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How long it may take over a message. Less than the hub's own limit, so that the record says what it waited
/// for.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// How much of an answer is kept for the record, in characters.
const KEPT_OF_ANSWER: usize = 200;

/// How much of an answer is read at most, in bytes.
const READ_OF_ANSWER: usize = 4 * 1024;

/// A gateway.
#[derive(Debug, Clone)]
pub struct Post {
    client: Client,
    address: Url,
}

impl Post {
    /// The gateway at `address`. Its certificate may be signed by the authority in `ca_file`, beside those
    /// that the machine trusts.
    ///
    /// # Errors
    /// [`SettingsFault`] when that is no address of HTTP, or the certificate can't be read.
    pub fn to(address: &str, ca_file: Option<&Path>) -> Result<Self, SettingsFault> {
        let fault = |fault: &dyn std::fmt::Display| SettingsFault::new("taxud.route.address", fault);
        let address = Url::parse(address).map_err(|error| fault(&error))?;
        if !["http", "https"].contains(&address.scheme()) {
            return Err(fault(&"begins with https:// or http://"));
        }
        let mut client = Client::builder()
            .connect_timeout(CONNECT_LIMIT)
            .timeout(ANSWER_LIMIT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("kordon/", env!("CARGO_PKG_VERSION")));
        if let Some(ca_file) = ca_file {
            let fault = |error: String| SettingsFault::new("taxud.route.ca_file", error);
            let pem = std::fs::read(ca_file).map_err(|error| fault(error.to_string()))?;
            let authority = Certificate::from_pem(&pem).map_err(|error| fault(error.to_string()))?;
            client = client.add_root_certificate(authority);
        }
        let client = client.build().map_err(|error| fault(&error))?;
        Ok(Self { client, address })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// As the answer means.
    pub async fn send(&self, xml: Vec<u8>) -> Result<Receipt, ChannelFault> {
        let answer = self
            .client
            .post(self.address.clone())
            .header(CONTENT_TYPE, "application/xml; charset=utf-8")
            .body(xml.clone())
            .send()
            .await
            .map_err(|error| ChannelFault::Transient(in_words(error)))?;
        let status = answer.status();
        let detail = format!("HTTP {}{}", status.as_u16(), beginning(answer).await);
        match status {
            status if status.is_success() => Ok(Receipt::of(detail, "application/xml", xml)),
            StatusCode::CONFLICT => Ok(Receipt::of(detail, "application/xml", xml)),
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
                Err(ChannelFault::Permanent(detail))
            }
            _ => Err(ChannelFault::Transient(detail)),
        }
    }
}

/// The beginning of what the gateway says, if it says anything in time.
async fn beginning(mut answer: Response) -> String {
    let mut read = Vec::new();
    while read.len() < READ_OF_ANSWER {
        match answer.chunk().await {
            Ok(Some(chunk)) => read.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    let said: String = String::from_utf8_lossy(&read).trim().chars().take(KEPT_OF_ANSWER).collect();
    if said.is_empty() { said } else { format!(": {said}") }
}
