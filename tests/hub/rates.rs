//! A publisher of official rates that a test sets; the National Bank itself is tried in adapters/tests/rates.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::NaiveDate;
use kordon_hub::fees::{ExchangeRates, Published, RateFault};
use kordon_schemas::{Currency, Rate};

/// Publishes 48.1234 for every day, until the test says otherwise; clones publish the same.
#[derive(Clone)]
pub(crate) struct TestRates(Arc<Mutex<State>>);

struct State {
    answer: Result<&'static str, RateFault>,
    asked: Vec<NaiveDate>,
}

impl Default for TestRates {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State { answer: Ok("48.1234"), asked: Vec::new() })))
    }
}

impl TestRates {
    /// From now on it publishes this.
    pub(crate) fn publish(&self, rate: &'static str) {
        self.0.lock().unwrap().answer = Ok(rate);
    }

    /// From now on it fails.
    pub(crate) fn fail(&self, fault: RateFault) {
        self.0.lock().unwrap().answer = Err(fault);
    }

    /// The days that it was asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().asked.iter().map(ToString::to_string).collect()
    }
}

#[async_trait]
impl ExchangeRates for TestRates {
    async fn official(&self, _: Currency, day: NaiveDate) -> Result<Published, RateFault> {
        let mut state = self.0.lock().unwrap();
        state.asked.push(day);
        let rate = Rate::parse(state.answer.clone()?).unwrap();
        Ok(Published { rate, source: "bank.gov.ua".into() })
    }
}
