//! Money and exchange rates: exact decimals, on the wire as text with a currency. No float ever holds one.
//!
//! An amount is a whole number of hundredths (kopiyky, cents), which is what a bank moves; a rate has up to
//! six decimals, as the National Bank gives it. Serves the fees (Resolution 1393, clauses 37 to 42).

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a text is no amount or rate. The text is for the one who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyFault {
    /// Not written as an amount is.
    #[error(
        "an amount is a text with two decimals after a point, at most ten digits before it and no needless zero, for example \"643.20\""
    )]
    Amount,
    /// Not written as a rate is.
    #[error(
        "a rate is a text greater than zero with up to four digits before a point and six after it, for example \"48.1234\""
    )]
    Rate,
}

/// A currency of the fee, by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Currency {
    /// The hryvnia: what is paid in.
    #[serde(rename = "UAH")]
    Hryvnia,
    /// The euro: what the law sets limits in.
    #[serde(rename = "EUR")]
    Euro,
}

impl Currency {
    /// Its ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hryvnia => "UAH",
            Self::Euro => "EUR",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

/// An exact amount with two decimals.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = r"^-?(0|[1-9][0-9]{0,9})\.[0-9]{2}$", example = "643.20")]
pub struct Amount(i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The greatest amount that can be written: ten digits before the point.
    const LARGEST: i64 = 999_999_999_999;

    /// So many hundredths.
    #[must_use]
    pub const fn of_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// How many hundredths it is.
    #[must_use]
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// Reads an amount as it was sent.
    ///
    /// # Errors
    /// [`MoneyFault::Amount`] when it has another form: an exponent, a comma, one decimal or three, a plus sign, `-0.00`.
    pub fn parse(text: &str) -> Result<Self, MoneyFault> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, hundredths) = digits.split_once('.').ok_or(MoneyFault::Amount)?;
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let needless_zero = whole.len() > 1 && whole.starts_with('0');
        if !is_number(whole)
            || !is_number(hundredths)
            || whole.len() > 10
            || hundredths.len() != 2
            || needless_zero
        {
            return Err(MoneyFault::Amount);
        }
        let number: i64 = format!("{whole}{hundredths}").parse().map_err(|_| MoneyFault::Amount)?;
        match (negative, number) {
            (true, 0) => Err(MoneyFault::Amount),
            (true, number) => Ok(Self(-number)),
            (false, number) => Ok(Self(number)),
        }
    }

    /// The sum, if it can be written.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).filter(|sum| sum.abs() <= Self::LARGEST).map(Self)
    }

    /// The difference, if it can be written.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).filter(|rest| rest.abs() <= Self::LARGEST).map(Self)
    }

    /// Times `factor`, rounded to hundredths, a half up (away from zero). None when that is too much to be written.
    #[must_use]
    pub fn times(self, factor: Decimal) -> Option<Self> {
        let exact = Decimal::from(self.0).checked_mul(factor)?;
        let whole = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64()?;
        Some(Self(whole)).filter(|amount| amount.0.abs() <= Self::LARGEST)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let hundredths = self.0.unsigned_abs();
        write!(formatter, "{sign}{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl TryFrom<String> for Amount {
    type Error = MoneyFault;
    fn try_from(text: String) -> Result<Self, MoneyFault> {
        Self::parse(&text)
    }
}

/// An amount of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": "643.20", "currency": "UAH"}))]
pub struct Money {
    /// How much, with two decimals.
    pub amount: Amount,
    /// Of which currency.
    pub currency: Currency,
}

impl Money {
    /// So many kopiyky.
    #[must_use]
    pub const fn hryvnias(amount: Amount) -> Self {
        Self { amount, currency: Currency::Hryvnia }
    }

    /// So many cents.
    #[must_use]
    pub const fn euros(amount: Amount) -> Self {
        Self { amount, currency: Currency::Euro }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.amount, self.currency)
    }
}

