//! Codes that others gave: checkpoints, customs offices, legal entities. Each is checked once, when it comes
//! in.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Characters of the code of a waiting zone at most.
const LONGEST_ZONE: usize = 40;

/// What the code of a waiting zone is, for whoever sent another text.
pub const ZONE_FORM: &str = "a zone code has 1 to 40 capital Latin letters, digits and hyphens";

/// Whether a text can be the code of a waiting zone.
#[must_use]
pub fn is_zone_code(text: &str) -> bool {
    let in_code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST_ZONE).contains(&text.len()) && text.bytes().all(in_code)
}

/// Why a code was refused. The text is for the one who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// Not of a checkpoint's form.
    #[error("a checkpoint code is `UA` and six digits, for example UA209030")]
    Checkpoint,
    /// Not of a customs office's form.
    #[error(
        "a customs office reference is two capital letters and six capital letters or digits, for example UA209030 or ROIS8200"
    )]
    Office,
    /// Not eight digits.
    #[error("an EDRPOU code has eight digits")]
    EdrpouForm,
    /// The last digit does not follow from the others.
    #[error("the check digit of the EDRPOU code is wrong: the last digit would have to be {expected}")]
    EdrpouDigit {
        /// The digit that the first seven call for.
        expected: u8,
    },
    /// Not ten digits.
    #[error("a tax number (RNOKPP) has ten digits")]
    RnokppForm,
    /// The last digit does not follow from the others.
    #[error("the check digit of the tax number (RNOKPP) is wrong")]
    RnokppDigit,
}

/// The code of a road checkpoint: the reference number of its customs office, `UA` and six digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^UA[0-9]{6}$", example = "UA209030")]
pub struct CheckpointCode(String);

impl CheckpointCode {
    /// Reads a code as it was sent.
    ///
    /// # Errors
    /// [`CodeFault::Checkpoint`] when it is not `UA` and six digits.
    pub fn parse(code: &str) -> Result<Self, CodeFault> {
        match code.strip_prefix("UA") {
            Some(digits) if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Self(code.to_owned()))
            }
            Some(_) | None => Err(CodeFault::Checkpoint),
        }
    }

    /// The code as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The reference number of a customs office of any country that takes part in common transit (`CORefNumType`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[A-Z]{2}[A-Z0-9]{6}$", example = "UA209000")]
pub struct OfficeReference(String);

impl OfficeReference {
    /// Reads a reference as it was sent.
    ///
    /// # Errors
    /// [`CodeFault::Office`] when it has another form.
    pub fn parse(reference: &str) -> Result<Self, CodeFault> {
        let country = reference.bytes().take(2).all(|b| b.is_ascii_uppercase());
        let number = reference.bytes().skip(2).all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if reference.len() == 8 && country && number {
            Ok(Self(reference.to_owned()))
        } else {
            Err(CodeFault::Office)
        }
    }

    /// The reference as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The code of a legal entity in the state register of enterprises (ЄДРПОУ): eight digits, the last a check digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9]{8}$", example = "43115923")]
pub struct Edrpou(String);

impl Edrpou {
    /// Reads a code and checks its last digit.
    ///
    /// # Errors
    /// [`CodeFault::EdrpouForm`] when it is not eight digits, [`CodeFault::EdrpouDigit`] when the check digit is wrong.
    pub fn parse(code: &str) -> Result<Self, CodeFault> {
        let digits: Vec<u32> = code.chars().filter_map(|c| c.to_digit(10)).collect();
        let [body @ .., last] = digits.as_slice() else { return Err(CodeFault::EdrpouForm) };
        if code.len() != 8 || digits.len() != 8 {
            return Err(CodeFault::EdrpouForm);
        }
        let expected = edrpou_check_digit(body);
        if *last == expected {
            Ok(Self(code.to_owned()))
        } else {
            Err(CodeFault::EdrpouDigit { expected: u8::try_from(expected).unwrap_or_default() })
        }
    }

