//! The official rate of the hryvnia as the National Bank of Ukraine publishes it (Resolution 1393, clause
//! 37).
//!
//! `GET …/exchange?valcode=EUR&date=20261121&json` answers a list with the rate in force on that day, also on
//! weekends and holidays, or an empty list when it is not set yet. The answer is taken only if it names that
//! currency and that very day. The rate is a JSON number: it is read as the text that it was written as,
//! never as a float.

mod answer;
mod settings;

use std::time::Duration;

use async_trait::async_trait;
use chrono::NaiveDate;
use kordon_hub::fees::{ExchangeRates, Published, RateFault};
use kordon_schemas::Currency;
use reqwest::{Client, StatusCode, Url, redirect};

pub use settings::NbuSettings;

use crate::SettingsFault;
use crate::request_fault::in_words;

/// How long the bank may take to be reached.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// How much of an answer is read at most, in bytes. A good one has about a hundred.
const LARGEST_ANSWER: usize = 16 * 1024;

/// The National Bank's open interface.
#[derive(Debug, Clone)]
pub struct Nbu {
    client: Client,
    address: Url,
    source: String,
}

impl Nbu {
    /// The bank at the address of the settings.
    ///
    /// # Errors
    /// [`SettingsFault`] when that is no address of HTTP.
    pub fn open(settings: &NbuSettings) -> Result<Self, SettingsFault> {
        let fault = |fault: &dyn std::fmt::Display| SettingsFault::new("fees.nbu_url", fault);
        let NbuSettings { nbu_url, answer_limit_ms } = settings;
        let address = Url::parse(nbu_url).map_err(|error| fault(&error))?;
        if !["http", "https"].contains(&address.scheme()) {
            return Err(fault(&"begins with https:// or http://"));
        }
        let source: String = address.host_str().unwrap_or_default().chars().take(100).collect();
        let client = Client::builder()
            .connect_timeout(CONNECT_LIMIT)
            .timeout(Duration::from_millis(answer_limit_ms.get()))
            .redirect(redirect::Policy::none())
            .user_agent(concat!("kordon/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| fault(&error))?;
        Ok(Self { client, address, source })
    }

    fn question(&self, currency: Currency, day: NaiveDate) -> Url {
        let mut question = self.address.clone();
        question
            .query_pairs_mut()
            .append_pair("valcode", currency.code())
            .append_pair("date", &day.format("%Y%m%d").to_string())
            .append_key_only("json");
        question
    }

    async fn ask(&self, question: Url) -> Result<Vec<u8>, RateFault> {
        let away = |error: reqwest::Error| RateFault::Away(in_words(error));
        let mut answer = self.client.get(question).send().await.map_err(away)?;
        if answer.status() != StatusCode::OK {
            return Err(RateFault::Away(format!("HTTP {}", answer.status().as_u16())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(away)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(RateFault::Refused(format!("it has more than {LARGEST_ANSWER} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

#[async_trait]
impl ExchangeRates for Nbu {
    async fn official(&self, currency: Currency, day: NaiveDate) -> Result<Published, RateFault> {
        let body = self.ask(self.question(currency, day)).await?;
        let rate = answer::rate(&body, currency, day)?;
        Ok(Published { rate, source: self.source.clone() })
    }
}