/// How many hryvnias one unit of another currency is, exactly as it was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = r"^[0-9]{1,4}(\.[0-9]{1,6})?$", example = "48.1234")]
pub struct Rate(Decimal);

impl Rate {
    /// Reads a rate as it was published.
    ///
    /// # Errors
    /// [`MoneyFault::Rate`] when it has another form or is zero.
    pub fn parse(text: &str) -> Result<Self, MoneyFault> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let in_bounds = (1..=4).contains(&whole.len()) && (1..=6).contains(&fraction.len());
        if !in_bounds || !is_number(whole) || !is_number(fraction) {
            return Err(MoneyFault::Rate);
        }
        match Decimal::from_str(text) {
            Ok(rate) if !rate.is_zero() => Ok(Self(rate.normalize())),
            Ok(_) | Err(_) => Err(MoneyFault::Rate),
        }
    }

    /// The rate as a number.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

impl TryFrom<String> for Rate {
    type Error = MoneyFault;
    fn try_from(text: String) -> Result<Self, MoneyFault> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_has_two_decimals_and_nothing_needless() {
        for (text, hundredths) in
            [("643.20", 64_320), ("0.01", 1), ("-0.50", -50), ("9999999999.99", 999_999_999_999)]
        {
            assert_eq!(Amount::parse(text), Ok(Amount(hundredths)), "{text}");
            assert_eq!(Amount(hundredths).to_string(), text);
        }
        for text in [
            "",
            ".",
            "1",
            "1.",
            ".50",
            "1.5",
            "1.500",
            "1,50",
            "01.50",
            "+1.50",
            "-0.00",
            "1e2.00",
            "1.5e",
            " 1.50",
            "--1.00",
            "12345678901.00",
            "１.00",
            "NaN",
            "1.00 ",
        ] {
            assert_eq!(Amount::parse(text), Err(MoneyFault::Amount), "{text:?}");
        }
    }

    #[test]
    fn a_rate_is_read_exactly_and_never_zero() {
        assert_eq!(Rate::parse("48.1234").unwrap().decimal(), Decimal::new(481_234, 4));
        assert_eq!(Rate::parse("48.10").unwrap().to_string(), "48.1");
        assert_eq!(Rate::parse("48").unwrap().to_string(), "48");
        for text in
            ["", "0", "0.000000", "-48.1", "48.", ".5", "4.81e1", "12345.0", "48.1234567", "48,1", "NaN"]
        {
            assert_eq!(Rate::parse(text), Err(MoneyFault::Rate), "{text:?}");
        }
    }

    #[test]
    fn a_half_is_rounded_up() {
        let times = |hundredths, factor: &str| Amount(hundredths).times(Decimal::from_str(factor).unwrap());
        assert_eq!(times(100, "48.12345"), Some(Amount(4812)));
        assert_eq!(times(100, "48.125"), Some(Amount(4813)));
        assert_eq!(times(100, "48.124999"), Some(Amount(4812)));
        assert_eq!(times(Amount::LARGEST, "2"), None, "more than can be written");
        assert_eq!(times(i64::MAX, "9999999999999999999"), None);
    }

    #[test]
    fn money_is_text_with_its_currency() {
        let money = Money::hryvnias(Amount(64_320));
        let written = serde_json::json!({"amount": "643.20", "currency": "UAH"});
        assert_eq!(serde_json::to_value(money).unwrap(), written);
        assert_eq!(serde_json::from_value::<Money>(written).unwrap(), money);
        assert!(
            serde_json::from_value::<Money>(serde_json::json!({"amount": 643.2, "currency": "UAH"})).is_err()
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(hundredths in -Amount::LARGEST..=Amount::LARGEST) {
            prop_assert_eq!(Amount::parse(&Amount(hundredths).to_string()), Ok(Amount(hundredths)));
        }

        #[test]
        fn no_text_makes_the_readers_fail(text in "\\PC{0,20}|[0-9.,eE+-]{0,20}") {
            let _ = (Amount::parse(&text), Rate::parse(&text));
        }
    }
}