    /// The code as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The check digit over the first seven digits: weights 1 to 7, or 7, 1 to 6 for codes from 30000000 to 60000000; when the
/// sum modulo 11 is 10, once more with each weight greater by two, and then 10 means 0.
fn edrpou_check_digit(body: &[u32]) -> u32 {
    let middle = matches!(body.first(), Some(3..=5));
    let weights: [u32; 7] = if middle { [7, 1, 2, 3, 4, 5, 6] } else { [1, 2, 3, 4, 5, 6, 7] };
    let sum =
        |more: u32| body.iter().zip(weights).map(|(digit, weight)| digit * (weight + more)).sum::<u32>() % 11;
    match sum(0) {
        10 => sum(2) % 10,
        digit => digit,
    }
}

/// The number of a taxpayer's registration card (РНОКПП), which a sole trader has: ten digits, the last a check digit. Personal data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9]{10}$", example = "3123456789")]
pub struct Rnokpp(String);

/// The weights of the first nine digits.
const RNOKPP_WEIGHTS: [i32; 9] = [-1, 5, 7, 9, 4, 6, 10, 5, 7];

/// The day before the one with number 1 in the first five digits.
const BEFORE_FIRST_BIRTHDAY: Option<chrono::NaiveDate> = chrono::NaiveDate::from_ymd_opt(1899, 12, 31);

impl Rnokpp {
    /// Reads a number and checks its last digit.
    ///
    /// # Errors
    /// [`CodeFault::RnokppForm`] when it is not ten digits, [`CodeFault::RnokppDigit`] when the check digit is wrong. The right digit
    /// is not told: the number is a person's, and must not be guessed here.
    pub fn parse(number: &str) -> Result<Self, CodeFault> {
        if number.len() != 10 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CodeFault::RnokppForm);
        }
        let digit = |byte: u8| i32::from(byte - b'0');
        let sum: i32 = number.bytes().zip(RNOKPP_WEIGHTS).map(|(byte, weight)| digit(byte) * weight).sum();
        let last = number.bytes().last().map(digit);
        if last == Some(sum.rem_euclid(11) % 10) {
            Ok(Self(number.to_owned()))
        } else {
            Err(CodeFault::RnokppDigit)
        }
    }

    /// The birthday in the first five digits: days from 31 December 1899. `None` for a number without one.
    #[must_use]
    pub fn birthday(&self) -> Option<chrono::NaiveDate> {
        let days: u64 = self.0.get(..5)?.parse().ok().filter(|days| *days > 0)?;
        BEFORE_FIRST_BIRTHDAY?.checked_add_days(chrono::Days::new(days))
    }

    /// The number as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What each code has in common: it is shown, borrowed and read as text.
macro_rules! code_as_text {
    ($($code:ident),*) => {$(
        impl fmt::Display for $code {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
        impl From<$code> for String {
            fn from(code: $code) -> Self {
                code.0
            }
        }
        impl TryFrom<String> for $code {
            type Error = CodeFault;
            fn try_from(code: String) -> Result<Self, CodeFault> {
                Self::parse(&code)
            }
        }
        impl std::str::FromStr for $code {
            type Err = CodeFault;
            fn from_str(code: &str) -> Result<Self, CodeFault> {
                Self::parse(code)
            }
        }
    )*};
}
code_as_text!(CheckpointCode, OfficeReference, Edrpou, Rnokpp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_legal_entities_have_right_check_digits() {
        for code in ["00032106", "40075815", "43115923", "32855961", "20000090"] {
            assert!(Edrpou::parse(code).is_ok(), "{code}");
        }
    }

    #[test]
    fn a_wrong_check_digit_is_refused_with_the_right_one() {
        assert_eq!(Edrpou::parse("32855968"), Err(CodeFault::EdrpouDigit { expected: 1 }));
    }

    #[test]
    fn an_edrpou_of_another_length_or_alphabet_is_refused() {
        for code in ["", "1234567", "123456789", "1234567О", "１２３４５６７８"] {
            assert_eq!(Edrpou::parse(code), Err(CodeFault::EdrpouForm), "{code}");
        }
    }

    #[test]
    fn a_tax_number_has_a_check_digit_and_a_birthday() {
        let number = Rnokpp::parse("3123456789").unwrap();
        assert_eq!(number.birthday(), chrono::NaiveDate::from_ymd_opt(1985, 7, 7));
        for last in 0..9 {
            assert_eq!(Rnokpp::parse(&format!("312345678{last}")), Err(CodeFault::RnokppDigit), "{last}");
        }
        for odd in ["", "312345678", "31234567890", "３123456789", "-123456789"] {
            assert_eq!(Rnokpp::parse(odd), Err(CodeFault::RnokppForm), "{odd}");
        }
        assert_eq!(Rnokpp::parse("0000000000").unwrap().birthday(), None);
    }

    #[test]
    fn a_checkpoint_code_in_cyrillic_letters_is_refused() {
        assert!(CheckpointCode::parse("UA209030").is_ok());
        for code in ["UА209030", "ua209030", "UA20903", "UA2090300", "UA20903О", "UA-209030"] {
            assert_eq!(CheckpointCode::parse(code), Err(CodeFault::Checkpoint), "{code}");
        }
    }

    #[test]
    fn offices_of_neighbours_may_carry_letters() {
        for reference in ["ROIS8200", "UA209000", "PL302060"] {
            assert!(OfficeReference::parse(reference).is_ok(), "{reference}");
        }
        for reference in ["ROis8200", "R0IS82000", "1OIS8200", ""] {
            assert_eq!(OfficeReference::parse(reference), Err(CodeFault::Office), "{reference}");
        }
    }
}
