//! Where the National Bank's rates are asked for.

use std::num::NonZero;

use serde::Deserialize;

/// Where rates come from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NbuSettings {
    /// The address of the bank's `exchange`, without its query.
    #[serde(default = "bank")]
    pub nbu_url: String,
    /// How long it may take to answer, in milliseconds.
    #[serde(default = "patience")]
    pub answer_limit_ms: NonZero<u64>,
}

impl Default for NbuSettings {
    fn default() -> Self {
        Self { nbu_url: bank(), answer_limit_ms: patience() }
    }
}

fn bank() -> String {
    "https://bank.gov.ua/NBUStatService/v1/statdirectory/exchange".into()
}

/// Less than those who ask for a quote are ready to wait.
const fn patience() -> NonZero<u64> {
    match NonZero::new(8_000) {
        Some(patience) => patience,
        None => NonZero::<u64>::MIN,
    }
}
